//! The service itself: what it is, whether it lives, whether it is ready, what it measured.

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use kubemedic_workflow::models::ModelStatus;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{app::App, error::ApiError};

/// What the service can do, in a word each.
const FEATURES: [&str; 8] = [
    "multi_agent_orchestration",
    "root_cause_analysis",
    "remediation_plans",
    "human_approval",
    "reinforcement_learning",
    "server_sent_events",
    "secret_redaction",
    "works_without_api_key",
];

/// What the service is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ServiceInfo {
    /// Always `running`.
    status: &'static str,
    /// What it can do.
    features: [&'static str; 8],
    /// Its version.
    version: String,
    /// The language models that agents may ask, and how each is. Empty: the engine answers alone.
    models: Vec<ModelHealth>,
}

/// How a language model is. A model that rests or fails makes nothing unready: the engine answers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ModelHealth {
    /// Its name, `provider:model`.
    model: String,
    /// `closed`: it is asked; `half_open`: one request looks whether it answers again; `open`: it rests.
    breaker: &'static str,
    /// How long it still rests, in seconds.
    rests_for_seconds: Option<u64>,
    /// The kind of its last failure, such as `model_gone`, unless it has answered since.
    last_error: Option<&'static str>,
    /// What is worth knowing of it.
    note: Option<String>,
}

fn models(app: &App) -> Vec<ModelHealth> {
    let status = app.services.models().status().into_iter();
    let health = |it: ModelStatus| ModelHealth {
        model: it.model.to_string(),
        breaker: it.breaker.as_str(),
        rests_for_seconds: it.rests_for.map(|rest| rest.as_secs()),
        last_error: it.last_error,
        note: it.note,
    };
    status.map(health).collect()
}

/// Tells what the service is.
#[utoipa::path(get, path = "/", tag = "service", responses((status = 200, body = ServiceInfo)))]
pub(crate) async fn root(State(app): State<App>) -> Json<ServiceInfo> {
    Json(ServiceInfo {
        status: "running",
        features: FEATURES,
        version: app.config.version.clone(),
        models: models(&app),
    })
}

/// Whether the process lives.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Health {
    /// Always `ok`.
    status: &'static str,
}

/// Answers while the process lives.
#[utoipa::path(get, path = "/healthz", tag = "service", responses((status = 200, body = Health)))]
pub(crate) async fn health() -> Json<Health> {
    Json(Health { status: "ok" })
}

/// Whether work would go on now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Readiness {
    /// `ready` or `not_ready`.
    status: &'static str,
    /// What is not ready, and why.
    reasons: Vec<Reason>,
}

/// Why a part is not ready.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Reason {
    /// The part, such as `journal`.
    part: &'static str,
    /// Why.
    reason: String,
}

/// Answers 503 with the reasons while work would not go on.
#[utoipa::path(
    get, path = "/readyz", tag = "service",
    responses((status = 200, body = Readiness), (status = 503, description = "Not ready", body = Readiness))
)]
pub(crate) async fn ready(State(app): State<App>) -> Response {
    let mut reasons: Vec<Reason> = Vec::new();
    for not_ready in app.services.readiness().await {
        reasons.push(Reason {
            part: not_ready.part,
            reason: not_ready.reason,
        });
    }
    if app.config.shutdown.is_cancelled() {
        reasons.push(Reason {
            part: "process",
            reason: "it is shutting down".to_owned(),
        });
    }
    if reasons.is_empty() {
        return Json(Readiness {
            status: "ready",
            reasons,
        })
        .into_response();
    }
    (
        StatusCode::SERVICE_UNAVAILABLE,
        Json(Readiness {
            status: "not_ready",
            reasons,
        }),
    )
        .into_response()
}

/// Measurements in Prometheus' text format.
#[utoipa::path(
    get, path = "/metrics", tag = "service",
    responses((status = 200, description = "Prometheus text", body = String, content_type = "text/plain"))
)]
pub(crate) async fn metrics(State(app): State<App>) -> Result<Response, ApiError> {
    let Some(handle) = &app.config.metrics else {
        return Err(ApiError::not_found());
    };
    let content_type = "text/plain; version=0.0.4; charset=utf-8";
    Ok(([(header::CONTENT_TYPE, content_type)], handle.render()).into_response())
}
