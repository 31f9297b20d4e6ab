//! An Anthropic answer: a message whole, or the events that build one. Events of unknown types are passed over, as its rules for
//! versions ask; the end must be seen.

use std::collections::BTreeMap;

use kubemedic_model::usage::ModelUsage;
use kubemedic_ports::chat_model::{ChatError, ChatReply, Delta, OnDelta};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    super::{
        draft::{CUT, Draft, OUT_OF_TOKENS, malformed, parsed},
        remote::{Answer, Progress},
    },
    refusal,
};

/// The most blocks of thoughts that are kept to be given back.
const MAX_THOUGHTS: usize = 64;

#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Event {
    Message(Message),
    MessageStart {
        message: Message,
    },
    ContentBlockStart {
        index: u64,
        content_block: Block,
    },
    ContentBlockDelta {
        index: u64,
        delta: BlockDelta,
    },
    MessageDelta {
        delta: MessageDelta,
        usage: Option<Usage>,
    },
    MessageStop,
    Error {
        error: Value,
    },
    #[serde(other)]
    Other,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Message {
    id: Option<String>,
    model: Option<String>,
    content: Option<Vec<Block>>,
    stop_reason: Option<String>,
    usage: Option<Usage>,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Block {
    Text {
        text: String,
    },
    ToolUse {
        id: String,
        name: String,
        input: Option<Value>,
    },
    Thinking {
        thinking: Option<String>,
        signature: Option<String>,
    },
    RedactedThinking {
        data: String,
    },
    #[serde(other)]
    Other,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum BlockDelta {
    TextDelta {
        text: String,
    },
    InputJsonDelta {
        partial_json: String,
    },
    ThinkingDelta {
        thinking: String,
    },
    SignatureDelta {
        signature: String,
    },
    #[serde(other)]
    Other,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct MessageDelta {
    stop_reason: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Usage {
    #[serde(rename = "input_tokens")]
    input: Option<u64>,
    #[serde(rename = "output_tokens")]
    output: Option<u64>,
    #[serde(rename = "cache_read_input_tokens")]
    from_cache: Option<u64>,
    #[serde(rename = "cache_creation_input_tokens")]
    into_cache: Option<u64>,
}

/// Thoughts that are given back with the calls that follow from them.
#[derive(Debug)]
enum Thought {
    Open { thinking: String, signature: String },
    Redacted { data: String },
}

/// An answer so far.
#[derive(Debug, Default)]
pub(crate) struct Reply {
    draft: Draft,
    thoughts: BTreeMap<u64, Thought>,
    usage: Usage,
    ended: bool,
}

impl Answer for Reply {
    fn piece(&mut self, piece: &str, on_delta: &mut OnDelta<'_>) -> Result<Progress, ChatError> {
        match parsed(piece)? {
            Event::Message(message) => {
                self.message(message, on_delta)?;
                self.ended = true;
                return Ok(Progress::Done);
            }
            Event::MessageStart { message } => self.message(message, on_delta)?,
            Event::ContentBlockStart { index, content_block } => {
                self.block(index, content_block, on_delta)?;
            }
            Event::ContentBlockDelta { index, delta } => self.block_delta(index, delta, on_delta)?,
            Event::MessageDelta { delta, usage } => {
                self.draft.finish_reason = delta.stop_reason.or(self.draft.finish_reason.take());
                self.spend(usage);
            }
            Event::MessageStop => {
                self.ended = true;
                return Ok(Progress::Done);
            }
            Event::Error { error } => return Err(refusal::inside(&error)),
            Event::Other => (),
        }
        Ok(Progress::More)
    }

    fn end(mut self) -> Result<ChatReply, ChatError> {
        let Some(reason) = self.draft.finish_reason.clone().filter(|_| self.ended) else {
            return Err(CUT);
        };
        accept(&reason, self.draft.call_count() > 0)?;
        self.draft.usage = spent(&self.usage);
        self.sign()?;
        self.draft.into_reply()
    }
}

impl Reply {
    fn message(&mut self, message: Message, on_delta: &mut OnDelta<'_>) -> Result<(), ChatError> {
        self.draft.model = message.model.unwrap_or_default();
        self.draft.response_id = message.id;
        self.draft.finish_reason = message.stop_reason;
        self.spend(message.usage);
        let mut blocks = message.content.into_iter().flatten().zip(0..);
        blocks.try_for_each(|(block, index)| self.block(index, block, on_delta))
    }

    fn block(&mut self, index: u64, block: Block, on_delta: &mut OnDelta<'_>) -> Result<(), ChatError> {
        match block {
            Block::Text { text } => self.draft.say(text, on_delta),
            Block::ToolUse { id, name, input } => {
                let call = self.draft.call(index)?;
                call.id = Some(id);
                call.name = name;
                // In a stream it is empty here, and comes in pieces.
                call.value = input.filter(|it| it.as_object().is_some_and(|it| !it.is_empty()));
            }
            Block::Thinking { thinking, signature } => {
                let (thinking, signature) = (thinking.unwrap_or_default(), signature.unwrap_or_default());
                let thought = Thought::Open {
                    thinking: thinking.clone(),
                    signature,
                };
                self.remember(index, thought)?;
                told(thinking, on_delta);
            }
            Block::RedactedThinking { data } => self.remember(index, Thought::Redacted { data })?,
            Block::Other => (),
        }
        Ok(())
    }

    fn block_delta(
        &mut self,
        index: u64,
        delta: BlockDelta,
        on_delta: &mut OnDelta<'_>,
    ) -> Result<(), ChatError> {
        let thought = match self.thoughts.get_mut(&index) {
            Some(Thought::Open { thinking, signature }) => Some((thinking, signature)),
            _ => None,
        };
        match (delta, thought) {
            (BlockDelta::TextDelta { text }, _) => self.draft.say(text, on_delta),
            (BlockDelta::InputJsonDelta { partial_json }, _) => {
                self.draft.call(index)?.arguments.push_str(&partial_json);
            }
            (BlockDelta::ThinkingDelta { thinking }, Some((kept, _))) => {
                kept.push_str(&thinking);
                told(thinking, on_delta);
            }
            (BlockDelta::SignatureDelta { signature }, Some((_, kept))) => kept.push_str(&signature),
            (BlockDelta::ThinkingDelta { .. } | BlockDelta::SignatureDelta { .. }, None) => {
                return Err(malformed("a thought goes on that never began"));
            }
            (BlockDelta::Other, _) => (),
        }
        Ok(())
    }

    fn remember(&mut self, index: u64, thought: Thought) -> Result<(), ChatError> {
        if self.thoughts.len() >= MAX_THOUGHTS {
            return Err(malformed(format!("it has more than {MAX_THOUGHTS} thoughts")));
        }
        self.thoughts.insert(index, thought);
        Ok(())
    }

    /// Later counts replace earlier ones: they are of the whole answer.
    fn spend(&mut self, usage: Option<Usage>) {
        let new = usage.unwrap_or_default();
        let kept = &mut self.usage;
        kept.input = new.input.or(kept.input);
        kept.output = new.output.or(kept.output);
        kept.from_cache = new.from_cache.or(kept.from_cache);
        kept.into_cache = new.into_cache.or(kept.into_cache);
    }

    /// Puts the thoughts where they come back from: the first call.
    fn sign(&mut self) -> Result<(), ChatError> {
        if self.thoughts.is_empty() {
            return Ok(());
        }
        let thoughts: Vec<Value> = std::mem::take(&mut self.thoughts)
            .into_values()
            .map(|thought| match thought {
                Thought::Open { thinking, signature } => {
                    json!({"type": "thinking", "thinking": thinking, "signature": signature})
                }
                Thought::Redacted { data } => json!({"type": "redacted_thinking", "data": data}),
            })
            .collect();
        if let Some(first) = self.draft.first_place() {
            self.draft.call(first)?.signature = Some(Value::Array(thoughts).to_string());
        }
        Ok(())
    }
}

fn told(thinking: String, on_delta: &mut OnDelta<'_>) {
    if !thinking.is_empty() {
        on_delta(Delta::Reasoning(thinking));
    }
}

fn accept(reason: &str, has_calls: bool) -> Result<(), ChatError> {
    match reason {
        "end_turn" | "stop_sequence" => Ok(()),
        "tool_use" if has_calls => Ok(()),
        "max_tokens" | "model_context_window_exceeded" => Err(OUT_OF_TOKENS),
        "refusal" => Err(ChatError::Blocked {
            reason: reason.to_owned(),
        }),
        other => Err(malformed(format!("it ended with {other}"))),
    }
}

fn spent(usage: &Usage) -> ModelUsage {
    let count = |it: Option<u64>| it.unwrap_or(0);
    let cached_tokens = count(usage.from_cache);
    ModelUsage {
        input_tokens: count(usage.input)
            .saturating_add(cached_tokens)
            .saturating_add(count(usage.into_cache)),
        output_tokens: count(usage.output),
        reasoning_tokens: 0,
        cached_tokens,
    }
}
