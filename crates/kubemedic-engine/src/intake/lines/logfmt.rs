//! Key-value lines: `time=... level=error msg="..." err="..."`.

use std::{borrow::Cow, collections::BTreeMap};

use super::{Entry, Fields, MAX_FIELDS, bounded, severity, timestamp};

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
    starts_with_pair(line) && names_level_or_message(line)
}

/// Whether `level=`, `lvl=`, `msg=` or `severity=` stands at the start or after a space, tab or quote.
fn names_level_or_message(line: &str) -> bool {
    memchr::memchr_iter(b'=', line.as_bytes()).any(|at| {
        let Some(before) = line.as_bytes().get(..at) else {
            return false;
        };
        let key = match before.last() {
            Some(b'l') => before
                .strip_suffix(b"level")
                .or_else(|| before.strip_suffix(b"lvl")),
            Some(b'g') => before.strip_suffix(b"msg"),
            Some(b'y') => before.strip_suffix(b"severity"),
            _ => None,
        };
        key.is_some_and(|before| matches!(before.last(), None | Some(b' ' | b'\t' | b'"' | b'{' | b',')))
    })
}

/// Whether the first word has the form `key=`.
fn starts_with_pair(line: &str) -> bool {
    let near = line.as_bytes().get(..40).unwrap_or(line.as_bytes());
    let end = memchr::memchr(b'=', near).unwrap_or_default();
    end > 0
        && near
            .iter()
            .take(end)
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-' | b'@'))
}

/// Whether a quoted value is followed by a severity, and a message follows somewhere.
pub(super) fn continues_pairs(line: &str) -> bool {
    let ends = |at: usize, with: &str| line.get(..at).is_some_and(|before| before.ends_with(with));
    let mut level = false;
    let mut message = false;
    for at in memchr::memchr_iter(b'=', line.as_bytes()) {
        match at.checked_sub(1).and_then(|at| line.as_bytes().get(at)) {
            Some(b'l') => level |= ends(at, "\" level"),
            Some(b'g') => message |= ends(at, " msg"),
            _ => {}
        }
    }
    level && message
}

/// Reads a line of pairs.
pub(super) fn parse(line: &str) -> Option<Entry<'_>> {
    memchr::memchr(b'=', line.as_bytes())?;
    if !(looks_like(line) || continues_pairs(line)) {
        return None;
    }
    let mut entry = Entry {
        headed: true,
        fields: Fields::Pairs(line),
        ..Entry::default()
    };
    let mut error = None;
    let (mut service, mut app, mut component) = (None, None, None);
    let mut reader = Roles::default();
    for (key, value) in pairs(line) {
        match reader.role(key) {
            Role::Level => {
                entry.severity = severity::of_value(&value).unwrap_or(entry.severity);
            }
            Role::Time => {
                entry.timestamp = timestamp::whole(&value);
                reader.timed = entry.timestamp.is_some();
            }
            Role::Message => {
                reader.told = !value.is_empty();
                entry.message = value;
            }
            Role::Field => match key {
                "err" | "error" if tells(&value) => error = Some(value),
                "service" => service = Some(value),
                "app" => app = Some(value),
                "component" => component = Some(value),
                _ => {}
            },
        }
    }
    entry.source.service = service.or(app).or(component);
    complete_message(&mut entry, error, line);
    Some(entry)
}

/// Whether the value of an error is one.
fn tells(value: &str) -> bool {
    super::super::cells::told(value).is_some() && !matches!(value, "null" | "nil" | "none" | "false" | "0")
}

/// What a pair of the line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Level,
    Time,
    Message,
    Field,
}

/// Tells what pairs are, in their order: the first time and the first message that is not empty count, others are fields.
#[derive(Debug, Clone, Copy, Default)]
struct Roles {
    timed: bool,
    told: bool,
}

impl Roles {
    fn role(self, key: &str) -> Role {
        if LEVEL_KEYS.contains(&key) {
            Role::Level
        } else if !self.timed && TIME_KEYS.contains(&key) {
            Role::Time
        } else if !self.told && MESSAGE_KEYS.contains(&key) {
            Role::Message
        } else {
            Role::Field
        }
    }
}

/// The fields of a line of pairs.
pub(super) fn fields(line: &str) -> BTreeMap<String, String> {
    let mut fields = BTreeMap::new();
    let mut reader = Roles::default();
    for (key, value) in pairs(line) {
        match reader.role(key) {
            Role::Time => reader.timed = timestamp::whole(&value).is_some(),
            Role::Message => reader.told = !value.is_empty(),
            Role::Field if fields.len() < MAX_FIELDS => {
                fields.insert(key.to_owned(), bounded(&value));
            }
            Role::Level | Role::Field => {}
        }
    }
    fields
}

/// The message tells the error too: it is where the cause stands.
fn complete_message<'a>(entry: &mut Entry<'a>, error: Option<Cow<'a, str>>, line: &'a str) {
    match (entry.message.is_empty(), error) {
        (true, Some(error)) => entry.message = error,
        (false, Some(error)) if !entry.message.contains(&*error) => {
            let message = entry.message.to_mut();
            message.push_str(": ");
            message.push_str(&error);
        }
        (true, None) => entry.message = Cow::Borrowed(line),
        _ => {}
    }
}

/// The pairs of a line; words without `=` are stepped over.
pub(super) fn pairs(line: &str) -> impl Iterator<Item = (&str, Cow<'_, str>)> {
    let mut rest = line;
    std::iter::from_fn(move || {
        loop {
            let start = position(rest, |byte| !matches!(byte, b' ' | b'\t' | b',' | b'"'));
            rest = rest.get(start..).filter(|rest| !rest.is_empty())?;
            let end = position(rest, |byte| matches!(byte, b'=' | b' ' | b'\t'));
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

/// The first byte of a kind, or the end.
pub(super) fn position(text: &str, kind: impl Fn(u8) -> bool) -> usize {
    text.bytes().position(kind).unwrap_or(text.len())
}

/// A value and what follows it.
fn value(text: &str) -> (Cow<'_, str>, &str) {
    if let Some(found) = quoted(text) {
        return found;
    }
    let end = position(text, |byte| matches!(byte, b' ' | b'\t'));
    let (value, rest) = text.split_at_checked(end).unwrap_or((text, ""));
    (Cow::Borrowed(value), rest)
}

/// A text in double quotes with escapes resolved, and what follows it; an open quote ends with the line.
pub(super) fn quoted(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let inner = text.strip_prefix('"')?;
    let Some(end) = memchr::memchr2(b'"', b'\\', inner.as_bytes()) else {
        return Some((Cow::Borrowed(inner), ""));
    };
    if inner.as_bytes().get(end) == Some(&b'"') {
        return Some((Cow::Borrowed(inner.get(..end)?), inner.get(end + 1..)?));
    }
    let (value, rest) = escaped(inner);
    Some((Cow::Owned(value), rest))
}

/// The same for a text that holds escapes.
fn escaped(inner: &str) -> (String, &str) {
    let mut value = String::new();
    let mut chars = inner.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return (value, inner.get(at + 1..).unwrap_or("")),
            '\\' => match chars.next() {
                Some((_, 'n')) => value.push('\n'),
                Some((_, 't')) => value.push('\t'),
                Some((_, 'r')) | None => {}
                Some((_, other)) => value.push(other),
            },
            _ => value.push(c),
        }
    }
    (value, "")
}
