//! A Gemini answer: parts that are thoughts, text or calls, the reasons why it ended, and the errors that come inside a stream.

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

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Piece {
    candidates: Option<Vec<Candidate>>,
    prompt_feedback: Option<PromptFeedback>,
    usage_metadata: Option<Usage>,
    model_version: Option<String>,
    response_id: Option<String>,
    error: Option<Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Candidate {
    content: Option<Content>,
    finish_reason: Option<String>,
    finish_message: Option<String>,
    index: Option<u64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Content {
    parts: Option<Vec<Part>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Part {
    text: Option<String>,
    thought: Option<bool>,
    thought_signature: Option<String>,
    function_call: Option<FunctionCall>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct FunctionCall {
    id: Option<String>,
    name: Option<String>,
    args: Option<Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct PromptFeedback {
    block_reason: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Usage {
    #[serde(rename = "promptTokenCount")]
    prompt: Option<u64>,
    #[serde(rename = "candidatesTokenCount")]
    candidates: Option<u64>,
    #[serde(rename = "thoughtsTokenCount")]
    thoughts: Option<u64>,
    #[serde(rename = "cachedContentTokenCount")]
    cached: Option<u64>,
    #[serde(rename = "toolUsePromptTokenCount")]
    tool_use_prompt: Option<u64>,
}

/// An answer so far.
#[derive(Debug, Default)]
pub(crate) struct Reply {
    draft: Draft,
    finish_message: Option<String>,
}

impl Answer for Reply {
    fn piece(&mut self, piece: &str, on_delta: &mut OnDelta<'_>) -> Result<Progress, ChatError> {
        // Without `alt=sse`, and for some errors, the pieces come as one array.
        if piece.trim_start().starts_with('[') {
            for response in parsed::<Vec<Piece>>(piece)? {
                self.response(response, on_delta)?;
            }
        } else {
            self.response(parsed(piece)?, on_delta)?;
        }
        Ok(Progress::More)
    }

    fn end(self) -> Result<ChatReply, ChatError> {
        if let Some(reason) = &self.draft.finish_reason {
            accept(
                reason,
                self.finish_message.as_deref(),
                self.draft.call_count() > 0,
            )?;
        }
        self.draft.into_reply()
    }
}

impl Reply {
    fn response(&mut self, response: Piece, on_delta: &mut OnDelta<'_>) -> Result<(), ChatError> {
        if let Some(error) = &response.error {
            return Err(refusal::inside(error));
        }
        if let Some(reason) = response.prompt_feedback.and_then(|it| it.block_reason) {
            return Err(ChatError::Blocked {
                reason: format!("promptFeedback {reason}"),
            });
        }
        if let Some(model) = response.model_version {
            self.draft.model = model;
        }
        self.draft.response_id = response.response_id.or(self.draft.response_id.take());
        if let Some(usage) = response.usage_metadata {
            self.draft.usage = spent(&usage);
        }
        let first = response.candidates.into_iter().flatten();
        for candidate in first.filter(|it| it.index.unwrap_or(0) == 0).take(1) {
            self.candidate(candidate, on_delta)?;
        }
        Ok(())
    }

    fn candidate(&mut self, candidate: Candidate, on_delta: &mut OnDelta<'_>) -> Result<(), ChatError> {
        for part in candidate.content.and_then(|it| it.parts).into_iter().flatten() {
            self.part(part, on_delta)?;
        }
        if let Some(reason) = candidate.finish_reason.filter(|it| !it.is_empty()) {
            self.draft.finish_reason = Some(reason);
            self.finish_message = candidate.finish_message;
        }
        Ok(())
    }

    fn part(&mut self, part: Part, on_delta: &mut OnDelta<'_>) -> Result<(), ChatError> {
        if let Some(function) = part.function_call {
            let place = self.draft.next_place();
            let call = self.draft.call(place)?;
            call.id = function.id;
            call.name = function.name.unwrap_or_default();
            call.value = function.args;
            call.signature = part.thought_signature;
        }
        let text = part.text.unwrap_or_default();
        if part.thought == Some(true) {
            if !text.is_empty() {
                on_delta(Delta::Reasoning(text));
            }
        } else {
            self.draft.say(text, on_delta);
        }
        Ok(())
    }
}

/// Whether an answer that ended for this reason is one. The list is open: an unknown word is no answer.
fn accept(reason: &str, message: Option<&str>, has_calls: bool) -> Result<(), ChatError> {
    let said = message.map_or_else(|| reason.to_owned(), |message| format!("{reason}: {message}"));
    match reason {
        "STOP" => Ok(()),
        // No word of Google's, but of doubles and gateways.
        "FUNCTION_CALL" | "TOOL_CALLS" if has_calls => Ok(()),
        "MAX_TOKENS" => Err(OUT_OF_TOKENS),
        "SAFETY"
        | "RECITATION"
        | "LANGUAGE"
        | "BLOCKLIST"
        | "PROHIBITED_CONTENT"
        | "SPII"
        | "MODEL_ARMOR"
        | "ESCALATION"
        | "PUP_LIMITED_DISABLED" => Err(ChatError::Blocked { reason: said }),
        image if image.starts_with("IMAGE_") => Err(ChatError::Blocked { reason: said }),
        _ => Err(malformed(format!("it ended with {said}"))),
    }
}

fn spent(usage: &Usage) -> ModelUsage {
    let count = |it: Option<u64>| it.unwrap_or(0);
    let reasoning_tokens = count(usage.thoughts);
    ModelUsage {
        input_tokens: count(usage.prompt).saturating_add(count(usage.tool_use_prompt)),
        output_tokens: count(usage.candidates).saturating_add(reasoning_tokens),
        reasoning_tokens,
        cached_tokens: count(usage.cached),
    }
}
