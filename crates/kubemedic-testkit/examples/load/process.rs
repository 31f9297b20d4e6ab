//! What the kernel tells of a process, clocks, and the summary of samples.

use std::{
    fs,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

/// The kernel counts processor time in hundredths of a second (USER_HZ).
const TICKS_PER_SECOND: f64 = 100.0;

/// Processor time of a process so far, in seconds; 0 where it cannot be read.
pub fn cpu_seconds(pid: u32) -> f64 {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let after_name = text.rsplit_once(')').map(|(_, rest)| rest).unwrap_or_default();
    let ticks = after_name.split_whitespace().skip(11).take(2);
    ticks.filter_map(|it| it.parse::<f64>().ok()).sum::<f64>() / TICKS_PER_SECOND
}

/// Resident memory of a process, in KiB; 0 where it cannot be read.
pub fn resident_kib(pid: u32) -> f64 {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    number.and_then(|it| it.parse().ok()).unwrap_or(0.0)
}

/// Now, to measure from.
#[expect(clippy::disallowed_methods, reason = "a load generator measures real time")]
pub fn now() -> Instant {
    Instant::now()
}

/// Microseconds since 1970-01-01 UTC: the clock of the events' timestamps.
#[expect(clippy::disallowed_methods, reason = "a load generator measures real time")]
pub fn wall_micros() -> i64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or(Duration::ZERO);
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}

/// A sample in milliseconds.
pub fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// The value below which so many of a hundred samples are; 0 without samples.
pub fn percentile(samples: &mut [f64], percent: usize) -> f64 {
    samples.sort_by(f64::total_cmp);
    let place = (samples.len() * percent / 100).min(samples.len().saturating_sub(1));
    (samples.get(place).copied().unwrap_or(0.0) * 100.0).round() / 100.0
}
