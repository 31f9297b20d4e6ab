//! A crash at every commit, before and after it is written: the next start ends where an uninterrupted run ends.

use std::collections::BTreeSet;

use kubemedic_model::{approval::ApprovalStatus, event::AgentStatus, id::WorkflowId};
use kubemedic_ports::journal::{Journal, WorkflowFilter};
use kubemedic_testkit::{
    memory_journal::Crash,
    scripted_gateway::{Behaviour, ScriptedGateway},
};
use kubemedic_workflow::{services::Services, workflows::Submission};

use crate::world::World;

/// Everything that a person and clients do, as far as it is not done yet: start, approve, wait for the end.
async fn go_on(world: &World, services: &Services) {
    if services
        .workflows
        .list(&WorkflowFilter::default())
        .await
        .is_ok_and(|all| all.is_empty())
    {
        let _ = services.workflows.start(Submission::Text("api web".into())).await;
    }
    loop {
        tokio::select! {
            biased;
            () = world.journal.crashed() => return,
            () = services.settle() => {}
        }
        let Ok(pending) = services.approvals.list(Some(ApprovalStatus::Pending)).await else {
            return;
        };
        let Some(approval) = pending.first() else {
            break;
        };
        let _ = services.approvals.approve(approval.id.as_str(), None, None).await;
    }
    let Some(gateway) = &world.gateway else {
        return;
    };
    for id in gateway.ids() {
        gateway.decide(&id, "approved", Some((4, 0)));
        services.poll_decisions().await;
        tokio::select! {
            biased;
            () = world.journal.crashed() => return,
            () = services.settle() => {}
        }
    }
}

async fn only_workflow(world: &World) -> WorkflowId {
    let all = world.journal.workflows(&WorkflowFilter::default()).await.unwrap();
    assert_eq!(all.len(), 1);
    all[0].id
}

/// What must not depend on where the crash was.
#[derive(Debug, PartialEq)]
struct Result {
    shape: Vec<String>,
    approvals: usize,
    proposals_there: usize,
    feedback: Vec<String>,
}

async fn result(world: &World) -> Result {
    let id = only_workflow(world).await;
    let feedback = world.journal.feedback(0, 0).await.unwrap();
    let word = |value: serde_json::Value| value["type"].as_str().unwrap_or_default().to_owned();
    Result {
        shape: world.shape(id).await,
        approvals: world.approvals().await.len(),
        proposals_there: world.gateway.as_ref().map_or(0, |it| it.proposals().len()),
        feedback: feedback
            .iter()
            .map(|it| word(serde_json::to_value(&it.event).unwrap()))
            .collect(),
    }
}

