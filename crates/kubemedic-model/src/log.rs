//! Log records: one entry of a log after formats, prefixes and joined lines have been understood.

use std::{collections::BTreeMap, fmt};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How grave a log entry calls itself, in the names of OpenTelemetry's short severity texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The entry does not tell.
    #[default]
    Unknown,
    /// TRACE
    Trace,
    /// DEBUG
    Debug,
    /// INFO and notice
    Info,
    /// WARN
    Warn,
    /// ERROR
    Error,
    /// FATAL, critical, alert, emergency, panic
    Fatal,
}

impl Severity {
    /// The word of the contract, in lower case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Trace => "trace",
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
            Self::Fatal => "fatal",
        }
    }

    /// Error or fatal.
    pub fn is_error(self) -> bool {
        self >= Self::Error
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Where an entry came from, as far as its text or its place in the evidence tells.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct LogSource {
    /// The namespace.
    pub namespace: Option<String>,
    /// The pod.
    pub pod: Option<String>,
    /// The container.
    pub container: Option<String>,
    /// The service or logger that names itself.
    pub service: Option<String>,
}

impl LogSource {
    /// The most telling name: pod, else service, else container.
    pub fn name(&self) -> Option<&str> {
        self.pod
            .as_deref()
            .or(self.service.as_deref())
            .or(self.container.as_deref())
    }
}

/// One log entry.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct LogRecord {
    /// The first line of the entry, counted from 1 in the input that it came from.
    pub line: u64,
    /// How many lines of the input it covers (a joined stack trace covers several).
    pub line_count: u32,
    /// When it was written, if it tells.
    pub timestamp: Option<Timestamp>,
    /// How grave it calls itself.
    pub severity: Severity,
    /// Where it came from.
    pub source: LogSource,
    /// The message without prefix, time and level; continuation lines joined by newlines.
    pub message: String,
    /// The other fields of a structured entry, in order of their names.
    pub fields: BTreeMap<String, String>,
}

impl LogRecord {
    /// The first line of the message.
    pub fn headline(&self) -> &str {
        self.message.lines().next().unwrap_or("")
    }
}
