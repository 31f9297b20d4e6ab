//! Golden bodies: what each provider's answers and refusals mean, above all those that no public double sends.

use std::time::Duration;

use kubemedic_model::usage::ModelUsage;
use kubemedic_ports::chat_model::{ChatError, ChatReply, CutBy, Provider, ToolCall};
use serde_json::{Value, json};

use super::{double::Double, golden_file, model_at, patient, plain, streamed};

/// What a stream gave: the reply or the error, and what was told on the way.
struct Told {
    reply: Result<ChatReply, ChatError>,
    text: String,
    thoughts: String,
}

/// The answer to a streamed request whose body is a file; the file's kind tells the content type.
async fn golden(provider: Provider, status: u16, name: &str) -> Told {
    let content_type = match name.rsplit_once('.').unwrap().1 {
        "sse" => "content-type: text/event-stream\r\n",
        "ndjson" => "content-type: application/x-ndjson\r\n",
        _ => "content-type: application/json; charset=UTF-8\r\n",
    };
    let double = Double::answering(status, content_type, &golden_file(name)).await;
    let model = model_at(provider, &double.url, patient());
    let (reply, text, thoughts) = streamed(model.as_ref(), &plain()).await;
    Told {
        reply,
        text,
        thoughts,
    }
}

async fn error(provider: Provider, status: u16, name: &str) -> ChatError {
    golden(provider, status, name).await.reply.unwrap_err()
}

fn call(id: &str, name: &str, arguments: Value, signature: Option<&str>) -> ToolCall {
    ToolCall {
        id: id.to_owned(),
        name: name.to_owned(),
        arguments,
        signature: signature.map(str::to_owned),
    }
}

fn blocked(reason: &str) -> ChatError {
    ChatError::Blocked {
        reason: reason.to_owned(),
    }
}

fn overloaded(reason: &str) -> ChatError {
    ChatError::Overloaded {
        after: None,
        reason: reason.to_owned(),
    }
}

fn limited(after: Option<u64>, reason: &str) -> ChatError {
    ChatError::RateLimited {
        after: after.map(Duration::from_millis),
        reason: reason.to_owned(),
    }
}

fn used_up(reason: &str) -> ChatError {
    ChatError::QuotaExhausted {
        reason: reason.to_owned(),
    }
}

#[tokio::test]
async fn gemini_thoughts_are_no_answer_and_signatures_stay_with_their_calls() {
    let told = golden(Provider::Gemini, 200, "gemini-thoughts-and-call.sse").await;
    let signed = call(
        "kubemedic-call-0",
        "pod_logs",
        json!({"pod": "api-1"}),
        Some("c2lnbmVk"),
    );
    assert_eq!(
        told.reply.unwrap(),
        ChatReply {
            text: "I look at the logs.".into(),
            calls: vec![signed, call("f-2", "pod_events", json!({}), None)],
            usage: ModelUsage {
                input_tokens: 125,
                output_tokens: 66,
                reasoning_tokens: 41,
                cached_tokens: 100,
            },
            model: "gemini-3.8-flash".into(),
            response_id: Some("r-1".into()),
            finish_reason: "STOP".into(),
        }
    );
    assert_eq!(told.text, "I look at the logs.");
    assert_eq!(told.thoughts, "Which pod was killed?");
}

