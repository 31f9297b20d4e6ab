//! An Ollama answer: one line, or many of which the last says `done`; errors come as lines too.

use kubemedic_model::usage::ModelUsage;
use kubemedic_ports::chat_model::{ChatError, ChatReply, Delta, OnDelta};
use serde::Deserialize;
use serde_json::Value;

use super::super::{
    draft::{CUT, Draft, OUT_OF_TOKENS, malformed, parsed},
    failure,
    remote::{Answer, Progress},
};
use crate::http;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Line {
    model: Option<String>,
    message: Option<Message>,
    done: Option<bool>,
    done_reason: Option<String>,
    prompt_eval_count: Option<u64>,
    eval_count: Option<u64>,
    error: Option<Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Message {
    content: Option<String>,
    thinking: Option<String>,
    tool_calls: Option<Vec<Call>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Call {
    id: Option<String>,
    function: Option<Function>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Function {
    name: Option<String>,
    arguments: Option<Value>,
}

/// An answer so far.
#[derive(Debug, Default)]
pub(crate) struct Reply {
    draft: Draft,
}

impl Answer for Reply {
    fn piece(&mut self, piece: &str, on_delta: &mut OnDelta<'_>) -> Result<Progress, ChatError> {
        let line: Line = parsed(piece)?;
        if let Some(error) = &line.error {
            let words = error.as_str().map_or_else(|| error.to_string(), str::to_owned);
            return Err(failure::by_status(500, None, &http::quoted(words.as_bytes())));
        }
        if let Some(model) = line.model {
            self.draft.model = model;
        }
        let message = line.message.unwrap_or_default();
        if let Some(thinking) = message.thinking.filter(|it| !it.is_empty()) {
            on_delta(Delta::Reasoning(thinking));
        }
        self.draft.say(message.content.unwrap_or_default(), on_delta);
        for call in message.tool_calls.into_iter().flatten() {
            self.call(call)?;
        }
        if line.done != Some(true) {
            return Ok(Progress::More);
        }
        self.draft.usage = ModelUsage {
            input_tokens: line.prompt_eval_count.unwrap_or(0),
            output_tokens: line.eval_count.unwrap_or(0),
            ..ModelUsage::default()
        };
        // Older servers say no reason.
        self.draft.finish_reason = Some(line.done_reason.unwrap_or_else(|| "stop".to_owned()));
        Ok(Progress::Done)
    }

    fn end(self) -> Result<ChatReply, ChatError> {
        match self.draft.finish_reason.as_deref() {
            None => Err(CUT),
            Some("length") => Err(OUT_OF_TOKENS),
            Some("stop" | "tool_calls") => self.draft.into_reply(),
            Some(other) => Err(malformed(format!("it ended with {other}"))),
        }
    }
}

impl Reply {
    fn call(&mut self, call: Call) -> Result<(), ChatError> {
        let place = self.draft.next_place();
        let draft = self.draft.call(place)?;
        let function = call.function.unwrap_or_default();
        draft.id = call.id;
        draft.name = function.name.unwrap_or_default();
        match function.arguments {
            Some(Value::String(text)) => draft.arguments = text,
            other => draft.value = other,
        }
        Ok(())
    }
}
