//! Bytes to log records and typed cluster objects. It never fails on content: an odd line is kept as it is.
//! It does not judge: what an entry means is decided in `monitoring` and `analysis`.

use kubemedic_model::{
    evidence_object::{EvidenceObject, WorkflowInput},
    log::LogRecord,
    snapshot::ClusterSnapshot,
};

/// What was read from an input.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Intake {
    /// The log entries, in the order of the input; each part of an evidence object counts its lines from 1.
    pub records: Vec<SourcedRecord>,
    /// The cluster objects and events.
    pub snapshot: ClusterSnapshot,
    /// Text that reads like neither a log entry nor kubectl output but names objects and facts
    /// (`pod mailer-0 ns mail requests memory 64Gi`), line by line.
    pub notes: Vec<Note>,
    /// What the person asks.
    pub query: Option<String>,
    /// Lines read.
    pub lines: u64,
}

/// A log entry and the part of the input that it stood in (empty for a pasted text).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SourcedRecord {
    /// The part of the input.
    pub part: String,
    /// The entry.
    pub record: LogRecord,
}

/// A line of free text.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Note {
    /// The part of the input.
    pub part: String,
    /// The line, counted from 1.
    pub line: u64,
    /// Its text.
    pub text: String,
}

/// Reads an input.
pub fn read(input: &WorkflowInput) -> Intake {
    match input {
        WorkflowInput::Text(text) => read_text(text),
        WorkflowInput::Evidence(evidence) => read_evidence(evidence),
    }
}

/// Reads a pasted text: logs, kubectl output, YAML or JSON objects, in any mixture.
pub fn read_text(_text: &str) -> Intake {
    Intake::default()
}

/// Reads an evidence object.
pub fn read_evidence(_evidence: &EvidenceObject) -> Intake {
    Intake::default()
}
