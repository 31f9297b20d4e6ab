//! The four wires against a double that others wrote: answers, forms, functions and scripted faults, streamed and at once.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::{path::Path, sync::Arc, time::Duration};

use kubemedic_adapters::llm::{Endpoint, Endpoints, connect};
use kubemedic_ports::chat_model::{
    AnswerSchema, ChatError, ChatModel, ChatReply, ChatRequest, CutBy, Delta, Effort, Provider, ToolResult,
    ToolSpec, Turn,
};
use kubemedic_testkit::model_server::ModelServer;
use serde_json::json;

/// How an answer is asked for.
const WAYS: [Way; 2] = [Way::Streamed, Way::AtOnce];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Streamed,
    AtOnce,
}

/// A double with a model of each provider.
struct World {
    _server: ModelServer,
    models: Vec<(Provider, Arc<dyn ChatModel>)>,
}

impl World {
    fn new() -> Option<Self> {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let fixtures = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/llm/aimock.json");
        let server = ModelServer::start(Path::new(fixtures))?;
        let at = |below: &str| Endpoint {
            base_url: format!("{}{below}", server.url),
            key: Some("sk-test".into()),
        };
        let endpoints = Endpoints {
            gemini: at(""),
            openai: at("/v1"),
            anthropic: at(""),
            ollama: at(""),
            ..Endpoints::default()
        };
        let names = [
            "gemini:gemini-3.8-flash",
            "openai:gpt-4o",
            "anthropic:claude-haiku-5-5",
            "ollama:gpt-4o",
        ];
        let models = names.map(|name| {
            let model = connect(&name.parse().unwrap(), &endpoints).unwrap();
            (model.name().provider, model)
        });
        Some(Self {
            _server: server,
            models: models.into(),
        })
    }

    /// Asks each model in both ways.
    async fn each(
        &self,
        request: &ChatRequest,
        mut heard: impl FnMut(Provider, Way, Result<ChatReply, ChatError>),
    ) {
        for (provider, model) in &self.models {
            for way in WAYS {
                heard(*provider, way, ask(model.as_ref(), request, way).await);
            }
        }
    }
}

async fn ask(model: &dyn ChatModel, request: &ChatRequest, way: Way) -> Result<ChatReply, ChatError> {
    if way == Way::AtOnce {
        return model.complete(request).await;
    }
    let mut told = String::new();
    let reply = model
        .stream(request, &mut |delta| {
            if let Delta::Text(piece) = delta {
                told.push_str(&piece);
            }
        })
        .await?;
    assert_eq!(told, reply.text, "what was told is the answer");
    Ok(reply)
}

fn saying(words: &str) -> ChatRequest {
    ChatRequest {
        system: "You read logs.".to_owned(),
        turns: vec![Turn::User {
            text: words.to_owned(),
        }],
        schema: None,
        tools: Vec::new(),
        max_tokens: 512,
        temperature: None,
        effort: Effort::Default,
        boundary: String::new(),
    }
}

#[tokio::test]
async fn every_provider_answers_in_words_streamed_and_at_once() {
    let Some(world) = World::new() else { return };
    let check = |provider, way, reply: Result<ChatReply, ChatError>| {
        let reply = reply.unwrap();
        assert_eq!(
            reply.text, "It is the memory limit of the container api.",
            "{provider} {way:?}"
        );
        // Ollama's counts are zeros there.
        if provider != Provider::Ollama {
            assert_eq!(
                (reply.usage.input_tokens, reply.usage.output_tokens),
                (11, 7),
                "{provider} {way:?}"
            );
        }
    };
    world.each(&saying("plain words"), check).await;
}

#[tokio::test]
async fn an_answer_with_a_form_is_that_json() {
    let Some(world) = World::new() else { return };
    let form = json!({
        "type": "object",
        "properties": {"reasoning": {"type": "string"}, "causes": {"type": "array", "items": {"type": "string"}}},
        "required": ["reasoning", "causes"],
        "additionalProperties": false,
    });
    let request = ChatRequest {
        schema: Some(AnswerSchema {
            name: "cause".to_owned(),
            schema: form,
        }),
        ..saying("structured")
    };
    let check = |provider, way, reply: Result<ChatReply, ChatError>| {
        let answer: serde_json::Value = serde_json::from_str(&reply.unwrap().text).unwrap();
        let expected = json!({"reasoning": "It was killed.", "causes": ["oom"]});
        assert_eq!(answer, expected, "{provider} {way:?}");
    };
    world.each(&request, check).await;
}

