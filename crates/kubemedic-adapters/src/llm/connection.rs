//! Calls to a provider: the address, the key's header, time limits, bounded answers, errors without credentials.
//! It knows no provider; embedders use it too.

use std::{fmt, time::Duration};

use kubemedic_ports::chat_model::{ChatError, CutBy};
use reqwest::{
    Client, RequestBuilder, Response, Url,
    header::{HeaderName, HeaderValue},
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use tokio::time::{Instant, timeout, timeout_at};

use super::{LlmTimeouts, failure::Refusal};
use crate::http::{self, BadServerUrl};

/// The most bytes of a whole answer, streamed ones included: 65,536 tokens of one event each are 25 MiB.
pub(crate) const MAX_ANSWER_BYTES: usize = 32 * 1024 * 1024;
/// The most bytes of a refusal that are read.
const MAX_REFUSAL_BYTES: usize = 64 * 1024;
/// The longest wait for the words of a refusal: its status says enough.
const REFUSAL_WAIT: Duration = Duration::from_secs(5);

/// What is shorter is no secret: taking it out would spoil every text.
const LEAST_SECRET: usize = 6;

/// What is asked.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Call {
    /// Below the address; each segment is encoded.
    pub(crate) path: Vec<String>,
    /// Name and value of the query, where there is one.
    pub(crate) query: Option<(&'static str, &'static str)>,
    /// Posted where there is one.
    pub(crate) body: Option<Value>,
}

impl Call {
    /// A call of a path.
    pub(crate) fn new<S: Into<String>>(path: impl IntoIterator<Item = S>) -> Self {
        Self {
            path: path.into_iter().map(Into::into).collect(),
            query: None,
            body: None,
        }
    }

    /// The call with a body.
    pub(crate) fn posting(self, body: Value) -> Self {
        Self {
            body: Some(body),
            ..self
        }
    }
}

/// Why a call has no answer.
#[derive(Debug)]
pub(crate) enum Unanswered {
    /// The provider said no.
    Refused(Refusal),
    /// Nothing usable came.
    Failed(ChatError),
}

impl From<ChatError> for Unanswered {
    fn from(error: ChatError) -> Self {
        Self::Failed(error)
    }
}

/// A provider's server.
pub(crate) struct Connection {
    client: Client,
    base: Url,
    headers: Vec<(HeaderName, HeaderValue)>,
    secrets: Vec<SecretString>,
    timeouts: LlmTimeouts,
    unusable_key: bool,
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The address may carry a password.
        f.debug_tuple("Connection")
            .field(&http::shown(&self.base))
            .finish()
    }
}

impl Connection {
    /// A server at an address. Redirects are not followed: a key belongs to one server.
    pub(crate) fn new(base_url: &str, timeouts: LlmTimeouts) -> Result<Self, BadServerUrl> {
        let base = http::parsed(base_url.trim())?;
        let client = Client::builder()
            .connect_timeout(timeouts.connect)
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("kubemedic/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| BadServerUrl {
                url: http::shown(&base),
                reason: http::reason(error),
            })?;
        let values = base.query_pairs().map(|(_, value)| value.into_owned());
        let secrets = base.password().map(str::to_owned).into_iter().chain(values);
        let secrets = secrets
            .filter(|it| it.len() >= LEAST_SECRET)
            .map(SecretString::from)
            .collect();
        Ok(Self {
            client,
            base,
            headers: Vec::new(),
            secrets,
            timeouts,
            unusable_key: false,
        })
    }

    /// Shows a key in a header, after a prefix.
    pub(crate) fn with_key(mut self, name: &'static str, prefix: &str, key: Option<&SecretString>) -> Self {
        let Some(key) = key.filter(|it| !it.expose_secret().trim().is_empty()) else {
            return self;
        };
        let text = SecretString::from(key.expose_secret().trim());
        match HeaderValue::from_str(&format!("{prefix}{}", text.expose_secret())) {
            Ok(mut value) => {
                value.set_sensitive(true);
                self.headers.push((HeaderName::from_static(name), value));
                self.secrets.push(text);
            }
            Err(_) => self.unusable_key = true,
        }
        self
    }

    /// Sends a header with each call.
    pub(crate) fn with_header(mut self, name: &'static str, value: &'static str) -> Self {
        self.headers
            .push((HeaderName::from_static(name), HeaderValue::from_static(value)));
        self
    }

    /// Takes a last part off the address's path: people give it with and without.
    pub(crate) fn without_suffix(mut self, suffix: &str) -> Self {
        let path = self.base.path().trim_end_matches('/');
        if let Some(rest) = path.strip_suffix(suffix) {
            let rest = rest.to_owned();
            self.base.set_path(&rest);
        }
        self
    }

    /// The server's host and port.
    pub(crate) fn server(&self) -> String {
        let host = self.base.host_str().unwrap_or_default();
        match self.base.port_or_known_default() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        }
    }

    /// The server's host.
    pub(crate) fn host(&self) -> &str {
        self.base.host_str().unwrap_or_default()
    }

    /// The time limits.
    pub(crate) fn timeouts(&self) -> LlmTimeouts {
        self.timeouts
    }

    /// Sends, and gives the body of a success, which begins within the time given.
    pub(crate) async fn open(&self, call: &Call, begins_within: Duration) -> Result<Body, Unanswered> {
        if self.unusable_key {
            let reason = "the key has characters that no header can carry".to_owned();
            return Err(ChatError::Auth { reason }.into());
        }
        let begins_before = Instant::now() + begins_within;
        let sent = timeout_at(begins_before, self.request(call).send()).await;
        let response = sent
            .map_err(|_| ChatError::Timeout {
                waited: begins_within,
            })?
            .map_err(|error| ChatError::Transport {
                reason: http::reason(error),
            })?;
        if !response.status().is_success() {
            return Err(Unanswered::Refused(refusal(response).await));
        }
        Ok(Body {
            response,
            read_bytes: 0,
            begins_before,
            begins_within,
            idle: self.timeouts.idle,
        })
    }

    /// Sends, and gives the whole body of a success. Takes at most the time for a whole call.
    pub(crate) async fn whole(&self, call: &Call) -> Result<Vec<u8>, Unanswered> {
        let limit = self.timeouts.whole;
        let answered = timeout(limit, async {
            let body = self.open(call, limit).await?;
            Ok(body.whole().await?)
        });
        answered
            .await
            .unwrap_or(Err(Unanswered::Failed(ChatError::Timeout { waited: limit })))
    }

    /// A text without the keys of this connection: a server may repeat what it was shown.
    pub(crate) fn without_secrets(&self, mut text: String) -> String {
        for secret in &self.secrets {
            let secret = secret.expose_secret();
            if !secret.is_empty() && text.contains(secret) {
                text = text.replace(secret, "[key]");
            }
        }
        text
    }

    fn request(&self, call: &Call) -> RequestBuilder {
        let url = self.url(call);
        let mut request = match &call.body {
            Some(body) => self.client.post(url).json(body),
            None => self.client.get(url),
        };
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        request
    }

    fn url(&self, call: &Call) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(&call.path);
        }
        if let Some((name, value)) = call.query {
            url.query_pairs_mut().append_pair(name, value);
        }
        url
    }
}

