//! Serves both ports over memory (18000 and 13100: never those of a real process), with approvals in every state, for working on the
//! pages. Nothing is stored and nothing runs.

use std::sync::Arc;

use kubemedic_server::{ConnectionLimits, EdgeConfig, approval_router, backend_router, serve};
use kubemedic_testkit::{
    manual_clock::ManualClock, memory_feedback_file::MemoryFeedbackFile, memory_journal::MemoryJournal,
    memory_snapshots::MemorySnapshots, scripted_cluster::ScriptedCluster, sequential_ids::SequentialIds,
};
use kubemedic_workflow::{
    approvals::{Proposal, ProposedCommand},
    models::Models,
    services::{Ports, Services, ServicesConfig},
    workflows::Submission,
};
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let executes = std::env::args().any(|argument| argument == "--execute");
    let cluster = if executes {
        ScriptedCluster::with_context("prod-eu")
    } else {
        ScriptedCluster::without_context()
    };
    cluster.answer(Some(0), "deployment.apps/checkout resource requirements updated");
    cluster.answer(Some(1), "error: timed out waiting for the condition");
    let clock = Arc::new(ManualClock::default());
    let mut config = EdgeConfig::loopback(clock.clone());
    config.backend_url = String::from("http://localhost:18000");
    config.approval_url = String::from("http://localhost:13100");
    let cluster = Arc::new(cluster);
    config.execution = kubemedic_ports::cluster::Cluster::context(cluster.as_ref()).cloned();
    let ports = Ports {
        journal: Arc::new(MemoryJournal::new()),
        clock: clock.clone(),
        ids: Arc::new(SequentialIds::default()),
        cluster,
        gateway: None,
        notifier: None,
        feedback_file: Arc::new(MemoryFeedbackFile::default()),
        snapshots: Arc::new(MemorySnapshots::default()),
        log_sources: Vec::new(),
        models: Arc::new(Models::none()),
        embedder: None,
    };
    let services = Services::build(ServicesConfig::default(), ports);
    services.start().await?;
    fill(&services, &clock).await?;
    let stop = config.shutdown.clone();
    let backend = TcpListener::bind("127.0.0.1:18000").await?;
    let approvals = TcpListener::bind("127.0.0.1:13100").await?;
    tokio::join!(
        serve(
            backend,
            backend_router(services.clone(), config.clone()),
            ConnectionLimits::default(),
            stop.clone()
        ),
        serve(
            approvals,
            approval_router(services.clone(), config),
            ConnectionLimits::default(),
            stop
        ),
    );
    Ok(())
}

async fn fill(services: &Services, clock: &ManualClock) -> Result<(), Box<dyn std::error::Error>> {
    let sample = include_str!("../../../samples/checkout-outage.log");
    services
        .workflows
        .start(Submission::Text(sample.to_owned()))
        .await?;
    services.settle().await;
    services.approvals.propose(grave()).await?;
    let rejected = services.approvals.propose(grave()).await?;
    let reason = Some("wrong window: wait for the backup".to_owned());
    services
        .approvals
        .reject(rejected.id.as_str(), Some("mira".to_owned()), reason)
        .await?;
    clock.advance_seconds(754);
    Ok(())
}

fn grave() -> Proposal {
    let metadata: Map<String, Value> = match json!({
        "severity": "critical", "priority": "P0", "service": "orders-db", "namespace": "shop", "confidence": 0.71,
        "root_cause": "The volume of orders-db-0 is lost with node worker-3; the replica cannot be scheduled anywhere else.",
        "evidence": [{"quote": "0/5 nodes are available: 1 node(s) had volume node affinity conflict", "origin": {"part": "kubectl get events -n shop", "line": 12}}],
    }) {
        Value::Object(map) => map,
        _ => Map::new(),
    };
    let commands = [
        (
            "kubectl get pvc data-orders-db-0 -n shop -o wide",
            "Shows where the claim is bound.",
            None,
        ),
        (
            "kubectl delete pvc data-orders-db-0 -n shop",
            "Gives up the lost volume, so that a new one is made. Its data is gone.",
            None,
        ),
        (
            "kubectl scale statefulset orders-db --replicas=2 -n shop",
            "Adds a replica that copies from the primary.",
            Some("kubectl scale statefulset orders-db --replicas=1 -n shop"),
        ),
    ];
    Proposal {
        action: "Give up the lost volume and let the database copy itself anew".to_owned(),
        commands: commands
            .map(|(command, explanation, rollback)| ProposedCommand {
                command: command.to_owned(),
                explanation: explanation.to_owned(),
                rollback: rollback.map(str::to_owned),
            })
            .to_vec(),
        metadata,
        ..Proposal::default()
    }
}
