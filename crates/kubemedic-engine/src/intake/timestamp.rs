//! Times as logs and kubectl write them. A time without year or date is recognised and taken off the line, but gives no
//! timestamp: there is no clock here to complete it.

mod iso;

use jiff::{Timestamp, civil::DateTime, tz::Offset};

/// The short names of months in English.
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// A line after its leading time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamped<'a> {
    /// The time, where it is complete.
    pub(super) time: Option<Timestamp>,
    /// What follows it.
    pub(super) rest: &'a str,
}

/// Takes a leading time off a text, in brackets or not.
pub(super) fn leading(text: &str) -> Option<Stamped<'_>> {
    if let Some((time, rest)) = iso::leading(text) {
        return Some(Stamped {
            time: Some(time),
            rest,
        });
    }
    let (open, inner) = match text.as_bytes().first()? {
        b'[' | b'(' | b'"' => (true, text.get(1..)?),
        b'0'..=b'9' | b'A'..=b'Z' => (false, text),
        _ => return None,
    };
    let mut scan = Scan::new(inner);
    let Found(time) = scan.any_time()?;
    let rest = scan.rest();
    if rest.starts_with(|c: char| c.is_ascii_digit() || c == '/') {
        return None;
    }
    let rest = if open {
        rest.trim_start_matches([']', ')', '"'])
    } else {
        rest
    };
    let rest = rest.trim_start_matches(':');
    Some(Stamped { time, rest })
}

/// Reads a whole text as a time: RFC 3339 and its relatives, RFC 2822 as `kubectl describe` prints it, or a number.
pub(super) fn whole(text: &str) -> Option<Timestamp> {
    if let Some((time, "")) = iso::leading(text) {
        return Some(time);
    }
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    if text.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return text.parse::<f64>().ok().and_then(from_number);
    }
    if text.as_bytes().get(3) == Some(&b',') {
        return jiff::fmt::rfc2822::DateTimeParser::new()
            .parse_timestamp(text)
            .ok();
    }
    leading(text).and_then(|stamped| stamped.time)
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

/// A position in a text of ASCII patterns.
struct Scan<'a> {
    text: &'a str,
    at: usize,
}

/// A time that was recognised; empty where year or date are missing.
struct Found(Option<Timestamp>);

/// A reader of one form of time.
type Form<'a> = fn(&mut Scan<'a>) -> Option<Found>;

/// Year, month, day.
type Date = (i16, i8, i8);
/// Hour, minute, second, nanosecond.
type Clock = (i8, i8, i8, i32);

