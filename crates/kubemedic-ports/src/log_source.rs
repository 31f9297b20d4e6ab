//! A place that logs are fetched from: a search cluster or a folder of files.

use async_trait::async_trait;
use jiff::Timestamp;
use serde_json::{Map, Value};

/// Which entries to fetch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogQuery {
    /// How far back to look, in seconds before now.
    pub window_seconds: u32,
    /// Lucene query string; `*` is everything.
    pub filter_pattern: String,
    /// Only entries of this cluster.
    pub cluster: Option<String>,
    /// Only entries of this namespace.
    pub namespace: Option<String>,
    /// At most so many: the newest of the window.
    pub limit: u32,
}

/// One fetched entry.
#[derive(Debug, Clone, PartialEq)]
pub struct FetchedEntry {
    /// When it was written, if the source tells.
    pub timestamp: Option<Timestamp>,
    /// Its message, redacted.
    pub message: String,
    /// Its other fields, redacted.
    pub fields: Map<String, Value>,
}

/// Why nothing was fetched.
#[derive(Debug, thiserror::Error)]
pub enum LogSourceError {
    /// The source cannot be reached, or it failed.
    #[error("log source '{name}' is not reachable: {reason}")]
    Unavailable {
        /// The source.
        name: String,
        /// Why, without credentials, and the way out.
        reason: String,
    },
    /// The source does not understand the query.
    #[error("log source '{name}' refused the query: {reason}")]
    Refused {
        /// The source.
        name: String,
        /// Why.
        reason: String,
    },
}

/// A place that logs are fetched from.
#[async_trait]
pub trait LogSource: Send + Sync + std::fmt::Debug {
    /// Its name on the wire: `elasticsearch` or `files`.
    fn name(&self) -> &'static str;

    /// The newest entries of the window, the oldest first.
    ///
    /// # Errors
    /// [`LogSourceError`] naming the source.
    async fn fetch(&self, query: &LogQuery) -> Result<Vec<FetchedEntry>, LogSourceError>;
}
