//! Request bodies: bounded before and after inflation, then text or JSON. It knows no route.

mod incoming;

use std::{io::Read, sync::Arc, time::Duration};

use axum::{
    body::Body,
    extract::{FromRequest, Request},
    http::{HeaderMap, StatusCode, header},
};
use bytes::Bytes;
use flate2::read::MultiGzDecoder;
use kubemedic_model::encoding::{UTF8_MARK, WideEncoding};
use serde_json::{Map, Value};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use incoming::Incoming;

use crate::{app::App, error::ApiError, fields::FieldError};

/// The contract's text for a body that is no UTF-8.
const NOT_UTF8: &str = "Request body must be valid UTF-8";

/// The most bytes of a JSON request that is no evidence: room for a plan of hundreds of commands.
const MAX_JSON_BYTES: usize = 1024 * 1024;

/// What bodies may cost, and what those that are being received cost together.
#[derive(Debug)]
pub(crate) struct BodyLimits {
    /// The most bytes of one, also after inflation.
    pub(crate) bytes: usize,
    /// How long a client may send nothing.
    patience: Duration,
    /// What large bodies may hold together, in units of [`UNIT_BYTES`].
    room: Arc<Semaphore>,
    /// How many bodies are inflated at a time.
    inflating: Arc<Semaphore>,
}

/// The unit in which room is counted.
const UNIT_BYTES: usize = 64 * 1024;
/// How many bodies of the largest size may be received at a time, and how many inflated ones are held.
const LARGEST_AT_A_TIME: usize = 4;

impl BodyLimits {
    /// The limits of a port.
    pub(crate) fn new(bytes: usize, patience: Duration) -> Self {
        let units = bytes.div_ceil(UNIT_BYTES).saturating_mul(LARGEST_AT_A_TIME);
        Self {
            bytes,
            patience,
            room: Arc::new(Semaphore::new(units.min(Semaphore::MAX_PERMITS))),
            inflating: Arc::new(Semaphore::new(LARGEST_AT_A_TIME)),
        }
    }
}

/// A body that was read. The room that it takes is given back when it is dropped.
#[derive(Debug)]
pub(crate) struct ReadBody {
    pub(crate) bytes: Bytes,
    _room: Option<OwnedSemaphorePermit>,
}

/// Reads a body of at most so many bytes, inflating it if it says that it is gzip.
pub(crate) async fn read(
    headers: &HeaderMap,
    body: Body,
    limits: &BodyLimits,
    most: usize,
) -> Result<ReadBody, ApiError> {
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse().ok());
    let mut incoming = Incoming::new(body, limits);
    if announced.is_some_and(|length: usize| length > most) {
        // A client that waits for the word to go on has sent nothing yet.
        if !headers.contains_key(header::EXPECT) {
            incoming.drop_rest().await;
        }
        return Err(ApiError::too_large(most));
    }
    let encoding = headers
        .get(header::CONTENT_ENCODING)
        .map(|value| value.as_bytes().to_ascii_lowercase());
    let raw = incoming.collect(most).await?;
    match encoding.as_deref() {
        None | Some(b"" | b"identity") => Ok(raw),
        Some(b"gzip" | b"x-gzip") => {
            let room = limits.inflating.clone().acquire_owned().await.ok();
            let bytes = inflate(raw.bytes, most).await?;
            Ok(ReadBody { bytes, _room: room })
        }
        Some(_) => {
            let detail = "Content-Encoding must be gzip or identity";
            Err(ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail))
        }
    }
}

/// Inflates off the runtime: a full body takes a noticeable part of a second.
async fn inflate(raw: Bytes, limit: usize) -> Result<Bytes, ApiError> {
    let work = tokio::task::spawn_blocking(move || inflate_now(&raw, limit));
    work.await.unwrap_or_else(|_| {
        Err(ApiError::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "Internal Server Error",
        ))
    })
}

