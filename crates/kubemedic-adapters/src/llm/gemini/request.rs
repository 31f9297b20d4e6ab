//! A request as Gemini wants it: contents, function declarations, `responseJsonSchema`, thinking by level.

use kubemedic_ports::chat_model::{ChatRequest, Effort, ToolCall, ToolResult, Turn};
use serde_json::{Map, Value, json};

use super::{
    super::{
        draft::is_own_id,
        schema::{self, Dialect},
    },
    retired::generation,
};

/// Since this generation thinking has a level instead of a budget, calls want their signature back, and an answer may have a form
/// and functions together.
const LEVELS_SINCE: u32 = 3;
/// What Google documents for calls that another model made: there is no signature to give back.
const NO_SIGNATURE: &str = "skip_thought_signature_validator";

/// The body.
pub(super) fn body(model: &str, request: &ChatRequest) -> Value {
    let is_new = generation(model).is_none_or(|it| it >= LEVELS_SINCE);
    let form_in_words = !is_new && !request.tools.is_empty();
    let mut system = request.system.clone();
    if let Some(answer) = request.schema.as_ref().filter(|_| form_in_words) {
        system = format!("{system}\n\n{}", schema::in_words(&answer.schema));
    }
    let mut body = Map::new();
    if !system.trim().is_empty() {
        body.insert("systemInstruction".into(), json!({"parts": [{"text": system}]}));
    }
    let contents: Vec<Value> = request.turns.iter().map(|turn| content(turn, is_new)).collect();
    body.insert("contents".into(), json!(contents));
    if !request.tools.is_empty() {
        body.insert("tools".into(), tools(request));
    }
    let config = generation_config(request, is_new, form_in_words);
    body.insert("generationConfig".into(), config);
    Value::Object(body)
}

fn generation_config(request: &ChatRequest, is_new: bool, form_in_words: bool) -> Value {
    let mut config = Map::new();
    config.insert("maxOutputTokens".into(), json!(request.max_tokens));
    if let Some(temperature) = request.temperature {
        config.insert("temperature".into(), json!(temperature));
    }
    if let Some(answer) = request.schema.as_ref().filter(|_| !form_in_words) {
        config.insert("responseMimeType".into(), json!("application/json"));
        let schema = schema::in_dialect(Dialect::Gemini, &answer.schema);
        config.insert("responseJsonSchema".into(), schema);
    }
    if is_new && request.effort == Effort::Low {
        config.insert("thinkingConfig".into(), json!({"thinkingLevel": "LOW"}));
    }
    Value::Object(config)
}

fn tools(request: &ChatRequest) -> Value {
    let declarations: Vec<Value> = request
        .tools
        .iter()
        .map(|tool| {
            json!({
                "name": tool.name,
                "description": tool.description,
                "parametersJsonSchema": schema::in_dialect(Dialect::Gemini, &tool.parameters),
            })
        })
        .collect();
    json!([{"functionDeclarations": declarations}])
}

fn content(turn: &Turn, is_new: bool) -> Value {
    match turn {
        Turn::User { text } => json!({"role": "user", "parts": [{"text": text}]}),
        Turn::Assistant { text, calls } => {
            let said = (!text.is_empty()).then(|| json!({"text": text}));
            let asked = calls
                .iter()
                .enumerate()
                .map(|(place, it)| call(it, is_new && place == 0));
            let parts: Vec<Value> = said.into_iter().chain(asked).collect();
            json!({"role": "model", "parts": parts})
        }
        Turn::Tools { results } => {
            let parts: Vec<Value> = results.iter().map(result).collect();
            json!({"role": "user", "parts": parts})
        }
    }
}

/// A call with its signature; the first of a turn must have one, the others as they came.
fn call(call: &ToolCall, needs_signature: bool) -> Value {
    let mut function = Map::new();
    if !is_own_id(&call.id) {
        function.insert("id".into(), json!(call.id));
    }
    function.insert("name".into(), json!(call.name));
    function.insert("args".into(), call.arguments.clone());
    let mut part = Map::new();
    part.insert("functionCall".into(), Value::Object(function));
    // A signature that is JSON is of another provider.
    let own = call.signature.as_deref().filter(|it| !it.starts_with('['));
    if let Some(signature) = own.or(needs_signature.then_some(NO_SIGNATURE)) {
        part.insert("thoughtSignature".into(), json!(signature));
    }
    Value::Object(part)
}

fn result(result: &ToolResult) -> Value {
    let mut response = Map::new();
    if !is_own_id(&result.call_id) {
        response.insert("id".into(), json!(result.call_id));
    }
    response.insert("name".into(), json!(result.name));
    response.insert("response".into(), json!({"result": result.content}));
    json!({"functionResponse": response})
}
