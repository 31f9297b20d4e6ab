//! `GET /api/v1/fetchlogs` over a source by script.

use std::sync::Arc;

use axum::body::Body;
use kubemedic_ports::log_source::{Fetched, FetchedEntry, LogQuery, LogSource, LogSourceError};
use serde_json::{Map, json};

use crate::world::{World, get, request, send, world, world_with_sources};

const FETCH: &str = "/api/v1/fetchlogs";

/// Answers with the query that it was asked, or as its pattern tells.
#[derive(Debug)]
struct Echo;

#[async_trait::async_trait]
impl LogSource for Echo {
    fn name(&self) -> &'static str {
        "files"
    }

    async fn fetch(&self, query: &LogQuery) -> Result<Fetched, LogSourceError> {
        let entry = |message: String| FetchedEntry {
            timestamp: None,
            message,
            fields: Map::new(),
        };
        match query.filter_pattern.as_str() {
            "none" => Ok(Fetched::default()),
            "(" => Err(LogSourceError::Refused {
                name: "files".into(),
                reason: "a parenthesis is not closed".into(),
            }),
            "half" => Ok(Fetched {
                entries: vec![entry("password=correct-horse-battery".into())],
                partial: vec!["1 of 2 shards\nfailed".into()],
                whole_lines: false,
            }),
            "down" => Err(LogSourceError::Unavailable {
                name: "files".into(),
                reason: "the folder is gone".into(),
            }),
            _ => Ok(Fetched {
                entries: vec![entry(format!("{query:?}")), entry("second \"line\"".into())],
                ..Fetched::default()
            }),
        }
    }

    async fn check(&self) -> Result<String, LogSourceError> {
        Ok("by script".to_owned())
    }
}

fn with_source() -> World {
    world_with_sources(vec![Arc::new(Echo)])
}

#[tokio::test]
async fn without_a_source_the_answer_names_the_variables() {
    let world = world();
    let none = json!({"detail": "no log source is configured: set ELASTICSEARCH_URL or LOG_FILES_DIR"});
    assert_eq!(get(&world.backend, FETCH).await.told(), (502, none));
    let named = json!({"detail": "log source 'elasticsearch' is not configured: set ELASTICSEARCH_URL"});
    assert_eq!(
        get(&with_source().backend, &format!("{FETCH}?source=elasticsearch"))
            .await
            .told(),
        (502, named)
    );
}

#[tokio::test]
async fn a_bad_interval_is_400_before_anything_else() {
    let world = world();
    for bad in ["0", "-5", "ten", "1.5", "", "99999999999"] {
        let detail =
            format!("Invalid pull_interval: '{bad}' is not a whole number of seconds from 1 to 2592000");
        let answer = get(&world.backend, &format!("{FETCH}?pull_interval={bad}")).await;
        assert_eq!(answer.told(), (400, json!({"detail": detail})));
    }
}

#[tokio::test]
async fn messages_come_as_one_json_string() {
    let answer = get(&with_source().backend, FETCH).await;
    let query = LogQuery {
        window_seconds: 10,
        filter_pattern: "*".into(),
        cluster: None,
        namespace: None,
        limit: 1000,
    };
    assert_eq!(answer.told(), (200, json!(format!("{query:?}\nsecond \"line\""))));
}

#[tokio::test]
async fn parameters_reach_the_source() {
    let path = format!(
        "{FETCH}?pull_interval=60&filter_pattern=*error*&source=files&cluster=eu&namespace=shop&limit=5"
    );
    let answer = get(&with_source().backend, &path).await;
    let query = LogQuery {
        window_seconds: 60,
        filter_pattern: "*error*".into(),
        cluster: Some("eu".into()),
        namespace: Some("shop".into()),
        limit: 5,
    };
    assert!(answer.json().as_str().unwrap().starts_with(&format!("{query:?}")));
}

#[tokio::test]
async fn records_come_as_ndjson_for_who_asks() {
    let headers = [("accept", "application/x-ndjson")];
    let world = with_source();
    let answer = send(&world.backend, request("GET", FETCH, &headers, Body::empty())).await;
    assert_eq!(answer.header("content-type"), "application/x-ndjson");
    let last = answer.text.lines().last().unwrap();
    assert_eq!(last, r#"{"timestamp":null,"message":"second \"line\""}"#);
}

#[tokio::test]
async fn nothing_is_204_and_a_source_that_is_down_is_502() {
    let world = with_source();
    let none = get(&world.backend, &format!("{FETCH}?filter_pattern=none")).await;
    assert_eq!((none.status.as_u16(), none.text.as_str()), (204, ""));
    let down = get(&world.backend, &format!("{FETCH}?filter_pattern=down")).await;
    assert_eq!(
        down.told(),
        (
            502,
            json!({"detail": "log source 'files' is not reachable: the folder is gone"})
        )
    );
    let odd = get(&world.backend, &format!("{FETCH}?source=odd&limit=0")).await;
    assert_eq!(odd.status, 422);
}

#[tokio::test]
async fn a_query_that_the_source_does_not_understand_is_the_callers_400() {
    let answer = get(&with_source().backend, &format!("{FETCH}?filter_pattern=(")).await;
    let detail = "log source 'files' refused the query: a parenthesis is not closed";
    assert_eq!(answer.told(), (400, json!({ "detail": detail })));
}

#[tokio::test]
async fn an_answer_in_part_says_so_in_a_header_and_its_text_is_redacted() {
    let answer = get(&with_source().backend, &format!("{FETCH}?filter_pattern=half")).await;
    assert_eq!(answer.header("x-kubemedic-partial"), "1 of 2 shards?failed");
    assert!(!answer.text.contains("correct-horse"), "{}", answer.text);
}
