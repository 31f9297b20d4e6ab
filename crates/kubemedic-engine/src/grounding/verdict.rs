//! What became of a model's reply: what stands, what was dropped and why, and where engine and model disagree.

use kubemedic_model::{
    class::FailureClass,
    diagnosis::{Confidence, Verdict},
    finding::Priority,
    resource::ResourceRef,
};
use serde::{Deserialize, Serialize};

use super::reply::InsightKind;

/// A reply after the checks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Grounded<T> {
    /// What stands: the engine's answer with what the model may add.
    pub value: T,
    /// What was dropped, in the order of the reply.
    pub dropped: Vec<Dropped>,
    /// Where the first causes of engine and model differ.
    pub disagreement: Option<Disagreement>,
    /// What to tell the model once, in words that it can act on; empty when nothing was refused.
    pub repair: Vec<String>,
}

impl<T> Grounded<T> {
    /// A value to which the model added nothing.
    pub fn unchanged(value: T) -> Self {
        Self {
            value,
            dropped: Vec::new(),
            disagreement: None,
            repair: Vec::new(),
        }
    }
}

/// Why a part of a reply was dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DropKind {
    /// It cites an id of no evidence, finding, line or claim.
    UnknownId,
    /// It names an object that neither the state nor the evidence knows.
    UnknownObject,
    /// It names a failure class, finer cause, strategy, priority or plan that there is not.
    UnknownWord,
    /// It cites nothing.
    NoEvidence,
    /// What it cites does not show what it claims.
    Unsupported,
    /// It claims more than the verdict allows.
    Verdict,
    /// It repeats something.
    Duplicate,
    /// The command is forbidden, not understood, riskier than allowed or about something else.
    Command,
    /// It is longer or more than there is room for.
    TooMuch,
}

impl DropKind {
    /// The word of metrics and journals.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UnknownId => "unknown_id",
            Self::UnknownObject => "unknown_object",
            Self::UnknownWord => "unknown_word",
            Self::NoEvidence => "no_evidence",
            Self::Unsupported => "unsupported",
            Self::Verdict => "verdict",
            Self::Duplicate => "duplicate",
            Self::Command => "command",
            Self::TooMuch => "too_much",
        }
    }
}

/// A part of a reply that was dropped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dropped {
    /// Why.
    pub kind: DropKind,
    /// What, in one bounded sentence that may quote the reply; redaction is the caller's.
    pub what: String,
}

/// What one side takes to be the first cause.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Opinion {
    /// Its verdict.
    pub verdict: Verdict,
    /// The class of its first cause, if it names one.
    pub class: Option<FailureClass>,
    /// The object of its first cause, if it names one.
    pub object: Option<ResourceRef>,
    /// How sure it may be: calibrated for the engine, capped by its support for a model.
    pub confidence: Confidence,
}

/// Whose first cause stands first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Chosen {
    /// The engine's.
    Engine,
    /// The model's.
    Model,
}

/// Engine and model name different first causes. Both stay in the diagnosis.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Disagreement {
    /// What the engine says.
    pub engine: Opinion,
    /// What the model says, as far as it is grounded.
    pub model: Opinion,
    /// Whose cause stands first.
    pub decided_for: Chosen,
    /// The rule that decided, in a sentence of our own words.
    pub reason: String,
    /// Why the model disagrees, in its words: bounded and cleaned, not yet redacted.
    pub model_reason: Option<String>,
}

/// What a model makes of a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Insight {
    /// The finding: its place among the errors, then the warnings of the monitoring, counted from 0 (`F1` is 0).
    pub finding: usize,
    /// What it means, in the model's words: bounded and cleaned, not yet redacted.
    pub meaning: String,
    /// What part it plays.
    pub kind: InsightKind,
    /// Another priority: one step more urgent than the finding's, never less.
    pub priority: Option<Priority>,
}

impl Dropped {
    pub(super) fn new(kind: DropKind, what: String) -> Self {
        Self { kind, what }
    }
}
