//! One document as an entry: its message, place and severity under whichever names its shipper uses.
//! Documents of one search may come from several shippers, so that each is looked at by itself.

use jiff::Timestamp;
use kubemedic_ports::log_source::FetchedEntry;
use serde_json::{Map, Value};

use super::{
    answer::Hit,
    fields::{Fields, Role, TimeKind},
};

/// The roles that become fields of an entry, and their names there.
const PLACES: [(Role, &str); 6] = [
    (Role::Severity, "severity"),
    (Role::Namespace, "namespace"),
    (Role::Pod, "pod"),
    (Role::Container, "container"),
    (Role::Node, "node"),
    (Role::Cluster, "cluster"),
];

/// The entry of a hit.
pub(super) fn entry(hit: Hit, fields: &Fields) -> FetchedEntry {
    let source = &hit.source;
    let mut known = Map::new();
    for (role, name) in PLACES {
        if let Some(value) = first(source, &fields.names(role)) {
            known.insert(name.to_owned(), value.clone());
        }
    }
    if let Some(Value::String(trace)) = first(source, &fields.names(Role::StackTrace)) {
        known.insert("stack_trace".to_owned(), Value::String(trace.clone()));
    }
    let timestamp = time(&hit, fields);
    let message = message(source, fields);
    known.insert("index".to_owned(), Value::String(hit.index));
    known.insert("id".to_owned(), Value::String(hit.id));
    FetchedEntry {
        timestamp,
        message,
        fields: known,
    }
}

/// The message without its line end; the whole document where no field is one.
fn message(source: &Value, fields: &Fields) -> String {
    match first(source, &fields.names(Role::Message)) {
        Some(Value::String(text)) => text.trim_end_matches(['\n', '\r']).to_owned(),
        Some(other) => other.to_string(),
        None => source.to_string(),
    }
}

/// The time in the document, which may be finer than the sort value beside it.
fn time(hit: &Hit, fields: &Fields) -> Option<Timestamp> {
    let written = lookup(&hit.source, &fields.time).and_then(Value::as_str);
    written.and_then(|text| text.parse().ok()).or_else(|| {
        let number = hit.sort.first()?.as_i64()?;
        match fields.time_kind {
            TimeKind::Milliseconds => Timestamp::from_millisecond(number).ok(),
            TimeKind::Nanoseconds | TimeKind::Mixed => Timestamp::from_nanosecond(number.into()).ok(),
        }
    })
}

/// The first of the names whose value is a text or a number; a list stands for its first value.
fn first<'a>(source: &'a Value, names: &[&str]) -> Option<&'a Value> {
    names.iter().find_map(|name| {
        let value = lookup(source, name)?;
        let value = value.as_array().map_or(Some(value), |values| values.first())?;
        let blank = value.as_str().is_some_and(|text| text.trim().is_empty());
        (value.is_string() || value.is_number())
            .then_some(value)
            .filter(|_| !blank)
    })
}

/// A field by its dotted path, whether the document nests it, keeps the dots in a key, or does both by turns.
pub(super) fn lookup<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    let object = value.as_object()?;
    if let Some(found) = object.get(path) {
        return Some(found);
    }
    path.match_indices('.').find_map(|(at, _)| {
        let child = object.get(path.get(..at)?)?;
        lookup(child, path.get(at + 1..)?)
    })
}
