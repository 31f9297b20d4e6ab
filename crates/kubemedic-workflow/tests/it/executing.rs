//! Execution: in the order of the plan, at most once, and only where a person allowed it.

use kubemedic_model::{approval::Approval, outcome::ExecutionState};
use kubemedic_testkit::memory_journal::Crash;
use kubemedic_workflow::{
    approvals::{Proposal, ProposedCommand},
    services::Services,
    workflows::Submission,
};

use crate::world::{World, run};

async fn approved(world: &World, services: &Services, indexes: Option<Vec<usize>>) -> Approval {
    run(services, "api").await;
    let id = world.approvals().await[0].id.clone();
    services
        .approvals
        .approve(id.as_str(), None, indexes)
        .await
        .unwrap();
    services.settle().await;
    world.approvals().await.remove(0)
}

fn states(approval: &Approval) -> Vec<Option<ExecutionState>> {
    let executions = approval.commands.iter().map(|it| it.execution.as_ref());
    executions.map(|it| it.map(|it| it.state)).collect()
}

use ExecutionState::{Failed, NotConfigured, Skipped, Succeeded, Unknown};

#[tokio::test]
async fn approved_commands_run_in_the_order_of_the_plan_and_rejected_ones_never() {
    let world = World::executing();
    let services = world.started().await;
    let approval = approved(&world, &services, Some(vec![0, 2, 3])).await;
    assert_eq!(
        states(&approval),
        [Some(Succeeded), None, Some(Succeeded), Some(Succeeded)]
    );
    let lines: Vec<String> = world
        .cluster
        .executed()
        .iter()
        .map(|argv| argv.join(" "))
        .collect();
    assert_eq!(
        lines,
        [
            "kubectl get deployment api -n shop",
            "kubectl scale deployment/api -n shop --replicas=3",
            "kubectl rollout status deployment/api -n shop --timeout=60s",
        ]
    );
    let shape = world.shape(approval.workflow_id.unwrap()).await;
    assert_eq!(
        shape
            .iter()
            .filter(|it| it.starts_with("execution.started"))
            .count(),
        3
    );
    assert_eq!(
        shape.last().unwrap(),
        "workflow.closed OrchestratorAgent COMPLETED"
    );
    services.shutdown().await;
}

#[tokio::test]
async fn without_a_context_nothing_runs_and_the_workflow_closes() {
    let world = World::default();
    let services = world.started().await;
    let approval = approved(&world, &services, None).await;
    assert_eq!(states(&approval), [Some(NotConfigured); 4]);
    assert!(world.cluster.executed().is_empty());
    services.shutdown().await;
}

#[tokio::test]
async fn the_first_failed_change_skips_the_rest_but_a_failed_read_does_not() {
    let world = World::executing();
    let services = world.started().await;
    world.cluster.answer(Some(1), "not found");
    world.cluster.answer(Some(1), "forbidden");
    let approval = approved(&world, &services, None).await;
    assert_eq!(
        states(&approval),
        [Some(Failed), Some(Failed), Some(Skipped), Some(Skipped)]
    );
    assert_eq!(world.cluster.executed().len(), 2);
    services.shutdown().await;
}

#[tokio::test]
async fn a_long_output_is_capped_and_a_time_limit_is_a_failure() {
    let world = World::executing();
    let services = world.started().await;
    world.cluster.answer(Some(0), &"x".repeat(100_000));
    world.cluster.answer(None, "half");
    let approval = approved(&world, &services, None).await;
    let output = |index: usize| {
        approval.commands[index]
            .execution
            .clone()
            .unwrap()
            .output
            .unwrap()
    };
    assert!(output(0).len() <= 16 * 1024);
    assert!(output(1).starts_with("ended because it took too long"));
    assert_eq!(states(&approval)[1], Some(Failed));
    services.shutdown().await;
}

#[tokio::test]
async fn evidence_of_another_cluster_is_not_acted_on() {
    let world = World::executing();
    let services = world.started().await;
    let evidence = r#"{"logs": "x", "query": "api", "cluster": "staging"}"#;
    services
        .workflows
        .start(Submission::Evidence(evidence.into()))
        .await
        .unwrap();
    services.settle().await;
    let id = world.approvals().await[0].id.clone();
    services.approvals.approve(id.as_str(), None, None).await.unwrap();
    services.settle().await;
    let approval = world.approvals().await.remove(0);
    assert_eq!(states(&approval)[..2], [Some(Failed), Some(Failed)]);
    let reason = approval.commands[0].execution.clone().unwrap().output.unwrap();
    assert!(reason.contains("staging") && reason.contains("prod"), "{reason}");
    assert!(world.cluster.executed().is_empty());
    services.shutdown().await;
}

#[tokio::test]
async fn a_proposal_from_outside_runs_too_once_a_person_approved_it() {
    let world = World::executing();
    let services = world.started().await;
    let proposal = Proposal {
        action: "look".into(),
        commands: vec![ProposedCommand {
            command: "kubectl get pods -n shop".into(),
            explanation: String::new(),
            rollback: None,
        }],
        ..Proposal::default()
    };
    let proposed = services.approvals.propose(proposal).await.unwrap();
    services
        .approvals
        .approve(proposed.id.as_str(), None, None)
        .await
        .unwrap();
    services.settle().await;
    assert_eq!(states(&world.approvals().await[0]), [Some(Succeeded)]);
    assert_eq!(world.cluster.executed().len(), 1);
    services.shutdown().await;
}

#[tokio::test(start_paused = true)]
async fn a_command_whose_result_was_lost_is_unknown_and_never_run_again() {
    let world = World::executing();
    let services = world.started().await;
    run(&services, "api").await;
    let id = world.approvals().await[0].id.clone();
    // Decision, intent and result of the read, intent of the change: the fifth commit is its result.
    world.journal.crash_at(5, Crash::BeforeWriting);
    services.approvals.approve(id.as_str(), None, None).await.unwrap();
    world.journal.crashed().await;
    services.shutdown().await;
    assert_eq!(world.cluster.executed().len(), 2);

    world.journal.revive();
    let services = world.started().await;
    services.settle().await;
    let approval = world.approvals().await.remove(0);
    assert_eq!(
        states(&approval),
        [Some(Succeeded), Some(Unknown), Some(Skipped), Some(Skipped)]
    );
    assert_eq!(world.cluster.executed().len(), 2);
    services.shutdown().await;
}
