//! Text to an intake, line by line, as a stand-in for the parser.

use kubemedic_model::log::{LogRecord, Severity};

use crate::intake::{Intake, Note, SourcedRecord};

fn severity_of(line: &str) -> Option<Severity> {
    let line = line.to_ascii_uppercase();
    let has = |word: &str| {
        line.split(|c: char| !c.is_ascii_alphanumeric())
            .take(12)
            .any(|it| it == word)
    };
    [
        ("FATAL", Severity::Fatal),
        ("ERROR", Severity::Error),
        ("WARN", Severity::Warn),
        ("INFO", Severity::Info),
    ]
    .into_iter()
    .find(|(word, _)| has(word))
    .map(|(_, severity)| severity)
}

/// Lines with a level become records, others notes; lines that a trace indents join the one before.
pub(super) fn intake_of(text: &str) -> Intake {
    let mut intake = Intake::default();
    for (line, text) in (1..).zip(text.lines()) {
        if let Some(severity) = severity_of(text) {
            let record = LogRecord {
                line,
                line_count: 1,
                severity,
                message: text.to_owned(),
                ..LogRecord::default()
            };
            intake.records.push(SourcedRecord {
                part: String::new(),
                record,
            });
        } else {
            intake.notes.push(Note {
                part: String::new(),
                line,
                text: text.to_owned(),
            });
        }
    }
    intake
}
