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
    let line = line.trim_start();
    if is_crash(line) {
        return Severity::Fatal;
    }
    if begins_with_error(line) || is_exception_line(line) {
        return Severity::Error;
    }
    Severity::Unknown
}

/// Whether Go's HTTP server reports a panic, anywhere in the line.
pub(super) fn is_served_panic(line: &str) -> bool {
    static WORDS: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("http: panic serving "));
    WORDS.find(line.as_bytes()).is_some()
}

/// Whether the line opens the report of a crash.
fn is_crash(line: &str) -> bool {
    is_served_panic(line) || opens_crash(line)
}

/// Whether the line opens with the words of a crash.
fn opens_crash(line: &str) -> bool {
    if !line.starts_with(['p', 'f', 't', 'F', 'S']) {
        return false;
    }
    line.starts_with("panic: ")
        || line.starts_with("fatal error: ")
        || (line.starts_with("thread '") && line.contains("' panicked at"))
        || line.starts_with("FATAL ERROR:")
        || line.starts_with("Segmentation fault")
        || line.starts_with("terminate called after throwing")
}

/// Whether the line opens with words that only an error opens with.
fn begins_with_error(line: &str) -> bool {
    // The first letters of the openings below.
    if !line.starts_with(|c: char| "TEUCneFfIPu".contains(c)) {
        return false;
    }
    const OPENINGS: [&str; 22] = [
        "Traceback (most recent call last)",
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
