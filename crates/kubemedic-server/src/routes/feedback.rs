//! `/api/v1/feedback`: ratings, decisions told by webhook, outcomes, and what was learnt from them.

use axum::{
    Extension, Json,
    extract::State,
    http::{HeaderMap, Uri},
};
use kubemedic_model::{
    feedback::Rating,
    id::{ApprovalId, FeedbackId},
};
use kubemedic_workflow::feedback::{FeedbackError, Novelty};
use secrecy::ExposeSecret;
use serde_json::{Map, Value};

use crate::{
    app::{App, Edge},
    auth::Caller,
    body::{JsonObject, RawBody},
    error::ApiError,
    fields::{FieldError, Fields},
    routes::query,
    segment::Segment,
    webhook_signature,
    wire::{
        ErrorDetail, ValidationErrors,
        feedback::{
            AgentStatistics, ApprovalReportRequest, FeedbackAnswer, FeedbackOpportunity, Improvements,
            OutcomeRequest, RatingRequest, ReadReport, ReportAnswer, TopExample, TopExamples,
            WorkflowFeedback,
        },
    },
};

/// The one agent that learns.
const LEARNER: &str = "RemediationAgent";
/// The most examples of one answer.
const MAX_EXAMPLES: u32 = 100;

/// Rates a plan. Absent and null fields keep their old value.
#[utoipa::path(
    post, path = "/api/v1/feedback/submit", tag = "feedback",
    request_body = RatingRequest,
    responses(
        (status = 200, body = FeedbackAnswer),
        (status = 404, description = "Feedback ID 'x' not found", body = ErrorDetail),
        (status = 422, description = "A field is wrong; nothing was stored", body = ValidationErrors),
    )
)]
pub(crate) async fn submit(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    body: JsonObject,
) -> Result<Json<FeedbackAnswer>, ApiError> {
    rate(&app, caller, &body.object).await.map(Json)
}

/// Records a rating for whoever asked; also behind the approval page's form.
pub(crate) async fn rate(
    app: &Edge,
    caller: Caller,
    object: &Map<String, Value>,
) -> Result<FeedbackAnswer, ApiError> {
    let request = RatingRequest::read(object).map_err(refusal)?;
    let rater = request
        .rater
        .filter(|rater| !rater.trim().is_empty())
        .or(caller.name);
    let rating = Rating {
        feedback_id: feedback_id(&request.feedback_id)?,
        rater: rater.unwrap_or_else(|| "anonymous".to_owned()),
        rating: request.rating,
        was_helpful: request.was_helpful,
        comments: request.feedback_comments,
        improvements: request.improvements_suggested,
    };
    app.services.feedback.rate(rating).await?;
    let message = "Feedback submitted successfully".to_owned();
    Ok(FeedbackAnswer {
        success: true,
        message,
        feedback_id: request.feedback_id,
        duplicate: false,
    })
}

/// Takes what an approval server tells of a decision. It feeds learning only and authorises nothing.
#[utoipa::path(
    post, path = "/api/v1/feedback/mcp-approval", tag = "feedback",
    request_body = ApprovalReportRequest,
    responses(
        (status = 200, description = "Recorded, or recorded before (`duplicate`)", body = ReportAnswer),
        (status = 401, description = "Not signed although WEBHOOK_SECRET is set", body = ErrorDetail),
        (status = 404, description = "No feedback found for approval_id: x", body = ErrorDetail),
        (status = 422, description = "A field is wrong", body = ValidationErrors),
    )
)]
pub(crate) async fn mcp_approval(
    State(app): State<App>,
    headers: HeaderMap,
    RawBody(bytes): RawBody,
) -> Result<Json<ReportAnswer>, ApiError> {
    if let Some(secret) = &app.config.webhook_secret {
        let now = app.config.clock.now().as_second();
        webhook_signature::verify(secret.expose_secret(), &headers, &bytes, now)
            .map_err(|error| ApiError::unauthorized(&error.to_string()))?;
    }
    let body = JsonObject::parse(bytes)?;
    let report = ReadReport::read(&body.object).map_err(refusal)?;
    let (approval, status) = (report.approval_id.clone(), report.status);
    let id = ApprovalId::new(approval.as_str())
        .map_err(|_| FeedbackError::UnknownApproval(approval.chars().take(200).collect()))?;
    let webhook_id = headers
        .get("webhook-id")
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned);
    let novelty = app
        .services
        .feedback
        .report(report.into_report(id, webhook_id))
        .await?;
    Ok(Json(ReportAnswer {
        success: true,
        message: format!("Approval status '{}' recorded successfully", status.as_str()),
        approval_id: approval,
        duplicate: novelty == Novelty::Duplicate,
    }))
}

/// Records what came of a plan.
#[utoipa::path(
    post, path = "/api/v1/feedback/outcome", tag = "feedback",
    request_body = OutcomeRequest,
    responses(
        (status = 200, body = FeedbackAnswer),
        (status = 404, description = "Feedback ID 'x' not found", body = ErrorDetail),
        (status = 422, description = "A field is wrong", body = ValidationErrors),
    )
)]
pub(crate) async fn outcome(
    State(app): State<App>,
    body: JsonObject,
) -> Result<Json<FeedbackAnswer>, ApiError> {
    let request = OutcomeRequest::read(&body.object).map_err(refusal)?;
    let id = feedback_id(&request.feedback_id)?;
    let feedback = &app.services.feedback;
    let novelty = feedback.outcome(id, (&request).into(), request.event_id).await?;
    Ok(Json(FeedbackAnswer {
        success: true,
        message: "Outcome recorded successfully".to_owned(),
        feedback_id: request.feedback_id,
        duplicate: novelty == Novelty::Duplicate,
    }))
}

