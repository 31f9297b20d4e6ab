//! The evidence object: its lenient reading from JSON, and what its parts say.

use std::collections::BTreeMap;

use kubemedic_model::{
    evidence::Origin,
    evidence_object::{EvidenceObject, Logs, SourceQuery},
};
use serde_json::{Map, Value};

use super::{
    Intake, IntakeError, Note, alerts,
    collector::Collector,
    command::{self, KubectlCommand},
    metrics, objects, segments,
};

/// How deep an alert is read.
const MAX_ALERT_DEPTH: u32 = 4;
/// The most alerts that become notes.
const MAX_ALERTS: usize = 500;
/// The longest note of an alert, in bytes.
const MAX_ALERT_BYTES: usize = 4000;

/// The keys that hold evidence.
const EVIDENCE_KEYS: [&str; 5] = ["logs", "kubectl", "objects", "alerts", "source"];

/// Reads an evidence object.
pub(super) fn read(evidence: &EvidenceObject) -> Intake {
    let mut collector = Collector::default();
    let mut intake = Intake {
        query: evidence.query.clone(),
        ..Intake::default()
    };
    read_objects(&mut collector, evidence);
    for (line, output) in evidence.kubectl.iter().flatten() {
        read_command(&mut collector, &mut intake, line, output);
    }
    match &evidence.logs {
        Some(Logs::Text(text)) => add(&mut intake, segments::read(&mut collector, "logs", text, None)),
        Some(Logs::ByService(services)) => {
            read_services(&mut intake, services, evidence.namespace.as_deref());
        }
        None => {}
    }
    intake.snapshot = collector.into_snapshot();
    read_signals(&mut intake, evidence);
    intake.snapshot.cluster.clone_from(&evidence.cluster);
    intake.snapshot.namespace.clone_from(&evidence.namespace);
    intake
}

/// Adds what a part holds.
fn add(intake: &mut Intake, content: segments::PartContent) {
    intake.records.extend(content.records);
    intake.notes.extend(content.notes);
    intake.lines += content.lines;
}

/// The API objects.
fn read_objects(collector: &mut Collector, evidence: &EvidenceObject) {
    for (index, object) in evidence.objects.iter().flatten().enumerate() {
        let origin = Origin {
            part: format!("objects[{index}]"),
            line: None,
        };
        objects::add(collector, object, &origin);
    }
}

/// The output of one command, and which kinds it lists completely.
fn read_command(collector: &mut Collector, intake: &mut Intake, line: &str, output: &str) {
    let command = command::parse(line).unwrap_or_default();
    add(intake, segments::read(collector, line, output, Some(&command)));
    if command.verb != "get" || command.filtered || !command.names.is_empty() || is_failure(output) {
        return;
    }
    for kind in &command.kinds {
        list(collector, kind, &command);
    }
}

/// A `get` without name and filter lists its kind; without namespace it is not told which one.
fn list(collector: &mut Collector, kind: &kubemedic_model::resource::Kind, command: &KubectlCommand) {
    if kind.is_cluster_scoped() || command.all_namespaces {
        collector.listed(kind.clone(), None);
    } else if let Some(namespace) = &command.namespace {
        collector.listed(kind.clone(), Some(namespace.clone()));
    }
}

/// Whether kubectl failed instead of listing.
fn is_failure(output: &str) -> bool {
    let start = output.trim_start();
    start.starts_with("Error from server")
        || start.starts_with("error:")
        || start.starts_with("Unable to connect")
        || start.starts_with("The connection to the server")
}

/// Log lines by service or pod.
fn read_services(intake: &mut Intake, services: &BTreeMap<String, Vec<String>>, namespace: Option<&str>) {
    for (key, lines) in services {
        let source = segments::source_of_key(key, namespace);
        let numbered = (1_u64..)
            .zip(lines)
            .flat_map(|(number, text)| text.split('\n').map(move |line| (number, line)));
        let part = format!("logs[{key}]");
        intake
            .records
            .extend(segments::read_log(&part, numbered, &source));
        intake.lines += u64::try_from(lines.len()).unwrap_or(u64::MAX);
    }
}

