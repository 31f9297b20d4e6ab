//! The built-in approval server: proposals from outside, and every rule of deciding.

use std::{sync::Arc, time::Duration};

use kubemedic_model::approval::{Approval, ApprovalStatus};
use kubemedic_ports::journal::Journal;
use kubemedic_testkit::scripted_notifier::ScriptedNotifier;
use kubemedic_workflow::{
    approvals::{
        Choice, CommandChoice, DecideError, DecisionRequest, Proposal, ProposeError, ProposedCommand,
    },
    services::Services,
};
use serde_json::{Value, json};

use crate::world::{World, run};

fn proposal(lines: &[&str], key: Option<&str>, body: &str) -> Proposal {
    let commands = lines.iter().map(|line| ProposedCommand {
        command: (*line).to_owned(),
        explanation: "why".into(),
        rollback: None,
    });
    Proposal {
        action: "repair".into(),
        commands: commands.collect(),
        idempotency_key: key.map(str::to_owned),
        body_digest: body.to_owned(),
        ..Proposal::default()
    }
}

const RESTART: &str = "kubectl rollout restart deployment/api -n shop";
const GET: &str = "kubectl get pods -n shop";

async fn pending(world: &World, services: &Services) -> Approval {
    run(services, "api").await;
    world.approvals().await.remove(0)
}

fn request(approval: &Approval, decisions: Vec<(usize, Choice, Option<&str>)>) -> DecisionRequest {
    let decisions = decisions
        .into_iter()
        .map(|(index, choice, reason)| CommandChoice {
            index,
            choice,
            reason: reason.map(str::to_owned),
        });
    DecisionRequest {
        hint: kubemedic_model::learning::DecisionHint::default(),
        approver: Some("ann".into()),
        plan_digest: approval.plan_digest.as_str().to_owned(),
        decisions: decisions.collect(),
    }
}

fn approve_all(approval: &Approval) -> Vec<(usize, Choice, Option<&'static str>)> {
    (0..approval.commands.len())
        .map(|index| (index, Choice::Approve, None))
        .collect()
}

#[tokio::test]
async fn a_proposal_is_judged_by_our_policy_and_answered_once_for_each_key() {
    let world = World::default();
    let services = world.started().await;
    let first = services
        .approvals
        .propose(proposal(&[GET, RESTART], Some("k"), "b"))
        .await
        .unwrap();
    assert_eq!(first.status, ApprovalStatus::Pending);
    assert_eq!(first.workflow_id, None);
    assert_eq!(first.commands[0].risk.safety_level(), Some("SAFE"));
    assert_eq!(first.commands[1].risk.safety_level(), Some("CAUTION"));
    let again = services
        .approvals
        .propose(proposal(&[GET, RESTART], Some("k"), "b"))
        .await
        .unwrap();
    assert_eq!(again, first);
    let other = services
        .approvals
        .propose(proposal(&[GET], Some("k"), "other"))
        .await;
    assert!(matches!(other, Err(ProposeError::KeyReused(key)) if key == "k"));
    assert_eq!(world.approvals().await.len(), 1);
    services.shutdown().await;
}

#[tokio::test]
async fn forbidden_unparsable_oversized_and_secret_commands_are_refused_and_nothing_is_stored() {
    let world = World::default();
    let services = world.started().await;
    for line in [
        "rm -rf /",
        "kubectl get pods --token=abc",
        "kubectl get pods; reboot",
        "",
    ] {
        let refused = services
            .approvals
            .propose(proposal(&[GET, line], None, "b"))
            .await;
        assert!(
            matches!(refused, Err(ProposeError::Refused { index: 1, .. })),
            "{line}: {refused:?}"
        );
    }
    let many = vec![GET; 101];
    let long = format!("kubectl get pod {}", "a".repeat(9000));
    let mut fat = proposal(&[GET], None, "b");
    fat.metadata.insert("x".into(), Value::from("y".repeat(70_000)));
    for invalid in [
        proposal(&[], None, "b"),
        proposal(&many, None, "b"),
        proposal(&[&long], None, "b"),
        fat,
    ] {
        let refused = services.approvals.propose(invalid).await;
        assert!(matches!(refused, Err(ProposeError::Invalid(_))), "{refused:?}");
    }
    assert!(world.approvals().await.is_empty());
    services.shutdown().await;
}