#[tokio::test]
async fn a_function_is_asked_for_and_its_result_is_answered() {
    let Some(world) = World::new() else { return };
    let tool = ToolSpec {
        name: "pod_logs".to_owned(),
        description: "The last lines of a pod.".to_owned(),
        parameters: json!({"type": "object", "properties": {"pod": {"type": "string"}}, "required": ["pod"]}),
    };
    let first = ChatRequest {
        tools: vec![tool],
        ..saying("use a tool")
    };
    for (provider, model) in &world.models {
        for way in WAYS {
            let asked = ask(model.as_ref(), &first, way).await.unwrap();
            let [call] = asked.calls.as_slice() else {
                panic!("{provider} {way:?}: {asked:?}")
            };
            assert_eq!(
                (call.name.as_str(), &call.arguments),
                ("pod_logs", &json!({"pod": "api-1"}))
            );
            let mut second = first.clone();
            second.turns.push(Turn::Assistant {
                text: asked.text.clone(),
                calls: asked.calls.clone(),
            });
            second.turns.push(Turn::Tools {
                results: vec![ToolResult {
                    call_id: call.id.clone(),
                    name: call.name.clone(),
                    content: "Last state: OOMKilled".to_owned(),
                }],
            });
            let answer = ask(model.as_ref(), &second, way).await.unwrap();
            assert_eq!(answer.text, "The logs say so.", "{provider} {way:?}");
        }
    }
}

#[tokio::test]
async fn scripted_refusals_have_their_kind_and_pause() {
    let Some(world) = World::new() else { return };
    let limited = |provider, way, reply: Result<ChatReply, ChatError>| {
        let Err(ChatError::RateLimited { after, .. }) = reply else {
            panic!("{provider} {way:?}: {reply:?}")
        };
        assert_eq!(after, Some(Duration::from_secs(7)), "{provider} {way:?}");
    };
    world.each(&saying("too many"), limited).await;
    for (words, kind) in [
        ("it broke", "overloaded"),
        ("wrong key", "auth"),
        ("nobody expects this", "model_gone"),
    ] {
        let check = |provider, way, reply: Result<ChatReply, ChatError>| {
            assert_eq!(reply.unwrap_err().kind(), kind, "{words}: {provider} {way:?}");
        };
        world.each(&saying(words), check).await;
    }
}

#[tokio::test]
async fn answers_that_are_blocked_or_out_of_tokens_are_none() {
    let Some(world) = World::new() else { return };
    let blocked = |provider, way, reply: Result<ChatReply, ChatError>| match provider {
        Provider::Gemini | Provider::OpenAi => {
            assert_eq!(reply.unwrap_err().kind(), "blocked", "{provider} {way:?}");
        }
        // It hands OpenAI's word on, which is none of Anthropic's.
        Provider::Anthropic => assert_eq!(reply.unwrap_err().kind(), "malformed", "{way:?}"),
        // Ollama blocks nothing.
        Provider::Ollama => assert_eq!(reply.unwrap().text, "partial"),
    };
    world.each(&saying("unsafe"), blocked).await;
    let (_, anthropic) = &world.models[2];
    for way in WAYS {
        let reply = ask(anthropic.as_ref(), &saying("refused"), way).await;
        assert_eq!(reply.unwrap_err().kind(), "blocked", "{way:?}");
    }
    let cut = |provider, way, reply: Result<ChatReply, ChatError>| {
        // It gives Ollama no reason but `stop`.
        if provider != Provider::Ollama {
            let expected = ChatError::Truncated { by: CutBy::Tokens };
            assert_eq!(reply, Err(expected), "{provider} {way:?}");
        }
    };
    world.each(&saying("too long"), cut).await;
}

#[tokio::test]
async fn broken_streams_and_garbage_are_no_answers() {
    let Some(world) = World::new() else { return };
    for (provider, model) in &world.models {
        let reply = ask(model.as_ref(), &saying("cut short"), Way::Streamed).await;
        let expected = ChatError::Truncated {
            by: CutBy::Connection,
        };
        assert_eq!(reply, Err(expected), "{provider}");
        // Where the machine is slow it hangs up before the first piece.
        let reply = ask(model.as_ref(), &saying("hang up"), Way::Streamed).await;
        let kind = reply.unwrap_err().kind();
        assert!(matches!(kind, "truncated" | "transport"), "{provider}: {kind}");
        for way in WAYS {
            let reply = ask(model.as_ref(), &saying("garbage"), way).await;
            assert_eq!(reply.unwrap_err().kind(), "malformed", "{provider} {way:?}");
            let reply = ask(model.as_ref(), &saying("dropped"), way).await;
            assert_eq!(reply.unwrap_err().kind(), "transport", "{provider} {way:?}");
        }
    }
}

#[tokio::test]
async fn the_lists_of_models_are_read() {
    let Some(world) = World::new() else { return };
    for (provider, model) in &world.models {
        let known = model.check().await;
        match provider {
            Provider::OpenAi | Provider::Ollama => assert_eq!(known, Ok(()), "{provider}"),
            // It has no place for one model.
            _ => assert_eq!(known.unwrap_err().kind(), "model_gone", "{provider}"),
        }
    }
}
