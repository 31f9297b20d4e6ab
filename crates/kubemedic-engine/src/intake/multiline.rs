//! Joins the lines of one entry: stack traces of Java, Python, Go, Node, Rust, .NET and PHP, split lines of a container
//! runtime, indented continuations. It works line by line and looks at no more than the entry that is open.

mod assembler;
mod waiting;

use std::borrow::Cow;

use kubemedic_model::log::Severity;

use super::{
    lines::{self, Entry, Fields, Parsed, Stream},
    record::Record,
    severity,
};
use waiting::Waiting;

pub(super) use assembler::{Assembler, record};

/// The longest message of one entry, in bytes; further lines are counted but not kept.
const MAX_MESSAGE_BYTES: usize = 64 * 1024;
/// Sentences that chain Python exceptions.
const PYTHON_CHAINS: [&str; 2] = [
    "The above exception was the direct cause of the following exception:",
    "During handling of the above exception, another exception occurred:",
];

/// What kind of text the open entry is in the middle of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Inside {
    /// Nothing in particular.
    #[default]
    Nothing,
    /// A Python traceback; `code`: the line after a `File "..."` line comes next.
    Traceback { code: bool },
    /// After a Python exception: a chained one may follow.
    PythonTail,
    /// A Go panic and its goroutines.
    Goroutines,
    /// A Rust panic; `message`: its message comes next.
    RustPanic { message: bool },
    /// .NET's console logger: the message comes on the next line.
    DotnetHeader,
}

/// Joins lines to records and passes each on as soon as nothing can be added to it, in the order of their first lines.
/// What it holds borrows from the lines until [`Joiner::into_owned`].
#[derive(Debug, Default)]
pub(super) struct Joiner<'a> {
    open: Option<Record<'a>>,
    inside: Inside,
    /// Blank lines since the last line of the open entry.
    blanks: u32,
    /// Entries whose next part is awaited, by stream.
    partial: [Option<Record<'a>>; 2],
    /// Finished records that stand behind one that is not.
    waiting: Waiting<'a>,
}

