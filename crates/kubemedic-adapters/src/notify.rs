//! Webhooks over HTTP, signed as Standard Webhooks 1.0.0 says when a secret is configured.

use async_trait::async_trait;
use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use kubemedic_ports::{
    clock::Clock,
    notifier::{Notifier, NotifierError},
};
use reqwest::{Client, StatusCode, Url};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use std::sync::Arc;

use crate::http::{self, BadServerUrl, client_for};

/// A receiver of webhooks.
#[derive(Debug)]
pub struct HttpNotifier {
    client: Client,
    url: Url,
    shown: String,
    secret: Option<SecretString>,
    clock: Arc<dyn Clock>,
}

impl HttpNotifier {
    /// A receiver at an address. With a secret (`whsec_` and base64, or any text) every message is signed.
    ///
    /// # Errors
    /// [`BadServerUrl`].
    pub fn new(url: &str, secret: Option<SecretString>, clock: Arc<dyn Clock>) -> Result<Self, BadServerUrl> {
        let (client, url) = client_for(url)?;
        Ok(Self {
            client,
            shown: http::shown(&url),
            url,
            secret,
            clock,
        })
    }
}

/// `v1,` and the base64 HMAC-SHA256 of `id.timestamp.body` (Standard Webhooks 1.0.0, "Signature scheme").
fn signature(secret: &SecretString, id: &str, unix_seconds: i64, body: &str) -> Option<String> {
    let text = secret.expose_secret();
    let encoded = text
        .strip_prefix("whsec_")
        .and_then(|encoded| STANDARD.decode(encoded).ok());
    let key = encoded.unwrap_or_else(|| text.as_bytes().to_vec());
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).ok()?;
    mac.update(format!("{id}.{unix_seconds}.{body}").as_bytes());
    Some(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
}

#[async_trait]
impl Notifier for HttpNotifier {
    async fn deliver(&self, id: &str, body: &str) -> Result<(), NotifierError> {
        let unix_seconds = self.clock.now().as_second();
        let retry = |reason: String, retry_after_seconds: Option<u64>| NotifierError::Retry {
            url: self.shown.clone(),
            reason,
            retry_after_seconds,
        };
        let mut request = self
            .client
            .post(self.url.clone())
            .header("content-type", "application/json")
            .header("webhook-id", id)
            .header("webhook-timestamp", unix_seconds.to_string())
            .body(body.to_owned());
        if let Some(signed) = self
            .secret
            .as_ref()
            .and_then(|secret| signature(secret, id, unix_seconds, body))
        {
            request = request.header("webhook-signature", signed);
        }
        let response = request
            .send()
            .await
            .map_err(|error| retry(http::reason(error), None))?;
        let status = response.status();
        if status.is_success() {
            return Ok(());
        }
        if status == StatusCode::GONE {
            return Err(NotifierError::Gone {
                url: self.shown.clone(),
            });
        }
        let after = response
            .headers()
            .get("retry-after")
            .and_then(|value| value.to_str().ok()?.parse().ok());
        let words = http::body(response)
            .await
            .map(|body| http::quoted(&body))
            .unwrap_or_default();
        Err(retry(format!("it answers {status}: {words}"), after))
    }
}

#[cfg(test)]
mod tests;
