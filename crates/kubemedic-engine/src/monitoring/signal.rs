//! Whether a record or a line of text states a failure. An entry that calls itself an error is believed;
//! one that does not tell must state it plainly, and counts of zero, paths, passed tests and good answers state nothing.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};
use kubemedic_model::log::{LogRecord, Severity};

/// Words that state a failure, in lower case, with the severity that they state.
const MARKS: &[(&str, Severity)] = &[
    ("panic:", Severity::Fatal),
    ("fatal error", Severity::Fatal),
    ("fatal:", Severity::Fatal),
    ("segmentation fault", Severity::Fatal),
    ("core dumped", Severity::Fatal),
    ("oomkilled", Severity::Fatal),
    ("oom-kill", Severity::Fatal),
    ("out of memory", Severity::Fatal),
    ("outofmemory", Severity::Fatal),
    ("heap out of memory", Severity::Fatal),
    ("traceback (most recent call last)", Severity::Error),
    ("error:", Severity::Error),
    ("error ", Severity::Error),
    ("exception", Severity::Error),
    ("failed", Severity::Error),
    ("failure", Severity::Error),
    ("connection refused", Severity::Error),
    ("connection reset", Severity::Error),
    ("connection timed out", Severity::Error),
    ("broken pipe", Severity::Error),
    ("no such host", Severity::Error),
    ("no route to host", Severity::Error),
    ("network is unreachable", Severity::Error),
    ("i/o timeout", Severity::Error),
    ("deadline exceeded", Severity::Error),
    ("timed out", Severity::Error),
    ("permission denied", Severity::Error),
    ("access denied", Severity::Error),
    ("authentication failed", Severity::Error),
    ("unauthorized", Severity::Error),
    ("x509:", Severity::Error),
    ("certificate has expired", Severity::Error),
    ("no space left on device", Severity::Error),
    ("read-only file system", Severity::Error),
    ("too many open files", Severity::Error),
    ("exec format error", Severity::Error),
    ("executable file not found", Severity::Error),
    ("address already in use", Severity::Error),
    ("deadlock", Severity::Error),
    ("crashloopbackoff", Severity::Error),
    ("back-off restarting", Severity::Error),
    ("back-off pulling", Severity::Error),
    ("nodes are available:", Severity::Error),
    ("insufficient cpu", Severity::Error),
    ("insufficient memory", Severity::Error),
    ("no healthy upstream", Severity::Error),
    ("no endpoints available", Severity::Error),
    ("imagepullbackoff", Severity::Error),
    ("errimagepull", Severity::Error),
    ("createcontainerconfigerror", Severity::Error),
    ("createcontainererror", Severity::Error),
    ("runcontainererror", Severity::Error),
    ("exceeded quota", Severity::Error),
    ("toomanyrequests", Severity::Error),
    ("unable to ", Severity::Error),
    ("could not ", Severity::Error),
    ("couldn't ", Severity::Error),
    ("is forbidden", Severity::Error),
    ("evicted", Severity::Error),
    ("warning:", Severity::Warn),
];

static AUTOMATON: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::LeftmostLongest)
        .build(MARKS.iter().map(|(mark, _)| *mark))
        .ok()
});

/// How much of a text is looked at, in bytes.
const LOOKED_AT_BYTES: usize = 4_096;

/// The severity with which a record counts; `None`: it is neither error nor warning.
pub(super) fn severity_of(record: &LogRecord) -> Option<Severity> {
    match record.severity {
        Severity::Unknown => plain_failure(&record.message),
        severity if severity >= Severity::Warn => Some(severity),
        _ => None,
    }
}

/// The severity of the failure that a text plainly states, if it does.
pub(super) fn plain_failure(text: &str) -> Option<Severity> {
    let text = text
        .get(..text.floor_char_boundary(LOOKED_AT_BYTES))
        .unwrap_or(text);
    let automaton = AUTOMATON.as_ref()?;
    let stated = automaton
        .find_iter(text)
        .filter(|hit| states(text, hit.start(), hit.end()))
        .filter_map(|hit| MARKS.get(hit.pattern().as_usize()).map(|(_, severity)| *severity))
        .max()?;
    (!is_good_news(text)).then_some(stated)
}