/// Metric series, typed alerts, and notes of what alerts say in words.
fn read_signals(intake: &mut Intake, evidence: &EvidenceObject) {
    if let Some(text) = &evidence.metrics_csv {
        intake.snapshot.series = metrics::read_csv("metrics_csv", text);
    }
    let Some(value) = &evidence.alerts else { return };
    intake
        .snapshot
        .series
        .extend(metrics::read_prometheus("alerts", value));
    for (line, alert) in firing(value) {
        let typed = alerts::read(line, alert);
        // Words around numbers that were read would only say the same again, with less.
        if typed.as_ref().is_none_or(|it| it.changes.is_empty()) {
            intake.notes.extend(alert_note(line, alert));
        }
        intake.snapshot.alerts.extend(typed);
    }
}

/// The words of an alert.
fn alert_note(line: u64, alert: &Value) -> Option<Note> {
    let text = alert_text(alert);
    (!text.is_empty()).then(|| Note {
        part: "alerts".to_owned(),
        line,
        text,
    })
}

/// The alerts that fire, numbered from 1.
fn firing(value: &Value) -> impl Iterator<Item = (u64, &Value)> {
    let list = [
        value.get("alerts"),
        value.get("data").and_then(|data| data.get("alerts")),
        Some(value),
    ]
    .into_iter()
    .flatten()
    .find_map(Value::as_array);
    let items = match (list, value) {
        (Some(items), _) => items.as_slice(),
        (None, Value::Object(object)) if !object.is_empty() => std::slice::from_ref(value),
        _ => &[],
    };
    (1_u64..)
        .zip(items.iter().take(MAX_ALERTS))
        .filter(|(_, alert)| fires(alert))
}

/// Whether an alert is not over.
fn fires(alert: &Value) -> bool {
    let state = alert
        .get("state")
        .or_else(|| alert.get("status"))
        .map(|state| state.get("state").unwrap_or(state));
    !matches!(
        state.and_then(Value::as_str),
        Some("resolved" | "inactive" | "clean" | "suppressed")
    )
}

/// Labels, annotations and texts of an alert in one line.
fn alert_text(alert: &Value) -> String {
    let mut text = String::new();
    write_value(&mut text, "", alert, 0);
    text.trim().to_owned()
}

/// Writes `key=value` of every scalar; the names of objects inside are left out.
fn write_value(text: &mut String, key: &str, value: &Value, depth: u32) {
    if depth > MAX_ALERT_DEPTH || text.len() > MAX_ALERT_BYTES {
        return;
    }
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                write_value(text, key, value, depth + 1);
            }
        }
        Value::Array(items) => {
            for item in items {
                write_value(text, key, item, depth + 1);
            }
        }
        Value::String(value) if !value.is_empty() => write_pair(text, key, value),
        Value::Number(number) => write_pair(text, key, &number.to_string()),
        _ => {}
    }
}

/// Appends one pair.
fn write_pair(text: &mut String, key: &str, value: &str) {
    if !text.is_empty() {
        text.push(' ');
    }
    if !key.is_empty() {
        text.push_str(key);
        text.push('=');
    }
    text.push_str(value);
}

/// Every key that the contract gives an evidence object, and the id that collections of them carry.
const CONTRACT_KEYS: [&str; 10] = [
    "alerts",
    "cluster",
    "id",
    "kubectl",
    "logs",
    "metrics_csv",
    "namespace",
    "objects",
    "query",
    "source",
];

/// Whether a text is an evidence object: one JSON object with a key of evidence, and no Kubernetes object. A log entry may
/// have a field `source` of its own, so that either all keys are the contract's or the values have the contract's types.
pub(super) fn looks_like(text: &str) -> bool {
    if !text.trim_start().starts_with('{') {
        return false;
    }
    let Ok(Value::Object(object)) = serde_json::from_str::<Value>(text) else {
        return false;
    };
    !(object.contains_key("apiVersion") && object.contains_key("kind"))
        && EVIDENCE_KEYS
            .iter()
            .any(|key| object.get(*key).is_some_and(|value| !value.is_null()))
        && (object.keys().all(|key| CONTRACT_KEYS.contains(&key.as_str())) || parse_object(&object).is_ok())
}

