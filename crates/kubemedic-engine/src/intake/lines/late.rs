//! A time that stands after other columns: `WARN  [ScheduledTasks:1] 2024-05-07 10:55:40,486 ...`, `[GIN] 2024/05/07 - ...`.
//! Only columns may stand before it: a time within a sentence is no time of the line.

use kubemedic_model::log::Severity;

use super::{severity, timestamp, timestamp::Stamped};

/// How far into the line a time may begin, in bytes.
const WITHIN_BYTES: usize = 96;
/// The most words before it.
const MAX_WORDS: usize = 7;

/// A line with columns, a time, and the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Late<'a> {
    /// The severity that the columns name.
    pub(super) severity: Severity,
    /// Whether the columns alone show that this is the head of an entry.
    pub(super) certain: bool,
    /// Whether a bracket that opened before the time is still open.
    pub(super) bracketed: bool,
    /// The time and what follows.
    pub(super) stamped: Stamped<'a>,
}

/// Finds a time after columns.
pub(super) fn find(line: &str) -> Option<Late<'_>> {
    if !matches!(line.as_bytes().first()?, b'[' | b'(' | b'=' | b'#' | b'A'..=b'Z') {
        return None;
    }
    let at = date_at(line.as_bytes())?;
    let head = line.get(..at)?;
    if !is_head(head) {
        return None;
    }
    let stamped = timestamp::leading(line.get(at..)?).filter(|stamped| stamped.time.is_some())?;
    let bracketed = head.matches('[').count() > head.matches(']').count() && !stamped.rest.starts_with(']');
    let rest = stamped
        .rest
        .trim_start_matches([']', ')', '"', ' ', ':', '|', ',']);
    if rest.is_empty() {
        return None;
    }
    let severity = level_of(head).unwrap_or_default();
    Some(Late {
        severity,
        bracketed,
        certain: severity != Severity::Unknown || head.starts_with('[') || head.contains(['|', '=']),
        stamped: Stamped { rest, ..stamped },
    })
}

/// Where a date begins: `2024-05-07`, `2024/05/07`, `05/07/2024`, `07-May-2024`, after a mark that may stand before it.
fn date_at(bytes: &[u8]) -> Option<usize> {
    let mut before = b'x';
    for (at, byte) in bytes.iter().enumerate().take(WITHIN_BYTES) {
        if byte.is_ascii_digit()
            && matches!(before, b' ' | b'[' | b'(' | b':' | b',' | b'|' | b'=')
            && bytes.get(at..).is_some_and(is_date)
        {
            return Some(at);
        }
        before = *byte;
    }
    None
}

/// Whether bytes have the form of a date.
fn is_date(bytes: &[u8]) -> bool {
    let shape = |form: &[u8]| {
        bytes.len() > form.len()
            && bytes.iter().zip(form).all(|(byte, form)| match form {
                b'0' => byte.is_ascii_digit(),
                b'a' => byte.is_ascii_alphabetic(),
                form => byte == form,
            })
    };
    shape(b"0000-00-00")
        || shape(b"0000/00/00")
        || shape(b"00/00/0000")
        || shape(b"00-aaa-0000")
        || shape(b"000000 00:00:00")
        || shape(b"00000000 00:00:00")
}

/// Whether a text is made of columns.
fn is_head(head: &str) -> bool {
    let barred = head.contains('|');
    let mut words = 0;
    head.split_whitespace().all(|word| {
        words += 1;
        words <= MAX_WORDS && (barred || is_column(word))
    })
}

/// Whether a word before the time is a column rather than a word of a sentence.
fn is_column(word: &str) -> bool {
    word.starts_with(['[', '(', '=', '#', '-'])
        || word.ends_with([']', ')', ':', '=', ',', '('])
        || word.contains("::")
        || word.bytes().all(|b| b.is_ascii_digit())
        || word
            .split_once(':')
            .is_some_and(|(_, line)| line.bytes().all(|b| b.is_ascii_digit()))
        || (word.bytes().all(|b| b.is_ascii_uppercase()) && severity::of_word(word).is_some())
}

/// The severity that columns name, as a word in capitals or in brackets, or as the letter that opens them.
fn level_of(head: &str) -> Option<Severity> {
    if let Some(letter) = head.strip_prefix('[').and_then(|rest| rest.strip_suffix(' '))
        && let [letter] = letter.as_bytes()
    {
        return severity::of_letter(*letter);
    }
    let bracketed = head.starts_with(['[', '=']);
    head.split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| bracketed || word.bytes().all(|b| b.is_ascii_uppercase()))
        .find_map(severity::of_word)
}

#[cfg(test)]
mod tests;
