//! What a failure is called: the class of its exception, a short name of a known phrase, its code and its stack trace.

use std::{collections::BTreeMap, sync::LazyLock};

use aho_corasick::AhoCorasick;

/// The longest stack trace that a finding keeps, in bytes.
const MAX_TRACE_BYTES: usize = 8_192;

/// Known phrases, in lower case, and the short name of the failure.
const PHRASES: &[(&str, &str)] = &[
    ("connection refused", "connection refused"),
    ("econnrefused", "connection refused"),
    ("connection reset", "connection reset"),
    ("econnreset", "connection reset"),
    ("no such host", "name resolution failed"),
    ("name or service not known", "name resolution failed"),
    ("enotfound", "name resolution failed"),
    ("temporary failure in name resolution", "name resolution failed"),
    ("no route to host", "no route to host"),
    ("broken pipe", "broken pipe"),
    ("deadline exceeded", "timeout"),
    ("i/o timeout", "timeout"),
    ("timed out", "timeout"),
    ("timeout", "timeout"),
    ("no space left on device", "no space left on device"),
    ("enospc", "no space left on device"),
    ("read-only file system", "read-only file system"),
    ("too many open files", "too many open files"),
    ("exec format error", "exec format error"),
    ("executable file not found", "executable not found"),
    ("address already in use", "address already in use"),
    ("eaddrinuse", "address already in use"),
    ("heap out of memory", "out of memory"),
    ("out of memory", "out of memory"),
    ("oomkilled", "OOMKilled"),
    ("oom-kill", "OOMKilled"),
    ("crashloopbackoff", "CrashLoopBackOff"),
    ("back-off restarting", "CrashLoopBackOff"),
    ("imagepullbackoff", "ImagePullBackOff"),
    ("errimagepull", "ErrImagePull"),
    ("back-off pulling", "ImagePullBackOff"),
    ("password authentication failed", "authentication failed"),
    ("authentication failed", "authentication failed"),
    ("unauthorized", "unauthorized"),
    ("permission denied", "permission denied"),
    ("access denied", "access denied"),
    ("forbidden", "forbidden"),
    ("x509:", "certificate error"),
    ("certificate", "certificate error"),
    ("deadlock", "deadlock"),
    ("nodes are available:", "FailedScheduling"),
    ("no healthy upstream", "no healthy upstream"),
    ("no endpoints available", "no endpoints"),
    ("exceeded quota", "quota exceeded"),
    ("too many connections", "too many connections"),
    ("rate limit", "rate limited"),
    ("toomanyrequests", "rate limited"),
    ("too many requests", "rate limited"),
    ("segmentation fault", "segmentation fault"),
    ("sigsegv", "segmentation fault"),
    ("panic:", "panic"),
    ("not found", "not found"),
    ("no such file", "no such file"),
];

/// The name of the failure that a message states, else `error`.
pub(super) fn error_type(message: &str, fields: &BTreeMap<String, String>) -> String {
    const FIELDS: &[&str] = &[
        "error.type",
        "exception.type",
        "exception_class",
        "error_type",
        "errorType",
        "exception.class",
        "error.kind",
    ];
    if let Some(name) = FIELDS
        .iter()
        .find_map(|field| fields.get(*field))
        .filter(|name| !name.is_empty())
    {
        return name.clone();
    }
    if let Some(name) = exception(message) {
        return name.to_owned();
    }
    let whole = fields
        .get("error")
        .or_else(|| fields.get("err"))
        .map_or("", String::as_str);
    let head = message.get(..message.floor_char_boundary(2_000)).unwrap_or("");
    [head, whole]
        .into_iter()
        .filter_map(first_phrase)
        .min()
        .and_then(|place| PHRASES.get(place))
        .map_or_else(|| "error".to_owned(), |(_, name)| (*name).to_owned())
}

/// Finds all phrases at once.
static PHRASE_AUTOMATON: LazyLock<Option<AhoCorasick>> =
    LazyLock::new(|| automaton(PHRASES.iter().map(|(phrase, _)| *phrase)));

/// Finds literals in any case.
fn automaton<'a>(literals: impl Iterator<Item = &'a str>) -> Option<AhoCorasick> {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .build(literals)
        .ok()
}

/// The place in [`PHRASES`] of the first one that the text holds.
fn first_phrase(text: &str) -> Option<usize> {
    let hits = PHRASE_AUTOMATON.as_ref()?.find_overlapping_iter(text);
    hits.map(|hit| hit.pattern().as_usize()).min()
}

/// The class of the exception that a message names: of a Python traceback the last one, else the first.
fn exception(message: &str) -> Option<&str> {
    let mut lines = message.lines().take(200);
    if message.contains("Traceback (most recent call last)") {
        return lines
            .filter(|line| !line.starts_with([' ', '\t']))
            .filter_map(exception_in)
            .last();
    }
    lines.find_map(exception_in)
}

fn exception_in(line: &str) -> Option<&str> {
    line.split(|char: char| !(char.is_ascii_alphanumeric() || matches!(char, '.' | '_' | '$')))
        .map(|word| word.trim_matches('.'))
        .find(|word| is_exception(word))
}

/// `KeyError`, `java.lang.OutOfMemoryError`, `System.IO.IOException`.
fn is_exception(word: &str) -> bool {
    let name = word.rsplit(['.', '$']).next().unwrap_or("");
    let named = ["Exception", "Error", "Fault", "Interrupt", "Throwable"]
        .iter()
        .any(|ending| name.strip_suffix(ending).is_some_and(|rest| rest.len() >= 2));
    named
        && name.starts_with(|char: char| char.is_ascii_uppercase())
        && name.bytes().any(|byte| byte.is_ascii_lowercase())
}