/// A passed test or an access-log line with a good status.
fn is_good_news(text: &str) -> bool {
    let line = text.lines().next().unwrap_or("").trim_start();
    let passed = ["--- PASS", "PASS", "ok  ", "ok\t", "✓", "✔", "test "]
        .iter()
        .any(|mark| line.starts_with(mark))
        && !line.contains("FAIL");
    let request = ["GET ", "POST ", "PUT ", "HEAD ", "DELETE ", "PATCH ", "OPTIONS "]
        .iter()
        .any(|method| line.contains(method));
    let answered = line.split([' ', '"', '=', ',', ':']).any(|word| {
        word.len() == 3 && word.starts_with(['2', '3']) && word.bytes().all(|byte| byte.is_ascii_digit())
    });
    passed || (request && answered) || is_foreign(line) || is_past(line)
}

/// A stranger's broken TLS greeting: port scanners and plain TCP health checks cause it, no dependency does.
fn is_foreign(line: &str) -> bool {
    let causes = [
        "EOF",
        "unsupported versions",
        "does not look like a TLS handshake",
        "no cipher suite supported",
        "HTTP request to an HTTPS server",
    ];
    line.contains("TLS handshake error from ") && causes.iter().any(|cause| line.contains(cause))
}

/// A note that something is over, a last state beside a ready one, or what `kubectl drain` says of each pod that it moved.
fn is_past(line: &str) -> bool {
    let drained = line.starts_with("pod/") && line.trim_end().ends_with(" evicted");
    let restarted = line.contains("lastState") && line.contains("ready=true");
    drained
        || restarted
        || line.contains(" is back to ")
        || line.contains(" is back below ")
        || line.starts_with("[RESOLVED]")
}

/// Whether the words at a place state something: not a count of zero, not a negation, not a part of a path or an identifier.
fn states(text: &str, start: usize, end: usize) -> bool {
    let before = text.get(..start).unwrap_or("");
    let after = text.get(end..).unwrap_or("");
    let mark = text.get(start..end).unwrap_or("").to_ascii_lowercase();
    let in_word = before.ends_with(|char: char| char.is_ascii_alphanumeric())
        && !mark.starts_with("exception")
        && !mark.starts_with("error");
    let goes_on = mark.ends_with(|char: char| char.is_ascii_alphabetic())
        && after
            .trim_start_matches('s')
            .starts_with(|char: char| char.is_ascii_alphanumeric());
    !in_word && !goes_on && !is_negated(before) && !is_zero(after) && !is_in_identifier(before, after)
}

fn is_negated(before: &str) -> bool {
    let word = before
        .trim_end()
        .rsplit([' ', '\t', '=', ':', '(', ',', '"'])
        .next()
        .unwrap_or("");
    let word = word.trim_start_matches(['=', '(', '[']);
    matches!(
        word,
        "0" | "no"
            | "No"
            | "without"
            | "zero"
            | "any"
            | "not"
            | "non"
            | "NO"
            | "on"
            | "if"
            | "ignore"
            | "ignoring"
            | "last"
    ) && before.ends_with([' ', '\t', '-'])
}

/// `errors=0`, `"error":null`, `failed: 0`, `err=<nil>`, `error=""`.
fn is_zero(after: &str) -> bool {
    let rest =
        after.trim_start_matches(|char: char| char.is_ascii_alphabetic() || matches!(char, '"' | '\\' | '_'));
    let rest = rest.trim_start_matches([':', '=', ' ']);
    let word: String = rest
        .chars()
        .take(8)
        .take_while(|char| char.is_ascii_alphanumeric() || matches!(char, '<' | '>' | '"'))
        .collect();
    let counted = after
        .trim_start_matches(|char: char| char.is_ascii_alphabetic() || matches!(char, '"' | '\\' | '_'))
        .starts_with([':', '='])
        || after.starts_with(' ');
    counted
        && matches!(
            word.trim_matches('"'),
            "0" | "null" | "nil" | "<nil>" | "none" | "None" | "false" | ""
        )
        && !word.is_empty()
}

/// `/errors/list`, `error_handler.go`, `on-failure`, `failed-jobs`.
fn is_in_identifier(before: &str, after: &str) -> bool {
    let token = before
        .rsplit([' ', '\t', '"', '\'', '(', '[', '='])
        .next()
        .unwrap_or("");
    let joined = before.ends_with(['/', '-', '_', '.', '#']) && !before.ends_with("...");
    joined
        || token.contains("://")
        || token.starts_with('/')
        || after.starts_with(['-', '_', '/'])
        || (after.starts_with('.')
            && after
                .get(1..2)
                .is_some_and(|next| next.bytes().all(|byte| byte.is_ascii_alphanumeric())))
}
