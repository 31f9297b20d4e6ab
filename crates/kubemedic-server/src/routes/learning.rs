//! What an operator does with learning from outside: takes labels back, lets what was learnt age, replays the journal. Why a
//! proposal stands where it stands is told beside the statistics.

use axum::{Json, extract::State, http::Uri};
use kubemedic_workflow::feedback::Novelty;

use super::feedback::{feedback_id, refusal};
use crate::{
    app::App,
    body::JsonObject,
    error::ApiError,
    fields::Fields,
    routes::query,
    wire::{
        ErrorDetail, ValidationErrors,
        learning::{ReplayAnswer, ResetAnswer, ResetRequest, RetractAnswer, RetractRequest},
    },
};

/// Takes back what a record taught: all of it, or what one signal did. The record itself and its reward stay as they are.
#[utoipa::path(
    post, path = "/api/v1/learning/retract", tag = "feedback",
    request_body = RetractRequest,
    responses(
        (status = 200, description = "Taken back, or taken back before (`duplicate`)", body = RetractAnswer),
        (status = 404, description = "Feedback ID 'x' not found", body = ErrorDetail),
        (status = 422, description = "A field is wrong; nothing was stored", body = ValidationErrors),
    )
)]
pub(crate) async fn retract(
    State(app): State<App>,
    body: JsonObject,
) -> Result<Json<RetractAnswer>, ApiError> {
    let request = RetractRequest::read(&body.object).map_err(refusal)?;
    let id = feedback_id(&request.feedback_id)?;
    let feedback = &app.services.feedback;
    let done = feedback.retract(id, request.signal, request.event_id).await?;
    Ok(Json(RetractAnswer {
        success: true,
        message: "Labels taken back successfully".to_owned(),
        feedback_id: request.feedback_id,
        retracted: done.labels,
        state_hash: done.state_hash,
        duplicate: done.novelty == Novelty::Duplicate,
    }))
}

/// Lets what was learnt of a team or a cluster age at once, as a drift alarm does: for a change that is known before it shows.
#[utoipa::path(
    post, path = "/api/v1/learning/reset", tag = "feedback",
    request_body = ResetRequest,
    responses(
        (status = 200, description = "Aged, or done before under this `event_id` (`duplicate`)", body = ResetAnswer),
        (status = 404, description = "Nothing was learnt of team 'x'", body = ErrorDetail),
        (status = 422, description = "A field is wrong; nothing was stored", body = ValidationErrors),
    )
)]
pub(crate) async fn reset(State(app): State<App>, body: JsonObject) -> Result<Json<ResetAnswer>, ApiError> {
    let request = ResetRequest::read(&body.object).map_err(refusal)?;
    let (scope, name) = (request.scope, request.name);
    let feedback = &app.services.feedback;
    let done = feedback.reset(scope, name.clone(), request.event_id).await?;
    Ok(Json(ResetAnswer {
        success: true,
        message: format!("What was learnt of {} '{name}' has aged", scope.as_str()),
        scope: scope.as_str(),
        name,
        state_hash: done.state_hash,
        duplicate: done.novelty == Novelty::Duplicate,
    }))
}

/// Folds the whole journal into an empty ledger and compares the result with the ledger in use. It changes nothing.
#[utoipa::path(
    post, path = "/api/v1/feedback/replay", tag = "feedback",
    params((
        "verify" = Option<bool>, Query,
        description = "Whether the result is compared with the ledger in use; true where absent", example = true
    )),
    responses(
        (status = 200, body = ReplayAnswer),
        (status = 409, description = "A replay is running", body = ErrorDetail),
        (status = 422, description = "A parameter is wrong", body = ValidationErrors),
    )
)]
pub(crate) async fn replay(State(app): State<App>, uri: Uri) -> Result<Json<ReplayAnswer>, ApiError> {
    let query = query(&uri);
    let mut fields = Fields::new(&query, vec!["query".into()]);
    let verify = fields.boolean("verify").unwrap_or(true);
    fields.finish().map_err(refusal)?;
    let replayed = app.services.feedback.replay().await?;
    Ok(Json(ReplayAnswer {
        events: replayed.events,
        sequence: replayed.sequence,
        is_verified: verify.then(|| replayed.is_verified()),
        live_state_hash: verify.then_some(replayed.live_state_hash),
        state_hash: replayed.state_hash,
    }))
}
