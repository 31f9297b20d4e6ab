//! The one durable journal: workflows, their numbered events, approvals, deliveries and feedback.
//! A [`Transaction`] is written whole or not at all; what it expects to be the newest is checked in it.

use async_trait::async_trait;
use jiff::Timestamp;
use kubemedic_model::{
    approval::{Approval, ApprovalStatus},
    event::{RecordedEvent, WorkflowEvent},
    evidence_object::WorkflowInput,
    feedback::{FeedbackEvent, RecordedFeedback},
    id::{ApprovalId, WorkflowId},
    workflow::{WorkflowStatus, WorkflowSummary},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Why the journal did not answer.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// Someone else wrote first: read again and decide again.
    #[error("{what} was changed meanwhile")]
    Conflict {
        /// What.
        what: String,
    },
    /// What should be new is there already.
    #[error("{what} is already in the journal")]
    Duplicate {
        /// What.
        what: String,
    },
    /// It cannot be read or written now (disk full, locked, gone): worth another try.
    #[error("the journal is not available: {reason}")]
    Unavailable {
        /// Why, and the way out.
        reason: String,
    },
    /// What it holds cannot be understood.
    #[error("the journal is corrupt: {reason}")]
    Corrupt {
        /// What and where, and the way out.
        reason: String,
    },
}

/// One write of a transaction.
#[derive(Debug, Clone, PartialEq)]
pub enum Write {
    /// A new workflow with its redacted input. [`JournalError::Duplicate`] when the id is taken.
    CreateWorkflow {
        /// Its first summary.
        summary: Box<WorkflowSummary>,
        /// Its input, redacted.
        input: WorkflowInput,
    },
    /// Events, numbered `after + 1` on. [`JournalError::Conflict`] unless `after` is the newest number.
    AppendEvents {
        /// The workflow.
        workflow_id: WorkflowId,
        /// The newest number that the writer knows.
        after: u64,
        /// The events.
        events: Vec<WorkflowEvent>,
    },
    /// The workflow's summary. Its `last_sequence` is kept by the journal itself.
    UpdateWorkflow(Box<WorkflowSummary>),
    /// An approval. Revision 1 is new ([`JournalError::Duplicate`] when the id or the idempotency key is taken); revision n replaces
    /// n-1 ([`JournalError::Conflict`] otherwise).
    PutApproval(Box<Approval>),
    /// A delivery to be tried; replaces the one of the same id.
    PutDelivery(Delivery),
    /// A delivery that is over.
    RemoveDelivery {
        /// Its id.
        id: String,
    },
    /// A feedback event. [`JournalError::Duplicate`] when the key was seen.
    AppendFeedback {
        /// Its idempotency key.
        key: String,
        /// The event.
        event: FeedbackEvent,
    },
}

/// Writes that happen together, at one time.
#[derive(Debug, Clone, PartialEq)]
pub struct Transaction {
    /// When.
    pub at: Timestamp,
    /// What, in order.
    pub writes: Vec<Write>,
}

/// What a committed transaction numbered.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Committed {
    /// The newest event number of each workflow that got events.
    pub events: Vec<(WorkflowId, u64)>,
    /// The number of each feedback event, in order.
    pub feedback: Vec<u64>,
}

/// Where a delivery goes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "to", rename_all = "snake_case")]
pub enum Destination {
    /// A proposal to another approval server.
    Proposal {
        /// The workflow.
        workflow_id: WorkflowId,
        /// Which root cause, counted from 0.
        position: u32,
    },
    /// A decision told by webhook.
    Webhook,
}

/// Something that has to reach another server, tried until it does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Delivery {
    /// Its id: the receiver's idempotency key.
    pub id: String,
    /// Where it goes.
    pub destination: Destination,
    /// What goes.
    pub body: Value,
    /// Tries so far.
    pub attempts: u32,
    /// When it is tried next.
    pub next_attempt_at: Timestamp,
    /// Why the last try failed.
    pub last_error: Option<String>,
}

/// Which workflows to list, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WorkflowFilter {
    /// Only those in this state.
    pub status: Option<WorkflowStatus>,
    /// At most so many; 0 is no limit.
    pub limit: u32,
}

/// Which approvals to list, the oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ApprovalFilter {
    /// Only those in this state.
    pub status: Option<ApprovalStatus>,
    /// Only those of this workflow.
    pub workflow_id: Option<WorkflowId>,
    /// Only those with this idempotency key.
    pub idempotency_key: Option<String>,
    /// At most so many; 0 is no limit.
    pub limit: u32,
}

/// The journal. Every method may fail with [`JournalError`].
#[async_trait]
pub trait Journal: Send + Sync + std::fmt::Debug {
    /// Writes a transaction durably, whole or not at all.
    async fn commit(&self, transaction: Transaction) -> Result<Committed, JournalError>;

    /// One workflow.
    async fn workflow(&self, id: WorkflowId) -> Result<Option<WorkflowSummary>, JournalError>;

    /// Workflows, the newest first.
    async fn workflows(&self, filter: &WorkflowFilter) -> Result<Vec<WorkflowSummary>, JournalError>;

    /// Workflows on which something is still to happen, the oldest first.
    async fn unfinished(&self) -> Result<Vec<WorkflowId>, JournalError>;

    /// A workflow's input; `None` when it is unknown or retired.
    async fn input(&self, id: WorkflowId) -> Result<Option<WorkflowInput>, JournalError>;

    /// A workflow's events with numbers above `after`, in order, at most `limit`.
    async fn events(
        &self,
        id: WorkflowId,
        after: u64,
        limit: u32,
    ) -> Result<Vec<RecordedEvent>, JournalError>;

    /// One approval.
    async fn approval(&self, id: &ApprovalId) -> Result<Option<Approval>, JournalError>;

    /// Approvals, the oldest first.
    async fn approvals(&self, filter: &ApprovalFilter) -> Result<Vec<Approval>, JournalError>;

    /// Deliveries whose next try is due, the longest due first.
    async fn due_deliveries(&self, now: Timestamp, limit: u32) -> Result<Vec<Delivery>, JournalError>;

    /// When the next delivery is due; `None` when there is none.
    async fn next_delivery_at(&self) -> Result<Option<Timestamp>, JournalError>;

    /// Feedback events with numbers above `after`, in order, at most `limit`.
    async fn feedback(&self, after: u64, limit: u32) -> Result<Vec<RecordedFeedback>, JournalError>;

    /// Whether a feedback event of that key is there.
    async fn has_feedback(&self, key: &str) -> Result<bool, JournalError>;

    /// Drops inputs and events of workflows that closed before the time; decisions, executions and feedback stay.
    /// Returns how many workflows were retired.
    async fn retire(&self, closed_before: Timestamp) -> Result<u64, JournalError>;

    /// Whether it can be written now.
    async fn check(&self) -> Result<(), JournalError>;
}
