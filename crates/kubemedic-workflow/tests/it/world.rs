//! A process over an outside world that outlives it: the same journal, clock and servers, and services that come and go.

use std::{collections::BTreeMap, sync::Arc};

use kubemedic_engine::{intake::Intake, monitoring::Monitoring};
use kubemedic_model::{
    approval::Approval,
    class::FailureClass,
    command::{Command, Risk},
    diagnosis::{Confidence, Diagnosis, RootCause, Verdict, explanation::Explanation},
    event::RecordedEvent,
    evidence_object::WorkflowInput,
    finding::Priority,
    id::WorkflowId,
    plan::{BlastRadius, Phase, Plan, PlannedCommand, Step, Strategy},
    resource::{Kind, ResourceRef},
};
use kubemedic_ports::{embedder::Embedder, journal::Journal};
use kubemedic_testkit::{
    manual_clock::ManualClock, memory_feedback_file::MemoryFeedbackFile, memory_journal::MemoryJournal,
    memory_snapshots::MemorySnapshots, scripted_cluster::ScriptedCluster, scripted_gateway::ScriptedGateway,
    scripted_notifier::ScriptedNotifier, sequential_ids::SequentialIds,
};
use kubemedic_workflow::{
    engine::Engine,
    models::Models,
    services::{Ports, Services, ServicesConfig},
    stream::{EventStream, Opened},
    workflows::Submission,
};
use serde_json::Value;

/// The outside world.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) journal: Arc<MemoryJournal>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) ids: Arc<SequentialIds>,
    pub(crate) cluster: Arc<ScriptedCluster>,
    pub(crate) gateway: Option<Arc<ScriptedGateway>>,
    pub(crate) notifier: Option<Arc<ScriptedNotifier>>,
    pub(crate) file: Arc<MemoryFeedbackFile>,
    pub(crate) snapshots: Arc<MemorySnapshots>,
    pub(crate) snapshot_events: u64,
    pub(crate) approval_ttl_seconds: u32,
    pub(crate) embedder: Option<Arc<dyn Embedder>>,
    pub(crate) models: Arc<Models>,
}

impl Default for World {
    fn default() -> Self {
        Self {
            journal: Arc::new(MemoryJournal::new()),
            clock: Arc::default(),
            ids: Arc::default(),
            cluster: Arc::new(ScriptedCluster::without_context()),
            gateway: None,
            notifier: None,
            file: Arc::default(),
            snapshots: Arc::default(),
            snapshot_events: ServicesConfig::default().snapshot_events,
            approval_ttl_seconds: ServicesConfig::default().approval_ttl_seconds,
            embedder: None,
            models: Arc::new(Models::none()),
        }
    }
}

impl World {
    /// One in which approved commands run.
    pub(crate) fn executing() -> Self {
        Self {
            cluster: Arc::new(ScriptedCluster::with_context("prod")),
            ..Self::default()
        }
    }

    /// One with another approval server.
    pub(crate) fn with_gateway(gateway: ScriptedGateway) -> Self {
        Self {
            gateway: Some(Arc::new(gateway)),
            ..Self::default()
        }
    }

    /// A new process, not started.
    pub(crate) fn services(&self) -> Services {
        self.services_with(engine())
    }

    fn services_with(&self, engine: Engine) -> Services {
        let ports = Ports {
            journal: self.journal.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            cluster: self.cluster.clone(),
            gateway: self.gateway.clone().map(|it| it as _),
            notifier: self.notifier.clone().map(|it| it as _),
            feedback_file: self.file.clone(),
            snapshots: self.snapshots.clone(),
            log_sources: Vec::new(),
            models: self.models.clone(),
            embedder: self.embedder.clone(),
        };
        let config = ServicesConfig {
            approval_ttl_seconds: self.approval_ttl_seconds,
            snapshot_events: self.snapshot_events,
            ..ServicesConfig::default()
        };
        Services::with_engine(config, ports, engine)
    }

    /// A new process at work.
    pub(crate) async fn started(&self) -> Services {
        let services = self.services();
        services.start().await.unwrap();
        services
    }

    /// A new process at work with another engine.
    pub(crate) async fn started_with(&self, engine: Engine) -> Services {
        let services = self.services_with(engine);
        services.start().await.unwrap();
        services
    }

    /// Every event of a workflow.
    pub(crate) async fn events(&self, id: WorkflowId) -> Vec<RecordedEvent> {
        self.journal.events(id, 0, 0).await.unwrap()
    }

    /// The kinds of a workflow's events, with who speaks; checks that the numbers have no gap.
    pub(crate) async fn shape(&self, id: WorkflowId) -> Vec<String> {
        let events = self.events(id).await;
        let numbers: Vec<u64> = events.iter().map(|it| it.sequence).collect();
        let expected: Vec<u64> = (1..).take(events.len()).collect();
        assert_eq!(numbers, expected);
        let shape = |it: &RecordedEvent| {
            format!(
                "{} {} {}",
                it.event.kind,
                it.event.agent.as_str(),
                it.event.status.as_str()
            )
        };
        events.iter().map(shape).collect()
    }

