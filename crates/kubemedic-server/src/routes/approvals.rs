//! `/api/approvals`: proposing and deciding, on the approval server. Nothing here runs a command.

use axum::{
    Extension, Json,
    extract::State,
    http::{HeaderMap, StatusCode, Uri},
};
use kubemedic_model::{
    approval::{Approval, ApprovalStatus},
    learning::DecisionHint,
};
use kubemedic_workflow::approvals::DecideError;

use crate::{
    app::App,
    auth::Caller,
    body::{JsonObject, OptionalJsonObject},
    error::ApiError,
    fields::{FieldError, Fields},
    routes::query,
    segment::Segment,
    wire::{
        ErrorDetail, ValidationErrors,
        approvals::{
            ApprovalView, Approvals, ApproveRequest, DecideRequest, Decided, ProposalRequest, Proposed,
            RejectRequest, Rejected, STATUSES, read_decision, read_proposal,
        },
    },
};

/// The longest idempotency key, in bytes.
const MAX_KEY_BYTES: usize = 255;

/// Proposes commands for a person to decide.
#[utoipa::path(
    post, path = "/api/approvals/propose", tag = "approvals",
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key and body again give the same answer")),
    request_body = ProposalRequest,
    responses(
        (status = 200, body = Proposed),
        (status = 400, description = "The Idempotency-Key has not 1 to 255 visible ASCII characters, or the body is not UTF-8", body = ErrorDetail),
        (status = 409, description = "The key was used for another body", body = ErrorDetail),
        (status = 422, description = "A command is forbidden or cannot be parsed, or a field is wrong", body = ValidationErrors),
    )
)]
pub(crate) async fn propose(
    State(app): State<App>,
    headers: HeaderMap,
    body: JsonObject,
) -> Result<Json<Proposed>, ApiError> {
    let proposal = read_proposal(&body, idempotency_key(&headers)?).map_err(|it| ApiError::invalid(&it))?;
    let approval = app.services.approvals.propose(proposal).await?;
    Ok(Json(Proposed {
        status: "pending",
        message: format!(
            "commands that wait for a person's decision: {}",
            approval.commands.len()
        ),
        approval_url: format!(
            "{}/approvals/{}",
            app.config.approval_url.trim_end_matches('/'),
            approval.id
        ),
        approval_id: approval.id.to_string(),
    }))
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, ApiError> {
    let Some(value) = headers.get("idempotency-key") else {
        return Ok(None);
    };
    match value.to_str() {
        Ok(key) if !key.trim().is_empty() && key.len() <= MAX_KEY_BYTES => Ok(Some(key.to_owned())),
        _ => {
            let detail = format!("Idempotency-Key must have 1 to {MAX_KEY_BYTES} visible ASCII characters");
            Err(ApiError::new(StatusCode::BAD_REQUEST, detail))
        }
    }
}

/// Lists the approvals that wait.
#[utoipa::path(
    get, path = "/api/approvals/pending", tag = "approvals",
    responses((status = 200, body = Approvals))
)]
pub(crate) async fn pending(State(app): State<App>) -> Result<Json<Approvals>, ApiError> {
    listed(&app, Some(ApprovalStatus::Pending)).await
}

/// Lists approvals, the oldest first.
#[utoipa::path(
    get, path = "/api/approvals", tag = "approvals",
    params(("status" = Option<String>, Query, pattern = "^(pending|approved|rejected|partially_approved|expired)$", description = "`pending`, `approved`, `rejected`, `partially_approved` or `expired`")),
    responses(
        (status = 200, body = Approvals),
        (status = 422, description = "A parameter is wrong", body = ValidationErrors),
    )
)]
pub(crate) async fn list(State(app): State<App>, uri: Uri) -> Result<Json<Approvals>, ApiError> {
    let query = query(&uri);
    let mut fields = Fields::new(&query, vec!["query".into()]);
    let status = fields.word("status", &STATUSES);
    fields.finish().map_err(|errors| ApiError::invalid(&errors))?;
    listed(&app, status).await
}

async fn listed(app: &App, status: Option<ApprovalStatus>) -> Result<Json<Approvals>, ApiError> {
    let approvals = app.services.approvals.list(status).await?;
    Ok(Json(Approvals {
        approvals: approvals.iter().map(ApprovalView::from).collect(),
    }))
}

