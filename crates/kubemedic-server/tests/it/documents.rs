//! `/openapi.json`, `/docs`, `/redoc` and the files behind them.

use std::collections::BTreeSet;

use axum::body::Body;

use crate::world::{get, request, send, world};

#[test]
fn the_openapi_document_is_as_committed() {
    insta::assert_snapshot!(kubemedic_server::openapi().to_pretty_json().unwrap());
}

#[tokio::test]
async fn every_documented_path_is_served() {
    let world = world();
    let document = get(&world.backend, "/openapi.json").await.json();
    let paths = document["paths"].as_object().unwrap();
    assert!(paths.len() >= 20, "{}", paths.len());
    for (path, item) in paths {
        let router = if path.starts_with("/api/approvals") {
            &world.approvals
        } else {
            &world.backend
        };
        let concrete = path
            .replace("{workflow_id}", "x")
            .replace("{agent_name}", "x")
            .replace("{feedback_id}", "x")
            .replace("{approval_id}", "x");
        let operations = item
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect::<BTreeSet<_>>();
        for method in ["get", "post"]
            .into_iter()
            .filter(|method| operations.contains(method))
        {
            let answer = send(
                router,
                request(&method.to_uppercase(), &concrete, &[], Body::empty()),
            )
            .await;
            assert_ne!(answer.status, 405, "{method} {path}");
            assert!(
                !answer.text.contains("\"Not Found\"") || path == "/metrics",
                "{method} {path}"
            );
        }
    }
}

#[tokio::test]
async fn swagger_ui_and_redoc_come_from_the_binary() {
    let world = world();
    let files = [
        ("/docs", "text/html", "swagger-ui"),
        ("/docs/swagger-ui-bundle.js", "text/javascript", "SwaggerUIBundle"),
        ("/docs/swagger-ui.css", "text/css", ".swagger-ui"),
        ("/redoc", "text/html", "/assets/redoc.js"),
        (
            "/assets/vendor/redoc/redoc.standalone.js",
            "text/javascript",
            "RedocStandalone",
        ),
        ("/assets/vendor/redoc/LICENSE", "text/plain", "MIT"),
    ];
    for (path, content_type, part) in files {
        let answer = get(&world.backend, path).await;
        assert_eq!(answer.status, 200, "{path}");
        assert!(
            answer.header("content-type").starts_with(content_type),
            "{path}: {}",
            answer.header("content-type")
        );
        assert!(answer.text.contains(part), "{path}");
    }
    for path in [
        "/docs/nope.js",
        "/assets/nope.js",
        "/assets/../Cargo.toml",
        "/assets/%2e%2e/Cargo.toml",
    ] {
        assert_eq!(get(&world.backend, path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn a_file_that_the_client_has_is_not_sent_again() {
    let world = world();
    let first = get(&world.backend, "/assets/kubemedic.css").await;
    let headers = [("if-none-match", first.header("etag"))];
    let again = send(
        &world.backend,
        request("GET", "/assets/kubemedic.css", &headers, Body::empty()),
    )
    .await;
    assert_eq!((again.status.as_u16(), again.text.as_str()), (304, ""));
}
