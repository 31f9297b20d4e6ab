//! OpenAI's chat completions, which vLLM, llama.cpp and most gateways speak too. What a server does not know of the newer fields is
//! learnt from its refusal and left out from then on; the Responses API is not spoken.

mod negotiation;
mod refusal;
mod reply;
mod request;

use kubemedic_ports::chat_model::{ChatError, ChatRequest, ModelName, Provider};
use secrecy::SecretString;
use serde_json::Value;

use self::negotiation::Known;
use super::{
    LlmTimeouts,
    connection::{Call, Connection},
    failure::Refusal,
    frames::Framing,
    remote::{Remote, Wire},
};
use crate::http::BadServerUrl;

/// OpenAI's own host: it lists every model, and wants the newer names of fields.
const OWN_HOST: &str = "api.openai.com";

/// How a model behind chat completions is reached.
#[derive(Clone)]
pub struct OpenAiSettings {
    /// The address, with `/v1` where the server has it.
    pub base_url: String,
    /// The key; local servers need none.
    pub key: Option<SecretString>,
    /// The model.
    pub model: String,
    /// How long a call may take.
    pub timeouts: LlmTimeouts,
}

/// The protocol of chat completions.
#[derive(Debug)]
pub struct OpenAiWire {
    model: String,
    /// Whether the server is OpenAI's own.
    is_own: bool,
    known: Known,
}

/// A model behind chat completions.
pub type OpenAi = Remote<OpenAiWire>;

impl OpenAi {
    /// A model. Nothing is sent yet.
    ///
    /// # Errors
    /// [`BadServerUrl`].
    pub fn new(settings: OpenAiSettings) -> Result<Self, BadServerUrl> {
        let connection = Connection::new(&settings.base_url, settings.timeouts)?
            .without_suffix("/chat/completions")
            .with_key("authorization", "Bearer ", settings.key.as_ref());
        let wire = OpenAiWire {
            model: settings.model.clone(),
            is_own: connection.host() == OWN_HOST,
            known: Known::default(),
        };
        let name = ModelName {
            provider: Provider::OpenAi,
            model: settings.model,
        };
        Ok(Self::over(name, connection, wire))
    }
}

impl Wire for OpenAiWire {
    const FRAMING: Framing = Framing::Events;
    type Answer = reply::Reply;

    fn call(&self, request: &ChatRequest, streamed: bool) -> Call {
        let target = request::Target {
            model: &self.model,
            is_own: self.is_own,
            known: &self.known,
        };
        Call::new(["chat", "completions"]).posting(request::body(&target, request, streamed))
    }

    fn failure(&self, refusal: &Refusal) -> ChatError {
        refusal::of(refusal)
    }

    fn learns(&self, refusal: &Refusal, call: &Call) -> bool {
        call.body
            .as_ref()
            .is_some_and(|body| self.known.learns(refusal, body))
    }

    fn question(&self) -> Call {
        Call::new(["models"])
    }

    /// Other servers list their models under other names than they take, or one that takes all names.
    fn knows_model(&self, body: &[u8]) -> Result<(), ChatError> {
        let list: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
        let Some(models) = list.get("data").and_then(Value::as_array) else {
            return Err(super::draft::malformed("it is no list of models"));
        };
        let is_there = models
            .iter()
            .any(|it| it.get("id").and_then(Value::as_str) == Some(&self.model));
        if self.is_own && !is_there {
            let reason = format!("{} is not in the list of models", self.model);
            return Err(ChatError::ModelGone { reason });
        }
        Ok(())
    }
}
