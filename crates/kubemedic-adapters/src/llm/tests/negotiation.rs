//! What a server that speaks like OpenAI does not know is left out from then on.

use kubemedic_ports::chat_model::Provider;

use super::{
    double::{Act, Double, response},
    full, model_at, patient, plain,
};

const FINE: &str = r#"{"choices":[{"index":0,"message":{"content":"fine"},"finish_reason":"stop"}]}"#;

/// A server that refuses bodies with a field, in these words.
async fn refusing(field: &'static str, words: &'static str) -> Double {
    Double::start(move |seen| {
        let (status, body) = match seen.body.get(field) {
            Some(_) => (400, words),
            None => (200, FINE),
        };
        let json = "content-type: application/json\r\n";
        vec![Act::Send(response(status, json, body.as_bytes()))]
    })
    .await
}

#[tokio::test]
async fn a_field_that_a_server_does_not_know_is_left_out_once_and_for_all() {
    for (field, words) in [
        (
            "response_format",
            r#"{"error":{"message":"Unsupported type: json_schema"}}"#,
        ),
        (
            "max_tokens",
            r#"{"error":{"message":"Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."}}"#,
        ),
        (
            "temperature",
            r#"{"error":{"message":"Unsupported value: 'temperature' does not support 0.25"}}"#,
        ),
        (
            "stream_options",
            r#"{"detail":[{"type":"extra_forbidden","loc":["body","stream_options"]}]}"#,
        ),
    ] {
        let double = refusing(field, words).await;
        let model = model_at(Provider::OpenAi, &double.url, patient());
        for _ in 0..2 {
            let reply = model.stream(&full(), &mut |_| ()).await;
            assert_eq!(reply.unwrap().text, "fine", "{field}");
        }
        let sent: Vec<bool> = double
            .seen()
            .iter()
            .map(|it| it.body.get(field).is_some())
            .collect();
        assert_eq!(sent, [true, false, false], "{field}");
    }
}

#[tokio::test]
async fn the_limit_of_tokens_goes_under_its_other_name_where_the_first_is_not_known() {
    let double = refusing("max_tokens", "unsupported parameter max_tokens").await;
    let model = model_at(Provider::OpenAi, &double.url, patient());
    model.complete(&full()).await.unwrap();
    assert_eq!(double.seen()[1].body["max_completion_tokens"], 512);
}

#[tokio::test]
async fn a_form_that_cannot_be_sent_is_asked_for_in_words() {
    let double = refusing("response_format", "unknown field `response_format`").await;
    let model = model_at(Provider::OpenAi, &double.url, patient());
    model.complete(&full()).await.unwrap();
    let system = double.seen()[1].body["messages"][0]["content"].to_string();
    assert!(
        system.contains(r#"\"required\":[\"reasoning\",\"causes\"]"#),
        "{system}"
    );
}

#[tokio::test]
async fn a_request_is_sent_once_more_at_most() {
    let words = "unknown fields: response_format, max_tokens, temperature, max_completion_tokens";
    let double = Double::answering(400, "", words).await;
    let model = model_at(Provider::OpenAi, &double.url, patient());
    assert_eq!(model.complete(&full()).await.unwrap_err().kind(), "bad_request");
    assert_eq!(double.seen().len(), 2);
}

#[tokio::test]
async fn a_refusal_for_another_reason_is_not_sent_again() {
    for (status, words) in [
        (
            400,
            "Invalid schema for response_format 'cause': 'x' is not permitted",
        ),
        (400, "max_tokens is too large: 512"),
        (400, "unknown role"),
        (403, "temperature is not supported"),
    ] {
        let double = Double::answering(status, "", words).await;
        let model = model_at(Provider::OpenAi, &double.url, patient());
        assert!(model.complete(&full()).await.is_err());
        assert_eq!(double.seen().len(), 1, "{words}");
    }
}

#[tokio::test]
async fn other_wires_do_not_negotiate() {
    for provider in [Provider::Gemini, Provider::Anthropic, Provider::Ollama] {
        let double = Double::answering(400, "", "unknown field response_format temperature").await;
        let model = model_at(provider, &double.url, patient());
        assert_eq!(model.complete(&plain()).await.unwrap_err().kind(), "bad_request");
        assert_eq!(double.seen().len(), 1);
    }
}
