//! Calls to the servers of one cluster: authentication, TLS, fail-over between addresses, back-off where a server is busy,
//! bounded answers, and errors without credentials.

use std::{
    fmt, fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use backon::{BackoffBuilder, ExponentialBuilder};
use base64::{Engine, prelude::BASE64_STANDARD};
use reqwest::{
    Certificate, Client, Identity, Method, RequestBuilder, Response, StatusCode, Url,
    header::{AUTHORIZATION, HeaderValue, RETRY_AFTER},
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use crate::http;

/// How long a connection may take to be made: short, because another address may answer.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// How long a call may take.
const CALL_TIMEOUT: Duration = Duration::from_secs(20);
/// The first pause before a busy server is asked again.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// The longest pause that a server may ask for.
const LONGEST_PAUSE: Duration = Duration::from_secs(8);
/// How often a busy server is asked again.
const MAX_RETRIES: usize = 4;
/// Elasticsearch's name for itself.
const PRODUCT_HEADER: &str = "x-elastic-product";

/// What the servers are shown.
#[derive(Debug, Clone, Default)]
pub enum Credentials {
    /// Nothing, or what the address itself carries.
    #[default]
    None,
    /// User and password.
    Basic {
        /// The user.
        username: String,
        /// The password.
        password: SecretString,
    },
    /// An API key: `id:key`, or that in base64 as the server hands it out.
    ApiKey(SecretString),
    /// A bearer token.
    Bearer(SecretString),
}

/// How the servers of one cluster are reached.
#[derive(Debug, Clone, Default)]
pub struct Connection {
    /// Their addresses, the first tried first. They may carry a user and a password.
    pub urls: Vec<SecretString>,
    /// What they are shown.
    pub credentials: Credentials,
    /// The only authority that is trusted, in PEM; `None`: those of the system.
    pub ca_file: Option<PathBuf>,
    /// The certificate and the key of this client, in PEM, where the servers want them.
    pub identity: Option<(PathBuf, PathBuf)>,
}

/// Why no client can be made. The message holds no secret.
#[derive(Debug, thiserror::Error)]
pub enum BadConnection {
    /// No address was given, or one is no address.
    #[error("'{shown}' is not an http or https address: {reason}")]
    Address {
        /// The address without credentials.
        shown: String,
        /// What is wrong.
        reason: String,
    },
    /// A file cannot be used.
    #[error("{} cannot be used: {reason}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The client itself cannot be made.
    #[error("no TLS client can be made: {0}")]
    Client(String),
}

/// A call to be made.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) method: Method,
    /// Path and query, encoded.
    pub(super) path: String,
    pub(super) body: Option<Value>,
    /// The most bytes of the answer.
    pub(super) limit: usize,
}

impl Call {
    /// A call without body.
    pub(super) fn new(method: Method, path: impl Into<String>, limit: usize) -> Self {
        Self {
            method,
            path: path.into(),
            body: None,
            limit,
        }
    }

    /// The call with a body.
    pub(super) fn with(self, body: Value) -> Self {
        Self {
            body: Some(body),
            ..self
        }
    }
}

/// An answer, whatever its status.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) body: Vec<u8>,
    /// Whether it says that it is Elasticsearch.
    pub(super) product: bool,
}

/// Why there is no answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NoAnswer {
    /// No server could be reached, or all stayed busy.
    Unreachable(String),
    /// The answer is longer than the call allows.
    TooLong,
}

/// How one try with one server ended.
enum Tried {
    Answered(Answer),
    Busy(Busy),
    Failed(NoAnswer),
}

/// A server that wants to be asked later.
struct Busy {
    pause: Option<Duration>,
    why: String,
}

/// The servers of one cluster.
pub(super) struct Servers {
    client: Client,
    addresses: Vec<Url>,
    authorization: Option<HeaderValue>,
    basic: Option<(String, SecretString)>,
    /// The address that answered last.
    preferred: AtomicUsize,
}

impl fmt::Debug for Servers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // An address may carry a password.
        f.debug_tuple("Servers").field(&self.shown()).finish()
    }
}