async fn crash_everywhere(make: impl Fn() -> World) {
    let calm = make();
    let services = calm.started().await;
    go_on(&calm, &services).await;
    services.shutdown().await;
    let expected = result(&calm).await;
    assert!(expected.shape.last().unwrap().starts_with("workflow.closed"));
    let commits = calm.journal.commits();
    assert!(commits > 8, "{commits}");

    for nth in 1..=commits {
        for crash in [Crash::BeforeWriting, Crash::AfterWriting] {
            let world = make();
            world.journal.crash_at(nth, crash);
            let services = world.started().await;
            go_on(&world, &services).await;
            services.shutdown().await;
            assert!(
                world.journal.has_crashed(),
                "commit {nth} {crash:?} was never reached"
            );

            world.journal.revive();
            let services = world.started().await;
            go_on(&world, &services).await;
            services.shutdown().await;
            let got = result(&world).await;
            let id = only_workflow(&world).await;
            let told: BTreeSet<u64> = world.events(id).await.iter().map(|it| it.sequence).collect();
            assert_eq!(told.len(), got.shape.len());
            assert_eq!(got, expected, "commit {nth} {crash:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn no_crash_loses_or_doubles_an_event_a_proposal_or_feedback() {
    crash_everywhere(World::default).await;
}

#[tokio::test(start_paused = true)]
async fn no_crash_doubles_a_proposal_at_another_server_of_ours() {
    crash_everywhere(|| World::with_gateway(ScriptedGateway::new(Behaviour::OURS))).await;
}

#[tokio::test(start_paused = true)]
async fn no_crash_doubles_a_proposal_at_a_server_that_knows_only_the_original() {
    let behaviour = Behaviour {
        serves_single: true,
        ..Behaviour::ORIGINAL
    };
    crash_everywhere(move || World::with_gateway(ScriptedGateway::new(behaviour))).await;
}

#[tokio::test(start_paused = true)]
async fn no_crash_runs_a_command_twice_or_forgets_that_it_is_not_known_how_it_ended() {
    let calm = World::executing();
    let services = calm.started().await;
    go_on(&calm, &services).await;
    services.shutdown().await;
    let commits = calm.journal.commits();
    assert_eq!(calm.cluster.executed().len(), 8);
    for nth in 1..=commits {
        for crash in [Crash::BeforeWriting, Crash::AfterWriting] {
            let world = World::executing();
            world.journal.crash_at(nth, crash);
            let services = world.started().await;
            go_on(&world, &services).await;
            services.shutdown().await;
            world.journal.revive();
            let services = world.started().await;
            go_on(&world, &services).await;
            services.shutdown().await;

            let executed = world.cluster.executed();
            let distinct: BTreeSet<_> = executed.iter().collect();
            assert_eq!(distinct.len(), executed.len(), "commit {nth} {crash:?}");
            let shape = world.shape(only_workflow(&world).await).await;
            let count = |kind: &str| shape.iter().filter(|it| it.starts_with(kind)).count();
            assert!(
                count("execution.ended") >= count("execution.started"),
                "commit {nth} {crash:?}"
            );
            assert_eq!(count("execution.ended"), 8, "commit {nth} {crash:?}");
            assert_eq!(
                shape.last().unwrap(),
                "workflow.closed OrchestratorAgent COMPLETED"
            );
        }
    }
}

/// A process that ends before its first agent's result is written, on a workflow of its own or on one that it found.
async fn crash_in_planning(world: &World, posts: bool) {
    // The first commit writes the workflow down, or that it is begun once more; the second would be the agent's result.
    world.journal.crash_at(2, Crash::BeforeWriting);
    let services = world.started().await;
    if posts {
        let input = Submission::Text("api web".into());
        services.workflows.start(input).await.unwrap();
    }
    world.journal.crashed().await;
    services.shutdown().await;
    world.journal.revive();
}

#[tokio::test(start_paused = true)]
async fn an_input_that_ends_the_process_at_every_start_ends_its_workflow_instead_of_all_others() {
    let world = World::default();
    for start in 0..13 {
        crash_in_planning(&world, start == 0).await;
    }
    let services = world.started().await;
    let other = services
        .workflows
        .start(Submission::Text("api web".into()))
        .await
        .unwrap();
    services.settle().await;
    let told = world.shape(other).await;
    assert!(
        told.iter().any(|it| it.starts_with("workflow.plan_ready")),
        "{told:?}"
    );
    let summaries = world.journal.workflows(&WorkflowFilter::default()).await.unwrap();
    let blamed = summaries.iter().find(|it| it.id != other).unwrap();
    let events = world.events(blamed.id).await;
    let (first, last) = (&events[0].event, &events[events.len() - 1].event);
    assert_eq!(
        (first.kind.as_str(), first.status),
        ("workflow.started", AgentStatus::Working)
    );
    assert_eq!(
        (last.kind.as_str(), last.status),
        ("workflow.closed", AgentStatus::Error)
    );
    let why = &events[events.len() - 2].event.data;
    assert!(
        why.contains("the process ended 12 times while it worked on this input"),
        "{why}"
    );
    services.shutdown().await;
}

#[tokio::test(start_paused = true)]
async fn a_restart_in_the_middle_of_planning_is_forgotten_once_a_stage_ends() {
    let world = World::default();
    crash_in_planning(&world, true).await;
    let services = world.started().await;
    services.settle().await;
    services.shutdown().await;
    let summaries = world.journal.workflows(&WorkflowFilter::default()).await.unwrap();
    assert_eq!(summaries.iter().map(|it| it.attempts).collect::<Vec<_>>(), [0]);
}
