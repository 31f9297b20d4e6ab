//! The words for the end of an answer: what each means with text, and with a call.

use kubemedic_ports::chat_model::{OnDelta, Provider};

use super::super::{
    anthropic::AnthropicWire,
    gemini::GeminiWire,
    ollama::OllamaWire,
    openai::OpenAiWire,
    remote::{Answer, Wire},
};

/// What an answer of one piece is: `ok`, or the kind of its error.
fn read<W: Wire>(piece: &str) -> &'static str {
    let mut answer = W::Answer::default();
    let mut deaf: OnDelta<'_> = &mut |_| ();
    let read = answer.piece(piece, &mut deaf).and_then(|_| answer.end());
    read.map_or_else(|error| error.kind(), |_| "ok")
}

/// An answer that ends with a word, with text or with a call.
fn ended(provider: Provider, word: &str, with_call: bool) -> &'static str {
    let pick = |call: &str, text: &str| {
        if with_call {
            call.to_owned()
        } else {
            text.to_owned()
        }
    };
    match provider {
        Provider::Gemini => {
            let part = pick(r#"{"functionCall":{"name":"f"}}"#, r#"{"text":"a"}"#);
            let content = format!(r#"{{"parts":[{part}]}}"#);
            read::<GeminiWire>(&format!(
                r#"{{"candidates":[{{"content":{content},"finishReason":"{word}"}}]}}"#
            ))
        }
        Provider::OpenAi => {
            let message = pick(
                r#""tool_calls":[{"id":"1","function":{"name":"f"}}]"#,
                r#""content":"a""#,
            );
            read::<OpenAiWire>(&format!(
                r#"{{"choices":[{{"message":{{{message}}},"finish_reason":"{word}"}}]}}"#
            ))
        }
        Provider::Anthropic => {
            let block = pick(
                r#"{"type":"tool_use","id":"1","name":"f","input":{}}"#,
                r#"{"type":"text","text":"a"}"#,
            );
            read::<AnthropicWire>(&format!(
                r#"{{"type":"message","content":[{block}],"stop_reason":"{word}"}}"#
            ))
        }
        Provider::Ollama => {
            let message = pick(r#""tool_calls":[{"function":{"name":"f"}}]"#, r#""content":"a""#);
            read::<OllamaWire>(&format!(
                r#"{{"message":{{{message}}},"done":true,"done_reason":"{word}"}}"#
            ))
        }
    }
}

#[test]
fn every_word_for_the_end_of_an_answer_has_its_meaning_and_unknown_words_are_no_answer() {
    for (provider, words, expected) in [
        (Provider::Gemini, "STOP", ["ok"; 2]),
        (Provider::Gemini, "FUNCTION_CALL TOOL_CALLS", ["malformed", "ok"]),
        (Provider::Gemini, "MAX_TOKENS", ["truncated"; 2]),
        (
            Provider::Gemini,
            "SAFETY RECITATION LANGUAGE BLOCKLIST PROHIBITED_CONTENT SPII MODEL_ARMOR ESCALATION \
             PUP_LIMITED_DISABLED IMAGE_SAFETY IMAGE_PROHIBITED_CONTENT",
            ["blocked"; 2],
        ),
        (
            Provider::Gemini,
            "MALFORMED_FUNCTION_CALL MALFORMED_RESPONSE MISSING_THOUGHT_SIGNATURE UNEXPECTED_TOOL_CALL \
             TOO_MANY_TOOL_CALLS NO_IMAGE CONTINUATION OTHER FINISH_REASON_UNSPECIFIED stop NEVER_SEEN",
            ["malformed"; 2],
        ),
        (Provider::OpenAi, "stop", ["ok"; 2]),
        (Provider::OpenAi, "tool_calls function_call", ["malformed", "ok"]),
        (Provider::OpenAi, "length", ["truncated"; 2]),
        (Provider::OpenAi, "content_filter", ["blocked"; 2]),
        (Provider::OpenAi, "abort never_seen", ["malformed"; 2]),
        (Provider::Anthropic, "end_turn stop_sequence", ["ok"; 2]),
        (Provider::Anthropic, "tool_use", ["malformed", "ok"]),
        (
            Provider::Anthropic,
            "max_tokens model_context_window_exceeded",
            ["truncated"; 2],
        ),
        (Provider::Anthropic, "refusal", ["blocked"; 2]),
        (Provider::Anthropic, "pause_turn never_seen", ["malformed"; 2]),
        (Provider::Ollama, "stop tool_calls", ["ok"; 2]),
        (Provider::Ollama, "length", ["truncated"; 2]),
        (Provider::Ollama, "load unload never_seen", ["malformed"; 2]),
    ] {
        for word in words.split_whitespace() {
            let met = [ended(provider, word, false), ended(provider, word, true)];
            assert_eq!(met, expected, "{provider} {word}");
        }
    }
}
