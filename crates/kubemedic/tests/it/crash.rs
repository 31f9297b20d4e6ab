//! `kill -9` at any moment: the next start finishes the workflow, and nothing is lost or doubled.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{
    main_job::{SAMPLE, decide},
    process::{Frames, Home, fake_kubectl, until},
};

/// Agents, statuses and kinds, which do not depend on the moment; messages may carry ids.
fn shape(events: &[Value]) -> Vec<String> {
    events
        .iter()
        .map(|it| format!("{} {} {}", it["agent_name"], it["status"], it["kind"]))
        .collect()
}

/// The sample behind so much harmless log that every stage takes a moment.
fn long_log() -> String {
    let line = |second: u32| {
        let (minute, second_of_minute) = (second / 60 % 60, second % 60);
        format!("2026-03-14T09:{minute:02}:{second_of_minute:02}Z INFO [checkout] order {second} placed\n")
    };
    let log: String = (0..2_000).map(line).collect();
    log + SAMPLE
}

#[tokio::test]
async fn a_kill_after_any_event_loses_and_doubles_nothing() {
    let log = long_log();
    let calm = Home::new();
    let server = calm.serve(&[]).await;
    let id = server.start(log.clone()).await;
    let expected = shape(&server.events(&id).await);
    let proposals = server.approvals_of(&id).await.len();
    server.kill();

    for killed_after in 0..expected.len() {
        let home = Home::new();
        let server = home.serve(&[]).await;
        let id = server.start(log.clone()).await;
        let mut frames = Frames::open(&server, &id, "").await;
        for _ in 0..killed_after {
            frames.next().await.unwrap();
        }
        server.kill();

        let server = home.serve(&[]).await;
        let events = server.events(&id).await;
        assert_eq!(shape(&events), expected, "killed after event {killed_after}");
        let numbers: Vec<u64> = events.iter().map(|it| it["sequence"].as_u64().unwrap()).collect();
        assert_eq!(numbers, (1..=events.len() as u64).collect::<Vec<_>>());
        assert_eq!(
            server.approvals_of(&id).await.len(),
            proposals,
            "killed after event {killed_after}"
        );
        let statistics = server.get("/api/v1/feedback/statistics").await;
        assert_eq!(
            statistics["agent_statistics"]["RemediationAgent"]["total_outputs"],
            1
        );
    }
}

const KUBECONFIG: &str = "apiVersion: v1\nkind: Config\ncontexts:\n- name: staging\n  context: {cluster: stage, user: me}\n\
clusters:\n- name: stage\n  cluster: {server: 'https://10.0.0.1:6443'}\n";

#[tokio::test]
async fn approved_commands_run_once_with_their_exact_words_and_rejected_ones_never() {
    let home = Home::new();
    let record = home.path().join("argv.txt");
    let bin = fake_kubectl(
        &home,
        &format!(
            "for w in \"$@\"; do printf '[%s]' \"$w\"; done >> {0}; echo >> {0}; echo done",
            record.display()
        ),
    );
    std::fs::write(home.path().join("kubeconfig"), KUBECONFIG).unwrap();
    let path = format!("{}:/usr/bin:/bin", bin.display());
    let server = home
        .serve(&[
            ("PATH", &path),
            ("KUBECONFIG", "kubeconfig"),
            ("EXECUTE_CONTEXT", "staging"),
        ])
        .await;
    let id = server.start(SAMPLE).await;
    server.events(&id).await;
    let approval = server.approvals_of(&id).await.remove(0);
    decide(&server, &approval, |index| index == 0).await;
    let finished = until("the command has run", async || {
        let approval = server.approvals_of(&id).await.remove(0);
        (approval["commands"][0]["execution"]["state"] == "succeeded").then_some(approval)
    })
    .await;
    assert_eq!(finished["commands"][0]["execution"]["output"], "done\n");
    let ran = std::fs::read_to_string(&record).unwrap();
    let words: Vec<String> = approval["commands"][0]["command"]
        .as_str()
        .unwrap()
        .split(' ')
        .skip(1)
        .map(|word| format!("[{word}]"))
        .collect();
    assert_eq!(ran, format!("[--context=staging]{}\n", words.concat()));

    let mut follow = Frames::open(&server, &id, "?follow=true").await;
    let mut last = Value::Null;
    while let Some(event) = follow.next().await {
        last = event;
    }
    assert_eq!(last["kind"], "workflow.closed");
}

#[tokio::test]
async fn a_command_that_ran_when_the_process_was_killed_is_unknown_and_never_runs_again() {
    let home = Home::new();
    let record = home.path().join("runs.txt");
    // The command tells that it runs and then waits for a file that only the test makes.
    let script = format!(
        "echo run >> {}; while [ ! -e {}/go ]; do sleep 0.05; done",
        record.display(),
        home.path().display()
    );
    let bin = fake_kubectl(&home, &script);
    std::fs::write(home.path().join("kubeconfig"), KUBECONFIG).unwrap();
    let path = format!("{}:/usr/bin:/bin", bin.display());
    let environment = [
        ("PATH", path.as_str()),
        ("KUBECONFIG", "kubeconfig"),
        ("EXECUTE_CONTEXT", "staging"),
    ];
    let server = home.serve(&environment).await;
    let id = server.start(SAMPLE).await;
    server.events(&id).await;
    let approval = server.approvals_of(&id).await.remove(0);
    decide(&server, &approval, |_| true).await;
    until("the command runs", async || std::fs::metadata(&record).ok()).await;
    server.kill();

    std::fs::write(home.path().join("go"), "").unwrap();
    let server = home.serve(&environment).await;
    let finished = until("the approval is over", async || {
        let approval = server.approvals_of(&id).await.remove(0);
        let states: Vec<String> = approval["commands"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["execution"]["state"].to_string())
            .collect();
        (!states
            .iter()
            .any(|it| it.contains("waiting") || it.contains("running")))
        .then_some(states)
    })
    .await;
    assert_eq!(finished[0], "\"unknown\"");
    let runs = std::fs::read_to_string(&record).unwrap().lines().count();
    let mut states: BTreeMap<String, usize> = BTreeMap::new();
    for state in &finished {
        *states.entry(state.clone()).or_default() += 1;
    }
    // What was under way is not run again; only commands that had not begun may have.
    assert_eq!(
        runs,
        1 + states.get("\"succeeded\"").copied().unwrap_or(0),
        "{states:?}"
    );
}