/// Words before a code, in lower case.
const CODE_MARKS: &[&str] = &[
    "exit code",
    "exitcode",
    "exit status",
    "exited with code",
    "sqlstate",
    "status code",
    "statuscode",
    "status_code",
    "http status",
    "errno",
    "error code",
    "code =",
    "code=",
    "status=",
    "http/1.1\"",
    "http/2.0\"",
];

/// Tells whether any word before a code is there.
static CODE_MARK_AUTOMATON: LazyLock<Option<AhoCorasick>> =
    LazyLock::new(|| automaton(CODE_MARKS.iter().copied()));

/// The code that a failure carries: exit code, HTTP status, SQLSTATE, errno, gRPC code.
pub(super) fn error_code(message: &str, fields: &BTreeMap<String, String>) -> Option<String> {
    const FIELDS: &[&str] = &[
        "error_code",
        "error.code",
        "errorCode",
        "exit_code",
        "exitCode",
        "sqlstate",
        "status_code",
        "statusCode",
        "http.status_code",
        "status",
        "code",
        "grpc.code",
    ];
    let field = FIELDS
        .iter()
        .find_map(|field| fields.get(*field))
        .filter(|code| is_bad(code));
    if let Some(code) = field {
        return Some(code.clone());
    }
    let head = message.get(..message.floor_char_boundary(2_000)).unwrap_or("");
    let marked = CODE_MARK_AUTOMATON.as_ref().is_none_or(|it| it.is_match(head));
    let lower = if marked {
        head.to_ascii_lowercase()
    } else {
        String::new()
    };
    CODE_MARKS
        .iter()
        .find_map(|mark| {
            let at = lower.find(mark)? + mark.len();
            let word = head.get(at..)?.trim_start_matches([' ', ':', '=', '[', '(', '"']);
            let word: &str = word.split(|char: char| !char.is_ascii_alphanumeric()).next()?;
            is_bad(word).then(|| word.to_owned())
        })
        .or_else(|| errno(head))
}

/// Not zero, not a success, and of a code's shape.
fn is_bad(code: &str) -> bool {
    let short = !code.is_empty()
        && code.len() <= 24
        && code
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    let good = matches!(code, "0" | "OK" | "ok" | "true" | "false" | "Unknown")
        || (code.len() == 3
            && code.starts_with(['1', '2', '3'])
            && code
                .parse::<u16>()
                .is_ok_and(|code| code < 400 && !matches!(code, 126..=165)));
    let told = code.bytes().any(|byte| byte.is_ascii_digit())
        || code.starts_with(|char: char| char.is_ascii_uppercase());
    short && !good && told
}

/// `ECONNREFUSED`, `ORA-01017`.
fn errno(text: &str) -> Option<String> {
    text.split(|char: char| !(char.is_ascii_alphanumeric() || char == '-'))
        .find(|word| {
            let name = word.len() >= 5
                && word.starts_with('E')
                && word.bytes().all(|byte| byte.is_ascii_uppercase())
                && ERRNOS.contains(word);
            let oracle = word
                .strip_prefix("ORA-")
                .is_some_and(|number| number.len() == 5 && number.bytes().all(|byte| byte.is_ascii_digit()));
            name || oracle
        })
        .map(str::to_owned)
}

const ERRNOS: &[&str] = &[
    "ECONNREFUSED",
    "ECONNRESET",
    "ETIMEDOUT",
    "ENOTFOUND",
    "EACCES",
    "EPERM",
    "ENOENT",
    "ENOSPC",
    "EROFS",
    "EMFILE",
    "ENFILE",
    "EADDRINUSE",
    "EHOSTUNREACH",
    "ENETUNREACH",
    "EPIPE",
    "ENOMEM",
    "EAI_AGAIN",
    "EEXIST",
    "EBUSY",
    "EINVAL",
];

/// The stack trace that came with a message.
pub(super) fn stack_trace(message: &str, fields: &BTreeMap<String, String>) -> Option<String> {
    const FIELDS: &[&str] = &[
        "stack_trace",
        "stacktrace",
        "exception.stacktrace",
        "error.stack_trace",
        "error.stack",
        "stack",
        "exc_info",
        "exception",
    ];
    let framed = message.lines().skip(1).take(50).any(is_frame);
    let field = || {
        FIELDS
            .iter()
            .find_map(|field| fields.get(*field))
            .filter(|trace| trace.contains('\n'))
    };
    let trace = if framed {
        Some(message)
    } else {
        field().map(String::as_str)
    };
    trace.map(|trace| {
        trace
            .get(..trace.floor_char_boundary(MAX_TRACE_BYTES))
            .unwrap_or("")
            .to_owned()
    })
}

fn is_frame(line: &str) -> bool {
    let bare = line.trim_start();
    let indented = bare.len() < line.len();
    let code = ["at ", "File \"", "from "]
        .iter()
        .any(|mark| bare.starts_with(mark))
        || [".go:", ".rs:", ".rb:"].iter().any(|mark| bare.contains(mark));
    (indented && code)
        || ["goroutine ", "Caused by:", "Traceback "]
            .iter()
            .any(|mark| bare.starts_with(mark))
}
