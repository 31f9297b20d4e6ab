//! The evidence object: the JSON form of an input (CONTRACT.md section 3), before anything is understood in it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Logs, kubectl output, objects and alerts that belong to one incident.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(
    default,
    expecting = "an object with logs, kubectl, objects, alerts or source"
)]
pub struct EvidenceObject {
    /// Log text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logs: Option<Logs>,
    /// The output of kubectl commands, by command line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kubectl: Option<BTreeMap<String, String>>,
    /// Kubernetes objects as the API serves them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub objects: Option<Vec<Value>>,
    /// Alerts in any JSON form.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alerts: Option<Value>,
    /// Metric samples as CSV text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metrics_csv: Option<String>,
    /// The cluster that the evidence is from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster: Option<String>,
    /// The namespace that the evidence is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// What the person asks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// A source to fetch the logs from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<SourceQuery>,
}

/// Log text, whole or by service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "logs must be a text, or lists of lines by service")]
pub enum Logs {
    /// One text.
    Text(String),
    /// Lines by service, pod or `pod/container`; a whole text per service is read as its lines.
    ByService(#[serde(deserialize_with = "lines_by_service")] BTreeMap<String, Vec<String>>),
}

/// The log of one service, in either form that collectors write.
#[derive(Deserialize)]
#[serde(untagged)]
enum ServiceLog {
    Lines(Vec<String>),
    Text(Option<String>),
}

/// Reads the logs of every service as lines.
fn lines_by_service<'de, D>(deserializer: D) -> Result<BTreeMap<String, Vec<String>>, D::Error>
where
    D: serde::Deserializer<'de>,
{
    let logs = BTreeMap::<String, ServiceLog>::deserialize(deserializer)?;
    let lines = |log| match log {
        ServiceLog::Lines(lines) => lines,
        ServiceLog::Text(text) => text.unwrap_or_default().lines().map(str::to_owned).collect(),
    };
    Ok(logs.into_iter().map(|(name, log)| (name, lines(log))).collect())
}

/// Which entries to fetch from a log source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SourceQuery {
    /// `elasticsearch` or `files`.
    pub name: String,
    /// Lucene query string.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter_pattern: Option<String>,
    /// Window in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pull_interval: Option<u64>,
    /// The most entries to take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

impl EvidenceObject {
    /// Whether at least one of logs, kubectl, objects, alerts and source is there.
    pub fn has_evidence(&self) -> bool {
        self.logs.is_some()
            || self.kubectl.is_some()
            || self.objects.is_some()
            || self.alerts.as_ref().is_some_and(|alerts| !alerts.is_null())
            || self.source.is_some()
    }
}

/// What a workflow works on, after redaction.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "form", content = "content", rename_all = "snake_case")]
pub enum WorkflowInput {
    /// A pasted text.
    Text(String),
    /// An evidence object.
    Evidence(Box<EvidenceObject>),
}
