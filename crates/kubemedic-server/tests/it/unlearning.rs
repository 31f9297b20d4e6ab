//! What an operator does with learning: takes labels back, lets a team's age, replays the journal.

use serde_json::{Value, json};

use crate::{
    learning::{approve, proposed, state_hash},
    world::{Answer, World, get, post, world, world_with},
};

const RETRACT: &str = "/api/v1/learning/retract";
const RESET: &str = "/api/v1/learning/reset";
const REPLAY: &str = "/api/v1/feedback/replay";

/// A world in which payments approved a repair that then helped, and the repair's record.
async fn taught() -> (World, String) {
    let world = world();
    let it = proposed(&world, "payments").await;
    approve(&world, &it, "ann", "resolved").await;
    (world, it.feedback)
}

/// The signals whose labels count, by name.
async fn signals(world: &World, feedback: &str) -> Vec<String> {
    let why = get(&world.backend, &format!("/api/v1/learning/why/{feedback}"))
        .await
        .json();
    let taught = why["proposals"][0]["taught"].as_array().unwrap();
    taught
        .iter()
        .map(|it| it["signal"].as_str().unwrap().to_owned())
        .collect()
}

async fn retract(world: &World, body: Value) -> Value {
    let answer = post(&world.backend, RETRACT, body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()
}

fn retracted(feedback: &str, labels: u32, hash: &str) -> Value {
    json!({"success": true, "message": "Labels taken back successfully", "feedback_id": feedback, "retracted": labels, "state_hash": hash})
}

fn again(mut answer: Value) -> Value {
    answer["duplicate"] = json!(true);
    answer
}

#[tokio::test]
async fn what_a_record_taught_is_taken_back_and_a_repeat_changes_nothing() {
    let (world, id) = taught().await;
    let all = state_hash(&world).await;
    assert_eq!(signals(&world, &id).await, ["approval", "outcome"]);

    let outcome = json!({"feedback_id": id, "signal": "outcome"});
    let first = retract(&world, outcome.clone()).await;
    let without_outcome = state_hash(&world).await;
    assert_eq!(first, retracted(&id, 1, &without_outcome));
    assert_ne!(without_outcome, all);
    assert_eq!(signals(&world, &id).await, ["approval"]);
    let repeated = retract(&world, outcome).await;
    assert_eq!(repeated, again(retracted(&id, 0, &without_outcome)));

    let everything = json!({"feedback_id": id, "event_id": "mistake-1"});
    let second = retract(&world, everything.clone()).await;
    let nothing = state_hash(&world).await;
    assert_eq!(second, retracted(&id, 1, &nothing));
    assert!(nothing != without_outcome && signals(&world, &id).await.is_empty());

    // What is said later counts again, and the key that was used stays used.
    let rating = json!({"feedback_id": id, "rating": 5});
    assert_eq!(
        post(&world.backend, "/api/v1/feedback/submit", rating)
            .await
            .status,
        200
    );
    assert_eq!(signals(&world, &id).await, ["rating"]);
    let rated = state_hash(&world).await;
    assert_eq!(
        retract(&world, everything).await,
        again(retracted(&id, 0, &rated))
    );
    let third = retract(&world, json!({"feedback_id": id})).await;
    let last = state_hash(&world).await;
    assert_eq!(third, retracted(&id, 1, &last));

    let restarted = world.restarted();
    restarted.settle().await;
    assert_eq!(state_hash(&restarted).await, last);
    assert!(signals(&restarted, &id).await.is_empty());
}

#[tokio::test]
async fn what_was_learnt_of_a_team_or_a_cluster_ages_at_once() {
    let (world, _) = taught().await;
    let mut hashes = vec![state_hash(&world).await];
    let of_team = json!({"scope": "team", "name": "payments", "event_id": "new-people"});
    let of_cluster = json!({"scope": "cluster", "name": "east"});
    for (body, told) in [
        (&of_team, "What was learnt of team 'payments' has aged"),
        (&of_cluster, "What was learnt of cluster 'east' has aged"),
        (&of_cluster, "What was learnt of cluster 'east' has aged"),
    ] {
        let answer = post(&world.backend, RESET, body.clone()).await;
        let hash = state_hash(&world).await;
        let expected = json!({"success": true, "message": told, "scope": body["scope"], "name": body["name"], "state_hash": hash});
        assert_eq!(answer.told(), (200, expected));
        assert!(!hashes.contains(&hash), "{body}");
        hashes.push(hash);
    }
    let repeated = post(&world.backend, RESET, of_team).await.json();
    assert_eq!(
        (&repeated["duplicate"], &repeated["state_hash"]),
        (&json!(true), &json!(hashes.last().unwrap()))
    );
    assert_eq!(Some(&state_hash(&world).await), hashes.last());
}

#[tokio::test]
async fn unknown_names_are_404_and_wrong_values_422_and_nothing_is_stored() {
    let (world, id) = taught().await;
    let before = get(&world.backend, "/api/v1/feedback/statistics").await.json();
    let long = "x".repeat(5_000);
    let unknown = [
        (
            RETRACT,
            json!({"feedback_id": "nope"}),
            "Feedback ID 'nope' not found".to_owned(),
        ),
        (
            RETRACT,
            json!({"feedback_id": " "}),
            "Feedback ID ' ' not found".to_owned(),
        ),
        (
            RESET,
            json!({"scope": "team", "name": "nobody"}),
            "Nothing was learnt of team 'nobody'".to_owned(),
        ),
        (
            RESET,
            json!({"scope": "cluster", "name": "payments"}),
            "Nothing was learnt of cluster 'payments'".to_owned(),
        ),
        (
            RESET,
            json!({"scope": "team", "name": long}),
            format!("Nothing was learnt of team '{}…'", "x".repeat(197)),
        ),
    ];
    for (path, body, detail) in unknown {
        let answer = post(&world.backend, path, body).await;
        assert_eq!(answer.told(), (404, json!({ "detail": detail })));
    }
    let wrong = [
        (RETRACT, json!({}), json!(["body", "feedback_id"])),
        (
            RETRACT,
            json!({"feedback_id": id, "signal": "all"}),
            json!(["body", "signal"]),
        ),
        (
            RETRACT,
            json!({"feedback_id": id, "signal": 5}),
            json!(["body", "signal"]),
        ),
        (
            RETRACT,
            json!({"feedback_id": id, "event_id": 5}),
            json!(["body", "event_id"]),
        ),
        (RESET, json!({"name": "payments"}), json!(["body", "scope"])),
        (RESET, json!({"scope": "team"}), json!(["body", "name"])),
        (
            RESET,
            json!({"scope": "class", "name": "payments"}),
            json!(["body", "scope"]),
        ),
    ];
    for (path, body, place) in wrong {
        let answer = post(&world.backend, path, body.clone()).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.json()["detail"][0]["loc"]),
            (422, &place),
            "{body}"
        );
    }
    let after = get(&world.backend, "/api/v1/feedback/statistics").await.json();
    assert_eq!(after, before);
}