#[tokio::test]
async fn a_gemini_stream_that_comes_as_one_array_is_an_answer_too() {
    let told = golden(Provider::Gemini, 200, "gemini-array.json").await;
    let reply = told.reply.unwrap();
    assert_eq!(
        (reply.text.as_str(), reply.usage.input_tokens),
        (r#"{"cause":"oom"}"#, 9)
    );
}

#[tokio::test]
async fn a_blocked_gemini_prompt_or_answer_is_blocked() {
    let prompt = error(Provider::Gemini, 200, "gemini-blocked-prompt.json").await;
    assert_eq!(prompt, blocked("promptFeedback PROHIBITED_CONTENT"));
    let answer = error(Provider::Gemini, 200, "gemini-blocked-answer.json").await;
    assert_eq!(answer, blocked("SAFETY: dangerous content"));
}

#[tokio::test]
async fn a_bad_gemini_key_is_no_bad_request_though_its_status_says_so() {
    let key = error(Provider::Gemini, 400, "gemini-bad-key.json").await;
    let reason = "400: API key not valid. Please pass a valid API key.".to_owned();
    assert_eq!(key, ChatError::Auth { reason });
    let request = error(Provider::Gemini, 400, "gemini-bad-request.json").await;
    let reason = "400: The parameter is out of range.".to_owned();
    assert_eq!(request, ChatError::BadRequest { reason });
}

#[tokio::test]
async fn gemini_says_how_long_to_wait_and_a_quota_of_the_day_is_not_waited_for() {
    let quota = "429: You exceeded your current quota, please";
    for (name, expected) in [
        (
            "gemini-rate-limit.json",
            limited(Some(37_500), &format!("{quota} wait.")),
        ),
        (
            "gemini-exhausted-for-now.json",
            limited(None, "429: Resource has been exhausted (e.g. check quota)."),
        ),
        (
            "gemini-daily-quota.json",
            used_up(&format!("{quota} check your plan and billing details.")),
        ),
        (
            "gemini-daily-quota-with-retry-info.json",
            used_up("429: Too many."),
        ),
    ] {
        assert_eq!(error(Provider::Gemini, 429, name).await, expected, "{name}");
    }
}

#[tokio::test]
async fn a_gemini_model_that_is_gone_is_told_as_gone() {
    let gone = error(Provider::Gemini, 404, "gemini-model-gone.json").await;
    assert_eq!(gone.kind(), "model_gone");
}

#[tokio::test]
async fn gemini_errors_in_an_array_and_inside_a_stream_are_errors() {
    for (status, name, expected) in [
        (
            503,
            "gemini-error-array.json",
            overloaded("503: The model is overloaded."),
        ),
        (
            200,
            "gemini-error-array.json",
            overloaded("503: The model is overloaded."),
        ),
        (
            200,
            "gemini-error-array-in-stream.sse",
            overloaded("503: The model is overloaded."),
        ),
        (
            200,
            "gemini-error-in-stream.sse",
            limited(Some(2_000), "429: Slow down."),
        ),
    ] {
        assert_eq!(
            error(Provider::Gemini, status, name).await,
            expected,
            "{status} {name}"
        );
    }
}

#[tokio::test]
async fn an_answer_that_ran_out_of_tokens_or_lost_its_end_is_truncated_on_every_wire() {
    for (provider, name, by) in [
        (
            Provider::Gemini,
            "gemini-thinking-ate-the-tokens.sse",
            CutBy::Tokens,
        ),
        (Provider::Gemini, "gemini-cut.sse", CutBy::Connection),
        (
            Provider::OpenAi,
            "openai-done-without-reason.sse",
            CutBy::Connection,
        ),
        (
            Provider::Anthropic,
            "anthropic-context-exceeded.json",
            CutBy::Tokens,
        ),
        (
            Provider::Anthropic,
            "anthropic-without-message-stop.sse",
            CutBy::Connection,
        ),
        (Provider::Ollama, "ollama-length.ndjson", CutBy::Tokens),
        (Provider::Ollama, "ollama-cut.ndjson", CutBy::Connection),
    ] {
        assert_eq!(
            error(provider, 200, name).await,
            ChatError::Truncated { by },
            "{name}"
        );
    }
}

#[tokio::test]
async fn a_malformed_gemini_call_is_no_answer() {
    let malformed = error(Provider::Gemini, 200, "gemini-malformed-call.sse").await;
    let reason = "it ended with MALFORMED_FUNCTION_CALL: Malformed function call: print(".to_owned();
    assert_eq!(malformed, ChatError::Malformed { reason });
}

#[tokio::test]
async fn openai_calls_in_pieces_are_joined_by_their_index() {
    let told = golden(Provider::OpenAi, 200, "openai-call-in-pieces.sse").await;
    assert_eq!(
        told.reply.unwrap(),
        ChatReply {
            text: String::new(),
            calls: vec![
                call("call_a", "pod_logs", json!({"pod": "api-1"}), None),
                call("call_b", "pod_events", json!({}), None),
            ],
            usage: ModelUsage {
                input_tokens: 90,
                output_tokens: 40,
                reasoning_tokens: 12,
                cached_tokens: 64,
            },
            model: "gpt-5.4-mini-2026".into(),
            response_id: Some("c-1".into()),
            finish_reason: "tool_calls".into(),
        }
    );
    assert_eq!(told.thoughts, "Which pod?");
}

#[tokio::test]
async fn what_openai_refuses_is_told_apart_by_its_code() {
    let gone = ChatError::ModelGone {
        reason: "403: The model `gpt-3` does not exist or you do not have access to it.".into(),
    };
    for (status, name, expected) in [
        (
            200,
            "openai-refusal.json",
            blocked("refusal: I cannot help with that."),
        ),
        (
            429,
            "openai-insufficient-quota.json",
            used_up("429: You exceeded your current quota, please check your plan and billing details."),
        ),
        (
            429,
            "openai-rate-limit.json",
            limited(
                None,
                "429: Rate limit reached for gpt-5.4 in organization org-1 on tokens per min (TPM).",
            ),
        ),
        (403, "openai-model-gone.json", gone),
        (
            200,
            "openai-error-in-stream.sse",
            overloaded("500: The server had an error while processing your request."),
        ),
    ] {
        assert_eq!(error(Provider::OpenAi, status, name).await, expected, "{name}");
    }
}

#[tokio::test]
async fn anthropic_thoughts_are_kept_for_the_next_turn_and_unknown_events_passed_over() {
    let told = golden(Provider::Anthropic, 200, "anthropic-thinking-and-tool.sse").await;
    let thoughts = r#"[{"type":"thinking","thinking":"Which pod?","signature":"c2ln"}]"#;
    assert_eq!(
        told.reply.unwrap(),
        ChatReply {
            text: "I look.".into(),
            calls: vec![call(
                "toolu_1",
                "pod_logs",
                json!({"pod": "api-1"}),
                Some(thoughts)
            )],
            usage: ModelUsage {
                input_tokens: 100,
                output_tokens: 33,
                reasoning_tokens: 0,
                cached_tokens: 70,
            },
            model: "claude-sonnet-5-5".into(),
            response_id: Some("msg_1".into()),
            finish_reason: "tool_use".into(),
        }
    );
    assert_eq!(
        (told.text.as_str(), told.thoughts.as_str()),
        ("I look.", "Which pod?")
    );
}

#[tokio::test]
async fn what_anthropic_refuses_is_told_apart_by_status_type_and_words() {
    for (status, name, expected) in [
        (
            200,
            "anthropic-overloaded-in-stream.sse",
            overloaded("529: Overloaded"),
        ),
        (200, "anthropic-refusal.json", blocked("refusal")),
        (
            400,
            "anthropic-no-credit.json",
            used_up("402: Your credit balance is too low to access the API."),
        ),
    ] {
        assert_eq!(error(Provider::Anthropic, status, name).await, expected, "{name}");
    }
}

#[tokio::test]
async fn an_anthropic_message_at_once_is_the_same_answer_as_a_streamed_one() {
    let told = golden(Provider::Anthropic, 200, "anthropic-message.json").await;
    let reply = told.reply.unwrap();
    assert_eq!(
        (reply.text.as_str(), told.text.as_str()),
        (r#"{"cause":"oom"}"#, r#"{"cause":"oom"}"#)
    );
    assert_eq!((reply.usage.input_tokens, reply.usage.output_tokens), (20, 6));
}

#[tokio::test]
async fn ollama_thoughts_calls_and_counts_are_read_line_by_line() {
    let told = golden(Provider::Ollama, 200, "ollama-thinking-and-call.ndjson").await;
    assert_eq!(
        told.reply.unwrap(),
        ChatReply {
            text: "I look.".into(),
            calls: vec![call(
                "kubemedic-call-0",
                "pod_logs",
                json!({"pod": "api-1"}),
                None
            )],
            usage: ModelUsage {
                input_tokens: 77,
                output_tokens: 21,
                ..ModelUsage::default()
            },
            model: "qwen3:8b".into(),
            response_id: None,
            finish_reason: "stop".into(),
        }
    );
    assert_eq!(told.thoughts, "Which pod?");
}

#[tokio::test]
async fn an_ollama_error_line_is_an_error() {
    let failed = error(Provider::Ollama, 200, "ollama-error.ndjson").await;
    let words = "500: an error was encountered while running the model: unexpected EOF";
    assert_eq!(failed, overloaded(words));
}
