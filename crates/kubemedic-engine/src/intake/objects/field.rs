//! Access to fields of API objects by path (`spec/template/metadata`). Absence and a wrong type read the same: as nothing.

use std::collections::BTreeMap;

use jiff::Timestamp;
use kubemedic_model::snapshot::{Condition, Labels, PortRef};
use serde_json::Value;

use crate::intake::timestamp;

/// The value at a path; `Null` counts as absent.
pub(super) fn at<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('/')
        .try_fold(value, |value, key| value.get(key))
        .filter(|value| !value.is_null())
}

/// A text that is not empty; numbers and booleans as their notation.
pub(super) fn text(value: &Value, path: &str) -> Option<String> {
    at(value, path).and_then(plain)
}

/// A scalar as text.
pub(super) fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

/// A whole number.
pub(super) fn number<T: TryFrom<i64>>(value: &Value, path: &str) -> Option<T> {
    let found = at(value, path)?;
    let number = found.as_i64().or_else(|| found.as_str()?.parse().ok())?;
    T::try_from(number).ok()
}

/// A truth value.
pub(super) fn flag(value: &Value, path: &str) -> Option<bool> {
    at(value, path)?.as_bool()
}

/// A time.
pub(super) fn time(value: &Value, path: &str) -> Option<Timestamp> {
    timestamp::whole(at(value, path)?.as_str()?)
}

/// The items of a list; nothing reads as an empty list.
pub(super) fn list<'a>(value: &'a Value, path: &str) -> &'a [Value] {
    at(value, path)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// A list of texts.
pub(super) fn texts(value: &Value, path: &str) -> Vec<String> {
    list(value, path).iter().filter_map(plain).collect()
}

/// The text at one path of every item of a list.
pub(super) fn texts_of(value: &Value, path: &str, inner: &str) -> Vec<String> {
    list(value, path)
        .iter()
        .filter_map(|item| text(item, inner))
        .collect()
}

/// A map of texts.
pub(super) fn map(value: &Value, path: &str) -> BTreeMap<String, String> {
    let Some(object) = at(value, path).and_then(Value::as_object) else {
        return BTreeMap::new();
    };
    object
        .iter()
        .map(|(key, value)| (key.clone(), plain(value).unwrap_or_default()))
        .collect()
}

/// The `matchLabels` of a selector; `matchExpressions` join as `key` -> `In [a b]`.
pub(super) fn selector(value: &Value, path: &str) -> Labels {
    let Some(found) = at(value, path) else {
        return Labels::new();
    };
    let mut labels = map(found, "matchLabels");
    for expression in list(found, "matchExpressions") {
        if let Some(key) = text(expression, "key") {
            labels.insert(key, requirement(expression));
        }
    }
    labels
}

/// Operator and values of an expression: `In [a b]`, `Exists`.
fn requirement(expression: &Value) -> String {
    let operator = text(expression, "operator").unwrap_or_default();
    let values = texts(expression, "values");
    if values.is_empty() {
        operator
    } else {
        format!("{operator} [{}]", values.join(" "))
    }
}

/// An expression as text: `disktype In [ssd]`.
pub(super) fn expression(value: &Value) -> String {
    format!(
        "{} {}",
        text(value, "key").unwrap_or_default(),
        requirement(value)
    )
}

/// A number or name of a port.
pub(super) fn port(value: &Value, path: &str) -> Option<PortRef> {
    text(value, path).map(|text| PortRef::parse(&text))
}

/// The conditions of a status.
pub(super) fn conditions(value: &Value) -> Vec<Condition> {
    at(value, "status").map(conditions_within).unwrap_or_default()
}

/// The conditions that a status, or a part of one, holds.
pub(super) fn conditions_within(value: &Value) -> Vec<Condition> {
    list(value, "conditions")
        .iter()
        .filter_map(|condition| {
            Some(Condition {
                kind: text(condition, "type")?,
                status: text(condition, "status").unwrap_or_default(),
                reason: text(condition, "reason"),
                message: text(condition, "message"),
                changed: time(condition, "lastTransitionTime"),
            })
        })
        .collect()
}
