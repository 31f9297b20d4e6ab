//! Why no model's answer was used, in words for a person. The provider's words in it are cut and redacted.

use std::{fmt, sync::Arc, time::Duration};

use jiff::Timestamp;
use kubemedic_engine::redaction::{Redactor, rules::Rules};
use kubemedic_ports::chat_model::{ChatError, ModelName};
use serde::{Deserialize, Serialize};

use super::budget::OverBudget;

/// The most characters of a provider's words that are kept.
const MAX_REASON_CHARS: usize = 200;
/// What is looked at of a provider's words for secrets.
const MAX_READ_CHARS: usize = 4000;

/// No model's answer was used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotUsed {
    /// The agent has no model.
    NotConfigured,
    /// A budget of tokens or money is used up.
    Budget(OverBudget),
    /// The time of the workflow's models is over.
    Deadline {
        /// How much time they had.
        limit: Duration,
        /// Since when.
        since: Timestamp,
        /// What happened last: the model and what it did.
        last: Option<String>,
    },
    /// The models of the agent gave no answer.
    Failed {
        /// The last one.
        model: ModelName,
        /// Its failure; of a model that was not asked, the failure for which it rests.
        error: ChatError,
        /// How often it was asked: 0 while it rests.
        tries: u32,
        /// What the models before it did.
        notes: Vec<String>,
    },
    /// A transcript answers, and this question is not in it.
    NotRecorded {
        /// The question's digest.
        digest: String,
    },
    /// The process stops.
    Stopping,
}

impl std::error::Error for NotUsed {}

impl NotUsed {
    /// The word of metrics.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::NotConfigured => "not_configured",
            Self::Budget(_) => "budget",
            Self::Deadline { .. } => "deadline",
            Self::Failed { error, .. } => error.kind(),
            Self::NotRecorded { .. } => "not_recorded",
            Self::Stopping => "stopping",
        }
    }
}

impl fmt::Display for NotUsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotConfigured => f.write_str("no language model is configured for this agent"),
            Self::Budget(over) => over.fmt(f),
            Self::Deadline { limit, since, last } => {
                write!(
                    f,
                    "language models had {} seconds in this workflow, since {since}, and they are over; \
                     MODEL_WORKFLOW_TIMEOUT_SECONDS sets them",
                    limit.as_secs()
                )?;
                last.as_ref().map_or(Ok(()), |last| write!(f, "; at last {last}"))
            }
            Self::Failed {
                model,
                error,
                tries,
                notes,
            } => {
                for note in notes {
                    write!(f, "{note}; ")?;
                }
                write!(f, "{model} {}", failure(error, *tries))
            }
            Self::NotRecorded { digest } => write!(
                f,
                "the transcript has no answer to this question ({digest}): record it again with MODEL_RECORD_FILE"
            ),
            Self::Stopping => f.write_str("the process stops"),
        }
    }
}

/// What a model did, after its name.
pub(super) fn failure(error: &ChatError, tries: u32) -> String {
    match tries {
        0 => format!("rests after a failure: {error}"),
        1 => format!("gave no answer: {error}"),
        tries => format!("gave no answer in {tries} tries: {error}"),
    }
}

/// The same failure with the provider's words redacted and cut.
pub(super) fn presentable(mut error: ChatError, rules: &Arc<Rules>) -> ChatError {
    if let Some(reason) = error.reason_mut() {
        *reason = presentable_text(reason, rules);
    }
    error
}

fn presentable_text(text: &str, rules: &Arc<Rules>) -> String {
    let read: String = text.chars().take(MAX_READ_CHARS).collect();
    let redacted = Redactor::with_rules(Arc::clone(rules)).redact(&read).into_owned();
    if redacted.chars().count() <= MAX_REASON_CHARS {
        return redacted;
    }
    let cut = redacted.chars().take(MAX_REASON_CHARS - 1);
    cut.chain(['…']).collect()
}

#[cfg(test)]
mod tests;
