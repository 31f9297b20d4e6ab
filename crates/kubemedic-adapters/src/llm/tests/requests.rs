//! Requests, compared whole with golden bodies: addresses, headers, schema, functions, the second turn with its signatures.

use kubemedic_ports::chat_model::{ChatRequest, Effort, Provider, Turn};
use serde_json::{Value, json};

use super::{
    KEY,
    double::{Double, Seen},
    full, golden_file, named_model_at, patient, plain,
};

/// What a provider is sent, streamed or at once.
async fn sent(provider: Provider, place: [&str; 2], request: &ChatRequest, streamed: bool) -> Seen {
    let [model, below] = place;
    let double = Double::answering(500, "", "{}").await;
    let model = named_model_at(provider, model, &format!("{}{below}", double.url), patient());
    let _ = if streamed {
        model.stream(request, &mut |_| ()).await
    } else {
        model.complete(request).await
    };
    double.seen().remove(0)
}

fn golden(name: &str) -> Value {
    serde_json::from_str(&golden_file(name)).unwrap()
}

#[tokio::test]
async fn a_second_turn_goes_out_as_each_provider_wants_it() {
    for (provider, model, name) in [
        (Provider::Gemini, "gemini-3.8-flash", "request-gemini.json"),
        (Provider::Gemini, "gemini-2.5-flash", "request-gemini-2.5.json"),
        (Provider::OpenAi, "qwen3", "request-openai.json"),
        (Provider::Anthropic, "claude-sonnet-5-5", "request-anthropic.json"),
        (Provider::Ollama, "qwen3:8b", "request-ollama.json"),
    ] {
        let seen = sent(provider, [model, ""], &full(), false).await;
        assert_eq!(seen.body, golden(name), "{name}:\n{}", seen.body);
    }
}

#[tokio::test]
async fn a_stream_differs_from_an_answer_at_once_by_address_and_switch_only() {
    let gemini = "POST /v1beta/models/gemini-3.8-flash";
    let gemini = [
        format!("{gemini}:generateContent"),
        format!("{gemini}:streamGenerateContent?alt=sse"),
    ];
    let same = |line: &str| [line.to_owned(), line.to_owned()];
    for (provider, model, lines) in [
        (Provider::Gemini, "models/gemini-3.8-flash", gemini),
        (Provider::OpenAi, "m", same("POST /chat/completions")),
        (Provider::Anthropic, "m", same("POST /v1/messages")),
        (Provider::Ollama, "m", same("POST /api/chat")),
    ] {
        let at_once = sent(provider, [model, ""], &full(), false).await;
        let streamed = sent(provider, [model, ""], &full(), true).await;
        assert_eq!([at_once.line, streamed.line], lines);
        let mut expected = at_once.body;
        if provider != Provider::Gemini {
            expected["stream"] = json!(true);
        }
        if provider == Provider::OpenAi {
            expected["stream_options"] = json!({"include_usage": true});
        }
        assert_eq!(streamed.body, expected, "{provider}");
    }
}

#[tokio::test]
async fn what_nobody_set_is_not_sent() {
    let said = "Why did it die?";
    let messages =
        json!([{"role": "system", "content": "You read logs."}, {"role": "user", "content": said}]);
    for (provider, expected) in [
        (
            Provider::Gemini,
            json!({
                "systemInstruction": {"parts": [{"text": "You read logs."}]},
                "contents": [{"role": "user", "parts": [{"text": said}]}],
                "generationConfig": {"maxOutputTokens": 512},
            }),
        ),
        (
            Provider::OpenAi,
            json!({"model": "m", "messages": messages, "max_tokens": 512}),
        ),
        (
            Provider::Anthropic,
            json!({
                "model": "m", "max_tokens": 512, "system": "You read logs.",
                "messages": [{"role": "user", "content": [{"type": "text", "text": said}]}],
            }),
        ),
        (
            Provider::Ollama,
            json!({
                "model": "m", "messages": messages, "stream": false,
                "options": {"num_predict": 512, "num_ctx": 16384},
            }),
        ),
    ] {
        let seen = sent(provider, ["m", ""], &plain(), false).await;
        assert_eq!(seen.body, expected, "{provider}");
    }
}

