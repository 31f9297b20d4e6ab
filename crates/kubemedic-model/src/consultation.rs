//! What became of one consultation of a language model by an agent, as the journal keeps it: who answered, what it cost, what of
//! the answer was not accepted, and why the engine's answer stands where it does.

use serde::{Deserialize, Serialize};

use crate::{event::Agent, usage::ModelSpending};

/// The most refused claims that a consultation keeps.
pub const MAX_DROPPED: usize = 20;

/// How a consultation ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum ConsultationOutcome {
    /// The answer was accepted, as far as it held.
    Used {
        /// The model that answered, as `provider:model`.
        model: String,
        /// Whether the answer came from the cache and cost nothing.
        from_cache: bool,
    },
    /// The engine's answer stands alone.
    NotUsed {
        /// Why, in a sentence for a person.
        reason: String,
    },
}

/// One consultation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consultation {
    /// Which agent asked.
    pub agent: Agent,
    /// How it ended.
    #[serde(flatten)]
    pub outcome: ConsultationOutcome,
    /// What it cost, failed tries included.
    pub spending: ModelSpending,
    /// What of the answer was refused, each with the reason; at most [`MAX_DROPPED`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dropped: Vec<String>,
    /// Where engine and model name different causes: both, which one stands first, and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disagreement: Option<String>,
    /// What happened on the way, such as a fallback to another model.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}
