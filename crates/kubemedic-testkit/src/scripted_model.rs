//! A language model by script: it answers from a queue or by a function, takes virtual time for it, and remembers what it was
//! asked and when. It knows no wire.

use std::{
    collections::VecDeque,
    fmt,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use kubemedic_model::usage::ModelUsage;
use kubemedic_ports::chat_model::{
    ChatError, ChatModel, ChatReply, ChatRequest, Delta, ModelName, OnDelta, Provider, ToolCall,
};
use serde_json::Value;
use tokio::time::Instant;

use crate::lock;

/// What a scripted answer costs unless it says otherwise.
pub const USAGE: ModelUsage = ModelUsage {
    input_tokens: 100,
    output_tokens: 20,
    reasoning_tokens: 5,
    cached_tokens: 0,
};

/// What happens on one request: pieces and pauses first, then the end.
#[derive(Debug, Clone, PartialEq)]
pub struct Scripted {
    steps: Vec<Step>,
    end: End,
}

#[derive(Debug, Clone, PartialEq)]
enum Step {
    Wait(Duration),
    Piece(Delta),
}

#[derive(Debug, Clone, PartialEq)]
enum End {
    Reply(Box<ChatReply>),
    Error(ChatError),
    Never,
}

impl Scripted {
    /// A whole answer of a text, which costs [`USAGE`]. Asked to stream, the model tells the text in one piece.
    pub fn text(text: &str) -> Self {
        Self::reply(reply(text)).piece(Delta::Text(text.to_owned()))
    }

    /// A value as the answer's text.
    pub fn json(value: &Value) -> Self {
        Self::text(&value.to_string())
    }

    /// An answer that asks for one function only.
    pub fn call(name: &str, arguments: Value) -> Self {
        let mut reply = reply("");
        reply.calls.push(ToolCall {
            id: format!("call_{name}"),
            name: name.to_owned(),
            arguments,
            signature: None,
        });
        Self::reply(reply)
    }

    /// Exactly this answer, without pieces on the way.
    pub fn reply(reply: ChatReply) -> Self {
        Self::ending(End::Reply(Box::new(reply)))
    }

    /// A failure.
    pub fn error(error: ChatError) -> Self {
        Self::ending(End::Error(error))
    }

    /// No end at all: whoever waits has to give up.
    pub fn never() -> Self {
        Self::ending(End::Never)
    }

    fn ending(end: End) -> Self {
        Self {
            steps: Vec::new(),
            end,
        }
    }

    /// Waits before everything else.
    pub fn after(mut self, wait: Duration) -> Self {
        self.steps.insert(0, Step::Wait(wait));
        self
    }

    /// Tells a piece after what is told already.
    pub fn piece(mut self, delta: Delta) -> Self {
        self.steps.push(Step::Piece(delta));
        self
    }

    /// Waits after what is told already.
    pub fn pause(mut self, wait: Duration) -> Self {
        self.steps.push(Step::Wait(wait));
        self
    }
}

/// A whole answer of a text that costs [`USAGE`].
pub fn reply(text: &str) -> ChatReply {
    ChatReply {
        text: text.to_owned(),
        calls: Vec::new(),
        usage: USAGE,
        model: "scripted".to_owned(),
        response_id: None,
        finish_reason: "stop".to_owned(),
    }
}

/// The shortest request: one line of a user.
pub fn request(text: &str) -> ChatRequest {
    ChatRequest {
        system: "You are a test.".to_owned(),
        turns: vec![kubemedic_ports::chat_model::Turn::User {
            text: text.to_owned(),
        }],
        schema: None,
        tools: Vec::new(),
        max_tokens: 1000,
        temperature: None,
        effort: kubemedic_ports::chat_model::Effort::Default,
        boundary: "boundary".to_owned(),
    }
}

type Answer = Box<dyn Fn(&ChatRequest) -> Scripted + Send + Sync>;

/// A model by script. Queued answers come first; then those of the function; without either it refuses the request, which
/// nobody retries.
pub struct ScriptedModel {
    name: ModelName,
    queue: Mutex<VecDeque<Scripted>>,
    answer: Option<Answer>,
    check: Mutex<Result<(), ChatError>>,
    asked: Mutex<Vec<(Instant, ChatRequest)>>,
    under_way: AtomicUsize,
    most_under_way: AtomicUsize,
}

impl fmt::Debug for ScriptedModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScriptedModel")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl ScriptedModel {
    /// A model with the name `provider:model` and an empty queue. A text that names no model becomes a model of Gemini.
    pub fn named(name: &str) -> Self {
        let name = name.parse().unwrap_or_else(|_| ModelName {
            provider: Provider::Gemini,
            model: name.to_owned(),
        });
        Self {
            name,
            queue: Mutex::default(),
            answer: None,
            check: Mutex::new(Ok(())),
            asked: Mutex::default(),
            under_way: AtomicUsize::new(0),
            most_under_way: AtomicUsize::new(0),
        }
    }

    /// A model that answers by a function once its queue is empty.
    pub fn answering(name: &str, answer: impl Fn(&ChatRequest) -> Scripted + Send + Sync + 'static) -> Self {
        Self {
            answer: Some(Box::new(answer)),
            ..Self::named(name)
        }
    }

    /// A model that always does the same.
    pub fn always(name: &str, scripted: Scripted) -> Self {
        Self::answering(name, move |_| scripted.clone())
    }

    /// Adds an answer to the end of the queue.
    pub fn then(self, scripted: Scripted) -> Self {
        self.push(scripted);
        self
    }

    /// Adds an answer to the end of the queue of a model that is in use.
    pub fn push(&self, scripted: Scripted) {
        lock(&self.queue).push_back(scripted);
    }

    /// What [`ChatModel::check`] gives from now on.
    pub fn set_check(&self, result: Result<(), ChatError>) {
        *lock(&self.check) = result;
    }

    /// Everything that it was asked, in order.
    pub fn requests(&self) -> Vec<ChatRequest> {
        lock(&self.asked).iter().map(|(_, it)| it.clone()).collect()
    }

    /// When it was asked, in order.
    pub fn asked_at(&self) -> Vec<Instant> {
        lock(&self.asked).iter().map(|(at, _)| *at).collect()
    }

    /// How many requests are being answered now.
    pub fn under_way(&self) -> usize {
        self.under_way.load(Ordering::SeqCst)
    }

    /// The most requests that were being answered at one time.
    pub fn most_under_way(&self) -> usize {
        self.most_under_way.load(Ordering::SeqCst)
    }

    fn next(&self, request: &ChatRequest) -> Scripted {
        lock(&self.asked).push((Instant::now(), request.clone()));
        if let Some(queued) = lock(&self.queue).pop_front() {
            return queued;
        }
        let end = || {
            Scripted::error(ChatError::BadRequest {
                reason: "the script has no further answer".to_owned(),
            })
        };
        self.answer.as_ref().map_or_else(end, |answer| answer(request))
    }

    async fn play(
        &self,
        request: &ChatRequest,
        mut told: Option<OnDelta<'_>>,
    ) -> Result<ChatReply, ChatError> {
        let _guard = UnderWay::enter(self);
        let Scripted { steps, end } = self.next(request);
        for step in steps {
            match step {
                Step::Wait(wait) => tokio::time::sleep(wait).await,
                Step::Piece(delta) => {
                    if let Some(on_delta) = told.as_mut() {
                        on_delta(delta);
                    }
                }
            }
        }
        match end {
            End::Reply(reply) => Ok(*reply),
            End::Error(error) => Err(error),
            End::Never => std::future::pending().await,
        }
    }
}

/// Counts a request until it is answered or given up.
struct UnderWay<'a>(&'a ScriptedModel);

impl<'a> UnderWay<'a> {
    fn enter(model: &'a ScriptedModel) -> Self {
        let now = model.under_way.fetch_add(1, Ordering::SeqCst) + 1;
        model.most_under_way.fetch_max(now, Ordering::SeqCst);
        Self(model)
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.under_way.fetch_sub(1, Ordering::SeqCst);
    }
}

#[async_trait]
impl ChatModel for ScriptedModel {
    fn name(&self) -> &ModelName {
        &self.name
    }

    fn server(&self) -> String {
        "scripted.example:443".to_owned()
    }

    async fn stream(&self, request: &ChatRequest, on_delta: OnDelta<'_>) -> Result<ChatReply, ChatError> {
        self.play(request, Some(on_delta)).await
    }

    async fn complete(&self, request: &ChatRequest) -> Result<ChatReply, ChatError> {
        self.play(request, None).await
    }

    async fn check(&self) -> Result<(), ChatError> {
        lock(&self.check).clone()
    }
}

#[cfg(test)]
mod tests;
