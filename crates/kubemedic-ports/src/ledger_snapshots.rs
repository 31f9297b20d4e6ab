//! The newest snapshot of what was learnt: bytes that shorten a start. The journal alone is the truth; a snapshot may be lost.

use async_trait::async_trait;

/// Why a snapshot could not be read or written.
#[derive(Debug, thiserror::Error)]
#[error("snapshot {path} is out of reach: {source}")]
pub struct SnapshotStoreError {
    /// The file.
    pub path: String,
    /// Why.
    #[source]
    pub source: std::io::Error,
}

/// Keeps one snapshot.
#[async_trait]
pub trait LedgerSnapshots: Send + Sync + std::fmt::Debug {
    /// The newest snapshot as it was written; `None` where there is none.
    ///
    /// # Errors
    /// [`SnapshotStoreError`].
    async fn newest(&self) -> Result<Option<Vec<u8>>, SnapshotStoreError>;

    /// Puts a snapshot in place of the one before, whole or not at all.
    ///
    /// # Errors
    /// [`SnapshotStoreError`].
    async fn replace(&self, bytes: Vec<u8>) -> Result<(), SnapshotStoreError>;
}
