//! A conversation with a model: rounds of functions, then the answer. What functions give goes back fenced; how often a model may
//! call them is bounded, and so is what it may ask for at a time.

use std::{future::Future, pin::Pin};

use kubemedic_engine::grounding::fence;
use kubemedic_model::event::Agent;
use kubemedic_ports::chat_model::{ChatReply, ChatRequest, OnDelta, ToolCall, ToolResult, Turn};
use tracing::Instrument;

use crate::models::{Answered, Meter, Models, NotUsed};

/// The most rounds of functions.
pub(crate) const MAX_ROUNDS: u32 = 4;
/// The most calls of one round that are answered.
const MAX_CALLS: usize = 6;
/// The most characters that the functions of one conversation give altogether.
const MAX_TOOL_CHARS: usize = 24_000;

/// What answers a function's call off the runtime.
pub(crate) type Functions<'a> =
    &'a (dyn Fn(ToolCall) -> Pin<Box<dyn Future<Output = String> + Send>> + Send + Sync);

/// Who is asked, and what it may cost.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Line<'a> {
    pub(crate) models: &'a Models,
    pub(crate) meter: &'a Meter,
    pub(crate) agent: Agent,
}

/// A conversation so far.
#[derive(Debug)]
pub(crate) struct Conversation<'a> {
    line: Line<'a>,
    request: ChatRequest,
    /// What is said when the rounds are used up.
    enough: String,
    rounds: u32,
    tool_chars: usize,
    /// Who answered last, and whether it was kept from before.
    pub(crate) answered: Option<(String, bool)>,
    /// What happened on the way.
    pub(crate) notes: Vec<String>,
}

impl<'a> Conversation<'a> {
    /// A conversation that begins with a request.
    pub(crate) fn open(line: Line<'a>, request: ChatRequest, enough: String) -> Self {
        Self {
            line,
            request,
            enough,
            rounds: 0,
            tool_chars: 0,
            answered: None,
            notes: Vec::new(),
        }
    }

    /// Says something more.
    pub(crate) fn say(&mut self, text: String) {
        self.request.turns.push(Turn::User { text });
    }

    /// The next answer, after as many rounds of functions as the model wants and may have.
    ///
    /// # Errors
    /// [`NotUsed`] when there is none.
    pub(crate) async fn answer(
        &mut self,
        functions: Option<Functions<'_>>,
        on_delta: OnDelta<'_>,
    ) -> Result<String, NotUsed> {
        loop {
            let Line { models, meter, agent } = self.line;
            let answered = models.chat(agent, &self.request, meter, on_delta).await?;
            let reply = self.heard(answered);
            let Some(functions) = functions.filter(|_| !reply.calls.is_empty()) else {
                return Ok(reply.text);
            };
            if self.rounds > MAX_ROUNDS {
                // It goes on calling although it was told that there is no more: what it said besides is its answer.
                return Ok(reply.text);
            }
            self.rounds += 1;
            let results = self.results(reply.calls, functions).await;
            self.request.turns.push(Turn::Tools { results });
            if self.rounds > MAX_ROUNDS {
                self.say(self.enough.clone());
            }
        }
    }

    /// Keeps what was said.
    fn heard(&mut self, answered: Answered) -> ChatReply {
        self.notes.extend(answered.notes);
        self.answered = Some((answered.by.to_string(), answered.from_cache));
        let reply = answered.reply;
        self.request.turns.push(Turn::Assistant {
            text: reply.text.clone(),
            calls: reply.calls.clone(),
        });
        reply
    }

    /// Answers every call: each must have an answer, or the provider refuses the next request.
    async fn results(&mut self, calls: Vec<ToolCall>, functions: Functions<'_>) -> Vec<ToolResult> {
        let mut results = Vec::new();
        for (position, call) in calls.into_iter().enumerate() {
            let (call_id, name) = (call.id.clone(), call.name.clone());
            let left = MAX_TOOL_CHARS.saturating_sub(self.tool_chars);
            let told = if position >= MAX_CALLS || left == 0 || self.rounds > MAX_ROUNDS {
                "not answered: too many calls; answer with what you know".to_owned()
            } else {
                let span = tracing::info_span!(
                    "execute_tool",
                    otel.name = format!("execute_tool {name}"),
                    gen_ai.operation.name = "execute_tool",
                    gen_ai.tool.name = name,
                    gen_ai.tool.r#type = "function",
                    gen_ai.tool.call.id = call_id,
                );
                let found = functions(call).instrument(span).await;
                found.chars().take(left).collect()
            };
            self.tool_chars += told.chars().count();
            let content = fence(&self.request.boundary, "recorded evidence", &told);
            results.push(ToolResult {
                call_id,
                name,
                content,
            });
        }
        results
    }
}
