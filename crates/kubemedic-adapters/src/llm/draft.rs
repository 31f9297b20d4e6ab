//! An answer while it is put together from pieces, the same for every provider. When it is whole is the provider's to say.

use std::collections::BTreeMap;

use kubemedic_model::usage::ModelUsage;
use kubemedic_ports::chat_model::{ChatError, ChatReply, CutBy, Delta, OnDelta, ToolCall};
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::{Map, Value};

/// The most functions that one answer may ask for.
const MAX_CALLS: usize = 64;
/// The start of the ids that are ours, where a provider gives none.
const OWN_ID: &str = "kubemedic-call-";

/// A call while its arguments come.
#[derive(Debug, Default)]
pub(super) struct DraftCall {
    pub(super) id: Option<String>,
    pub(super) name: String,
    /// Arguments that come as text.
    pub(super) arguments: String,
    /// Arguments that come whole.
    pub(super) value: Option<Value>,
    pub(super) signature: Option<String>,
}

/// An answer so far.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) text: String,
    pub(super) usage: ModelUsage,
    pub(super) model: String,
    pub(super) response_id: Option<String>,
    pub(super) finish_reason: Option<String>,
    calls: BTreeMap<u64, DraftCall>,
}

impl Draft {
    /// Adds a piece of the answer.
    pub(super) fn say(&mut self, text: String, on_delta: &mut OnDelta<'_>) {
        if !text.is_empty() {
            self.text.push_str(&text);
            on_delta(Delta::Text(text));
        }
    }

    /// How many functions it asks for.
    pub(super) fn call_count(&self) -> usize {
        self.calls.len()
    }

    /// The call at a place, made where there is none yet.
    pub(super) fn call(&mut self, place: u64) -> Result<&mut DraftCall, ChatError> {
        if self.calls.len() >= MAX_CALLS && !self.calls.contains_key(&place) {
            return Err(malformed(format!("it asks for more than {MAX_CALLS} functions")));
        }
        Ok(self.calls.entry(place).or_default())
    }

    /// The call that came last.
    pub(super) fn last_place(&self) -> Option<u64> {
        self.calls.last_key_value().map(|(place, _)| *place)
    }

    /// The call that came first.
    pub(super) fn first_place(&self) -> Option<u64> {
        self.calls.first_key_value().map(|(place, _)| *place)
    }

    /// The place after the last call.
    pub(super) fn next_place(&self) -> u64 {
        self.last_place().map_or(0, |place| place.saturating_add(1))
    }

    /// The answer, which the provider said to be whole; `Truncated` where it did not.
    pub(super) fn into_reply(self) -> Result<ChatReply, ChatError> {
        let finish_reason = self.finish_reason.ok_or(CUT)?;
        let calls = self.calls.into_values().enumerate();
        Ok(ChatReply {
            text: self.text,
            calls: calls
                .map(|(place, call)| finished(place, call))
                .collect::<Result<_, _>>()?,
            usage: self.usage,
            model: self.model,
            response_id: self.response_id.filter(|it| !it.is_empty()),
            finish_reason,
        })
    }
}

/// An answer whose end was not seen.
pub(super) const CUT: ChatError = ChatError::Truncated {
    by: CutBy::Connection,
};

/// An answer that ran into the limit of tokens.
pub(super) const OUT_OF_TOKENS: ChatError = ChatError::Truncated { by: CutBy::Tokens };

/// An answer that the protocol does not know.
pub(super) fn malformed(reason: impl Into<String>) -> ChatError {
    ChatError::Malformed {
        reason: reason.into(),
    }
}

/// A piece that must be JSON of a form.
pub(super) fn parsed<T: DeserializeOwned>(piece: &str) -> Result<T, ChatError> {
    serde_json::from_str(piece).map_err(|error| malformed(format!("a piece cannot be read: {error}")))
}

/// Whether a text is the beginning of a JSON document, and not more.
pub(super) fn is_cut(text: &str) -> bool {
    !text.trim().is_empty() && serde_json::from_str::<IgnoredAny>(text).is_err_and(|error| error.is_eof())
}

/// Whether an id is one that we made up: no provider wants to see it again.
pub(super) fn is_own_id(id: &str) -> bool {
    id.starts_with(OWN_ID)
}

fn finished(place: usize, call: DraftCall) -> Result<ToolCall, ChatError> {
    if call.name.trim().is_empty() {
        return Err(malformed("a function is asked for without a name"));
    }
    let arguments = match call.value {
        Some(value) if !value.is_null() => value,
        _ if call.arguments.trim().is_empty() => Value::Object(Map::new()),
        _ => serde_json::from_str(&call.arguments)
            .map_err(|error| malformed(format!("the arguments of a function are no JSON: {error}")))?,
    };
    Ok(ToolCall {
        id: call
            .id
            .filter(|it| !it.is_empty())
            .unwrap_or_else(|| format!("{OWN_ID}{place}")),
        name: call.name,
        arguments,
        signature: call.signature,
    })
}

#[cfg(test)]
mod tests;
