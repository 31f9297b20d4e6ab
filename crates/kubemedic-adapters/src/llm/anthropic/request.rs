//! A request as Anthropic wants it: blocks of content, and thoughts given back before the calls that followed from them.

use kubemedic_ports::chat_model::{ChatRequest, ToolCall, Turn};
use serde_json::{Map, Value, json};

use super::super::schema::{self, Dialect};

/// The body.
pub(super) fn body(model: &str, request: &ChatRequest, streamed: bool) -> Value {
    let mut body = Map::new();
    body.insert("model".into(), json!(model));
    body.insert("max_tokens".into(), json!(request.max_tokens));
    if !request.system.trim().is_empty() {
        body.insert("system".into(), json!(request.system));
    }
    let messages: Vec<Value> = request.turns.iter().map(message).collect();
    body.insert("messages".into(), json!(messages));
    if let Some(temperature) = request.temperature {
        // Its scale ends at 1.
        body.insert("temperature".into(), json!(temperature.min(1.0)));
    }
    if let Some(answer) = &request.schema {
        let schema = schema::in_dialect(Dialect::Anthropic, &answer.schema);
        let format = json!({"type": "json_schema", "schema": schema});
        body.insert("output_config".into(), json!({"format": format}));
    }
    if !request.tools.is_empty() {
        let tools: Vec<Value> = request
            .tools
            .iter()
            .map(|it| json!({"name": it.name, "description": it.description, "input_schema": it.parameters}))
            .collect();
        body.insert("tools".into(), json!(tools));
    }
    if streamed {
        body.insert("stream".into(), json!(true));
    }
    Value::Object(body)
}

fn message(turn: &Turn) -> Value {
    match turn {
        Turn::User { text } => json!({"role": "user", "content": [{"type": "text", "text": text}]}),
        Turn::Assistant { text, calls } => {
            let mut blocks: Vec<Value> = calls.iter().flat_map(thoughts).collect();
            // An empty block is refused.
            if !text.trim().is_empty() {
                blocks.push(json!({"type": "text", "text": text}));
            }
            blocks.extend(calls.iter().map(
                |it| json!({"type": "tool_use", "id": id(&it.id), "name": it.name, "input": it.arguments}),
            ));
            json!({"role": "assistant", "content": blocks})
        }
        Turn::Tools { results } => {
            let blocks: Vec<Value> = results
                .iter()
                .map(|it| json!({"type": "tool_result", "tool_use_id": id(&it.call_id), "content": it.content}))
                .collect();
            json!({"role": "user", "content": blocks})
        }
    }
}

/// The thoughts before a call, as they came. A signature of another provider is none.
fn thoughts(call: &ToolCall) -> Vec<Value> {
    let signature = call.signature.as_deref().unwrap_or_default();
    serde_json::from_str(signature).unwrap_or_default()
}

/// An id of the letters that are taken: it may come from another provider.
fn id(id: &str) -> String {
    id.chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || c == '_' || c == '-' {
                c
            } else {
                '_'
            }
        })
        .collect()
}
