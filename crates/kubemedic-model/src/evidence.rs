//! Evidence: the quoted facts that a claim rests on.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::resource::ResourceRef;

/// Names one piece of evidence within a diagnosis: `E1`, `E2`, ...
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EvidenceId(pub u32);

impl fmt::Display for EvidenceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "E{}", self.0)
    }
}

/// Where evidence was read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Origin {
    /// The part of the input: `logs`, a kubectl command line, `objects[3]`. Empty: the pasted text itself.
    pub part: String,
    /// The line in that part, counted from 1.
    pub line: Option<u64>,
}

/// What kind of fact a piece of evidence is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceKind {
    /// A log entry.
    Log,
    /// A Kubernetes event.
    Event,
    /// A field of an object's current state.
    State,
    /// A metric or an alert.
    Signal,
}

/// One quoted fact.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// Its id within the diagnosis.
    pub id: EvidenceId,
    /// What it is.
    pub kind: EvidenceKind,
    /// The words themselves, redacted and cut to at most 500 characters.
    pub quote: String,
    /// Where it was read.
    pub origin: Origin,
    /// The object that it is about, if known.
    pub object: Option<ResourceRef>,
    /// The field of the object, such as `status.containerStatuses[api].lastState.reason`.
    pub field: Option<String>,
    /// When it happened, if it tells.
    pub timestamp: Option<Timestamp>,
    /// How often it was seen.
    pub count: u64,
}
