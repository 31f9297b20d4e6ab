//! Host, Origin, Sec-Fetch-Site, bearer and cookie on both ports.

use axum::body::Body;
use serde_json::json;

use crate::world::{World, get, request, send, world, world_with};

type Headers = &'static [(&'static str, &'static str)];

/// The status of a request that changes something; 404 and 422 mean that the guards let it pass.
async fn change(world: &World, headers: Headers) -> u16 {
    send(
        &world.backend,
        request("POST", "/api/v1/feedback/submit", headers, "{}"),
    )
    .await
    .status
    .as_u16()
}

#[tokio::test]
async fn only_allowed_hosts_are_answered() {
    let world = world_with(|config| config.allowed_hosts.push("*.example.com".to_owned()));
    let allowed = [
        "localhost",
        "localhost:8000",
        "LOCALHOST.",
        "127.0.0.1:8000",
        "[::1]:8000",
        "[::1]",
        "a.example.com:80",
    ];
    let refused = [
        "evil.test",
        "localhost.evil.test",
        "127.0.0.1.evil.test",
        "example.com",
        "notexample.com",
        "localhost:80@evil.test",
        "[::1]evil",
        "",
    ];
    for router in [&world.backend, &world.approvals] {
        for host in allowed {
            let answer = send(
                router,
                request("GET", "/healthz", &[("host", host)], Body::empty()),
            )
            .await;
            assert_eq!(answer.status, 200, "{host}");
        }
        for host in refused {
            let answer = send(
                router,
                request("GET", "/healthz", &[("host", host)], Body::empty()),
            )
            .await;
            assert_eq!(answer.status, 403, "{host}");
        }
    }
}

#[tokio::test]
async fn two_hosts_are_no_host() {
    let world = world();
    let headers = [("host", "localhost"), ("host", "evil.test")];
    let answer = send(
        &world.backend,
        request("GET", "/healthz", &headers, Body::empty()),
    )
    .await;
    assert_eq!(answer.status, 403);
}

#[tokio::test]
async fn a_cross_site_change_is_refused() {
    let world = world_with(|config| config.cors_allowed_origins = vec!["https://console.example".to_owned()]);
    let table: [(Headers, u16); 12] = [
        (&[], 422),
        (&[("origin", "http://localhost:8000")], 422),
        (
            &[("host", "127.0.0.1:8000"), ("origin", "http://127.0.0.1:8000")],
            422,
        ),
        (
            &[
                ("origin", "https://console.example"),
                ("sec-fetch-site", "cross-site"),
            ],
            422,
        ),
        (&[("sec-fetch-site", "same-origin")], 422),
        (&[("sec-fetch-site", "none")], 422),
        (&[("origin", "https://evil.test")], 403),
        (
            &[
                ("origin", "http://localhost:3100"),
                ("sec-fetch-site", "same-site"),
            ],
            403,
        ),
        (&[("origin", "null")], 403),
        (&[("origin", "https://console.example.evil.test")], 403),
        (&[("sec-fetch-site", "cross-site")], 403),
        (&[("host", "127.0.0.1:8000"), ("origin", "http://127.0.0.1")], 403),
    ];
    for (headers, status) in table {
        assert_eq!(change(&world, headers).await, status, "{headers:?}");
    }
    let read = send(
        &world.backend,
        request("GET", "/", &[("origin", "https://evil.test")], Body::empty()),
    )
    .await;
    assert_eq!(
        (read.status.as_u16(), read.header("access-control-allow-origin")),
        (200, "")
    );
}

#[tokio::test]
async fn cors_is_answered_for_configured_origins_only() {
    let world = world_with(|config| config.cors_allowed_origins = vec!["https://console.example".to_owned()]);
    let preflight = |origin: &'static str| {
        let headers = [("origin", origin), ("access-control-request-method", "POST")];
        request("OPTIONS", "/api/v1/workflows/start", &headers, Body::empty())
    };
    let allowed = send(&world.backend, preflight("https://console.example")).await;
    assert_eq!(
        allowed.header("access-control-allow-origin"),
        "https://console.example"
    );
    let refused = send(&world.backend, preflight("https://evil.test")).await;
    assert_eq!(refused.header("access-control-allow-origin"), "");
}

fn protected() -> World {
    world_with(|config| config.api_token = Some("s3cret".into()))
}

