//! Who may talk to a port at all, before anyone is asked for a token: the Host header (against DNS rebinding) and, for requests that
//! change something, the Origin and Sec-Fetch-Site headers (against cross-site request forgery). CONTRACT.md section 2.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode, Uri, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::{app::App, error::ApiError};

/// Answers 403 unless both guards let the request pass.
pub(crate) async fn guard(State(app): State<App>, request: Request, next: Next) -> Response {
    let host = authority(request.headers(), request.uri())
        .unwrap_or_default()
        .to_owned();
    if !host_is_allowed(&host, &app.config.allowed_hosts) {
        let shown: String = host.chars().take(100).collect();
        let detail = format!("Host '{shown}' is not allowed: add it to ALLOWED_HOSTS");
        return ApiError::new(StatusCode::FORBIDDEN, detail).into_response();
    }
    let origins = Origins {
        host: &host,
        own: app.public_url(),
        allowed: &app.config.cors_allowed_origins,
    };
    if !request.method().is_safe() && !origins.allow(request.headers()) {
        let detail =
            "cross-site request refused: its Origin is neither this server nor in CORS_ALLOWED_ORIGINS";
        return ApiError::new(StatusCode::FORBIDDEN, detail).into_response();
    }
    next.run(request).await
}

/// Answers 400 to a path whose percent-encoded bytes are no text: no id and no route has such a name.
pub(crate) async fn readable_path(request: Request, next: Next) -> Response {
    if is_text(request.uri().path()) {
        return next.run(request).await;
    }
    ApiError::new(StatusCode::BAD_REQUEST, "the path is not valid UTF-8").into_response()
}

/// Whether a path is UTF-8 once its `%xx` are bytes.
fn is_text(path: &str) -> bool {
    let mut parts = path.split('%');
    let mut bytes: Vec<u8> = parts.next().unwrap_or_default().into();
    for part in parts {
        let byte = part
            .get(..2)
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.extend(byte);
        bytes.extend(part.bytes().skip(if byte.is_some() { 2 } else { 0 }));
    }
    String::from_utf8(bytes).is_ok()
}

/// The host and port that the client asked for.
fn authority<'a>(headers: &'a HeaderMap, uri: &'a Uri) -> Option<&'a str> {
    let mut hosts = headers.get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        (Some(host), None) => host.to_str().ok(),
        (Some(_), Some(_)) => None,
        (None, _) => uri.authority().map(axum::http::uri::Authority::as_str),
    }
}

/// A host name or address without port, brackets and final dot, in lower case.
fn host_name(authority: &str) -> Option<String> {
    let host = match authority.strip_prefix('[') {
        Some(rest) => {
            let (address, port) = rest.split_once(']')?;
            is_port_suffix(port).then_some(address)?
        }
        None if authority.matches(':').count() > 1 => authority,
        None => match authority.split_once(':') {
            Some((name, port)) => port.bytes().all(|b| b.is_ascii_digit()).then_some(name)?,
            None => authority,
        },
    };
    let host = host.strip_suffix('.').unwrap_or(host);
    let plain = !host.is_empty()
        && host
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_.:*%".contains(&b));
    plain.then(|| host.to_ascii_lowercase())
}

fn is_port_suffix(text: &str) -> bool {
    text.is_empty()
        || text
            .strip_prefix(':')
            .is_some_and(|port| port.bytes().all(|b| b.is_ascii_digit()))
}

/// Whether `ALLOWED_HOSTS` holds the host: exactly, as `*.example.com`, or as `*`.
pub(crate) fn host_is_allowed(authority: &str, allowed: &[String]) -> bool {
    let Some(host) = host_name(authority) else {
        return false;
    };
    allowed
        .iter()
        .any(|entry| entry.trim() == "*" || host_matches(&host, entry.trim()))
}

fn host_matches(host: &str, entry: &str) -> bool {
    let Some(entry) = host_name(entry) else {
        return false;
    };
    match entry.strip_prefix('*') {
        Some(suffix) if suffix.starts_with('.') => host.len() > suffix.len() && host.ends_with(suffix),
        _ => host == entry,
    }
}

/// The origins that may change something.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Origins<'a> {
    /// The Host header of the request.
    pub(crate) host: &'a str,
    /// The server's own public address.
    pub(crate) own: &'a str,
    /// `CORS_ALLOWED_ORIGINS`.
    pub(crate) allowed: &'a [String],
}

impl Origins<'_> {
    /// Whether a state-changing request may pass.
    pub(crate) fn allow(&self, headers: &HeaderMap) -> bool {
        let cross_site = headers
            .get("sec-fetch-site")
            .is_some_and(|value| value == "cross-site");
        match headers.get(header::ORIGIN) {
            None => !cross_site,
            Some(origin) => origin
                .to_str()
                .is_ok_and(|it| self.is_listed(it) || self.is_own(it)),
        }
    }

    fn is_listed(&self, origin: &str) -> bool {
        self.allowed.iter().any(|entry| same_origin(entry, origin))
    }

    fn is_own(&self, origin: &str) -> bool {
        let Some((scheme, _)) = origin.split_once("://") else {
            return false;
        };
        same_origin(&format!("{scheme}://{}", self.host), origin) || same_origin(self.own, origin)
    }
}

/// Whether two addresses have the same scheme, host and port; a path is ignored.
fn same_origin(left: &str, right: &str) -> bool {
    match (origin_parts(left), origin_parts(right)) {
        (Some(left), Some(right)) => left == right,
        _ => false,
    }
}

fn origin_parts(address: &str) -> Option<(String, String, String)> {
    let (scheme, rest) = address.trim().split_once("://")?;
    let authority = rest.split('/').next()?;
    let scheme = scheme.to_ascii_lowercase();
    let host = host_name(authority)?;
    let port = match authority.rsplit_once(':') {
        Some((_, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => port,
        _ => default_port(&scheme)?,
    };
    let port = port.to_owned();
    Some((scheme, host, port))
}

fn default_port(scheme: &str) -> Option<&'static str> {
    match scheme {
        "http" => Some("80"),
        "https" => Some("443"),
        _ => None,
    }
}

/// The CORS answers: none but for `CORS_ALLOWED_ORIGINS`.
pub(crate) fn cors(allowed: &[String]) -> tower_http::cors::CorsLayer {
    let origins = allowed
        .iter()
        .filter_map(|origin| origin.trim().trim_end_matches('/').parse().ok());
    tower_http::cors::CorsLayer::new()
        .allow_origin(tower_http::cors::AllowOrigin::list(origins))
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            header::CONTENT_ENCODING,
            header::HeaderName::from_static("last-event-id"),
            header::HeaderName::from_static("idempotency-key"),
        ])
        .allow_credentials(true)
}

#[cfg(test)]
mod tests;
