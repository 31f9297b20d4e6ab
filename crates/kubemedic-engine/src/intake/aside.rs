//! Exceptions that a debug entry prints below itself: the program caught them, so they are as quiet as the entry.
//! An exception below any other entry may be one that nobody caught and stays an error.

use kubemedic_model::log::{LogRecord, Severity};

use super::SourcedRecord;

/// Gives the stack trace that directly follows a debug entry the severity of that entry.
pub(super) fn quieten(records: &mut [SourcedRecord]) {
    let mut before: Option<&SourcedRecord> = None;
    for entry in records.iter_mut() {
        if let Some(head) = before.filter(|head| is_below(head, entry) && is_bare_trace(&entry.record)) {
            entry.record.severity = head.record.severity;
        }
        before = Some(entry);
    }
}

/// Whether an entry stands directly below a dated debug entry.
fn is_below(head: &SourcedRecord, entry: &SourcedRecord) -> bool {
    let quiet = matches!(head.record.severity, Severity::Debug | Severity::Trace);
    let next = head.record.line.saturating_add(u64::from(head.record.line_count));
    quiet && head.record.timestamp.is_some() && head.part == entry.part && next == entry.record.line
}

/// Whether an entry is the name of an exception class and its frames, as loggers print a throwable: no date, no thread.
fn is_bare_trace(record: &LogRecord) -> bool {
    let Some((first, frames)) = record.message.split_once('\n') else {
        return false;
    };
    let class = first.split(':').next().unwrap_or("");
    let is_class = class.contains('.') && !class.contains(char::is_whitespace);
    let ending = ["Exception", "Error"]
        .iter()
        .any(|ending| class.ends_with(ending));
    record.timestamp.is_none() && is_class && ending && frames.trim_start().starts_with("at ")
}

#[cfg(test)]
mod tests;
