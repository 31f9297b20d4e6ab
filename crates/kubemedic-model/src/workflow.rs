//! A workflow as lists show it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{class::FailureClass, diagnosis::Verdict, id::WorkflowId};

/// How far a workflow is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkflowStatus {
    /// The agents work on it.
    Running,
    /// The plan waits for a person, or for the approval server.
    AwaitingApproval,
    /// Approved commands run.
    Executing,
    /// Nothing more will happen.
    Closed,
    /// It could not be worked on.
    Failed,
}

impl WorkflowStatus {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::AwaitingApproval => "awaiting_approval",
            Self::Executing => "executing",
            Self::Closed => "closed",
            Self::Failed => "failed",
        }
    }

    /// Reads the word on the wire.
    pub fn parse(word: &str) -> Option<Self> {
        [
            Self::Running,
            Self::AwaitingApproval,
            Self::Executing,
            Self::Closed,
            Self::Failed,
        ]
        .into_iter()
        .find(|status| status.as_str() == word)
    }

    /// Whether nothing more will happen.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Closed | Self::Failed)
    }
}

/// The facts about a workflow that lists show and that survive retention.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WorkflowSummary {
    /// Its id.
    pub id: WorkflowId,
    /// How far it is.
    pub status: WorkflowStatus,
    /// When its input was durable.
    pub created_at: Timestamp,
    /// When nothing more was to happen.
    pub closed_at: Option<Timestamp>,
    /// The cluster that the evidence names.
    pub cluster: Option<String>,
    /// The namespace that the evidence names.
    pub namespace: Option<String>,
    /// The verdict, once there is one.
    pub verdict: Option<Verdict>,
    /// The class of the first cause.
    pub failure_class: Option<FailureClass>,
    /// The sentence of the first cause.
    pub root_cause: Option<String>,
    /// The number of its newest event.
    pub last_sequence: u64,
    /// Whether retention dropped its input and events.
    pub retired: bool,
    /// How often this stage was begun after a restart without an end: an input that ends the process is not tried for ever.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub attempts: u32,
    /// The templates of its gravest findings, a few and short: what later workflows are compared with.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub top_templates: Vec<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the form that serde calls")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}
