//! The forms of time, chosen by the number of digits at the start and the byte after them. What a form means is `timestamp`'s.

use super::{Clock, Found, MONTHS, Yearless, timestamp};

/// Zones that loggers print by name, with their seconds east of Greenwich. `CST` and `IST` are those of America and India.
const ZONES: [(&str, i32); 32] = [
    ("UTC", 0),
    ("GMT", 0),
    ("CET", 3_600),
    ("CEST", 7_200),
    ("PST", -28_800),
    ("PDT", -25_200),
    ("EST", -18_000),
    ("EDT", -14_400),
    ("CST", -21_600),
    ("CDT", -18_000),
    ("MST", -25_200),
    ("MDT", -21_600),
    ("AKST", -32_400),
    ("AKDT", -28_800),
    ("HST", -36_000),
    ("MSK", 10_800),
    ("WET", 0),
    ("WEST", 3_600),
    ("BST", 3_600),
    ("EET", 7_200),
    ("EEST", 10_800),
    ("SAST", 7_200),
    ("IST", 19_800),
    ("JST", 32_400),
    ("KST", 32_400),
    ("HKT", 28_800),
    ("SGT", 28_800),
    ("AWST", 28_800),
    ("AEST", 36_000),
    ("AEDT", 39_600),
    ("NZST", 43_200),
    ("NZDT", 46_800),
];

