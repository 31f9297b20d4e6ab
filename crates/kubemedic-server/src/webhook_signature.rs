//! Standard Webhooks 1.0.0: checks that a webhook was signed with the shared secret, recently. It stores nothing; replays are caught by
//! the idempotency key.

use axum::http::HeaderMap;
use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// How far a webhook's time may be from ours, in seconds (the specification's recommendation).
pub const TOLERANCE_SECONDS: i64 = 5 * 60;

/// Why a webhook is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// A header is missing.
    #[error("webhook is not signed: webhook-id, webhook-timestamp and webhook-signature are needed")]
    Missing,
    /// The time is no time, or too far from now.
    #[error("webhook timestamp is not within five minutes of this server's time")]
    Stale,
    /// No signature matches.
    #[error("webhook signature does not match WEBHOOK_SECRET")]
    Mismatch,
}

/// The key that a secret stands for: the base64 after `whsec_`, or the bytes of any other text.
pub fn signing_key(secret: &str) -> Vec<u8> {
    let encoded = secret
        .strip_prefix("whsec_")
        .and_then(|encoded| STANDARD.decode(encoded).ok());
    encoded.unwrap_or_else(|| secret.as_bytes().to_vec())
}

/// The `webhook-signature` value of a message: `v1,` and the base64 HMAC-SHA256 of `id.timestamp.body`.
pub fn sign(secret: &str, id: &str, timestamp: i64, body: &[u8]) -> String {
    let signature = mac(secret, id, timestamp, body).map(|mac| STANDARD.encode(mac.finalize().into_bytes()));
    format!("v1,{}", signature.unwrap_or_default())
}

/// Checks a message against its headers at a time in Unix seconds.
///
/// # Errors
/// [`SignatureError`].
pub fn verify(secret: &str, headers: &HeaderMap, body: &[u8], now: i64) -> Result<(), SignatureError> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let (Some(id), Some(timestamp), Some(signatures)) = (
        header("webhook-id"),
        header("webhook-timestamp"),
        header("webhook-signature"),
    ) else {
        return Err(SignatureError::Missing);
    };
    let timestamp: i64 = timestamp.parse().map_err(|_| SignatureError::Stale)?;
    if now.saturating_sub(timestamp).unsigned_abs() > TOLERANCE_SECONDS.unsigned_abs() {
        return Err(SignatureError::Stale);
    }
    let genuine = signatures
        .split_whitespace()
        .filter_map(|signature| signature.strip_prefix("v1,"))
        .any(|it| {
            let decoded = STANDARD.decode(it).unwrap_or_default();
            mac(secret, id, timestamp, body).is_some_and(|mac| mac.verify_slice(&decoded).is_ok())
        });
    if genuine {
        Ok(())
    } else {
        Err(SignatureError::Mismatch)
    }
}

fn mac(secret: &str, id: &str, timestamp: i64, body: &[u8]) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(&signing_key(secret)).ok()?;
    mac.update(format!("{id}.{timestamp}.").as_bytes());
    mac.update(body);
    Some(mac)
}

#[cfg(test)]
mod tests;
