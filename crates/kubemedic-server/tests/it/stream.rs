//! `GET /api/v1/workflows/{id}/stream`.

use axum::body::Body;
use futures_util::StreamExt;
use kubemedic_server::EdgeConfig;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::world::{SAMPLE, World, get, request, send, world, world_with};

async fn ended(world: &World, id: &str, query: &str, headers: &[(&str, &str)]) -> crate::world::Answer {
    let path = format!("/api/v1/workflows/{id}/stream{query}");
    send(&world.backend, request("GET", &path, headers, Body::empty())).await
}

/// The `id` and the JSON of every event.
fn events(text: &str) -> Vec<(u64, Value)> {
    let blocks = text.split("\n\n").filter(|block| block.contains("data:"));
    let read = |block: &str| {
        let mut id = 0;
        let mut data = Value::Null;
        for line in block.lines() {
            match line.split_once(": ").unwrap() {
                ("id", value) => id = value.parse().unwrap(),
                ("data", value) => data = serde_json::from_str(value).unwrap(),
                (other, _) => panic!("unexpected line {other}"),
            }
        }
        (id, data)
    };
    blocks.map(read).collect()
}

#[tokio::test]
async fn a_stream_is_framed_as_the_contract_says() {
    let world = world();
    let id = world.work_on(SAMPLE).await;
    let answer = ended(&world, &id, "", &[]).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "text/event-stream");
    assert_eq!(answer.header("cache-control"), "no-cache");
    assert_eq!(answer.header("x-accel-buffering"), "no");
    assert_eq!(answer.header("content-encoding"), "");
    assert!(answer.text.starts_with("retry: 3000\n\n"), "{}", answer.text);
    let events = events(&answer.text);
    let numbers: Vec<u64> = events.iter().map(|(number, _)| *number).collect();
    assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>());
    let (_, first) = events.first().unwrap();
    let (_, last) = events.last().unwrap();
    assert_eq!(
        (&first["agent_name"], &first["status"]),
        (&json!("OrchestratorAgent"), &json!("WORKING"))
    );
    assert_eq!(
        (&last["agent_name"], &last["status"]),
        (&json!("OrchestratorAgent"), &json!("COMPLETED"))
    );
    assert!(first["data"].as_str().unwrap().contains(&id));
}

#[tokio::test]
async fn a_client_resumes_where_it_was() {
    let world = world();
    let id = world.work_on(SAMPLE).await;
    let all = events(&ended(&world, &id, "", &[]).await.text);
    let after_two = events(&ended(&world, &id, "?after=2", &[]).await.text);
    assert_eq!(after_two, all[2..]);
    let by_header = events(
        &ended(&world, &id, "?after=2", &[("last-event-id", "4")])
            .await
            .text,
    );
    assert_eq!(by_header, all[4..]);
    let last = all.len().to_string();
    let seen = ended(&world, &id, "", &[("last-event-id", &last)]).await;
    assert_eq!((seen.status.as_u16(), seen.text.as_str()), (204, ""));
    let odd = events(&ended(&world, &id, "", &[("last-event-id", "odd")]).await.text);
    assert_eq!(odd, all);
}

#[tokio::test]
async fn a_stream_that_is_not_there_is_named() {
    let world = world();
    let cases = [
        (
            "/api/v1/workflows/nonsense/stream",
            400,
            "Invalid workflow ID format",
        ),
        (
            "/api/v1/workflows/018f0000-0000-7000-8000-000000000000/stream",
            404,
            "workflow '018f0000-0000-7000-8000-000000000000' not found",
        ),
    ];
    for (path, status, detail) in cases {
        assert_eq!(
            get(&world.backend, path).await.told(),
            (status, json!({"detail": detail}))
        );
    }
    let id = world.work_on(SAMPLE).await;
    let wrong = ended(&world, &id, "?after=x", &[]).await;
    assert_eq!(wrong.status, 422);
    assert_eq!(wrong.json()["detail"][0]["loc"], json!(["query", "after"]));
}

#[tokio::test]
async fn an_open_stream_ends_when_the_process_shuts_down() {
    let mut shutdown = None;
    let world = world_with(|config: &mut EdgeConfig| shutdown = Some(config.shutdown.clone()));
    let id = world.work_on(SAMPLE).await;
    let path = format!("/api/v1/workflows/{id}/stream?follow=true");
    let response = world
        .backend
        .clone()
        .oneshot(request("GET", &path, &[], Body::empty()))
        .await
        .unwrap();
    let mut body = response.into_body().into_data_stream();
    assert!(body.next().await.is_some());
    shutdown.unwrap().cancel();
    while let Some(chunk) = body.next().await {
        assert!(chunk.is_ok());
    }
}
