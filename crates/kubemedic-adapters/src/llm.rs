//! Language models over HTTP: the wires of Gemini, OpenAI-compatible servers, Anthropic and Ollama behind the `ChatModel` port.
//! One request for each call: retries, budgets and fallbacks are `workflow::models`'.

mod anthropic;
pub(crate) mod connection;
mod draft;
pub(crate) mod failure;
mod frames;
mod gemini;
mod ollama;
mod openai;
mod reading;
mod remote;
mod schema;

use std::{fmt, sync::Arc, time::Duration};

use kubemedic_ports::chat_model::{ChatModel, ModelName, Provider};
use secrecy::SecretString;

pub use anthropic::{Anthropic, AnthropicSettings, AnthropicWire};
pub use gemini::{DEFAULT_GEMINI_MODEL, Gemini, GeminiSettings, GeminiWire, retired::retired_replacement};
pub use ollama::{Ollama, OllamaSettings, OllamaWire};
pub use openai::{OpenAi, OpenAiSettings, OpenAiWire};
pub use remote::Remote;

use crate::http::{BadServerUrl, parsed, shown};

/// How long the parts of a call may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LlmTimeouts {
    /// Until there is a connection.
    pub connect: Duration,
    /// Until a streamed answer begins. An answer that comes at once begins when it is ready: for it, `whole` holds.
    pub first_byte: Duration,
    /// Between two pieces of an answer.
    pub idle: Duration,
    /// The whole call.
    pub whole: Duration,
}

impl Default for LlmTimeouts {
    /// 5 seconds to connect, 60 to begin, 30 between pieces, 180 for all.
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            first_byte: Duration::from_mins(1),
            idle: Duration::from_secs(30),
            whole: Duration::from_mins(3),
        }
    }
}

/// Where a provider is, and what it is shown.
#[derive(Clone)]
pub struct Endpoint {
    /// Its address, without the parts that belong to the protocol.
    pub base_url: String,
    /// The key; local servers need none.
    pub key: Option<SecretString>,
}

impl Endpoint {
    /// An address without a key.
    pub fn at(base_url: &str) -> Self {
        Self {
            base_url: base_url.to_owned(),
            key: None,
        }
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The address may carry a password.
        let shown = parsed(&self.base_url).map_or_else(|_| "(unreadable)".to_owned(), |it| shown(&it));
        let key = self.key.is_some();
        f.debug_struct("Endpoint")
            .field("url", &shown)
            .field("has_key", &key)
            .finish()
    }
}

/// Where the four providers are.
#[derive(Debug, Clone)]
pub struct Endpoints {
    /// Google's Gemini API.
    pub gemini: Endpoint,
    /// OpenAI, or a server that speaks like it. Its address ends in `/v1` in most cases.
    pub openai: Endpoint,
    /// Anthropic.
    pub anthropic: Endpoint,
    /// Ollama.
    pub ollama: Endpoint,
    /// How long a call may take.
    pub timeouts: LlmTimeouts,
}

impl Default for Endpoints {
    /// The providers' own addresses and Ollama's on this machine, without keys.
    fn default() -> Self {
        Self {
            gemini: Endpoint::at("https://generativelanguage.googleapis.com"),
            openai: Endpoint::at("https://api.openai.com/v1"),
            anthropic: Endpoint::at("https://api.anthropic.com"),
            ollama: Endpoint::at("http://127.0.0.1:11434"),
            timeouts: LlmTimeouts::default(),
        }
    }
}

/// Why a model cannot be asked at all.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The provider wants a key.
    #[error("{model} needs a key: set one for {}", .model.provider)]
    NoKey {
        /// The model.
        model: ModelName,
    },
    /// The provider's address is none.
    #[error(transparent)]
    Address(#[from] BadServerUrl),
}

/// The model of that name. Nothing is sent yet.
///
/// # Errors
/// [`ConnectError`].
pub fn connect(name: &ModelName, endpoints: &Endpoints) -> Result<Arc<dyn ChatModel>, ConnectError> {
    let (model, timeouts) = (name.model.clone(), endpoints.timeouts);
    let needed = |key: &Option<SecretString>| {
        key.clone()
            .ok_or_else(|| ConnectError::NoKey { model: name.clone() })
    };
    Ok(match name.provider {
        Provider::Gemini => Arc::new(Gemini::new(GeminiSettings {
            base_url: endpoints.gemini.base_url.clone(),
            key: needed(&endpoints.gemini.key)?,
            model,
            timeouts,
        })?),
        Provider::OpenAi => Arc::new(OpenAi::new(OpenAiSettings {
            base_url: endpoints.openai.base_url.clone(),
            key: endpoints.openai.key.clone(),
            model,
            timeouts,
        })?),
        Provider::Anthropic => Arc::new(Anthropic::new(AnthropicSettings {
            base_url: endpoints.anthropic.base_url.clone(),
            key: needed(&endpoints.anthropic.key)?,
            model,
            timeouts,
        })?),
        Provider::Ollama => Arc::new(Ollama::new(OllamaSettings {
            base_url: endpoints.ollama.base_url.clone(),
            key: endpoints.ollama.key.clone(),
            model,
            timeouts,
        })?),
    })
}

#[cfg(test)]
mod tests;
