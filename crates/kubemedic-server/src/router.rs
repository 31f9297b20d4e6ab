//! The route tables of both ports and the layers around them, the outermost last.

use std::{any::Any, sync::Arc};

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, Request},
    http::{StatusCode, header},
    middleware::{Next, from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use kubemedic_workflow::services::Services;
use serde_json::Value;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::{App, Edge, Port},
    assets, auth,
    body::BodyLimits,
    config::EdgeConfig,
    error::{ApiError, ErrorBody, error_text},
    guards, headers, openapi, request_metrics,
    routes::{approvals, docs, feedback, fetchlogs, learning, login, pages, service, workflows},
};

/// The backend, default port 8000.
pub fn backend_router(services: Services, config: EdgeConfig) -> Router {
    let app = edge(Port::Backend, services, config);
    let routes = Router::from(backend_routes())
        .route("/openapi.json", get(docs::openapi))
        .route("/docs", get(docs::swagger))
        .route("/docs/{*path}", get(docs::swagger_file))
        .route("/redoc", get(docs::redoc));
    layered(routes, app)
}

/// The approval server, default port 3100.
pub fn approval_router(services: Services, config: EdgeConfig) -> Router {
    let app = edge(Port::Approval, services, config);
    let routes = Router::from(approval_routes())
        .route("/", get(pages::list))
        .route("/approvals/{approval_id}", get(pages::show))
        .route("/api/feedback", post(pages::rate))
        .route("/healthz", get(service::health))
        .route("/readyz", get(service::ready));
    layered(routes, app)
}

/// The backend's documented routes.
pub(crate) fn backend_routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(workflows::start))
        .routes(routes!(workflows::stream))
        .routes(routes!(workflows::list))
        .routes(routes!(workflows::details))
        .routes(routes!(fetchlogs::fetch))
        .routes(routes!(feedback::submit))
        .routes(routes!(feedback::mcp_approval))
        .routes(routes!(feedback::outcome))
        .routes(routes!(feedback::statistics))
        .routes(routes!(feedback::agent_statistics))
        .routes(routes!(feedback::improvements))
        .routes(routes!(feedback::top_examples))
        .routes(routes!(feedback::of_workflow))
        .routes(routes!(feedback::why))
        .routes(routes!(learning::retract))
        .routes(routes!(learning::reset))
        .routes(routes!(learning::replay))
        .routes(routes!(service::root))
        .routes(routes!(service::health))
        .routes(routes!(service::ready))
        .routes(routes!(service::metrics))
}

/// The approval server's documented routes.
pub(crate) fn approval_routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(approvals::propose))
        .routes(routes!(approvals::pending))
        .routes(routes!(approvals::list))
        .routes(routes!(approvals::show))
        .routes(routes!(approvals::approve))
        .routes(routes!(approvals::reject))
        .routes(routes!(approvals::decide))
}

fn edge(port: Port, services: Services, config: EdgeConfig) -> App {
    let document = openapi::document(&config.version, &config.approval_url);
    let openapi = serde_json::to_vec(&document).unwrap_or_default().into();
    let bodies = BodyLimits::new(config.max_body_bytes, config.client_patience);
    Arc::new(Edge {
        port,
        services,
        config,
        bodies,
        openapi,
    })
}

/// Adds what both ports have. A request passes the layers from the last to the first. No layer waits for a whole response,
/// compresses or times out: event streams stay open.
fn layered(routes: Router<App>, app: App) -> Router {
    let cors = guards::cors(&app.config.cors_allowed_origins);
    let with_error_text = app.port == Port::Approval;
    let router = routes
        .route("/assets/{*path}", get(assets::serve))
        .route("/login", get(login::form).post(login::submit))
        .route("/logout", post(login::logout))
        .fallback(async || ApiError::not_found())
        .method_not_allowed_fallback(async || {
            ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed")
        })
        .layer(DefaultBodyLimit::disable())
        .layer(from_fn(guards::readable_path))
        .layer(from_fn_with_state(app.clone(), auth::authenticate))
        .layer(cors)
        .layer(from_fn_with_state(app.clone(), guards::guard))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn(request_metrics::measure))
        .layer(from_fn(headers::secure))
        .with_state(app);
    if with_error_text {
        router.layer(from_fn(add_error_text))
    } else {
        router
    }
}

/// The approval server's errors carry `error` beside `detail` (CONTRACT.md section 1, errors).
async fn add_error_text(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let Some(ErrorBody(mut body)) = response.extensions_mut().remove::<ErrorBody>() else {
        return response;
    };
    body.insert("error".into(), Value::String(error_text(&body)));
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    let (fresh, content) = Json(body).into_response().into_parts();
    parts.headers.extend(fresh.headers);
    Response::from_parts(parts, content)
}

#[expect(clippy::needless_pass_by_value, reason = "the form that the layer takes")]
fn panicked(reason: Box<dyn Any + Send>) -> Response {
    let reason = reason.downcast_ref::<String>().map(String::as_str);
    let reason = reason.unwrap_or("no message");
    tracing::error!(reason, "a request handler panicked");
    ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error").into_response()
}
