//! Reads what a proposer says in an approval's metadata. Every key is optional and of any form; text is cut, never trusted.

use kubemedic_model::{approval::Approval, learning::Contribution, plan::Strategy};
use serde::Deserialize;
use serde_json::{Map, Value};

/// The longest text that a page shows of one key, in characters.
const MAX_CHARS: usize = 4_000;
/// The most items that a page shows of one list.
const MAX_ITEMS: usize = 12;

/// A quoted fact that the diagnosis rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Quote {
    /// The words.
    pub(super) text: String,
    /// Where they stand.
    pub(super) origin: Option<String>,
}

/// What is expected of a repair, and how many answers that rests on.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(super) struct Expected {
    pub(super) strategy: Strategy,
    /// How likely a person approves it, 0 to 1.
    pub(super) p_approve: f64,
    /// How likely it then helps, 0 to 1.
    pub(super) p_resolve: f64,
    /// Decisions behind the first.
    pub(super) n_approve: u32,
    /// Outcomes behind the second.
    pub(super) n_outcome: u32,
    /// What moved both most.
    #[serde(default)]
    pub(super) contributions: Vec<Contribution>,
}

/// The metadata of one approval.
#[derive(Debug, Clone, Copy)]
pub(super) struct Facts<'a> {
    metadata: &'a Map<String, Value>,
}

impl<'a> Facts<'a> {
    pub(super) fn of(approval: &'a Approval) -> Self {
        Self {
            metadata: &approval.metadata,
        }
    }

    /// A text, a number, or an object's `description`.
    pub(super) fn text(self, key: &str) -> Option<String> {
        text_of(self.metadata.get(key)?)
    }

    /// The first key that holds a text.
    pub(super) fn first(self, keys: &[&str]) -> Option<String> {
        keys.iter().find_map(|key| self.text(key))
    }

    /// A list of texts; a single text is a list of one.
    pub(super) fn list(self, key: &str) -> Vec<String> {
        match self.metadata.get(key) {
            Some(Value::Array(items)) => items.iter().take(MAX_ITEMS).filter_map(text_of).collect(),
            Some(other) => text_of(other).into_iter().collect(),
            None => Vec::new(),
        }
    }

    /// How sure the diagnosis is, in percent.
    pub(super) fn confidence_percent(self) -> Option<String> {
        let confidence = self.metadata.get("confidence")?.as_f64()?;
        (0.0..=1.0)
            .contains(&confidence)
            .then(|| format!("{:.0} %", confidence * 100.0))
    }

    /// The quotes of `evidence`: texts, or objects with `quote` and an origin.
    pub(super) fn quotes(self) -> Vec<Quote> {
        let items = self.metadata.get("evidence").and_then(Value::as_array);
        items
            .into_iter()
            .flatten()
            .take(MAX_ITEMS)
            .filter_map(quote_of)
            .collect()
    }

    /// The repairs of `ranking`, the proposed one first; none where the proposer's are of another form.
    pub(super) fn ranking(self) -> Vec<Expected> {
        let ranking = self.metadata.get("ranking").cloned();
        let all: Vec<Expected> = ranking
            .and_then(|it| serde_json::from_value(it).ok())
            .unwrap_or_default();
        all.into_iter().take(MAX_ITEMS).collect()
    }

    /// A text about one command, from a list with one item a command.
    pub(super) fn of_command(self, index: usize, key: &str) -> Option<String> {
        text_of(self.metadata.get(key)?.get(index)?)
    }

    /// Everything, as indented JSON.
    pub(super) fn everything(self) -> String {
        cut(&serde_json::to_string_pretty(self.metadata).unwrap_or_default())
    }

    /// Whether there is anything.
    pub(super) fn is_empty(self) -> bool {
        self.metadata.is_empty()
    }
}

fn quote_of(item: &Value) -> Option<Quote> {
    if let Value::String(text) = item {
        return Some(Quote {
            text: cut(text),
            origin: None,
        });
    }
    let text = ["quote", "text", "message"]
        .iter()
        .find_map(|key| item.get(key)?.as_str())?;
    Some(Quote {
        text: cut(text),
        origin: origin_of(item),
    })
}

/// `part`, line 3: from an `origin` text or object, or from keys beside the quote.
fn origin_of(item: &Value) -> Option<String> {
    let origin = item.get("origin").unwrap_or(item);
    if let Value::String(text) = origin {
        return Some(cut(text)).filter(|text| !text.is_empty());
    }
    let part = ["part", "source", "object"]
        .iter()
        .find_map(|key| origin.get(key)?.as_str());
    let part = part.filter(|part| !part.is_empty()).map(cut);
    let line = origin
        .get("line")
        .and_then(Value::as_u64)
        .map(|line| format!("line {line}"));
    match (part, line) {
        (Some(part), Some(line)) => Some(format!("{part}, {line}")),
        (part, line) => part.or(line),
    }
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if text.trim().is_empty() => None,
        Value::String(text) => Some(cut(text)),
        Value::Number(number) => Some(number.to_string()),
        Value::Object(object) => object.get("description").and_then(text_of),
        Value::Null | Value::Bool(_) | Value::Array(_) => None,
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => format!("{} …", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
