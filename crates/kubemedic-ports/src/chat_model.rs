//! A language model that answers one request: what it is asked, what it says, and the closed list of ways in which it fails.
//! Retries, budgets and fallbacks are the caller's (`workflow::models`), the wire is the adapter's.

use std::{fmt, str::FromStr, time::Duration};

use async_trait::async_trait;
use kubemedic_model::usage::ModelUsage;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Whose protocol a model speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    /// Google's Gemini API (`generateContent`).
    Gemini,
    /// OpenAI's chat completions, which vLLM, llama.cpp and most gateways speak too.
    OpenAi,
    /// Anthropic's messages.
    Anthropic,
    /// Ollama's own chat.
    Ollama,
}

impl Provider {
    /// All of them, in the order in which one is chosen where several are configured.
    pub const ALL: [Self; 4] = [Self::Gemini, Self::OpenAi, Self::Anthropic, Self::Ollama];

    /// The word of settings and events: `gemini`, `openai`, `anthropic`, `ollama`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gemini => "gemini",
            Self::OpenAi => "openai",
            Self::Anthropic => "anthropic",
            Self::Ollama => "ollama",
        }
    }

    /// The value of OpenTelemetry's `gen_ai.provider.name`.
    pub fn telemetry_name(self) -> &'static str {
        match self {
            Self::Gemini => "gcp.gemini",
            other => other.as_str(),
        }
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A model of a provider, written `provider:model`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ModelName {
    /// Whose protocol it speaks.
    pub provider: Provider,
    /// Its id there.
    pub model: String,
}

impl fmt::Display for ModelName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.provider, self.model)
    }
}

/// A text does not name a model.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' names no model: write provider:model with gemini, openai, anthropic or ollama")]
pub struct BadModelName(pub String);

impl FromStr for ModelName {
    type Err = BadModelName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = || BadModelName(text.to_owned());
        let (provider, model) = text.trim().split_once(':').ok_or_else(bad)?;
        let provider = Provider::ALL
            .into_iter()
            .find(|it| it.as_str() == provider)
            .ok_or_else(bad)?;
        let model = model.trim().to_owned();
        if model.is_empty() {
            return Err(bad());
        }
        Ok(Self { provider, model })
    }
}

/// A function that the model may ask for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ToolSpec {
    /// Its name: letters, digits and underscores.
    pub name: String,
    /// What it gives, for the model.
    pub description: String,
    /// JSON Schema of its arguments: an object.
    pub parameters: Value,
}

/// A function that the model asks for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ToolCall {
    /// The provider's id of the call; made up by the adapter where the provider gives none.
    pub id: String,
    /// The function.
    pub name: String,
    /// Its arguments, as they came: not checked against the schema.
    pub arguments: Value,
    /// What the provider wants to see again with the call (Gemini's `thoughtSignature`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<String>,
}

/// What a function gave.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ToolResult {
    /// The id of the call.
    pub call_id: String,
    /// The function.
    pub name: String,
    /// What it gave, or why it gave nothing.
    pub content: String,
}

/// One turn of a conversation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "role", rename_all = "snake_case")]
pub enum Turn {
    /// What we say.
    User {
        /// The words.
        text: String,
    },
    /// What the model said.
    Assistant {
        /// The words; may be empty where it only asked for functions.
        text: String,
        /// The functions that it asked for.
        calls: Vec<ToolCall>,
    },
    /// What the functions gave.
    Tools {
        /// One for each call of the turn before.
        results: Vec<ToolResult>,
    },
}

/// The form that an answer must have.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AnswerSchema {
    /// Its name: letters, digits and underscores.
    pub name: String,
    /// Strict JSON Schema: every property required, no additional ones, no `$ref`.
    pub schema: Value,
}

/// How much a model may think before it answers, where it can.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effort {
    /// As little as it can.
    Low,
    /// Its own measure.
    Default,
}

/// What a model is asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChatRequest {
    /// The instructions.
    pub system: String,
    /// The conversation so far, ours first.
    pub turns: Vec<Turn>,
    /// The form of the answer; free text where there is none.
    pub schema: Option<AnswerSchema>,
    /// The functions that it may ask for. Empty: none.
    pub tools: Vec<ToolSpec>,
    /// The most tokens of the answer, thinking included.
    pub max_tokens: u32,
    /// Sent only where somebody set it.
    pub temperature: Option<f64>,
    /// How much it may think.
    pub effort: Effort,
    /// The random word around quoted data in the texts above: two requests that differ only in it are the same question.
    pub boundary: String,
}

/// What a model said, whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChatReply {
    /// The answer, without its thoughts; empty where it only asked for functions.
    pub text: String,
    /// The functions that it asks for.
    pub calls: Vec<ToolCall>,
    /// What it cost in tokens.
    pub usage: ModelUsage,
    /// The model that answered, as the provider names it.
    pub model: String,
    /// The provider's id of the answer.
    pub response_id: Option<String>,
    /// Why it ended, in the provider's word.
    pub finish_reason: String,
}

