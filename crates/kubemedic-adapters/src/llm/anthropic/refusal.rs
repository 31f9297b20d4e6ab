//! What Anthropic's error objects mean, after a status and inside a stream, where only their type tells.

use std::time::Duration;

use kubemedic_ports::chat_model::ChatError;
use serde_json::Value;

use super::super::failure::{self, Refusal};
use crate::http;

/// What a refusal means.
pub(super) fn of(refusal: &Refusal) -> ChatError {
    let body = refusal.json();
    match body.get("error") {
        Some(error) => meaning(refusal.status, refusal.after, error),
        None => refusal.by_status(None),
    }
}

/// What an error inside a stream means.
pub(super) fn inside(error: &Value) -> ChatError {
    let status = match error.get("type").and_then(Value::as_str) {
        Some("invalid_request_error") => 400,
        Some("authentication_error") => 401,
        Some("billing_error") => 402,
        Some("permission_error") => 403,
        Some("not_found_error") => 404,
        Some("request_too_large") => 413,
        Some("rate_limit_error") => 429,
        Some("timeout_error") => 504,
        Some("overloaded_error") => 529,
        _ => 500,
    };
    meaning(status, None, error)
}

fn meaning(status: u16, after: Option<Duration>, error: &Value) -> ChatError {
    let message = error.get("message").and_then(Value::as_str).unwrap_or_default();
    let words = http::quoted(message.as_bytes());
    // An account without money is refused with 400.
    if status == 400 && message.contains("credit balance is too low") {
        return failure::by_status(402, None, &words);
    }
    failure::by_status(status, after, &words)
}
