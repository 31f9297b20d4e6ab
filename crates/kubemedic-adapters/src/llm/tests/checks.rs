//! The check of a model costs nothing and tells a bad key from a missing model; names and addresses as people write them.

use kubemedic_ports::chat_model::{ChatError, Provider};

use super::{
    super::{ConnectError, Endpoints, connect, ollama::address, retired_replacement},
    KEY,
    double::Double,
    model_at, named_model_at, patient,
};

#[tokio::test]
async fn the_check_asks_for_the_model_or_the_list_and_shows_the_key() {
    for (provider, body, line, header) in [
        (
            Provider::Gemini,
            "{}",
            "GET /v1beta/models/gemini-3.8-flash",
            "x-goog-api-key",
        ),
        (Provider::OpenAi, r#"{"data":[]}"#, "GET /models", "authorization"),
        (
            Provider::Anthropic,
            "{}",
            "GET /v1/models/claude-sonnet-5-5",
            "x-api-key",
        ),
        (
            Provider::Ollama,
            r#"{"models":[{"name":"qwen3:8b"}]}"#,
            "GET /api/tags",
            "authorization",
        ),
    ] {
        let double = Double::answering(200, "", body).await;
        let model = model_at(provider, &double.url, patient());
        assert_eq!(model.check().await, Ok(()), "{provider}");
        let seen = double.seen();
        assert_eq!(seen.len(), 1);
        assert_eq!(seen[0].line, line);
        assert!(seen[0].header(header).unwrap().ends_with(KEY), "{provider}");
        let refused = Double::answering(401, "", "{}").await;
        let model = model_at(provider, &refused.url, patient());
        assert_eq!(model.check().await.unwrap_err().kind(), "auth", "{provider}");
    }
}

#[tokio::test]
async fn a_list_that_is_none_is_told() {
    for (provider, body) in [(Provider::OpenAi, "<html>"), (Provider::Ollama, "{}")] {
        let double = Double::answering(200, "", body).await;
        let model = model_at(provider, &double.url, patient());
        assert_eq!(model.check().await.unwrap_err().kind(), "malformed", "{provider}");
    }
}

#[tokio::test]
async fn a_model_that_ollama_does_not_have_is_gone_and_latest_is_meant_without_a_tag() {
    let list = r#"{"models":[{"name":"llama4:latest","model":"llama4:latest"}]}"#;
    let double = Double::answering(200, "", list).await;
    let there = named_model_at(Provider::Ollama, "llama4", &double.url, patient());
    assert_eq!(there.check().await, Ok(()));
    let gone = named_model_at(Provider::Ollama, "qwen3", &double.url, patient());
    let reason = "qwen3 is not on the server: run ollama pull qwen3".to_owned();
    assert_eq!(gone.check().await, Err(ChatError::ModelGone { reason }));
}

#[test]
fn a_provider_that_wants_a_key_says_so_before_anything_is_sent() {
    let endpoints = Endpoints::default();
    for name in ["gemini:gemini-3.8-flash", "anthropic:claude-haiku-5-5"] {
        let error = connect(&name.parse().unwrap(), &endpoints).unwrap_err();
        assert!(matches!(error, ConnectError::NoKey { .. }), "{name}: {error}");
    }
}

#[test]
fn a_bad_address_is_refused_without_its_password() {
    let mut endpoints = Endpoints::default();
    endpoints.openai.base_url = "ftp://user:hunter2@host/v1".into();
    let error = connect(&"openai:m".parse().unwrap(), &endpoints).unwrap_err();
    assert_eq!(
        error.to_string(),
        "'ftp://host/v1' is not an http or https address: its scheme is neither http nor https"
    );
}

#[test]
fn retired_gemini_models_have_a_replacement_and_others_have_none() {
    for (model, replacement) in [
        ("gemini-2.0-flash-exp", Some("gemini-3.8-flash")),
        ("models/gemini-2.0-flash-001", Some("gemini-3.8-flash")),
        ("gemini-2.0-flash-lite", Some("gemini-3.5-flash-lite")),
        ("gemini-1.5-pro-latest", Some("gemini-3.8-flash")),
        ("gemini-pro", Some("gemini-3.8-flash")),
        ("gemini-2.5-flash", Some("gemini-3.5-flash-lite")),
        ("gemini-2.5-pro", Some("gemini-3.8-flash")),
        ("gemini-3.8-flash", None),
        ("gemini-3.5-flash-lite", None),
        ("gemini-4-argon", None),
        ("gemini-flash-latest", None),
        ("gemini-pro-latest", None),
        ("gpt-5.4", None),
    ] {
        assert_eq!(retired_replacement(model), replacement, "{model}");
    }
}

#[test]
fn ollamas_host_is_understood_as_ollama_does() {
    for (text, url) in [
        ("127.0.0.1", "http://127.0.0.1:11434"),
        ("0.0.0.0:8080", "http://127.0.0.1:8080"),
        ("gpu.example:9", "http://gpu.example:9"),
        ("https://gpu.example", "https://gpu.example"),
        (" http://h:1/ ", "http://h:1/"),
    ] {
        assert_eq!(address(text), url);
    }
}
