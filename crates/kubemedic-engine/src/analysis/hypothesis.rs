//! Hypotheses: what one rule or one catalogue entry claims, before all claims are ranked against each other.

use jiff::Timestamp;
use kubemedic_model::{
    class::FailureClass,
    diagnosis::Facts,
    evidence::{EvidenceKind, Origin},
    resource::ResourceRef,
};

/// What kind of claim it is. Causal ranking never lets a symptom win over a cause that explains it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Standing {
    /// It shows that something is wrong, not what (`CrashLoopBackOff`, `0/1 ready`, `HTTP 503 from our side`).
    Symptom,
    /// It names a cause by words alone: a log line or an event that the current state neither confirms nor denies.
    Reported,
    /// The current state of objects shows it.
    Verified,
}

/// One claim with what shows it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Hypothesis {
    /// The class claimed.
    pub(crate) class: FailureClass,
    /// A finer cause (TAXONOMY.md, last section), if the rule knows one.
    pub(crate) cause: Option<String>,
    /// The guilty object, if the rule knows it.
    pub(crate) object: Option<ResourceRef>,
    /// Other objects that take part.
    pub(crate) related: Vec<ResourceRef>,
    /// How likely the class is given these signals alone, 0..=1.
    pub(crate) likelihood: f64,
    /// What kind of claim it is.
    pub(crate) standing: Standing,
    /// One sentence of our own words with the decisive names and values (`resizer is OOM-killed at its memory limit of 256Mi`).
    pub(crate) sentence: String,
    /// Why these signals mean that, in one to three sentences.
    pub(crate) explanation: String,
    /// Names and values that plans use, verbatim from the evidence.
    pub(crate) facts: Facts,
    /// What shows it, the most telling first.
    pub(crate) evidence: Vec<Exhibit>,
}

/// A quoted fact before it has an id.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Exhibit {
    /// What it is.
    pub(crate) kind: EvidenceKind,
    /// The words, whole (they are cut when they become evidence).
    pub(crate) quote: String,
    /// Where they stand.
    pub(crate) origin: Origin,
    /// The object they are about.
    pub(crate) object: Option<ResourceRef>,
    /// The object's field.
    pub(crate) field: Option<String>,
    /// When it last happened.
    pub(crate) timestamp: Option<Timestamp>,
    /// How often.
    pub(crate) count: u64,
}