/// Statistics over all feedback.
#[utoipa::path(
    get, path = "/api/v1/feedback/statistics", tag = "feedback",
    responses((status = 200, description = "Counts and averages; an empty average is 0.0", body = Value))
)]
pub(crate) async fn statistics(State(app): State<App>) -> Json<Value> {
    Json(app.services.feedback.statistics())
}

/// Why the proposals of a record stand where they stand: which features moved them, by how much, and from which feedback.
#[utoipa::path(
    get, path = "/api/v1/learning/why/{feedback_id}", tag = "feedback",
    params(("feedback_id" = String, Path, example = "workflow_123_remediation_1234567890")),
    responses(
        (status = 200, description = "For each root cause the order, the order of the knowledge base, and what moved each repair", body = Value),
        (status = 404, description = "Feedback ID 'x' not found", body = ErrorDetail),
    )
)]
pub(crate) async fn why(State(app): State<App>, Segment(id): Segment) -> Result<Json<Value>, ApiError> {
    let known = feedback_id(&id)?;
    let found = app.services.feedback.why(&known);
    found
        .map(Json)
        .ok_or_else(|| FeedbackError::UnknownFeedback(id).into())
}

/// Statistics of one agent. Only `RemediationAgent` learns.
#[utoipa::path(
    get, path = "/api/v1/feedback/statistics/{agent_name}", tag = "feedback",
    params(("agent_name" = String, Path, example = "RemediationAgent")),
    responses((status = 200, body = AgentStatistics))
)]
pub(crate) async fn agent_statistics(
    State(app): State<App>,
    Segment(agent_name): Segment,
) -> Json<AgentStatistics> {
    if agent_name == LEARNER {
        let statistics = app.services.feedback.agent_statistics();
        return Json(AgentStatistics {
            agent_name,
            statistics,
            message: None,
        });
    }
    let message = format!("No learning statistics for '{agent_name}': only {LEARNER} learns from feedback");
    Json(AgentStatistics {
        agent_name,
        statistics: Value::Object(Map::new()),
        message: Some(message),
    })
}

/// What raters want an agent to do better.
#[utoipa::path(
    get, path = "/api/v1/feedback/improvements/{agent_name}", tag = "feedback",
    params(("agent_name" = String, Path, example = "RemediationAgent")),
    responses((status = 200, body = Improvements))
)]
pub(crate) async fn improvements(State(app): State<App>, Segment(agent_name): Segment) -> Json<Improvements> {
    let learns = agent_name == LEARNER;
    let improvement_suggestions = if learns {
        app.services.feedback.improvements()
    } else {
        Vec::new()
    };
    let count = improvement_suggestions.len();
    Json(Improvements {
        agent_name,
        improvement_suggestions,
        count,
    })
}

/// The examples with the highest rewards.
#[utoipa::path(
    get, path = "/api/v1/feedback/top-examples/{agent_name}", tag = "feedback",
    params(
        ("agent_name" = String, Path, example = "RemediationAgent"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "At most so many, 1 to 100", example = 5),
        ("min_reward" = Option<f64>, Query, description = "The lowest reward", example = 0.7),
    ),
    responses(
        (status = 200, body = TopExamples),
        (status = 422, description = "A parameter is wrong", body = ValidationErrors),
    )
)]
pub(crate) async fn top_examples(
    State(app): State<App>,
    Segment(agent_name): Segment,
    uri: Uri,
) -> Result<Json<TopExamples>, ApiError> {
    let query = query(&uri);
    let mut fields = Fields::new(&query, vec!["query".into()]);
    let limit = fields.integer("limit", 1, MAX_EXAMPLES).unwrap_or(5);
    let min_reward = fields.number("min_reward").unwrap_or(0.7);
    fields.finish().map_err(refusal)?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let learns = agent_name == LEARNER;
    let records = if learns {
        app.services.feedback.top_examples(limit, min_reward)
    } else {
        Vec::new()
    };
    let examples: Vec<TopExample> = records.into_iter().map(TopExample::from).collect();
    Ok(Json(TopExamples {
        agent_name,
        examples_count: examples.len(),
        examples,
    }))
}

/// What can be judged of a workflow; nothing for one that is not known.
#[utoipa::path(
    get, path = "/api/v1/feedback/workflow/{workflow_id}", tag = "feedback",
    params(("workflow_id" = String, Path, description = "The workflow's UUID")),
    responses((status = 200, body = WorkflowFeedback))
)]
pub(crate) async fn of_workflow(
    State(app): State<App>,
    Segment(workflow_id): Segment,
) -> Json<WorkflowFeedback> {
    let records = match workflow_id.parse() {
        Ok(id) => app.services.feedback.of_workflow(id),
        Err(_) => Vec::new(),
    };
    let feedback_opportunities: Vec<_> = records.into_iter().map(FeedbackOpportunity::from).collect();
    let count = feedback_opportunities.len();
    Json(WorkflowFeedback {
        workflow_id,
        feedback_opportunities,
        count,
    })
}

/// A text that cannot be an id names no record.
fn feedback_id(text: &str) -> Result<FeedbackId, ApiError> {
    FeedbackId::new(text).map_err(|_| FeedbackError::UnknownFeedback(text.chars().take(200).collect()).into())
}

#[expect(clippy::needless_pass_by_value, reason = "the form that map_err takes")]
fn refusal(errors: Vec<FieldError>) -> ApiError {
    ApiError::invalid(&errors)
}
