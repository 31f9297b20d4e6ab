//! The wires against a double of our own: what aimock cannot say, and every fault of a connection.

mod checks;
mod chopping;
mod connections;
mod double;
mod endings;
mod golden;
mod limits;
mod negotiation;
mod paper;
mod requests;

use std::{sync::Arc, time::Duration};

use kubemedic_ports::chat_model::{
    AnswerSchema, ChatError, ChatModel, ChatReply, ChatRequest, Delta, Effort, Provider, ToolCall,
    ToolResult, ToolSpec, Turn,
};
use secrecy::SecretString;
use serde_json::json;

use super::{Endpoint, Endpoints, LlmTimeouts, connect};

/// The key of all tests: it must be in no error.
const KEY: &str = "sk-test-0123456789";

/// A file of golden bodies.
fn golden_file(name: &str) -> String {
    let path = format!("{}/fixtures/llm/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Limits that no test waits for, unless it is about them.
fn patient() -> LlmTimeouts {
    LlmTimeouts {
        connect: Duration::from_secs(5),
        first_byte: Duration::from_secs(20),
        idle: Duration::from_secs(20),
        whole: Duration::from_secs(20),
    }
}

fn default_model(provider: Provider) -> &'static str {
    match provider {
        Provider::Gemini => "gemini-3.8-flash",
        Provider::OpenAi => "gpt-5.4-mini",
        Provider::Anthropic => "claude-sonnet-5-5",
        Provider::Ollama => "qwen3:8b",
    }
}

/// A provider's model at an address.
fn model_at(provider: Provider, url: &str, timeouts: LlmTimeouts) -> Arc<dyn ChatModel> {
    named_model_at(provider, default_model(provider), url, timeouts)
}

fn named_model_at(provider: Provider, model: &str, url: &str, timeouts: LlmTimeouts) -> Arc<dyn ChatModel> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let endpoint = Endpoint {
        base_url: url.to_owned(),
        key: Some(SecretString::from(KEY)),
    };
    let endpoints = Endpoints {
        gemini: endpoint.clone(),
        openai: endpoint.clone(),
        anthropic: endpoint.clone(),
        ollama: endpoint,
        timeouts,
    };
    let name = format!("{provider}:{model}").parse().unwrap();
    connect(&name, &endpoints).unwrap()
}

/// A request with nothing but words.
fn plain() -> ChatRequest {
    ChatRequest {
        system: "You read logs.".to_owned(),
        turns: vec![Turn::User {
            text: "Why did it die?".to_owned(),
        }],
        schema: None,
        tools: Vec::new(),
        max_tokens: 512,
        temperature: None,
        effort: Effort::Default,
        boundary: "b".to_owned(),
    }
}

/// A second turn with everything: functions asked for and answered, a form, a temperature, little thinking.
fn full() -> ChatRequest {
    let call = |id: &str, name: &str, signature: Option<&str>| ToolCall {
        id: id.to_owned(),
        name: name.to_owned(),
        arguments: json!({"pod": "api-1"}),
        signature: signature.map(str::to_owned),
    };
    let result = |id: &str, name: &str, content: &str| ToolResult {
        call_id: id.to_owned(),
        name: name.to_owned(),
        content: content.to_owned(),
    };
    let calls = vec![
        call("call_1", "pod_logs", Some("c2lnbmVk")),
        call("kubemedic-call-1", "pod_events", None),
    ];
    let results = vec![
        result("call_1", "pod_logs", "OOMKilled"),
        result("kubemedic-call-1", "pod_events", "none"),
    ];
    ChatRequest {
        turns: vec![
            Turn::User {
                text: "Why did it die?".to_owned(),
            },
            Turn::Assistant {
                text: "I look.".to_owned(),
                calls,
            },
            Turn::Tools { results },
        ],
        schema: Some(AnswerSchema {
            name: "cause".to_owned(),
            schema: json!({
                "$schema": "https://json-schema.org/draft/2020-12/schema",
                "type": "object",
                "properties": {
                    "reasoning": {"type": "string", "minLength": 1},
                    "causes": {"type": "array", "maxItems": 3, "items": {"type": "string"}},
                },
                "required": ["reasoning", "causes"],
                "additionalProperties": false,
            }),
        }),
        tools: vec![ToolSpec {
            name: "pod_logs".to_owned(),
            description: "The last lines of a pod.".to_owned(),
            parameters: json!({
                "type": "object",
                "properties": {"pod": {"type": "string"}},
                "required": ["pod"],
                "additionalProperties": false,
            }),
        }],
        temperature: Some(0.25),
        effort: Effort::Low,
        ..plain()
    }
}

/// Streams, and joins what was told: the text, the thoughts.
async fn streamed(
    model: &dyn ChatModel,
    request: &ChatRequest,
) -> (Result<ChatReply, ChatError>, String, String) {
    let (mut text, mut thoughts) = (String::new(), String::new());
    let mut hear = |delta| match delta {
        Delta::Text(piece) => text.push_str(&piece),
        Delta::Reasoning(piece) => thoughts.push_str(&piece),
        Delta::Restart => panic!("a wire never begins anew"),
    };
    let reply = model.stream(request, &mut hear).await;
    (reply, text, thoughts)
}