/// Reads an evidence object from JSON.
pub(super) fn parse(text: &str) -> Result<EvidenceObject, IntakeError> {
    let value: Value = serde_json::from_str(text).map_err(|error| IntakeError::NotJson(error.to_string()))?;
    let Value::Object(object) = value else {
        return Err(IntakeError::NotAnObject);
    };
    parse_object(&object)
}

/// Reads the keys of an evidence object.
fn parse_object(object: &Map<String, Value>) -> Result<EvidenceObject, IntakeError> {
    let evidence = EvidenceObject {
        logs: present(object, "logs").map(logs).transpose()?,
        kubectl: present(object, "kubectl").map(kubectl).transpose()?,
        objects: present(object, "objects").map(object_list).transpose()?,
        alerts: present(object, "alerts").cloned(),
        metrics_csv: text(object, "metrics_csv")?,
        cluster: text(object, "cluster")?,
        namespace: text(object, "namespace")?,
        query: text(object, "query")?,
        source: present(object, "source").map(source).transpose()?,
    };
    if evidence.has_evidence() {
        Ok(evidence)
    } else {
        Err(IntakeError::NoEvidence)
    }
}

/// A key's value; `null` counts as absent.
fn present<'a>(object: &'a Map<String, Value>, key: &str) -> Option<&'a Value> {
    object.get(key).filter(|value| !value.is_null())
}

/// A wrong type.
fn wrong(key: &'static str, expected: &'static str) -> IntakeError {
    IntakeError::WrongType { key, expected }
}

/// A text.
fn text(object: &Map<String, Value>, key: &'static str) -> Result<Option<String>, IntakeError> {
    match present(object, key) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(wrong(key, "a text")),
    }
}

/// Log text, or lines by service; a service's lines may be one text.
fn logs(value: &Value) -> Result<Logs, IntakeError> {
    const EXPECTED: &str = "a text, or an object of lists of lines";
    match value {
        Value::String(text) => Ok(Logs::Text(text.clone())),
        Value::Array(lines) => Ok(Logs::Text(
            texts(lines).ok_or(wrong("logs", EXPECTED))?.join("\n"),
        )),
        Value::Object(services) => {
            let mut found = BTreeMap::new();
            for (service, value) in services {
                let lines = match value {
                    Value::String(text) => text.lines().map(str::to_owned).collect(),
                    Value::Array(lines) => texts(lines).ok_or(wrong("logs", EXPECTED))?,
                    Value::Null => Vec::new(),
                    _ => return Err(wrong("logs", EXPECTED)),
                };
                found.insert(service.clone(), lines);
            }
            Ok(Logs::ByService(found))
        }
        _ => Err(wrong("logs", EXPECTED)),
    }
}

/// A list of texts; entries that are objects are JSON log lines.
fn texts(values: &[Value]) -> Option<Vec<String>> {
    values
        .iter()
        .map(|value| match value {
            Value::String(text) => Some(text.clone()),
            Value::Object(_) => Some(value.to_string()),
            _ => None,
        })
        .collect()
}

/// Outputs by command line.
fn kubectl(value: &Value) -> Result<BTreeMap<String, String>, IntakeError> {
    const EXPECTED: &str = "an object of texts by command line";
    let Value::Object(commands) = value else {
        return Err(wrong("kubectl", EXPECTED));
    };
    let mut found = BTreeMap::new();
    for (command, output) in commands {
        let output = match output {
            Value::String(text) => text.clone(),
            Value::Null => continue,
            Value::Object(_) | Value::Array(_) => output.to_string(),
            _ => return Err(wrong("kubectl", EXPECTED)),
        };
        found.insert(command.clone(), output);
    }
    Ok(found)
}

/// Objects: a list, or one object, which may be a List.
fn object_list(value: &Value) -> Result<Vec<Value>, IntakeError> {
    match value {
        Value::Array(items) if items.iter().all(Value::is_object) => Ok(items.clone()),
        Value::Object(_) => Ok(vec![value.clone()]),
        _ => Err(wrong("objects", "a list of Kubernetes objects")),
    }
}

/// A source to fetch logs from.
fn source(value: &Value) -> Result<SourceQuery, IntakeError> {
    serde_json::from_value(value.clone()).map_err(|_| {
        wrong(
            "source",
            "an object with name, filter_pattern, pull_interval in seconds and limit",
        )
    })
}

#[cfg(test)]
mod tests;