/// A position in a text of ASCII patterns.
pub(super) struct Scan<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scan<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    pub(super) fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// The byte some places on.
    fn ahead(&self, by: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + by).copied()
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

    fn one_or_two(&mut self) -> Option<i8> {
        self.number(1, 2).and_then(|n| i8::try_from(n).ok())
    }

    fn year(&mut self) -> Option<i16> {
        self.number(4, 4).and_then(|n| i16::try_from(n).ok())
    }

    /// A year of this and the last century in two digits, as POSIX reads it.
    fn short_year(&mut self) -> Option<i16> {
        let year = i16::from(self.two()?);
        Some(if year < 69 { 2000 + year } else { 1900 + year })
    }

    fn month_name(&mut self) -> Option<i8> {
        let word = self.rest().get(..3)?;
        let index = MONTHS.iter().position(|month| *month == word)?;
        self.at += 3;
        i8::try_from(index + 1).ok()
    }

    /// How many digits stand here, counting to 20.
    fn digits(&self) -> usize {
        let bytes = self.text.as_bytes().iter().skip(self.at).take(20);
        bytes.take_while(|byte| byte.is_ascii_digit()).count()
    }

    /// The time at the start.
    pub(super) fn any_time(&mut self) -> Option<Found> {
        let digits = self.digits();
        match (digits, self.ahead(digits)) {
            (0, _) => self.named_date(),
            (4, Some(b'-' | b'/' | b'.')) => self.numeric_date(),
            (8, Some(b' ' | b'-' | b'T')) => self.compact_date(),
            (6, Some(b' ')) => self.short_compact_date(),
            (1 | 2, Some(b':')) => self.clock_only(),
            (1 | 2, Some(b' ')) => self.day_month_date(),
            (1, Some(b'.')) => self.power_of_ten().or_else(|| self.day_first_date()),
            (1 | 2, Some(b'/' | b'-' | b'.')) => self.day_first_date(),
            (10, Some(b' ')) if self.column_follows(10) => self.epoch(digits),
            (10, Some(b'.' | b'\t')) | (13, Some(b'\t')) => self.epoch(digits),
            _ => None,
        }
    }

    /// Whether a bracket or a word in capitals follows a number and a space: then the number is a column.
    fn column_follows(&self, digits: usize) -> bool {
        let next = self.rest().get(digits + 1..).unwrap_or("");
        let word = next.split(' ').next().unwrap_or("");
        next.starts_with('[') || (word.len() > 3 && word.bytes().all(|b| b.is_ascii_uppercase()))
    }

    /// `1718180043.120934`, `1718180043` before a tab.
    fn epoch(&mut self, digits: usize) -> Option<Found> {
        let start = self.at;
        self.at += digits;
        if self.take(b".").is_some() {
            let fraction = self.digits();
            if fraction < 3 {
                return None;
            }
            self.at += fraction;
        }
        let number = self.text.get(start..self.at)?;
        number
            .starts_with(['1', '2'])
            .then(|| Found::of(super::from_digits(number)))
    }

    /// zap's seconds since 1970 before a tab: `1.718180043e+09`.
    fn power_of_ten(&mut self) -> Option<Found> {
        let rest = self.rest();
        let (number, _) = rest.split_once('\t')?;
        let time = number.contains("e+09").then(|| super::whole(number))??;
        self.at += number.len();
        Some(Found::Whole(time))
    }

    /// `2025-01-24T07:00:30,227Z`, `2025/01/24 07:00:30.1 +0100`, `2023.10.12 13:58:41`, `2005-06-03-15.42.50.363779`.
    fn numeric_date(&mut self) -> Option<Found> {
        let year = self.year()?;
        let separator = self.take(b"-/.")?;
        let month = self.two()?;
        self.take(&[separator])?;
        let day = self.two()?;
        let dashed = self.date_end()? == b'-';
        let clock = if dashed && self.ahead(2) == Some(b'.') {
            self.dotted_clock()?
        } else {
            self.clock()?
        };
        Some(self.complete((year, month, day), clock))
    }

    /// What stands between a date and its clock; the first byte of it.
    fn date_end(&mut self) -> Option<u8> {
        let first = self.take(b"T t_-,:")?;
        if first == b':' {
            self.take(b":");
        }
        self.spaces();
        if self.peek() == Some(b'-') && self.ahead(1) == Some(b' ') {
            self.at += 2;
        }
        Some(first)
    }

    /// Half of the day and zone after a clock.
    fn complete(&mut self, date: (i16, i8, i8), clock: Clock) -> Found {
        let clock = self.half_of_day(clock);
        let offset = self.zone();
        Found::of(timestamp(date, clock, offset))
    }

    /// `20171223-22:15:29:606`, `20260327 11:34:21.908`, `20240507T105540Z`.
    fn compact_date(&mut self) -> Option<Found> {
        let (year, month, day) = (self.year()?, self.two()?, self.two()?);
        let separator = self.take(b" -T")?;
        if separator == b'T' && self.digits() == 6 {
            let clock = (self.two()?, self.two()?, self.two()?, self.fraction());
            return Some(self.complete((year, month, day), clock));
        }
        let clock = self.loose_clock()?;
        Some(self.complete((year, month, day), clock))
    }

    /// `081109 203518`, `170213 16:00:33`.
    fn short_compact_date(&mut self) -> Option<Found> {
        let (year, month, day) = (self.short_year()?, self.two()?, self.two()?);
        self.spaces();
        let clock = if self.digits() == 6 {
            (self.two()?, self.two()?, self.two()?, 0)
        } else {
            self.clock()?
        };
        Some(self.complete((year, month, day), clock))
    }

    /// `11/Feb/2013:06:43:36 +0000`, `07-May-2024 10:55:40`, `05/07/2024 10:55:40 AM`, `17/06/09 20:10:40`, `03-17 16:13:38`.
    fn day_first_date(&mut self) -> Option<Found> {
        let first = self.one_or_two()?;
        let separator = self.take(b"/-.")?;
        if let Some(month) = self.month_name() {
            self.take(b"/-")?;
            let year = self.year()?;
            self.date_end()?;
            let clock = self.clock()?;
            return Some(self.complete((year, month, first), clock));
        }
        let second = self.one_or_two()?;
        if self.take(&[separator]).is_none() {
            return self.month_day_time(separator, first, second);
        }
        let date = if self.digits() == 4 {
            let year = self.year()?;
            // The day comes first where dots stand between, or where it cannot be a month; else it is America's order.
            if separator == b'.' || first > 12 {
                (year, second, first)
            } else {
                (year, first, second)
            }
        } else {
            let year = 2000 + i16::from(first);
            (year, second, self.two()?)
        };
        self.date_end()?;
        let clock = self.clock()?;
        Some(self.complete(date, clock))
    }

    /// `03-17 16:13:38.811`, `10.30 16:49:06`.
    fn month_day_time(&mut self, separator: u8, month: i8, day: i8) -> Option<Found> {
        (separator != b'/').then_some(())?;
        self.take(b" ")?;
        let clock = self.clock()?;
        Some(Self::yearless(month, day, clock, None))
    }

    fn yearless(month: i8, day: i8, clock: Clock, offset: Option<i32>) -> Found {
        Found::Yearless(Yearless {
            month,
            day,
            clock,
            offset: offset.unwrap_or(0),
        })
    }

    /// `29 Aug 2023 13:47:38.984`, and without the year.
    fn day_month_date(&mut self) -> Option<Found> {
        let day = self.one_or_two()?;
        self.take(b" ")?;
        let month = self.month_name()?;
        self.take(b" ")?;
        let before_year = self.at;
        let year = self.year().filter(|_| self.take(b" ").is_some());
        if year.is_none() {
            self.at = before_year;
        }
        let clock = self.clock()?;
        let offset = self.zone();
        Some(year.map_or_else(
            || Self::yearless(month, day, clock, offset),
            |year| Found::of(timestamp((year, month, day), clock, offset)),
        ))
    }

    /// `Apr 04 06:18:29`, `Tue Apr 04 06:18:29.712806 2017`, `May 07, 2024 10:55:40 AM`, `Tue, 04 Mar 2025 09:14:01 +0000`.
    fn named_date(&mut self) -> Option<Found> {
        let weekday = self.rest().get(..3)?;
        if ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].contains(&weekday) {
            self.at += 3;
            if self.take(b",").is_some() {
                self.spaces();
                return self.day_month_date();
            }
            self.take(b" ")?;
        }
        let month = self.month_name()?;
        self.take(b" -")?;
        self.spaces();
        let day = self.one_or_two()?;
        let comma = self.take(b",").is_some();
        self.take(b" ")?;
        self.spaces();
        if comma || (self.digits() == 4 && self.ahead(4) == Some(b' ')) {
            let year = self.year()?;
            self.take(b" ")?;
            let clock = self.clock()?;
            return Some(self.complete((year, month, day), clock));
        }
        let clock = self.clock()?;
        Some(self.year_after(month, day, clock))
    }

    /// The year behind the clock, with or without a zone between.
    fn year_after(&mut self, month: i8, day: i8, clock: Clock) -> Found {
        let before = self.at;
        let offset = self.zone();
        let after_zone = self.at;
        let year = self.take(b" ").and_then(|_| self.year());
        let ends = self
            .peek()
            .is_none_or(|byte| matches!(byte, b']' | b' ' | b')' | b':'));
        if let Some(year) = year.filter(|year| ends && (1970..=2200).contains(year)) {
            return Found::of(timestamp((year, month, day), clock, offset));
        }
        self.at = if offset.is_some() { after_zone } else { before };
        Self::yearless(month, day, clock, offset)
    }

    /// `14:02:11`, `14:02:11.321`.
    fn clock_only(&mut self) -> Option<Found> {
        self.clock()?;
        self.peek()
            .is_none_or(|byte| matches!(byte, b' ' | b']' | b'\t' | b')' | b'|'))
            .then_some(Found::Nothing)
    }

    /// `07:00:30,227`.
    pub(super) fn clock(&mut self) -> Option<Clock> {
        self.clock_of(b":", Self::one_or_two, Self::two)
    }

    /// A clock whose parts may be single digits.
    fn loose_clock(&mut self) -> Option<Clock> {
        self.clock_of(b":", Self::one_or_two, Self::one_or_two)
    }

    /// `15.42.50.363779`.
    fn dotted_clock(&mut self) -> Option<Clock> {
        self.clock_of(b".", Self::two, Self::two)
    }

    /// An hour, a minute, a second and perhaps a fraction, parted by a separator.
    fn clock_of(
        &mut self,
        separator: &[u8],
        hour: fn(&mut Self) -> Option<i8>,
        other: fn(&mut Self) -> Option<i8>,
    ) -> Option<Clock> {
        let hour = hour(self)?;
        self.take(separator)?;
        let minute = other(self)?;
        self.take(separator)?;
        let second = other(self)?;
        Some((hour, minute, second, self.fraction()))
    }

    /// ` AM` and ` PM`.
    fn half_of_day(&mut self, clock: Clock) -> Clock {
        let half = self.rest().trim_start();
        let afternoon = half.starts_with("PM");
        if !afternoon && !half.starts_with("AM") {
            return clock;
        }
        if half.as_bytes().get(2).is_some_and(u8::is_ascii_alphanumeric) || clock.0 > 12 {
            return clock;
        }
        self.spaces();
        self.at += 2;
        let hour = clock.0 % 12 + if afternoon { 12 } else { 0 };
        (hour, clock.1, clock.2, clock.3)
    }

    /// Nanoseconds after `.`, `,` or `:`; digits beyond the ninth are dropped. After a colon few digits are milliseconds.
    fn fraction(&mut self) -> i32 {
        let start = self.at;
        let Some(mark) = self.take(b".,:") else { return 0 };
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
        if mark == b':' && length < 3 {
            return value * 1_000_000;
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
        let offset = match self.peek()? {
            b'+' | b'-' => self.numeric_zone(self.at > start),
            b'A'..=b'Z' => self.named_zone(),
            _ => None,
        };
        if offset.is_none() {
            self.at = start;
        }
        offset
    }

    fn named_zone(&mut self) -> Option<i32> {
        let rest = self.rest();
        let length = rest.bytes().take_while(u8::is_ascii_uppercase).count();
        let name = rest.get(..length).filter(|name| (3..=4).contains(&name.len()))?;
        if rest.as_bytes().get(length).is_some_and(u8::is_ascii_alphanumeric) {
            return None;
        }
        let (_, offset) = ZONES.iter().find(|(zone, _)| *zone == name)?;
        self.at += length;
        Some(*offset)
    }

    /// `+02:00`, `-0700`, and `+02` after a space.
    fn numeric_zone(&mut self, spaced: bool) -> Option<i32> {
        let sign = if self.take(b"+-")? == b'-' { -1 } else { 1 };
        let hours = i32::from(self.two()?);
        self.take(b":");
        let minutes = match self.two() {
            Some(minutes) => i32::from(minutes),
            None if self
                .peek()
                .is_none_or(|byte| byte == b' ' || (byte == b']' && spaced)) =>
            {
                0
            }
            None => return None,
        };
        self.peek()
            .is_none_or(|byte| !byte.is_ascii_alphanumeric())
            .then_some(sign * (hours * 3600 + minutes * 60))
    }
}