/// Shows one approval.
#[utoipa::path(
    get, path = "/api/approvals/{approval_id}", tag = "approvals",
    params(("approval_id" = String, Path)),
    responses((status = 200, body = ApprovalView), (status = 404, description = "No such approval", body = ErrorDetail))
)]
pub(crate) async fn show(
    State(app): State<App>,
    Segment(id): Segment,
) -> Result<Json<ApprovalView>, ApiError> {
    let approval = app.services.approvals.get(known(&id)?).await?;
    Ok(Json(ApprovalView::from(&approval)))
}

/// Approves all commands, or those of the indexes; the rest is rejected.
#[utoipa::path(
    post, path = "/api/approvals/{approval_id}/approve", tag = "approvals",
    params(("approval_id" = String, Path)),
    request_body = Option<ApproveRequest>,
    responses(
        (status = 200, body = Decided),
        (status = 404, description = "No such approval", body = ErrorDetail),
        (status = 409, description = "Already decided or expired", body = ErrorDetail),
        (status = 422, description = "A field is wrong", body = ValidationErrors),
    )
)]
pub(crate) async fn approve(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Segment(id): Segment,
    OptionalJsonObject(object): OptionalJsonObject,
) -> Result<Json<Decided>, ApiError> {
    let request = ApproveRequest::read(&object).map_err(|errors| ApiError::invalid(&errors))?;
    let approver = request.approver.or(caller.name);
    let approval = app
        .services
        .approvals
        .approve(known(&id)?, approver, request.indexes)
        .await?;
    Ok(Json(Decided {
        status: approval.status.as_str(),
        message: counted(&approval),
    }))
}

fn counted(approval: &Approval) -> String {
    let (approved, rejected) = approval.counts();
    format!("commands approved: {approved}, rejected: {rejected}")
}

/// Rejects all commands.
#[utoipa::path(
    post, path = "/api/approvals/{approval_id}/reject", tag = "approvals",
    params(("approval_id" = String, Path)),
    request_body = Option<RejectRequest>,
    responses(
        (status = 200, body = Rejected),
        (status = 404, description = "No such approval", body = ErrorDetail),
        (status = 409, description = "Already decided or expired", body = ErrorDetail),
        (status = 422, description = "A field is wrong", body = ValidationErrors),
    )
)]
pub(crate) async fn reject(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Segment(id): Segment,
    OptionalJsonObject(object): OptionalJsonObject,
) -> Result<Json<Rejected>, ApiError> {
    let request = RejectRequest::read(&object).map_err(|errors| ApiError::invalid(&errors))?;
    let hint = DecisionHint {
        reason_kind: request.reason_kind,
        prefer: request.prefer,
    };
    let approver = request.approver.or(caller.name);
    let approval = app
        .services
        .approvals
        .reject_because(known(&id)?, approver, request.reason, hint)
        .await?;
    let reason = approval
        .rejection_reason
        .unwrap_or_else(|| "Rejected by user".to_owned());
    Ok(Json(Rejected {
        status: approval.status.as_str(),
        reason,
    }))
}

/// Decides every command by itself.
#[utoipa::path(
    post, path = "/api/approvals/{approval_id}/decide", tag = "approvals",
    params(("approval_id" = String, Path)),
    request_body = DecideRequest,
    responses(
        (status = 200, body = ApprovalView),
        (status = 404, description = "No such approval", body = ErrorDetail),
        (status = 409, description = "Already decided, expired, or changed since it was shown", body = ErrorDetail),
        (status = 422, description = "Incomplete, a reason is missing, or an edit is forbidden or riskier", body = ValidationErrors),
    )
)]
pub(crate) async fn decide(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Segment(id): Segment,
    body: JsonObject,
) -> Result<Json<ApprovalView>, ApiError> {
    let refuse = |errors: Vec<FieldError>| ApiError::invalid(&errors);
    let mut request = read_decision(&body.object).map_err(refuse)?;
    request.approver = request.approver.or(caller.name);
    let approval = app.services.approvals.decide(known(&id)?, request).await?;
    Ok(Json(ApprovalView::from(&approval)))
}

/// An id that no approval can have is not even asked for.
pub(crate) fn known(id: &str) -> Result<&str, ApiError> {
    if kubemedic_model::id::ApprovalId::new(id).is_ok() {
        return Ok(id);
    }
    Err(DecideError::Unknown(id.chars().filter(|c| !c.is_control()).take(200).collect()).into())
}
