//! The approval server's pages, and the rating form's way to the feedback service.

use axum::{
    Extension, Json,
    extract::State,
    response::{IntoResponse, Response},
};

use kubemedic_model::approval::Approval;

use crate::{
    app::{App, Edge},
    auth::Caller,
    body::JsonObject,
    error::ApiError,
    page,
    routes::{approvals::known, feedback},
    segment::Segment,
    wire::feedback::FeedbackAnswer,
};

/// Every approval: those that wait first.
pub(crate) async fn list(State(app): State<App>) -> Result<Response, ApiError> {
    let approvals = app.services.approvals.list(None).await?;
    Ok(page::list::render(&app.config, &approvals).into_response())
}

/// One approval, to read and to decide.
pub(crate) async fn show(State(app): State<App>, Segment(id): Segment) -> Result<Response, ApiError> {
    let approval = app.services.approvals.get(known(&id)?).await?;
    let feedback_id = feedback_id(&app, &approval);
    Ok(page::approval::render(&app.config, &approval, feedback_id.as_deref()).into_response())
}

/// The record that a rating of this approval goes to: the one that names it, else the workflow's newest.
fn feedback_id(app: &Edge, approval: &Approval) -> Option<String> {
    let records = app.services.feedback.of_workflow(approval.workflow_id?);
    let naming = records
        .iter()
        .find(|record| record.approval_ids.contains(&approval.id));
    naming
        .or(records.last())
        .map(|record| record.feedback_id.to_string())
}

/// Takes a rating from the page: the same as the backend's `/api/v1/feedback/submit`, on the page's own origin.
pub(crate) async fn rate(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    body: JsonObject,
) -> Result<Json<FeedbackAnswer>, ApiError> {
    feedback::rate(&app, caller, &body.object).await.map(Json)
}
