//! The contract's JSON lines file of feedback records: a copy of what the journal knows.

use async_trait::async_trait;
use kubemedic_model::feedback::FeedbackRecord;

/// Why the file could not be written.
#[derive(Debug, thiserror::Error)]
#[error("feedback file {path} cannot be written: {source}")]
pub struct FeedbackFileError {
    /// The file.
    pub path: String,
    /// Why.
    #[source]
    pub source: std::io::Error,
}

/// Appends records; the newest line of a record is its state.
#[async_trait]
pub trait FeedbackFile: Send + Sync + std::fmt::Debug {
    /// Brings the file up to the journal's state: cuts a torn last line and appends what is missing.
    ///
    /// # Errors
    /// [`FeedbackFileError`].
    async fn reconcile(&self, records: &[FeedbackRecord]) -> Result<(), FeedbackFileError>;

    /// Appends a line for each record, in order; they reach the disk together.
    ///
    /// # Errors
    /// [`FeedbackFileError`].
    async fn append(&self, records: &[FeedbackRecord]) -> Result<(), FeedbackFileError>;
}
