//! Who a request is from: the bearer of `API_TOKEN`, a browser that logged in, or nobody where no token is configured.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, Method, header},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::{
    app::{App, Port},
    error::ApiError,
    session,
};

/// Who a request is from, for handlers.
#[derive(Debug, Clone, Default)]
pub(crate) struct Caller {
    /// The token's name, where a token was shown.
    pub(crate) name: Option<String>,
}

/// Answers 401, or leads a browser to `/login`, unless the request shows the token.
pub(crate) async fn authenticate(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let Some(token) = &app.config.api_token else {
        request.extensions_mut().insert(Caller::default());
        return next.run(request).await;
    };
    if is_open(&app, request.uri().path()) {
        request.extensions_mut().insert(Caller::default());
        return next.run(request).await;
    }
    let now = app.config.clock.now().as_second();
    if shows_token(request.headers(), token.expose_secret(), now) {
        request.extensions_mut().insert(Caller {
            name: app.config.token_name.clone(),
        });
        return next.run(request).await;
    }
    if request.method() == Method::GET && wants_html(request.headers()) {
        let next_page = request.uri().path();
        return Redirect::to(&format!("/login?next={next_page}")).into_response();
    }
    ApiError::unauthorized("Not authenticated: send Authorization: Bearer <API_TOKEN>, or log in at /login")
        .into_response()
}

/// Paths that need no token: liveness and readiness, the way in, and the webhook where its signature stands in.
fn is_open(app: &App, path: &str) -> bool {
    let signed = app.port == Port::Backend
        && app.config.webhook_secret.is_some()
        && path == "/api/v1/feedback/mcp-approval";
    signed || matches!(path, "/healthz" | "/readyz" | "/login" | "/assets/kubemedic.css")
}

fn shows_token(headers: &HeaderMap, token: &str, now: i64) -> bool {
    let bearer = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok()?.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    if let Some((_, shown)) = bearer {
        return same_secret(shown.trim(), token);
    }
    cookies(headers).any(|value| session::is_valid(token, value, now))
}

/// The values of our cookie.
fn cookies(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(name, _)| *name == session::COOKIE)
        .map(|(_, value)| value)
}

/// Compares digests in constant time, so that neither content nor length leaks.
pub(crate) fn same_secret(left: &str, right: &str) -> bool {
    Sha256::digest(left.as_bytes())
        .ct_eq(&Sha256::digest(right.as_bytes()))
        .into()
}

/// Whether a person's browser asks.
pub(crate) fn wants_html(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"))
}
