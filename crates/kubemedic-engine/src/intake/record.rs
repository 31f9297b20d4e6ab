//! One record of a log while it is read: it borrows from the text wherever the text says it literally.

use std::borrow::Cow;

use jiff::Timestamp;
use kubemedic_model::log::{LogRecord, LogSource, Severity};

use super::lines::{Fields, Source};

/// One entry of a log with the lines that were joined to it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Record<'a> {
    /// The first line, counted from 1.
    pub line: u64,
    /// How many lines it covers.
    pub line_count: u32,
    /// When it was written, if it tells.
    pub timestamp: Option<Timestamp>,
    /// How grave it is.
    pub severity: Severity,
    /// The message without prefix, time and level; continuation lines joined by newlines.
    pub message: Cow<'a, str>,
    /// Whether its first line itself tells a time, a severity or a structure.
    pub headed: bool,
    /// Where it comes from.
    pub(super) source: Source<'a>,
    /// Its other fields.
    pub(super) fields: Fields<'a>,
}

impl Record<'_> {
    /// The most telling name of its source: pod, else service, else container.
    pub fn source_name(&self) -> Option<&str> {
        self.source.name()
    }

    /// The model's form with all fields, completed by what the surroundings tell of the source.
    pub fn into_log_record(self, surroundings: &LogSource) -> LogRecord {
        LogRecord {
            line: self.line,
            line_count: self.line_count,
            timestamp: self.timestamp,
            severity: self.severity,
            source: self.source.within(surroundings),
            message: self.message.into_owned(),
            fields: self.fields.into_map(),
        }
    }

    /// The same record without the text.
    pub fn into_owned(self) -> Record<'static> {
        Record {
            line: self.line,
            line_count: self.line_count,
            timestamp: self.timestamp,
            severity: self.severity,
            message: Cow::Owned(self.message.into_owned()),
            headed: self.headed,
            source: self.source.into_owned(),
            fields: self.fields.into_owned(),
        }
    }

    /// Lets it reach to a line; lines of another stream between count as covered too.
    pub(super) fn extend_to(&mut self, line: u64) {
        let span = line.saturating_sub(self.line).saturating_add(1);
        self.line_count = self.line_count.max(u32::try_from(span).unwrap_or(u32::MAX));
    }
}
