//! The Monitoring Agent's decisions: records, events and object states to findings, duplicates counted once.
//! It does not look for causes: that is `analysis`.

mod collect;
mod event;
mod kind;
mod object;
mod pace;
mod signal;
mod template;

#[cfg(test)]
mod tests;

use std::collections::HashSet;

use kubemedic_model::{finding::Finding, log::LogRecord};

pub(crate) use self::template::{Hashed, mix};
pub use self::template::{
    MAX_TEMPLATES, SnapshotError, TemplateId, Templates, TemplatesSnapshot, template_of,
};
use crate::intake::{Intake, SourcedRecord};

/// What the Monitoring Agent extracts.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Monitoring {
    /// Errors and fatal entries and warning events that mean a failure, the gravest first.
    pub errors: Vec<Finding>,
    /// Warnings, the gravest first.
    pub warnings: Vec<Finding>,
    /// Occurrences of errors.
    pub total_errors: u64,
    /// Occurrences of warnings.
    pub total_warnings: u64,
}

impl Monitoring {
    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.errors.is_empty() && self.warnings.is_empty()
    }
}

/// How often a record stands for others that were left out.
fn repeats(intake: &Intake, record: &SourcedRecord) -> u64 {
    let found = intake.repeats.get(&record.record.line);
    found.filter(|_| record.part.is_empty()).copied().unwrap_or(0)
}

/// Whether any of the records calls itself an error or a warning, or plainly states a failure.
pub fn tells_of_failure(records: &[LogRecord]) -> bool {
    records.iter().any(|record| signal::severity_of(record).is_some())
}

/// Extracts and deduplicates errors and warnings: one finding for each template of each service.
/// The order is by priority, severity, count and line, and the same input gives the same result.
pub fn monitor(intake: &Intake) -> Monitoring {
    let mut collector = collect::Collector::default();
    for record in &intake.records {
        if let Some(severity) = signal::severity_of(&record.record) {
            let mut occurrence = collect::Occurrence::of_record(record, severity);
            occurrence.count += repeats(intake, record);
            collector.add(&occurrence);
        }
    }
    // A line may be kept both as an entry and as a note; it is one occurrence.
    let recorded: HashSet<(&str, u64)> = intake
        .records
        .iter()
        .filter(|_| !intake.notes.is_empty())
        .map(|it| (it.part.as_str(), it.record.line))
        .collect();
    let notes = intake
        .notes
        .iter()
        .filter(|note| !recorded.contains(&(note.part.as_str(), note.line)));
    for note in notes {
        if let Some(severity) = signal::plain_failure(&note.text) {
            collector.add(&collect::Occurrence::of_note(note, severity));
        }
    }
    for occurrence in event::occurrences(&intake.snapshot) {
        collector.add(&occurrence);
    }
    for occurrence in object::occurrences(&intake.snapshot) {
        collector.add(&occurrence);
    }
    let (errors, warnings) = collector.finish(&intake.records);
    let total = |findings: &[Finding]| {
        findings
            .iter()
            .fold(0_u64, |sum, finding| sum.saturating_add(finding.count))
    };
    Monitoring {
        total_errors: total(&errors),
        total_warnings: total(&warnings),
        errors,
        warnings,
    }
}
