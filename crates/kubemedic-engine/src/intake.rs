//! Bytes to log records and typed cluster objects. It never fails on content: an odd line is kept as it is.
//! It does not judge: what an entry means is decided in `monitoring` and `analysis`.

mod alerts;
mod aside;
mod cells;
mod collector;
mod command;
mod describe;
mod evidence;
mod gateway;
pub mod json_text;
mod lines;
mod merge;
mod metrics;
mod multiline;
mod namespaces;
mod objects;
mod record;
mod segments;
mod severity;
pub mod stream;
mod tables;
mod timestamp;

use std::{borrow::Cow, collections::BTreeMap};

use kubemedic_model::{
    evidence_object::{EvidenceObject, WorkflowInput},
    log::{LogRecord, LogSource},
    snapshot::ClusterSnapshot,
};

use crate::condense::Condensed;
use collector::Collector;

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
    /// How often the entry at a line of the part without a name occurs besides; none where the input was read whole.
    pub repeats: BTreeMap<u64, u64>,
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

/// A text is not an evidence object.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IntakeError {
    /// The text is not JSON.
    #[error("the evidence is not JSON ({0}): send a JSON object, or the log text itself as text/plain")]
    NotJson(String),
    /// The JSON is not an object.
    #[error(
        "the evidence is not a JSON object: send an object with logs, kubectl, objects, alerts or source"
    )]
    NotAnObject,
    /// A key has a value of another type.
    #[error("'{key}' must be {expected}")]
    WrongType {
        /// The key.
        key: &'static str,
        /// What it must be.
        expected: &'static str,
    },
    /// None of the keys of evidence is there.
    #[error("the evidence is empty: at least one of logs, kubectl, objects, alerts and source is needed")]
    NoEvidence,
}

/// Reads an input.
pub fn read(input: &WorkflowInput) -> Intake {
    let mut intake = match input {
        WorkflowInput::Text(text) => read_text(text),
        WorkflowInput::Evidence(evidence) => read_evidence(evidence),
    };
    aside::quieten(&mut intake.records);
    intake
}

/// Reads a pasted text: logs, kubectl output, YAML or JSON objects, in any mixture.
/// The snapshot's namespace is set where commands and notes name exactly one.
pub fn read_text(text: &str) -> Intake {
    let mut collector = Collector::default();
    let content = segments::read(&mut collector, "", text, None);
    of_pasted(collector, content)
}

/// Reads what is left of a log that was too long to be read whole: entries have the line numbers of that log, and those
/// that stand for others count as often.
pub fn read_condensed(condensed: &Condensed) -> Intake {
    let mut collector = Collector::default();
    let content = segments::read_excerpt(&mut collector, &condensed.text, &condensed.numbers);
    let mut intake = of_pasted(collector, content);
    intake.lines = condensed.lines;
    intake.repeats.clone_from(&condensed.repeats);
    aside::quieten(&mut intake.records);
    intake
}

/// The intake of a text without parts.
fn of_pasted(collector: Collector, content: segments::PartContent) -> Intake {
    let mut named: Vec<&str> = content
        .notes
        .iter()
        .flat_map(|note| namespaces::in_text(&note.text))
        .chain(content.namespaces.iter().map(String::as_str))
        .collect();
    named.sort_unstable();
    named.dedup();
    let mut snapshot = collector.into_snapshot();
    if let [namespace] = named.as_slice() {
        snapshot.namespace = Some((*namespace).to_owned());
    }
    Intake {
        records: content.records,
        snapshot,
        notes: content.notes,
        lines: content.lines,
        ..Intake::default()
    }
}

/// Reads an evidence object: its objects first, then what kubectl printed, then logs. Alerts that fire become notes and
/// typed alerts, `metrics_csv` becomes series.
pub fn read_evidence(evidence: &EvidenceObject) -> Intake {
    evidence::read(evidence)
}

/// Reads log lines and nothing else: no kubectl output, no objects.
pub fn log_records(text: &str) -> Vec<LogRecord> {
    let numbered = (1_u64..).zip(text.lines());
    segments::read_log("", numbered, &LogSource::default())
        .into_iter()
        .map(|it| it.record)
        .collect()
}

/// The text of bytes. What is not UTF-8 is replaced, except where a container runtime cut a line inside a character:
/// that character is put together again.
pub fn decode(bytes: &[u8]) -> Cow<'_, str> {
    lines::decode(bytes)
}

/// Reads an evidence object from JSON: unknown keys are ignored, `null` counts as absent.
///
/// # Errors
///
/// [`IntakeError`] names the key whose value has the wrong type, or says that no evidence is there.
pub fn parse_evidence_object(text: &str) -> Result<EvidenceObject, IntakeError> {
    evidence::parse(text)
}

/// Whether a text is an evidence object rather than a log or a Kubernetes object.
pub fn looks_like_evidence_object(text: &str) -> bool {
    evidence::looks_like(text)
}

#[cfg(test)]
mod tests;
