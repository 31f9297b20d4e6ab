//! Embedders behind the `Embedder` port: a static model from a local folder, and the providers' embedding calls. Each answer is
//! checked, brought to length 1 and remembered for a while. It fetches no models: that is a step of the set-up.

mod cache;
mod checked;
mod remote;
mod static_model;
mod wire;

#[cfg(test)]
mod tests;

use std::{path::PathBuf, str::FromStr, sync::Arc};

use kubemedic_ports::{
    chat_model::{ModelName, Provider},
    embedder::Embedder,
};

pub use self::{
    cache::Cached,
    remote::RemoteEmbedder,
    static_model::{BadModel, SUMS_FILE, StaticEmbedder},
};
use crate::{http::BadServerUrl, llm::Endpoints};

/// The word before the folder of a static model.
const STATIC: &str = "static:";

/// Which embedder: `static:FOLDER`, or `provider:model`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EmbeddingSpec {
    /// A static model in a local folder.
    Static(PathBuf),
    /// A provider's model.
    Provider(ModelName),
}

/// A text names no embedder.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' names no embedder: write static:FOLDER, gemini:MODEL, openai:MODEL or ollama:MODEL")]
pub struct BadEmbeddingSpec(pub String);

impl FromStr for EmbeddingSpec {
    type Err = BadEmbeddingSpec;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = || BadEmbeddingSpec(text.to_owned());
        let text = text.trim();
        if let Some(folder) = text.strip_prefix(STATIC) {
            let folder = folder.trim();
            return if folder.is_empty() {
                Err(bad())
            } else {
                Ok(Self::Static(folder.into()))
            };
        }
        let model: ModelName = text.parse().map_err(|_| bad())?;
        if model.provider == Provider::Anthropic {
            return Err(bad());
        }
        Ok(Self::Provider(model))
    }
}

/// Why there is no embedder.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The folder holds no usable model.
    #[error(transparent)]
    Model(#[from] BadModel),
    /// The provider's address is none.
    #[error(transparent)]
    Address(#[from] BadServerUrl),
    /// The provider has no embeddings.
    #[error("{0} has no embeddings")]
    NoEmbeddings(ModelName),
    /// The provider wants a key.
    #[error("{0} needs a key: set one for {provider}", provider = .0.provider)]
    NoKey(ModelName),
}

/// The embedder of that name, which remembers what it was asked of late. A static model is read and checked now; nothing is sent.
///
/// # Errors
/// [`ConnectError`].
pub fn connect(spec: &EmbeddingSpec, endpoints: &Endpoints) -> Result<Arc<dyn Embedder>, ConnectError> {
    Ok(match spec {
        EmbeddingSpec::Static(folder) => Arc::new(Cached::new(StaticEmbedder::open(folder)?)),
        EmbeddingSpec::Provider(model) => Arc::new(Cached::new(RemoteEmbedder::new(model, endpoints)?)),
    })
}
