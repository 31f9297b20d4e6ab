//! `/api/v1/fetchlogs`: the newest entries of a configured log source.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use kubemedic_ports::log_source::{FetchedEntry, LogQuery, LogSource};
use serde_json::{Map, Value, json};

use crate::{
    app::{App, Edge},
    error::ApiError,
    fields::Fields,
    routes::query,
    wire::{ErrorDetail, ValidationErrors},
};

/// How far back to look where nobody says, in seconds.
const DEFAULT_INTERVAL: u32 = 10;
/// The longest window, in seconds: thirty days.
const MAX_INTERVAL: u32 = 30 * 24 * 60 * 60;
/// How many entries where nobody says.
const DEFAULT_LIMIT: u32 = 1000;
/// The most entries of one answer: what one Elasticsearch search returns at most.
const MAX_LIMIT: u32 = 10_000;
/// The sources that can be configured, and the variables that do.
const KNOWN: [(&str, &str); 2] = [("elasticsearch", "ELASTICSEARCH_URL"), ("files", "LOG_FILES_DIR")];

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
        (status = 200, description = "A JSON string; with `Accept: application/x-ndjson` one record a line", body = String),
        (status = 204, description = "There are no entries"),
        (status = 400, description = "Invalid pull_interval", body = ErrorDetail),
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
    let named = fields.word("source", &KNOWN.map(|known| (known.0, known)));
    fields.finish().map_err(|errors| ApiError::invalid(&errors))?;
    let entries = source(&app, named)?.fetch(&log_query).await.map_err(|error| {
        tracing::warn!(%error, "logs were not fetched");
        ApiError::new(StatusCode::BAD_GATEWAY, error.to_string())
    })?;
    Ok(answer(&entries, &headers))
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

fn source(app: &Edge, named: Option<(&str, &str)>) -> Result<std::sync::Arc<dyn LogSource>, ApiError> {
    let mut sources = app.config.log_sources.iter();
    let found = match named {
        Some((name, _)) => sources.find(|source| source.name() == name),
        None => sources.next(),
    };
    found.cloned().ok_or_else(|| {
        let detail = match named {
            Some((name, variable)) => format!("log source '{name}' is not configured: set {variable}"),
            None => "no log source is configured: set ELASTICSEARCH_URL or LOG_FILES_DIR".to_owned(),
        };
        ApiError::new(StatusCode::BAD_GATEWAY, detail)
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
