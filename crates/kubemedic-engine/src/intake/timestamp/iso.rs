//! The one form of time that nearly every line has, read without trying others: `2025-01-24T07:00:30.227Z` and its
//! variants in separators. Anything beside it is left to the general reader.

use jiff::Timestamp;

/// Seconds of a day.
const DAY_SECONDS: i64 = 86_400;
/// The short names of months in English.
const MONTHS: [&[u8; 3]; 12] = [
    b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec",
];
/// The bytes of date and time without fraction and zone.
const FIXED_BYTES: usize = 19;

/// A leading time of the form, complete with a zone or without one (then it counts as UTC), and what follows it.
/// Nothing where the general reader may see more in it, such as a zone after a space.
pub(super) fn leading(text: &str) -> Option<(Timestamp, &str)> {
    let bytes = text.as_bytes();
    let seconds = fixed(bytes.first_chunk()?)?;
    let (nanoseconds, at) = fraction(bytes.get(FIXED_BYTES..)?)?;
    let end = FIXED_BYTES + at;
    let (end, zoned) = match bytes.get(end) {
        Some(b'Z') => (end + 1, true),
        _ => (end, false),
    };
    let ends = match bytes.get(end..)? {
        [] => true,
        [b' ', after @ ..] => zoned || !may_tell_more(after),
        [next, ..] => matches!(next, b'\t' | b']' | b'"'),
    };
    let rest = text.get(end..).filter(|_| ends)?;
    Some((Timestamp::new(seconds, nanoseconds).ok()?, rest))
}

/// A leading time of the common log format, `11/Feb/2013:06:43:36 +0000`, and what follows it.
pub(super) fn access_log(text: &str) -> Option<(Timestamp, &str)> {
    let (date, clock) = text.as_bytes().first_chunk::<12>()?.split_at_checked(11)?;
    let [d0, d1, b'/', m0, m1, m2, b'/', y0, y1, y2, y3] = *date.first_chunk::<11>()? else {
        return None;
    };
    let [
        h0,
        h1,
        b':',
        n0,
        n1,
        b':',
        s0,
        s1,
        b' ',
        sign @ (b'+' | b'-'),
        z0,
        z1,
        z2,
        z3,
    ] = *text.as_bytes().get(12..)?.first_chunk::<14>()?
    else {
        return None;
    };
    let month = MONTHS.iter().position(|month| **month == [m0, m1, m2])?;
    let date = (
        two(y0, y1)? * 100 + two(y2, y3)?,
        i64::try_from(month).ok()? + 1,
        two(d0, d1)?,
    );
    let seconds = seconds(date, (two(h0, h1)?, two(n0, n1)?, two(s0, s1)?))?;
    let offset = two(z0, z1)? * 3600 + two(z2, z3)? * 60;
    let offset = if sign == b'-' { -offset } else { offset };
    if clock != b":" || offset.abs() >= DAY_SECONDS {
        return None;
    }
    Some((Timestamp::new(seconds - offset, 0).ok()?, text.get(26..)?))
}

/// Whether a zone, by number or name, or the half of the day may stand here. Names of zones end in `T`, but for `UTC` and
/// `MSK`; no word for a severity of their length does.
fn may_tell_more(after: &[u8]) -> bool {
    let capitals = after.iter().take(5).take_while(|byte| byte.is_ascii_uppercase());
    match (after.first(), capitals.count()) {
        (Some(b'+' | b'-' | b' '), _) => true,
        (_, 2) => after.get(1) == Some(&b'M'),
        (_, length @ (3 | 4)) => matches!(after.get(length - 1), Some(b'T' | b'C' | b'K')),
        _ => false,
    }
}

/// Seconds since 1970 of `2025-01-24T07:00:30`.
fn fixed(bytes: &[u8; FIXED_BYTES]) -> Option<i64> {
    let [
        y0,
        y1,
        y2,
        y3,
        separator,
        m0,
        m1,
        between,
        d0,
        d1,
        middle,
        h0,
        h1,
        c0,
        n0,
        n1,
        c1,
        s0,
        s1,
    ] = *bytes;
    let marks = matches!(separator, b'-' | b'/' | b'.')
        && between == separator
        && matches!(middle, b'T' | b' ')
        && (c0, c1) == (b':', b':');
    if !marks {
        return None;
    }
    let date = (two(y0, y1)? * 100 + two(y2, y3)?, two(m0, m1)?, two(d0, d1)?);
    seconds(date, (two(h0, h1)?, two(n0, n1)?, two(s0, s1)?))
}

/// Seconds since 1970 of year, month, day and hour, minute, second, if there is such a time.
fn seconds((year, month, day): (i64, i64, i64), (hour, minute, second): (i64, i64, i64)) -> Option<i64> {
    let valid = (1..=12).contains(&month)
        && (1..=days_of(year, month)).contains(&day)
        && hour < 24
        && minute < 60
        && second < 60;
    valid.then(|| days(year, month, day) * DAY_SECONDS + hour * 3600 + minute * 60 + second)
}

/// Two digits.
fn two(tens: u8, ones: u8) -> Option<i64> {
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    (tens < 10 && ones < 10).then(|| i64::from(tens) * 10 + i64::from(ones))
}

/// Nanoseconds after `.` or `,`, and the bytes that they take; nothing where more than nine digits or none follow the mark.
fn fraction(bytes: &[u8]) -> Option<(i32, usize)> {
    let Some((b'.' | b',', digits)) = bytes.split_first() else {
        return Some((0, 0));
    };
    let mut value = 0;
    let mut length = 0;
    for byte in digits.iter().take_while(|byte| byte.is_ascii_digit()).take(10) {
        value = value * 10 + i64::from(byte - b'0');
        length += 1;
    }
    if !(1..=9).contains(&length) {
        return None;
    }
    let scale = 10_i64.pow(9 - u32::try_from(length).ok()?);
    Some((i32::try_from(value * scale).ok()?, 1 + length))
}

/// The days of a month of the Gregorian calendar.
fn days_of(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970 of a date, counted in years that begin in March so that a leap day is a year's last
/// (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", `days_from_civil`).
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
mod tests;