impl Servers {
    /// A client for a connection.
    pub(super) fn new(connection: &Connection) -> Result<Self, BadConnection> {
        let addresses: Vec<Url> = connection.urls.iter().map(address).collect::<Result<_, _>>()?;
        if addresses.is_empty() {
            return Err(BadConnection::Address {
                shown: String::new(),
                reason: "there is none".to_owned(),
            });
        }
        let mut servers = Self {
            client: client(connection)?,
            addresses,
            authorization: None,
            basic: None,
            preferred: AtomicUsize::new(0),
        };
        match &connection.credentials {
            Credentials::None => return Ok(servers),
            Credentials::Basic { username, password } => {
                servers.basic = Some((username.clone(), password.clone()));
            }
            Credentials::ApiKey(key) => servers.authorization = header("ApiKey", &encoded_key(key)),
            Credentials::Bearer(token) => {
                servers.authorization = header("Bearer", token.expose_secret().trim());
            }
        }
        // What is set by itself wins over what an address carries.
        for address in &mut servers.addresses {
            let _ = address.set_username("");
            let _ = address.set_password(None);
        }
        Ok(servers)
    }

    /// The addresses, for people.
    pub(super) fn shown(&self) -> String {
        let shown: Vec<String> = self.addresses.iter().map(http::shown).collect();
        shown.join(", ")
    }

    /// Calls: an address that fails gives way to the next, and where all are busy they are asked again after a pause.
    pub(super) async fn call(&self, call: &Call) -> Result<Answer, NoAnswer> {
        let mut pauses = ExponentialBuilder::new()
            .with_min_delay(FIRST_PAUSE)
            .with_max_delay(LONGEST_PAUSE)
            .with_max_times(MAX_RETRIES)
            .with_jitter()
            .build();
        loop {
            let busy = match self.round(call).await {
                Tried::Answered(answer) => return Ok(answer),
                Tried::Failed(why) => return Err(why),
                Tried::Busy(busy) => busy,
            };
            let Some(pause) = pauses.next() else {
                let why = format!("{}, also after {MAX_RETRIES} more tries", busy.why);
                return Err(NoAnswer::Unreachable(why));
            };
            let pause = busy.pause.map_or(pause, |asked| asked.max(pause));
            if pause > LONGEST_PAUSE * 2 {
                let why = format!("{} and asks to wait for {} seconds", busy.why, pause.as_secs());
                return Err(NoAnswer::Unreachable(why));
            }
            tracing::debug!(why = busy.why, ?pause, "a log server is busy");
            tokio::time::sleep(pause).await;
        }
    }

    /// Tries every address once, the one that answered last first.
    async fn round(&self, call: &Call) -> Tried {
        let start = self.preferred.load(Ordering::Relaxed);
        let mut busy: Option<Busy> = None;
        let mut failures = Vec::new();
        let count = self.addresses.len();
        for (index, address) in self.addresses.iter().enumerate().cycle().skip(start).take(count) {
            match self.attempt(address, call).await {
                Tried::Answered(answer) => {
                    self.preferred.store(index, Ordering::Relaxed);
                    return Tried::Answered(answer);
                }
                Tried::Busy(other) => busy = Some(busy.map_or(other, |first| first)),
                Tried::Failed(NoAnswer::Unreachable(why)) => {
                    failures.push(format!("{}: {why}", http::shown(address)));
                }
                Tried::Failed(NoAnswer::TooLong) => return Tried::Failed(NoAnswer::TooLong),
            }
        }
        busy.map_or_else(
            || {
                let why = format!("{}; check ELASTICSEARCH_URL", failures.join("; "));
                Tried::Failed(NoAnswer::Unreachable(why))
            },
            Tried::Busy,
        )
    }

    async fn attempt(&self, address: &Url, call: &Call) -> Tried {
        let response = match self.request(address, call).send().await {
            Ok(response) => response,
            Err(error) => return Tried::Failed(NoAnswer::Unreachable(http::reason(error))),
        };
        let status = response.status();
        let is_busy = matches!(
            status,
            StatusCode::TOO_MANY_REQUESTS
                | StatusCode::BAD_GATEWAY
                | StatusCode::SERVICE_UNAVAILABLE
                | StatusCode::GATEWAY_TIMEOUT
        );
        if is_busy {
            return Tried::Busy(Busy {
                pause: retry_after(&response),
                why: format!("{} answers {status}", http::shown(address)),
            });
        }
        let product = response
            .headers()
            .get(PRODUCT_HEADER)
            .is_some_and(|it| it == "Elasticsearch");
        match http::body_up_to(response, call.limit).await {
            Ok(Some(body)) => Tried::Answered(Answer {
                status,
                body,
                product,
            }),
            Ok(None) => Tried::Failed(NoAnswer::TooLong),
            Err(why) => Tried::Failed(NoAnswer::Unreachable(why)),
        }
    }

