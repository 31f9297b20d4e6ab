//! A server that knows only the original's fields, and one that fails.

use axum::{
    Json, Router,
    http::StatusCode,
    routing::{get, post},
};
use serde_json::json;
use tokio::net::TcpListener;

use super::*;

async fn served(router: Router) -> HttpApprovalGateway {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    #[expect(clippy::disallowed_methods, reason = "a test's own server")]
    tokio::spawn(async move { axum::serve(listener, router).await });
    HttpApprovalGateway::new(&url, None).unwrap()
}

#[tokio::test]
async fn a_server_that_knows_only_the_originals_fields_is_enough() {
    let pending = json!({"approvals": [{"id": "approval_9", "action": "a", "commands": [{"command": "kubectl get pods"}],
        "timestamp": "2026-01-01T00:00:00Z", "metadata": {"workflow_id": "w"}}]});
    let router = Router::new()
        .route(
            "/api/approvals/propose",
            post(|| async {
                Json(json!({"status": "pending", "approval_id": "approval_9", "message": "ok"}))
            }),
        )
        .route("/api/approvals/pending", get(move || async { Json(pending) }));
    let gateway = served(router).await;
    let id = gateway.propose("key", &json!({"commands": []})).await.unwrap();
    assert_eq!(id.as_str(), "approval_9");
    let expected = ForeignApproval {
        id: id.clone(),
        status: "pending".into(),
        counts: None,
        reason: None,
        approver: None,
        metadata: json!({"workflow_id": "w"}),
    };
    assert_eq!(gateway.pending().await.unwrap(), [expected]);
    assert_eq!(gateway.approval(&id).await.unwrap(), None);
}

#[tokio::test]
async fn an_overloaded_server_is_worth_another_try_and_a_refusing_one_is_not() {
    let router = Router::new()
        .route(
            "/api/approvals/pending",
            get(|| async { (StatusCode::BAD_GATEWAY, "upstream") }),
        )
        .route(
            "/api/approvals/propose",
            post(|| async { (StatusCode::UNPROCESSABLE_ENTITY, "command 0") }),
        );
    let gateway = served(router).await;
    assert!(matches!(
        gateway.pending().await,
        Err(ApprovalGatewayError::Unavailable { .. })
    ));
    let refused = gateway.propose("key", &json!({})).await;
    assert!(
        matches!(refused, Err(ApprovalGatewayError::Refused { status: 422, .. })),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_server_that_is_down_is_worth_another_try() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://user:secret@{}", listener.local_addr().unwrap());
    drop(listener);
    let _ = rustls::crypto::ring::default_provider().install_default();
    let gateway = HttpApprovalGateway::new(&url, None).unwrap();
    let error = gateway.pending().await.unwrap_err();
    assert!(matches!(error, ApprovalGatewayError::Unavailable { .. }));
    assert!(!error.to_string().contains("secret"), "{error}");
}
