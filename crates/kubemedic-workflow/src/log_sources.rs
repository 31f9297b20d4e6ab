//! Fetching from the configured log sources, for clients and for workflows that start from a query.
//! This is the door at which fetched text is redacted: adapters hand it over as it was stored.

use std::sync::Arc;

use kubemedic_engine::redaction::Redactor;
use kubemedic_model::evidence_object::{EvidenceObject, SourceQuery};
use kubemedic_ports::log_source::{Fetched, LogQuery, LogSource, LogSourceError};
use serde_json::Value;

use crate::{core::Core, workflows::StartError};

mod lines;

pub use lines::by_service;

/// The sources that can be configured, and the variables that do.
pub const KNOWN_SOURCES: [(&str, &str); 2] =
    [("elasticsearch", "ELASTICSEARCH_URL"), ("files", "LOG_FILES_DIR")];
/// The longest window, in seconds: thirty days.
pub const MAX_WINDOW_SECONDS: u32 = 30 * 24 * 60 * 60;
/// How many entries where nobody says.
pub const DEFAULT_LIMIT: u32 = 1000;
/// The most entries of one answer: what one Elasticsearch search returns at most.
pub const MAX_LIMIT: u32 = 10_000;
/// How far a workflow looks back where nobody says, in seconds: an incident is older than the ten seconds of a poll.
const WORKFLOW_WINDOW_SECONDS: u32 = 600;

/// Why nothing was fetched.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The source, or every source, is not configured.
    #[error("{0}")]
    NotConfigured(String),
    /// The source failed, or refused the query.
    #[error(transparent)]
    Source(#[from] LogSourceError),
    /// The server is stopping.
    #[error("the server is stopping: try again")]
    Stopping,
}

/// Fetching from the configured log sources.
#[derive(Debug)]
pub struct LogSources {
    core: Arc<Core>,
}

impl LogSources {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// The newest entries of a source, or of the first configured one, redacted.
    ///
    /// # Errors
    /// [`FetchError`].
    pub async fn fetch(&self, name: Option<&str>, query: &LogQuery) -> Result<Fetched, FetchError> {
        let fetched = fetch(&self.core, name, query).await?;
        if !self.core.config.redact {
            return Ok(fetched);
        }
        let redactor = self.core.redactor();
        let redacted = self.core.scope.compute(move || redact(fetched, redactor)).await;
        redacted.map_err(|_| FetchError::Stopping)
    }
}

fn redact(mut fetched: Fetched, mut redactor: Redactor) -> Fetched {
    for entry in &mut fetched.entries {
        entry.message = redactor.redact(&entry.message).into_owned();
        let mut fields = Value::Object(std::mem::take(&mut entry.fields));
        redactor.redact_json(&mut fields);
        if let Value::Object(fields) = fields {
            entry.fields = fields;
        }
    }
    fetched
}

/// Fetches as it was stored.
async fn fetch(core: &Core, name: Option<&str>, query: &LogQuery) -> Result<Fetched, FetchError> {
    let source = source(&core.ports.log_sources, name)?;
    let _room = core.fetching.acquire().await;
    let fetched = source.fetch(query).await.map_err(|error| {
        tracing::warn!(%error, "logs were not fetched");
        shown(core, error)
    })?;
    if !fetched.partial.is_empty() {
        tracing::warn!(source = source.name(), partial = ?fetched.partial, "logs were fetched in part");
    }
    Ok(fetched)
}

/// An error whose reason, which a foreign server may have written, holds no secret.
fn shown(core: &Core, error: LogSourceError) -> LogSourceError {
    let redact = |reason: String| core.redactor().redact(&reason).into_owned();
    match error {
        LogSourceError::Unavailable { name, reason } => LogSourceError::Unavailable {
            name,
            reason: redact(reason),
        },
        LogSourceError::Refused { name, reason } => LogSourceError::Refused {
            name,
            reason: redact(reason),
        },
    }
}

fn source<'a>(
    sources: &'a [Arc<dyn LogSource>],
    named: Option<&str>,
) -> Result<&'a Arc<dyn LogSource>, FetchError> {
    let mut sources = sources.iter();
    let found = match named {
        Some(name) => sources.find(|source| source.name() == name),
        None => sources.next(),
    };
    found.ok_or_else(|| {
        let variable = KNOWN_SOURCES.iter().find(|(name, _)| Some(*name) == named);
        FetchError::NotConfigured(match variable {
            Some((name, variable)) => format!("log source '{name}' is not configured: set {variable}"),
            None => "no log source is configured: set ELASTICSEARCH_URL or LOG_FILES_DIR".to_owned(),
        })
    })
}

/// Checks what an evidence object says about its source, before anything is fetched.
pub(crate) fn check(source: &SourceQuery) -> Result<(), StartError> {
    let bad = |why: String| Err(StartError::BadEvidence(why));
    if !KNOWN_SOURCES.iter().any(|(name, _)| *name == source.name) {
        return bad(format!(
            "source.name is '{}': it must be 'elasticsearch' or 'files'",
            source.name
        ));
    }
    let interval = source.pull_interval;
    if interval.is_some_and(|seconds| !(1..=u64::from(MAX_WINDOW_SECONDS)).contains(&seconds)) {
        return bad(format!(
            "source.pull_interval must be a whole number of seconds from 1 to {MAX_WINDOW_SECONDS}"
        ));
    }
    if source
        .limit
        .is_some_and(|limit| !(1..=MAX_LIMIT).contains(&limit))
    {
        return bad(format!("source.limit must be from 1 to {MAX_LIMIT}"));
    }
    Ok(())
}

/// Fetches what an evidence object's source names into its logs. Returns a sentence about it for the first event.
///
/// # Errors
/// [`StartError::Source`] when it cannot be fetched, [`StartError::BadEvidence`] when the query is not understood.
pub(crate) async fn fill(core: &Core, evidence: &mut EvidenceObject) -> Result<Option<String>, StartError> {
    let Some(source) = &evidence.source else {
        return Ok(None);
    };
    let query = LogQuery {
        window_seconds: source
            .pull_interval
            .and_then(|seconds| seconds.try_into().ok())
            .unwrap_or(WORKFLOW_WINDOW_SECONDS),
        filter_pattern: source.filter_pattern.clone().unwrap_or_else(|| "*".to_owned()),
        cluster: evidence.cluster.clone(),
        namespace: evidence.namespace.clone(),
        limit: source.limit.unwrap_or(DEFAULT_LIMIT),
    };
    let fetched = fetch(core, Some(&source.name), &query).await;
    let fetched = fetched.map_err(|error| match error {
        FetchError::Source(error @ LogSourceError::Refused { .. }) => {
            StartError::BadEvidence(error.to_string())
        }
        other => StartError::Source(other.to_string()),
    })?;
    let told = told(&source.name, &query, &fetched);
    lines::add(evidence, fetched);
    Ok(Some(told))
}

/// What was fetched, in one sentence.
fn told(name: &str, query: &LogQuery, fetched: &Fetched) -> String {
    let count = match fetched.entries.len() {
        1 => "1 entry".to_owned(),
        count => format!("{count} entries"),
    };
    let mut told = format!(
        "{count} of the last {} seconds from '{name}'",
        query.window_seconds
    );
    if !fetched.partial.is_empty() {
        told.push_str(" in part: ");
        told.push_str(&fetched.partial.join("; "));
    }
    told
}

#[cfg(test)]
mod tests;
