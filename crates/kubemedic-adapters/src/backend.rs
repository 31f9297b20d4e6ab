//! A running kubemedic as a client sees it: starting a workflow, and nothing else.

use kubemedic_model::evidence_object::EvidenceObject;
use reqwest::{Client, StatusCode, Url};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use crate::http::{self, BadServerUrl, client_for};

/// Why no workflow was started.
#[derive(Debug, thiserror::Error)]
pub enum BackendError {
    /// There is no answer.
    #[error("{url} is not reachable: {reason}")]
    Unavailable {
        /// The server.
        url: String,
        /// Why.
        reason: String,
    },
    /// The server said no.
    #[error("{url} answers {status}: {reason}")]
    Refused {
        /// The server.
        url: String,
        /// The status.
        status: u16,
        /// Its words.
        reason: String,
    },
}

/// A running kubemedic.
#[derive(Debug)]
pub struct Backend {
    client: Client,
    base: Url,
    token: Option<SecretString>,
}

impl Backend {
    /// A server at an address, with its `API_TOKEN` where it wants one.
    ///
    /// # Errors
    /// [`BadServerUrl`].
    pub fn new(url: &str, token: Option<SecretString>) -> Result<Self, BadServerUrl> {
        let (client, base) = client_for(url)?;
        Ok(Self { client, base, token })
    }

    /// The address without credentials.
    pub fn url(&self) -> String {
        http::shown(&self.base)
    }

    /// Starts a workflow and returns its id.
    ///
    /// # Errors
    /// [`BackendError`].
    pub async fn start(&self, evidence: &EvidenceObject) -> Result<String, BackendError> {
        let base = self.base.as_str().trim_end_matches('/');
        let mut request = self
            .client
            .post(format!("{base}/api/v1/workflows/start"))
            .json(evidence);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token.expose_secret());
        }
        let answer = http::answer(request).await;
        let (status, body) = answer.map_err(|reason| self.unavailable(reason))?;
        let id = serde_json::from_slice::<Value>(&body)
            .ok()
            .and_then(|answer| Some(answer.get("workflow_id")?.as_str()?.to_owned()));
        match id {
            Some(id) if status == StatusCode::ACCEPTED => Ok(id),
            _ => Err(BackendError::Refused {
                url: self.url(),
                status: status.as_u16(),
                reason: http::quoted(&body),
            }),
        }
    }

    fn unavailable(&self, reason: String) -> BackendError {
        BackendError::Unavailable {
            url: self.url(),
            reason,
        }
    }
}
