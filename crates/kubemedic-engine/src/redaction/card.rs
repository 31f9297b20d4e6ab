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
        if !all_inside(*window) || probe < known {
            continue;
        }
        let end = run(bytes, probe, usize::MAX, is_inside);
        let start = run_back(bytes, probe, SHORTEST, is_inside);
        if end - start >= SHORTEST {
            cards_in(bytes, (start, end), spans);
        }
        known = end;
    }
}

/// Whether all of eight bytes are digits or separators, told at once: a byte from the blank to the question mark is a digit
/// when its low bits are below ten, and a separator when nothing remains of it; no sum carries into the next byte.
fn all_inside(bytes: [u8; 8]) -> bool {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let word = u64::from_le_bytes(bytes);
    let differs = |byte: u64| (word ^ (byte * ONES)) + 0x7f * ONES;
    let in_range = word & (0xe0 * ONES) == 0x20 * ONES;
    in_range && {
        let no_digit = (word ^ (0x30 * ONES)) + 0x76 * ONES;
        no_digit & differs(0x20) & differs(0x2d) & (0x80 * ONES) == 0
    }
}

/// Whether a byte may stand in a card's number: a digit or a separator.
fn is_inside(byte: u8) -> bool {
    byte.is_ascii_digit() || byte == b'-' || byte == b' '
}

/// The cards in a stretch of digits and separators: one group of digits, or groups as on the card.
fn cards_in(bytes: &[u8], (start, end): (usize, usize), spans: &mut Vec<Span>) {
    let mut groups: Groups = [(start, start); 4];
    let mut at = start;
    while at < end {
        let from = run(bytes, at, end - at, |byte| !byte.is_ascii_digit());
        let to = run(bytes, from, end - from, |byte| byte.is_ascii_digit());
        if from == to {
            break;
        }
        groups.rotate_left(1);
        if let Some(last) = groups.last_mut() {
            *last = (from, to);
        }
        at = to;
        let followed = run(bytes, to + 1, 5, |byte| byte.is_ascii_digit()) - to - 1;
        let card = card_at(bytes, (from, to), true)
            .or_else(|| card_at(bytes, grouped(bytes, &groups).filter(|_| followed != 4)?, false));
        spans.extend(card);
    }
}

/// The last four groups of digits.
type Groups = [(usize, usize); 4];

/// The place of four groups of four digits, or of groups of 4, 6 and 4 or 5, that one separator parts.
fn grouped(bytes: &[u8], groups: &Groups) -> Option<(usize, usize)> {
    let sizes = groups.map(|(from, to)| to - from);
    let last = match sizes {
        [4, 4, 4, 4] => groups.as_slice(),
        [_, 4, 6, 4 | 5] => groups.get(1..)?,
        _ => return None,
    };
    let separator = |pair: &[(usize, usize)]| match pair {
        [(_, before), (behind, _)] if behind - before == 1 => Some(byte(bytes, *before)),
        _ => None,
    };
    let first = separator(last.get(..2)?)?;
    let (from, to) = (last.first()?.0, last.last()?.1);
    let one = last.windows(2).all(|pair| separator(pair) == Some(first));
    let before_it = run_back(bytes, from.saturating_sub(1), 5, |byte| byte.is_ascii_digit());
    let more = before(bytes, from) == first && from.saturating_sub(1) - before_it == 4;
    (one && !more).then_some((from, to))
}

fn card_at(bytes: &[u8], (start, end): (usize, usize), whole: bool) -> Option<Span> {
    let size = end - start;
    if !(SHORTEST..=LONGEST).contains(&size) || !is_free(before(bytes, start)) || !is_free(byte(bytes, end)) {
        return None;
    }
    let number = bytes.get(start..end)?.iter();
    let digits: Vec<u8> = number
        .filter(|byte| byte.is_ascii_digit())
        .map(|byte| byte - b'0')
        .collect();
    let named = whole && is_identifier(bytes, start);
    (!named && is_issued(&digits) && luhn(&digits)).then_some(Span {
        start,
        end,
        kind: "card",
    })
}

/// Whether a card may stand beside this byte.
fn is_free(byte: u8) -> bool {
    !byte.is_ascii_alphanumeric() && !matches!(byte, b'-' | b'_' | b'/' | b'.' | b'+')
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
        b"order",
        b"ordernumber",
        b"orderno",
        b"invoice",
        b"ticket",
        b"tracking",
        b"serial",
        b"nonce",
        b"epoch",
        b"nanos",
        b"duration",
        b"count",
        b"total",
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
