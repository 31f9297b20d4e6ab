//! The open entry of one stream of one container: what joins it, and the parts of a split line. Streams that are printed
//! through each other do not disturb one another.

use std::borrow::Cow;

use jiff::Timestamp;
use kubemedic_model::log::Severity;

use super::{MAX_MESSAGE_BYTES, forms, forms::Inside};
use crate::intake::{
    lines::{self, Entry, Fields, Parsed, Stream},
    record::Record,
    severity,
};

/// Which stream of which container a line is of; all lines without such a prefix share one.
pub(super) type Key = (u64, Option<Stream>);

/// The state of one stream.
#[derive(Debug, Default)]
pub(super) struct Lane<'a> {
    /// Whose lines they are.
    pub(super) key: Key,
    /// The entry that lines may still join.
    pub(super) open: Option<Record<'a>>,
    /// The entry whose next part is awaited.
    pub(super) partial: Option<Record<'a>>,
    /// The last line read.
    pub(super) last_line: u64,
    inside: Inside,
    /// Blank lines since the last line of the open entry.
    blanks: u32,
    /// The last whole time.
    time: Option<Timestamp>,
}

impl<'a> Lane<'a> {
    /// The state of a stream of which nothing was read yet.
    pub(super) fn new(key: Key) -> Self {
        Self {
            key,
            ..Self::default()
        }
    }

    /// The first line of what is not finished.
    pub(super) fn first_line(&self) -> Option<u64> {
        let lines = [&self.open, &self.partial];
        lines.into_iter().flatten().map(|record| record.line).min()
    }

    /// Notes a blank line.
    pub(super) fn blank(&mut self) {
        self.blanks += 1;
    }

    /// Ends what is open.
    pub(super) fn end(&mut self) -> [Option<Record<'a>>; 2] {
        self.inside = Inside::Nothing;
        self.blanks = 0;
        [self.partial.take(), self.open.take()]
    }

