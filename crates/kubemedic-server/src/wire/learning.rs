//! What an operator does with learning, on the wire.

use kubemedic_model::{feedback::DriftScope, learning::Signal};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::fields::{FieldError, Fields};

/// Which labels of a record are taken back.
#[derive(Debug, ToSchema)]
#[schema(as = Retraction)]
pub(crate) struct RetractRequest {
    /// The record.
    #[schema(example = "workflow_123_remediation_1234567890")]
    pub(crate) feedback_id: String,
    /// Only what this signal taught; everything where absent.
    #[schema(value_type = Option<String>, pattern = "^(approval|reason|preference|rating|outcome)$", example = "rating")]
    pub(crate) signal: Option<Signal>,
    /// The sender's idempotency key.
    pub(crate) event_id: Option<String>,
}

impl RetractRequest {
    pub(crate) fn read(object: &Map<String, Value>) -> Result<Self, Vec<FieldError>> {
        const WORDS: [(&str, Signal); 5] = [
            ("approval", Signal::Approval),
            ("reason", Signal::Reason),
            ("preference", Signal::Preference),
            ("rating", Signal::Rating),
            ("outcome", Signal::Outcome),
        ];
        let mut fields = Fields::new(object, vec!["body".into()]);
        let request = Self {
            feedback_id: fields.required_text("feedback_id"),
            signal: fields.word("signal", &WORDS),
            event_id: fields.text("event_id").filter(|id| !id.trim().is_empty()),
        };
        fields.finish().map(|()| request)
    }
}

/// The answer to a retraction.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RetractAnswer {
    /// Always true.
    pub(crate) success: bool,
    /// What was done.
    pub(crate) message: String,
    /// The record.
    pub(crate) feedback_id: String,
    /// How many labels were taken back; 0 where there were none, or none any more.
    pub(crate) retracted: usize,
    /// The digest of what is learnt now.
    pub(crate) state_hash: String,
    /// Present and true when it was taken back before: nothing changed.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) duplicate: bool,
}

/// What folding the whole journal gave.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReplayAnswer {
    /// How many feedback events were folded.
    pub(crate) events: u64,
    /// The number of the newest of them.
    pub(crate) sequence: u64,
    /// The digest of what they teach.
    pub(crate) state_hash: String,
    /// The digest of the ledger in use, at the same number. Absent with `verify=false`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) live_state_hash: Option<String>,
    /// Whether both are equal. Absent with `verify=false`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) is_verified: Option<bool>,
}

/// Whose behaviour changed.
#[derive(Debug, ToSchema)]
#[schema(as = Reset)]
pub(crate) struct ResetRequest {
    /// `team` or `cluster`.
    #[schema(value_type = String, pattern = "^(team|cluster)$", examples("team", "cluster"))]
    pub(crate) scope: DriftScope,
    /// Its name.
    #[schema(example = "payments")]
    pub(crate) name: String,
    /// The sender's idempotency key. Without one every request ages anew.
    pub(crate) event_id: Option<String>,
}

impl ResetRequest {
    pub(crate) fn read(object: &Map<String, Value>) -> Result<Self, Vec<FieldError>> {
        const WORDS: [(&str, DriftScope); 2] = [("team", DriftScope::Team), ("cluster", DriftScope::Cluster)];
        let mut fields = Fields::new(object, vec!["body".into()]);
        let request = Self {
            scope: fields.required_word("scope", &WORDS).unwrap_or(DriftScope::Team),
            name: fields.required_text("name"),
            event_id: fields.text("event_id").filter(|id| !id.trim().is_empty()),
        };
        fields.finish().map(|()| request)
    }
}

/// The answer to a reset.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ResetAnswer {
    /// Always true.
    pub(crate) success: bool,
    /// What was done.
    pub(crate) message: String,
    /// `team` or `cluster`.
    pub(crate) scope: &'static str,
    /// Its name.
    pub(crate) name: String,
    /// The digest of what is learnt now.
    pub(crate) state_hash: String,
    /// Present and true when it was done before: nothing changed.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) duplicate: bool,
}
