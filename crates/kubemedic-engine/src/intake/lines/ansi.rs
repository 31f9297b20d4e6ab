//! Terminal escape sequences off a line.

use std::borrow::Cow;

/// The escape character.
const ESCAPE: u8 = 0x1b;

/// The line without CSI and OSC sequences and without a byte order mark or trailing carriage return.
pub(in crate::intake) fn strip(line: &str) -> Cow<'_, str> {
    let line = match line.as_bytes() {
        // The first byte of a byte order mark.
        [0xef, ..] => line.trim_start_matches('\u{feff}'),
        _ => line,
    };
    let line = match line.as_bytes() {
        [.., b'\r'] => line.trim_end_matches('\r'),
        _ => line,
    };
    if memchr::memchr(ESCAPE, line.as_bytes()).is_none() {
        return Cow::Borrowed(line);
    }
    let mut clean = String::with_capacity(line.len());
    let mut parts = line.split('\u{1b}');
    clean.push_str(parts.next().unwrap_or(""));
    for part in parts {
        clean.push_str(after_sequence(part));
    }
    Cow::Owned(clean)
}

/// What follows an escape sequence whose escape character has been taken off.
fn after_sequence(part: &str) -> &str {
    if let Some(csi) = part.strip_prefix('[') {
        let end = csi.find(|c: char| ('\u{40}'..='\u{7e}').contains(&c));
        return end.and_then(|end| csi.get(end + 1..)).unwrap_or("");
    }
    if let Some(osc) = part.strip_prefix(']') {
        return osc.split_once('\u{7}').map_or("", |(_, rest)| rest);
    }
    let mut rest = part.chars();
    rest.next();
    rest.as_str()
}
