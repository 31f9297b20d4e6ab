//! Google's Gemini API: `generateContent` and `streamGenerateContent`. Which model replaces a retired one is told in `retired`, and
//! decided by the caller.

mod refusal;
mod reply;
mod request;
pub(super) mod retired;

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

/// The model where none is set.
pub const DEFAULT_GEMINI_MODEL: &str = "gemini-3.8-flash";

/// How a Gemini model is reached.
#[derive(Clone)]
pub struct GeminiSettings {
    /// The address, without `/v1beta`.
    pub base_url: String,
    /// The key.
    pub key: SecretString,
    /// The model, with or without `models/`.
    pub model: String,
    /// How long a call may take.
    pub timeouts: LlmTimeouts,
}

/// Gemini's protocol.
#[derive(Debug)]
pub struct GeminiWire {
    model: String,
}

/// A Gemini model.
pub type Gemini = Remote<GeminiWire>;

impl Gemini {
    /// A model. Nothing is sent yet.
    ///
    /// # Errors
    /// [`BadServerUrl`].
    pub fn new(settings: GeminiSettings) -> Result<Self, BadServerUrl> {
        let connection = Connection::new(&settings.base_url, settings.timeouts)?
            .without_suffix("/v1beta")
            .with_key("x-goog-api-key", "", Some(&settings.key));
        let id = settings.model.strip_prefix("models/").unwrap_or(&settings.model);
        let wire = GeminiWire { model: id.to_owned() };
        let name = ModelName {
            provider: Provider::Gemini,
            model: settings.model,
        };
        Ok(Self::over(name, connection, wire))
    }
}

impl Wire for GeminiWire {
    const FRAMING: Framing = Framing::Events;
    type Answer = reply::Reply;

    fn call(&self, request: &ChatRequest, streamed: bool) -> Call {
        let verb = if streamed {
            "streamGenerateContent"
        } else {
            "generateContent"
        };
        let path = [
            "v1beta".to_owned(),
            "models".to_owned(),
            format!("{}:{verb}", self.model),
        ];
        Call {
            query: streamed.then_some(("alt", "sse")),
            ..Call::new(path).posting(request::body(&self.model, request))
        }
    }

    fn failure(&self, refusal: &Refusal) -> ChatError {
        refusal::of(refusal)
    }

    fn question(&self) -> Call {
        Call::new(["v1beta", "models", &self.model])
    }

    fn knows_model(&self, _body: &[u8]) -> Result<(), ChatError> {
        Ok(())
    }
}
