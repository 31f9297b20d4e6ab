//! klog and glog: `E0507 11:59:28.664457    4601 pod_workers.go:1300] "Error syncing pod" err="..."`.

use std::{borrow::Cow, collections::BTreeMap};

use super::{Entry, Fields, logfmt, severity, timestamp};

/// How far the place in the source may stand before its bracket, in bytes.
const MAX_HEAD_BYTES: usize = 120;

/// Whether a line starts with klog's letter and date.
pub(super) fn looks_like(line: &str) -> bool {
    header_length(line).is_some()
}

/// The length of `E0507` or `I20200308` at the start, if a space follows.
fn header_length(line: &str) -> Option<usize> {
    let bytes = line.as_bytes();
    if !matches!(bytes.first()?, b'I' | b'W' | b'E' | b'F') {
        return None;
    }
    let digits = bytes
        .iter()
        .skip(1)
        .take(9)
        .take_while(|b| b.is_ascii_digit())
        .count();
    let followed = bytes.get(1 + digits) == Some(&b' ');
    (followed && matches!(digits, 4 | 6 | 8)).then_some(1 + digits)
}

/// Reads a klog line.
pub(super) fn parse(line: &str) -> Option<Entry<'_>> {
    let length = header_length(line)?;
    let severity = severity::of_letter(*line.as_bytes().first()?)?;
    let rest = line.get(length..)?.trim_start();
    let mut entry = Entry {
        severity,
        headed: true,
        ..Entry::default()
    };
    let date = line.get(1..length)?;
    if length == 5 {
        entry.yearless = timestamp::month_and_day(date, rest);
    } else {
        entry.timestamp = timestamp::leading(line.get(1..)?)?.time;
    }
    if length == 7 {
        return cockroach(entry, rest);
    }
    match head_and_body(rest) {
        Some((head, body)) => set_body(&mut entry, head, body),
        _ => entry.message = Cow::Borrowed(rest),
    }
    Some(entry)
}

/// What stands before and after the first `] `.
fn head_and_body(rest: &str) -> Option<(&str, &str)> {
    let near = rest
        .get(..rest.floor_char_boundary(MAX_HEAD_BYTES))
        .unwrap_or(rest);
    let end =
        memchr::memchr_iter(b']', near.as_bytes()).find(|at| rest.as_bytes().get(at + 1) == Some(&b' '))?;
    Some((rest.get(..end)?, rest.get(end + 2..)?))
}

/// What `CockroachDB` writes after its date of six digits: `08:14:03.120934 88 server/node.go:412 message`.
fn cockroach<'a>(mut entry: Entry<'a>, rest: &'a str) -> Option<Entry<'a>> {
    let (_clock, rest) = rest.split_once(' ')?;
    let (goroutine, message) = rest.split_once(' ')?;
    let numbered = !goroutine.is_empty() && goroutine.bytes().all(|b| b.is_ascii_digit());
    entry.message = Cow::Borrowed(message);
    (numbered && entry.timestamp.is_some()).then_some(entry)
}

/// Message and fields of `"message" key="value"`, or the body as it is.
fn set_body<'a>(entry: &mut Entry<'a>, head: &'a str, body: &'a str) {
    let quoted = body.starts_with('"').then(|| logfmt::quoted(body)).flatten();
    let (message, pairs) = quoted.unwrap_or((Cow::Borrowed(body), ""));
    entry.message = message;
    entry.fields = Fields::Klog { head, pairs };
    if let Some(error) = error(pairs) {
        let message = entry.message.to_mut();
        message.push_str(": ");
        message.push_str(&super::bounded(&error));
    }
}

/// The error that the pairs tell, which joins the message.
fn error(pairs: &str) -> Option<Cow<'_, str>> {
    let mut equals = memchr::memchr_iter(b'=', pairs.as_bytes());
    let told = equals.any(|at| pairs.get(..at).is_some_and(|before| before.ends_with("err")));
    told.then(|| logfmt::pairs(pairs).filter(|(key, _)| *key == "err").last())?
        .map(|(_, error)| error)
}

/// The fields of a line.
pub(super) fn fields(head: &str, pairs: &str) -> BTreeMap<String, String> {
    let mut fields = BTreeMap::new();
    if let Some(caller) = head.split_whitespace().last() {
        fields.insert("caller".to_owned(), caller.to_owned());
    }
    for (key, value) in logfmt::pairs(pairs) {
        if fields.len() < super::MAX_FIELDS {
            fields.insert(key.to_owned(), super::bounded(&value));
        }
    }
    fields
}
