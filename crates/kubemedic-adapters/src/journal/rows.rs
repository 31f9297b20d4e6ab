//! Values to columns and back. JSON that cannot be read is corruption, told with its place.

use jiff::Timestamp;
use kubemedic_ports::journal::JournalError;
use serde::{Serialize, de::DeserializeOwned};

/// Microseconds since 1970-01-01 UTC.
pub(super) fn micros(time: Timestamp) -> i64 {
    time.as_microsecond()
}

/// The time of so many microseconds since 1970-01-01 UTC.
pub(super) fn time(micros: i64) -> Result<Timestamp, JournalError> {
    Timestamp::from_microsecond(micros).map_err(|error| JournalError::Corrupt {
        reason: format!("time {micros} is out of range: {error}"),
    })
}

/// A value as JSON text.
pub(super) fn json<T: Serialize>(value: &T) -> Result<String, JournalError> {
    serde_json::to_string(value).map_err(|error| JournalError::Unavailable {
        reason: format!("a value cannot be written: {error}"),
    })
}

/// A value from JSON text; `place` names it in the error.
pub(super) fn value<T: DeserializeOwned>(text: &str, place: &str) -> Result<T, JournalError> {
    serde_json::from_str(text).map_err(|error| JournalError::Corrupt {
        reason: format!("{place} cannot be read: {error}"),
    })
}

/// A counter as a column.
pub(super) fn column(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A counter from a column.
pub(super) fn counter(column: i64) -> u64 {
    u64::try_from(column).unwrap_or(0)
}

/// A limit as a column: 0 is no limit.
pub(super) fn limit(limit: u32) -> i64 {
    if limit == 0 { i64::MAX } else { i64::from(limit) }
}
