//! Workflow events: every state change, numbered, in the words that a stream shows of it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    consultation::Consultation,
    diagnosis::{Diagnosis, Verdict},
    id::{ApprovalId, FeedbackId},
    outcome::Execution,
    plan::Plan,
};

/// Who speaks in a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Agent {
    /// Starts, coordinates and ends.
    OrchestratorAgent,
    /// Extracts and deduplicates errors.
    MonitoringAgent,
    /// Finds the root causes.
    AnalysisAgent,
    /// Plans the repair.
    RemediationAgent,
    /// Formats, checks and submits commands.
    KubectlCommandAgent,
}

impl Agent {
    /// All of them, in the order of the workflow.
    pub const ALL: [Self; 5] = [
        Self::OrchestratorAgent,
        Self::MonitoringAgent,
        Self::AnalysisAgent,
        Self::RemediationAgent,
        Self::KubectlCommandAgent,
    ];

    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OrchestratorAgent => "OrchestratorAgent",
            Self::MonitoringAgent => "MonitoringAgent",
            Self::AnalysisAgent => "AnalysisAgent",
            Self::RemediationAgent => "RemediationAgent",
            Self::KubectlCommandAgent => "KubectlCommandAgent",
        }
    }
}

/// What an agent is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum AgentStatus {
    /// It has started.
    Working,
    /// It reasons.
    Thinking,
    /// It tells something.
    Info,
    /// It is done; `data` carries its result as JSON.
    Completed,
    /// It failed.
    Error,
}

impl AgentStatus {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Working => "WORKING",
            Self::Thinking => "THINKING",
            Self::Info => "INFO",
            Self::Completed => "COMPLETED",
            Self::Error => "ERROR",
        }
    }
}

/// What a workflow's state machine learns from an event. Events without a fact only tell people something.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "snake_case")]
pub enum WorkflowFact {
    /// The input is durable.
    Started,
    /// The Monitoring Agent is done.
    Monitored,
    /// An agent consulted a language model, or wanted to.
    Consulted {
        /// What became of it.
        consultation: Box<Consultation>,
    },
    /// The Analysis Agent is done.
    Analysed {
        /// Its conclusion.
        diagnosis: Box<Diagnosis>,
    },
    /// The Remediation Agent is done.
    Planned {
        /// One plan for each root cause.
        plans: Vec<Plan>,
        /// The record under which the plans can be judged; `None` when there is nothing to judge.
        feedback_id: Option<FeedbackId>,
    },
    /// A root cause's commands are at the approval server.
    Submitted {
        /// Which root cause, counted from 0.
        position: u32,
        /// The approval.
        approval_id: ApprovalId,
    },
    /// A root cause's commands wait for the approval server to come back.
    Queued {
        /// Which root cause, counted from 0.
        position: u32,
        /// Why.
        error: String,
    },
    /// A root cause's commands were refused: by the policy, or for good by the approval server.
    Refused {
        /// Which root cause, counted from 0.
        position: u32,
        /// Why.
        error: String,
    },
    /// The Kubectl Command Agent is done: everything is submitted, queued or refused.
    Proposed,
    /// A person decided an approval, or its time ran out.
    Decided {
        /// The approval.
        approval_id: ApprovalId,
    },
    /// An execution will start now.
    ExecutionStarted {
        /// The approval.
        approval_id: ApprovalId,
        /// The command, counted from 0.
        index: u32,
    },
    /// An execution ended.
    ExecutionEnded {
        /// The approval.
        approval_id: ApprovalId,
        /// The command, counted from 0.
        index: u32,
        /// How.
        execution: Execution,
    },
    /// All approved commands of an approval have ended, or nothing runs.
    ApprovalFinished {
        /// The approval.
        approval_id: ApprovalId,
    },
    /// The orchestrator's part until the approval is over: the default stream ends here.
    PlanReady,
    /// The workflow failed and will not go on.
    Failed {
        /// Why.
        error: String,
    },
    /// Nothing more will happen.
    Closed {
        /// How it ended.
        verdict: Option<Verdict>,
    },
}

/// One event as it is written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WorkflowEvent {
    /// A dotted name, such as `workflow.started`, `agent.completed`, `approval.submitted`, `workflow.closed`.
    pub kind: String,
    /// Who speaks.
    pub agent: Agent,
    /// What it is doing.
    pub status: AgentStatus,
    /// What it was given, in short.
    pub input: String,
    /// What it made, in short.
    pub output: String,
    /// The message, or the result as JSON text.
    pub data: String,
    /// What the state machine learns.
    pub fact: Option<WorkflowFact>,
}

/// An event in its place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RecordedEvent {
    /// Its number in the workflow: 1, 2, 3, ...
    pub sequence: u64,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// The event.
    pub event: WorkflowEvent,
}
