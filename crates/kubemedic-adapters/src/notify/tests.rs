//! The signature of the specification, and what each answer of a receiver means.

use axum::{
    Router,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use jiff::Timestamp;
use tokio::net::TcpListener;

use super::*;

#[derive(Debug)]
struct FixedClock;

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(1_614_265_330).unwrap()
    }
}

#[test]
fn a_signature_is_that_of_the_specification() {
    // The example of the Standard Webhooks specification: secret, id, timestamp and payload.
    let secret = SecretString::from("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    let signed = signature(
        &secret,
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1_614_265_330,
        r#"{"test": 2432232314}"#,
    );
    assert_eq!(
        signed.as_deref(),
        Some("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    );
}

/// A receiver that answers with the status that the message asks for, and 400 to a message without id or signature.
async fn receiver() -> String {
    let answer = |headers: HeaderMap, body: String| async move {
        let complete = headers.contains_key("webhook-id") && headers.contains_key("webhook-signature");
        let status = if complete {
            body.parse().unwrap_or(400)
        } else {
            400
        };
        (
            StatusCode::from_u16(status).unwrap(),
            [("retry-after", "7")],
            "words",
        )
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    #[expect(clippy::disallowed_methods, reason = "a test's own server")]
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/hook", post(answer))).await });
    format!("http://user:pass@{address}/hook?key=k")
}

#[tokio::test]
async fn each_answer_of_a_receiver_is_told_apart_and_no_credential_is_shown() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let secret = SecretString::from("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    let notifier = HttpNotifier::new(&receiver().await, Some(secret), Arc::new(FixedClock)).unwrap();
    assert!(notifier.deliver("m1", "204").await.is_ok());
    assert!(matches!(
        notifier.deliver("m2", "410").await,
        Err(NotifierError::Gone { .. })
    ));
    let busy = notifier.deliver("m3", "503").await.unwrap_err();
    assert!(
        matches!(
            busy,
            NotifierError::Retry {
                retry_after_seconds: Some(7),
                ..
            }
        ),
        "{busy:?}"
    );
    let moved = notifier.deliver("m4", "302").await.unwrap_err().to_string();
    assert!(
        moved.contains("302") && !moved.contains("pass") && !moved.contains("key=k"),
        "{moved}"
    );
}