impl<'a> Scan<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Steps over one of the bytes.
    fn take(&mut self, set: &[u8]) -> Option<u8> {
        let byte = self.peek().filter(|byte| set.contains(byte))?;
        self.at += 1;
        Some(byte)
    }

    fn spaces(&mut self) {
        while self.take(b" ").is_some() {}
    }

    /// Reads between `least` and `most` digits.
    fn number(&mut self, least: usize, most: usize) -> Option<u32> {
        let mut value = 0_u32;
        let mut length = 0;
        while length < most
            && let Some(byte) = self.peek().filter(u8::is_ascii_digit)
        {
            value = value * 10 + u32::from(byte - b'0');
            self.at += 1;
            length += 1;
        }
        (length >= least).then_some(value)
    }

    fn two(&mut self) -> Option<i8> {
        self.number(2, 2).and_then(|n| i8::try_from(n).ok())
    }

    fn month_name(&mut self) -> Option<i8> {
        let word = self.rest().get(..3)?;
        let index = MONTHS.iter().position(|month| *month == word)?;
        self.at += 3;
        i8::try_from(index + 1).ok()
    }

    /// Tries every known form; an empty one is a time that is not complete.
    fn any_time(&mut self) -> Option<Found> {
        let forms: &[Form<'a>] = if self.peek()?.is_ascii_digit() {
            &[
                Self::numeric_date,
                Self::access_log_date,
                Self::day_month_date,
                Self::clock_only,
                Self::month_day_date,
            ]
        } else {
            &[Self::named_month_date]
        };
        forms.iter().find_map(|form| {
            self.at = 0;
            form(self)
        })
    }

    /// `2025-01-24T07:00:30,227Z`, `2025/01/24 07:00:30.1 +0100`, `2023.10.12 13:58:41`.
    fn numeric_date(&mut self) -> Option<Found> {
        let year = i16::try_from(self.number(4, 4)?).ok()?;
        let separator = self.take(b"-/.")?;
        let month = self.two()?;
        self.take(&[separator])?;
        let day = self.two()?;
        self.take(b"T t_")?;
        self.spaces();
        let clock = self.clock()?;
        let offset = self.zone();
        Some(Found(timestamp((year, month, day), clock, offset)))
    }

    /// `11/Feb/2013:06:43:36 +0000`.
    fn access_log_date(&mut self) -> Option<Found> {
        let day = self.two()?;
        self.take(b"/-")?;
        let month = self.month_name()?;
        self.take(b"/-")?;
        let year = i16::try_from(self.number(4, 4)?).ok()?;
        self.take(b": ")?;
        let clock = self.clock()?;
        let offset = self.zone();
        Some(Found(timestamp((year, month, day), clock, offset)))
    }

    /// `29 Aug 2023 13:47:38.984`, and without the year.
    fn day_month_date(&mut self) -> Option<Found> {
        let day = i8::try_from(self.number(1, 2)?).ok()?;
        self.take(b" ")?;
        let month = self.month_name()?;
        self.take(b" ")?;
        let before_year = self.at;
        let year = self.number(4, 4).and_then(|year| i16::try_from(year).ok());
        let year = year.filter(|_| self.take(b" ").is_some());
        if year.is_none() {
            self.at = before_year;
        }
        let clock = self.clock()?;
        let offset = self.zone();
        Some(Found(
            year.and_then(|year| timestamp((year, month, day), clock, offset)),
        ))
    }

    /// `Apr 04 06:18:29`, `Tue Apr 04 06:18:29.712806 2017`.
    fn named_month_date(&mut self) -> Option<Found> {
        let weekday = self.rest().get(..4)?;
        if ["Mon ", "Tue ", "Wed ", "Thu ", "Fri ", "Sat ", "Sun "].contains(&weekday) {
            self.at += 4;
        }
        let month = self.month_name()?;
        self.take(b" ")?;
        self.spaces();
        let day = i8::try_from(self.number(1, 2)?).ok()?;
        self.take(b" ")?;
        let clock = self.clock()?;
        let before_year = self.at;
        let year = self.take(b" ").and_then(|_| self.number(4, 4));
        let next_is_end = self.peek().is_none_or(|byte| matches!(byte, b']' | b' ' | b')'));
        let Some(year) = year.filter(|year| next_is_end && (1970..=2200).contains(year)) else {
            self.at = before_year;
            return Some(Found(None));
        };
        let year = i16::try_from(year).ok()?;
        Some(Found(timestamp((year, month, day), clock, Some(0))))
    }

    /// `14:02:11`, `14:02:11.321`.
    fn clock_only(&mut self) -> Option<Found> {
        self.clock()?;
        self.peek()
            .is_none_or(|byte| matches!(byte, b' ' | b']' | b'\t' | b')' | b'|'))
            .then_some(Found(None))
    }

    /// `03-17 16:13:38.811`.
    fn month_day_date(&mut self) -> Option<Found> {
        self.two()?;
        self.take(b"-")?;
        self.two()?;
        self.take(b" ")?;
        self.clock()?;
        Some(Found(None))
    }

    /// `07:00:30,227`.
    fn clock(&mut self) -> Option<Clock> {
        let hour = i8::try_from(self.number(1, 2)?).ok()?;
        self.take(b":")?;
        let minute = self.two()?;
        self.take(b":")?;
        let second = self.two()?;
        Some((hour, minute, second, self.fraction()))
    }

    /// Nanoseconds after `.` or `,`; digits beyond the ninth are dropped.
    fn fraction(&mut self) -> i32 {
        let start = self.at;
        if self.take(b".,").is_none() {
            return 0;
        }
        let mut value = 0_i32;
        let mut length = 0_u32;
        while let Some(byte) = self.peek().filter(u8::is_ascii_digit) {
            self.at += 1;
            if length < 9 {
                value = value * 10 + i32::from(byte - b'0');
                length += 1;
            }
        }
        if length == 0 {
            self.at = start;
        }
        value * 10_i32.pow(9 - length)
    }

    /// Seconds east of Greenwich after a time; `None`: no zone stands there.
    fn zone(&mut self) -> Option<i32> {
        if self.take(b"Zz").is_some() {
            return Some(0);
        }
        let start = self.at;
        self.spaces();
        for name in ["UTC", "GMT"] {
            if self.rest().starts_with(name) {
                self.at += 3;
                return Some(0);
            }
        }
        let offset = self.numeric_zone();
        if offset.is_none() {
            self.at = start;
        }
        offset
    }

    /// `+02:00`, `-0700`.
    fn numeric_zone(&mut self) -> Option<i32> {
        let sign = if self.take(b"+-")? == b'-' { -1 } else { 1 };
        let hours = i32::from(self.two()?);
        self.take(b":");
        let minutes = i32::from(self.two()?);
        self.peek()
            .is_none_or(|byte| !byte.is_ascii_alphanumeric())
            .then_some(sign * (hours * 3600 + minutes * 60))
    }
}

/// Puts the parts together; a time without zone counts as UTC.
fn timestamp(date: Date, clock: Clock, offset: Option<i32>) -> Option<Timestamp> {
    let second = clock.2.min(59);
    let civil = DateTime::new(date.0, date.1, date.2, clock.0, clock.1, second, clock.3).ok()?;
    let offset = Offset::from_seconds(offset.unwrap_or(0)).ok()?;
    offset.to_timestamp(civil).ok()
}

#[cfg(test)]
mod tests;
