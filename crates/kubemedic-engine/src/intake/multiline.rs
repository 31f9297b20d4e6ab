//! Joins the lines of one entry: stack traces of Java, Python, Go, Node, Rust, .NET and PHP, split lines of a container
//! runtime, indented continuations. It works line by line and looks at no more than the entry that is open.

use kubemedic_model::log::{LogRecord, LogSource, Severity};

use super::{
    lines::{self, Entry, Stream},
    severity,
};

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

/// Collects lines into records.
#[derive(Debug, Default)]
pub(super) struct Assembler {
    /// Finished records, and whether the line was plain (neither time nor severity).
    finished: Vec<Assembled>,
    open: Option<Assembled>,
    inside: Inside,
    /// Blank lines since the last line of the open entry.
    blanks: u32,
    /// Entries whose next part is awaited, by stream.
    partial: [Option<Assembled>; 2],
}

/// A record with what the segmenter needs to know of it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Assembled {
    /// The record.
    pub(super) record: LogRecord,
    /// Neither time nor severity nor structure: it may be a person's sentence.
    pub(super) plain: bool,
}

impl Assembler {
    /// Takes one line. `source` is what the surroundings tell.
    pub(super) fn line(&mut self, number: u64, line: &str, source: &LogSource) {
        if line.trim().is_empty() {
            self.blanks += 1;
            return;
        }
        let clean = lines::strip_ansi(line);
        if self.continues_by_form(&clean) {
            self.append(number, &clean);
            return;
        }
        for entry in lines::parse(&clean) {
            self.entry(number, &clean, entry, source);
        }
    }

    /// Ends the open entry: what follows is something else.
    pub(super) fn cut(&mut self) {
        for partial in &mut self.partial {
            self.finished.extend(partial.take());
        }
        self.finished.extend(self.open.take());
        self.inside = Inside::Nothing;
        self.blanks = 0;
    }

    /// Adds a record that needs no joining.
    pub(super) fn push(&mut self, record: LogRecord) {
        self.cut();
        self.finished.push(Assembled { record, plain: false });
    }

    /// The records, in the order of their first lines.
    pub(super) fn finish(mut self) -> Vec<Assembled> {
        self.cut();
        self.finished.sort_by_key(|it| it.record.line);
        self.finished
    }

    /// Takes an understood line.
    fn entry(&mut self, number: u64, line: &str, entry: Entry, source: &LogSource) {
        if let Some(stream) = entry.stream
            && let Some(open) = self.slot(stream).take()
        {
            self.join_partial(number, stream, open, &entry);
            return;
        }
        if self.continues(line, &entry) {
            self.append(
                number,
                if entry.stream.is_some() {
                    &entry.message
                } else {
                    line
                },
            );
            return;
        }
        let partial = entry.partial;
        let assembled = assemble(number, entry, source);
        if let Some(stream) = partial {
            *self.slot(stream) = Some(assembled);
            return;
        }
        self.start(assembled);
    }

    fn slot(&mut self, stream: Stream) -> &mut Option<Assembled> {
        let [out, err] = &mut self.partial;
        match stream {
            Stream::Out => out,
            Stream::Err => err,
        }
    }

    /// Joins a part to the line that a container runtime had split, without a line break.
    fn join_partial(&mut self, number: u64, stream: Stream, mut open: Assembled, entry: &Entry) {
        extend_to(&mut open.record, number);
        if open.record.message.len() + entry.message.len() <= MAX_MESSAGE_BYTES {
            open.record.message.push_str(&entry.message);
        }
        if entry.partial.is_some() {
            *self.slot(stream) = Some(open);
            return;
        }
        let whole = lines::parse(&open.record.message).pop().unwrap_or_default();
        if whole.headed {
            reread(&mut open, whole);
        }
        self.start(open);
    }

    /// Opens a new entry.
    fn start(&mut self, assembled: Assembled) {
        self.finished.extend(self.open.take());
        self.inside = opening(&assembled.record.message);
        self.blanks = 0;
        self.open = Some(assembled);
    }

    /// Adds a line to the open entry.
    fn append(&mut self, number: u64, line: &str) {
        let Some(open) = &mut self.open else { return };
        self.blanks = 0;
        extend_to(&mut open.record, number);
        let line = line.trim_end();
        if open.record.message.len() + line.len() < MAX_MESSAGE_BYTES {
            open.record.message.push('\n');
            open.record.message.push_str(line);
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
    fn continues(&self, line: &str, entry: &Entry) -> bool {
        let Some(open) = &self.open else { return false };
        let line = if entry.stream.is_some() {
            entry.message.as_str()
        } else {
            line
        };
        if self.inside == Inside::PythonTail && line.starts_with("Traceback (most recent call last)") {
            return ends_with_chain(&open.record.message);
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
            || (open.record.severity >= Severity::Warn && !open.plain && opens_trace(line))
    }
}

/// Lets a record reach to a line; lines of another stream between count as covered too.
fn extend_to(record: &mut LogRecord, number: u64) {
    let span = number.saturating_sub(record.line).saturating_add(1);
    record.line_count = record.line_count.max(u32::try_from(span).unwrap_or(u32::MAX));
}

/// The record of an entry that covers some lines.
pub(super) fn record(number: u64, line_count: u32, entry: Entry, source: &LogSource) -> LogRecord {
    let mut record = assemble(number, entry, source).record;
    record.line_count = line_count;
    record
}

/// Makes a record of an entry.
fn assemble(number: u64, entry: Entry, source: &LogSource) -> Assembled {
    let implied = if entry.severity == Severity::Unknown {
        severity::implied(&entry.message)
    } else if entry.severity == Severity::Error && severity::implied(&entry.message) == Severity::Fatal {
        Severity::Fatal
    } else {
        entry.severity
    };
    let own = entry.source;
    Assembled {
        plain: !entry.headed,
        record: LogRecord {
            line: number,
            line_count: 1,
            timestamp: entry.timestamp,
            severity: implied,
            source: LogSource {
                namespace: own.namespace.or_else(|| source.namespace.clone()),
                pod: own.pod.or_else(|| source.pod.clone()),
                container: own.container.or_else(|| source.container.clone()),
                service: own.service.or_else(|| source.service.clone()),
            },
            message: entry.message,
            fields: entry.fields,
        },
    }
}

/// A joined line is understood anew.
fn reread(open: &mut Assembled, whole: Entry) {
    open.plain = false;
    open.record.timestamp = whole.timestamp.or(open.record.timestamp);
    if whole.severity != Severity::Unknown {
        open.record.severity = whole.severity;
    }
    open.record.message = whole.message;
    open.record.fields.extend(whole.fields);
}

/// The state that the first line of an entry puts the reader in.
fn opening(message: &str) -> Inside {
    let line = message.lines().next().unwrap_or("").trim_start();
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
