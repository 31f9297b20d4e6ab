//! Likeness on the real path: groups of findings, what is new, and earlier incidents beside a new one.

use std::sync::Arc;

use kubemedic_model::id::WorkflowId;
use kubemedic_testkit::scripted_embedder::ScriptedEmbedder;
use kubemedic_workflow::{engine::Engine, services::Services};
use serde_json::Value;

use crate::world::{World, drain, open, run};

const REFUSED: &str = "\
2026-01-05T10:00:01Z ERROR checkout dial tcp 10.2.0.9:5432: connect: connection refused
2026-01-05T10:00:02Z ERROR cart dial tcp 10.2.0.9:5432: connect: connection refused
2026-01-05T10:00:03Z FATAL checkout could not open the ledger, giving up
";

const DEAF: &str = "\
2026-01-06T10:00:01Z ERROR checkout dial tcp 10.2.0.7:5432: connect: connection refused
2026-01-06T10:00:03Z FATAL checkout quantum flux capacitor desynchronised from mainframe
";

/// The result of an agent.
async fn result(services: &Services, id: WorkflowId, agent: &str) -> Value {
    let frames = drain(open(services, id, None, false).await).await;
    let done = |it: &&Value| it["agent_name"] == agent && it["status"] == "COMPLETED";
    let frame = frames.iter().find(done).unwrap();
    serde_json::from_str(frame["data"].as_str().unwrap()).unwrap()
}

async fn notes(services: &Services, id: WorkflowId) -> Vec<String> {
    let frames = drain(open(services, id, None, false).await).await;
    let told = frames.iter().filter(|it| it["status"] == "INFO");
    told.map(|it| it["data"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn an_incident_that_was_seen_before_is_shown_and_a_restart_shows_the_same() {
    let steady = World::default();
    let services = steady.started_with(Engine::default()).await;
    let first = run(&services, REFUSED).await;
    let second = run(&services, REFUSED).await;
    let third = run(&services, REFUSED).await;
    let before = result(&services, first, "AnalysisAgent").await;
    assert_eq!(before["similar_incidents"], Value::Null);
    let shown = result(&services, third, "AnalysisAgent").await;
    let similar = shown["similar_incidents"].as_array().unwrap();
    assert!(!similar.is_empty() && similar.len() <= 2, "{similar:?}");
    assert_eq!(similar[0]["workflow_id"], second.to_string());
    assert_eq!(similar[0]["similarity"], 1.0);
    assert_eq!(
        similar[0]["root_cause"],
        shown["root_cause_analysis"][0]["root_cause"]
    );
    services.shutdown().await;

    let restarted = World::default();
    let services = restarted.started_with(Engine::default()).await;
    run(&services, REFUSED).await;
    run(&services, REFUSED).await;
    services.shutdown().await;
    let services = restarted.started_with(Engine::default()).await;
    let again = run(&services, REFUSED).await;
    let later = result(&services, again, "AnalysisAgent").await;
    assert_eq!(later["similar_incidents"], shown["similar_incidents"]);
    services.shutdown().await;
}

#[tokio::test]
async fn what_no_earlier_workflow_showed_is_called_new_once_there_is_a_past() {
    let world = World::default();
    let services = world.started_with(Engine::default()).await;
    let first = run(&services, REFUSED).await;
    assert!(
        notes(&services, first)
            .await
            .iter()
            .all(|it| !it.contains("never seen"))
    );
    let monitored = result(&services, first, "MonitoringAgent").await;
    assert_eq!(
        monitored["errors"][0]["additional_context"]["novelty"],
        Value::Null
    );
    run(&services, REFUSED).await;
    run(&services, REFUSED).await;
    let known = run(&services, REFUSED).await;
    let monitored = result(&services, known, "MonitoringAgent").await;
    let novelties = monitored["errors"].as_array().unwrap().iter();
    let novelties: Vec<f64> = novelties
        .map(|it| it["additional_context"]["novelty"].as_f64().unwrap())
        .collect();
    assert!(novelties.iter().all(|it| *it == 0.0), "{novelties:?}");
    let other = run(&services, DEAF).await;
    let told = notes(&services, other).await;
    let new: Vec<&String> = told
        .iter()
        .filter(|it| it.contains("never seen before in earlier workflows"))
        .collect();
    assert_eq!(new.len(), 1, "{told:?}");
    assert!(new[0].contains("quantum flux"), "{new:?}");
    services.shutdown().await;
}

#[tokio::test]
async fn findings_that_say_the_same_are_one_group() {
    let world = World::default();
    let services = world.started_with(Engine::default()).await;
    let id = run(&services, REFUSED).await;
    let monitored = result(&services, id, "MonitoringAgent").await;
    let groups = monitored["clusters"].as_array().unwrap();
    assert_eq!(groups.len(), 1, "{groups:?}");
    assert_eq!(groups[0]["similarity"], "lexical");
    assert_eq!(groups[0]["findings"].as_array().unwrap().len(), 2);
    assert_eq!(groups[0]["count"], 2);
    services.shutdown().await;
}

#[tokio::test]
async fn an_embedder_is_used_and_named() {
    let world = World {
        embedder: Some(Arc::new(ScriptedEmbedder::knowing(&["refused"]))),
        ..World::default()
    };
    let services = world.started_with(Engine::default()).await;
    let id = run(&services, REFUSED).await;
    let monitored = result(&services, id, "MonitoringAgent").await;
    assert_eq!(monitored["clusters"][0]["similarity"], "scripted");
    services.shutdown().await;
}

#[tokio::test]
async fn an_embedder_that_fails_costs_reach_and_nothing_else() {
    let world = World {
        embedder: Some(Arc::new(ScriptedEmbedder::failing())),
        ..World::default()
    };
    let services = world.started_with(Engine::default()).await;
    run(&services, REFUSED).await;
    let id = run(&services, REFUSED).await;
    let monitored = result(&services, id, "MonitoringAgent").await;
    assert_eq!(monitored["clusters"][0]["similarity"], "lexical");
    let analysed = result(&services, id, "AnalysisAgent").await;
    assert_eq!(analysed["similar_incidents"].as_array().unwrap().len(), 1);
    services.shutdown().await;
}
