//! Webhooks: decisions told to another server.

use async_trait::async_trait;

/// Why a delivery failed.
#[derive(Debug, thiserror::Error)]
pub enum NotifierError {
    /// Worth another try.
    #[error("webhook {url} failed: {reason}")]
    Retry {
        /// Its address, without credentials.
        url: String,
        /// Why.
        reason: String,
        /// When the receiver asks to be called again, in seconds.
        retry_after_seconds: Option<u64>,
    },
    /// The receiver wants no more (410).
    #[error("webhook {url} is gone")]
    Gone {
        /// Its address, without credentials.
        url: String,
    },
}

/// Delivers webhooks.
#[async_trait]
pub trait Notifier: Send + Sync + std::fmt::Debug {
    /// Delivers one message. The id is the receiver's idempotency key.
    ///
    /// # Errors
    /// [`NotifierError`].
    async fn deliver(&self, id: &str, body: &str) -> Result<(), NotifierError>;
}
