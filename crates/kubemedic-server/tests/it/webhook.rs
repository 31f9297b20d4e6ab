//! Standard Webhooks signatures on `/api/v1/feedback/mcp-approval`.

use kubemedic_server::webhook_signature::sign;
use kubemedic_testkit::manual_clock::START;
use serde_json::{Value, json};

use crate::world::{World, request, send, world_with};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const BODY: &str =
    r#"{"approval_id":"approval_123abc","status":"approved","approved_count":5,"rejected_count":0}"#;

fn signed_only() -> World {
    world_with(|config| {
        config.webhook_secret = Some(SECRET.into());
        config.api_token = Some("s3cret".into());
    })
}

async fn deliver(world: &World, headers: &[(&str, &str)]) -> (u16, Value) {
    send(
        &world.backend,
        request("POST", "/api/v1/feedback/mcp-approval", headers, BODY),
    )
    .await
    .told()
}

#[tokio::test]
async fn a_valid_signature_stands_in_for_the_bearer_token() {
    let world = signed_only();
    let now = START.as_second();
    let timestamp = now.to_string();
    let good = sign(SECRET, "msg_1", now, BODY.as_bytes());
    let rotated = format!("v1,AAAA v2,x {good}");
    for signature in [&good, &rotated] {
        let headers = [
            ("webhook-id", "msg_1"),
            ("webhook-timestamp", timestamp.as_str()),
            ("webhook-signature", signature),
        ];
        let told = deliver(&world, &headers).await;
        assert_eq!(
            told,
            (
                404,
                json!({"detail": "No feedback found for approval_id: approval_123abc"})
            )
        );
    }
}

#[tokio::test]
async fn an_unsigned_wrong_or_old_webhook_is_401_also_with_the_token() {
    let world = signed_only();
    let now = START.as_second();
    let stamp = |seconds: i64| seconds.to_string();
    let good = sign(SECRET, "msg_1", now, BODY.as_bytes());
    let other = sign("whsec_AAAA", "msg_1", now, BODY.as_bytes());
    let old = sign(SECRET, "msg_1", now - 301, BODY.as_bytes());
    let missing = "webhook is not signed: webhook-id, webhook-timestamp and webhook-signature are needed";
    let mismatch = "webhook signature does not match WEBHOOK_SECRET";
    let stale = "webhook timestamp is not within five minutes of this server's time";
    assert_eq!(deliver(&world, &[]).await, (401, json!({"detail": missing})));
    assert_eq!(
        deliver(&world, &[("authorization", "Bearer s3cret")]).await,
        (401, json!({"detail": missing}))
    );
    let table = [
        ("msg_1", stamp(now), other, mismatch),
        ("msg_2", stamp(now), good.clone(), mismatch),
        ("msg_1", stamp(now - 1), good, mismatch),
        ("msg_1", stamp(now - 301), old, stale),
        ("msg_1", "soon".to_owned(), String::new(), stale),
    ];
    for (id, timestamp, signature, detail) in table {
        let headers = [
            ("webhook-id", id),
            ("webhook-timestamp", timestamp.as_str()),
            ("webhook-signature", signature.as_str()),
        ];
        assert_eq!(deliver(&world, &headers).await, (401, json!({"detail": detail})));
    }
}
