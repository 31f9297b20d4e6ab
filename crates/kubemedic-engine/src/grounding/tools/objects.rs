//! Tools that read the state of the cluster: objects, events, what belongs together, metrics.

use std::fmt::Write;

use kubemedic_model::{
    resource::{Kind, ResourceRef},
    snapshot::{event::ClusterEvent, metrics::Series},
};
use serde_json::Value;

use super::{Arguments, Case, Result};
use crate::grounding::{
    briefing::{Item, describe as whole, inventory, shorten},
    plain,
};

/// The most lines of a list.
const MAX_ROWS: usize = 80;
/// The most events.
const MAX_EVENTS: usize = 25;
/// How deep an object is searched for names.
const MAX_DEPTH: usize = 16;

/// `list_objects`.
pub(super) fn list(case: &Case<'_>, arguments: &Arguments<'_>) -> Result {
    let kind = arguments.text("kind")?.map(Kind::parse);
    let namespace = arguments.text("namespace")?;
    let items = inventory(&case.intake.snapshot);
    let fits = |item: &Item<'_>| {
        let reference = &item.reference;
        kind.as_ref().is_none_or(|kind| reference.kind == *kind)
            && namespace.is_none_or(|it| reference.namespace.as_deref().is_none_or(|have| have == it))
    };
    let found: Vec<(usize, &Item<'_>)> = items.iter().enumerate().filter(|(_, it)| fits(it)).collect();
    if found.is_empty() {
        return Err(nothing_listed(case, kind.as_ref()));
    }
    Ok(rows(&found))
}

/// Why a list is empty.
fn nothing_listed(case: &Case<'_>, kind: Option<&Kind>) -> String {
    let snapshot = &case.intake.snapshot;
    let is_complete = kind.is_some_and(|kind| snapshot.listed.iter().any(|(listed, _)| listed == kind));
    if is_complete {
        "there is no such object, and the evidence lists this kind completely".to_owned()
    } else {
        "the case holds no such object; the evidence does not list this kind, so one may exist".to_owned()
    }
}

