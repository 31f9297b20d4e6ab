//! `/login` and `/logout`: a browser shows the token once and gets a session cookie, good on both ports.

use axum::{
    extract::{Query, State},
    http::{HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Redirect, Response},
};
use secrecy::ExposeSecret;
use serde::Deserialize;
use serde_json::Value;

use crate::{app::App, auth::same_secret, body::RawBody, error::ApiError, page, routes::query, session};

/// The page that asks for the token.
pub(crate) async fn form(State(app): State<App>, uri: Uri) -> Response {
    if app.config.api_token.is_none() {
        return Redirect::to("/").into_response();
    }
    let query = query(&uri);
    let next = query.get("next").and_then(Value::as_str).unwrap_or("/");
    page::login::render(own_path(next), false).into_response()
}

/// What the form sends.
#[derive(Default, Deserialize)]
struct LoginForm {
    #[serde(default)]
    token: String,
    #[serde(default)]
    next: String,
}

/// Reads the form as a query is read; a body of another form holds no token.
fn read(bytes: &[u8]) -> LoginForm {
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    let uri = format!("/?{text}").parse().unwrap_or_default();
    Query::try_from_uri(&uri)
        .map(|Query(form)| form)
        .unwrap_or_default()
}

/// Checks the token and sets the cookie.
pub(crate) async fn submit(State(app): State<App>, RawBody(bytes): RawBody) -> Result<Response, ApiError> {
    let Some(expected) = &app.config.api_token else {
        return Ok(Redirect::to("/").into_response());
    };
    let form = read(&bytes);
    let next = own_path(&form.next);
    if !same_secret(form.token.trim(), expected.expose_secret()) {
        tracing::warn!("a login with a wrong token was refused");
        return Ok((StatusCode::UNAUTHORIZED, page::login::render(next, true)).into_response());
    }
    let expires_at = app
        .config
        .clock
        .now()
        .as_second()
        .saturating_add(session::LIFETIME_SECONDS);
    let value = session::issue(expected.expose_secret(), expires_at);
    let cookie = cookie(&value, session::LIFETIME_SECONDS, app.public_url());
    Ok(with_cookie(Redirect::to(next), &cookie))
}

/// Forgets the session.
pub(crate) async fn logout(State(app): State<App>) -> Response {
    with_cookie(Redirect::to("/login"), &cookie("", 0, app.public_url()))
}

fn cookie(value: &str, max_age: i64, public_url: &str) -> String {
    let secure = if public_url.starts_with("https://") {
        "; Secure"
    } else {
        ""
    };
    format!(
        "{}={value}; Path=/; Max-Age={max_age}; HttpOnly; SameSite=Strict{secure}",
        session::COOKIE
    )
}

fn with_cookie(redirect: Redirect, cookie: &str) -> Response {
    let mut response = redirect.into_response();
    if let Ok(value) = HeaderValue::from_str(cookie) {
        response.headers_mut().insert(header::SET_COOKIE, value);
    }
    response
}

/// The path if it stays on this server, else `/`.
fn own_path(next: &str) -> &str {
    let plain = next
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"/-_.~%".contains(&b));
    if plain && next.starts_with('/') && !next.starts_with("//") {
        next
    } else {
        "/"
    }
}
