//! Words and numbers that loggers use for how grave an entry is, and the few forms of text that are errors without a word.
//! It never guesses from words inside a sentence: `0 errors`, `terror` and `errorCode` say nothing.

use std::sync::LazyLock;

use kubemedic_model::log::Severity;
use memchr::memmem::Finder;

/// The longest word that names a severity, in bytes.
const LONGEST_WORD_BYTES: usize = 13;

/// The severity that a logger's word names, in any case.
pub(super) fn of_word(word: &str) -> Option<Severity> {
    if word.len() < 3 || word.len() > LONGEST_WORD_BYTES {
        return None;
    }
    if word.ends_with(|c: char| c.is_ascii_digit())
        && let Some(severity) = of_offset(word)
    {
        return Some(severity);
    }
    let mut buffer = [0; LONGEST_WORD_BYTES];
    let lower = buffer.get_mut(..word.len())?;
    lower.copy_from_slice(word.as_bytes());
    lower.make_ascii_lowercase();
    Some(match str::from_utf8(lower).ok()? {
        "trace" | "trc" | "trce" | "verbose" | "vrb" | "finest" | "finer" | "silly" | "trace2" => {
            Severity::Trace
        }
        "debug" | "dbg" | "dbug" | "deb" | "fine" | "debug1" | "debug2" | "debug3" | "debug4" | "debug5" => {
            Severity::Debug
        }
        "info" | "inf" | "information" | "informational" | "notice" | "note" | "system" | "success"
        | "log" => Severity::Info,
        "warn" | "warning" | "wrn" | "warnings" => Severity::Warn,
        "error" | "err" | "eror" | "severe" | "fail" => Severity::Error,
        "fatal" | "ftl" | "critical" | "crit" | "alert" | "emerg" | "emergency" | "panic" | "dpanic" => {
            Severity::Fatal
        }
        _ => return None,
    })
}

/// The severity of Go's `slog` between its named levels: `DEBUG-4`, `INFO+2`, `ERROR+4` (debug is -4, info 0, warn 4, error 8).
fn of_offset(word: &str) -> Option<Severity> {
    let at = word.find(['+', '-'])?;
    let (name, offset) = word.split_at_checked(at)?;
    let named = match name {
        "DEBUG" => -4,
        "INFO" => 0,
        "WARN" => 4,
        "ERROR" => 8,
        _ => return None,
    };
    Some(match named + offset.parse::<i32>().ok()? {
        ..-4 => Severity::Trace,
        -4..0 => Severity::Debug,
        0..4 => Severity::Info,
        4..8 => Severity::Warn,
        8.. => Severity::Error,
    })
}

/// The severity that the value of a key for it names: a word, a single letter, or a number.
pub(super) fn of_value(value: &str) -> Option<Severity> {
    let value = value.trim();
    if let [letter] = value.as_bytes()
        && !letter.is_ascii_digit()
    {
        return of_letter(*letter);
    }
    of_word(value).or_else(|| value.parse().ok().map(of_number))
}

/// The severity of a word that stands by itself: the ambiguous ones of [`of_word`] (`log`, `system`, `fail`, `fine`,
/// `success`, `note`) count only where a logger marks them.
pub(super) fn of_bare_word(word: &str) -> Option<Severity> {
    let ambiguous = [
        "log", "system", "fail", "fine", "success", "note", "alert", "deb", "silly",
    ];
    if ambiguous.iter().any(|it| word.eq_ignore_ascii_case(it)) {
        return None;
    }
    of_word(word)
}

/// Whether a word in capitals is also common in messages, so that it counts only where a logger would put it.
pub(super) fn is_common_word(word: &str) -> bool {
    matches!(
        word,
        "ALERT" | "NOTICE" | "CRITICAL" | "PANIC" | "SUCCESS" | "FAIL"
    )
}

/// The severity of a number: pino and bunyan (10..60), monolog (100..600), syslog (0..7).
pub(super) fn of_number(number: u64) -> Severity {
    match number {
        0..=7 => of_syslog(number),
        8..=14 => Severity::Trace,
        15..=24 | 100..=199 => Severity::Debug,
        25..=34 | 200..=299 => Severity::Info,
        35..=44 | 300..=399 => Severity::Warn,
        45..=54 | 400..=499 => Severity::Error,
        55..=64 | 500..=600 => Severity::Fatal,
        _ => Severity::Unknown,
    }
}

/// The severity of syslog's number (RFC 5424, table 2).
pub(super) fn of_syslog(number: u64) -> Severity {
    match number {
        0..=2 => Severity::Fatal,
        3 => Severity::Error,
        4 => Severity::Warn,
        5 | 6 => Severity::Info,
        7 => Severity::Debug,
        _ => Severity::Unknown,
    }
}

