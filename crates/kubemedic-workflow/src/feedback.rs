//! Judging plans, and what was learnt from judgements.

pub(crate) mod edits;
mod keeper;
pub(crate) mod reports;
mod statistics;

use std::{collections::BTreeMap, sync::Arc};

use kubemedic_engine::learning::{Ledger, learning_report, why};
use kubemedic_model::{
    digest::sha256,
    feedback::{ApprovalReport, FeedbackEvent, FeedbackRecord, Rating},
    id::{FeedbackId, WorkflowId},
    outcome::{Execution, Outcome},
};
use kubemedic_ports::journal::{JournalError, Write};
use serde_json::{Value, json};

use crate::{core::Core, events::cut};
pub(crate) use keeper::LedgerKeeper;

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

/// What another server says of one command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReportedDecision {
    /// It may run.
    Approve,
    /// It may not.
    Reject,
    /// Another form of it may.
    Edit {
        /// The other form; empty where it is not told.
        command: String,
    },
}

/// A webhook's report with what is ours in it.
#[derive(Debug, Clone, PartialEq)]
pub struct WebhookReport {
    /// The report.
    pub report: ApprovalReport,
    /// What was decided of single commands, by command index.
    pub decisions: BTreeMap<usize, ReportedDecision>,
    /// Executions that the other server tells, by command index.
    pub executions: Vec<(usize, Execution)>,
    /// The sender's idempotency key: `event_id`, else the `webhook-id` header. `None`: a digest of the report.
    pub key: Option<String>,
}

/// What somebody saw come of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeenOutcome {
    /// What came of it.
    pub outcome: Outcome,
    /// When it was seen; `None`: when it is told.
    pub observed_at: Option<jiff::Timestamp>,
    /// Whether it is a first look, which a later one replaces.
    pub is_provisional: bool,
}

/// Judging, and what was learnt.
#[derive(Debug)]
pub struct Feedback {
    core: Arc<Core>,
}

/// The longest comment or suggestion that is kept, in bytes.
const MAX_TEXT_BYTES: usize = 4096;
/// The most improvements that are told.
const MAX_IMPROVEMENTS: usize = 200;

impl Feedback {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// Records a rating; the values are in range already.
    ///
    /// # Errors
    /// [`FeedbackError`].
    pub async fn rate(&self, rating: Rating) -> Result<(), FeedbackError> {
        self.known(&rating.feedback_id)?;
        let rating = Rating {
            comments: self.redacted(rating.comments),
            improvements: self.redacted(rating.improvements),
            ..rating
        };
        let key = format!("rated:{}", self.core.ports.ids.fresh());
        self.append(key, FeedbackEvent::Rated(rating)).await?;
        Ok(())
    }

    /// Records what another approval server tells. It authorises nothing.
    ///
    /// # Errors
    /// [`FeedbackError`].
    pub async fn report(&self, report: WebhookReport) -> Result<Novelty, FeedbackError> {
        reports::record(&self.core, report).await
    }

    /// Records what came of a plan. A later look replaces an earlier one. The key is the sender's `event_id`.
    ///
    /// # Errors
    /// [`FeedbackError`].
    pub async fn outcome(
        &self,
        id: FeedbackId,
        seen: SeenOutcome,
        key: Option<String>,
    ) -> Result<Novelty, FeedbackError> {
        self.known(&id)?;
        let SeenOutcome {
            outcome,
            observed_at,
            is_provisional,
        } = seen;
        let look = if is_provisional { " provisional" } else { "" };
        let key = match (key, observed_at) {
            (Some(key), _) => format!("outcome:{id}:{key}"),
            (None, Some(at)) => {
                let digest = sha256(format!("{id} {outcome:?} {at}{look}").as_bytes());
                format!("outcome:{digest}")
            }
            (None, None) => format!("outcome:{}", self.core.ports.ids.fresh()),
        };
        let event = FeedbackEvent::Outcome {
            feedback_id: id,
            outcome,
            observed_at,
            is_provisional,
        };
        self.append(key, event).await
    }

    /// The contract's statistics over everything.
    pub fn statistics(&self) -> Value {
        let models = &self.core.ports.models;
        self.core
            .with_ledger(|ledger| statistics::overall(ledger, models))
    }

    /// Everything that was learnt, in figures.
    pub fn learning(&self) -> Value {
        self.core.with_ledger(|ledger| json!(learning_report(ledger)))
    }

    /// Why the proposals of a record stand where they stand; `None` for an unknown record.
    pub fn why(&self, id: &FeedbackId) -> Option<Value> {
        self.core
            .with_ledger(|ledger| why(ledger, id).map(|it| json!(it)))
    }

    /// The statistics of the Remediation Agent alone.
    pub fn agent_statistics(&self) -> Value {
        self.core.with_ledger(statistics::agent)
    }

    /// Suggestions of raters, and `Avoid: <reason>` for rejections, without repetitions, the newest first.
    pub fn improvements(&self) -> Vec<String> {
        let texts = self.core.with_ledger(Ledger::improvements);
        texts.into_iter().take(MAX_IMPROVEMENTS).collect()
    }

    /// The records with the highest rewards of at least `min_reward`.
    pub fn top_examples(&self, limit: usize, min_reward: f64) -> Vec<FeedbackRecord> {
        let examples = |ledger: &Ledger| {
            ledger
                .top_examples(limit, min_reward)
                .into_iter()
                .cloned()
                .collect()
        };
        self.core.with_ledger(examples)
    }

    /// The records of a workflow.
    pub fn of_workflow(&self, id: WorkflowId) -> Vec<FeedbackRecord> {
        self.core
            .with_ledger(|ledger| ledger.records_of_workflow(id).cloned().collect())
    }

    fn known(&self, id: &FeedbackId) -> Result<(), FeedbackError> {
        let known = self.core.with_ledger(|ledger| ledger.record(id).is_some());
        if known {
            Ok(())
        } else {
            Err(FeedbackError::UnknownFeedback(id.to_string()))
        }
    }

    async fn append(&self, key: String, event: FeedbackEvent) -> Result<Novelty, FeedbackError> {
        match self.core.commit(vec![Write::AppendFeedback { key, event }]).await {
            Ok(_) => Ok(Novelty::Recorded),
            Err(JournalError::Duplicate { .. }) => Ok(Novelty::Duplicate),
            Err(error) => Err(error.into()),
        }
    }

    fn redacted(&self, text: Option<String>) -> Option<String> {
        let redact = self.core.config.redact;
        text.map(|text| cut(&text, MAX_TEXT_BYTES)).map(|text| {
            if redact {
                self.core.redactor().redact(&text).into_owned()
            } else {
                text
            }
        })
    }
}
