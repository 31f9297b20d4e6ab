//! Fetched entries as log lines by `namespace/pod/container`, in the forms that intake reads: what the source knows beside the
//! message (time, severity, stack trace) is kept.

use std::collections::BTreeMap;

use kubemedic_model::evidence_object::{EvidenceObject, Logs};
use kubemedic_ports::log_source::{Fetched, FetchedEntry};
use serde_json::{Map, Value};

/// Where entries without a pod go.
const UNNAMED: &str = "fetched";

/// Fetched entries as log lines by `namespace/pod/container`, as an evidence object has them.
pub fn by_service(fetched: Fetched) -> BTreeMap<String, Vec<String>> {
    let whole_lines = fetched.whole_lines;
    let mut services: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for entry in fetched.entries {
        let key = place(&entry.fields).unwrap_or_else(|| UNNAMED.to_owned());
        let lines = services.entry(key).or_default();
        if whole_lines {
            lines.push(entry.message);
        } else {
            lines.extend(lines_of(&entry));
        }
    }
    services
}

/// Adds fetched entries to the logs of an evidence object. Text that was posted beside the query stays text.
pub(super) fn add(evidence: &mut EvidenceObject, fetched: Fetched) {
    let services = by_service(fetched);
    evidence.logs = Some(match evidence.logs.take() {
        None => Logs::ByService(services),
        Some(Logs::ByService(mut posted)) => {
            for (key, lines) in services {
                posted.entry(key).or_default().extend(lines);
            }
            Logs::ByService(posted)
        }
        Some(Logs::Text(text)) => Logs::Text(appended(text, &services)),
    });
}

/// `namespace/pod/container`, or as much of it as there is; a file's name where no pod is known.
fn place(fields: &Map<String, Value>) -> Option<String> {
    let text = |name: &str| fields.get(name).and_then(Value::as_str);
    let pod = text("pod").or_else(|| text("file"))?;
    Some(match (text("namespace"), text("container")) {
        (Some(namespace), Some(container)) => format!("{namespace}/{pod}/{container}"),
        (None, Some(container)) => format!("{pod}/{container}"),
        _ => pod.to_owned(),
    })
}

/// An entry as lines: JSON where the source knows the severity, else as a container runtime writes them.
fn lines_of(entry: &FetchedEntry) -> Vec<String> {
    let trace = entry.fields.get("stack_trace").and_then(Value::as_str);
    if let Some(severity) = entry.fields.get("severity") {
        let mut line = Map::new();
        if let Some(at) = entry.timestamp {
            line.insert("timestamp".to_owned(), at.to_string().into());
        }
        line.insert("level".to_owned(), severity.clone());
        line.insert("message".to_owned(), entry.message.as_str().into());
        if let Some(trace) = trace {
            line.insert("stack_trace".to_owned(), trace.into());
        }
        return vec![Value::Object(line).to_string()];
    }
    let lines = entry
        .message
        .lines()
        .chain(trace.into_iter().flat_map(str::lines));
    match entry.timestamp {
        Some(at) => lines.map(|line| format!("{at} stdout F {line}")).collect(),
        None => lines.map(str::to_owned).collect(),
    }
}

/// Text with fetched lines after it, each under its pod as `kubectl logs --prefix` writes it.
fn appended(mut text: String, services: &BTreeMap<String, Vec<String>>) -> String {
    for (key, lines) in services {
        let parts: Vec<&str> = key.split('/').collect();
        let prefix = match parts.as_slice() {
            [_, pod, container] | [pod, container] => format!("[pod/{pod}/{container}] "),
            _ => String::new(),
        };
        for line in lines {
            if !text.is_empty() && !text.ends_with('\n') {
                text.push('\n');
            }
            text.push_str(&prefix);
            text.push_str(line);
        }
    }
    text
}
