//! Another approval server: down and back, forgetful, slow to decide. Nothing that it says runs anything here.

use std::collections::BTreeMap;

use kubemedic_model::{approval::ApprovalStatus, feedback::ApprovalReport, workflow::WorkflowStatus};
use kubemedic_ports::journal::Journal;
use kubemedic_testkit::{
    scripted_gateway::{Behaviour, ScriptedGateway},
    scripted_notifier::{Reception, ScriptedNotifier},
};
use kubemedic_workflow::feedback::{FeedbackError, Novelty, WebhookReport};
use serde_json::Value;

use crate::world::{World, drain, open, run};

const DOWN: Behaviour = Behaviour {
    up: false,
    ..Behaviour::ORIGINAL
};

#[tokio::test]
async fn a_server_that_is_down_queues_the_plan_and_gets_it_once_when_it_is_back() {
    let world = World::with_gateway(ScriptedGateway::new(DOWN));
    let gateway = world.gateway.clone().unwrap();
    let services = world.started().await;
    let id = run(&services, "api").await;

    let frames = drain(open(&services, id, None, false).await).await;
    let queued = frames.iter().find(|it| it["kind"] == "approval.queued").unwrap();
    assert!(
        queued["data"]
            .as_str()
            .unwrap()
            .contains("The approval server is down")
    );
    let kubectl = frames.iter().rev().nth(1).unwrap();
    let result: Value = serde_json::from_str(kubectl["data"].as_str().unwrap()).unwrap();
    assert_eq!(
        (&result["status"], &result["submissions"][0]["status"]),
        (&"queued".into(), &"queued".into())
    );
    assert_eq!(frames.last().unwrap()["kind"], "workflow.plan_ready");

    world.clock.advance_seconds(2);
    services.deliver_due().await.unwrap();
    gateway.set(Behaviour::ORIGINAL);
    services.deliver_due().await.unwrap();
    assert!(gateway.proposals().is_empty(), "the second wait is longer");
    world.clock.advance_seconds(3);
    services.deliver_due().await.unwrap();
    services.deliver_due().await.unwrap();
    assert_eq!(gateway.proposals().len(), 1);
    services.settle().await;
    let shape = world.shape(id).await;
    assert_eq!(
        shape.last().unwrap(),
        "approval.submitted KubectlCommandAgent INFO"
    );
    assert_eq!(world.journal.next_delivery_at().await.unwrap(), None);
    let body = &gateway.proposals()[0];
    assert_eq!(body["metadata"]["workflow_id"], id.to_string());
    assert_eq!(body["commands"][1]["safety_level"], "CAUTION");
    services.shutdown().await;
}

#[tokio::test]
async fn a_proposal_whose_answer_was_lost_is_found_there_and_not_sent_again() {
    for behaviour in [Behaviour::ORIGINAL, Behaviour::OURS] {
        let losing = Behaviour {
            loses_answers: true,
            knows_keys: false,
            ..behaviour
        };
        let world = World::with_gateway(ScriptedGateway::new(losing));
        let gateway = world.gateway.clone().unwrap();
        let services = world.started().await;
        let id = run(&services, "api web").await;
        gateway.set(behaviour);
        world.clock.advance_seconds(2);
        services.deliver_due().await.unwrap();
        services.settle().await;
        assert_eq!(gateway.proposals().len(), 2, "{behaviour:?}");
        let record = &services.feedback.of_workflow(id)[0];
        assert_eq!(record.approval_ids, gateway.ids());
        services.shutdown().await;
    }
}

#[tokio::test]
async fn a_decision_there_is_polled_feeds_learning_closes_the_workflow_and_runs_nothing() {
    let world = World {
        cluster: World::executing().cluster,
        ..World::with_gateway(ScriptedGateway::new(Behaviour::OURS))
    };
    let gateway = world.gateway.clone().unwrap();
    let services = world.started().await;
    let id = run(&services, "api").await;
    services.poll_decisions().await;
    assert_eq!(
        world.journal.workflow(id).await.unwrap().unwrap().status,
        WorkflowStatus::AwaitingApproval
    );

    gateway.decide(&gateway.ids()[0], "partially_approved", Some((3, 1)));
    services.poll_decisions().await;
    services.poll_decisions().await;
    services.settle().await;
    let shape = world.shape(id).await;
    assert_eq!(
        shape[shape.len() - 3..],
        [
            "approval.decided KubectlCommandAgent INFO",
            "approval.finished KubectlCommandAgent INFO",
            "workflow.closed OrchestratorAgent COMPLETED",
        ]
    );
    let record = &services.feedback.of_workflow(id)[0];
    assert_eq!(
        (record.approved_commands_count, record.rejected_commands_count),
        (3, 1)
    );
    assert!(world.cluster.executed().is_empty());
    let details = services.workflows.details(id).await.unwrap().unwrap();
    assert_eq!(details.approvals, ["there-1"]);
    services.shutdown().await;
}

