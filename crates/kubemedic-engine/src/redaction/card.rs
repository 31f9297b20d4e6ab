//! Payment card numbers: an issuer's range, the right length, the Luhn check, and nothing around that makes it an identifier.

use super::cursor::{Span, before, byte, run, run_back};

/// The longest number with its separators.
const LONGEST: usize = 23;

/// The shortest stretch that may hold one, in bytes.
const SHORTEST: usize = 14;

/// Every how many bytes eight are looked at: so a stretch of [`SHORTEST`] bytes covers eight that are looked at.
const STRIDE: usize = 7;

/// The cards in a text.
pub(super) fn find(bytes: &[u8], spans: &mut Vec<Span>) {
    let mut known = 0;
    for (place, window) in bytes.array_windows::<8>().step_by(STRIDE).enumerate() {
        let probe = place * STRIDE;
        if !may_be_inside(*window) || probe < known || !window.iter().all(|byte| is_inside(*byte)) {
            continue;
        }
        let end = run(bytes, probe, usize::MAX, is_inside);
        let open = run_back(bytes, probe, SHORTEST, is_inside);
        let start = run(bytes, open, end - open, |byte| !byte.is_ascii_digit());
        if end - start >= SHORTEST
            && let Some(span) = card_at(bytes, start, end)
        {
            spans.push(span);
        }
        known = end;
    }
}

/// Whether eight bytes lie between the blank and the question mark, as digits and separators do.
fn may_be_inside(bytes: [u8; 8]) -> bool {
    u64::from_le_bytes(bytes) & 0xe0e0_e0e0_e0e0_e0e0 == 0x2020_2020_2020_2020
}

/// Whether a byte may stand in a card's number: a digit or a separator.
fn is_inside(byte: u8) -> bool {
    byte.is_ascii_digit() || byte == b'-' || byte == b' '
}

fn card_at(bytes: &[u8], start: usize, end: usize) -> Option<Span> {
    let run = bytes.get(start..end)?;
    let size = run.iter().rposition(u8::is_ascii_digit)? + 1;
    if size > LONGEST || !is_free(before(bytes, start)) || !is_free(byte(bytes, start + size)) {
        return None;
    }
    let number = run.get(..size)?;
    let digits: Vec<u8> = number
        .iter()
        .filter(|byte| byte.is_ascii_digit())
        .map(|byte| byte - b'0')
        .collect();
    let grouped = is_grouped(number);
    let whole = digits.len() == number.len() && !is_identifier(bytes, start);
    ((grouped || whole) && is_issued(&digits) && luhn(&digits)).then_some(Span {
        start,
        end: start + size,
        kind: "card",
    })
}

/// Whether a card may stand beside this byte.
fn is_free(byte: u8) -> bool {
    !byte.is_ascii_alphanumeric() && !matches!(byte, b'-' | b'_' | b'/' | b'.' | b'+')
}

/// Groups of four digits (or 4-6-5) with one separator throughout.
fn is_grouped(number: &[u8]) -> bool {
    ["-", " "].iter().any(|separator| {
        let sizes: Vec<usize> = number
            .split(|byte| separator.as_bytes().contains(byte))
            .map(<[u8]>::len)
            .collect();
        matches!(sizes.as_slice(), [4, 4, 4, 4] | [4, 6, 5 | 4])
            && number
                .iter()
                .all(|byte| byte.is_ascii_digit() || separator.as_bytes().contains(byte))
    })
}

/// Whether the word before says that the number counts or names something.
fn is_identifier(bytes: &[u8], start: usize) -> bool {
    let end = run_back(bytes, start, 6, |byte| !byte.is_ascii_alphanumeric());
    let word = run_back(bytes, end, 32, |byte| {
        byte.is_ascii_alphanumeric() || byte == b'_'
    });
    let word = bytes.get(word..end).unwrap_or(&[]).to_ascii_lowercase();
    [
        &b"id"[..],
        b"version",
        b"revision",
        b"time",
        b"timestamp",
        b"ts",
        b"offset",
        b"seq",
        b"size",
        b"bytes",
        b"index",
        b"generation",
        b"inode",
        b"hash",
        b"seed",
    ]
    .iter()
    .any(|ending| word.ends_with(ending))
}

/// The issuers' ranges (ISO/IEC 7812) of the cards in common use.
fn is_issued(digits: &[u8]) -> bool {
    let prefix = |count: usize| {
        digits
            .iter()
            .take(count)
            .fold(0_u32, |sum, digit| sum * 10 + u32::from(*digit))
    };
    match digits.len() {
        16 => {
            prefix(1) == 4
                || (51..=55).contains(&prefix(2))
                || (2221..=2720).contains(&prefix(4))
                || prefix(4) == 6011
                || (644..=659).contains(&prefix(3))
                || (3528..=3589).contains(&prefix(4))
        }
        15 => matches!(prefix(2), 34 | 37),
        14 => matches!(prefix(2), 36 | 38) || (300..=305).contains(&prefix(3)),
        _ => false,
    }
}

fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            let value = u32::from(*digit) << (place % 2);
            if value > 9 { value - 9 } else { value }
        })
        .sum();
    sum.is_multiple_of(10) && digits.iter().any(|digit| Some(digit) != digits.first())
}
