//! A request as a question: a digest that is the same for requests that differ only in the random word around quoted data, and an
//! estimate of its size. It knows no model.

use kubemedic_model::{digest::sha256, event::Agent};
use kubemedic_ports::chat_model::{ChatRequest, ModelName, Turn};
use serde_json::Value;

/// What stands in a digest where the random word stood.
const BOUNDARY: &str = "BOUNDARY";
/// Values that are deeper than this are written as they are: what is read from JSON text is never as deep.
const MAX_DEPTH: usize = 128;
/// Characters of a token, about: the usual rule of thumb for English text.
const CHARS_PER_TOKEN: u64 = 4;

/// A request and who asks it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Question {
    /// `sha256:` and the hex digest of the agent and the request in canonical form.
    pub(super) digest: String,
    /// About so many tokens go to the provider.
    pub(super) tokens: u64,
}

impl Question {
    pub(super) fn of(agent: Agent, request: &ChatRequest) -> Self {
        let value = serde_json::to_value(request).unwrap_or_default();
        let mut canonical = format!("{}\n", agent.as_str());
        write_canonical(&value, &request.boundary, 0, &mut canonical);
        Self {
            digest: sha256(canonical.as_bytes()),
            tokens: chars_of(request).div_ceil(CHARS_PER_TOKEN),
        }
    }

    /// The digest of this question to these models, in this order.
    pub(super) fn digest_to<'a>(&self, models: impl Iterator<Item = &'a ModelName>) -> String {
        let mut text = self.digest.clone();
        for model in models {
            text.push('\n');
            text.push_str(&model.to_string());
        }
        sha256(text.as_bytes())
    }
}

/// Writes JSON with sorted keys, and [`BOUNDARY`] wherever the random word stands.
fn write_canonical(value: &Value, boundary: &str, depth: usize, out: &mut String) {
    match value {
        Value::String(text) => write_string(text, boundary, out),
        Value::Array(items) if depth < MAX_DEPTH => {
            out.push('[');
            for item in items {
                write_canonical(item, boundary, depth + 1, out);
                out.push(',');
            }
            out.push(']');
        }
        Value::Object(members) if depth < MAX_DEPTH => {
            let mut sorted: Vec<_> = members.iter().collect();
            sorted.sort_by_key(|(key, _)| key.as_str());
            out.push('{');
            for (key, member) in sorted {
                write_string(key, boundary, out);
                out.push(':');
                write_canonical(member, boundary, depth + 1, out);
                out.push(',');
            }
            out.push('}');
        }
        other => out.push_str(&other.to_string()),
    }
}

fn write_string(text: &str, boundary: &str, out: &mut String) {
    let replaced;
    let text = if boundary.is_empty() || !text.contains(boundary) {
        text
    } else {
        replaced = text.replace(boundary, BOUNDARY);
        &replaced
    };
    out.push_str(&serde_json::to_string(text).unwrap_or_default());
}

/// The characters that a provider reads.
fn chars_of(request: &ChatRequest) -> u64 {
    let mut chars = count(&request.system);
    for turn in &request.turns {
        chars += match turn {
            Turn::User { text } => count(text),
            Turn::Assistant { text, calls } => {
                let calls = calls.iter();
                count(text)
                    + calls
                        .map(|it| count(&it.name) + count(&it.arguments.to_string()))
                        .sum::<u64>()
            }
            Turn::Tools { results } => results
                .iter()
                .map(|it| count(&it.name) + count(&it.content))
                .sum(),
        };
    }
    let schema = request.schema.as_ref();
    chars += schema.map_or(0, |it| count(&it.schema.to_string()));
    let tools = request.tools.iter();
    chars
        + tools
            .map(|it| count(&it.name) + count(&it.description) + count(&it.parameters.to_string()))
            .sum::<u64>()
}

fn count(text: &str) -> u64 {
    u64::try_from(text.chars().count()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
