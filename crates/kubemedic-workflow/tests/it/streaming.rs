//! Streams: complete, resumable at every position, for any number of readers, with an end.

use kubemedic_model::{
    id::{Id, WorkflowId},
    workflow::WorkflowStatus,
};
use kubemedic_ports::journal::{Journal, WorkflowFilter};
use kubemedic_workflow::{
    stream::{Opened, StreamError},
    workflows::{StartError, Submission},
};
use serde_json::Value;

use crate::world::{World, drain, open, run};

#[tokio::test]
async fn a_plan_is_told_by_five_agents_from_working_to_completed() {
    let world = World::default();
    let services = world.started().await;
    let id = run(&services, "api").await;

    let frames = drain(open(&services, id, None, false).await).await;

    let told: Vec<String> = frames
        .iter()
        .map(|it| {
            format!(
                "{} {}",
                it["agent_name"].as_str().unwrap(),
                it["status"].as_str().unwrap()
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            "OrchestratorAgent WORKING",
            "MonitoringAgent WORKING",
            "MonitoringAgent THINKING",
            "MonitoringAgent COMPLETED",
            "AnalysisAgent WORKING",
            "AnalysisAgent THINKING",
            "AnalysisAgent COMPLETED",
            "RemediationAgent WORKING",
            "RemediationAgent THINKING",
            "RemediationAgent INFO",
            "RemediationAgent COMPLETED",
            "KubectlCommandAgent WORKING",
            "KubectlCommandAgent INFO",
            "KubectlCommandAgent COMPLETED",
            "OrchestratorAgent COMPLETED",
        ]
    );
    assert!(frames[0]["data"].as_str().unwrap().contains(&id.to_string()));
    let approval = &world.approvals().await[0];
    let announced = format!("Approval ID: {}", approval.id);
    assert!(frames[12]["data"].as_str().unwrap().contains(&announced));
    for frame in &frames {
        for key in [
            "agent_name",
            "agent",
            "status",
            "input",
            "output",
            "data",
            "message",
            "timestamp",
            "workflow_id",
            "kind",
        ] {
            assert!(frame[key].is_string(), "{key} of {frame}");
        }
    }
    let result = |at: usize| serde_json::from_str::<Value>(frames[at]["data"].as_str().unwrap()).unwrap();
    assert_eq!(result(3)["summary"]["total_errors"], 0);
    assert_eq!(result(6)["root_cause_analysis"][0]["service"], "api");
    assert_eq!(
        result(10)["remediation_plans"][0]["steps"][1]["phase"],
        "REMEDIATE"
    );
    assert_eq!(result(13)["submissions"][0]["approval_id"], approval.id.as_str());
    services.shutdown().await;
}

#[tokio::test]
async fn a_stream_resumed_after_any_event_tells_exactly_the_rest() {
    let world = World::default();
    let services = world.started().await;
    let id = run(&services, "api web").await;
    let approvals = world.approvals().await;
    for approval in &approvals {
        services
            .approvals
            .approve(approval.id.as_str(), None, None)
            .await
            .unwrap();
    }
    services.settle().await;

    for follow in [false, true] {
        let all = drain(open(&services, id, None, follow).await).await;
        for position in 1..all.len() {
            let rest = drain(open(&services, id, Some(position as u64), follow).await).await;
            assert_eq!(rest, all[position..], "after {position}");
        }
        for beyond in [all.len() as u64, 10_000] {
            let opened = services
                .workflows
                .open_stream(id, Some(beyond), follow)
                .await
                .unwrap();
            assert!(matches!(opened, Opened::AlreadyAtEnd), "after {beyond}");
        }
    }
    services.shutdown().await;
}

#[tokio::test]
async fn two_readers_that_came_before_the_first_step_see_the_same_as_one_that_comes_last() {
    let world = World::default();
    let services = world.services();
    let id = services
        .workflows
        .start(Submission::Text("api".into()))
        .await
        .unwrap();
    let (first, second) = (
        open(&services, id, None, true).await,
        open(&services, id, None, true).await,
    );
    services.start().await.unwrap();
    let deciding = async {
        services.settle().await;
        let approval = &world.approvals().await[0];
        services
            .approvals
            .reject(approval.id.as_str(), None, None)
            .await
            .unwrap();
    };
    let (first, second, ()) = tokio::join!(drain(first), drain(second), deciding);
    let last = drain(open(&services, id, None, true).await).await;
    assert_eq!(first, last);
    assert_eq!(second, last);
    assert_eq!(last.last().unwrap()["kind"], "workflow.closed");
    services.shutdown().await;
}

#[tokio::test]
async fn a_healthy_input_closes_with_no_submission() {
    let world = World::default();
    let services = world.started().await;
    let id = run(&services, "healthy").await;
    let frames = drain(open(&services, id, None, true).await).await;
    let kubectl = frames
        .iter()
        .find(|it| it["agent_name"] == "KubectlCommandAgent" && it["status"] == "COMPLETED")
        .unwrap();
    let result: Value = serde_json::from_str(kubectl["data"].as_str().unwrap()).unwrap();
    assert_eq!(
        result,
        serde_json::json!({
            "status": "no_action", "submissions": [], "total_submissions": 0, "success_count": 0, "error_count": 0,
        })
    );
    let ends: Vec<&Value> = frames.iter().rev().take(2).map(|it| &it["kind"]).collect();
    assert_eq!(ends, ["workflow.closed", "workflow.plan_ready"]);
    let summary = world.journal.workflow(id).await.unwrap().unwrap();
    assert_eq!(summary.status, WorkflowStatus::Closed);
    assert!(services.feedback.of_workflow(id).is_empty());
    services.shutdown().await;
}

#[tokio::test]
async fn a_plan_of_manual_steps_only_closes_without_an_approval_but_can_be_judged() {
    let world = World::default();
    let services = world.started().await;
    let id = run(&services, "manual").await;
    assert!(world.approvals().await.is_empty());
    assert_eq!(
        world.shape(id).await.last().unwrap(),
        "workflow.closed OrchestratorAgent COMPLETED"
    );
    assert_eq!(services.feedback.of_workflow(id).len(), 1);
    services.shutdown().await;
}

#[tokio::test]
async fn an_engine_that_panics_fails_the_workflow_and_ends_both_streams() {
    let world = World::default();
    let services = world.started().await;
    let id = run(&services, "panic").await;
    let short = drain(open(&services, id, None, false).await).await;
    let last = short.last().unwrap();
    assert_eq!(
        (&last["agent_name"], &last["status"]),
        (&"OrchestratorAgent".into(), &"ERROR".into())
    );
    let long = drain(open(&services, id, None, true).await).await;
    assert_eq!(long.last().unwrap()["kind"], "workflow.closed");
    let next = run(&services, "healthy").await;
    assert_eq!(
        world.journal.workflow(next).await.unwrap().unwrap().status,
        WorkflowStatus::Closed
    );
    services.shutdown().await;
}

#[tokio::test]
async fn blank_and_unreadable_inputs_store_nothing() {
    let world = World::default();
    let services = world.started().await;
    let blank = services.workflows.start(Submission::Text(" \n".into())).await;
    assert!(matches!(blank, Err(StartError::Blank)));
    for bad in ["{", "[]", "{}", r#"{"cluster":"a"}"#] {
        let refused = services.workflows.start(Submission::Evidence(bad.into())).await;
        assert!(matches!(refused, Err(StartError::BadEvidence(_))), "{bad}");
    }
    let source = services
        .workflows
        .start(Submission::Evidence(r#"{"source":{"name":"files"}}"#.into()))
        .await;
    assert!(matches!(source, Err(StartError::Source(_))));
    let all = world.journal.workflows(&WorkflowFilter::default()).await.unwrap();
    assert_eq!(all, []);
    services.shutdown().await;
}

#[tokio::test]
async fn unknown_and_retired_workflows_have_no_stream() {
    let world = World::default();
    let services = world.started().await;
    let id = run(&services, "healthy").await;
    let unknown: WorkflowId = Id::new(uuid::Uuid::from_u128(77));
    let refused = services.workflows.open_stream(unknown, None, false).await;
    assert!(matches!(refused, Err(StreamError::Unknown(it)) if it == unknown));
    world.clock.advance_seconds(31 * 24 * 3600);
    services.retire_old().await;
    let refused = services.workflows.open_stream(id, None, false).await;
    assert!(matches!(refused, Err(StreamError::Retired(it)) if it == id));
    services.shutdown().await;
}

#[tokio::test]
async fn more_workflows_than_fit_into_memory_all_come_to_their_end() {
    let world = World::default();
    let services = world.services();
    let mut ids = Vec::new();
    for _ in 0..1100 {
        ids.push(
            services
                .workflows
                .start(Submission::Text("healthy".into()))
                .await
                .unwrap(),
        );
    }
    services.start().await.unwrap();
    services.settle().await;
    assert_eq!(world.journal.unfinished().await.unwrap(), []);
    services.shutdown().await;
}