fn report(id: &str, key: Option<&str>) -> WebhookReport {
    WebhookReport {
        report: ApprovalReport {
            approval_id: kubemedic_model::id::ApprovalId::new(id).unwrap(),
            status: ApprovalStatus::Approved,
            approved_count: Some(4),
            rejected_count: Some(0),
            approved_changes: None,
            rejected_changes: None,
            rejection_reason: None,
            reason_kind: None,
            prefer: None,
            edited: None,
            command_reasons: Vec::new(),
            approver: None,
            occurred_at: None,
        },
        decisions: BTreeMap::new(),
        executions: Vec::new(),
        key: key.map(str::to_owned),
    }
}

#[tokio::test]
async fn a_webhook_is_taken_once_and_an_unknown_approval_is_told() {
    let world = World::with_gateway(ScriptedGateway::new(Behaviour::ORIGINAL));
    let services = world.started().await;
    let id = run(&services, "api").await;
    // The server does not serve single approvals: without the webhook it stays undecided.
    let gateway = world.gateway.clone().unwrap();
    gateway.decide(&gateway.ids()[0], "approved", None);
    services.poll_decisions().await;
    services.settle().await;
    assert!(
        !world
            .shape(id)
            .await
            .last()
            .unwrap()
            .starts_with("workflow.closed")
    );

    let unknown = services.feedback.report(report("nobody", None)).await;
    assert!(matches!(unknown, Err(FeedbackError::UnknownApproval(it)) if it == "nobody"));
    for (key, novelty) in [
        (None, Novelty::Recorded),
        (None, Novelty::Duplicate),
        (Some("e1"), Novelty::Recorded),
        (Some("e1"), Novelty::Duplicate),
    ] {
        assert_eq!(
            services.feedback.report(report("there-1", key)).await.unwrap(),
            novelty,
            "{key:?}"
        );
    }
    services.settle().await;
    let shape = world.shape(id).await;
    assert_eq!(
        shape
            .iter()
            .filter(|it| it.starts_with("approval.decided"))
            .count(),
        1
    );
    assert_eq!(
        shape.last().unwrap(),
        "workflow.closed OrchestratorAgent COMPLETED"
    );
    services.shutdown().await;
}

#[tokio::test]
async fn a_webhook_about_our_own_approval_changes_neither_it_nor_its_workflow() {
    let world = World::executing();
    let services = world.started().await;
    let id = run(&services, "api").await;
    let approval = world.approvals().await.remove(0);
    let before = world.shape(id).await;
    services
        .feedback
        .report(report(approval.id.as_str(), None))
        .await
        .unwrap();
    services.settle().await;
    assert_eq!(world.approvals().await, [approval]);
    assert_eq!(world.shape(id).await, before);
    assert!(world.cluster.executed().is_empty());
    services.shutdown().await;
}

#[tokio::test]
async fn a_webhook_receiver_that_fails_is_asked_again_and_one_that_is_gone_is_not() {
    for (reception, left) in [(Reception::Fails, true), (Reception::Gone, false)] {
        let notifier = std::sync::Arc::new(ScriptedNotifier::default());
        let world = World {
            notifier: Some(notifier.clone()),
            ..World::default()
        };
        notifier.set(reception);
        let services = world.started().await;
        run(&services, "api").await;
        let id = world.approvals().await[0].id.clone();
        services.approvals.approve(id.as_str(), None, None).await.unwrap();
        services.settle().await;
        services.deliver_due().await.unwrap();
        assert_eq!(world.journal.next_delivery_at().await.unwrap().is_some(), left);
        notifier.set(Reception::Takes);
        world.clock.advance_seconds(10);
        services.deliver_due().await.unwrap();
        assert_eq!(notifier.delivered().len(), usize::from(left));
        services.shutdown().await;
    }
}
