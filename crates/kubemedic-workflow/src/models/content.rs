//! What was asked and answered, for telemetry: told only where somebody listens to [`TARGET`], redacted and bounded, in the form of
//! OpenTelemetry's semantic conventions. Figures and names are `telemetry`'s.

use std::sync::Arc;

use kubemedic_engine::redaction::{Redactor, rules::Rules};
use kubemedic_ports::chat_model::{ChatReply, ChatRequest, ToolCall, Turn};
use serde_json::{Value, json};
use tracing::{Level, Span};

/// The target of events that hold content. No log takes it, and a collector only where its owner asked for content.
const TARGET: &str = "gen_ai.content";
/// The most characters of each text.
const MAX_CHARS: usize = 32_000;

/// Tells a question and its answer within the request's span.
pub(super) fn tell(span: &Span, request: &ChatRequest, reply: Option<&ChatReply>, rules: &Arc<Rules>) {
    if !tracing::event_enabled!(target: TARGET, Level::INFO) {
        return;
    }
    let mut redactor = Redactor::with_rules(Arc::clone(rules));
    let mut as_text = |mut value: Value| {
        redactor.redact_json(&mut value);
        value.to_string()
    };
    let system = as_text(json!([text(&request.system)]));
    let input = as_text(request.turns.iter().map(message).collect());
    let output = reply.map(|reply| as_text(json!([answer(reply)])));
    span.in_scope(|| {
        tracing::info!(
            target: TARGET,
            {
                gen_ai.system_instructions = system,
                gen_ai.input.messages = input,
                gen_ai.output.messages = output,
            },
            "content"
        );
    });
}

fn message(turn: &Turn) -> Value {
    match turn {
        Turn::User { text: words } => json!({"role": "user", "parts": [text(words)]}),
        Turn::Assistant { text, calls } => json!({"role": "assistant", "parts": parts(text, calls)}),
        Turn::Tools { results } => {
            let results = results.iter().map(
                |it| json!({"type": "tool_call_response", "id": it.call_id, "response": cut(&it.content)}),
            );
            json!({"role": "tool", "parts": results.collect::<Value>()})
        }
    }
}

fn answer(reply: &ChatReply) -> Value {
    let parts = parts(&reply.text, &reply.calls);
    json!({"role": "assistant", "parts": parts, "finish_reason": reply.finish_reason})
}

fn parts(words: &str, calls: &[ToolCall]) -> Value {
    let words = (!words.is_empty()).then(|| text(words));
    let calls = calls
        .iter()
        .map(|it| json!({"type": "tool_call", "id": it.id, "name": it.name, "arguments": it.arguments}));
    words.into_iter().chain(calls).collect()
}

fn text(words: &str) -> Value {
    json!({"type": "text", "content": cut(words)})
}

fn cut(words: &str) -> String {
    words.chars().take(MAX_CHARS).collect()
}
