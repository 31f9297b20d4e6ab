//! What a server's answer says beyond its hits: why it refused, and what of it is missing.

use serde::Deserialize;
use serde_json::Value;

use crate::http;

/// The most characters of a server's reason that are told.
const MAX_REASON_CHARS: usize = 300;

/// One hit of a search.
#[derive(Debug, Deserialize)]
pub(super) struct Hit {
    #[serde(default, rename = "_index")]
    pub(super) index: String,
    #[serde(default, rename = "_id")]
    pub(super) id: String,
    #[serde(default, rename = "_source")]
    pub(super) source: Value,
    #[serde(default)]
    pub(super) sort: Vec<Value>,
}

/// A search's answer.
#[derive(Debug, Deserialize)]
pub(super) struct Found {
    #[serde(default)]
    pub(super) hits: Hits,
    #[serde(default)]
    pub(super) pit_id: Option<String>,
    #[serde(default)]
    timed_out: bool,
    #[serde(default, rename = "_shards")]
    shards: Shards,
    #[serde(default, rename = "_clusters")]
    clusters: Clusters,
}

/// The list of hits.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Hits {
    #[serde(default)]
    pub(super) hits: Vec<Hit>,
}

/// How many shards answered.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Shards {
    #[serde(default)]
    total: u64,
    #[serde(default)]
    failed: u64,
    #[serde(default)]
    failures: Vec<Value>,
}

/// How many clusters of a search across clusters answered.
#[derive(Debug, Default, Deserialize)]
struct Clusters {
    #[serde(default)]
    total: u64,
    #[serde(default)]
    skipped: u64,
    #[serde(default)]
    failed: u64,
    #[serde(default)]
    partial: u64,
}

impl Shards {
    /// What the shards did not answer.
    pub(super) fn partial(&self) -> Option<String> {
        (self.failed > 0).then(|| {
            let why = self.failures.first().and_then(|it| it.get("reason")).map(cause);
            let why = why.filter(|it| !it.is_empty()).map(|it| format!(" ({it})"));
            format!(
                "{} of {} shards failed{}",
                self.failed,
                self.total,
                why.unwrap_or_default()
            )
        })
    }
}

impl Found {
    /// Why there may be more entries than these.
    pub(super) fn partial(&self) -> Vec<String> {
        let clusters = &self.clusters;
        let silent = clusters.skipped + clusters.failed + clusters.partial;
        let told = [
            self.shards.partial(),
            self.timed_out
                .then(|| "the search ran out of time on the server".to_owned()),
            (silent > 0).then(|| format!("{silent} of {} clusters answered in part or not", clusters.total)),
        ];
        told.into_iter().flatten().collect()
    }
}

/// The server's reason in an error's body, without line breaks and bounded.
pub(super) fn reason(body: &[u8]) -> String {
    let Ok(answer) = serde_json::from_slice::<Value>(body) else {
        return http::quoted(body);
    };
    let error = answer.get("error").unwrap_or(&answer);
    let root = error
        .get("root_cause")
        .and_then(|causes| causes.get(0))
        .map(cause);
    let shard = error
        .pointer("/failed_shards/0/reason")
        .or(error.get("caused_by"))
        .map(cause);
    let mut told = match error.as_str() {
        Some(text) => vec![bounded(text)],
        None => [root, shard].into_iter().flatten().collect(),
    };
    told.retain(|text| !text.is_empty());
    if told.is_empty() {
        told.extend(error.get("reason").and_then(Value::as_str).map(bounded));
    }
    // The shard's words repeat the root's and add what caused it.
    let longest = told.into_iter().max_by_key(String::len);
    longest
        .filter(|it| !it.is_empty())
        .unwrap_or_else(|| http::quoted(body))
}

/// A cause with the cause of it.
fn cause(error: &Value) -> String {
    let text = |value: &Value| value.get("reason").and_then(Value::as_str).map(str::to_owned);
    let Some(own) = text(error).or_else(|| error.as_str().map(str::to_owned)) else {
        return String::new();
    };
    match error.get("caused_by").and_then(text) {
        Some(deeper) if deeper != own => bounded(&format!("{own}: {deeper}")),
        _ => bounded(&own),
    }
}

fn bounded(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").chars().take(MAX_REASON_CHARS).collect()
}