fn inflate_now(raw: &[u8], limit: usize) -> Result<Bytes, ApiError> {
    let mut inflated = Vec::new();
    let bound = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    MultiGzDecoder::new(raw)
        .take(bound)
        .read_to_end(&mut inflated)
        .map_err(|_| {
            ApiError::new(
                StatusCode::BAD_REQUEST,
                "Content-Encoding is gzip but the request body is not",
            )
        })?;
    if inflated.len() > limit {
        Err(ApiError::too_large(limit))
    } else {
        Ok(inflated.into())
    }
}

/// Bytes as text, without a byte order mark.
pub(crate) fn text(bytes: &Bytes) -> Result<&str, ApiError> {
    if let Some(encoding) = WideEncoding::of(bytes) {
        let name = encoding.name();
        let detail = format!(
            "{NOT_UTF8}: it looks like {name}: convert it with iconv -f {name} -t UTF-8, or save it as UTF-8"
        );
        return Err(ApiError::new(StatusCode::BAD_REQUEST, detail));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| not_utf8(bytes))?;
    Ok(text.strip_prefix(UTF8_MARK).unwrap_or(text))
}

fn not_utf8(bytes: &[u8]) -> ApiError {
    let error = ApiError::new(StatusCode::BAD_REQUEST, NOT_UTF8);
    match bytes {
        [0x1f, 0x8b, ..] => error.with("hint", "it looks like gzip: send Content-Encoding: gzip"),
        _ => error,
    }
}

/// Text as JSON, or 422 as FastAPI answers it.
pub(crate) fn json(text: &str) -> Result<Value, ApiError> {
    serde_json::from_str(text).map_err(|error| bad_json(text, &error))
}

/// The 422 of a JSON error, with the byte at which it was found.
pub(crate) fn bad_json(text: &str, error: &serde_json::Error) -> ApiError {
    let lines = text.split_inclusive('\n').take(error.line().saturating_sub(1));
    let offset = lines.map(str::len).sum::<usize>() + error.column().saturating_sub(1);
    let message = error.to_string();
    let reason = match message.split(" at line ").next().unwrap_or_default() {
        "recursion limit exceeded" => "recursion limit exceeded: it is nested deeper than 127 levels",
        reason => reason,
    };
    ApiError::invalid(&[FieldError::bad_json(offset, reason)])
}

/// A JSON object from a request, with the bytes that it was read from.
#[derive(Debug)]
pub(crate) struct JsonObject {
    /// The object.
    pub(crate) object: Map<String, Value>,
    /// The bytes, after inflation.
    pub(crate) bytes: Bytes,
}

impl JsonObject {
    /// Reads bytes that must hold an object.
    pub(crate) fn parse(bytes: Bytes) -> Result<Self, ApiError> {
        if bytes.is_empty() {
            let error = FieldError::new(vec!["body".into()], "missing", "Field required", Value::Null);
            return Err(ApiError::invalid(&[error]));
        }
        match json(text(&bytes)?)? {
            Value::Object(object) => Ok(Self { object, bytes }),
            other => {
                let message = "Input should be a valid dictionary or object to extract fields from";
                let error = FieldError::new(vec!["body".into()], "model_attributes_type", message, other);
                Err(ApiError::invalid(&[error]))
            }
        }
    }
}

impl FromRequest<App> for JsonObject {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &App) -> Result<Self, ApiError> {
        Self::parse(RawBody::from_request(request, app).await?.0)
    }
}

/// A JSON object that may be absent altogether.
#[derive(Debug)]
pub(crate) struct OptionalJsonObject(pub(crate) Map<String, Value>);

impl FromRequest<App> for OptionalJsonObject {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &App) -> Result<Self, ApiError> {
        let bytes = RawBody::from_request(request, app).await?.0;
        let blank = bytes.iter().all(u8::is_ascii_whitespace);
        if blank {
            Ok(Self(Map::new()))
        } else {
            Ok(Self(JsonObject::parse(bytes)?.object))
        }
    }
}

/// The bytes of a small request.
#[derive(Debug)]
pub(crate) struct RawBody(pub(crate) Bytes);

impl FromRequest<App> for RawBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &App) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        let most = app.bodies.bytes.min(MAX_JSON_BYTES);
        let body = read(&parts.headers, body, &app.bodies, most).await?;
        Ok(Self(body.bytes))
    }
}
