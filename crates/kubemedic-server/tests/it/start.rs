//! `POST /api/v1/workflows/start` and the lists of workflows.

use std::{
    io::Write,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::body::Body;
use flate2::{Compression, write::GzEncoder};
use futures_util::StreamExt;
use serde_json::{Value, json};

use crate::world::{SAMPLE, get, request, send, world, world_with};

const START: &str = "/api/v1/workflows/start";

/// Headers, body, and the status and JSON that answer them.
type Case = (&'static [(&'static str, &'static str)], Vec<u8>, u16, Value);

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn text_of_any_content_type_starts_a_workflow() {
    let world = world();
    for headers in [
        &[][..],
        &[("content-type", "text/plain")],
        &[("content-type", "application/x-www-form-urlencoded")],
    ] {
        let answer = send(
            &world.backend,
            request("POST", START, headers, "ERROR: api is down"),
        )
        .await;
        assert_eq!(answer.status, 202, "{}", answer.text);
        let body = answer.json();
        let id = body["workflow_id"].as_str().unwrap();
        assert_eq!(body, json!({"workflow_id": id}));
        assert!(uuid::Uuid::try_parse(id).is_ok());
    }
}

#[tokio::test]
async fn gzip_is_inflated() {
    let world = world();
    let headers = [("content-encoding", "gzip")];
    let answer = send(
        &world.backend,
        request("POST", START, &headers, gzip(SAMPLE.as_bytes())),
    )
    .await;
    assert_eq!(answer.status, 202, "{}", answer.text);
}

#[tokio::test]
async fn a_body_that_cannot_be_read_is_refused_with_the_fixed_texts() {
    let world = world();
    let utf16 = [0xff, 0xfe, b'E', 0, b'R', 0];
    let cases: [Case; 6] = [
        (
            &[],
            vec![b'a', 0xc3, 0x28],
            400,
            json!({"detail": "Request body must be valid UTF-8"}),
        ),
        (
            &[],
            utf16.to_vec(),
            400,
            json!({"detail": "Request body must be valid UTF-8: it looks like UTF-16LE: convert it with iconv -f UTF-16LE -t UTF-8, or save it as UTF-8"}),
        ),
        (
            &[],
            gzip(b"x"),
            400,
            json!({"detail": "Request body must be valid UTF-8", "hint": "it looks like gzip: send Content-Encoding: gzip"}),
        ),
        (
            &[],
            b" \n\t ".to_vec(),
            400,
            json!({"detail": "the request body is blank: send log text or an evidence object"}),
        ),
        (
            &[("content-encoding", "gzip")],
            b"no gzip".to_vec(),
            400,
            json!({"detail": "Content-Encoding is gzip but the request body is not"}),
        ),
        (
            &[("content-encoding", "br")],
            b"x".to_vec(),
            415,
            json!({"detail": "Content-Encoding must be gzip or identity"}),
        ),
    ];
    for (headers, body, status, expected) in cases {
        let answer = send(&world.backend, request("POST", START, headers, body)).await;
        assert_eq!(answer.told(), (status, expected));
    }
}

#[tokio::test]
async fn a_body_over_the_limit_is_413_before_and_after_inflation() {
    let world = world_with(|config| config.max_body_bytes = 1000);
    let expected = json!({"detail": "the request body is larger than MAX_BODY_BYTES allows (1000 bytes)"});
    let long = vec![b'x'; 1001];
    let bomb = gzip(&vec![b'x'; 1_000_000]);
    let bomb = if bomb.len() > 1000 {
        gzip(&vec![b'x'; 100_000])
    } else {
        bomb
    };
    assert!(bomb.len() <= 1000);
    let chunked = Body::from_stream(futures_util::stream::iter([Ok::<_, std::io::Error>(
        long.clone(),
    )]));
    let cases: [(&[(&str, &str)], Body); 3] = [
        (&[("content-length", "1001")], long.into()),
        (&[], chunked),
        (&[("content-encoding", "gzip")], bomb.into()),
    ];
    for (headers, body) in cases {
        let answer = send(&world.backend, request("POST", START, headers, body)).await;
        assert_eq!(answer.told(), (413, expected.clone()));
    }
    let fits = send(&world.backend, request("POST", START, &[], vec![b'x'; 1000])).await;
    assert_eq!(fits.status, 202);
}

#[tokio::test]
async fn a_body_that_is_too_large_is_read_to_its_end_before_the_answer() {
    let world = world_with(|config| config.max_body_bytes = 1000);
    for announced in [None, Some("2500")] {
        let sent = Arc::new(AtomicUsize::new(0));
        let counter = sent.clone();
        let chunks = futures_util::stream::iter(0..5).map(move |_| {
            counter.fetch_add(500, Ordering::SeqCst);
            Ok::<_, std::io::Error>(vec![b'x'; 500])
        });
        let headers: Vec<(&str, &str)> = announced
            .map(|length| ("content-length", length))
            .into_iter()
            .collect();
        let answer = send(
            &world.backend,
            request("POST", START, &headers, Body::from_stream(chunks)),
        )
        .await;
        assert_eq!((answer.status.as_u16(), sent.load(Ordering::SeqCst)), (413, 2500));
    }
}

#[tokio::test]
async fn evidence_of_a_wrong_form_is_told_in_the_contracts_words() {
    let world = world();
    let headers = [("content-type", "application/json")];
    let cases = [
        (
            r#"{"logs":5}"#,
            "logs must be a text, or lists of lines by service",
        ),
        ("3", "an object with logs, kubectl, objects, alerts or source"),
        (
            r#"{"source":{"name":"mongo"}}"#,
            "source.name is 'mongo': it must be 'elasticsearch' or 'files'",
        ),
    ];
    for (body, expected) in cases {
        let answer = send(&world.backend, request("POST", START, &headers, body)).await;
        let told = answer.json()["detail"][0]["msg"].as_str().unwrap().to_owned();
        assert_eq!(answer.status, 422);
        assert!(told.contains(expected), "{told}");
    }
}

#[tokio::test]
async fn unparsable_json_is_422_with_its_place() {
    let world = world();
    let headers = [("content-type", "application/json; charset=utf-8")];
    let answer = send(
        &world.backend,
        request("POST", START, &headers, "{\"logs\": \n oops}"),
    )
    .await;
    let expected = json!({"detail": [{
        "type": "json_invalid", "loc": ["body", 11], "msg": "JSON decode error", "input": {},
        "ctx": {"error": "expected value"},
    }]});
    assert_eq!(answer.told(), (422, expected));
}

#[tokio::test]
async fn json_that_is_no_evidence_is_422() {
    let world = world();
    let headers = [("content-type", "application/json")];
    let answer = send(
        &world.backend,
        request("POST", START, &headers, "{\"cluster\": \"a\"}"),
    )
    .await;
    assert_eq!(answer.status, 422, "{}", answer.text);
    assert_eq!(answer.json()["detail"][0]["loc"], json!(["body"]));
}

#[tokio::test]
async fn an_evidence_object_starts_a_workflow_that_lists_and_shows() {
    let world = world();
    let headers = [("content-type", "application/json")];
    let body = json!({"logs": SAMPLE, "cluster": "eu", "namespace": "shop"}).to_string();
    let started = send(&world.backend, request("POST", START, &headers, body)).await;
    assert_eq!(started.status, 202, "{}", started.text);
    world.settle().await;
    let id = started.json()["workflow_id"].as_str().unwrap().to_owned();
    let shown = get(&world.backend, &format!("/api/v1/workflows/{id}")).await;
    assert_eq!(shown.status, 200);
    let workflow = shown.json();
    assert_eq!(workflow["workflow_id"], json!(id));
    assert_eq!(workflow["cluster"], json!("eu"));
    assert_eq!(workflow["namespace"], json!("shop"));
    assert_eq!(
        get(&world.backend, "/api/v1/workflows").await.json(),
        json!([workflow])
    );
    let status = workflow["status"].as_str().unwrap();
    let filtered = get(
        &world.backend,
        &format!("/api/v1/workflows?status={status}&limit=1"),
    )
    .await;
    assert_eq!(filtered.json(), json!([workflow]));
    assert_eq!(
        get(&world.backend, "/api/v1/workflows?status=failed")
            .await
            .json(),
        json!([])
    );
}

#[tokio::test]
async fn wrong_ids_and_parameters_of_workflows_are_named() {
    let world = world();
    let bad = json!({"detail": "Invalid workflow ID format"});
    assert_eq!(
        get(&world.backend, "/api/v1/workflows/nonsense").await.told(),
        (400, bad)
    );
    let id = "018f0000-0000-7000-8000-000000000000";
    let unknown = json!({"detail": format!("workflow '{id}' not found")});
    assert_eq!(
        get(&world.backend, &format!("/api/v1/workflows/{id}"))
            .await
            .told(),
        (404, unknown)
    );
    let both = get(&world.backend, "/api/v1/workflows?limit=0&status=odd").await;
    assert_eq!(both.status, 422);
    let places: Vec<Value> = both.json()["detail"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["loc"].clone())
        .collect();
    assert_eq!(places, [json!(["query", "limit"]), json!(["query", "status"])]);
}

/// A body whose parts come one after another with a pause before each.
fn trickle(part: &'static [u8], pause: std::time::Duration) -> Body {
    let parts = futures_util::stream::repeat(()).then(move |()| async move {
        tokio::time::sleep(pause).await;
        Ok::<_, std::io::Error>(part)
    });
    Body::from_stream(parts)
}

#[tokio::test(start_paused = true)]
async fn a_body_that_stalls_or_only_trickles_is_408_and_says_so() {
    let world = world();
    let expected =
        json!({"detail": "the request body came too slowly: send it in one go, as fast as the line allows"});
    let seconds = std::time::Duration::from_secs;
    for (pause, most) in [(seconds(31), seconds(30)), (seconds(20), seconds(60))] {
        let begun = tokio::time::Instant::now();
        let answer = send(
            &world.backend,
            request("POST", START, &[], trickle(b"ERROR ", pause)),
        )
        .await;
        assert_eq!((answer.told(), begun.elapsed()), ((408, expected.clone()), most));
        assert_eq!(answer.header("connection"), "close");
    }
}

#[tokio::test(start_paused = true)]
async fn a_large_body_on_a_slow_line_is_taken() {
    const PART: &[u8] = &[b'x'; 64 * 1024];
    let world = world();
    let parts = futures_util::stream::iter(0..100).then(|_| async {
        tokio::time::sleep(std::time::Duration::from_secs(3)).await;
        Ok::<_, std::io::Error>(PART)
    });
    let answer = send(
        &world.backend,
        request("POST", START, &[], Body::from_stream(parts)),
    )
    .await;
    assert_eq!(answer.status, 202, "{}", answer.text);
}

#[tokio::test]
async fn every_wide_encoding_is_a_400_that_names_it() {
    let world = world();
    let wide =
        |text: &str, order: fn(u16) -> [u8; 2]| -> Vec<u8> { text.encode_utf16().flat_map(order).collect() };
    for (body, name) in [
        (wide("\u{feff}ERROR größe", u16::to_le_bytes), "UTF-16LE"),
        (wide("\u{feff}ERROR größe", u16::to_be_bytes), "UTF-16BE"),
        (wide("ERROR api is down", u16::to_le_bytes), "UTF-16LE"),
        (wide("ERROR api is down", u16::to_be_bytes), "UTF-16BE"),
        (vec![0xff, 0xfe, 0, 0, b'E', 0, 0, 0], "UTF-32LE"),
    ] {
        let answer = send(&world.backend, request("POST", START, &[], body)).await;
        let expected = format!(
            "Request body must be valid UTF-8: it looks like {name}: convert it with iconv -f {name} -t UTF-8, or save it as UTF-8"
        );
        assert_eq!(answer.told(), (400, json!({"detail": expected})));
    }
}

#[tokio::test]
async fn large_bodies_share_a_room_and_who_finds_none_is_told_while_small_ones_pass() {
    const MIB: usize = 1024 * 1024;
    let world = world_with(|config| config.max_body_bytes = MIB);
    let endless = || {
        let part = futures_util::stream::iter([Ok::<_, std::io::Error>(vec![b'x'; MIB - 1])]);
        Body::from_stream(part.chain(futures_util::stream::pending()))
    };
    let mut held: Vec<_> = (0..4)
        .map(|_| Box::pin(send(&world.backend, request("POST", START, &[], endless()))))
        .collect();
    let waits = std::future::poll_fn(|cx| {
        let mut all = held.iter_mut();
        std::task::Poll::Ready(all.all(|it| it.as_mut().poll(cx).is_pending()))
    })
    .await;
    assert!(waits);
    let large = send(&world.backend, request("POST", START, &[], vec![b'x'; MIB])).await;
    let detail = "too many large request bodies are being received at once: try again";
    assert_eq!(
        (large.told(), large.header("retry-after")),
        ((503, json!({"detail": detail})), "5")
    );
    let small = send(&world.backend, request("POST", START, &[], SAMPLE)).await;
    assert_eq!(small.status, 202, "{}", small.text);
    drop(held);
    let large = send(&world.backend, request("POST", START, &[], vec![b'x'; MIB])).await;
    assert_eq!(large.status, 202, "{}", large.text);
}
