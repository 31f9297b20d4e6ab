//! Turns texts into vectors whose cosine is their likeness in meaning. Without one, likeness is lexical (`engine::similarity`).

use async_trait::async_trait;

/// Why there are no vectors.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("texts cannot be embedded by {embedder}: {reason}")]
pub struct EmbedError {
    /// Which embedder.
    pub embedder: String,
    /// Why, without credentials.
    pub reason: String,
}

/// Turns texts into vectors.
#[async_trait]
pub trait Embedder: Send + Sync + std::fmt::Debug {
    /// Its name, which changes whenever its vectors would: vectors of different names are never compared.
    fn name(&self) -> &str;

    /// One vector of unit length for each text, all of one dimension. Takes a bounded time.
    ///
    /// # Errors
    /// [`EmbedError`]; then there is no vector for any of them.
    async fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>, EmbedError>;
}
