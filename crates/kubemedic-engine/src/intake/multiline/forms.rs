//! What lines of stack traces and reports look like, language by language. Where they belong is `lane`'s.

use crate::intake::severity;

/// Sentences that chain Python exceptions.
const PYTHON_CHAINS: [&str; 2] = [
    "The above exception was the direct cause of the following exception:",
    "During handling of the above exception, another exception occurred:",
];

/// What kind of text the open entry is in the middle of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Inside {
    /// Nothing in particular.
    #[default]
    Nothing,
    /// An exception; `framed`: its frames have begun.
    Trace { framed: bool },
    /// A Python traceback; `code`: the line after a `File "..."` line comes next.
    Traceback { code: bool },
    /// After a Python exception: a chained one may follow.
    PythonTail,
    /// Python's group of exceptions.
    PythonGroup,
    /// A Go panic and its goroutines.
    Goroutines,
    /// A Rust panic; `message`: its message comes next.
    RustPanic { message: bool },
    /// .NET's console logger: the message comes on the next line.
    DotnetHeader,
    /// A report of Erlang whose text comes next, or `java.util.logging`'s first line.
    Header,
    /// An entry of MySQL's log of slow queries.
    SlowQuery,
    /// A JSON object that is printed over several lines.
    Json,
}

/// The state that the first line of an entry puts the reader in.
pub(super) fn opening(message: &str, timed: bool) -> Inside {
    let end = memchr::memchr(b'\n', message.as_bytes()).unwrap_or(message.len());
    let line = message.get(..end).unwrap_or(message);
    let line = line.strip_suffix('\r').unwrap_or(line).trim_start();
    match line.as_bytes().first() {
        Some(b'{') if line.trim_end() == "{" => return Inside::Json,
        Some(b'T') if line.starts_with("Traceback (most recent call last)") => {
            return Inside::Traceback { code: false };
        }
        Some(b'+') if line.starts_with("+ Exception Group Traceback") => return Inside::PythonGroup,
        Some(b'p' | b'f' | b'h')
            if line.starts_with("panic: ")
                || line.starts_with("fatal error: ")
                || severity::is_served_panic(line) =>
        {
            return Inside::Goroutines;
        }
        Some(b't') if severity::is_rust_panic(line) => {
            return Inside::RustPanic {
                message: line.ends_with(':'),
            };
        }
        Some(b'#') if line.starts_with("# Time: ") => return Inside::SlowQuery,
        Some(b'=') if timed && line.trim_matches('=').is_empty() => return Inside::Header,
        _ => {}
    }
    if timed && is_logging_caller(line) {
        return Inside::Header;
    }
    if is_dotnet_category(line) {
        return Inside::DotnetHeader;
    }
    if severity::is_served_panic(line) {
        return Inside::Goroutines;
    }
    if severity::is_exception_line(line) {
        return Inside::Trace { framed: false };
    }
    Inside::Nothing
}

/// The state after another line of the same entry.
pub(super) fn advance(inside: Inside, line: &str) -> Inside {
    let trimmed = line.trim_start();
    if trimmed.starts_with("Traceback (most recent call last)") {
        return Inside::Traceback { code: false };
    }
    let flush = !line.starts_with([' ', '\t']);
    match inside {
        Inside::Traceback { .. } if trimmed.starts_with("File \"") => Inside::Traceback {
            code: !line.starts_with(' '),
        },
        Inside::Traceback { .. } if flush && severity::is_exception_line(trimmed) => Inside::PythonTail,
        Inside::Traceback { code: false } if flush => Inside::PythonTail,
        Inside::Traceback { .. } => Inside::Traceback { code: false },
        Inside::RustPanic { .. } => Inside::RustPanic { message: false },
        Inside::DotnetHeader | Inside::Header => Inside::Nothing,
        Inside::Nothing | Inside::Trace { .. } if flush && is_served_or_panic(trimmed) => Inside::Goroutines,
        Inside::Nothing | Inside::Trace { .. } if flush && opens_trace(trimmed) => {
            Inside::Trace { framed: false }
        }
        Inside::Trace { .. } if is_frame(trimmed) => Inside::Trace { framed: true },
        other => other,
    }
}

fn is_served_or_panic(line: &str) -> bool {
    line.starts_with("goroutine ") && line.ends_with(':')
}

