//! Times as logs and kubectl write them. A time without a year is recognised and taken off the line, but gives no
//! timestamp by itself: there is no clock here to complete it. Only an entry of the same stream next to it may ([`Yearless`]).

mod forms;
mod iso;

use jiff::{Timestamp, ToSpan, civil::DateTime, tz::Offset};

use forms::Scan;

/// The short names of months in English.
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// How far an entry may lie from its neighbour whose year it takes, in hours.
const NEIGHBOUR_HOURS: i64 = 24;

/// A line after its leading time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamped<'a> {
    /// The time, where it is complete.
    pub(super) time: Option<Timestamp>,
    /// A time that lacks only the year.
    pub(super) yearless: Option<Yearless>,
    /// Whether the bracket before it is still open behind it.
    pub(super) bracketed: bool,
    /// What follows it.
    pub(super) rest: &'a str,
}

/// A time that lacks only the year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Yearless {
    month: i8,
    day: i8,
    clock: Clock,
    offset: i32,
}

impl Yearless {
    /// The time in the year that brings it within a day of `neighbour`; none where no year does.
    pub(super) fn near(self, neighbour: Timestamp) -> Option<Timestamp> {
        let year = neighbour.to_zoned(jiff::tz::TimeZone::UTC).year();
        let limit = NEIGHBOUR_HOURS.hours();
        let (earliest, latest) = (
            neighbour.checked_sub(limit).ok()?,
            neighbour.checked_add(limit).ok()?,
        );
        [year, year - 1, year + 1].into_iter().find_map(|year| {
            timestamp((year, self.month, self.day), self.clock, Some(self.offset))
                .filter(|time| (earliest..=latest).contains(time))
        })
    }
}

/// Takes the most common form of a time off a text: `2025-01-24T07:00:30.227Z`. What is not clear is left.
pub(super) fn iso(text: &str) -> Option<(Timestamp, &str)> {
    iso::leading(text)
}

/// Takes a time of the common log format off a text: `11/Feb/2013:06:43:36 +0000`.
pub(super) fn access_log(text: &str) -> Option<(Timestamp, &str)> {
    iso::access_log(text)
}

/// Takes a leading time off a text, in brackets or not.
pub(super) fn leading(text: &str) -> Option<Stamped<'_>> {
    if let Some((time, rest)) = iso::leading(text) {
        return Some(Stamped {
            time: Some(time),
            yearless: None,
            bracketed: false,
            rest,
        });
    }
    let (open, inner) = match text.as_bytes() {
        [b'[' | b'(' | b'"', ..] => (true, text.get(1..)?),
        // A digit, or the short name of a day or a month.
        [b'0'..=b'9', ..] | [b'A'..=b'Z', b'a'..=b'z', ..] => (false, text),
        _ => return None,
    };
    let mut scan = Scan::new(inner);
    let found = scan.any_time()?;
    let rest = scan.rest();
    if rest.starts_with(|c: char| c.is_ascii_digit() || c == '/') {
        return None;
    }
    let rest = if open {
        rest.trim_start_matches([']', ')', '"'])
    } else {
        rest
    };
    let (time, yearless) = match found {
        Found::Whole(time) => (Some(time), None),
        Found::Yearless(yearless) => (None, Some(yearless)),
        Found::Nothing => (None, None),
    };
    Some(Stamped {
        time,
        yearless,
        bracketed: open && rest.len() == scan.rest().len() && text.starts_with('['),
        rest: rest.trim_start_matches([':', ',']),
    })
}

/// The time of klog: `0507` and `11:59:28.664457`.
pub(super) fn month_and_day(date: &str, clock: &str) -> Option<Yearless> {
    let number = |at: std::ops::Range<usize>| date.get(at)?.parse().ok();
    let (month, day) = (number(0..2)?, number(2..4)?);
    let clock = Scan::new(clock).clock()?;
    Some(Yearless {
        month,
        day,
        clock,
        offset: 0,
    })
}

/// Reads a whole text as a time: RFC 3339 and its relatives, RFC 2822 as `kubectl describe` prints it, or a number.
pub(super) fn whole(text: &str) -> Option<Timestamp> {
    if let Some((time, "")) = iso::leading(text) {
        return Some(time);
    }
    let text = text.trim();
    if text.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return from_digits(text);
    }
    leading(text).and_then(|stamped| stamped.time).or_else(|| {
        text.contains('e')
            .then(|| text.parse::<f64>().ok().and_then(from_number))?
    })
}

/// A number since 1970 in seconds, milliseconds, microseconds or nanoseconds, by its size, digit by digit: a floating
/// point number would lose nanoseconds.
pub(super) fn from_digits(text: &str) -> Option<Timestamp> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = whole.len();
    let scale = match digits {
        9 | 10 => 9_usize,
        12 | 13 => 6,
        15 | 16 => 3,
        18 | 19 => 0,
        _ => return None,
    };
    let whole = whole.parse::<i128>().ok()?;
    let kept = fraction.get(..fraction.len().min(scale))?;
    let part = if kept.is_empty() {
        0
    } else {
        kept.parse::<i128>().ok()?
    };
    let factor = 10_i128.pow(u32::try_from(scale).ok()?);
    let part = part * 10_i128.pow(u32::try_from(scale - kept.len()).ok()?);
    Timestamp::from_nanosecond(whole * factor + part).ok()
}

/// A number since 1970 in seconds, milliseconds, microseconds or nanoseconds, by its size.
pub(super) fn from_number(number: f64) -> Option<Timestamp> {
    let nanoseconds = match number {
        n if (1e8..1e11).contains(&n) => n * 1e9,
        n if (1e11..1e14).contains(&n) => n * 1e6,
        n if (1e14..1e17).contains(&n) => n * 1e3,
        n if (1e17..1e20).contains(&n) => n,
        _ => return None,
    };
    #[expect(clippy::cast_possible_truncation, reason = "the range above fits 128 bits")]
    Timestamp::from_nanosecond(nanoseconds.round() as i128).ok()
}

/// A time that was recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    /// Complete.
    Whole(Timestamp),
    /// Without its year.
    Yearless(Yearless),
    /// Without its date, or impossible.
    Nothing,
}

impl Found {
    fn of(time: Option<Timestamp>) -> Self {
        time.map_or(Self::Nothing, Self::Whole)
    }
}

/// Year, month, day.
type Date = (i16, i8, i8);
/// Hour, minute, second, nanosecond.
type Clock = (i8, i8, i8, i32);

/// Puts the parts together; a time without zone counts as UTC.
fn timestamp(date: Date, clock: Clock, offset: Option<i32>) -> Option<Timestamp> {
    let second = clock.2.min(59);
    let civil = DateTime::new(date.0, date.1, date.2, clock.0, clock.1, second, clock.3).ok()?;
    let offset = Offset::from_seconds(offset.unwrap_or(0)).ok()?;
    offset.to_timestamp(civil).ok()
}

#[cfg(test)]
mod tests;