    /// The approvals of the built-in server, the oldest first.
    pub(crate) async fn approvals(&self) -> Vec<Approval> {
        let filter = kubemedic_ports::journal::ApprovalFilter::default();
        self.journal.approvals(&filter).await.unwrap()
    }
}

/// Starts a workflow and waits until it waits.
pub(crate) async fn run(services: &Services, text: &str) -> WorkflowId {
    let id = services
        .workflows
        .start(Submission::Text(text.to_owned()))
        .await
        .unwrap();
    services.settle().await;
    id
}

/// A stream that is expected to have something to tell.
pub(crate) async fn open(
    services: &Services,
    id: WorkflowId,
    after: Option<u64>,
    follow: bool,
) -> EventStream {
    match services.workflows.open_stream(id, after, follow).await.unwrap() {
        Opened::Stream(stream) => stream,
        Opened::AlreadyAtEnd => panic!("the stream is at its end"),
    }
}

/// Everything that a stream tells until it ends.
pub(crate) async fn drain(mut stream: EventStream) -> Vec<Value> {
    let mut frames = Vec::new();
    while let Some(frame) = stream.next().await.unwrap() {
        let value: Value = serde_json::from_str(&frame.json).unwrap();
        assert_eq!(value["sequence"], frame.sequence);
        frames.push(value);
    }
    frames
}

/// Hand-made decisions: the input's text says what there is to find (`healthy`, or names of broken workloads).
fn engine() -> Engine {
    Engine {
        read: |input| Intake {
            query: Some(match input {
                WorkflowInput::Text(text) => text.clone(),
                WorkflowInput::Evidence(evidence) => evidence.query.clone().unwrap_or_default(),
            }),
            ..Intake::default()
        },
        monitor: |_| Monitoring::default(),
        diagnose: |intake, _| diagnosis(intake.query.as_deref().unwrap_or_default()),
        plan: |diagnosis, _, _| diagnosis.root_causes.iter().map(plan).collect(),
        ..Engine::default()
    }
}

fn diagnosis(text: &str) -> Diagnosis {
    assert!(!text.contains("panic"), "the engine panics, as the test asked");
    let healthy = text == "healthy";
    let root_causes = if healthy {
        Vec::new()
    } else {
        text.split_whitespace().map(cause).collect()
    };
    Diagnosis {
        verdict: if healthy {
            Verdict::Healthy
        } else {
            Verdict::Incident
        },
        summary: format!("about {text}"),
        root_causes,
        alternatives: Vec::new(),
        objects: Vec::new(),
        confidence: Confidence::new(0.9),
        evidence: Vec::new(),
        missing: Vec::new(),
        explanation: Explanation::default(),
    }
}

fn cause(name: &str) -> RootCause {
    RootCause {
        class: FailureClass::OomKilled,
        cause: None,
        object: Some(ResourceRef::new(Kind::Deployment, Some("shop"), name)),
        workload: None,
        related: Vec::new(),
        sentence: format!("{name} is OOM-killed at its memory limit."),
        explanation: "It needs more memory than it may have.".into(),
        contributing_factors: Vec::new(),
        confidence: Confidence::new(0.9),
        priority: Priority::P1,
        evidence: Vec::new(),
        facts: BTreeMap::new(),
        effects: Vec::new(),
        author: kubemedic_model::diagnosis::Author::Engine,
    }
}

fn plan(cause: &RootCause) -> Plan {
    let name = cause
        .object
        .as_ref()
        .map(|it| it.name.clone())
        .unwrap_or_default();
    let manual = name.starts_with("manual");
    let lines = [
        (
            Phase::Investigate,
            format!("kubectl get deployment {name} -n shop"),
        ),
        (
            Phase::Remediate,
            format!("kubectl rollout restart deployment/{name} -n shop"),
        ),
        (
            Phase::Remediate,
            format!("kubectl scale deployment/{name} -n shop --replicas=3"),
        ),
        (
            Phase::Verify,
            format!("kubectl rollout status deployment/{name} -n shop --timeout=60s"),
        ),
    ];
    let lines = if manual { Vec::new() } else { lines.to_vec() };
    Plan {
        root_cause: cause.clone(),
        strategy: Strategy::Restart,
        steps: lines
            .into_iter()
            .zip(1..)
            .map(|((phase, line), number)| step(phase, &line, number))
            .collect(),
        alternatives: Vec::new(),
        preventive_measures: Vec::new(),
        dependencies: Vec::new(),
        blast_radius: BlastRadius {
            changes: Vec::new(),
            description: "one deployment".into(),
        },
        manual_steps: if manual {
            vec!["Find out why".into()]
        } else {
            Vec::new()
        },
        estimated_time_minutes: 5,
        decision: None,
    }
}

fn step(phase: Phase, line: &str, number: u32) -> Step {
    Step {
        phase,
        number,
        description: "a step".into(),
        commands: vec![PlannedCommand {
            command: command(line),
            explanation: format!("does {line}"),
            risk: Risk::ReadOnly,
            expected_output: "ok".into(),
            estimated_time_seconds: 5,
            rollback: None,
            derived_names: false,
        }],
        success_criteria: "it works".into(),
    }
}

/// A command line of plain words as a command.
pub(crate) fn command(line: &str) -> Command {
    Command::from_argv(line.split_whitespace().map(str::to_owned).collect())
}
