//! Findings: what the Monitoring Agent extracts from records and events, duplicates counted once.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    evidence::Origin,
    log::{LogSource, Severity},
    resource::ResourceRef,
};

/// How urgent a finding is, on the wire `P0` to `P3`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Priority {
    /// Service down or data at risk.
    P0,
    /// Service degraded.
    P1,
    /// A fault without user impact yet.
    P2,
    /// Worth knowing.
    P3,
}

impl Priority {
    /// `P0` to `P3`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::P0 => "P0",
            Self::P1 => "P1",
            Self::P2 => "P2",
            Self::P3 => "P3",
        }
    }
}

/// One distinct error or warning, however often it occurred.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// The message with its variable parts masked; equal templates are one finding per source.
    pub template: String,
    /// The first message of the template, whole.
    pub message: String,
    /// A name for the kind of error, such as `java.lang.OutOfMemoryError` or `connection refused`.
    pub error_type: String,
    /// The gravest severity seen.
    pub severity: Severity,
    /// How urgent it is.
    pub priority: Priority,
    /// How often it occurred.
    pub count: u64,
    /// When it first occurred, if the records tell.
    pub first_seen: Option<Timestamp>,
    /// When it last occurred, if the records tell.
    pub last_seen: Option<Timestamp>,
    /// Where its occurrences stand, the first [`MAX_FINDING_LINES`] of them.
    pub lines: Vec<u64>,
    /// The part of the input and the first line.
    pub origin: Origin,
    /// Where it came from.
    pub source: LogSource,
    /// The object that it is about, for events and where the text names one.
    pub object: Option<ResourceRef>,
    /// The event's reason, when the finding is a Kubernetes event.
    pub event_reason: Option<String>,
    /// The stack trace that came with it.
    pub stack_trace: Option<String>,
    /// The code that it carries (exit code, HTTP status, SQLSTATE, errno), if any.
    pub error_code: Option<String>,
    /// How its occurrences stand out in time.
    #[serde(default)]
    pub pace: Pace,
}

/// How the occurrences of a finding stand out in the time of the stream that they come from. Nothing is said of streams that
/// are short or have no timestamps.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pace {
    /// The minute in which it occurred far more often than usual.
    pub burst: Option<Burst>,
    /// The minutes for which its stream had been steady when it first occurred, where that was late in the stream.
    pub new_after_minutes: Option<u64>,
}

/// A minute in which something occurred far more often than usual.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Burst {
    /// The beginning of the minute.
    pub minute: Timestamp,
    /// Occurrences in it.
    pub count: u64,
    /// Occurrences in the median minute of the stream.
    pub usual: u64,
}

/// The most line numbers that one finding keeps.
pub const MAX_FINDING_LINES: usize = 20;
