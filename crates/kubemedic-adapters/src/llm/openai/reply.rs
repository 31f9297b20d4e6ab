//! An answer of chat completions: whole messages and pieces of them have the same fields.

use kubemedic_model::usage::ModelUsage;
use kubemedic_ports::chat_model::{ChatError, ChatReply, Delta, OnDelta};
use serde::Deserialize;
use serde_json::Value;

use super::{
    super::{
        draft::{Draft, OUT_OF_TOKENS, malformed, parsed},
        remote::{Answer, Progress},
    },
    refusal,
};

/// The mark of the end.
const END: &str = "[DONE]";

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Completion {
    id: Option<String>,
    model: Option<String>,
    choices: Option<Vec<Choice>>,
    usage: Option<Usage>,
    error: Option<Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Choice {
    index: Option<u64>,
    delta: Option<Message>,
    message: Option<Message>,
    finish_reason: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Message {
    content: Option<String>,
    refusal: Option<String>,
    /// llama.cpp, vLLM and DeepSeek.
    reasoning_content: Option<String>,
    /// Newer vLLM and some gateways.
    reasoning: Option<String>,
    tool_calls: Option<Vec<Call>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Call {
    index: Option<u64>,
    id: Option<String>,
    function: Option<Function>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Function {
    name: Option<String>,
    arguments: Option<Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Usage {
    prompt_tokens: Option<u64>,
    completion_tokens: Option<u64>,
    prompt_tokens_details: Option<Details>,
    completion_tokens_details: Option<Details>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Details {
    cached_tokens: Option<u64>,
    reasoning_tokens: Option<u64>,
}

/// An answer so far.
#[derive(Debug, Default)]
pub(crate) struct Reply {
    draft: Draft,
    refusal: String,
}

impl Answer for Reply {
    fn piece(&mut self, piece: &str, on_delta: &mut OnDelta<'_>) -> Result<Progress, ChatError> {
        if piece.trim() == END {
            return Ok(Progress::Done);
        }
        let completion: Completion = parsed(piece)?;
        if let Some(error) = completion.error {
            return Err(refusal::inside(&error));
        }
        if let Some(model) = completion.model {
            self.draft.model = model;
        }
        self.draft.response_id = completion.id.or(self.draft.response_id.take());
        if let Some(usage) = completion.usage {
            self.draft.usage = spent(&usage);
        }
        let choices = completion.choices.into_iter().flatten();
        for choice in choices.filter(|it| it.index.unwrap_or(0) == 0) {
            self.choice(choice, on_delta)?;
        }
        Ok(Progress::More)
    }

    fn end(self) -> Result<ChatReply, ChatError> {
        if let Some(reason) = &self.draft.finish_reason {
            if !self.refusal.trim().is_empty() {
                return Err(ChatError::Blocked {
                    reason: format!("refusal: {}", self.refusal),
                });
            }
            accept(reason, self.draft.call_count() > 0)?;
        }
        self.draft.into_reply()
    }
}

impl Reply {
    fn choice(&mut self, choice: Choice, on_delta: &mut OnDelta<'_>) -> Result<(), ChatError> {
        if let Some(message) = choice.delta.or(choice.message) {
            self.message(message, on_delta)?;
        }
        if let Some(reason) = choice.finish_reason.filter(|it| !it.is_empty()) {
            self.draft.finish_reason = Some(reason);
        }
        Ok(())
    }

    fn message(&mut self, message: Message, on_delta: &mut OnDelta<'_>) -> Result<(), ChatError> {
        let thought = message.reasoning_content.or(message.reasoning);
        if let Some(thought) = thought.filter(|it| !it.is_empty()) {
            on_delta(Delta::Reasoning(thought));
        }
        self.draft.say(message.content.unwrap_or_default(), on_delta);
        self.refusal.push_str(&message.refusal.unwrap_or_default());
        let calls = message.tool_calls.into_iter().flatten();
        calls.enumerate().try_for_each(|(nth, call)| self.call(nth, call))
    }

    /// A piece of a call belongs to its index; without one, an id begins a call and the rest goes on with the last.
    fn call(&mut self, nth: usize, piece: Call) -> Result<(), ChatError> {
        let begins = piece.id.as_ref().is_some_and(|it| !it.is_empty());
        let place = match (piece.index, self.draft.last_place()) {
            (Some(index), _) => index,
            (None, Some(last)) if nth == 0 && !begins => last,
            (None, _) => self.draft.next_place(),
        };
        let call = self.draft.call(place)?;
        if begins {
            call.id = piece.id;
        }
        let function = piece.function.unwrap_or_default();
        call.name.push_str(&function.name.unwrap_or_default());
        match function.arguments {
            Some(Value::String(text)) => call.arguments.push_str(&text),
            // Some servers send an object instead of its text.
            Some(whole @ Value::Object(_)) => call.value = Some(whole),
            Some(Value::Null) | None => (),
            Some(_) => return Err(malformed("the arguments of a function are no text")),
        }
        Ok(())
    }
}

fn accept(reason: &str, has_calls: bool) -> Result<(), ChatError> {
    match reason {
        "stop" => Ok(()),
        "tool_calls" | "function_call" if has_calls => Ok(()),
        "length" => Err(OUT_OF_TOKENS),
        "content_filter" => Err(ChatError::Blocked {
            reason: reason.to_owned(),
        }),
        other => Err(malformed(format!("it ended with {other}"))),
    }
}

fn spent(usage: &Usage) -> ModelUsage {
    let of_prompt = usage.prompt_tokens_details.as_ref();
    let of_completion = usage.completion_tokens_details.as_ref();
    ModelUsage {
        input_tokens: usage.prompt_tokens.unwrap_or(0),
        output_tokens: usage.completion_tokens.unwrap_or(0),
        reasoning_tokens: of_completion.and_then(|it| it.reasoning_tokens).unwrap_or(0),
        cached_tokens: of_prompt.and_then(|it| it.cached_tokens).unwrap_or(0),
    }
}
