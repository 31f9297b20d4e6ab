//! A request as Ollama wants it, with room for it: a prompt that is longer than the context would be cut without a word.

use kubemedic_ports::chat_model::{ChatRequest, Effort, ToolCall, Turn};
use serde_json::{Map, Value, json};

/// The context that is asked for at least. Another size loads the model anew, so that it grows in doublings only.
const LEAST_CONTEXT: u64 = 16 * 1024;
/// The context that is asked for at most.
const MOST_CONTEXT: u64 = 128 * 1024;
/// Bytes of a token, low on purpose: logs have short ones.
const BYTES_PER_TOKEN: u64 = 3;
/// Models that take a level of thinking and no switch.
const WITH_LEVELS: &str = "gpt-oss";

/// The body.
pub(super) fn body(model: &str, request: &ChatRequest, streamed: bool) -> Value {
    let messages = messages(request);
    let mut body = Map::new();
    body.insert("model".into(), json!(model));
    let mut options = Map::new();
    options.insert("num_predict".into(), json!(request.max_tokens));
    options.insert("num_ctx".into(), json!(context(&messages, request)));
    if let Some(temperature) = request.temperature {
        options.insert("temperature".into(), json!(temperature));
    }
    body.insert("messages".into(), messages);
    body.insert("stream".into(), json!(streamed));
    if let Some(answer) = &request.schema {
        body.insert("format".into(), answer.schema.clone());
    }
    body.insert("options".into(), Value::Object(options));
    if request.effort == Effort::Low {
        // Only a wish to think is refused by models that cannot.
        let think = if model.contains(WITH_LEVELS) {
            json!("low")
        } else {
            json!(false)
        };
        body.insert("think".into(), think);
    }
    if !request.tools.is_empty() {
        let tools: Vec<Value> = request
            .tools
            .iter()
            .map(|it| {
                json!({"type": "function", "function": {
                    "name": it.name, "description": it.description, "parameters": it.parameters,
                }})
            })
            .collect();
        body.insert("tools".into(), json!(tools));
    }
    Value::Object(body)
}

fn context(messages: &Value, request: &ChatRequest) -> u64 {
    let tools: usize = request
        .tools
        .iter()
        .map(|it| it.description.len() + it.parameters.to_string().len())
        .sum();
    let bytes = messages.to_string().len() + tools;
    let question = u64::try_from(bytes).unwrap_or(u64::MAX) / BYTES_PER_TOKEN;
    let needed = question.saturating_add(u64::from(request.max_tokens));
    needed
        .clamp(LEAST_CONTEXT, MOST_CONTEXT)
        .next_power_of_two()
        .min(MOST_CONTEXT)
}

fn messages(request: &ChatRequest) -> Value {
    let mut messages = Vec::new();
    if !request.system.trim().is_empty() {
        messages.push(json!({"role": "system", "content": request.system}));
    }
    for turn in &request.turns {
        match turn {
            Turn::User { text } => messages.push(json!({"role": "user", "content": text})),
            Turn::Assistant { text, calls } => messages.push(assistant(text, calls)),
            Turn::Tools { results } => messages.extend(
                results
                    .iter()
                    .map(|it| json!({"role": "tool", "tool_name": it.name, "content": it.content})),
            ),
        }
    }
    Value::Array(messages)
}

fn assistant(text: &str, calls: &[ToolCall]) -> Value {
    let mut message = Map::new();
    message.insert("role".into(), json!("assistant"));
    message.insert("content".into(), json!(text));
    if !calls.is_empty() {
        let calls: Vec<Value> = calls
            .iter()
            .map(|it| json!({"function": {"name": it.name, "arguments": it.arguments}}))
            .collect();
        message.insert("tool_calls".into(), json!(calls));
    }
    Value::Object(message)
}
