//! `/api/v1/fetchlogs`: the newest entries of a configured log source.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use kubemedic_ports::log_source::{FetchedEntry, LogQuery, LogSourceError};
use kubemedic_workflow::log_sources::{
    DEFAULT_LIMIT, FetchError, KNOWN_SOURCES, MAX_LIMIT, MAX_WINDOW_SECONDS as MAX_INTERVAL,
};
use serde_json::{Map, Value, json};

use crate::{
    app::App,
    error::ApiError,
    fields::Fields,
    routes::query,
    wire::{ErrorDetail, ValidationErrors},
};

/// How far back to look where nobody says, in seconds.
const DEFAULT_INTERVAL: u32 = 10;
/// Says on an answer that there may be more than it has, and why.
const PARTIAL: HeaderName = HeaderName::from_static("x-kubemedic-partial");
/// The most characters of that header.
const MAX_PARTIAL_CHARS: usize = 500;

/// Fetches log messages, joined by newlines, the oldest first.
#[utoipa::path(
    get, path = "/api/v1/fetchlogs", tag = "logs",
    params(
        ("pull_interval" = Option<u32>, Query, minimum = 1, maximum = 2_592_000, description = "How far back to look, in seconds", example = 10),
        ("filter_pattern" = Option<String>, Query, description = "Lucene query string", example = "*error*"),
        ("source" = Option<String>, Query, pattern = "^(elasticsearch|files)$", description = "`elasticsearch` or `files`; the first configured one where absent"),
        ("cluster" = Option<String>, Query, description = "Only entries of this cluster"),
        ("namespace" = Option<String>, Query, description = "Only entries of this namespace"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 10_000, description = "The newest so many entries of the window, 1 to 10000", example = 1000),
    ),
    responses(
        (status = 200, description = "A JSON string; with `Accept: application/x-ndjson` one record a line. `X-Kubemedic-Partial` tells why there may be more", body = String),
        (status = 204, description = "There are no entries"),
        (status = 400, description = "Invalid pull_interval, or a query that the source does not understand", body = ErrorDetail),
        (status = 422, description = "A parameter is wrong", body = ValidationErrors),
        (status = 502, description = "The source is not configured or not reachable", body = ErrorDetail),
    )
)]
pub(crate) async fn fetch(
    State(app): State<App>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let query = query(&uri);
    let window_seconds = interval(&query)?;
    let mut fields = Fields::new(&query, vec!["query".into()]);
    let log_query = LogQuery {
        window_seconds,
        filter_pattern: fields.text("filter_pattern").unwrap_or_else(|| "*".to_owned()),
        cluster: fields.text("cluster"),
        namespace: fields.text("namespace"),
        limit: fields.integer("limit", 1, MAX_LIMIT).unwrap_or(DEFAULT_LIMIT),
    };
    let named = fields.word("source", &KNOWN_SOURCES.map(|(name, _)| (name, name)));
    fields.finish().map_err(|errors| ApiError::invalid(&errors))?;
    let fetched = app.services.log_sources.fetch(named, &log_query).await;
    let fetched = fetched.map_err(|error| ApiError::new(status(&error), error.to_string()))?;
    let mut response = answer(&fetched.entries, &headers);
    if let Some(value) = partial(&fetched.partial) {
        response.headers_mut().insert(PARTIAL, value);
    }
    Ok(response)
}

/// A query that the source does not understand is the caller's to mend; everything else is the gateway's.
fn status(error: &FetchError) -> StatusCode {
    match error {
        FetchError::Source(LogSourceError::Refused { .. }) => StatusCode::BAD_REQUEST,
        FetchError::NotConfigured(_) | FetchError::Source(LogSourceError::Unavailable { .. }) => {
            StatusCode::BAD_GATEWAY
        }
        FetchError::Stopping => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// The reasons as a header's value: one line of plain characters.
fn partial(reasons: &[String]) -> Option<HeaderValue> {
    if reasons.is_empty() {
        return None;
    }
    let plain = reasons.join("; ").replace(|c: char| !matches!(c, ' '..='~'), "?");
    let bounded: String = plain.chars().take(MAX_PARTIAL_CHARS).collect();
    HeaderValue::from_str(&bounded).ok()
}

fn interval(query: &Map<String, Value>) -> Result<u32, ApiError> {
    let Some(text) = query.get("pull_interval").and_then(Value::as_str) else {
        return Ok(DEFAULT_INTERVAL);
    };
    let seconds = text
        .trim()
        .parse()
        .ok()
        .filter(|seconds| (1..=MAX_INTERVAL).contains(seconds));
    seconds.ok_or_else(|| {
        let shown: String = text.chars().take(40).collect();
        let detail = format!(
            "Invalid pull_interval: '{shown}' is not a whole number of seconds from 1 to {MAX_INTERVAL}"
        );
        ApiError::new(StatusCode::BAD_REQUEST, detail)
    })
}

fn answer(entries: &[FetchedEntry], headers: &HeaderMap) -> Response {
    const NDJSON: &str = "application/x-ndjson";
    if entries.is_empty() {
        return StatusCode::NO_CONTENT.into_response();
    }
    let accept = headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    if accept.contains(NDJSON) {
        let lines: Vec<String> = entries.iter().map(|entry| record(entry).to_string()).collect();
        return ([(header::CONTENT_TYPE, NDJSON)], lines.join("\n") + "\n").into_response();
    }
    let messages: Vec<&str> = entries.iter().map(|entry| entry.message.as_str()).collect();
    Json(messages.join("\n")).into_response()
}

fn record(entry: &FetchedEntry) -> Value {
    let mut record = Map::new();
    record.insert(
        "timestamp".into(),
        json!(entry.timestamp.map(|at| at.to_string())),
    );
    record.insert("message".into(), json!(entry.message));
    for (name, value) in &entry.fields {
        record.entry(name.clone()).or_insert_with(|| value.clone());
    }
    Value::Object(record)
}
