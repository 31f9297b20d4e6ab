//! Framing and position.

use futures_util::stream;

use super::*;

#[tokio::test]
async fn an_event_is_an_id_line_and_a_data_line_after_the_retry_hint() {
    let frames = [
        Frame {
            sequence: 1,
            json: "{\"a\":1}".into(),
        },
        Frame {
            sequence: 2,
            json: "{\"b\":\n2}".into(),
        },
    ];
    let response = respond_with(stream::iter(frames), CancellationToken::new());
    let body = axum::body::to_bytes(response.into_body(), 1000).await.unwrap();
    let expected = "retry: 3000\n\nid: 1\ndata: {\"a\":1}\n\nid: 2\ndata: {\"b\": 2}\n\n";
    assert_eq!(std::str::from_utf8(&body).unwrap(), expected);
}

#[tokio::test(start_paused = true)]
async fn a_silent_stream_shows_that_it_lives() {
    let response = respond_with(stream::pending(), CancellationToken::new());
    let mut body = response.into_body().into_data_stream();
    let started = tokio::time::Instant::now();
    assert_eq!(body.next().await.unwrap().unwrap(), "retry: 3000\n\n");
    assert_eq!(body.next().await.unwrap().unwrap(), ": hb\n\n");
    assert_eq!(started.elapsed(), HEARTBEAT);
}

#[test]
fn the_header_wins_over_the_query() {
    let headers = |value: &'static str| {
        HeaderMap::from_iter([(
            HeaderName::from_static("last-event-id"),
            HeaderValue::from_static(value),
        )])
    };
    assert_eq!(position(&headers("7"), Some(3)), Some(7));
    assert_eq!(position(&headers("odd"), Some(3)), Some(3));
    assert_eq!(position(&HeaderMap::new(), None), None);
}
