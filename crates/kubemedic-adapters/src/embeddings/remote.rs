//! An embedder over HTTP: texts in batches, one request each, no retries; errors without credentials.

use std::time::Duration;

use async_trait::async_trait;
use kubemedic_ports::{
    chat_model::{ModelName, Provider},
    embedder::{EmbedError, Embedder},
};
use secrecy::ExposeSecret;

use super::{
    ConnectError,
    checked::{bounded, checked},
    wire,
};
use crate::{
    http::quoted,
    llm::{
        Endpoint, Endpoints, LlmTimeouts,
        connection::{Call, Connection, Unanswered},
    },
};

/// The texts of one request: every provider takes as many.
const AT_A_TIME: usize = 64;
/// The most texts of one call: more are refused, so that its time is bounded.
const MAX_TEXTS: usize = 1024;
/// How long one request may take: likeness is a help that nobody waits long for.
const WHOLE: Duration = Duration::from_secs(10);

/// An embedding model of a provider.
#[derive(Debug)]
pub struct RemoteEmbedder {
    model: ModelName,
    name: String,
    path: Vec<String>,
    connection: Connection,
}

impl RemoteEmbedder {
    /// The model of that name. Nothing is sent yet.
    ///
    /// # Errors
    /// [`ConnectError`] when the provider has no embeddings, wants a key, or its address is none.
    pub fn new(model: &ModelName, endpoints: &Endpoints) -> Result<Self, ConnectError> {
        let none = || ConnectError::NoEmbeddings(model.clone());
        let path = wire::path(model.provider, &model.model).ok_or_else(none)?;
        let timeouts = LlmTimeouts {
            connect: endpoints.timeouts.connect.min(WHOLE),
            first_byte: endpoints.timeouts.first_byte.min(WHOLE),
            idle: endpoints.timeouts.idle.min(WHOLE),
            whole: endpoints.timeouts.whole.min(WHOLE),
        };
        let at = |endpoint: &Endpoint| Connection::new(&endpoint.base_url, timeouts);
        let connection = match model.provider {
            Provider::Gemini => {
                let key = endpoints.gemini.key.as_ref();
                if key.is_none_or(|it| it.expose_secret().trim().is_empty()) {
                    return Err(ConnectError::NoKey(model.clone()));
                }
                at(&endpoints.gemini)?
                    .without_suffix("/v1beta")
                    .with_key("x-goog-api-key", "", key)
            }
            Provider::OpenAi => {
                at(&endpoints.openai)?.with_key("authorization", "Bearer ", endpoints.openai.key.as_ref())
            }
            Provider::Ollama => at(&endpoints.ollama)?.without_suffix("/api").with_key(
                "authorization",
                "Bearer ",
                endpoints.ollama.key.as_ref(),
            ),
            Provider::Anthropic => return Err(none()),
        };
        Ok(Self {
            model: model.clone(),
            name: model.to_string(),
            path,
            connection,
        })
    }

    fn failed(&self, reason: String) -> EmbedError {
        EmbedError {
            embedder: self.name.clone(),
            reason: self.connection.without_secrets(reason),
        }
    }

    async fn ask(&self, texts: &[String]) -> Result<Vec<Vec<f32>>, String> {
        let texts: Vec<String> = texts.iter().map(|it| bounded(it)).collect();
        let body = wire::body(self.model.provider, &self.model.model, &texts);
        let call = Call::new(self.path.clone()).posting(body);
        let answer = self.connection.whole(&call).await.map_err(|error| match error {
            Unanswered::Refused(refusal) => {
                format!(
                    "it refused with status {}: {}",
                    refusal.status,
                    quoted(&refusal.body)
                )
            }
            Unanswered::Failed(error) => error.to_string(),
        })?;
        checked(wire::vectors(self.model.provider, &answer)?, texts.len())
    }
}

#[async_trait]
impl Embedder for RemoteEmbedder {
    fn name(&self) -> &str {
        &self.name
    }

    async fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>, EmbedError> {
        if texts.len() > MAX_TEXTS {
            return Err(self.failed(format!(
                "{} texts are more than {MAX_TEXTS} at a time",
                texts.len()
            )));
        }
        let mut vectors = Vec::with_capacity(texts.len());
        for some in texts.chunks(AT_A_TIME) {
            vectors.extend(self.ask(some).await.map_err(|reason| self.failed(reason))?);
        }
        // Each request is of one dimension; all of them must be of the same.
        checked(vectors, texts.len()).map_err(|reason| self.failed(reason))
    }
}