#[tokio::test]
async fn each_provider_is_shown_its_key_its_way() {
    for (provider, name, value) in [
        (Provider::Gemini, "x-goog-api-key", KEY.to_owned()),
        (Provider::OpenAi, "authorization", format!("Bearer {KEY}")),
        (Provider::Anthropic, "x-api-key", KEY.to_owned()),
        (Provider::Ollama, "authorization", format!("Bearer {KEY}")),
    ] {
        let seen = sent(provider, ["m", ""], &plain(), true).await;
        assert_eq!(seen.header(name), Some(value.as_str()), "{provider}");
        let version = (provider == Provider::Anthropic).then_some("2023-06-01");
        assert_eq!(seen.header("anthropic-version"), version);
    }
}

#[tokio::test]
async fn an_address_is_taken_with_and_without_the_protocols_part_and_keeps_its_path_and_query() {
    for (provider, below, line) in [
        (
            Provider::Gemini,
            "/gate/",
            "POST /gate/v1beta/models/m:generateContent",
        ),
        (
            Provider::Gemini,
            "/gate/v1beta",
            "POST /gate/v1beta/models/m:generateContent",
        ),
        (Provider::OpenAi, "/v1", "POST /v1/chat/completions"),
        (
            Provider::OpenAi,
            "/v1/chat/completions",
            "POST /v1/chat/completions",
        ),
        (
            Provider::OpenAi,
            "/v1?api-version=3",
            "POST /v1/chat/completions?api-version=3",
        ),
        (Provider::Anthropic, "/v1/", "POST /v1/messages"),
        (Provider::Ollama, "/api", "POST /api/chat"),
    ] {
        let seen = sent(provider, ["m", below], &plain(), false).await;
        assert_eq!(seen.line, line, "{below}");
    }
}

#[tokio::test]
async fn a_models_name_cannot_leave_its_place_in_the_path() {
    let seen = sent(Provider::Gemini, ["../../v1/x?y#z", ""], &plain(), false).await;
    assert_eq!(
        seen.line,
        "POST /v1beta/models/..%2F..%2Fv1%2Fx%3Fy%23z:generateContent"
    );
}

#[tokio::test]
async fn thoughts_go_back_to_the_provider_that_had_them_and_to_no_other() {
    let mut request = full();
    let thoughts = r#"[{"type":"thinking","thinking":"Which pod?","signature":"c2ln"}]"#;
    if let Some(Turn::Assistant { calls, .. }) = request.turns.get_mut(1) {
        calls[0].signature = Some(thoughts.to_owned());
    }
    let seen = sent(Provider::Anthropic, ["m", ""], &request, false).await;
    let blocks = &seen.body["messages"][1]["content"];
    let thinking = json!({"type": "thinking", "thinking": "Which pod?", "signature": "c2ln"});
    assert_eq!((&blocks[0], &blocks[1]["type"]), (&thinking, &json!("text")));
    let seen = sent(Provider::Gemini, ["gemini-3.8-flash", ""], &request, false).await;
    let signature = &seen.body["contents"][1]["parts"][1]["thoughtSignature"];
    assert_eq!(signature, "skip_thought_signature_validator");
}

#[tokio::test]
async fn ollama_is_given_room_for_the_question() {
    let long = ChatRequest {
        system: "x".repeat(90_000),
        effort: Effort::Low,
        ..plain()
    };
    let seen = sent(Provider::Ollama, ["gpt-oss:20b", ""], &long, false).await;
    assert_eq!(seen.body["options"]["num_ctx"], json!(32_768));
    assert_eq!(seen.body["think"], json!("low"));
}