/// What a refusal says, as far as it comes in time.
async fn refusal(mut response: Response) -> Refusal {
    let status = response.status().as_u16();
    let after = super::failure::asked_pause(response.headers());
    let mut body = Vec::new();
    let read = async {
        while let Ok(Some(chunk)) = response.chunk().await {
            let room = MAX_REFUSAL_BYTES.saturating_sub(body.len());
            body.extend(chunk.iter().take(room));
            if body.len() >= MAX_REFUSAL_BYTES {
                break;
            }
        }
    };
    let _ = timeout(REFUSAL_WAIT, read).await;
    Refusal { status, after, body }
}

/// A success on its way.
pub(crate) struct Body {
    response: Response,
    read_bytes: usize,
    begins_before: Instant,
    begins_within: Duration,
    idle: Duration,
}

impl Body {
    /// Whether it is one JSON document, by its own words.
    pub(crate) fn is_json(&self) -> bool {
        let header = self.response.headers().get(reqwest::header::CONTENT_TYPE);
        header.and_then(|it| it.to_str().ok()).is_some_and(|it| {
            it.trim_start()
                .to_ascii_lowercase()
                .starts_with("application/json")
        })
    }

    /// The next piece; `None` at the end.
    pub(crate) async fn chunk(&mut self) -> Result<Option<Vec<u8>>, ChatError> {
        let begun = self.read_bytes > 0;
        let (waited, next) = if begun {
            (self.idle, timeout(self.idle, self.response.chunk()).await)
        } else {
            let next = timeout_at(self.begins_before, self.response.chunk()).await;
            (self.begins_within, next)
        };
        let next = next.map_err(|_| ChatError::Timeout { waited })?;
        let chunk = next.map_err(|error| broken(begun, error))?;
        let Some(chunk) = chunk else { return Ok(None) };
        self.read_bytes = self.read_bytes.saturating_add(chunk.len());
        if self.read_bytes > MAX_ANSWER_BYTES {
            let reason = format!("it is longer than {MAX_ANSWER_BYTES} bytes");
            return Err(ChatError::Malformed { reason });
        }
        Ok(Some(chunk.to_vec()))
    }

    /// All of it.
    pub(crate) async fn whole(mut self) -> Result<Vec<u8>, ChatError> {
        let mut bytes = Vec::new();
        while let Some(chunk) = self.chunk().await? {
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    }
}

/// A connection that broke while an answer was read.
fn broken(begun: bool, error: reqwest::Error) -> ChatError {
    if begun {
        return ChatError::Truncated {
            by: CutBy::Connection,
        };
    }
    ChatError::Transport {
        reason: http::reason(error),
    }
}
