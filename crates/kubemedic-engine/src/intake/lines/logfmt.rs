//! Key-value lines: `time=... level=error msg="..." err="..."`.

use std::borrow::Cow;

use super::{Entry, MAX_FIELDS, bounded, severity, timestamp};

/// The most pairs read from one line.
const MAX_PAIRS: usize = 96;
/// Keys that name the severity.
const LEVEL_KEYS: [&str; 5] = ["level", "lvl", "severity", "loglevel", "log.level"];
/// Keys that name the time.
const TIME_KEYS: [&str; 5] = ["time", "ts", "timestamp", "t", "@timestamp"];
/// Keys that hold the message.
const MESSAGE_KEYS: [&str; 2] = ["msg", "message"];

/// Whether a line is made of pairs: it starts with one, and severity or message is among them.
pub(super) fn looks_like(line: &str) -> bool {
    starts_with_pair(line)
        && ["level=", "lvl=", "msg=", "severity="]
            .iter()
            .any(|key| has_key(line, key))
}

/// Whether `key=` stands at the start or after a space, tab or quote.
fn has_key(line: &str, key: &str) -> bool {
    let mut from = 0;
    while let Some(found) = line.get(from..).and_then(|rest| rest.find(key)) {
        let at = from + found;
        let before = at.checked_sub(1).and_then(|at| line.as_bytes().get(at));
        if before.is_none_or(|byte| matches!(byte, b' ' | b'\t' | b'"' | b'{' | b',')) {
            return true;
        }
        from = at + key.len();
    }
    false
}

/// Whether the first word has the form `key=`.
fn starts_with_pair(line: &str) -> bool {
    let key = line.split('=').next().unwrap_or("");
    !key.is_empty()
        && key.len() < 40
        && key.len() < line.len()
        && key
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-' | b'@'))
}

/// Reads a line of pairs.
pub(super) fn parse(line: &str) -> Option<Entry> {
    memchr::memchr(b'=', line.as_bytes())?;
    if !(looks_like(line) || line.contains("\" level=") && line.contains(" msg=")) {
        return None;
    }
    let mut entry = Entry {
        headed: true,
        ..Entry::default()
    };
    let mut error = None;
    for (key, value) in pairs(line) {
        if LEVEL_KEYS.contains(&key) {
            entry.severity = severity::of_word(&value)
                .or_else(|| value.parse().ok().map(severity::of_number))
                .unwrap_or(entry.severity);
        } else if TIME_KEYS.contains(&key) && entry.timestamp.is_none() {
            entry.timestamp = timestamp::whole(&value);
        } else if MESSAGE_KEYS.contains(&key) && entry.message.is_empty() {
            entry.message = value.into_owned();
        } else if entry.fields.len() < MAX_FIELDS {
            if matches!(key, "err" | "error") && super::super::cells::told(&value).is_some() {
                error = Some(value.to_string());
            }
            entry.fields.insert(key.to_owned(), bounded(&value));
        }
    }
    set_source(&mut entry);
    complete_message(&mut entry, error, line);
    Some(entry)
}

/// The message tells the error too: it is where the cause stands.
fn complete_message(entry: &mut Entry, error: Option<String>, line: &str) {
    match (entry.message.is_empty(), error) {
        (true, Some(error)) => entry.message = error,
        (false, Some(error)) if !entry.message.contains(&error) => {
            entry.message.push_str(": ");
            entry.message.push_str(&error);
        }
        (true, None) => line.clone_into(&mut entry.message),
        _ => {}
    }
}

/// Names that some loggers add.
fn set_source(entry: &mut Entry) {
    let get = |key: &str| entry.fields.get(key).cloned();
    let service = get("service").or_else(|| get("app")).or_else(|| get("component"));
    entry.source.service = service;
}

/// The pairs of a line; words without `=` are stepped over.
pub(super) fn pairs(line: &str) -> impl Iterator<Item = (&str, Cow<'_, str>)> {
    let mut rest = line;
    std::iter::from_fn(move || {
        loop {
            rest = rest.trim_start_matches([' ', '\t', ',', '"']);
            if rest.is_empty() {
                return None;
            }
            let end = rest.find(['=', ' ', '\t']).unwrap_or(rest.len());
            let (key, after) = rest.split_at_checked(end)?;
            let Some(after) = after.strip_prefix('=') else {
                rest = after;
                continue;
            };
            let (value, next) = value(after);
            rest = next;
            return Some((key, value));
        }
    })
    .take(MAX_PAIRS)
}

/// A value and what follows it.
fn value(text: &str) -> (Cow<'_, str>, &str) {
    if let Some((value, rest)) = quoted(text) {
        return (Cow::Owned(value), rest);
    }
    let end = text.find([' ', '\t']).unwrap_or(text.len());
    let (value, rest) = text.split_at_checked(end).unwrap_or((text, ""));
    (Cow::Borrowed(value), rest)
}

/// A text in double quotes with escapes resolved, and what follows it; an open quote ends with the line.
pub(super) fn quoted(text: &str) -> Option<(String, &str)> {
    let inner = text.strip_prefix('"')?;
    let mut value = String::new();
    let mut chars = inner.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((value, inner.get(at + 1..).unwrap_or(""))),
            '\\' => match chars.next() {
                Some((_, 'n')) => value.push('\n'),
                Some((_, 't')) => value.push('\t'),
                Some((_, 'r')) | None => {}
                Some((_, other)) => value.push(other),
            },
            _ => value.push(c),
        }
    }
    Some((value, ""))
}
