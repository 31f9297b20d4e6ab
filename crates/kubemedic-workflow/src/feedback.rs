//! Judging plans, and what was learnt from judgements.

use kubemedic_model::{
    feedback::{ApprovalReport, FeedbackRecord, Rating},
    id::{FeedbackId, WorkflowId},
    outcome::{Execution, Outcome},
};
use kubemedic_ports::journal::JournalError;
use serde_json::Value;

/// Why feedback was not taken. Nothing was stored.
#[derive(Debug, thiserror::Error)]
pub enum FeedbackError {
    /// There is no such record.
    #[error("Feedback ID '{0}' not found")]
    UnknownFeedback(String),
    /// No record has such an approval.
    #[error("No feedback found for approval_id: {0}")]
    UnknownApproval(String),
    /// The journal did not take it.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// Whether something was new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Novelty {
    /// It was recorded.
    Recorded,
    /// It was recorded before.
    Duplicate,
}

/// A webhook's report with what is ours in it.
#[derive(Debug, Clone, PartialEq)]
pub struct WebhookReport {
    /// The report.
    pub report: ApprovalReport,
    /// Executions that the other server tells, by command index.
    pub executions: Vec<(usize, Execution)>,
    /// The sender's idempotency key: `event_id`, else the `webhook-id` header. `None`: a digest of the report.
    pub key: Option<String>,
}

/// Judging, and what was learnt.
#[derive(Debug)]
pub struct Feedback {}

impl Feedback {
    /// Records a rating; the values are in range already.
    ///
    /// # Errors
    /// [`FeedbackError`].
    pub async fn rate(&self, rating: Rating) -> Result<(), FeedbackError> {
        Err(FeedbackError::UnknownFeedback(rating.feedback_id.to_string()))
    }

    /// Records what another approval server tells. It authorises nothing.
    ///
    /// # Errors
    /// [`FeedbackError`].
    pub async fn report(&self, report: WebhookReport) -> Result<Novelty, FeedbackError> {
        Err(FeedbackError::UnknownApproval(
            report.report.approval_id.to_string(),
        ))
    }

    /// Records what came of a plan. The key is the sender's `event_id`.
    ///
    /// # Errors
    /// [`FeedbackError`].
    pub async fn outcome(
        &self,
        id: FeedbackId,
        _outcome: Outcome,
        _observed_at: Option<jiff::Timestamp>,
        _key: Option<String>,
    ) -> Result<Novelty, FeedbackError> {
        Err(FeedbackError::UnknownFeedback(id.to_string()))
    }

    /// The contract's statistics over everything.
    pub async fn statistics(&self) -> Value {
        Value::Null
    }

    /// The statistics of the Remediation Agent alone.
    pub async fn agent_statistics(&self) -> Value {
        Value::Null
    }

    /// Suggestions of raters, and `Avoid: <reason>` for rejections, without repetitions.
    pub async fn improvements(&self) -> Vec<String> {
        Vec::new()
    }

    /// The records with the highest rewards of at least `min_reward`.
    pub async fn top_examples(&self, _limit: usize, _min_reward: f64) -> Vec<FeedbackRecord> {
        Vec::new()
    }

    /// The records of a workflow.
    pub async fn of_workflow(&self, _id: WorkflowId) -> Vec<FeedbackRecord> {
        Vec::new()
    }
}
