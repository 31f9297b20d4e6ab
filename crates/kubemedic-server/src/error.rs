//! Errors as clients see them: `{"detail": ...}`. It maps the services' errors to statuses and tells nothing of the inside.

use axum::{
    Json,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use kubemedic_ports::journal::JournalError;
use kubemedic_workflow::{
    approvals::{DecideError, ProposeError},
    feedback::{FeedbackError, ReplayError},
    stream::StreamError,
    tasks::Unfinished,
    workflows::StartError,
};
use serde_json::{Map, Value, json};

use crate::fields::FieldError;

/// An answer that is not a success.
#[derive(Debug, Clone)]
pub(crate) struct ApiError {
    status: StatusCode,
    body: Box<Map<String, Value>>,
    header: Option<(HeaderName, &'static str)>,
}

/// The body of an error, kept beside the response so that a port can add to it.
#[derive(Debug, Clone)]
pub(crate) struct ErrorBody(pub(crate) Map<String, Value>);

impl ApiError {
    /// An error with a text for people.
    pub(crate) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        let mut body = Map::new();
        body.insert("detail".into(), Value::String(detail.into()));
        Self {
            status,
            body: Box::new(body),
            header: None,
        }
    }

    /// 422 with every field that is wrong.
    pub(crate) fn invalid(errors: &[FieldError]) -> Self {
        let detail = errors.iter().map(FieldError::to_json).collect();
        let mut body = Map::new();
        body.insert("detail".into(), Value::Array(detail));
        Self {
            status: StatusCode::UNPROCESSABLE_ENTITY,
            body: Box::new(body),
            header: None,
        }
    }

    /// Adds a field beside `detail`.
    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.body.insert(name.to_owned(), value.into());
        self
    }

    /// Adds a header.
    pub(crate) fn with_header(mut self, name: HeaderName, value: &'static str) -> Self {
        self.header = Some((name, value));
        self
    }

    pub(crate) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "Not Found")
    }

    pub(crate) fn unauthorized(detail: &str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, detail).with_header(header::WWW_AUTHENTICATE, "Bearer")
    }

    pub(crate) fn too_large(limit: usize) -> Self {
        let detail = format!("the request body is larger than MAX_BODY_BYTES allows ({limit} bytes)");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, detail)
    }

    fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(&self.body)).into_response();
        if let Some((name, value)) = self.header {
            response
                .headers_mut()
                .insert(name, HeaderValue::from_static(value));
        }
        response.extensions_mut().insert(ErrorBody(*self.body));
        response
    }
}

/// The text of an error for people: `detail` where it is text, else the messages of its fields.
pub(crate) fn error_text(body: &Map<String, Value>) -> String {
    match body.get("detail") {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(items)) => {
            let messages: Vec<String> = items.iter().map(field_text).collect();
            messages.join("; ")
        }
        _ => String::new(),
    }
}

fn field_text(item: &Value) -> String {
    let message = item.get("msg").and_then(Value::as_str).unwrap_or("invalid");
    let place: Vec<String> = item
        .get("loc")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .skip(1)
        .map(|part| part.as_str().map_or_else(|| part.to_string(), str::to_owned))
        .collect();
    if place.is_empty() {
        message.to_owned()
    } else {
        format!("{}: {message}", place.join("."))
    }
}

impl From<JournalError> for ApiError {
    fn from(error: JournalError) -> Self {
        match &error {
            JournalError::Conflict { .. } | JournalError::Duplicate { .. } => {
                Self::new(StatusCode::CONFLICT, error.to_string())
            }
            JournalError::Unavailable { reason } => {
                tracing::error!(%error, "the journal did not answer");
                let detail = format!("the journal is not available now: {reason}; try again");
                Self::new(StatusCode::SERVICE_UNAVAILABLE, detail).with_header(header::RETRY_AFTER, "5")
            }
            JournalError::Corrupt { .. } => {
                tracing::error!(%error, "the journal did not answer");
                Self::internal()
            }
        }
    }
}

impl From<StartError> for ApiError {
    fn from(error: StartError) -> Self {
        match error {
            StartError::Blank => Self::new(StatusCode::BAD_REQUEST, error.to_string()),
            StartError::TinyLines(_) => Self::new(StatusCode::PAYLOAD_TOO_LARGE, error.to_string()),
            StartError::BadEvidence(message) => Self::invalid(&[FieldError::new(
                vec!["body".into()],
                "value_error",
                message,
                Value::Null,
            )]),
            StartError::Stopping(_) => Self::new(StatusCode::SERVICE_UNAVAILABLE, error.to_string())
                .with_header(header::RETRY_AFTER, "5"),
            StartError::Source(message) => Self::new(StatusCode::BAD_GATEWAY, message),
            StartError::Journal(error) => error.into(),
        }
    }
}

impl From<StreamError> for ApiError {
    fn from(error: StreamError) -> Self {
        match error {
            StreamError::Unknown(_) => Self::new(StatusCode::NOT_FOUND, error.to_string()),
            StreamError::Retired(_) => Self::new(StatusCode::GONE, error.to_string()),
            StreamError::Journal(error) => error.into(),
        }
    }
}

impl From<FeedbackError> for ApiError {
    fn from(error: FeedbackError) -> Self {
        match error {
            FeedbackError::UnknownFeedback(_)
            | FeedbackError::UnknownApproval(_)
            | FeedbackError::NothingLearnt { .. } => Self::new(StatusCode::NOT_FOUND, error.to_string()),
            FeedbackError::Journal(error) => error.into(),
        }
    }
}

impl From<ReplayError> for ApiError {
    fn from(error: ReplayError) -> Self {
        match error {
            ReplayError::Busy => {
                Self::new(StatusCode::CONFLICT, error.to_string()).with_header(header::RETRY_AFTER, "5")
            }
            ReplayError::Unfinished(Unfinished::Stopping) => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, error.to_string())
                    .with_header(header::RETRY_AFTER, "5")
            }
            ReplayError::Unfinished(Unfinished::Panicked(_)) => {
                tracing::error!(%error, "the journal was not replayed");
                Self::internal()
            }
            ReplayError::Journal(error) => error.into(),
        }
    }
}

impl From<ProposeError> for ApiError {
    fn from(error: ProposeError) -> Self {
        let text = error.to_string();
        match error {
            ProposeError::Invalid(_) => {
                let loc = vec!["body".into(), "commands".into()];
                Self::invalid(&[FieldError::new(loc, "value_error", text, Value::Null)])
            }
            ProposeError::Refused { index, command, .. } => {
                let loc = vec!["body".into(), "commands".into(), json!(index), "command".into()];
                Self::invalid(&[FieldError::new(loc, "value_error", text, Value::String(command))])
            }
            ProposeError::KeyReused(_) => Self::new(StatusCode::CONFLICT, text),
            ProposeError::Journal(error) => error.into(),
        }
    }
}

impl From<DecideError> for ApiError {
    fn from(error: DecideError) -> Self {
        let text = error.to_string();
        match error {
            DecideError::Unknown(_) => Self::new(StatusCode::NOT_FOUND, text),
            DecideError::NotPending { status, .. } => {
                Self::new(StatusCode::CONFLICT, text).with("status", status.as_str())
            }
            DecideError::StaleDigest(_) => Self::new(StatusCode::CONFLICT, text),
            DecideError::Invalid(_) => {
                let loc = vec!["body".into(), "decisions".into()];
                Self::invalid(&[FieldError::new(loc, "value_error", text, Value::Null)])
            }
            DecideError::Journal(error) => error.into(),
        }
    }
}
