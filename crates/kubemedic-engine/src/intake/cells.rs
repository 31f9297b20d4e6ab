//! Columns of text as kubectl prints them: cells apart by a tab or two spaces, and ages such as `3m30s (x256 over 58m)`.
//! It does not know what the columns mean.

/// A cell and the byte at which it starts in its line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cell<'a> {
    /// Offset in bytes.
    pub(super) start: usize,
    /// The text without surrounding spaces.
    pub(super) text: &'a str,
}

/// Splits a line where a tab or at least two spaces stand.
pub(super) fn cells(line: &str) -> Vec<Cell<'_>> {
    let bytes = line.as_bytes();
    let mut found = Vec::new();
    let mut start = None;
    let mut gap = 0_usize;
    for (at, byte) in bytes.iter().copied().enumerate() {
        if byte == b' ' || byte == b'\t' {
            gap += if byte == b'\t' { 2 } else { 1 };
            continue;
        }
        if let Some(begin) = start
            && gap >= 2
        {
            push_cell(&mut found, line, begin, at);
            start = None;
        }
        if start.is_none() {
            start = Some(at);
        }
        gap = 0;
    }
    if let Some(begin) = start {
        push_cell(&mut found, line, begin, bytes.len());
    }
    found
}

/// Keeps the text between two offsets as a cell.
fn push_cell<'a>(found: &mut Vec<Cell<'a>>, line: &'a str, start: usize, end: usize) {
    if let Some(text) = line.get(start..end) {
        found.push(Cell {
            start,
            text: text.trim_end(),
        });
    }
}

/// How long ago and how often something was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Repeated {
    /// Seconds since it was last seen.
    pub(super) age_seconds: Option<u64>,
    /// How often it was seen.
    pub(super) count: u64,
}

/// Reads `4s`, `4s (x5 over 9m)` and `<unknown>`.
pub(super) fn repeated(text: &str) -> Repeated {
    let (age, rest) = text.split_once('(').unwrap_or((text, ""));
    let count = rest
        .strip_prefix('x')
        .and_then(|rest| rest.split(' ').next())
        .and_then(|digits| digits.trim_end_matches(')').parse().ok());
    Repeated {
        age_seconds: age_seconds(age.trim()),
        count: count.unwrap_or(1),
    }
}

/// Reads a duration as kubectl prints it: `17s`, `2m38s`, `4d21h`, `2y3d`.
pub(super) fn age_seconds(text: &str) -> Option<u64> {
    let mut total = 0_u64;
    let mut number: Option<u64> = None;
    for byte in text.bytes() {
        if byte.is_ascii_digit() {
            let digit = u64::from(byte - b'0');
            number = Some(number.unwrap_or(0).checked_mul(10)?.checked_add(digit)?);
            continue;
        }
        let unit = match byte {
            b's' => 1,
            b'm' => 60,
            b'h' => 3600,
            b'd' => 86_400,
            b'y' => 31_536_000,
            _ => return None,
        };
        total = total.checked_add(number.take()?.checked_mul(unit)?)?;
    }
    (number.is_none() && !text.is_empty()).then_some(total)
}

/// `None` for the words that kubectl prints where there is nothing.
pub(super) fn told(text: &str) -> Option<&str> {
    let text = text.trim();
    let nothing = matches!(
        text,
        "" | "<none>" | "<unset>" | "<unknown>" | "<nil>" | "<invalid>" | "-" | "N/A"
    );
    (!nothing).then_some(text)
}

/// [`told`] as an owned text.
pub(super) fn told_owned(text: &str) -> Option<String> {
    told(text).map(str::to_owned)
}

#[cfg(test)]
mod tests;
