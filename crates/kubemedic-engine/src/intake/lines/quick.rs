//! The lines that nearly every log is made of, recognised by their first bytes: klog, logfmt, a time and a severity, access
//! logs. What is read here is read exactly as the general reader would; a test compares the two. Whatever is not clear is
//! left to it.

use std::borrow::Cow;

use super::{Entry, Fields, access, klog, level, logfmt, severity, text, timestamp};

/// The entry of a line in one of the common forms.
pub(super) fn parse(line: &str) -> Option<Entry<'_>> {
    match line.as_bytes() {
        // Space at the end would be taken off first.
        [.., 0..=b' ' | 0x7f..] => None,
        [b'I' | b'W' | b'E' | b'F', b'0'..=b'9', ..] => klog::parse(line),
        [b't', b'i' | b's', ..] if line.starts_with("time=\"") || line.starts_with("ts=2") => {
            logfmt::looks_like(line).then(|| logfmt::parse(line))?
        }
        [b'0'..=b'9', _, b'0'..=b'9', b'0'..=b'9', b'-', ..] => stamped(line),
        [b'0'..=b'9', ..] => request(line),
        _ => None,
    }
}

/// A time as RFC 3339 has it and a severity in capitals.
fn stamped(line: &str) -> Option<Entry<'_>> {
    let (time, rest) = timestamp::iso(line)?;
    let rest = rest.get(logfmt::position(rest, |byte| !matches!(byte, b' ' | b'\t'))..)?;
    let end = logfmt::position(rest, |byte| matches!(byte, b' ' | b'\t'));
    let severity = level::plain(rest.get(..end)?)?;
    if severity::is_served_panic(rest) || logfmt::continues_pairs(line) {
        return None;
    }
    let found = level::Found {
        severity,
        at: 0,
        message_at: end,
    };
    let mut entry = text::after_level(rest, found);
    text::add_request(&mut entry, rest, true);
    entry.timestamp = entry.timestamp.or(Some(time));
    Some(entry)
}

/// The common log format of an unnamed client: `10.1.0.3 - - [01/Feb/2025:12:00:00 +0000] "GET / HTTP/1.1" 502 150 ...`.
fn request(line: &str) -> Option<Entry<'_>> {
    let end = logfmt::position(line, |byte| !matches!(byte, b'0'..=b'9' | b'.'));
    let (address, rest) = line.split_at_checked(end)?;
    let bracketed = rest.strip_prefix(" - - [").filter(|_| is_address(address))?;
    let (time, rest) = timestamp::access_log(bracketed)?;
    let unclear = !rest.starts_with("] \"")
        || line.ends_with(')')
        || severity::is_served_panic(line)
        || logfmt::continues_pairs(line);
    if unclear {
        return None;
    }
    let request = access::find(line)?;
    Some(Entry {
        timestamp: Some(time),
        severity: request.severity,
        message: Cow::Borrowed(line),
        fields: Fields::Words {
            request: Some(request),
            lead: None,
            pairs: line,
        },
        headed: true,
        ..Entry::default()
    })
}

/// Whether digits and dots are an IPv4 address.
fn is_address(text: &str) -> bool {
    text.len() <= 15
        && text.split('.').count() == 4
        && text.split('.').all(|part| (1..=3).contains(&part.len()))
}

#[cfg(test)]
mod tests;
