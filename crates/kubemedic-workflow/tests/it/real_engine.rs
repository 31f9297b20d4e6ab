//! The services with the real engine: from text to an approval, and from a rejection to another order.

use kubemedic_model::{diagnosis::Verdict, workflow::WorkflowStatus};
use kubemedic_ports::journal::Journal;
use kubemedic_workflow::engine::Engine;
use serde_json::Value;

use crate::world::{World, drain, open, run};

pub(crate) const CRASH_LOOP: &str = "\
2026-03-14T09:26:53Z ERROR [checkout] the cart cannot be kept, password=correct-horse-battery
$ kubectl get pods -n shop
NAME                        READY   STATUS             RESTARTS   AGE
checkout-7d9c5b8f6d-x2x4z   0/1     CrashLoopBackOff   12         40m
$ kubectl describe pod checkout-7d9c5b8f6d-x2x4z -n shop
Name:         checkout-7d9c5b8f6d-x2x4z
Namespace:    shop
Controlled By:  ReplicaSet/checkout-7d9c5b8f6d
Containers:
  checkout:
    Image:          registry.example/checkout:1.4
    State:          Waiting
      Reason:       CrashLoopBackOff
    Last State:     Terminated
      Reason:       OOMKilled
      Exit Code:    137
    Ready:          False
    Restart Count:  12
    Limits:
      memory:  256Mi
    Requests:
      memory:  256Mi
";

#[tokio::test]
async fn a_real_paste_becomes_an_approval_that_holds_no_secret_and_only_allowed_commands() {
    let world = World::default();
    let services = world.started_with(Engine::default()).await;
    let id = run(&services, CRASH_LOOP).await;
    let frames = drain(open(&services, id, None, false).await).await;
    let summary = world.journal.workflow(id).await.unwrap().unwrap();
    assert_eq!(summary.verdict, Some(Verdict::Incident));
    assert_eq!(summary.status, WorkflowStatus::AwaitingApproval);
    assert!(!format!("{frames:?}").contains("correct-horse"));
    let approvals = world.approvals().await;
    assert!(!approvals.is_empty());
    for command in approvals.iter().flat_map(|it| &it.commands) {
        assert!(command.risk.safety_level().is_some(), "{}", command.command);
    }
    let analysis = frames
        .iter()
        .find(|it| it["agent_name"] == "AnalysisAgent" && it["status"] == "COMPLETED")
        .unwrap();
    let result: Value = serde_json::from_str(analysis["data"].as_str().unwrap()).unwrap();
    assert_eq!(result["root_cause_analysis"][0]["failure_class"], "oom-killed");
    services.shutdown().await;
}

#[tokio::test]
async fn hostile_input_of_any_kind_comes_to_an_end() {
    let world = World::default();
    let services = world.started_with(Engine::default()).await;
    let deep = "[".repeat(100_000);
    let long = "x".repeat(2_000_000);
    for text in [
        "\u{0}\u{1}\u{fffd}",
        deep.as_str(),
        long.as_str(),
        "ERROR ERROR ERROR\n\n\n",
        "{\"a\":",
    ] {
        let id = run(&services, text).await;
        let status = world.journal.workflow(id).await.unwrap().unwrap().status;
        assert!(
            matches!(status, WorkflowStatus::Closed | WorkflowStatus::AwaitingApproval),
            "{status:?}"
        );
    }
    services.shutdown().await;
}