/// Whether a line can only be the middle of an entry in a state.
pub(super) fn continues_by_form(inside: Inside, blanks: u32, line: &str) -> bool {
    match inside {
        Inside::Goroutines => is_goroutine_line(line),
        Inside::Traceback { code } => {
            let trimmed = line.trim_start();
            code || line.starts_with([' ', '\t']) || trimmed.starts_with("File \"") || is_plain_tail(trimmed)
        }
        Inside::PythonTail => {
            PYTHON_CHAINS.iter().any(|chain| line.starts_with(chain))
                || (blanks == 0 && line.starts_with('\t'))
        }
        Inside::PythonGroup => line.starts_with(' '),
        Inside::RustPanic { message } => {
            (message && blanks == 0)
                || line.starts_with("note: ")
                || line.starts_with("stack backtrace:")
                || line.starts_with("  ")
        }
        Inside::Json => line.starts_with([' ', '\t', '}', ']', '"']),
        Inside::SlowQuery => blanks == 0 && !line.starts_with("# Time: "),
        Inside::Trace { .. } | Inside::DotnetHeader | Inside::Header | Inside::Nothing => {
            blanks == 0 && line.starts_with('\t')
        }
    }
}

/// Whether a line without a head of its own is indented as the lines below an entry are. One space alone is no indentation.
pub(super) fn is_indented(line: &str) -> bool {
    line.starts_with('\t')
        || line.starts_with("  ")
        || line.strip_prefix(' ').is_some_and(|rest| {
            rest.starts_with("---> ") || rest.starts_with("at ") || rest.starts_with('\t')
        })
}

/// Whether a line opens the chained exception after the sentence that announces it.
pub(super) fn is_chained_traceback(line: &str, message: &str) -> bool {
    let last = message.trim_end().rsplit('\n').next().unwrap_or("");
    line.starts_with("Traceback (most recent call last)")
        && PYTHON_CHAINS.iter().any(|chain| last.starts_with(chain))
}

/// anyhow's and eyre's list of causes, which follows a blank line.
pub(super) fn is_cause_list(line: &str) -> bool {
    line == "Caused by:"
}

/// The level of the second line of `java.util.logging`.
pub(super) fn is_logging_level(line: &str) -> bool {
    let word = line.split(": ").next().unwrap_or("");
    matches!(
        word,
        "SEVERE" | "WARNING" | "INFO" | "CONFIG" | "FINE" | "FINER" | "FINEST"
    )
}

/// `org.foo.Bar method` alone: the caller on the first line of `java.util.logging`.
fn is_logging_caller(line: &str) -> bool {
    let line = line.trim_end();
    let mut spaces = memchr::memchr_iter(b' ', line.as_bytes());
    let (Some(space), None) = (spaces.next(), spaces.next()) else {
        return false;
    };
    let (Some(class), Some(method)) = (line.get(..space), line.get(space + 1..)) else {
        return false;
    };
    let is_name = |text: &str, extra: &[u8]| {
        !text.is_empty()
            && text.bytes().all(|b| {
                b.is_ascii_alphanumeric() || matches!(b, b'_' | b'$' | b'<' | b'>') || extra.contains(&b)
            })
    };
    class.contains('.') && is_name(class, b".") && is_name(method, b"")
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
pub(super) fn is_frame(line: &str) -> bool {
    line.starts_with("Caused by: ")
        || line.starts_with("Suppressed: ")
        || (line.starts_with("at ")
            && (line.ends_with(')') || line.contains(":line ") || line.contains(" in /")))
        || line.starts_with("--- End of ")
        || line.starts_with("[stacktrace]")
        || line.starts_with("Stack trace:")
        || line.starts_with("Last message")
        || (line.starts_with("... ") && line.ends_with(" more"))
        || line
            .strip_prefix('#')
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        || matches!(line.trim_end(), "}" | "\"}" | "\"} []")
}

/// Whether a line without a head of its own opens the trace of the error entry before it.
pub(super) fn opens_trace(line: &str) -> bool {
    line.starts_with("Traceback (most recent call last)")
        || line.starts_with("** (")
        || severity::is_exception_line(line)
        || is_go_function(line)
}

/// zap's stack below its console line: `go.opentelemetry.io/collector/exporter.NewQueueSender.func3`, `main.main`.
fn is_go_function(line: &str) -> bool {
    let Some((package, function)) = line.rsplit('/').next().and_then(|last| last.split_once('.')) else {
        return false;
    };
    let path = line.contains('/') || package == "main" || package == "runtime" || package == "testing";
    path && !function.is_empty()
        && !line.starts_with(['/', '.'])
        && line.bytes().all(|b| {
            b.is_ascii_alphanumeric()
                || matches!(
                    b,
                    b'/' | b'.' | b'_' | b'-' | b'(' | b')' | b'*' | b'[' | b']' | b'{' | b'}' | b'@' | b'%'
                )
        })
}

/// postgres' further lines of one report.
pub(super) fn is_database_detail(message: &str) -> bool {
    // The first letters of the words below.
    if !matches!(
        message.as_bytes().first(),
        Some(b'S' | b'D' | b'H' | b'C' | b'Q' | b'L' | b'B')
    ) {
        return false;
    }
    [
        "STATEMENT:  ",
        "DETAIL:  ",
        "HINT:  ",
        "CONTEXT:  ",
        "QUERY:  ",
        "LOCATION:  ",
        "BACKTRACE:  ",
    ]
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
