//! Request bodies: bounded before and after inflation, then text or JSON. It knows no route.

use std::{io::Read, time::Duration};

use axum::{
    body::{Body, BodyDataStream},
    extract::{FromRequest, Request},
    http::{HeaderMap, StatusCode, header},
};
use bytes::{Bytes, BytesMut};
use flate2::read::MultiGzDecoder;
use futures_util::StreamExt;
use kubemedic_model::encoding::{UTF8_MARK, WideEncoding};
use serde_json::{Map, Value};
use tokio::time::Instant;

use crate::{app::App, error::ApiError, fields::FieldError};

/// The contract's text for a body that is no UTF-8.
const NOT_UTF8: &str = "Request body must be valid UTF-8";

/// The most bytes of a JSON request that is no evidence: room for a plan of hundreds of commands.
const MAX_JSON_BYTES: usize = 1024 * 1024;

/// How long a body may take whatever its size; each [`SLOWEST_BYTES_A_SECOND`] of it give another second.
const BASE_TIME: Duration = Duration::from_mins(1);

/// The slowest line that a large body is taken from: 128 kbit/s.
const SLOWEST_BYTES_A_SECOND: usize = 16 * 1024;

/// The most bytes beyond the limit that are read and dropped, so that a client that sends all before it reads gets the answer and not a
/// broken connection.
const MAX_DROPPED_BYTES: usize = 64 * 1024 * 1024;

/// What a body may cost.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BodyLimits {
    /// The most bytes, also after inflation.
    pub(crate) bytes: usize,
    /// How long the client may send nothing.
    pub(crate) patience: Duration,
}

/// Reads a body, inflating it if it says that it is gzip.
pub(crate) async fn read(headers: &HeaderMap, body: Body, limits: BodyLimits) -> Result<Bytes, ApiError> {
    let limit = limits.bytes;
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse().ok());
    if announced.is_some_and(|length: usize| length > limit) {
        // A client that waits for the word to go on has sent nothing yet.
        if !headers.contains_key(header::EXPECT) {
            drop_rest(&mut Incoming::new(body, limits.patience)).await;
        }
        return Err(ApiError::too_large(limit));
    }
    let encoding = headers
        .get(header::CONTENT_ENCODING)
        .map(|value| value.as_bytes().to_ascii_lowercase());
    let raw = collect(body, limits).await?;
    match encoding.as_deref() {
        None | Some(b"" | b"identity") => Ok(raw),
        Some(b"gzip" | b"x-gzip") => inflate(raw, limit).await,
        Some(_) => {
            let detail = "Content-Encoding must be gzip or identity";
            Err(ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail))
        }
    }
}

async fn collect(body: Body, limits: BodyLimits) -> Result<Bytes, ApiError> {
    let mut incoming = Incoming::new(body, limits.patience);
    let mut collected = BytesMut::new();
    while let Some(chunk) = incoming.next().await? {
        if collected.len() + chunk.len() > limits.bytes {
            drop_rest(&mut incoming).await;
            return Err(ApiError::too_large(limits.bytes));
        }
        collected.extend_from_slice(&chunk);
    }
    Ok(collected.freeze())
}

/// A body that has to keep coming.
struct Incoming {
    stream: BodyDataStream,
    patience: Duration,
    begun: Instant,
    received: usize,
}

impl Incoming {
    fn new(body: Body, patience: Duration) -> Self {
        Self {
            stream: body.into_data_stream(),
            patience,
            begun: Instant::now(),
            received: 0,
        }
    }

    /// The next part; `None` at the end. 408 when it does not come, or all of it comes too slowly.
    async fn next(&mut self) -> Result<Option<Bytes>, ApiError> {
        let earned = Duration::from_secs((self.received / SLOWEST_BYTES_A_SECOND) as u64);
        let latest = self.begun + BASE_TIME + earned;
        let until = latest.min(Instant::now() + self.patience);
        let Ok(next) = tokio::time::timeout_at(until, self.stream.next()).await else {
            let detail = "the request body came too slowly: send it in one go, as fast as the line allows";
            let error = ApiError::new(StatusCode::REQUEST_TIMEOUT, detail);
            return Err(error.with_header(header::CONNECTION, "close"));
        };
        let chunk = next
            .transpose()
            .map_err(|_| ApiError::new(StatusCode::BAD_REQUEST, "the request body could not be read"))?;
        self.received += chunk.as_ref().map_or(0, Bytes::len);
        Ok(chunk)
    }
}

/// Reads what is left of a refused body, within bounds.
async fn drop_rest(incoming: &mut Incoming) {
    let before = incoming.received;
    while let Ok(Some(_)) = incoming.next().await {
        if incoming.received - before > MAX_DROPPED_BYTES {
            return;
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
    let reason = message.split(" at line ").next().unwrap_or_default();
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
        let limits = BodyLimits {
            bytes: app.config.max_body_bytes.min(MAX_JSON_BYTES),
            patience: app.config.client_patience,
        };
        read(&parts.headers, body, limits).await.map(Self)
    }
}
