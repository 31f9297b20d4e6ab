//! Feedback: ratings and outcomes, statistics in the contract's shape, and a file that follows the journal.

use kubemedic_model::{feedback::Rating, id::FeedbackId, outcome::Outcome};
use kubemedic_workflow::feedback::{FeedbackError, Novelty, SeenOutcome};
use serde_json::json;

use crate::world::{World, run};

fn rating(id: &FeedbackId, stars: Option<u8>, improvements: Option<&str>) -> Rating {
    Rating {
        feedback_id: id.clone(),
        rater: "ann".into(),
        rating: stars,
        was_helpful: None,
        comments: None,
        improvements: improvements.map(str::to_owned),
    }
}

#[tokio::test]
async fn ratings_and_decisions_change_the_statistics_and_survive_a_restart() {
    let world = World::default();
    let services = world.started().await;
    assert_eq!(services.feedback.statistics()["average_reward"], json!(0.0));
    let id = run(&services, "api").await;
    let feedback_id = services.feedback.of_workflow(id)[0].feedback_id.clone();
    assert_eq!(feedback_id.as_str(), format!("{id}_remediation_1767323045"));
    services
        .feedback
        .rate(rating(&feedback_id, Some(4), Some("say why")))
        .await
        .unwrap();
    services
        .feedback
        .rate(rating(&feedback_id, None, None))
        .await
        .unwrap();
    let approval = world.approvals().await.remove(0);
    services
        .approvals
        .approve(approval.id.as_str(), None, Some(vec![0, 1, 2]))
        .await
        .unwrap();
    services.settle().await;

    let statistics = services.feedback.statistics();
    let agent = &statistics["agent_statistics"]["RemediationAgent"];
    assert_eq!(
        (
            &agent["total_outputs"],
            &agent["approved_count"],
            &agent["rejected_count"],
            &agent["pending_count"]
        ),
        (&json!(1), &json!(3), &json!(1), &json!(0))
    );
    assert_eq!(
        (&statistics["total_feedbacks"], &agent["approval_rate"]),
        (&json!(4), &json!(0.75))
    );
    assert_eq!(services.feedback.agent_statistics(), *agent);
    let record = services.feedback.of_workflow(id).remove(0);
    assert_eq!((record.rating, record.reward_score), (Some(4), Some(0.75)));
    assert_eq!(
        services.feedback.top_examples(5, 0.7),
        std::slice::from_ref(&record)
    );
    assert!(services.feedback.improvements().contains(&"say why".to_owned()));
    services.shutdown().await;

    let services = world.started().await;
    assert_eq!(services.feedback.statistics(), statistics);
    assert_eq!(world.file.lines().last(), Some(&record));
    services.shutdown().await;
}

#[tokio::test]
async fn a_feedback_file_that_cannot_be_written_loses_nothing_and_catches_up_at_the_next_start() {
    let world = World::default();
    let services = world.started().await;
    let id = run(&services, "api").await;
    let feedback_id = services.feedback.of_workflow(id)[0].feedback_id.clone();
    world.file.set_broken(true);
    services
        .feedback
        .rate(rating(&feedback_id, Some(5), None))
        .await
        .unwrap();
    let record = services.feedback.of_workflow(id).remove(0);
    assert_eq!(record.rating, Some(5));
    assert_ne!(world.file.lines().last(), Some(&record));
    services.shutdown().await;
    world.file.set_broken(false);
    let services = world.started().await;
    assert_eq!(world.file.lines().last(), Some(&record));
    services.shutdown().await;
}

#[tokio::test]
async fn an_outcome_is_taken_once_for_each_key_and_unknown_records_are_told() {
    let world = World::default();
    let services = world.started().await;
    let id = run(&services, "api").await;
    let feedback_id = services.feedback.of_workflow(id)[0].feedback_id.clone();
    let outcome = |key: &str| {
        let seen = SeenOutcome {
            outcome: Outcome::Resolved,
            observed_at: None,
            is_provisional: false,
        };
        services
            .feedback
            .outcome(feedback_id.clone(), seen, Some(key.to_owned()))
    };
    assert_eq!(outcome("e").await.unwrap(), Novelty::Recorded);
    assert_eq!(outcome("e").await.unwrap(), Novelty::Duplicate);
    assert_eq!(
        services.feedback.of_workflow(id)[0].outcome,
        Some(Outcome::Resolved)
    );
    let nobody = FeedbackId::new("nobody").unwrap();
    let unknown = services.feedback.rate(rating(&nobody, Some(1), None)).await;
    assert!(matches!(unknown, Err(FeedbackError::UnknownFeedback(it)) if it == "nobody"));
    services.shutdown().await;
}
