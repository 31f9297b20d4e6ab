//! What the error objects of chat completions mean, after a status and inside a stream.

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
        None => refusal.by_status(body.get("message").and_then(Value::as_str)),
    }
}

/// What an error inside a stream means. Gateways put the status into its code; else its word tells.
pub(super) fn inside(error: &Value) -> ChatError {
    let code = error.get("code");
    let number = code.and_then(|it| it.as_u64().or_else(|| it.as_str()?.parse().ok()));
    let status = number
        .and_then(|it| u16::try_from(it).ok())
        .filter(|it| *it >= 400);
    meaning(status.unwrap_or_else(|| by_word(error)), None, error)
}

fn word<'a>(error: &'a Value, key: &str) -> &'a str {
    error.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn by_word(error: &Value) -> u16 {
    let is = |it: &str| word(error, "code") == it || word(error, "type") == it;
    if is("invalid_api_key") || is("authentication_error") {
        401
    } else if is("model_not_found") || is("not_found_error") {
        404
    } else if is("rate_limit_exceeded") || is("rate_limit_error") || is("insufficient_quota") {
        429
    } else if is("invalid_request_error") || is("context_length_exceeded") {
        400
    } else {
        500
    }
}

fn meaning(status: u16, after: Option<Duration>, error: &Value) -> ChatError {
    // Some servers send the message alone.
    let message = error.as_str().unwrap_or_else(|| word(error, "message"));
    let words = http::quoted(message.as_bytes());
    let is = |it: &str| word(error, "code") == it || word(error, "type") == it;
    let reason = format!("{status}: {words}");
    if is("insufficient_quota") || is("billing_hard_limit_reached") {
        return ChatError::QuotaExhausted { reason };
    }
    if is("model_not_found") && status < 500 {
        return ChatError::ModelGone { reason };
    }
    if is("invalid_api_key") && status < 500 {
        return ChatError::Auth { reason };
    }
    if is("content_filter") || is("content_policy_violation") {
        return ChatError::Blocked { reason };
    }
    failure::by_status(status, after, &words)
}
