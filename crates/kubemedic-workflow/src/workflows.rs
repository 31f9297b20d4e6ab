//! Starting, listing and watching workflows.

use kubemedic_model::{id::WorkflowId, workflow::WorkflowSummary};
use kubemedic_ports::journal::{JournalError, WorkflowFilter};

use crate::stream::{Opened, StreamError};

/// What a client posts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Submission {
    /// Any text.
    Text(String),
    /// The JSON of an evidence object (CONTRACT.md section 3).
    Evidence(String),
}

/// Why a workflow was not started. Nothing was stored.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// There is nothing to work on.
    #[error("the request body is blank: send log text or an evidence object")]
    Blank,
    /// The JSON is not an evidence object.
    #[error("{0}")]
    BadEvidence(String),
    /// The evidence asks for a source that is not configured or cannot be read.
    #[error("{0}")]
    Source(String),
    /// The journal did not take it.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// A workflow with the ids of its approvals.
#[derive(Debug, Clone, PartialEq)]
pub struct WorkflowDetails {
    /// What lists show.
    pub summary: WorkflowSummary,
    /// Its approvals.
    pub approvals: Vec<String>,
}

/// Starting, listing and watching workflows.
#[derive(Debug)]
pub struct Workflows {}

impl Workflows {
    /// Redacts the input, makes it durable and starts the agents.
    ///
    /// # Errors
    /// [`StartError`]; then nothing was stored.
    pub async fn start(&self, _submission: Submission) -> Result<WorkflowId, StartError> {
        Err(StartError::Blank)
    }

    /// One workflow.
    ///
    /// # Errors
    /// [`JournalError`].
    pub async fn details(&self, _id: WorkflowId) -> Result<Option<WorkflowDetails>, JournalError> {
        Ok(None)
    }

    /// Workflows, the newest first.
    ///
    /// # Errors
    /// [`JournalError`].
    pub async fn list(&self, _filter: &WorkflowFilter) -> Result<Vec<WorkflowSummary>, JournalError> {
        Ok(Vec::new())
    }

    /// Opens a stream after a position. `follow` keeps it open until the workflow is closed.
    ///
    /// # Errors
    /// [`StreamError`].
    pub async fn open_stream(
        &self,
        id: WorkflowId,
        _after: Option<u64>,
        _follow: bool,
    ) -> Result<Opened, StreamError> {
        Err(StreamError::Unknown(id))
    }
}
