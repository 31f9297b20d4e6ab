//! What Google's error objects mean: a bad key that is a 400, a quota of the day that is a 429, the pause in `RetryInfo`. They come
//! alone, in an array, and inside a stream.

use std::time::Duration;

use kubemedic_ports::chat_model::ChatError;
use serde_json::Value;

use super::super::failure::{self, Refusal, seconds};
use crate::http;

/// What a refusal means.
pub(super) fn of(refusal: &Refusal) -> ChatError {
    let body = refusal.json();
    let body = body.get(0).unwrap_or(&body);
    match body.get("error") {
        Some(error) => meaning(refusal.status, refusal.after, error),
        None => refusal.by_status(None),
    }
}

/// What an error inside a stream means: its code is the status.
pub(super) fn inside(error: &Value) -> ChatError {
    let code = error.get("code").and_then(Value::as_u64);
    let status = code.and_then(|it| u16::try_from(it).ok()).filter(|it| *it >= 400);
    meaning(status.unwrap_or_else(|| by_word(error)), None, error)
}

/// The status that belongs to Google's word, for an error without a code.
fn by_word(error: &Value) -> u16 {
    match error.get("status").and_then(Value::as_str) {
        Some("INVALID_ARGUMENT" | "FAILED_PRECONDITION" | "OUT_OF_RANGE") => 400,
        Some("UNAUTHENTICATED") => 401,
        Some("PERMISSION_DENIED") => 403,
        Some("NOT_FOUND") => 404,
        Some("RESOURCE_EXHAUSTED") => 429,
        Some("UNAVAILABLE") => 503,
        Some("DEADLINE_EXCEEDED") => 504,
        _ => 500,
    }
}

fn meaning(status: u16, after: Option<Duration>, error: &Value) -> ChatError {
    let message = error.get("message").and_then(Value::as_str).unwrap_or_default();
    let words = http::quoted(message.as_bytes());
    let after = longer(after, retry_info(error));
    match status {
        400 if is_bad_key(error, message) => ChatError::Auth {
            reason: format!("{status}: {words}"),
        },
        429 if is_of_the_day(error, message, after) => ChatError::QuotaExhausted {
            reason: format!("{status}: {words}"),
        },
        _ => failure::by_status(status, after, &words),
    }
}

fn longer(one: Option<Duration>, other: Option<Duration>) -> Option<Duration> {
    one.max(other)
}

fn details(error: &Value) -> impl Iterator<Item = &Value> {
    error
        .get("details")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

fn is_bad_key(error: &Value, message: &str) -> bool {
    let reason = |it: &Value| it.get("reason").and_then(Value::as_str) == Some("API_KEY_INVALID");
    details(error).any(reason) || message.contains("API key not valid") || message.contains("API key expired")
}

/// The pause of `RetryInfo`: `37s`, `0.5s`.
fn retry_info(error: &Value) -> Option<Duration> {
    let delay = details(error).find_map(|it| it.get("retryDelay")?.as_str())?;
    seconds(delay.trim().strip_suffix('s')?.parse().ok()?)
}

/// A quota that comes back tomorrow, or with money: its name says so, or there is no word about a pause. The words
/// `(e.g. check quota)` are in every short refusal and mean nothing.
fn is_of_the_day(error: &Value, message: &str, after: Option<Duration>) -> bool {
    let per_day = details(error)
        .filter_map(|it| it.get("violations")?.as_array())
        .flatten()
        .filter_map(|it| it.get("quotaId")?.as_str())
        .any(|id| id.contains("PerDay"));
    let message = message.to_ascii_lowercase().replace("(e.g. check quota)", "");
    per_day || (after.is_none() && message.contains("quota"))
}
