//! Values for tests of journals.

use jiff::{SignedDuration, Timestamp};
use kubemedic_model::{
    approval::{Approval, ApprovalCommand, ApprovalStatus, Target},
    command::{Command, Risk},
    digest::PlanDigest,
    event::{Agent, AgentStatus, WorkflowEvent, WorkflowFact},
    evidence_object::WorkflowInput,
    id::{ApprovalId, Id, WorkflowId},
    workflow::{WorkflowStatus, WorkflowSummary},
};
use kubemedic_ports::journal::Write;
use uuid::Uuid;

use crate::manual_clock::START;

/// A time so many seconds after the start of all tests.
pub(crate) fn at(seconds: i64) -> Timestamp {
    START
        .checked_add(SignedDuration::from_secs(seconds))
        .unwrap_or(START)
}

/// The id of the n-th workflow.
pub fn workflow_id(number: u128) -> WorkflowId {
    Id::new(Uuid::from_u128(number))
}

/// The first summary of the n-th workflow, created n seconds after the start.
pub fn summary(number: u32) -> WorkflowSummary {
    WorkflowSummary {
        id: workflow_id(u128::from(number)),
        status: WorkflowStatus::Running,
        created_at: at(i64::from(number)),
        closed_at: None,
        cluster: Some("prod".into()),
        namespace: None,
        verdict: None,
        failure_class: None,
        root_cause: Some("it's \"quoted\" — ünïcödé".into()),
        last_sequence: 0,
        retired: false,
        attempts: 0,
        top_templates: vec!["connection to <*> refused".into()],
    }
}

/// Creates the n-th workflow.
pub(crate) fn create(number: u32) -> Write {
    Write::CreateWorkflow {
        summary: Box::new(summary(number)),
        input: input(),
    }
}

/// A small input.
pub(crate) fn input() -> WorkflowInput {
    WorkflowInput::Text("ERROR it's broken\n\u{1F4A5} line 2\n".into())
}

/// An event with a text.
pub fn event(data: &str) -> WorkflowEvent {
    WorkflowEvent {
        kind: "agent.info".into(),
        agent: Agent::AnalysisAgent,
        status: AgentStatus::Info,
        input: "in".into(),
        output: String::new(),
        data: data.to_owned(),
        fact: Some(WorkflowFact::Started),
    }
}

/// Appends events to the n-th workflow.
pub(crate) fn append(number: u32, after: u64, texts: &[&str]) -> Write {
    Write::AppendEvents {
        workflow_id: workflow_id(u128::from(number)),
        after,
        events: texts.iter().map(|text| event(text)).collect(),
    }
}

/// A pending approval of revision 1, with an idempotency key if one is given.
pub fn approval(id: &ApprovalId, key: Option<&str>) -> Approval {
    let argv = ["kubectl", "get", "pods"].map(str::to_owned).to_vec();
    let digest = PlanDigest::of(None, None, &[argv.as_slice()]);
    Approval {
        id: id.clone(),
        workflow_id: None,
        action: "look".into(),
        commands: vec![ApprovalCommand {
            command: Command::from_argv(argv),
            explanation: "why".into(),
            risk: Risk::ReadOnly,
            rollback: None,
            decision: None,
            execution: None,
        }],
        metadata: serde_json::Map::new(),
        target: Target::default(),
        plan_digest: digest,
        status: ApprovalStatus::Pending,
        created_at: at(0),
        expires_at: at(3600),
        decided_at: None,
        approver: None,
        rejection_reason: None,
        hint: kubemedic_model::learning::DecisionHint::default(),
        idempotency_key: key.map(str::to_owned),
        body_digest: "sha256:body".into(),
        revision: 1,
    }
}
