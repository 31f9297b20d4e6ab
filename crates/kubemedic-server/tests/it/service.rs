//! `/`, `/healthz`, `/readyz`, `/metrics`.

use axum::body::Body;
use kubemedic_server::EdgeConfig;
use metrics_exporter_prometheus::PrometheusBuilder;
use serde_json::json;

use crate::world::{get, request, send, world, world_with};

#[tokio::test]
async fn the_root_tells_what_the_service_is() {
    let world = world_with(|config| config.version = "1.2.3".to_owned());
    let answer = get(&world.backend, "/").await;
    let body = answer.json();
    assert_eq!(
        (answer.status.as_u16(), &body["status"], &body["version"]),
        (200, &json!("running"), &json!("1.2.3"))
    );
    assert!(
        body["features"]
            .as_array()
            .is_some_and(|features| !features.is_empty())
    );
}

#[tokio::test]
async fn health_and_readiness_are_told_on_both_ports() {
    let mut shutdown = None;
    let world = world_with(|config: &mut EdgeConfig| shutdown = Some(config.shutdown.clone()));
    for router in [&world.backend, &world.approvals] {
        assert_eq!(
            get(router, "/healthz").await.told(),
            (200, json!({"status": "ok"}))
        );
        assert_eq!(
            get(router, "/readyz").await.told(),
            (200, json!({"status": "ready", "reasons": []}))
        );
    }
    shutdown.unwrap().cancel();
    let reasons = json!([{"part": "process", "reason": "it is shutting down"}]);
    let expected = json!({"status": "not_ready", "reasons": reasons});
    assert_eq!(get(&world.backend, "/readyz").await.told(), (503, expected));
}

#[tokio::test]
async fn metrics_are_rendered_where_they_are_measured() {
    let without = world();
    assert_eq!(get(&without.backend, "/metrics").await.status, 404);
    let recorder = PrometheusBuilder::new().build_recorder();
    let handle = recorder.handle();
    let world = world_with(|config| config.metrics = Some(handle));
    let _guard = metrics::set_default_local_recorder(&recorder);
    get(
        &world.backend,
        "/api/v1/workflows/018f0000-0000-7000-8000-000000000000",
    )
    .await;
    get(&world.backend, "/random-path-of-a-scanner").await;
    let answer = get(&world.backend, "/metrics").await;
    assert_eq!(
        answer.header("content-type"),
        "text/plain; version=0.0.4; charset=utf-8"
    );
    let known = r#"http_requests_total{method="GET",route="/api/v1/workflows/{workflow_id}",status="404"} 1"#;
    assert!(answer.text.contains(known), "{}", answer.text);
    assert!(
        answer.text.contains(r#"route="unmatched",status="404""#),
        "{}",
        answer.text
    );
    assert!(!answer.text.contains("scanner"));
}

#[tokio::test]
async fn head_answers_as_get_without_a_body() {
    let world = world();
    for path in ["/", "/healthz", "/openapi.json", "/api/v1/workflows"] {
        let answer = send(&world.backend, request("HEAD", path, &[], Body::empty())).await;
        assert_eq!(
            (answer.status.as_u16(), answer.text.as_str()),
            (200, ""),
            "{path}"
        );
    }
}
