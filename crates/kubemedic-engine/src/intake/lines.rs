//! One line of a log to an entry: prefixes off, then the logger's own format. One file per family of formats.
//! Joining lines is `multiline`'s, telling logs from kubectl output is `segments`'.

mod access;
mod ansi;
mod fields;
mod json;
mod klog;
mod logfmt;
mod prefix;
mod source;
mod text;

use std::borrow::Cow;

use jiff::Timestamp;
use kubemedic_model::log::Severity;
use serde_json::Value;

pub(super) use ansi::strip as strip_ansi;
pub(super) use fields::Fields;
pub(super) use prefix::CutLines;
pub(super) use source::Source;

use super::{severity, timestamp};

/// The most prefixes around one line (a container runtime's inside a shipper's inside a viewer's).
const MAX_PREFIXES: usize = 4;
/// The most fields kept of one entry.
const MAX_FIELDS: usize = 64;
/// The longest value of a field, in bytes.
const MAX_FIELD_BYTES: usize = 8 * 1024;

/// What one line says; it borrows from the line wherever the line says it literally.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Entry<'a> {
    /// When.
    pub(super) timestamp: Option<Timestamp>,
    /// How grave, by its own word.
    pub(super) severity: Severity,
    /// From where.
    pub(super) source: Source<'a>,
    /// The message.
    pub(super) message: Cow<'a, str>,
    /// Other fields.
    pub(super) fields: Fields<'a>,
    /// Whether the line itself tells a time, a severity or a structure: such a line never continues another one.
    pub(super) headed: bool,
    /// The stream whose next line continues this one (CRI's `P`, docker's missing line end).
    pub(super) partial: Option<Stream>,
    /// The stream, where the runtime tells.
    pub(super) stream: Option<Stream>,
}

impl Entry<'_> {
    /// The same entry without the line.
    pub(super) fn into_owned(self) -> Entry<'static> {
        Entry {
            timestamp: self.timestamp,
            severity: self.severity,
            source: self.source.into_owned(),
            message: Cow::Owned(self.message.into_owned()),
            fields: self.fields.into_owned(),
            headed: self.headed,
            partial: self.partial,
            stream: self.stream,
        }
    }
}

/// The entries of a line.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Parsed<'a> {
    /// One, as nearly always.
    One(Entry<'a>),
    /// The records of a batch of OpenTelemetry.
    Batch(Vec<Entry<'static>>),
}

/// An output stream of a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stream {
    /// Standard output.
    Out,
    /// Standard error; not an error by itself.
    Err,
}

/// The entries of a line without colour codes.
pub(super) fn parse(line: &str) -> Parsed<'_> {
    let trimmed = trim(line);
    let mut told = json::Told::default();
    if !told.read(trimmed) {
        return Parsed::One(parse_clean(line, 0));
    }
    if told.is_batch
        && let Some(entries) = json::batch(trimmed)
    {
        return Parsed::Batch(entries);
    }
    Parsed::One(parse_object(&told, 0))
}

/// The line without space around it; nearly every line has none, which its first and last bytes tell.
fn trim(line: &str) -> &str {
    match line.as_bytes() {
        [b'!'..=b'~', .., b'!'..=b'~'] => line,
        _ => line.trim(),
    }
}

/// The entry of a JSON object that was printed over several lines.
pub(super) fn parse_value(value: &Value) -> Entry<'static> {
    let text = value.to_string();
    let mut told = json::Told::default();
    if told.read(&text) {
        return parse_object(&told, 0).into_owned();
    }
    parse_clean(&text, 0).into_owned()
}

/// The entry of a line without colour codes.
fn parse_clean(line: &str, depth: usize) -> Entry<'_> {
    if depth < MAX_PREFIXES
        && let Some(found) = prefix::take(line)
    {
        let mut entry = parse_clean(found.rest, depth + 1);
        found.complete(&mut entry);
        return entry;
    }
    let trimmed = trim(line);
    if depth > 0 && trimmed.starts_with('{') {
        let mut told = json::Told::default();
        if told.read(trimmed) {
            return parse_object(&told, depth);
        }
    }
    if let Some(entry) = klog::parse(trimmed) {
        return entry;
    }
    if let Some(entry) = logfmt::parse(trimmed) {
        return entry;
    }
    parse_text(line, depth)
}

/// The entry of a JSON object, or of the line that docker's json-file driver wrapped in it.
fn parse_object<'a>(told: &json::Told<'a>, depth: usize) -> Entry<'a> {
    if depth < MAX_PREFIXES
        && let Some(wrapped) = told.docker()
    {
        let mut entry = match wrapped.line {
            Cow::Borrowed(line) => parse_clean(line, depth + 1),
            Cow::Owned(line) => parse_clean(&line, depth + 1).into_owned(),
        };
        entry.timestamp = entry.timestamp.or(wrapped.time);
        entry.stream = Some(wrapped.stream);
        entry.partial = (!wrapped.whole).then_some(wrapped.stream);
        return entry;
    }
    told.entry()
}

/// The entry of a line that is neither JSON nor key-value pairs: a time, a word for severity, a message.
fn parse_text(line: &str, depth: usize) -> Entry<'_> {
    let trimmed = trim(line);
    let Some(stamped) = timestamp::leading(trimmed) else {
        return text::parse(trimmed, false);
    };
    let rest = stamped.rest.trim_start();
    if rest.is_empty() {
        return text::parse(trimmed, false);
    }
    let mut entry = if depth < MAX_PREFIXES && starts_structured(rest) {
        parse_clean(rest, depth + 1)
    } else {
        text::parse(stamped.rest, true)
    };
    entry.timestamp = entry.timestamp.or(stamped.time);
    entry.headed = true;
    entry
}

/// Whether what follows a time is an entry of its own: JSON, klog, key-value pairs, or another time.
fn starts_structured(rest: &str) -> bool {
    rest.starts_with('{')
        || klog::looks_like(rest)
        || logfmt::looks_like(rest)
        || timestamp::leading(rest).is_some_and(|stamped| stamped.time.is_some())
}

/// A field's value within its bound.
fn bounded(value: &str) -> String {
    if value.len() <= MAX_FIELD_BYTES {
        return value.to_owned();
    }
    let mut end = MAX_FIELD_BYTES;
    while !value.is_char_boundary(end) {
        end -= 1;
    }
    value.get(..end).unwrap_or("").to_owned()
}

/// The text of bytes; where it is not UTF-8, a CRI line that was cut inside a character gives its last bytes to the next
/// line of its stream first.
pub(super) fn decode(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(CutLines::default().decode(bytes)),
    }
}

#[cfg(test)]
mod tests;