#[tokio::test]
async fn the_token_is_needed_for_what_changes_learning() {
    let world = world_with(|config| config.api_token = Some("s3cret".into()));
    for path in [RETRACT, RESET, REPLAY] {
        assert_eq!(post(&world.backend, path, json!({})).await.status, 401, "{path}");
    }
}

#[tokio::test]
async fn a_replay_gives_the_state_in_use_whatever_others_record_meanwhile() {
    let (world, id) = taught().await;
    post(
        &world.backend,
        RETRACT,
        json!({"feedback_id": id, "signal": "outcome"}),
    )
    .await;
    // More than the events that are read at a time.
    for number in 0..300 {
        let rating = json!({"feedback_id": id, "rating": 1 + number % 5});
        let answer = post(&world.backend, "/api/v1/feedback/submit", rating).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
    let statistics = get(&world.backend, "/api/v1/feedback/statistics").await.json();
    let hash = &statistics["learning"]["state_hash"];
    // Another process records something that this one has not folded.
    let other = world.restarted();
    other.settle().await;
    let outcome = json!({"feedback_id": id, "outcome": "worsened"});
    assert_eq!(
        post(&other.backend, "/api/v1/feedback/outcome", outcome)
            .await
            .status,
        200
    );
    assert_ne!(json!(state_hash(&other).await), *hash);

    let (events, verified) = (
        &statistics["events"],
        post(&world.backend, REPLAY, json!({})).await.told(),
    );
    let expected = json!({"events": events, "sequence": events, "state_hash": hash, "live_state_hash": hash, "is_verified": true});
    assert_eq!(verified, (200, expected));
    let folded = post(&world.backend, "/api/v1/feedback/replay?verify=false", json!({})).await;
    let expected = json!({"events": events, "sequence": events, "state_hash": hash});
    assert_eq!(folded.told(), (200, expected));
    let wrong = post(&world.backend, "/api/v1/feedback/replay?verify=maybe", json!({})).await;
    assert_eq!(
        (wrong.status.as_u16(), &wrong.json()["detail"][0]["loc"]),
        (422, &json!(["query", "verify"]))
    );
}

#[test]
fn a_second_replay_is_refused_while_one_runs() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(1)
        .build()
        .unwrap();
    let (first, second): (Answer, Answer) = runtime.block_on(async {
        let (world, _) = taught().await;
        // The only thread off the runtime is taken until the sender is dropped: the first replay waits for it.
        let (taken, wait) = std::sync::mpsc::channel::<()>();
        let _taking = tokio::task::spawn_blocking(move || wait.recv());
        let mut first = std::pin::pin!(post(&world.backend, REPLAY, json!({})));
        let second = tokio::select! {
            biased;
            answer = &mut first => panic!("the first replay did not wait: {}", answer.text),
            answer = post(&world.backend, REPLAY, json!({})) => answer,
        };
        drop(taken);
        (first.await, second)
    });
    let busy = json!({"detail": "a replay of the journal is running: try again when it has ended"});
    assert_eq!(second.told(), (409, busy));
    assert_eq!(
        (first.status.as_u16(), &first.json()["is_verified"]),
        (200, &json!(true))
    );
}
