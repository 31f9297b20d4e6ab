//! Secrets in JSON values, with the knowledge of Kubernetes' shapes: Secret data, env pairs, annotations that hold objects.

use serde_json::{Map, Value};

use super::{
    Redactor,
    name::{self, Class},
    value::{self, Shape},
};

/// Deeper values are dropped: no Kubernetes object nests like that.
const MAX_DEPTH: usize = 128;

/// Redacts a value in place.
pub(super) fn redact(redactor: &mut Redactor, value: &mut Value, depth: usize) {
    if depth > MAX_DEPTH {
        *value = Value::Null;
        return;
    }
    match value {
        Value::String(text) => redact_string(redactor, text, depth),
        Value::Array(items) => items
            .iter_mut()
            .for_each(|item| redact(redactor, item, depth + 1)),
        Value::Object(fields) => redact_object(redactor, fields, depth),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn redact_object(redactor: &mut Redactor, fields: &mut Map<String, Value>, depth: usize) {
    let is_secret = fields.get("kind").and_then(Value::as_str) == Some("Secret");
    let pair = fields
        .get("name")
        .or_else(|| fields.get("key"))
        .and_then(Value::as_str)
        .and_then(name::classify);
    for (key, value) in fields.iter_mut() {
        match (key.as_str(), pair) {
            ("data" | "stringData", _) if is_secret => redact_data(redactor, value),
            ("value", Some(class)) => redact_named(redactor, class, value, depth),
            _ => match name::classify(key) {
                Some(class) => redact_named(redactor, class, value, depth),
                None => redact(redactor, value, depth + 1),
            },
        }
    }
}

/// Every value of a Secret's data goes.
fn redact_data(redactor: &mut Redactor, value: &mut Value) {
    let Value::Object(data) = value else { return };
    for entry in data.values_mut() {
        if let Value::String(text) = entry
            && !text.is_empty()
            && !text.starts_with(super::token::OPENING)
            && !redactor.allows(Some(text))
        {
            *text = redactor.replace("secret-data", text);
        }
    }
}

/// A value whose name announces a secret.
fn redact_named(redactor: &mut Redactor, class: Class, value: &mut Value, depth: usize) {
    let shape = Shape {
        quoted: true,
        bound: true,
        last: true,
    };
    match value {
        Value::String(text)
            if value::is_secret(class, text, shape)
                && !holds_object(text)
                && !redactor.allows(Some(text)) =>
        {
            let whole = redactor.redact(text).into_owned();
            *text = if whole == *text {
                redactor.replace(class.kind(), text)
            } else {
                whole
            };
        }
        Value::Number(number) if class == Class::Password => {
            let text = number.to_string();
            *value = Value::String(redactor.replace(class.kind(), &text));
        }
        other => redact(redactor, other, depth + 1),
    }
}

fn holds_object(text: &str) -> bool {
    text.trim_start().starts_with(['{', '['])
}

/// A string may hold a whole object as JSON.
fn redact_string(redactor: &mut Redactor, text: &mut String, depth: usize) {
    if holds_object(text)
        && let Ok(mut inner) = serde_json::from_str::<Value>(text)
        && (inner.is_object() || inner.is_array())
    {
        let before = inner.clone();
        redact(redactor, &mut inner, depth + 1);
        if inner != before {
            *text = inner.to_string();
        }
        return;
    }
    if let std::borrow::Cow::Owned(redacted) = redactor.redact(text) {
        *text = redacted;
    }
}