#[tokio::test]
async fn a_decision_that_is_incomplete_stale_or_not_allowed_changes_nothing() {
    let world = World::default();
    let services = world.started().await;
    let approval = pending(&world, &services).await;
    let id = approval.id.as_str();
    let edit = |line: &str| Choice::Edit {
        command: line.to_owned(),
    };
    let with = |index: usize, choice: Choice, reason: Option<&'static str>| {
        let mut decisions = approve_all(&approval);
        decisions[index] = (index, choice, reason);
        decisions
    };
    let mut missing = approve_all(&approval);
    missing.pop();
    let mut twice = approve_all(&approval);
    twice[1].0 = 0;
    let mut beyond = approve_all(&approval);
    beyond.push((9, Choice::Approve, None));
    let refused = [
        ("missing", missing),
        ("twice", twice),
        ("beyond", beyond),
        ("no reason", with(1, Choice::Reject, None)),
        ("blank reason", with(1, Choice::Reject, Some("  "))),
        ("unparsable edit", with(1, edit("rm -rf /"), None)),
        (
            "forbidden edit",
            with(1, edit("kubectl get pods --token=abc"), None),
        ),
        ("riskier edit", with(0, edit(RESTART), None)),
    ];
    for (name, decisions) in refused {
        let result = services.approvals.decide(id, request(&approval, decisions)).await;
        assert!(
            matches!(result, Err(DecideError::Invalid(_))),
            "{name}: {result:?}"
        );
    }
    let stale = DecisionRequest {
        plan_digest: "sha256:00".into(),
        ..request(&approval, approve_all(&approval))
    };
    let result = services.approvals.decide(id, stale).await;
    assert!(matches!(result, Err(DecideError::StaleDigest(_))));
    let result = services.approvals.approve(id, None, Some(vec![9])).await;
    assert!(matches!(result, Err(DecideError::Invalid(_))));
    let result = services.approvals.approve("nobody", None, None).await;
    assert!(matches!(result, Err(DecideError::Unknown(it)) if it == "nobody"));
    assert_eq!(world.approvals().await, [approval]);
    services.shutdown().await;
}

#[tokio::test]
async fn a_decision_writes_the_approval_the_event_the_feedback_and_the_webhook_together() {
    let notifier = Arc::new(ScriptedNotifier::default());
    let world = World {
        notifier: Some(notifier.clone()),
        ..World::default()
    };
    let services = world.started().await;
    let approval = pending(&world, &services).await;
    let workflow = approval.workflow_id.unwrap();
    let decisions = vec![
        (0, Choice::Approve, None),
        (1, Choice::Reject, Some("not now")),
        (
            2,
            Choice::Edit {
                command: "kubectl scale deployment/api -n shop --replicas=2".into(),
            },
            Some("less"),
        ),
        (3, Choice::Approve, None),
    ];
    let before = world.journal.commits();
    let decided = services
        .approvals
        .decide(approval.id.as_str(), request(&approval, decisions))
        .await
        .unwrap();
    assert_eq!(decided.status, ApprovalStatus::PartiallyApproved);
    assert_eq!(decided.counts(), (2, 2));
    assert_eq!(decided.approver.as_deref(), Some("ann"));
    assert!(world.journal.commits() > before);
    services.settle().await;
    services.deliver_due().await.unwrap();

    let record = &services.feedback.of_workflow(workflow)[0];
    assert_eq!(
        (record.approved_commands_count, record.rejected_commands_count),
        (2, 2)
    );
    assert_eq!(world.file.lines().last(), Some(record));
    let delivered = notifier.delivered();
    assert_eq!(delivered.len(), 1);
    let body: Value = serde_json::from_str(&delivered[0].1).unwrap();
    assert_eq!(body["event_id"], delivered[0].0);
    assert_eq!(
        body["decisions"],
        json!([
            {"index": 0, "decision": "approve"},
            {"index": 1, "decision": "reject", "reason": "not now"},
            {"index": 2, "decision": "edit", "reason": "less", "command": "kubectl scale deployment/api -n shop --replicas=2"},
            {"index": 3, "decision": "approve"},
        ])
    );
    assert_eq!(
        (&body["status"], &body["type"]),
        (&"partially_approved".into(), &"approval.decided".into())
    );

    let again = services.approvals.reject(approval.id.as_str(), None, None).await;
    assert!(matches!(
        again,
        Err(DecideError::NotPending {
            status: ApprovalStatus::PartiallyApproved,
            ..
        })
    ));
    services.shutdown().await;
}

