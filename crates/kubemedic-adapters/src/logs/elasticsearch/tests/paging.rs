//! Pages, points in time, and what is done where a server has none.

use super::*;

/// A page of hits, newest first, from one number down to another.
fn page(pit: Option<&str>, from: i64, to: i64) -> Value {
    let hits: Vec<Value> = (to..=from).rev().map(hit).collect();
    json!({"pit_id": pit, "_shards": {"total": 2, "failed": 0}, "hits": {"hits": hits}})
}

#[tokio::test]
async fn pages_of_a_point_in_time_use_its_newest_id_and_close_it() {
    let stub = Stub::start(|seen, before| match (seen.call().as_str(), before) {
        ("GET /", _) => root(),
        ("GET /INDEX/_field_caps", _) => reply(200, caps()),
        ("POST /INDEX/_pit", _) => reply(200, json!({"id": "pit0"})),
        ("POST /_search", 0) => reply(200, page(Some("pit1"), 1499, 500)),
        ("POST /_search", 1) => reply(200, page(Some("pit2"), 499, 0)),
        ("DELETE /_pit", _) => reply(200, json!({"succeeded": true})),
        other => panic!("{other:?}"),
    })
    .await;
    let fetched = source(&stub).fetch(&query(2000)).await.unwrap();
    let messages: Vec<String> = fetched.entries.iter().map(|it| it.message.clone()).collect();
    let expected: Vec<String> = (0..1500).map(|number| format!("line {number}")).collect();
    assert_eq!(messages, expected);
    assert_eq!(fetched.partial, [""; 0]);

    let seen = stub.seen();
    let [_, _, open, first, second, close] = seen.as_slice() else {
        panic!("{:?}", stub.calls());
    };
    assert!(open.body.is_empty(), "Elasticsearch answers 400 to a body here");
    assert_eq!(open.query, "keep_alive=1m&ignore_unavailable=true");
    let now = START.as_millisecond();
    let expected = json!({
        "size": 1000,
        "query": {"bool": {"filter": [{"range": {"@timestamp":
            {"gte": now - 60_000, "lte": now + 60_000, "format": "epoch_millis"}}}]}},
        "sort": [{"@timestamp": {"order": "desc", "unmapped_type": "date"}}, {"_shard_doc": "desc"}],
        "track_total_hits": false,
        "timeout": "15s",
        "pit": {"id": "pit0", "keep_alive": "1m"},
    });
    assert_eq!(first.json(), expected);
    let second = second.json();
    assert_eq!(
        (&second["pit"]["id"], &second["search_after"]),
        (&json!("pit1"), &json!([now + 500, 500]))
    );
    assert_eq!(close.json(), json!({"id": "pit2"}));
}

#[tokio::test]
async fn a_point_in_time_is_closed_after_an_error_too() {
    let stub = Stub::start(|seen, _| match seen.call().as_str() {
        "GET /" => root(),
        "GET /INDEX/_field_caps" => reply(200, caps()),
        "POST /INDEX/_pit" => reply(200, json!({"id": "pit0"})),
        "POST /_search" => reply(500, json!({"error": {"reason": "out of memory"}})),
        _ => reply(200, json!({})),
    })
    .await;
    let (_, reason) = failure(source(&stub).fetch(&query(5)).await);
    assert!(
        reason.contains("500") && reason.contains("out of memory"),
        "{reason}"
    );
    assert_eq!(stub.calls().last().unwrap(), "DELETE /_pit");
}

#[tokio::test]
async fn without_points_in_time_pages_go_on_after_the_last_id_and_without_that_it_is_one_page() {
    let stub = Stub::start(|seen, before| match (seen.call().as_str(), before) {
        ("GET /", _) => root(),
        ("GET /INDEX/_field_caps", _) => reply(200, caps()),
        ("POST /INDEX/_pit", _) => reply(403, json!({"error": {"reason": "not allowed"}})),
        ("POST /INDEX/_search", 0) => reply(200, page(None, 1999, 1000)),
        ("POST /INDEX/_search", 1) => reply(200, page(None, 999, 998)),
        ("POST /INDEX/_search", 2) => reply(
            400,
            json!({"error": {"reason": "Fielddata access on the _id field is disallowed"}}),
        ),
        ("POST /INDEX/_search", 3) => reply(200, page(None, 1, 0)),
        other => panic!("{other:?}"),
    })
    .await;
    let source = source(&stub);
    assert_eq!(source.fetch(&query(1500)).await.unwrap().entries.len(), 1002);
    let bodies: Vec<Value> = stub
        .seen()
        .iter()
        .filter(|it| it.path.ends_with("_search"))
        .map(stub::Seen::json)
        .collect();
    let sort = json!([{"@timestamp": {"order": "desc", "unmapped_type": "date"}}, {"_index": "desc"}, {"_id": "desc"}]);
    assert_eq!((&bodies[0]["sort"], &bodies[0]["pit"]), (&sort, &Value::Null));
    assert_eq!(
        bodies[1]["search_after"],
        json!([START.as_millisecond() + 1000, 1000])
    );

    assert_eq!(source.fetch(&query(1500)).await.unwrap().entries.len(), 2);
    let last = stub.seen().last().unwrap().json();
    assert_eq!(
        (&last["size"], &last["sort"]),
        (
            &json!(1500),
            &json!([{"@timestamp": {"order": "desc", "unmapped_type": "date"}}])
        )
    );
}

#[tokio::test]
async fn shards_that_failed_and_searches_that_ran_out_of_time_are_told() {
    let stub = Stub::start(|seen, _| match seen.call().as_str() {
        "GET /" => root(),
        "GET /INDEX/_field_caps" => reply(200, caps()),
        "POST /_search" => {
            let mut answer = page(None, 1, 0);
            answer["timed_out"] = json!(true);
            answer["_clusters"] = json!({"total": 2, "successful": 1, "skipped": 1});
            answer["_shards"] = json!({"total": 5, "failed": 2, "failures": [
                {"reason": {"type": "x", "reason": "node left", "caused_by": {"reason": "disk gone"}}}]});
            reply(200, answer)
        }
        _ => reply(200, json!({"id": "pit0"})),
    })
    .await;
    let fetched = source(&stub).fetch(&query(5)).await.unwrap();
    assert_eq!(fetched.entries.len(), 2);
    assert_eq!(
        fetched.partial,
        [
            "2 of 5 shards failed (node left: disk gone)",
            "the search ran out of time on the server",
            "1 of 2 clusters answered in part or not"
        ]
    );
}
