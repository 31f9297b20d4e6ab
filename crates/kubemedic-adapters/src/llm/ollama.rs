//! Ollama's own chat: the form of an answer goes into `format`, which its OpenAI-like door and other clients lose.

mod reply;
mod request;

use kubemedic_ports::chat_model::{ChatError, ChatRequest, ModelName, Provider};
use secrecy::SecretString;
use serde_json::Value;

use super::{
    LlmTimeouts,
    connection::{Call, Connection},
    draft::malformed,
    failure::Refusal,
    frames::Framing,
    remote::{Remote, Wire},
};
use crate::http::BadServerUrl;

/// Where Ollama listens.
const PORT: u16 = 11434;

/// How an Ollama model is reached.
#[derive(Clone)]
pub struct OllamaSettings {
    /// The address; `host` and `host:port` are taken too, as `OLLAMA_HOST` has them.
    pub base_url: String,
    /// The key, where something before it wants one.
    pub key: Option<SecretString>,
    /// The model, with or without its tag.
    pub model: String,
    /// How long a call may take. The first answer includes loading the model.
    pub timeouts: LlmTimeouts,
}

/// Ollama's protocol.
#[derive(Debug)]
pub struct OllamaWire {
    model: String,
}

/// An Ollama model.
pub type Ollama = Remote<OllamaWire>;

impl Ollama {
    /// A model. Nothing is sent yet.
    ///
    /// # Errors
    /// [`BadServerUrl`].
    pub fn new(settings: OllamaSettings) -> Result<Self, BadServerUrl> {
        let connection = Connection::new(&address(&settings.base_url), settings.timeouts)?
            .without_suffix("/api")
            .with_key("authorization", "Bearer ", settings.key.as_ref());
        let wire = OllamaWire {
            model: settings.model.clone(),
        };
        let name = ModelName {
            provider: Provider::Ollama,
            model: settings.model,
        };
        Ok(Self::over(name, connection, wire))
    }
}

/// An address from what `OLLAMA_HOST` may hold: without a scheme its own port is meant where none is named.
pub(crate) fn address(text: &str) -> String {
    let text = text.trim();
    if text.contains("://") {
        return text.to_owned();
    }
    // What a server listens on is no address to call.
    let text = text.replacen("0.0.0.0", "127.0.0.1", 1);
    let host = text.split('/').next().unwrap_or_default();
    let has_port = host
        .rsplit_once(':')
        .is_some_and(|(_, port)| !port.is_empty() && port.chars().all(|c| c.is_ascii_digit()));
    if has_port || text.contains('/') {
        format!("http://{text}")
    } else {
        format!("http://{text}:{PORT}")
    }
}

impl Wire for OllamaWire {
    const FRAMING: Framing = Framing::Lines;
    type Answer = reply::Reply;

    fn call(&self, request: &ChatRequest, streamed: bool) -> Call {
        Call::new(["api", "chat"]).posting(request::body(&self.model, request, streamed))
    }

    fn failure(&self, refusal: &Refusal) -> ChatError {
        refusal.by_status(refusal.json().get("error").and_then(Value::as_str))
    }

    fn question(&self) -> Call {
        Call::new(["api", "tags"])
    }

    fn knows_model(&self, body: &[u8]) -> Result<(), ChatError> {
        let list: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
        let Some(models) = list.get("models").and_then(Value::as_array) else {
            return Err(malformed("it is no list of models"));
        };
        let latest = format!("{}:latest", self.model);
        let is_it = |name: &str| name == self.model || name == latest;
        let names = |it: &Value| {
            ["name", "model"]
                .iter()
                .any(|key| it.get(key).and_then(Value::as_str).is_some_and(is_it))
        };
        if models.iter().any(names) {
            return Ok(());
        }
        let reason = format!("{} is not on the server: run ollama pull {0}", self.model);
        Err(ChatError::ModelGone { reason })
    }
}
