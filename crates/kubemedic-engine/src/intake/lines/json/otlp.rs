//! Batches of OpenTelemetry's JSON form, which hold many entries on one line. They are rare and are read as a whole.

use std::borrow::Cow;

use kubemedic_model::log::Severity;
use serde_json::Value;

use crate::intake::lines::{Entry, Source, severity, timestamp};

/// The entries of an OTLP batch (`resourceLogs[].scopeLogs[].logRecords[]`).
pub(in crate::intake::lines) fn batch(line: &str) -> Option<Vec<Entry<'static>>> {
    let value = serde_json::from_str::<Value>(line).ok()?;
    let resources = value.get("resourceLogs")?.as_array()?;
    let mut entries = Vec::new();
    for resource in resources {
        let source = otlp_source(resource.get("resource"));
        for scope in items(resource, "scopeLogs") {
            for record in items(scope, "logRecords") {
                entries.push(otlp_entry(record, &source));
            }
        }
    }
    (!entries.is_empty()).then_some(entries)
}

/// The list under a key.
fn items<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value
        .get(key)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// An OTLP attribute as text.
fn attribute(holder: &Value, name: &str) -> Option<Cow<'static, str>> {
    let found = items(holder, "attributes")
        .iter()
        .find(|it| it.get("key").and_then(Value::as_str) == Some(name))?;
    found
        .get("value")?
        .get("stringValue")?
        .as_str()
        .map(|text| Cow::Owned(text.to_owned()))
}

/// The source that a resource's attributes name.
fn otlp_source(resource: Option<&Value>) -> Source<'static> {
    let get = |name: &str| resource.and_then(|resource| attribute(resource, name));
    Source {
        namespace: get("k8s.namespace.name"),
        pod: get("k8s.pod.name"),
        container: get("k8s.container.name"),
        service: get("service.name"),
    }
}

/// One OTLP log record.
fn otlp_entry(record: &Value, source: &Source<'static>) -> Entry<'static> {
    let number = record.get("severityNumber").and_then(Value::as_u64);
    let word = record.get("severityText").and_then(Value::as_str);
    let body = record.get("body");
    let text = body
        .and_then(|body| body.get("stringValue"))
        .and_then(Value::as_str);
    let message = text.map_or_else(|| body.map(Value::to_string).unwrap_or_default(), str::to_owned);
    Entry {
        timestamp: ["timeUnixNano", "observedTimeUnixNano"].iter().find_map(|key| {
            match record.get(*key)? {
                Value::String(text) => timestamp::whole(text),
                other => timestamp::from_number(other.as_f64()?),
            }
        }),
        severity: number
            .map(severity::of_otlp)
            .filter(|severity| *severity != Severity::Unknown)
            .or_else(|| word.and_then(severity::of_word))
            .unwrap_or_default(),
        source: source.clone(),
        message: message.into(),
        headed: true,
        ..Entry::default()
    }
}
