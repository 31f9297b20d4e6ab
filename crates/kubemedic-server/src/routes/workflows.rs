//! `/api/v1/workflows`: starting, listing and watching.

use axum::{
    Json,
    extract::{Request, State},
    http::{HeaderMap, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use kubemedic_model::{id::WorkflowId, workflow::WorkflowStatus};
use kubemedic_ports::journal::WorkflowFilter;
use kubemedic_workflow::{
    stream::Opened,
    workflows::{StartError, Submission},
};
use serde::de::IgnoredAny;

use crate::{
    app::App,
    body,
    error::ApiError,
    fields::Fields,
    routes::query,
    segment::Segment,
    sse,
    wire::{
        ErrorDetail, ValidationErrors,
        workflows::{Started, StreamFrame, Workflow},
    },
};

/// How many workflows a list shows where nobody says.
const DEFAULT_LIMIT: u32 = 50;
/// The most workflows that a list shows.
const MAX_LIMIT: u32 = 500;

/// Starts a workflow on log text, or on an evidence object (`application/json`).
#[utoipa::path(
    post, path = "/api/v1/workflows/start", tag = "workflows",
    request_body(
        content(
            (String = "text/plain", example = "ERROR: Pod api-service-7b4f9d in namespace production is in CrashLoopBackOff state"),
            (serde_json::Value = "application/json"),
        ),
        description = "UTF-8 text of any content type, or an evidence object as application/json. Content-Encoding: gzip is allowed.",
    ),
    responses(
        (status = 202, description = "The redacted input is durable and the agents work on it", body = Started),
        (status = 400, description = "Not UTF-8, or blank", body = ErrorDetail),
        (status = 413, description = "Larger than MAX_BODY_BYTES, also after inflation", body = ErrorDetail),
        (status = 422, description = "The JSON is no evidence object", body = ValidationErrors),
        (status = 502, description = "The named log source cannot be used", body = ErrorDetail),
    )
)]
pub(crate) async fn start(State(app): State<App>, request: Request) -> Result<Response, ApiError> {
    let (parts, content) = request.into_parts();
    let read = body::read(&parts.headers, content, &app.bodies, app.bodies.bytes).await?;
    let submission = submission(&parts.headers, body::text(&read.bytes)?)?;
    let id = app.services.workflows.start(submission).await?;
    drop(read);
    Ok((
        StatusCode::ACCEPTED,
        Json(Started {
            workflow_id: id.uuid(),
        }),
    )
        .into_response())
}

fn submission(headers: &HeaderMap, text: &str) -> Result<Submission, ApiError> {
    if text.trim().is_empty() {
        return Err(StartError::Blank.into());
    }
    if !is_json(headers) {
        return Ok(Submission::Text(text.to_owned()));
    }
    match serde_json::from_str::<IgnoredAny>(text) {
        Ok(_) => Ok(Submission::Evidence(text.to_owned())),
        Err(error) => Err(body::bad_json(text, &error)),
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let essence = content_type
        .and_then(|value| value.split(';').next())
        .unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("application/json")
}

/// Streams a workflow's events: the past first, then live.
#[utoipa::path(
    get, path = "/api/v1/workflows/{workflow_id}/stream", tag = "workflows",
    params(
        ("workflow_id" = String, Path, description = "The workflow's UUID"),
        ("after" = Option<u64>, Query, description = "Resume after this event"),
        ("follow" = Option<bool>, Query, description = "Stay open through approval and execution, until the workflow is closed"),
        ("Last-Event-ID" = Option<u64>, Header, description = "Resume after this event; wins over `after`"),
    ),
    responses(
        (status = 200, description = "Server-Sent Events: `id:` a number from 1, `data:` one JSON object", body = StreamFrame, content_type = "text/event-stream"),
        (status = 204, description = "The position is that of the last event"),
        (status = 400, description = "Invalid workflow ID format", body = ErrorDetail),
        (status = 404, description = "No such workflow", body = ErrorDetail),
        (status = 410, description = "Its events were retired", body = ErrorDetail),
        (status = 422, description = "A parameter is wrong", body = ValidationErrors),
    )
)]
pub(crate) async fn stream(
    State(app): State<App>,
    Segment(id): Segment,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let id = parse_id(&id)?;
    let query = query(&uri);
    let mut fields = Fields::new(&query, vec!["query".into()]);
    let after = fields.integer("after", 0, u32::MAX).map(u64::from);
    let follow = fields.boolean("follow").unwrap_or(false);
    fields.finish().map_err(|errors| ApiError::invalid(&errors))?;
    let position = sse::position(&headers, after);
    match app.services.workflows.open_stream(id, position, follow).await? {
        Opened::Stream(events) => Ok(sse::respond(events, app.config.shutdown.clone())),
        Opened::AlreadyAtEnd => Ok(StatusCode::NO_CONTENT.into_response()),
    }
}

/// Lists workflows, the newest first.
#[utoipa::path(
    get, path = "/api/v1/workflows", tag = "workflows",
    params(
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 500, description = "At most so many, 1 to 500", example = 50),
        ("status" = Option<String>, Query, pattern = "^(running|awaiting_approval|executing|closed|failed)$", description = "`running`, `awaiting_approval`, `executing`, `closed` or `failed`"),
    ),
    responses(
        (status = 200, description = "The newest first", body = Vec<Workflow>),
        (status = 422, description = "A parameter is wrong", body = ValidationErrors),
    )
)]
pub(crate) async fn list(State(app): State<App>, uri: Uri) -> Result<Json<Vec<Workflow>>, ApiError> {
    const STATUSES: [WorkflowStatus; 5] = [
        WorkflowStatus::Running,
        WorkflowStatus::AwaitingApproval,
        WorkflowStatus::Executing,
        WorkflowStatus::Closed,
        WorkflowStatus::Failed,
    ];
    let query = query(&uri);
    let mut fields = Fields::new(&query, vec!["query".into()]);
    let limit = fields.integer("limit", 1, MAX_LIMIT).unwrap_or(DEFAULT_LIMIT);
    let status = fields.word("status", &STATUSES.map(|status| (status.as_str(), status)));
    fields.finish().map_err(|errors| ApiError::invalid(&errors))?;
    let summaries = app
        .services
        .workflows
        .list(&WorkflowFilter { status, limit })
        .await?;
    let mut workflows = Vec::new();
    for summary in summaries {
        if let Some(details) = app.services.workflows.details(summary.id).await? {
            workflows.push(Workflow::from(details));
        }
    }
    Ok(Json(workflows))
}

/// Shows one workflow.
#[utoipa::path(
    get, path = "/api/v1/workflows/{workflow_id}", tag = "workflows",
    params(("workflow_id" = String, Path, description = "The workflow's UUID")),
    responses(
        (status = 200, body = Workflow),
        (status = 400, description = "Invalid workflow ID format", body = ErrorDetail),
        (status = 404, description = "No such workflow", body = ErrorDetail),
    )
)]
pub(crate) async fn details(
    State(app): State<App>,
    Segment(id): Segment,
) -> Result<Json<Workflow>, ApiError> {
    let id = parse_id(&id)?;
    let details = app.services.workflows.details(id).await?;
    let details =
        details.ok_or_else(|| ApiError::new(StatusCode::NOT_FOUND, format!("workflow '{id}' not found")))?;
    Ok(Json(details.into()))
}

fn parse_id(text: &str) -> Result<WorkflowId, ApiError> {
    text.parse()
        .map_err(|_| ApiError::new(StatusCode::BAD_REQUEST, "Invalid workflow ID format"))
}