#[tokio::test]
async fn approving_some_indexes_rejects_the_rest_and_rejecting_has_a_default_reason() {
    let world = World::default();
    let services = world.started().await;
    let approval = pending(&world, &services).await;
    let some = services
        .approvals
        .approve(approval.id.as_str(), None, Some(vec![0, 3]))
        .await
        .unwrap();
    assert_eq!(
        (some.status, some.counts()),
        (ApprovalStatus::PartiallyApproved, (2, 2))
    );
    let other = services
        .approvals
        .propose(proposal(&[GET], None, "b"))
        .await
        .unwrap();
    let rejected = services
        .approvals
        .reject(other.id.as_str(), None, None)
        .await
        .unwrap();
    assert_eq!(rejected.rejection_reason.as_deref(), Some("Rejected by user"));
    services.shutdown().await;
}

#[tokio::test]
async fn an_approval_that_nobody_decided_in_time_expires_and_closes_its_workflow() {
    let world = World::default();
    let services = world.started().await;
    let approval = pending(&world, &services).await;
    world.clock.advance_seconds(14_400);
    let late = services.approvals.approve(approval.id.as_str(), None, None).await;
    assert!(matches!(
        late,
        Err(DecideError::NotPending {
            status: ApprovalStatus::Expired,
            ..
        })
    ));
    services.settle().await;
    let workflow = approval.workflow_id.unwrap();
    let shape = world.shape(workflow).await;
    assert_eq!(
        shape[shape.len() - 3..],
        [
            "approval.decided KubectlCommandAgent INFO",
            "approval.finished KubectlCommandAgent INFO",
            "workflow.closed OrchestratorAgent COMPLETED",
        ]
    );
    let record = &services.feedback.of_workflow(workflow)[0];
    assert_eq!(record.reward_score, None);
    services.shutdown().await;
}

#[tokio::test(start_paused = true)]
async fn a_short_time_to_decide_ends_when_it_says_and_not_at_the_next_sweep() {
    let world = World {
        approval_ttl_seconds: 1,
        ..World::default()
    };
    let services = world.started().await;
    let approval = pending(&world, &services).await;
    world.clock.advance_seconds(2);
    let soon = async {
        let expired = ApprovalStatus::Expired;
        let found = async || world.journal.approval(&approval.id).await.unwrap().unwrap();
        while found().await.status != expired {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(2), soon).await.unwrap();
    services.shutdown().await;
}

#[tokio::test]
async fn of_two_people_who_decide_at_once_only_one_is_heard() {
    let world = World::default();
    let services = world.started().await;
    let approval = pending(&world, &services).await;
    let id = approval.id.as_str();
    let (yes, no) = tokio::join!(
        services.approvals.approve(id, None, None),
        services.approvals.reject(id, None, None)
    );
    assert!(yes.is_ok() != no.is_ok(), "{yes:?} {no:?}");
    services.settle().await;
    let shape = world.shape(approval.workflow_id.unwrap()).await;
    assert_eq!(
        shape
            .iter()
            .filter(|it| it.starts_with("approval.decided"))
            .count(),
        1
    );
    services.shutdown().await;
}
