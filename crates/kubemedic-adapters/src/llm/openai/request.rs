//! A request as chat completions want it, for OpenAI itself and for the servers that speak like it.

use kubemedic_ports::chat_model::{ChatRequest, Effort, ToolCall, Turn};
use serde_json::{Map, Value, json};

use super::{
    super::schema::{self, Dialect},
    negotiation::Known,
};

/// Whom a request goes to.
pub(super) struct Target<'a> {
    pub(super) model: &'a str,
    pub(super) is_own: bool,
    pub(super) known: &'a Known,
}

/// The body.
pub(super) fn body(target: &Target<'_>, request: &ChatRequest, streamed: bool) -> Value {
    let known = target.known;
    let mut body = Map::new();
    body.insert("model".into(), json!(target.model));
    body.insert("messages".into(), messages(request, known.response_format()));
    // The newer name for OpenAI, the older for others, until a server says otherwise.
    let limit = if target.is_own == known.other_max_tokens() {
        "max_tokens"
    } else {
        "max_completion_tokens"
    };
    body.insert(limit.into(), json!(request.max_tokens));
    if let Some(temperature) = request.temperature.filter(|_| known.temperature()) {
        body.insert("temperature".into(), json!(temperature));
    }
    if request.effort == Effort::Low && target.is_own && known.effort() {
        body.insert("reasoning_effort".into(), json!("low"));
    }
    if let Some(answer) = request.schema.as_ref().filter(|_| known.response_format()) {
        let schema = schema::in_dialect(Dialect::OpenAi, &answer.schema);
        let form = json!({"name": answer.name, "strict": true, "schema": schema});
        body.insert(
            "response_format".into(),
            json!({"type": "json_schema", "json_schema": form}),
        );
    }
    if !request.tools.is_empty() {
        body.insert("tools".into(), tools(request));
    }
    if streamed {
        body.insert("stream".into(), json!(true));
        if known.stream_options() {
            body.insert("stream_options".into(), json!({"include_usage": true}));
        }
    }
    Value::Object(body)
}

fn tools(request: &ChatRequest) -> Value {
    let tools = request.tools.iter().map(|tool| {
        json!({"type": "function", "function": {
            "name": tool.name, "description": tool.description, "parameters": tool.parameters,
        }})
    });
    tools.collect()
}

fn messages(request: &ChatRequest, takes_form: bool) -> Value {
    let mut system = request.system.clone();
    if let Some(answer) = request.schema.as_ref().filter(|_| !takes_form) {
        system = format!("{system}\n\n{}", schema::in_words(&answer.schema));
    }
    let mut messages = Vec::new();
    if !system.trim().is_empty() {
        messages.push(json!({"role": "system", "content": system}));
    }
    for turn in &request.turns {
        match turn {
            Turn::User { text } => messages.push(json!({"role": "user", "content": text})),
            Turn::Assistant { text, calls } => messages.push(assistant(text, calls)),
            Turn::Tools { results } => messages.extend(
                results
                    .iter()
                    .map(|it| json!({"role": "tool", "tool_call_id": it.call_id, "content": it.content})),
            ),
        }
    }
    Value::Array(messages)
}

fn assistant(text: &str, calls: &[ToolCall]) -> Value {
    let mut message = Map::new();
    message.insert("role".into(), json!("assistant"));
    let content = if text.is_empty() && !calls.is_empty() {
        Value::Null
    } else {
        json!(text)
    };
    message.insert("content".into(), content);
    if !calls.is_empty() {
        let calls: Vec<Value> = calls
            .iter()
            .map(|it| {
                let function = json!({"name": it.name, "arguments": it.arguments.to_string()});
                json!({"id": it.id, "type": "function", "function": function})
            })
            .collect();
        message.insert("tool_calls".into(), json!(calls));
    }
    Value::Object(message)
}
