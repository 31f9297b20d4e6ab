//! One line of a log to an entry: prefixes off, then the logger's own format. One file per family of formats.
//! Joining lines is `multiline`'s, telling logs from kubectl output is `segments`'.

mod access;
mod ansi;
mod columns;
mod fields;
mod json;
mod kernel;
mod klog;
mod late;
mod lead;
mod level;
mod logfmt;
mod marks;
mod prefix;
mod quick;
mod source;
mod syslog;
mod text;

use std::borrow::Cow;

use jiff::Timestamp;
use kubemedic_model::log::Severity;
use serde_json::Value;

pub(super) use ansi::strip as strip_ansi;
pub(super) use fields::Fields;
pub(super) use prefix::CutLines;
pub(super) use source::Source;

use super::{
    severity,
    timestamp::{self, Yearless},
};

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
    /// When, without the year.
    pub(super) yearless: Option<Yearless>,
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
    /// What the container wrote, without the prefixes that runtimes and viewers put before it.
    pub(super) body: Option<Cow<'a, str>>,
    /// Tells the containers of such prefixes apart; 0: none was named.
    pub(super) lane: u64,
}

impl Entry<'_> {
    /// The same entry without the line.
    pub(super) fn into_owned(self) -> Entry<'static> {
        Entry {
            timestamp: self.timestamp,
            yearless: self.yearless,
            severity: self.severity,
            source: self.source.into_owned(),
            message: Cow::Owned(self.message.into_owned()),
            fields: self.fields.into_owned(),
            headed: self.headed,
            partial: self.partial,
            stream: self.stream,
            body: self.body.map(|body| Cow::Owned(body.into_owned())),
            lane: self.lane,
        }
    }
}

/// The entries of a line.
#[derive(Debug, Clone, PartialEq)]
#[expect(
    clippy::large_enum_variant,
    reason = "nearly every line gives one entry: a box would cost each an allocation"
)]
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
    if !trimmed.starts_with('{') {
        return Parsed::One(parse_clean(line, 0));
    }
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
    quick::parse(line).unwrap_or_else(|| parse_general(line, depth))
}

/// The same without a look at the common forms first.
fn parse_general(line: &str, depth: usize) -> Entry<'_> {
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
    if let Some(found) = kernel::parse(trimmed) {
        return of_kernel(found);
    }
    if let Some(entry) = columns::parse(trimmed) {
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
        let mut entry = parse_shipped(wrapped.line.clone(), depth);
        entry.body = Some(entry.body.take().unwrap_or(wrapped.line));
        entry.lane = told.lane();
        entry.timestamp = entry.timestamp.or(wrapped.time);
        entry.stream = Some(wrapped.stream);
        // A shipper that names the pod sends whole lines without their ends.
        entry.partial = (!wrapped.whole && !told.names_pod()).then_some(wrapped.stream);
        entry.source.complete(told.source());
        return entry;
    }
    if depth < MAX_PREFIXES
        && let Some(line) = told.shipped()
    {
        let mut entry = parse_shipped(line.clone(), depth);
        entry.body = Some(entry.body.take().unwrap_or(line));
        entry.lane = told.lane();
        entry.timestamp = entry.timestamp.or_else(|| told.time());
        if entry.severity == Severity::Unknown {
            entry.severity = told.severity();
        }
        entry.source.complete(told.source());
        return entry;
    }
    told.entry()
}

/// The entry of a line that stood inside another.
fn parse_shipped(line: Cow<'_, str>, depth: usize) -> Entry<'_> {
    match line {
        Cow::Borrowed(line) => parse_clean(line, depth + 1),
        Cow::Owned(line) => parse_clean(&line, depth + 1).into_owned(),
    }
}

/// The entry of a line of the kernel.
fn of_kernel(found: kernel::KernelLine<'_>) -> Entry<'_> {
    Entry {
        timestamp: found.time,
        severity: found.severity,
        message: Cow::Borrowed(found.message),
        headed: found.severity != Severity::Unknown || found.time.is_some(),
        ..Entry::default()
    }
}

/// The entry of a line that is neither JSON nor key-value pairs: a time, a word for severity, a message.
fn parse_text(line: &str, depth: usize) -> Entry<'_> {
    let trimmed = trim(line);
    let Some(stamped) = timestamp::leading(trimmed) else {
        return parse_unstamped(trimmed, depth);
    };
    let rest = stamped.rest.trim_start();
    if rest.is_empty() {
        return Entry {
            timestamp: stamped.time,
            yearless: stamped.yearless,
            headed: stamped.time.is_some(),
            ..text::parse(trimmed, false)
        };
    }
    let mut entry = if depth < MAX_PREFIXES && starts_structured(rest) {
        parse_clean(rest, depth + 1)
    } else if let Some(entry) = columns::logcat(rest) {
        entry
    } else {
        text::after_time(&stamped)
    };
    entry.timestamp = entry.timestamp.or(stamped.time);
    entry.yearless = entry.yearless.or(stamped.yearless);
    entry.headed = true;
    entry
}

/// The entry of a line that does not begin with a time; one may stand after columns.
fn parse_unstamped(line: &str, depth: usize) -> Entry<'_> {
    if let Some(entry) = marks::parse(line, false) {
        return entry;
    }
    let Some(late) = late::find(line) else {
        let mut entry = text::parse(line, false);
        entry.timestamp = entry.timestamp.or_else(|| access::balancer_time(line));
        return entry;
    };
    let mut entry = if depth < MAX_PREFIXES && timestamp::leading(late.stamped.rest).is_some() {
        parse_text(late.stamped.rest, depth + 1)
    } else {
        text::after_columns(&late)
    };
    if !late.certain && entry.severity == Severity::Unknown {
        return text::parse(line, false);
    }
    if entry.severity == Severity::Unknown {
        entry.severity = late.severity;
    }
    entry.timestamp = entry.timestamp.or(late.stamped.time);
    entry.headed = true;
    entry
}

/// A number that tells names apart (FNV-1a of 64 bits); never 0.
fn lane_of<'n>(names: impl IntoIterator<Item = &'n str>) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in names.into_iter().flat_map(|name| name.bytes().chain([b'/'])) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    hash | 1
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
