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
    /// Its message as it was stored. It is not redacted: `workflow::log_sources` does that before anybody sees it.
    pub message: String,
    /// What else is known, by these names: `severity`, `namespace`, `pod`, `container`, `node`, `cluster`, `stack_trace`, and where
    /// the entry lies: `index` and `id`, or `file`.
    pub fields: Map<String, Value>,
}

/// What was fetched.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Fetched {
    /// The newest entries of the window, the oldest first.
    pub entries: Vec<FetchedEntry>,
    /// Why there may be more than was fetched, such as shards that failed; empty when the answer is whole.
    pub partial: Vec<String>,
    /// Whether a message is a whole line, with the time that its writer gave it.
    pub whole_lines: bool,
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

    /// The newest entries of the window. Takes a bounded time.
    ///
    /// # Errors
    /// [`LogSourceError`] naming the source.
    async fn fetch(&self, query: &LogQuery) -> Result<Fetched, LogSourceError>;

    /// Looks whether it can be used, and says in a sentence what is there.
    ///
    /// # Errors
    /// [`LogSourceError`] naming the source.
    async fn check(&self) -> Result<String, LogSourceError>;
}
