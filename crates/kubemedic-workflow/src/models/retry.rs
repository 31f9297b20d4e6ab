//! Whether and when a model is asked again after a failure, as pure rules, and the bucket that bounds the tries of the whole
//! process. It sends nothing.

use std::{sync::Mutex, time::Duration};

use kubemedic_model::digest::sha256;
use kubemedic_ports::chat_model::{ChatError, ChatRequest, CutBy, Effort};

use super::{breaker::after, budget::lock};

/// The ceiling of the first wait; it doubles with each further one.
const FIRST_CEILING: Duration = Duration::from_secs(1);
/// The highest ceiling.
const LAST_CEILING: Duration = Duration::from_secs(20);
/// The shortest wait: a provider in trouble is never asked again at once.
const SHORTEST_WAIT: Duration = Duration::from_millis(200);
/// The most tokens that an answer may have: what large models of today give at most.
const MAX_OUTPUT_TOKENS: u32 = 65_536;

/// What to do after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// Ask the same model again after this wait.
    Again(Duration),
    /// Ask it again at once for a longer answer with less thinking.
    Longer,
    /// Give this model up.
    GiveUp,
}

/// What was tried already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tried {
    /// Requests, the failed one included.
    pub(super) tries: u32,
    /// Whether a longer answer was asked for already.
    pub(super) longer: bool,
}

/// The rule for each failure; `seed` spreads the waits.
pub(super) fn next(
    error: &ChatError,
    tried: Tried,
    (request, seed): (&ChatRequest, &str),
    max_retries: u32,
) -> Next {
    if tried.tries > max_retries {
        return Next::GiveUp;
    }
    match error {
        ChatError::RateLimited { .. }
        | ChatError::Overloaded { .. }
        | ChatError::Timeout { .. }
        | ChatError::Transport { .. }
        | ChatError::Malformed { .. }
        | ChatError::Truncated {
            by: CutBy::Connection,
        } => Next::Again(after(error).unwrap_or_else(|| backoff(tried.tries, seed))),
        ChatError::Truncated { by: CutBy::Tokens } if !tried.longer && can_be_longer(request) => Next::Longer,
        ChatError::Truncated { by: CutBy::Tokens }
        | ChatError::Auth { .. }
        | ChatError::ModelGone { .. }
        | ChatError::BadRequest { .. }
        | ChatError::QuotaExhausted { .. }
        | ChatError::Blocked { .. } => Next::GiveUp,
    }
}

fn can_be_longer(request: &ChatRequest) -> bool {
    request.max_tokens < MAX_OUTPUT_TOKENS || request.effort != Effort::Low
}

/// The same request with room for an answer of twice the length, and less thinking.
pub(super) fn longer(request: &ChatRequest) -> ChatRequest {
    let doubled = request.max_tokens.saturating_mul(2).min(MAX_OUTPUT_TOKENS);
    ChatRequest {
        max_tokens: doubled.max(request.max_tokens),
        effort: Effort::Low,
        ..request.clone()
    }
}

/// Exponential backoff with full jitter (M. Brooker, "Exponential Backoff And Jitter", AWS, 2015) above a shortest wait. The
/// jitter follows from the seed and the try, so that a test knows it.
pub(super) fn backoff(tries: u32, seed: &str) -> Duration {
    let doublings = tries.saturating_sub(1).min(16);
    let ceiling = FIRST_CEILING.saturating_mul(1 << doublings).min(LAST_CEILING);
    let spread = ceiling.saturating_sub(SHORTEST_WAIT).as_millis();
    let part = u128::from(fraction(&format!("{seed}#{tries}")));
    let millis = spread * part / u128::from(u32::MAX);
    SHORTEST_WAIT + Duration::from_millis(u64::try_from(millis).unwrap_or(u64::MAX))
}

/// A number that any change of the text changes.
fn fraction(text: &str) -> u32 {
    let digest = sha256(text.as_bytes());
    let hex = digest.rsplit(':').next().and_then(|hex| hex.get(..8));
    hex.and_then(|hex| u32::from_str_radix(hex, 16).ok())
        .unwrap_or_default()
}

/// Tokens for retries, in tenths: each question adds two tenths, each retry takes a whole one. So a provider that fails gets about
/// a fifth more requests than questions, and a small burst, however many workflows there are.
#[derive(Debug)]
pub(super) struct RetryBucket {
    tenths: Mutex<u32>,
}

/// What a question adds.
const TENTHS_OF_A_QUESTION: u32 = 2;
/// What a retry takes.
const TENTHS_OF_A_RETRY: u32 = 10;
/// The burst: so many retries may be made at once.
const MAX_TENTHS: u32 = 200;

impl Default for RetryBucket {
    fn default() -> Self {
        Self {
            tenths: Mutex::new(MAX_TENTHS),
        }
    }
}

impl RetryBucket {
    /// A question is asked for the first time.
    pub(super) fn question(&self) {
        let mut tenths = lock(&self.tenths);
        *tenths = (*tenths + TENTHS_OF_A_QUESTION).min(MAX_TENTHS);
    }

    /// Whether there may be one more retry now.
    pub(super) fn take(&self) -> bool {
        let mut tenths = lock(&self.tenths);
        let left = tenths.checked_sub(TENTHS_OF_A_RETRY);
        *tenths = left.unwrap_or(*tenths);
        left.is_some()
    }
}

#[cfg(test)]
mod tests;
