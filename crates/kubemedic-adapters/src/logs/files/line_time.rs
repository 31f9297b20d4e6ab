//! The time at the start of a line, in the forms that runtimes and the commonest loggers write. A time without a zone is UTC,
//! as it is in containers; a time without a year is of the last twelve months.

use jiff::{
    Timestamp,
    civil::{self, DateTime},
    tz::Offset,
};
use serde::Deserialize;
use serde_json::Value;

/// Numbers above this are milliseconds since 1970, not seconds: as seconds they would be in the year 5138.
const MILLISECONDS_FROM: f64 = 100_000_000_000.0;
/// Months as syslog writes them.
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];
/// What structured loggers put before the time.
const KEYS: [&str; 4] = ["time=", "ts=", "timestamp=", "t="];

/// The time of a line.
pub(super) fn line_time(line: &str, now: Timestamp) -> Option<Timestamp> {
    let line = line.trim_start_matches(['[', '"', ' ']);
    if line.starts_with('{') {
        return json(line);
    }
    let bare = KEYS.iter().find_map(|key| line.strip_prefix(key)).unwrap_or(line);
    let bare = bare.trim_start_matches('"');
    match bare.as_bytes().first()? {
        b'0'..=b'9' => full(bare),
        b'I' | b'W' | b'E' | b'F' | b'D' if bare.as_bytes().get(1).is_some_and(u8::is_ascii_digit) => {
            klog(bare, now)
        }
        b'A'..=b'Z' => syslog(bare, now),
        _ => None,
    }
}

/// The keys under which JSON loggers put the time.
#[derive(Deserialize)]
struct JsonTime {
    #[serde(default)]
    time: Value,
    #[serde(default)]
    ts: Value,
    #[serde(default)]
    timestamp: Value,
    #[serde(default, rename = "@timestamp")]
    at_timestamp: Value,
    #[serde(default, rename = "@t")]
    at_t: Value,
}

fn json(line: &str) -> Option<Timestamp> {
    let times: JsonTime = serde_json::from_str(line).ok()?;
    let all = [
        times.time,
        times.ts,
        times.timestamp,
        times.at_timestamp,
        times.at_t,
    ];
    all.iter().find_map(|value| match value {
        Value::String(text) => full(text),
        Value::Number(number) => epoch(number.as_f64()?),
        _ => None,
    })
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "microseconds are finer than any logger's clock, and the cast saturates"
)]
fn epoch(number: f64) -> Option<Timestamp> {
    let seconds = if number >= MILLISECONDS_FROM {
        number / 1000.0
    } else {
        number
    };
    Timestamp::from_microsecond((seconds * 1_000_000.0) as i64).ok()
}

/// `2026-01-02T03:04:05.678Z`, with a blank, slashes, a comma, an offset or no zone.
fn full(text: &str) -> Option<Timestamp> {
    let date = text.get(..10)?.replace(['/', '.'], "-");
    if !matches!(text.as_bytes().get(10), Some(b'T' | b' ' | b't')) {
        return None;
    }
    let clock = text.get(11..19)?;
    let rest = text.get(19..)?;
    let digits = rest.strip_prefix(['.', ',']).map_or(0, |rest| {
        rest.bytes().take(9).take_while(u8::is_ascii_digit).count()
    });
    let fraction = if digits == 0 { "" } else { rest.get(1..=digits)? };
    let zone = rest.get(if digits == 0 { 0 } else { digits + 1 }..).unwrap_or("");
    let time: DateTime = format!("{date}T{clock}.{fraction:0<1}").parse().ok()?;
    offset(zone).to_timestamp(time).ok()
}

/// The zone after a time: `Z`, `+02:00`, ` -0700`; anything else is UTC.
fn offset(zone: &str) -> Offset {
    let zone = zone.strip_prefix(' ').unwrap_or(zone);
    let sign = match zone.as_bytes().first() {
        Some(b'+') => 1,
        Some(b'-') => -1,
        _ => return Offset::UTC,
    };
    let digits: String = zone
        .chars()
        .skip(1)
        .take_while(|c| c.is_ascii_digit() || *c == ':')
        .filter(char::is_ascii_digit)
        .take(4)
        .collect();
    let read = |text: Option<&str>| text.and_then(|it| it.parse::<i32>().ok());
    match (read(digits.get(..2)), read(digits.get(2..4))) {
        (Some(hours), Some(minutes)) => {
            Offset::from_seconds(sign * (hours * 60 + minutes) * 60).unwrap_or(Offset::UTC)
        }
        _ => Offset::UTC,
    }
}

/// `E0507 11:59:28.664457`.
fn klog(text: &str, now: Timestamp) -> Option<Timestamp> {
    let (month, day) = (text.get(1..3)?.parse().ok()?, text.get(3..5)?.parse().ok()?);
    let time: civil::Time = text.get(5..)?.split_whitespace().next()?.parse().ok()?;
    last_year(month, day, time, now)
}

/// `Nov 22 14:14:45`.
fn syslog(text: &str, now: Timestamp) -> Option<Timestamp> {
    let name = text.get(..3)?;
    let month = MONTHS.iter().position(|month| *month == name)?;
    let mut words = text.get(3..)?.split_whitespace();
    let day = words.next()?.parse().ok()?;
    let time: civil::Time = words.next()?.parse().ok()?;
    last_year(i8::try_from(month).ok()? + 1, day, time, now)
}

/// The latest such day that is not after tomorrow.
fn last_year(month: i8, day: i8, time: civil::Time, now: Timestamp) -> Option<Timestamp> {
    let today = Offset::UTC.to_datetime(now).date();
    let tomorrow = today.tomorrow().ok()?;
    [today.year(), today.year() - 1].into_iter().find_map(|year| {
        let date = civil::Date::new(year, month, day).ok()?;
        let at = Offset::UTC.to_timestamp(date.to_datetime(time)).ok()?;
        (date <= tomorrow).then_some(at)
    })
}
