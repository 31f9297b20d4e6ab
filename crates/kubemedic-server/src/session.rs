//! Sessions of browsers: a signed expiry time in a cookie. The value is an HMAC under the API token, never the token itself.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The cookie's name.
pub(crate) const COOKIE: &str = "kubemedic_session";
/// How long a login lasts, in seconds: one shift.
pub(crate) const LIFETIME_SECONDS: i64 = 12 * 60 * 60;

/// A session's value, good until a time in Unix seconds.
pub(crate) fn issue(token: &str, expires_at: i64) -> String {
    let mac = signer(token, expires_at).map(|mac| URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()));
    format!("v1.{expires_at}.{}", mac.unwrap_or_default())
}

/// Whether a session's value was issued under the token and is still good.
pub(crate) fn is_valid(token: &str, value: &str, now: i64) -> bool {
    let parts = value.strip_prefix("v1.").and_then(|rest| rest.split_once('.'));
    let Some((expires_at, signature)) = parts else {
        return false;
    };
    let Ok(expires_at) = expires_at.parse::<i64>() else {
        return false;
    };
    let Ok(signature) = URL_SAFE_NO_PAD.decode(signature) else {
        return false;
    };
    let genuine = signer(token, expires_at).is_some_and(|mac| mac.verify_slice(&signature).is_ok());
    genuine && now < expires_at
}

fn signer(token: &str, expires_at: i64) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(token.as_bytes()).ok()?;
    mac.update(format!("kubemedic-session:v1:{expires_at}").as_bytes());
    Some(mac)
}

#[cfg(test)]
mod tests;