    /// The same state without the lines.
    pub(super) fn into_owned(self) -> Lane<'static> {
        Lane {
            key: self.key,
            open: self.open.map(Record::into_owned),
            partial: self.partial.map(Record::into_owned),
            last_line: self.last_line,
            inside: self.inside,
            blanks: self.blanks,
            time: self.time,
        }
    }

    /// Whether a line can only be the middle of the open entry.
    pub(super) fn continues_by_form(&self, line: &str) -> bool {
        self.open.is_some() && forms::continues_by_form(self.inside, self.blanks, line)
    }

    /// Adds a line to the open entry.
    pub(super) fn append(&mut self, number: u64, line: &str) {
        let Some(open) = &mut self.open else { return };
        self.blanks = 0;
        self.last_line = number;
        open.extend_to(number);
        let line = line.trim_end();
        if open.message.len() + line.len() < MAX_MESSAGE_BYTES {
            let message = open.message.to_mut();
            message.push('\n');
            message.push_str(line);
        }
        if self.inside == Inside::Json && line == "}" {
            reread(open);
            self.inside = Inside::Nothing;
            return;
        }
        self.inside = forms::advance(self.inside, line);
    }

    /// Takes an understood line; the entry that it finishes, if any. `line` is what the container wrote.
    pub(super) fn take(&mut self, number: u64, line: &str, mut entry: Entry<'a>) -> Option<Record<'a>> {
        self.last_line = number;
        if entry.timestamp.is_none()
            && let (Some(yearless), Some(time)) = (entry.yearless, self.time)
        {
            entry.timestamp = yearless.near(time);
        }
        if let Some(partial) = self.partial.take() {
            return self.join_partial(number, partial, line, entry.partial);
        }
        if self.completes_header(number, &entry, line) {
            return None;
        }
        if forms::is_database_detail(&entry.message) && self.blanks == 0 && self.open.is_some() {
            self.append(number, &entry.message);
            return None;
        }
        if self.continues(line, &entry) {
            self.append(number, line);
            return None;
        }
        self.time = entry.timestamp.or(self.time);
        if entry.partial.is_some() {
            let mut record = assemble(number, entry);
            line.clone_into(record.message.to_mut());
            self.partial = Some(record);
            return None;
        }
        self.start(assemble(number, entry))
    }

    /// Joins a part to the line that a container runtime had split, without a line break.
    fn join_partial(
        &mut self,
        number: u64,
        mut partial: Record<'a>,
        line: &str,
        more: Option<Stream>,
    ) -> Option<Record<'a>> {
        partial.extend_to(number);
        if partial.message.len() + line.len() <= MAX_MESSAGE_BYTES {
            partial.message.to_mut().push_str(line);
        }
        if more.is_some() {
            self.partial = Some(partial);
            return None;
        }
        reread(&mut partial);
        self.start(partial)
    }

    /// Opens a new entry; the one before it is finished.
    fn start(&mut self, record: Record<'a>) -> Option<Record<'a>> {
        self.inside = forms::opening(&record.message, record.timestamp.is_some());
        self.blanks = 0;
        self.open.replace(record)
    }

    /// Whether the line is the text of an entry whose first line is only a header: `java.util.logging`, Erlang's reports.
    fn completes_header(&mut self, number: u64, entry: &Entry<'a>, line: &str) -> bool {
        if self.inside != Inside::Header || self.blanks > 0 {
            return false;
        }
        let Some(open) = self.open.as_mut() else {
            return false;
        };
        let report = open.message.starts_with('=');
        if !(report && !entry.headed || forms::is_logging_level(line)) {
            return false;
        }
        open.extend_to(number);
        open.severity = open.severity.max(entry.severity);
        open.message.clone_from(&entry.message);
        self.inside = Inside::Nothing;
        true
    }

    /// Whether an understood line continues the open entry.
    fn continues(&self, line: &str, entry: &Entry<'_>) -> bool {
        let Some(open) = &self.open else { return false };
        if self.inside == Inside::PythonTail && forms::is_chained_traceback(line, &open.message) {
            return true;
        }
        if self.blanks == 1 && open.severity.is_error() && forms::is_cause_list(line) {
            return true;
        }
        if self.blanks > 0 || entry.headed {
            return false;
        }
        let troubled = open.headed && open.severity >= Severity::Warn;
        forms::is_indented(line)
            || self.inside == Inside::DotnetHeader
            || forms::is_frame(line)
            || (troubled && (forms::opens_trace(line) || self.inside == Inside::Trace { framed: false }))
    }
}

/// Makes a record of an entry.
pub(super) fn assemble(number: u64, entry: Entry<'_>) -> Record<'_> {
    let implied = if entry.severity == Severity::Unknown {
        severity::implied(&entry.message)
    } else if entry.severity == Severity::Error && severity::implied(&entry.message) == Severity::Fatal {
        Severity::Fatal
    } else {
        entry.severity
    };
    Record {
        line: number,
        line_count: 1,
        timestamp: entry.timestamp,
        severity: implied,
        source: entry.source,
        message: entry.message,
        fields: entry.fields,
        headed: entry.headed,
    }
}

/// A joined text is understood anew.
fn reread(open: &mut Record<'_>) {
    let whole = match lines::parse(&open.message) {
        Parsed::One(entry) => entry.into_owned(),
        Parsed::Batch(mut entries) => entries.pop().unwrap_or_default(),
    };
    if whole.severity == Severity::Unknown && open.severity == Severity::Unknown {
        open.severity = severity::implied(&whole.message);
    }
    if !whole.headed {
        let trimmed = open.message.trim();
        if trimmed.len() < open.message.len() {
            open.message = Cow::Owned(trimmed.to_owned());
        }
        return;
    }
    open.headed = true;
    open.timestamp = whole.timestamp.or(open.timestamp);
    if whole.severity != Severity::Unknown {
        open.severity = whole.severity;
    }
    open.message = whole.message;
    let mut fields = std::mem::take(&mut open.fields).into_map();
    fields.extend(whole.fields.into_map());
    open.fields = Fields::Read(fields);
}