/// A piece of an answer on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delta {
    /// A piece of the answer.
    Text(String),
    /// A piece of the thoughts before it.
    Reasoning(String),
    /// What was told so far is worthless: the answer begins anew. Told by whoever tries again.
    Restart,
}

/// Who hears the pieces of an answer. It must not block.
pub type OnDelta<'a> = &'a mut (dyn FnMut(Delta) + Send + Sync);

/// What cut an answer short.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CutBy {
    /// The limit of tokens, or of the context.
    Tokens,
    /// The connection, before the answer's end was seen.
    Connection,
}

/// Why there is no answer. Reasons are quoted from outside: bounded, without credentials, not yet redacted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(tag = "error", rename_all = "snake_case")]
pub enum ChatError {
    /// The key is missing, wrong or not allowed: asking again is useless.
    #[error("the key was refused: {reason}")]
    Auth {
        /// The provider's words.
        reason: String,
    },
    /// The model does not exist there any more, or never did.
    #[error("the model is not there: {reason}")]
    ModelGone {
        /// The provider's words.
        reason: String,
    },
    /// The provider does not take the request: asking again is useless.
    #[error("the request was refused: {reason}")]
    BadRequest {
        /// The provider's words.
        reason: String,
    },
    /// Too many requests for now.
    #[error("too many requests: {reason}")]
    RateLimited {
        /// How long to wait, where the provider says so.
        after: Option<Duration>,
        /// The provider's words.
        reason: String,
    },
    /// The quota of the day or the account is used up: asking again soon is useless.
    #[error("the quota is used up: {reason}")]
    QuotaExhausted {
        /// The provider's words.
        reason: String,
    },
    /// The provider failed or is overloaded.
    #[error("the provider failed: {reason}")]
    Overloaded {
        /// How long to wait, where the provider says so.
        after: Option<Duration>,
        /// The provider's words.
        reason: String,
    },
    /// No answer, or no next piece of it, came in time.
    #[error("no answer within {waited:?}")]
    Timeout {
        /// How long was waited.
        waited: Duration,
    },
    /// The provider's filter kept back the question or the answer.
    #[error("the answer was blocked: {reason}")]
    Blocked {
        /// The provider's word.
        reason: String,
    },
    /// The answer is not whole.
    #[error("the answer was cut short by {by:?}")]
    Truncated {
        /// What cut it.
        by: CutBy,
    },
    /// The answer is not what the protocol says, or empty.
    #[error("the answer is unreadable: {reason}")]
    Malformed {
        /// What is wrong with it.
        reason: String,
    },
    /// The provider cannot be reached, or the connection broke before an answer began.
    #[error("the provider is not reachable: {reason}")]
    Transport {
        /// Why.
        reason: String,
    },
}

impl ChatError {
    /// The words that are quoted from outside, for whoever cuts or redacts them.
    pub fn reason_mut(&mut self) -> Option<&mut String> {
        match self {
            Self::Auth { reason }
            | Self::ModelGone { reason }
            | Self::BadRequest { reason }
            | Self::RateLimited { reason, .. }
            | Self::QuotaExhausted { reason }
            | Self::Overloaded { reason, .. }
            | Self::Blocked { reason }
            | Self::Malformed { reason }
            | Self::Transport { reason } => Some(reason),
            Self::Timeout { .. } | Self::Truncated { .. } => None,
        }
    }

    /// The word of metrics and OpenTelemetry's `error.type`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Auth { .. } => "auth",
            Self::ModelGone { .. } => "model_gone",
            Self::BadRequest { .. } => "bad_request",
            Self::RateLimited { .. } => "rate_limited",
            Self::QuotaExhausted { .. } => "quota_exhausted",
            Self::Overloaded { .. } => "overloaded",
            Self::Timeout { .. } => "timeout",
            Self::Blocked { .. } => "blocked",
            Self::Truncated { .. } => "truncated",
            Self::Malformed { .. } => "malformed",
            Self::Transport { .. } => "transport",
        }
    }
}

/// A language model. Each call is one request on the wire: it never retries by itself, and it takes a bounded time.
#[async_trait]
pub trait ChatModel: Send + Sync + fmt::Debug {
    /// Its name.
    fn name(&self) -> &ModelName;

    /// The server's host and port, for telemetry; no path, no credentials.
    fn server(&self) -> String;

    /// Answers, telling the pieces on their way. What was told is worthless when the result is an error.
    ///
    /// # Errors
    /// [`ChatError`]; an answer that is not whole is always an error.
    async fn stream(&self, request: &ChatRequest, on_delta: OnDelta<'_>) -> Result<ChatReply, ChatError>;

    /// Answers at once.
    ///
    /// # Errors
    /// [`ChatError`]; an answer that is not whole is always an error.
    async fn complete(&self, request: &ChatRequest) -> Result<ChatReply, ChatError>;

    /// Looks whether the provider takes the key and knows the model, without asking anything of the model.
    ///
    /// # Errors
    /// [`ChatError`].
    async fn check(&self) -> Result<(), ChatError>;
}