/// Objects line by line.
fn rows(found: &[(usize, &Item<'_>)]) -> String {
    let mut text = String::new();
    for (place, item) in found.iter().take(MAX_ROWS) {
        let _ = writeln!(text, "O{} {}: {}", place + 1, item.reference, item.state());
    }
    if found.len() > MAX_ROWS {
        let _ = writeln!(text, "({} more)", found.len() - MAX_ROWS);
    }
    text
}

/// `describe_object`.
pub(super) fn describe(case: &Case<'_>, arguments: &Arguments<'_>) -> Result {
    let wanted = arguments.object()?;
    let items = inventory(&case.intake.snapshot);
    let found = items.iter().enumerate().find(|(_, it)| wanted.is(&it.reference));
    let (place, item) = found.ok_or_else(|| wanted.absent())?;
    let value = whole(item);
    Ok(format!("O{} {}\n{value}", place + 1, item.reference))
}

/// `events_of`.
pub(super) fn events(case: &Case<'_>, arguments: &Arguments<'_>) -> Result {
    let wanted = arguments.object()?;
    let events = case.intake.snapshot.events.iter();
    let mut found: Vec<&ClusterEvent> = events
        .filter(|event| event.object.as_ref().is_some_and(|it| wanted.is(it)))
        .collect();
    if found.is_empty() {
        return Err(format!(
            "the case holds no event about {} {}",
            plain(wanted.kind.as_str(), 60),
            plain(wanted.name, 120)
        ));
    }
    found.sort_by_key(|event| (std::cmp::Reverse(event.last_seen), event.age_seconds));
    let mut text = String::new();
    for event in found.iter().take(MAX_EVENTS) {
        let _ = writeln!(text, "{}", event_line(event));
    }
    Ok(text)
}

/// An event in one line.
fn event_line(event: &ClusterEvent) -> String {
    let kind = if event.warning { "Warning" } else { "Normal" };
    let when = event.last_seen.map_or_else(
        || {
            event
                .age_seconds
                .map_or_else(String::new, |it| format!("{it}s ago "))
        },
        |it| format!("{it} "),
    );
    format!(
        "{when}{kind} {} x{}: {}",
        event.reason,
        event.count.max(1),
        shorten(&plain(&event.message, 400), 400)
    )
}

/// `related`.
pub(super) fn related(case: &Case<'_>, arguments: &Arguments<'_>) -> Result {
    let wanted = arguments.object()?;
    let items = inventory(&case.intake.snapshot);
    let at = items
        .iter()
        .position(|it| wanted.is(&it.reference))
        .ok_or_else(|| wanted.absent())?;
    let Some(center) = items.get(at) else {
        return Err(wanted.absent());
    };
    let value = whole(center);
    let labels = label_values(&value);
    let is_near = |item: &Item<'_>| {
        let same_place = center.reference.namespace.is_none()
            || item.reference.namespace.is_none()
            || center.reference.namespace == item.reference.namespace;
        let other = || whole(item);
        same_place
            && (names(&value, &item.reference.name, MAX_DEPTH) || {
                let other = other();
                names(&other, &center.reference.name, MAX_DEPTH)
                    || !labels.is_empty() && label_values(&other).iter().any(|it| labels.contains(it))
            })
    };
    let found: Vec<(usize, &Item<'_>)> = items
        .iter()
        .enumerate()
        .filter(|(place, item)| *place != at && is_near(item))
        .take(MAX_ROWS + 1)
        .collect();
    let failed = case
        .diagnosis
        .root_causes
        .iter()
        .filter_map(|it| it.object.as_ref());
    let mut text = rows(&found);
    for accused in failed.filter(|it| wanted.is(it)) {
        let _ = writeln!(text, "(the engine names {accused} as guilty)");
    }
    if text.is_empty() {
        return Err("nothing in the case is connected with it".to_owned());
    }
    Ok(text)
}

/// Whether a value holds a name as a whole text.
fn names(value: &Value, name: &str, depth: usize) -> bool {
    let Some(depth) = depth.checked_sub(1) else {
        return false;
    };
    match value {
        Value::String(text) => text == name,
        Value::Array(items) => items.iter().any(|it| names(it, name, depth)),
        Value::Object(fields) => fields
            .iter()
            .any(|(key, it)| key != "labels" && key != "annotations" && names(it, name, depth)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// The labels and selectors of an object as `key=value`.
fn label_values(value: &Value) -> Vec<String> {
    let meta = value.get("meta").and_then(|it| it.get("labels"));
    let maps = [
        meta,
        value.get("selector"),
        value.get("pod_labels"),
        value.get("pod_selector"),
    ];
    let fields = maps.into_iter().flatten().filter_map(Value::as_object).flatten();
    fields
        .filter(|(key, _)| {
            ["app", "app.kubernetes.io/name", "k8s-app", "service", "name"].contains(&key.as_str())
        })
        .filter_map(|(key, it)| Some(format!("{key}={}", it.as_str()?)))
        .collect()
}

/// `metrics`.
pub(super) fn metrics(case: &Case<'_>, arguments: &Arguments<'_>) -> Result {
    let name = arguments.required("name")?;
    let snapshot = &case.intake.snapshot;
    let mut text = String::new();
    let is_of = |subject: &str| {
        subject == name
            || ResourceRef::new(Kind::Pod, None, subject)
                .name
                .starts_with(&format!("{name}-"))
    };
    for series in snapshot
        .series
        .iter()
        .filter(|it| is_of(&it.subject.name))
        .take(MAX_ROWS)
    {
        let _ = writeln!(text, "{}", series_line(series));
    }
    let alerts = snapshot.alerts.iter();
    for alert in alerts
        .filter(|it| it.subject.as_ref().is_some_and(|it| is_of(&it.name)))
        .take(MAX_EVENTS)
    {
        let title = alert.name.as_deref().unwrap_or("alert");
        let summary = alert.summary.as_deref().unwrap_or("");
        let _ = writeln!(text, "alert {}: {}", plain(title, 120), plain(summary, 300));
        for change in alert.changes.iter().take(8) {
            let _ = writeln!(text, "  {}", plain(&change.quote, 200));
        }
    }
    if text.is_empty() {
        return Err(format!(
            "the case holds no metric and no alert of '{}'",
            plain(name, 120)
        ));
    }
    Ok(text)
}

/// A series in one line.
fn series_line(series: &Series) -> String {
    let values = || series.samples.iter().map(|it| it.value);
    let end = |value: Option<f64>| value.map_or_else(|| "?".to_owned(), |it| format!("{it:.4}"));
    format!(
        "{} {}: {} samples, first {}, lowest {}, highest {}, last {}",
        plain(&series.subject.name, 120),
        plain(&series.name, 120),
        series.samples.len(),
        end(values().next()),
        end(values().reduce(f64::min)),
        end(values().reduce(f64::max)),
        end(values().next_back()),
    )
}