/// The severity of OpenTelemetry's number (log data model, "Field: SeverityNumber").
pub(super) fn of_otlp(number: u64) -> Severity {
    match number {
        1..=4 => Severity::Trace,
        5..=8 => Severity::Debug,
        9..=12 => Severity::Info,
        13..=16 => Severity::Warn,
        17..=20 => Severity::Error,
        21..=24 => Severity::Fatal,
        _ => Severity::Unknown,
    }
}

/// The severity of a single letter, as klog, logcat and Ruby's logger write it.
pub(super) fn of_letter(letter: u8) -> Option<Severity> {
    Some(match letter {
        b'V' | b'T' => Severity::Trace,
        b'D' => Severity::Debug,
        b'I' => Severity::Info,
        b'W' => Severity::Warn,
        b'E' => Severity::Error,
        b'F' | b'C' => Severity::Fatal,
        _ => return None,
    })
}

/// The severity of an HTTP status.
pub(super) fn of_http_status(status: u64) -> Option<Severity> {
    match status {
        100..=399 => Some(Severity::Info),
        400..=499 => Some(Severity::Warn),
        500..=599 => Some(Severity::Error),
        _ => None,
    }
}

/// The severity of a line that has no word for it but clearly is an error.
pub(super) fn implied(line: &str) -> Severity {
    // Terraform draws a box around its errors.
    let line = line.trim_start_matches([' ', '\t', '│', '╷']);
    if is_crash(line) {
        return Severity::Fatal;
    }
    if begins_with_error(line) || is_exception_line(line) || is_ruby_error(line) {
        return Severity::Error;
    }
    Severity::Unknown
}

/// Whether Go's HTTP server reports a panic, anywhere in the line.
pub(super) fn is_served_panic(line: &str) -> bool {
    static WORDS: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("http: panic serving "));
    WORDS.find(line.as_bytes()).is_some()
}

/// Whether the line opens Rust's report of a panic: `thread 'main' panicked at ...`, also with the thread's number.
pub(super) fn is_rust_panic(line: &str) -> bool {
    line.starts_with("thread '") && (line.contains("' panicked at") || line.contains(") panicked at"))
}

/// Whether the line is Ruby's report of an exception: `/app/cart.rb:3:in 'open': message (RuntimeError)`.
fn is_ruby_error(line: &str) -> bool {
    line.ends_with(')')
        && line.contains(":in ")
        && line.contains(".rb:")
        && line.rsplit_once(" (").is_some_and(|(_, class)| {
            let class = class.trim_end_matches(')');
            class.starts_with(|c: char| c.is_ascii_uppercase())
                && class
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || matches!(b, b':' | b'_'))
        })
}

/// Whether the line opens the report of a crash.
fn is_crash(line: &str) -> bool {
    line.starts_with("panic: ")
        || line.starts_with("fatal error: ")
        || is_rust_panic(line)
        || is_served_panic(line)
        || line.starts_with("FATAL ERROR:")
        || line.starts_with("Segmentation fault")
        || line.starts_with("terminate called after throwing")
}

/// Whether the line opens with words that only an error opens with.
fn begins_with_error(line: &str) -> bool {
    const OPENINGS: [&str; 23] = [
        "Traceback (most recent call last)",
        "+ Exception Group Traceback",
        "Exception in thread ",
        "Unhandled exception",
        "Unhandled Exception",
        "Uncaught ",
        "UnhandledPromiseRejection",
        "Caused by: ",
        "npm ERR!",
        "Error: ",
        "error: ",
        "Error creating: ",
        "Error from server",
        "error when ",
        "Failed to ",
        "failed to ",
        "Internal error occurred",
        "PHP Fatal error",
        "fatal: ",
        "Fatal: ",
        "Fatal error: ",
        "Error response from daemon",
        "upstream connect error",
    ];
    OPENINGS.iter().any(|opening| line.starts_with(opening))
        || (line.starts_with("exec ") && line.ends_with("exec format error"))
}

/// Whether the line is `package.Class: message` of an exception or error class.
pub(super) fn is_exception_line(line: &str) -> bool {
    let end = line
        .bytes()
        .take(201)
        .position(|byte| matches!(byte, b':' | b' '));
    let (head, rest) = line
        .split_at_checked(end.unwrap_or(line.len()))
        .unwrap_or((line, ""));
    if rest.starts_with(' ') || head.len() > 200 {
        return false;
    }
    let class = head.rsplit(['.', '$', '\\']).next().unwrap_or(head);
    let named = [
        "Error",
        "Exception",
        "Fault",
        "Failure",
        "Throwable",
        "SystemExit",
        "KeyboardInterrupt",
    ]
    .iter()
    .any(|ending| class.ends_with(ending));
    named
        && class.len() > 3
        && class.starts_with(|c: char| c.is_ascii_uppercase())
        && head
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'$' | b'\\'))
}

#[cfg(test)]
mod tests;