#[tokio::test]
async fn a_token_is_needed_where_one_is_configured() {
    let world = protected();
    let table: [(Headers, u16); 6] = [
        (&[], 401),
        (&[("authorization", "Bearer wrong")], 401),
        (&[("authorization", "Basic s3cret")], 401),
        (&[("authorization", "Bearer s3cret")], 200),
        (&[("authorization", "bearer  s3cret")], 200),
        (&[("cookie", "kubemedic_session=v1.99999999999.AAAA")], 401),
    ];
    for router in [&world.backend, &world.approvals] {
        for (headers, status) in table {
            let answer = send(router, request("GET", "/", headers, Body::empty())).await;
            assert_eq!(answer.status, status, "{headers:?}");
        }
        for open in ["/healthz", "/readyz", "/login"] {
            assert_eq!(get(router, open).await.status, 200, "{open}");
        }
    }
    let refused = get(&world.backend, "/metrics").await;
    assert_eq!(refused.header("www-authenticate"), "Bearer");
}

#[tokio::test]
async fn a_browser_is_led_to_the_login_and_back() {
    let world = protected();
    let browser = [("accept", "text/html,*/*")];
    let led = send(
        &world.approvals,
        request("GET", "/approvals/x", &browser, Body::empty()),
    )
    .await;
    assert_eq!(
        (led.status.as_u16(), led.header("location")),
        (303, "/login?next=/approvals/x")
    );
    let page = get(&world.approvals, "/login?next=/approvals/x").await;
    assert!(page.text.contains(r#"name="next" value="/approvals/x""#));
    let wrong = send(
        &world.approvals,
        request("POST", "/login", &[], "token=wrong&next=/"),
    )
    .await;
    assert_eq!(wrong.status, 401);
    let form = "token=s3cret&next=%2Fapprovals%2Fx";
    let done = send(&world.approvals, request("POST", "/login", &[], form)).await;
    assert_eq!(
        (done.status.as_u16(), done.header("location")),
        (303, "/approvals/x")
    );
    let cookie = done.header("set-cookie");
    assert!(
        cookie.ends_with("; Path=/; Max-Age=43200; HttpOnly; SameSite=Strict"),
        "{cookie}"
    );
    assert!(!cookie.contains("s3cret"));
    let session = cookie.split(';').next().unwrap().to_owned();
    for router in [&world.backend, &world.approvals] {
        let headers = [("cookie", session.as_str())];
        assert_eq!(
            send(router, request("GET", "/", &headers, Body::empty()))
                .await
                .status,
            200
        );
    }
    world.clock.advance_seconds(43_200);
    let headers = [("cookie", session.as_str())];
    assert_eq!(
        send(&world.backend, request("GET", "/", &headers, Body::empty()))
            .await
            .status,
        401
    );
}

#[tokio::test]
async fn a_login_never_leads_to_another_server() {
    let world = protected();
    for next in [
        "//evil.test",
        "https://evil.test",
        "/\\evil.test",
        "javascript:alert(1)",
    ] {
        let form = format!("token=s3cret&next={next}");
        let done = send(&world.backend, request("POST", "/login", &[], form)).await;
        assert_eq!(done.header("location"), "/", "{next}");
    }
}

#[tokio::test]
async fn a_logout_forgets_the_session() {
    let world = world();
    let done = send(&world.backend, request("POST", "/logout", &[], Body::empty())).await;
    assert!(
        done.header("set-cookie")
            .starts_with("kubemedic_session=; Path=/; Max-Age=0")
    );
}

#[tokio::test]
async fn an_unknown_path_is_404_and_a_wrong_method_405_in_json() {
    let world = world();
    let not_found = json!({"detail": "Not Found"});
    assert_eq!(get(&world.backend, "/nope").await.told(), (404, not_found));
    let with_error = json!({"detail": "Not Found", "error": "Not Found"});
    assert_eq!(get(&world.approvals, "/nope").await.told(), (404, with_error));
    let wrong = send(
        &world.backend,
        request("DELETE", "/api/v1/workflows/start", &[], Body::empty()),
    )
    .await;
    assert_eq!(wrong.told(), (405, json!({"detail": "Method Not Allowed"})));
    assert_eq!(wrong.header("allow"), "POST");
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let world = world();
    for (router, path) in [
        (&world.backend, "/"),
        (&world.backend, "/nope"),
        (&world.approvals, "/"),
        (&world.backend, "/docs"),
    ] {
        let answer = get(router, path).await;
        let policy = answer.header("content-security-policy");
        assert!(
            policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{path}"
        );
        assert!(
            !policy.contains("unsafe-inline") && !policy.contains("unsafe-eval"),
            "{path}"
        );
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("referrer-policy"), "same-origin");
    }
}
