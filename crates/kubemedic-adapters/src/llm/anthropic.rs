//! Anthropic's messages, version 2023-06-01, with structured output by `output_config`.

mod refusal;
mod reply;
mod request;

use kubemedic_ports::chat_model::{ChatError, ChatRequest, ModelName, Provider};
use secrecy::SecretString;

use super::{
    LlmTimeouts,
    connection::{Call, Connection},
    failure::Refusal,
    frames::Framing,
    remote::{Remote, Wire},
};
use crate::http::BadServerUrl;

/// The version of the protocol.
const VERSION: &str = "2023-06-01";

/// How an Anthropic model is reached.
#[derive(Clone)]
pub struct AnthropicSettings {
    /// The address, without `/v1`.
    pub base_url: String,
    /// The key.
    pub key: SecretString,
    /// The model.
    pub model: String,
    /// How long a call may take.
    pub timeouts: LlmTimeouts,
}

/// Anthropic's protocol.
#[derive(Debug)]
pub struct AnthropicWire {
    model: String,
}

/// An Anthropic model.
pub type Anthropic = Remote<AnthropicWire>;

impl Anthropic {
    /// A model. Nothing is sent yet.
    ///
    /// # Errors
    /// [`BadServerUrl`].
    pub fn new(settings: AnthropicSettings) -> Result<Self, BadServerUrl> {
        let connection = Connection::new(&settings.base_url, settings.timeouts)?
            .without_suffix("/v1")
            .with_key("x-api-key", "", Some(&settings.key))
            .with_header("anthropic-version", VERSION);
        let wire = AnthropicWire {
            model: settings.model.clone(),
        };
        let name = ModelName {
            provider: Provider::Anthropic,
            model: settings.model,
        };
        Ok(Self::over(name, connection, wire))
    }
}

impl Wire for AnthropicWire {
    const FRAMING: Framing = Framing::Events;
    type Answer = reply::Reply;

    fn call(&self, request: &ChatRequest, streamed: bool) -> Call {
        Call::new(["v1", "messages"]).posting(request::body(&self.model, request, streamed))
    }

    fn failure(&self, refusal: &Refusal) -> ChatError {
        refusal::of(refusal)
    }

    fn question(&self) -> Call {
        Call::new(["v1", "models", &self.model])
    }

    fn knows_model(&self, _body: &[u8]) -> Result<(), ChatError> {
        Ok(())
    }
}
