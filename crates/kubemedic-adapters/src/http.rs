//! The one HTTP client for calls to other servers: time limits, no redirects, bounded answers, no credentials in errors.

use std::time::Duration;

use reqwest::{Client, RequestBuilder, Response, StatusCode, Url};

/// How long a connection may take to be made.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a whole call may take.
const CALL_TIMEOUT: Duration = Duration::from_secs(15);
/// The most bytes of an answer that are read.
const MAX_ANSWER_BYTES: usize = 1024 * 1024;
/// The most characters of an answer that go into an error.
const MAX_QUOTED_CHARS: usize = 300;

/// The URL does not name a server.
#[derive(Debug, thiserror::Error)]
#[error("'{url}' is not an http or https address: {reason}")]
pub struct BadServerUrl {
    /// What was given, without credentials.
    pub url: String,
    /// What is wrong.
    pub reason: String,
}

/// A client and the parsed address of a server.
pub(crate) fn client_for(url: &str) -> Result<(Client, Url), BadServerUrl> {
    let base = parsed(url)?;
    let client = client().map_err(|error| BadServerUrl {
        url: shown(&base),
        reason: reason(error),
    })?;
    Ok((client, base))
}

/// The parsed address of a server.
pub(crate) fn parsed(url: &str) -> Result<Url, BadServerUrl> {
    let bad = |url: &str, reason: String| BadServerUrl {
        url: url.to_owned(),
        reason,
    };
    let base = Url::parse(url).map_err(|error| bad("(unreadable)", error.to_string()))?;
    if !matches!(base.scheme(), "http" | "https") {
        return Err(bad(
            &shown(&base),
            "its scheme is neither http nor https".to_owned(),
        ));
    }
    Ok(base)
}

/// A client with our limits. Redirects are not followed: a receiver that moved is a receiver to configure anew.
fn client() -> Result<Client, reqwest::Error> {
    Client::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(CALL_TIMEOUT)
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("kubemedic/", env!("CARGO_PKG_VERSION")))
        .build()
}

/// A URL for people: without user, password and query.
pub(crate) fn shown(url: &Url) -> String {
    let mut url = url.clone();
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_query(None);
    url.to_string().trim_end_matches('/').to_owned()
}

/// Why a call failed, without the URL (it may hold credentials).
pub(crate) fn reason(error: reqwest::Error) -> String {
    use std::error::Error;
    let error = error.without_url();
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

/// Sends a request and reads the answer, up to the limit; the error tells why there is none.
pub(crate) async fn answer(request: RequestBuilder) -> Result<(StatusCode, Vec<u8>), String> {
    let response = request.send().await.map_err(reason)?;
    let status = response.status();
    Ok((status, body(response).await?))
}

/// The answer's body, up to the limit.
pub(crate) async fn body(response: Response) -> Result<Vec<u8>, String> {
    let body = body_up_to(response, MAX_ANSWER_BYTES).await?;
    body.ok_or_else(|| format!("the answer is longer than {MAX_ANSWER_BYTES} bytes"))
}

/// The answer's body; `None` when it is longer than the limit, in bytes.
pub(crate) async fn body_up_to(mut response: Response, limit: usize) -> Result<Option<Vec<u8>>, String> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(reason)? {
        if bytes.len() + chunk.len() > limit {
            return Ok(None);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(Some(bytes))
}

/// The first words of an answer, for an error.
pub(crate) fn quoted(body: &[u8]) -> String {
    let text: String = String::from_utf8_lossy(body)
        .chars()
        .filter(|c| !c.is_control())
        .take(MAX_QUOTED_CHARS)
        .collect();
    if text.is_empty() {
        "no words".to_owned()
    } else {
        text
    }
}