impl<'a> Joiner<'a> {
    /// Takes one line.
    pub(super) fn line(&mut self, number: u64, line: &'a str, done: &mut impl FnMut(Record<'a>)) {
        if is_blank(line) {
            self.blanks += 1;
            return;
        }
        match lines::strip_ansi(line) {
            Cow::Borrowed(clean) if self.continues_by_form(clean) => self.append(number, clean),
            Cow::Borrowed(clean) => match lines::parse(clean) {
                Parsed::One(entry) => self.entry(number, clean, entry, done),
                Parsed::Batch(entries) => self.batch(number, clean, entries, done),
            },
            Cow::Owned(clean) => self.coloured(number, &clean, done),
        }
    }

    /// Takes a line whose colour codes were taken out of it.
    fn coloured(&mut self, number: u64, clean: &str, done: &mut impl FnMut(Record<'a>)) {
        if is_blank(clean) {
            self.blanks += 1;
        } else if self.continues_by_form(clean) {
            self.append(number, clean);
        } else {
            match lines::parse(clean) {
                Parsed::One(entry) => self.entry(number, clean, entry.into_owned(), done),
                Parsed::Batch(entries) => self.batch(number, clean, entries, done),
            }
        }
    }

    fn batch(
        &mut self,
        number: u64,
        line: &str,
        entries: Vec<Entry<'static>>,
        done: &mut impl FnMut(Record<'a>),
    ) {
        for entry in entries {
            self.entry(number, line, entry, done);
        }
    }

    /// Ends everything that is open: what follows is something else.
    pub(super) fn cut(&mut self, done: &mut impl FnMut(Record<'a>)) {
        for record in self.partial.iter_mut().filter_map(Option::take) {
            self.waiting.add(record);
        }
        if let Some(open) = self.open.take() {
            self.waiting.add(open);
        }
        self.waiting.pass(u64::MAX, done);
        self.inside = Inside::Nothing;
        self.blanks = 0;
    }

    /// The same state without the lines.
    pub(super) fn into_owned(self) -> Joiner<'static> {
        Joiner {
            open: self.open.map(Record::into_owned),
            inside: self.inside,
            blanks: self.blanks,
            partial: self.partial.map(|record| record.map(Record::into_owned)),
            waiting: self.waiting.into_owned(),
        }
    }

    /// Takes an understood line.
    fn entry(&mut self, number: u64, line: &str, entry: Entry<'a>, done: &mut impl FnMut(Record<'a>)) {
        if let Some(stream) = entry.stream
            && let Some(open) = self.slot(stream).take()
        {
            self.join_partial(number, open, (stream, &entry), done);
            return;
        }
        if self.continues(line, &entry) {
            let line = if entry.stream.is_some() {
                &entry.message
            } else {
                line
            };
            self.append(number, line);
            return;
        }
        let partial = entry.partial;
        let record = assemble(number, entry);
        match partial {
            Some(stream) => *self.slot(stream) = Some(record),
            None => self.start(record, done),
        }
    }

    fn slot(&mut self, stream: Stream) -> &mut Option<Record<'a>> {
        let [out, err] = &mut self.partial;
        match stream {
            Stream::Out => out,
            Stream::Err => err,
        }
    }

    /// Joins a part to the line that a container runtime had split, without a line break.
    fn join_partial(
        &mut self,
        number: u64,
        mut open: Record<'a>,
        (stream, entry): (Stream, &Entry<'_>),
        done: &mut impl FnMut(Record<'a>),
    ) {
        open.extend_to(number);
        if open.message.len() + entry.message.len() <= MAX_MESSAGE_BYTES {
            open.message.to_mut().push_str(&entry.message);
        }
        if entry.partial.is_some() {
            *self.slot(stream) = Some(open);
            return;
        }
        let whole = match lines::parse(&open.message) {
            Parsed::One(entry) => entry.into_owned(),
            Parsed::Batch(mut entries) => entries.pop().unwrap_or_default(),
        };
        if whole.headed {
            reread(&mut open, whole);
        }
        self.start(open, done);
    }

    /// Opens a new entry; the one before it is finished.
    fn start(&mut self, record: Record<'a>, done: &mut impl FnMut(Record<'a>)) {
        self.inside = opening(&record.message);
        self.blanks = 0;
        let first = record.line;
        let Some(finished) = self.open.replace(record) else {
            return;
        };
        if self.waiting.is_empty() && finished.line <= first && self.partial.iter().all(Option::is_none) {
            done(finished);
            return;
        }
        self.waiting.add(finished);
        if self.waiting.is_full() {
            // A part whose end does not come keeps no other record back for ever.
            for record in self.partial.iter_mut().filter_map(Option::take) {
                self.waiting.add(record);
            }
        }
        let partial = self.partial.iter().flatten().map(|record| record.line);
        let first = partial.fold(first, u64::min);
        self.waiting.pass(first, done);
    }

    /// Adds a line to the open entry.
    fn append(&mut self, number: u64, line: &str) {
        let Some(open) = &mut self.open else { return };
        self.blanks = 0;
        open.extend_to(number);
        let line = line.trim_end();
        if open.message.len() + line.len() < MAX_MESSAGE_BYTES {
            let message = open.message.to_mut();
            message.push('\n');
            message.push_str(line);
        }
        self.inside = advance(self.inside, line);
    }

    /// Whether the raw line can only be the middle of the open entry.
    fn continues_by_form(&self, line: &str) -> bool {
        if self.open.is_none() {
            return false;
        }
        match self.inside {
            Inside::Goroutines => is_goroutine_line(line),
            Inside::Traceback { code } => {
                let trimmed = line.trim_start();
                code || line.starts_with([' ', '\t'])
                    || trimmed.starts_with("File \"")
                    || is_plain_tail(trimmed)
            }
            Inside::PythonTail => PYTHON_CHAINS.iter().any(|chain| line.starts_with(chain)),
            Inside::RustPanic { message } => {
                (message && self.blanks == 0)
                    || line.starts_with("note: ")
                    || line.starts_with("stack backtrace:")
                    || line.starts_with("  ")
            }
            Inside::DotnetHeader | Inside::Nothing => self.blanks == 0 && line.starts_with('\t'),
        }
    }

    /// Whether an understood line continues the open entry.
    fn continues(&self, line: &str, entry: &Entry<'_>) -> bool {
        let Some(open) = &self.open else { return false };
        let line = if entry.stream.is_some() {
            &entry.message
        } else {
            line
        };
        if self.inside == Inside::PythonTail && line.starts_with("Traceback (most recent call last)") {
            return ends_with_chain(&open.message);
        }
        if self.blanks > 0 {
            return false;
        }
        if is_database_detail(&entry.message) {
            return true;
        }
        if entry.headed {
            return false;
        }
        line.starts_with([' ', '\t'])
            || self.inside == Inside::DotnetHeader
            || is_frame(line)
            || (open.severity >= Severity::Warn && open.headed && opens_trace(line))
    }
}

/// Whether a line holds nothing but space; nearly every line tells by its first byte.
fn is_blank(line: &str) -> bool {
    match line.as_bytes().first() {
        Some(b'!'..=b'~') => false,
        _ => line.trim().is_empty(),
    }
}