    fn request(&self, address: &Url, call: &Call) -> RequestBuilder {
        let base = address.as_str().trim_end_matches('/');
        let mut request = self
            .client
            .request(call.method.clone(), format!("{base}{}", call.path));
        if let Some(value) = &self.authorization {
            request = request.header(AUTHORIZATION, value);
        }
        if let Some((username, password)) = &self.basic {
            request = request.basic_auth(username, Some(password.expose_secret()));
        }
        match &call.body {
            Some(body) => request.json(body),
            None => request,
        }
    }
}

/// The pause that an answer asks for. A date instead of seconds is not worth reading: the pause is then ours.
fn retry_after(response: &Response) -> Option<Duration> {
    let value = response.headers().get(RETRY_AFTER)?.to_str().ok()?;
    value.trim().parse().ok().map(Duration::from_secs)
}

/// An API key as the header wants it: base64 of `id:key`.
fn encoded_key(key: &SecretString) -> String {
    let key = key.expose_secret().trim();
    if key.contains(':') {
        BASE64_STANDARD.encode(key)
    } else {
        key.to_owned()
    }
}

/// A header that is never shown. Text that cannot be a header's gives none: the server then says 401.
fn header(scheme: &str, value: &str) -> Option<HeaderValue> {
    let mut header = HeaderValue::from_str(&format!("{scheme} {value}")).ok()?;
    header.set_sensitive(true);
    Some(header)
}

fn address(url: &SecretString) -> Result<Url, BadConnection> {
    let bad = |shown: String, reason: &str| BadConnection::Address {
        shown,
        reason: reason.to_owned(),
    };
    let parsed = Url::parse(url.expose_secret().trim());
    let mut parsed = parsed.map_err(|error| bad("(unreadable)".to_owned(), &error.to_string()))?;
    parsed.set_query(None);
    parsed.set_fragment(None);
    if matches!(parsed.scheme(), "http" | "https") && parsed.has_host() {
        return Ok(parsed);
    }
    // Without a host what looks like a scheme may be a user, and the rest a password.
    let shown = if parsed.has_host() {
        http::shown(&parsed)
    } else {
        "(unreadable)".to_owned()
    };
    Err(bad(shown, "its scheme is neither http nor https"))
}

fn client(connection: &Connection) -> Result<Client, BadConnection> {
    let mut builder = Client::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(CALL_TIMEOUT)
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("kubemedic/", env!("CARGO_PKG_VERSION")));
    if let Some(path) = &connection.ca_file {
        let certificates = Certificate::from_pem_bundle(&read(path)?);
        let certificates = certificates.map_err(|error| unusable(path, http::reason(error)))?;
        if certificates.is_empty() {
            return Err(unusable(path, "it holds no PEM certificate".to_owned()));
        }
        builder = builder.tls_certs_only(certificates);
    }
    if let Some((certificate, key)) = &connection.identity {
        let mut pem = read(certificate)?;
        pem.push(b'\n');
        pem.extend(read(key)?);
        let identity = Identity::from_pem(&pem);
        // The library's words may quote the file.
        let why = "it and the key beside it are no PEM certificate and key";
        builder = builder.identity(identity.map_err(|_| unusable(certificate, why.to_owned()))?);
    }
    builder
        .build()
        .map_err(|error| BadConnection::Client(http::reason(error)))
}

fn read(path: &Path) -> Result<Vec<u8>, BadConnection> {
    fs::read(path).map_err(|error| unusable(path, error.to_string()))
}

fn unusable(path: &Path, reason: String) -> BadConnection {
    BadConnection::File {
        path: path.to_owned(),
        reason,
    }
}
