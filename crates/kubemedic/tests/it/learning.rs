//! What was learnt, through the binary: the server, `learn export`, `learn replay` and `learn stats` agree, and a file that was
//! tampered with is told apart.

use std::{fs, path::Path};

use serde_json::{Value, json};

use crate::{
    main_job::{SAMPLE, decide},
    process::{Home, Server},
};

/// Exit code, standard output and standard error of a run that ends by itself.
fn ran(home: &Home, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = home.command(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

async fn said(server: &Server, path: &str, body: Value) -> Value {
    let response = server.post(path, &body).await;
    assert_eq!(response.status(), 200, "{}", response.text().await.unwrap());
    response.json().await.unwrap()
}

/// An incident up to its plan: the approval and the record's id.
async fn proposed(server: &Server) -> (Value, String) {
    let id = server.start(SAMPLE).await;
    server.events(&id).await;
    let approval = server.approvals_of(&id).await.remove(0);
    let known = server.get(&format!("/api/v1/feedback/workflow/{id}")).await;
    let feedback = known["feedback_opportunities"][0]["feedback_id"]
        .as_str()
        .unwrap();
    (approval, feedback.to_owned())
}

async fn came_out(server: &Server, feedback: &str, outcome: &str) {
    let body = json!({"feedback_id": feedback, "outcome": outcome, "event_id": "watch-1"});
    said(server, "/api/v1/feedback/outcome", body).await;
}

async fn rejected(server: &Server, approval: &Value, kind: &str, reason: &str) {
    let path = format!(
        "approvals:/api/approvals/{}/reject",
        approval["id"].as_str().unwrap()
    );
    let body = json!({"approver": "bob", "reason": reason, "reason_kind": kind});
    said(server, &path, body).await;
}

/// Four incidents that were judged in different ways. Returns their records.
async fn taught(server: &Server) -> Vec<String> {
    let (approval, first) = proposed(server).await;
    decide(server, &approval, |_| true).await;
    came_out(server, &first, "resolved").await;
    let rating =
        json!({"feedback_id": first, "rating": 5, "rater": "ann", "feedback_comments": "it held all night"});
    said(server, "/api/v1/feedback/submit", rating).await;
    let (approval, second) = proposed(server).await;
    rejected(server, &approval, "too_risky", "not in the middle of the sale").await;
    let (approval, third) = proposed(server).await;
    rejected(server, &approval, "ineffective", "we did that yesterday").await;
    let (approval, fourth) = proposed(server).await;
    decide(server, &approval, |index| index != 1).await;
    came_out(server, &fourth, "unchanged").await;
    vec![first, second, third, fourth]
}

async fn state_hash(server: &Server) -> String {
    let statistics = server.get("/api/v1/feedback/statistics").await;
    statistics["learning"]["state_hash"].as_str().unwrap().to_owned()
}

/// Exports, folds the export where nothing else is, and looks at the figures. Returns the export.
fn exported(home: &Home, hash: &str) -> String {
    let (code, lines, problem) = ran(home, &["learn", "export"]);
    assert_eq!((code, problem.as_str()), (Some(0), ""));
    let elsewhere = Home::new();
    fs::write(elsewhere.path().join("export.jsonl"), &lines).unwrap();
    // Between the first line with the constants and the last one with the hash.
    let events = lines.lines().count() - 2;
    let expected = format!("{hash}  {events} events\nverified: the same hash as the export's\n");
    let replayed = ran(&elsewhere, &["learn", "replay", "export.jsonl", "--verify"]);
    assert_eq!(replayed, (Some(0), expected, String::new()));
    assert!(!elsewhere.path().join("data").exists());
    let (code, figures, problem) = ran(home, &["learn", "stats"]);
    assert_eq!((code, problem.as_str()), (Some(0), ""));
    assert_eq!(figures.lines().last().unwrap(), format!("state     {hash}"));
    lines
}

async fn replayed_by(server: &Server, hash: &str) {
    let answer = said(server, "/api/v1/feedback/replay?verify=true", json!({})).await;
    let events = &server.get("/api/v1/feedback/statistics").await["events"];
    let expected = json!({"events": events, "sequence": events, "state_hash": hash, "live_state_hash": hash, "is_verified": true});
    assert_eq!(answer, expected);
}

#[tokio::test]
async fn an_export_carries_the_settings_of_learning_with_it() {
    let home = Home::new();
    fs::write(home.path().join(".env"), "LEARNING_SHARE=cluster\n").unwrap();
    let server = home.serve(&[]).await;
    taught(&server).await;
    let hash = state_hash(&server).await;
    let export = exported(&home, &hash);
    // Without its first line it would be folded with the usual settings.
    let (_, rest) = export.split_once('\n').unwrap();
    fs::write(home.path().join("rest.jsonl"), rest).unwrap();
    let (code, told, _) = ran(&home, &["learn", "replay", "rest.jsonl", "--verify"]);
    assert!(code == Some(1) && !told.starts_with(&hash), "{told}");
}

#[tokio::test]
async fn the_server_its_journal_and_an_export_in_an_empty_folder_teach_the_same() {
    let home = Home::new();
    let server = home.serve(&[]).await;
    let untaught = state_hash(&server).await;
    let records = taught(&server).await;
    // More than the events that are read at a time.
    for number in 0..300 {
        let rating = json!({"feedback_id": records[1], "rating": 1 + number % 5, "rater": "bob"});
        said(&server, "/api/v1/feedback/submit", rating).await;
    }
    let hash = state_hash(&server).await;
    assert_ne!(hash, untaught);
    let export = exported(&home, &hash);
    replayed_by(&server, &hash).await;

    assert!(server.stop().success());
    assert_eq!(exported(&home, &hash), export);
    let server = home.serve(&[]).await;
    assert_eq!(state_hash(&server).await, hash);

    let retraction = json!({"feedback_id": records[0], "signal": "outcome"});
    let answer = said(&server, "/api/v1/learning/retract", retraction).await;
    let retracted = state_hash(&server).await;
    assert_ne!(retracted, hash);
    assert_eq!(
        (&answer["retracted"], &answer["state_hash"]),
        (&json!(1), &json!(retracted))
    );
    let longer = exported(&home, &retracted);
    assert_eq!(longer.lines().count(), export.lines().count() + 1);

    let statistics = server.get("/api/v1/feedback/statistics").await;
    let team = &statistics["learning"]["teams"][0]["name"];
    let answer = said(
        &server,
        "/api/v1/learning/reset",
        json!({"scope": "team", "name": team}),
    )
    .await;
    let reset = state_hash(&server).await;
    assert_ne!(reset, retracted);
    assert_eq!(answer["state_hash"], json!(reset));
    exported(&home, &reset);
    replayed_by(&server, &reset).await;

    // Nothing was written back: the next reader and the next server find it in the write-ahead log.
    server.kill();
    exported(&home, &reset);
    let server = home.serve(&[]).await;
    assert_eq!(state_hash(&server).await, reset);
}

#[tokio::test]
async fn an_export_that_was_cut_or_changed_is_told_with_the_line() {
    let home = Home::new();
    let server = home.serve(&[]).await;
    taught(&server).await;
    let export = exported(&home, &state_hash(&server).await);
    drop(server);
    let file = home.path().join("export.jsonl");
    let lines: Vec<&str> = export.lines().collect();
    let replay = |content: &[u8]| {
        fs::write(&file, content).unwrap();
        ran(&home, &["learn", "replay", "export.jsonl", "--verify"])
    };

    let (events, _) = export.trim_end().rsplit_once('\n').unwrap();
    let words = export.replacen("it held all night", "it fell all night", 1);
    let outcome = export.replacen("\"resolved\"", "\"worsened\"", 1);
    assert!(words != export && outcome != export);
    for (content, problem) in [
        (events, "the export has no last line with its hash: it was cut"),
        (
            &words,
            "it teaches the same, but a line is not the one that was exported",
        ),
        (&outcome, "the export tells the hash "),
    ] {
        let (code, told, _) = replay(content.as_bytes());
        assert_eq!(code, Some(1), "{told}");
        assert!(told.contains(&format!("not verified: {problem}")), "{told}");
    }
    let unasked = ran(&home, &["learn", "replay", "export.jsonl"]);
    assert_eq!(unasked.0, Some(0));

    let with = |at: usize, line: &str| {
        let mut lines = lines.clone();
        lines.insert(at, line);
        lines.join("\n").into_bytes()
    };
    let half = lines[..3].join("\n").len() - 10;
    let without_second = [&lines[..2], &lines[3..]].concat().join("\n");
    let last = lines.len();
    let refusals: [(Vec<u8>, String); 7] = [
        (
            export.as_bytes()[..half].into(),
            "line 3 is no feedback event".to_owned(),
        ),
        (
            without_second.into(),
            "line 3 has event 3 where event 2 belongs: a line is missing, double or moved".to_owned(),
        ),
        (
            with(1, "hello"),
            "line 2 is no feedback event (column 1)".to_owned(),
        ),
        (
            with(1, "{\"level\":\"info\"}"),
            "line 2 is no feedback event".to_owned(),
        ),
        (
            [b"\xff\xfe\n", export.as_bytes()].concat(),
            "line 1 is not text".to_owned(),
        ),
        (
            with(1, &" ".repeat(5 << 20)),
            "line 2 is longer than any of an export".to_owned(),
        ),
        (
            with(last, lines[0]),
            format!("line {} stands after the last one of the export", last + 1),
        ),
    ];
    for (content, problem) in refusals {
        let (code, told, refusal) = replay(&content);
        assert_eq!((code, told.as_str()), (Some(64), ""), "{refusal}");
        assert!(refusal.starts_with(&format!("kubemedic: {problem}")), "{refusal}");
    }
    let (code, _, refusal) = ran(&home, &["learn", "replay", "nowhere.jsonl"]);
    assert!(
        code == Some(64) && refusal.contains("cannot read nowhere.jsonl"),
        "{refusal}"
    );
}

#[test]
fn a_folder_without_a_journal_is_named_with_the_way_out() {
    let home = Home::new();
    for command in ["export", "stats"] {
        let (code, told, refusal) = ran(&home, &["learn", command]);
        assert_eq!((code, told.as_str()), (Some(64), ""), "{refusal}");
        let journal = Path::new("data").join("kubemedic.db");
        assert!(
            refusal.contains(&format!(
                "the journal {} cannot be opened: there is none yet",
                journal.display()
            )) && refusal.contains("set the DATA_DIR"),
            "{refusal}"
        );
    }
    assert!(!home.path().join("data").exists());
}
