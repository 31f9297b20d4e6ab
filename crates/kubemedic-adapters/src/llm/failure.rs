//! What a provider's refusal means: the status, the pause that it asks for, its words. What only one provider says is read in
//! that provider's file.

use std::time::Duration;

use jiff::{Timestamp, fmt::rfc2822};
use kubemedic_ports::{chat_model::ChatError, clock::Clock};
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};
use serde_json::Value;

use crate::{http, system::SystemClock};

/// The longest pause that is believed.
const LONGEST_PAUSE: Duration = Duration::from_hours(24);
/// The pause in milliseconds, as OpenAI and its SDKs know it.
const RETRY_AFTER_MS: &str = "retry-after-ms";

/// An answer whose status is no success.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// The status.
    pub(crate) status: u16,
    /// The pause that its headers ask for.
    pub(crate) after: Option<Duration>,
    /// Its words, bounded.
    pub(crate) body: Vec<u8>,
}

impl Refusal {
    /// Its words as JSON; null where they are none.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// What its status means, with the message that was found in its words.
    pub(crate) fn by_status(&self, message: Option<&str>) -> ChatError {
        let words = message.map_or_else(
            || http::quoted(&self.body),
            |message| http::quoted(message.as_bytes()),
        );
        by_status(self.status, self.after, &words)
    }
}

/// What a status means, with the provider's words.
pub(crate) fn by_status(status: u16, after: Option<Duration>, words: &str) -> ChatError {
    let reason = format!("{status}: {words}");
    match status {
        401 | 403 => ChatError::Auth { reason },
        402 => ChatError::QuotaExhausted { reason },
        404 | 410 => ChatError::ModelGone { reason },
        429 => ChatError::RateLimited { after, reason },
        300..=399 => ChatError::BadRequest {
            reason: format!("{status}: it redirects, which is not followed: set the address that it names"),
        },
        408 | 425 | 500.. => ChatError::Overloaded { after, reason },
        _ => ChatError::BadRequest { reason },
    }
}

/// The pause that headers ask for: milliseconds, else seconds or a date.
pub(crate) fn asked_pause(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    if let Some(millis) = text(RETRY_AFTER_MS).and_then(|it| it.parse::<f64>().ok()) {
        return seconds(millis / 1000.0);
    }
    let value = text(RETRY_AFTER.as_str())?;
    if let Ok(count) = value.parse::<f64>() {
        return seconds(count);
    }
    // The server's own clock is the one that its date is meant in.
    let now = text(DATE.as_str())
        .and_then(http_date)
        .unwrap_or_else(|| SystemClock.now());
    let wait = http_date(value)?.duration_since(now);
    seconds(wait.as_secs_f64().max(0.0))
}

/// A pause in seconds; `None` where it is no number or negative, and never longer than a day.
pub(crate) fn seconds(count: f64) -> Option<Duration> {
    let count = Some(count).filter(|it| !it.is_nan())?;
    Duration::try_from_secs_f64(count.min(LONGEST_PAUSE.as_secs_f64())).ok()
}

/// A date as HTTP writes it.
fn http_date(text: &str) -> Option<Timestamp> {
    rfc2822::DateTimeParser::new().parse_timestamp(text).ok()
}