/// Makes a record of an entry.
fn assemble(number: u64, entry: Entry<'_>) -> Record<'_> {
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

/// A joined line is understood anew.
fn reread(open: &mut Record<'_>, whole: Entry<'static>) {
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

/// The state that the first line of an entry puts the reader in.
fn opening(message: &str) -> Inside {
    let end = memchr::memchr(b'\n', message.as_bytes()).unwrap_or(message.len());
    let line = message.get(..end).unwrap_or(message);
    let line = line.strip_suffix('\r').unwrap_or(line).trim_start();
    if line.starts_with("Traceback (most recent call last)") {
        return Inside::Traceback { code: false };
    }
    if line.starts_with("panic: ") || line.starts_with("fatal error: ") || severity::is_served_panic(line) {
        return Inside::Goroutines;
    }
    if line.starts_with("thread '") && line.contains("' panicked at") {
        return Inside::RustPanic {
            message: line.ends_with(':'),
        };
    }
    if is_dotnet_category(line) {
        return Inside::DotnetHeader;
    }
    Inside::Nothing
}

/// The state after another line of the same entry.
fn advance(inside: Inside, line: &str) -> Inside {
    let trimmed = line.trim_start();
    if trimmed.starts_with("Traceback (most recent call last)") {
        return Inside::Traceback { code: false };
    }
    match inside {
        Inside::Traceback { .. } if trimmed.starts_with("File \"") => Inside::Traceback {
            code: !line.starts_with(' '),
        },
        Inside::Traceback { .. }
            if !line.starts_with([' ', '\t']) && severity::is_exception_line(trimmed) =>
        {
            Inside::PythonTail
        }
        Inside::Traceback { code: false } if !line.starts_with([' ', '\t']) => Inside::PythonTail,
        Inside::Traceback { .. } => Inside::Traceback { code: false },
        Inside::RustPanic { .. } => Inside::RustPanic { message: false },
        Inside::DotnetHeader => Inside::Nothing,
        other => other,
    }
}

/// Whether an unindented line ends a Python traceback (its exception) rather than starting an entry of its own.
fn is_plain_tail(line: &str) -> bool {
    severity::is_exception_line(line)
        || line
            .split_once(':')
            .is_some_and(|(head, _)| is_class_path(head) && severity::of_word(head).is_none())
}

/// Whether a text is a dotted path of identifiers that ends in a capitalised one.
fn is_class_path(text: &str) -> bool {
    text.len() < 120
        && text
            .rsplit('.')
            .next()
            .is_some_and(|class| class.starts_with(|c: char| c.is_ascii_uppercase()))
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_'))
}

/// Whether a message ends with a sentence that chains Python exceptions.
fn ends_with_chain(message: &str) -> bool {
    let last = message.trim_end().rsplit('\n').next().unwrap_or("");
    PYTHON_CHAINS.iter().any(|chain| last.starts_with(chain))
}

/// Whether a line belongs to the goroutines that follow a Go panic.
fn is_goroutine_line(line: &str) -> bool {
    let call = line.ends_with(')')
        && line
            .split('(')
            .next()
            .is_some_and(|head| head.contains('.') && !head.contains(' '));
    call || line.starts_with('\t')
        || line.starts_with("goroutine ")
        || line.starts_with("[signal ")
        || line.starts_with("created by ")
        || line.starts_with("panic(")
        || line.starts_with("\u{20}\u{20}\u{20}\u{20}")
        || line.starts_with("exit status ")
        || line.starts_with("runtime: ")
        || line.starts_with("main.")
}

/// Whether an unindented line is a frame or a cause of a trace that lost its indentation.
fn is_frame(line: &str) -> bool {
    line.starts_with("Caused by: ")
        || line.starts_with("Suppressed: ")
        || (line.starts_with("at ")
            && (line.ends_with(')') || line.contains(":line ") || line.contains(" in /")))
        || line.starts_with("--- End of ")
        || line.starts_with("[stacktrace]")
        || (line.starts_with("... ") && line.ends_with(" more"))
        || line
            .strip_prefix('#')
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        || line == "}"
        || line == "\"}"
}

/// Whether a line without a head of its own opens the trace of the error entry before it.
fn opens_trace(line: &str) -> bool {
    line.starts_with("Traceback (most recent call last)") || severity::is_exception_line(line)
}

/// postgres' further lines of one report.
fn is_database_detail(message: &str) -> bool {
    if !message.starts_with(|c: char| "SDHCQ".contains(c)) {
        return false;
    }
    ["STATEMENT:  ", "DETAIL:  ", "HINT:  ", "CONTEXT:  ", "QUERY:  "]
        .iter()
        .any(|word| message.starts_with(word))
}

/// `Microsoft.Hosting.Lifetime[14]` alone.
fn is_dotnet_category(line: &str) -> bool {
    let Some((category, event)) = line.strip_suffix(']').and_then(|line| line.rsplit_once('[')) else {
        return false;
    };
    category.contains('.')
        && !category.contains(' ')
        && !event.is_empty()
        && event.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests;
