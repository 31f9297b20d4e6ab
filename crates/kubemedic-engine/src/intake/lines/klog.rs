//! klog and glog: `E0507 11:59:28.664457    4601 pod_workers.go:1300] "Error syncing pod" err="..."`.

use super::{Entry, logfmt, severity};

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
    (followed && (digits == 4 || digits == 8)).then_some(1 + digits)
}

/// Reads a klog line.
pub(super) fn parse(line: &str) -> Option<Entry> {
    let length = header_length(line)?;
    let severity = severity::of_letter(*line.as_bytes().first()?)?;
    let rest = line.get(length..)?.trim_start();
    let mut entry = Entry {
        severity,
        headed: true,
        ..Entry::default()
    };
    if length == 9 {
        entry.timestamp = glog_time(line.get(1..9)?, rest);
    }
    match rest.split_once("] ") {
        Some((head, body)) if head.len() < 120 => {
            if let Some(caller) = head.split_whitespace().last() {
                entry.fields.insert("caller".to_owned(), caller.to_owned());
            }
            set_body(&mut entry, body);
        }
        _ => rest.clone_into(&mut entry.message),
    }
    Some(entry)
}

/// The time of glog with a year: `20200308` and `23:47:32.089828`.
fn glog_time(date: &str, rest: &str) -> Option<jiff::Timestamp> {
    let clock = rest.split_whitespace().next()?;
    let (year, month, day) = (date.get(..4)?, date.get(4..6)?, date.get(6..8)?);
    super::timestamp::whole(&format!("{year}-{month}-{day}T{clock}Z"))
}

/// Message and fields of `"message" key="value"`, or the body as it is.
fn set_body(entry: &mut Entry, body: &str) {
    let quoted = body.starts_with('"').then(|| logfmt::quoted(body)).flatten();
    let Some((message, rest)) = quoted else {
        body.clone_into(&mut entry.message);
        return;
    };
    entry.message = message;
    for (key, value) in logfmt::pairs(rest) {
        if entry.fields.len() < super::MAX_FIELDS {
            entry.fields.insert(key.to_owned(), super::bounded(&value));
        }
    }
    if let Some(error) = entry.fields.get("err") {
        entry.message.push_str(": ");
        let error = error.clone();
        entry.message.push_str(&error);
    }
}
