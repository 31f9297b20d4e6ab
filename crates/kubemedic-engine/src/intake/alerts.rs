//! Alerts as Prometheus, Alertmanager and looser tools write them in JSON, to typed alerts: whom, how grave, since when,
//! and what changed in numbers. It does not judge; the words of alerts also become notes, in `evidence`.

mod changes;

use kubemedic_model::{
    evidence::Origin,
    resource::Kind,
    snapshot::metrics::{Alert, Change, Metric, Subject},
};
use serde_json::Value;

use super::{metrics::names, timestamp};

/// The most texts of one alert that are read for changes.
const MAX_TEXTS: usize = 40;
/// How deep the texts of an alert may lie.
const MAX_DEPTH: u32 = 3;
/// The most changes of one alert.
const MAX_CHANGES: usize = 40;

/// Reads one alert, the `line`-th of the evidence.
pub(super) fn read(line: u64, alert: &Value) -> Option<Alert> {
    let object = alert.as_object()?;
    let labels = alert.get("labels").unwrap_or(alert);
    let annotations = alert.get("annotations").unwrap_or(alert);
    let subject = subject(alert, labels);
    let name =
        text(labels, &["alertname", "alert", "rule"]).or_else(|| text(alert, &["title", "metric_category"]));
    let mut texts = Vec::new();
    for (key, value) in object {
        if key != "labels" {
            collect(&mut texts, value, 0);
        }
    }
    let mut found: Vec<Change> = texts.iter().flat_map(|text| changes::read(text)).collect();
    if found.is_empty() {
        found.extend(value_of(alert, name));
    }
    found.truncate(MAX_CHANGES);
    let range = text(alert, &["time_range"]).and_then(|it| it.split_once('~'));
    let moment = |keys: &[&str], part: Option<&str>| {
        let told = text(alert, keys).or(part)?;
        timestamp::whole(told.trim()).map(jiff::Timestamp::as_second)
    };
    Some(Alert {
        name: name.map(str::to_owned),
        severity: text(labels, &["severity", "priority", "level"]).map(str::to_owned),
        subject,
        starts: moment(
            &["startsAt", "activeAt", "starts_at", "start", "started_at"],
            range.map(|it| it.0),
        ),
        ends: moment(&["ends_at", "end", "ended_at"], range.map(|it| it.1)),
        changes: found,
        summary: text(annotations, &["summary", "description", "message", "raw_error"]).map(str::to_owned),
        origin: Origin {
            part: "alerts".to_owned(),
            line: Some(line),
        },
    })
}

/// The first of the keys that holds a text.
fn text<'a>(value: &'a Value, keys: &[&str]) -> Option<&'a str> {
    keys.iter()
        .find_map(|key| value.get(*key)?.as_str())
        .filter(|text| !text.trim().is_empty())
}

/// Whom an alert is about: a kind with a name, else the labels.
fn subject(alert: &Value, labels: &Value) -> Option<Subject> {
    let kind = text(alert, &["entity_type", "resource_type", "kind", "type"]).map(Kind::parse);
    let known = kind.filter(|kind| !matches!(kind, Kind::Other(_)));
    let name = text(alert, &["entity_name", "resource_name", "name"]);
    if let (Some(kind), Some(name)) = (known, name) {
        let namespace = text(alert, &["namespace"]).map(str::to_owned);
        return Some(Subject {
            name: name.to_owned(),
            kind: Some(kind),
            namespace,
        });
    }
    let label = |name: &str| labels.get(name).and_then(Value::as_str);
    names::subject(label("alertname").unwrap_or(""), &label)
}

/// Every text of an alert, bounded in number and depth.
fn collect<'a>(texts: &mut Vec<&'a str>, value: &'a Value, depth: u32) {
    if depth > MAX_DEPTH || texts.len() >= MAX_TEXTS {
        return;
    }
    match value {
        Value::String(text) => texts.push(text),
        Value::Array(items) => items.iter().for_each(|item| collect(texts, item, depth + 1)),
        Value::Object(object) => object.values().for_each(|item| collect(texts, item, depth + 1)),
        _ => {}
    }
}

/// The value that an alert carries besides its words, where its name tells what was measured.
fn value_of(alert: &Value, name: Option<&str>) -> Option<Change> {
    let name = name?;
    let (metric, scale) = metric_of_camel_case(name)?;
    let value = alert.get("value").or_else(|| alert.get("current_value"))?;
    let current = value.as_f64().or_else(|| value.as_str()?.parse().ok())?;
    current.is_finite().then(|| Change {
        metric,
        normal: None,
        current: current * scale,
        quote: format!("{name} {current}"),
    })
}

/// What the name of an alert says is measured (`CPUThrottlingHigh`, `KubeNodeTcpRetransmissions`).
fn metric_of_camel_case(name: &str) -> Option<(Metric, f64)> {
    let mut words = String::with_capacity(name.len() + 8);
    let mut lower_before = false;
    let mut letters = name.chars().take(200).peekable();
    while let Some(letter) = letters.next() {
        let lower_after = letters.peek().is_some_and(|it| it.is_lowercase());
        if letter.is_uppercase() && (lower_before || lower_after) {
            words.push(' ');
        }
        lower_before = letter.is_lowercase();
        words.push(letter);
    }
    names::metric(&words)
}

#[cfg(test)]
mod tests;
