//! Rough weather around the process: a disk that is full or damaged, clients that do not read, stall or come by the thousand. The
//! process goes on or refuses with the way out, and nothing that was accepted is lost.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::{Value, json};

use crate::{
    main_job::SAMPLE,
    process::{Frames, Home, PATIENCE, Server, until},
    raw,
    refusals::refused,
};

const FREE_PORTS: [(&str, &str); 2] = [("PORT", "0"), ("APPROVAL_PORT", "0")];

/// The status and body of a GET that need not succeed.
async fn look(server: &Server, path: &str) -> (u16, Value) {
    let response = server.client.get(server.url(path)).send().await.unwrap();
    (
        response.status().as_u16(),
        response.json().await.unwrap_or_default(),
    )
}

/// Waits for a readiness, and returns the reasons.
async fn readiness(server: &Server, status: u16) -> String {
    until(&format!("readiness is {status}"), async || {
        let (now, body) = look(server, "/readyz").await;
        (now == status).then(|| body["reasons"].to_string())
    })
    .await
}

/// A log behind which the planning takes a moment.
fn long_log() -> String {
    let lines = (0..8_000).map(|it| format!("2026-03-14T09:00:00Z INFO [checkout] order {it} placed\n"));
    lines.collect::<String>() + SAMPLE
}

/// Posts a log that nobody can store now; the detail of the refusal.
async fn turned_away(server: &Server, log: String) -> String {
    let request = server
        .client
        .post(server.url("/api/v1/workflows/start"))
        .body(log);
    let response = request.send().await.unwrap();
    let (status, retry) = (response.status(), response.headers().contains_key("retry-after"));
    let body: Value = response.json().await.unwrap();
    assert_eq!((status.as_u16(), retry), (503, true), "{body}");
    body["detail"].as_str().unwrap().to_owned()
}

async fn ids(server: &Server) -> Vec<Value> {
    let all = server.get("/api/v1/workflows").await;
    all.as_array()
        .unwrap()
        .iter()
        .map(|it| it["workflow_id"].clone())
        .collect()
}

/// What a workflow's stream ends with; the numbers must have no gap.
async fn last_kind(server: &Server, id: &str) -> Value {
    // Heartbeats keep a stream open on which nothing happens any more.
    let events = tokio::time::timeout(PATIENCE, server.events(id)).await.unwrap();
    let numbers: Vec<u64> = events.iter().map(|it| it["sequence"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (1..=events.len() as u64).collect::<Vec<_>>());
    events.last().unwrap()["kind"].clone()
}

/// What must hold while nothing can be written (`stop` makes it so), and after it can again (`mend`).
async fn survives_a_disk_that_takes_nothing(server: &Server, stop: impl FnOnce(), mend: impl FnOnce()) {
    let before = server.start(SAMPLE).await;
    server.events(&before).await;
    let under_way = server.start(long_log()).await;
    stop();
    let reasons = readiness(server, 503).await;
    assert!(
        reasons.contains("journal") && reasons.contains("goes on by itself"),
        "{reasons}"
    );
    let known = ids(server).await;
    for log in [SAMPLE.to_owned(), long_log()] {
        let detail = turned_away(server, log).await;
        assert!(
            detail.contains("the journal is not available now") && detail.contains("try again"),
            "{detail}"
        );
    }
    let opportunities = server.get(&format!("/api/v1/feedback/workflow/{before}")).await;
    let feedback_id = &opportunities["feedback_opportunities"][0]["feedback_id"];
    let rating = json!({"feedback_id": feedback_id, "rating": 5, "feedback_comments": "x".repeat(4000)});
    assert_eq!(
        server.post("/api/v1/feedback/submit", &rating).await.status(),
        503
    );
    assert_eq!(ids(server).await, known, "nothing was half accepted");
    assert_eq!(look(server, "/healthz").await.0, 200);

    mend();
    readiness(server, 200).await;
    assert_eq!(last_kind(server, &under_way).await, "workflow.plan_ready");
    assert_eq!(
        server.post("/api/v1/feedback/submit", &rating).await.status(),
        200
    );
    let after = server.start(SAMPLE).await;
    assert_eq!(last_kind(server, &after).await, "workflow.plan_ready");
}

/// The journal and the feedback file of a folder, taken over by a new process.
async fn is_whole(data: &Path) {
    let home = Home::new();
    let own = home.path().join("data");
    fs::create_dir_all(own.join("feedback")).unwrap();
    for name in [
        "kubemedic.db",
        "kubemedic.db-wal",
        "feedback/remediation_feedback.jsonl",
    ] {
        if data.join(name).exists() {
            fs::copy(data.join(name), own.join(name)).unwrap();
        }
    }
    let lines = fs::read_to_string(own.join("feedback/remediation_feedback.jsonl")).unwrap();
    assert!(lines.ends_with('\n'));
    for line in lines.lines() {
        serde_json::from_str::<Value>(line).unwrap();
    }
    let server = home.serve(&[]).await;
    assert_eq!(ids(&server).await.len(), 3);
}

#[expect(
    clippy::disallowed_methods,
    reason = "prlimit(1) changes the limit of a running process"
)]
fn limit_file_size(server: &Server, limit: &str) -> bool {
    let id = server.id().to_string();
    let done = Command::new("prlimit")
        .args(["--pid", &id, &format!("--fsize={limit}:unlimited")])
        .status();
    done.is_ok_and(|it| it.success())
}

#[tokio::test]
async fn files_that_may_not_grow_stop_no_process_and_lose_nothing() {
    let home = Home::new();
    let server = home.serve(&[]).await;
    if !limit_file_size(&server, "unlimited") {
        println!("prlimit is not here: the limit of file size was not tested");
        return;
    }
    let data = home.path().join("data");
    let stop = || {
        let log = fs::metadata(data.join("kubemedic.db-wal")).unwrap().len();
        assert!(limit_file_size(&server, &log.to_string()));
    };
    let mend = || assert!(limit_file_size(&server, "unlimited"));
    survives_a_disk_that_takes_nothing(&server, stop, mend).await;
    is_whole(&data).await;
}

/// A server whose data and logs are on a small disk of their own; `None` where this user may make none.
#[expect(
    clippy::disallowed_methods,
    reason = "unshare(1) gives the process a small disk of its own"
)]
async fn on_a_small_disk(home: &Home) -> Option<Server> {
    fs::create_dir(home.path().join("data")).unwrap();
    let mounted = "mount -t tmpfs -o size=16m none data";
    let may = Command::new("unshare")
        .args(["-rm", "sh", "-c", mounted])
        .current_dir(home.path())
        .output();
    if !may.is_ok_and(|it| it.status.success()) {
        println!("this user may mount nothing: the full disk was not tested");
        return None;
    }
    let mut command = Command::new("unshare");
    let script = format!("{mounted} && exec \"$0\" serve");
    command
        .args(["-rm", "sh", "-c", &script, env!("CARGO_BIN_EXE_kubemedic")])
        .current_dir(home.path())
        .env_clear()
        .env("PATH", "/usr/bin:/bin:/usr/sbin:/sbin");
    Some(home.serve_by(command, &[("LOG_DIR", "data/logs")]).await)
}

/// Writes until the disk is full.
fn fill(path: &Path) {
    let mut ballast = fs::File::create(path).unwrap();
    for size in [1 << 20, 4096, 1] {
        while ballast.write_all(&vec![0; size]).is_ok() {}
    }
}

#[tokio::test]
async fn on_a_full_disk_nothing_is_accepted_work_waits_and_goes_on_when_there_is_room() {
    let home = Home::new();
    let Some(server) = on_a_small_disk(&home).await else {
        return;
    };
    // The disk is seen from outside through the process that it belongs to.
    let root = PathBuf::from(format!("/proc/{}/root", server.id()));
    let data = root.join(home.path().join("data").strip_prefix("/").unwrap());
    let ballast = data.join("ballast");
    survives_a_disk_that_takes_nothing(&server, || fill(&ballast), || fs::remove_file(&ballast).unwrap())
        .await;
    is_whole(&data).await;
}

#[tokio::test]
async fn a_journal_that_is_taken_away_makes_the_server_not_ready_until_it_is_back() {
    let home = Home::new();
    let server = home.serve(&[]).await;
    let (journal, away) = (home.path().join("data/kubemedic.db"), home.path().join("away.db"));
    fs::rename(&journal, &away).unwrap();
    let reasons = readiness(&server, 503).await;
    assert!(
        reasons.contains("kubemedic.db was moved, replaced or deleted"),
        "{reasons}"
    );
    turned_away(&server, SAMPLE.to_owned()).await;
    fs::rename(&away, &journal).unwrap();
    readiness(&server, 200).await;
    let id = server.start(SAMPLE).await;
    assert_eq!(last_kind(&server, &id).await, "workflow.plan_ready");
}

/// A change to the bytes of a journal.
type Damage = fn(&mut Vec<u8>);

#[tokio::test]
async fn a_damaged_journal_of_any_kind_is_refused_untouched_and_its_backup_works() {
    let home = Home::new();
    let server = home.serve(&[]).await;
    let id = server.start(SAMPLE).await;
    let events = server.events(&id).await;
    assert!(server.stop().success());
    let journal = home.path().join("data/kubemedic.db");
    let backup = fs::read(&journal).unwrap();
    let damages: [(&str, Damage); 4] = [
        ("head", |bytes| bytes[..100].fill(b'#')),
        ("cut", |bytes| bytes.truncate(bytes.len() / 2)),
        ("page", |bytes| bytes[8192..12288].reverse()),
        ("empty", Vec::clear),
    ];
    for (name, damage) in damages {
        let mut bytes = backup.clone();
        damage(&mut bytes);
        fs::write(&journal, &bytes).unwrap();
        let (code, said) = refused(&home, &["serve"], &FREE_PORTS);
        assert_eq!(code, Some(64), "{name}: {said}");
        for part in [
            "data/kubemedic.db",
            "nothing was changed: move the file away",
            "put a backup in its place",
        ] {
            assert!(said.contains(part), "{name}: {said}");
        }
        assert_eq!(fs::read(&journal).unwrap(), bytes, "{name}");
    }
    fs::write(&journal, &backup).unwrap();
    let log = home.path().join("data/kubemedic.db-wal");
    fs::write(&log, b"garbage ".repeat(1000)).unwrap();
    let (code, said) = refused(&home, &["serve"], &FREE_PORTS);
    assert_eq!(
        (code, said.contains("kubemedic.db-wal is damaged")),
        (Some(64), true),
        "{said}"
    );
    assert_eq!(fs::read(&log).unwrap(), b"garbage ".repeat(1000));
    fs::remove_file(&log).unwrap();
    let server = home.serve(&[]).await;
    assert_eq!(server.events(&id).await, events);
}

#[tokio::test]
async fn a_journal_that_is_moved_away_as_the_message_says_lets_the_next_start_begin_empty() {
    let home = Home::new();
    let server = home.serve(&[]).await;
    let id = server.start(SAMPLE).await;
    server.events(&id).await;
    assert!(server.stop().success());
    fs::rename(home.path().join("data/kubemedic.db"), home.path().join("away.db")).unwrap();
    let server = home.serve(&[]).await;
    assert_eq!(ids(&server).await, Vec::<Value>::new());
}

#[tokio::test]
#[expect(
    clippy::disallowed_methods,
    reason = "sqlite3(1) lets the journal look older than it is"
)]
async fn after_retention_a_stream_is_410_and_what_was_decided_stays() {
    let home = Home::new();
    let server = home.serve(&[]).await;
    let id = server.start("INFO all is well\n").await;
    server.events(&id).await;
    until("the workflow is closed", async || {
        (server.get(&format!("/api/v1/workflows/{id}")).await["status"] == "closed").then_some(())
    })
    .await;
    assert!(server.stop().success());
    let journal = home.path().join("data/kubemedic.db");
    let older = "UPDATE workflows SET closed_at = closed_at - 31 * 86400000000";
    if !Command::new("sqlite3")
        .arg(&journal)
        .arg(older)
        .status()
        .is_ok_and(|it| it.success())
    {
        println!("sqlite3 is not here: the end of retention was not tested");
        return;
    }
    let server = home.serve(&[]).await;
    let path = format!("/api/v1/workflows/{id}/stream");
    let detail = until("the events are retired", async || {
        let (status, body) = look(&server, &path).await;
        (status == 410).then(|| body["detail"].clone())
    })
    .await;
    assert_eq!(
        detail,
        format!("the events of workflow '{id}' were retired; its decisions and feedback are kept")
    );
    assert_eq!(
        server.get(&format!("/api/v1/workflows/{id}")).await["verdict"],
        "healthy"
    );
}

/// The numbers of the events of a text of frames, in the order in which they came.
fn numbers(frames: &str) -> Vec<u64> {
    let whole = frames.rsplit_once("\n\n").map_or("", |(whole, _)| whole);
    whole
        .lines()
        .filter_map(|line| line.strip_prefix("id:")?.trim().parse().ok())
        .collect()
}

/// A counter of `/metrics`.
async fn counter(server: &Server, name: &str) -> u64 {
    let text = server
        .client
        .get(server.url("/metrics"))
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    let line = text.lines().find(|line| line.starts_with(name));
    line.and_then(|line| line.rsplit_once(' ')?.1.parse().ok())
        .unwrap_or(0)
}

/// The memory that a process holds, in KiB.
fn resident_kib(server: &Server) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", server.id())).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok())
        .unwrap_or(0)
}

#[tokio::test]
async fn a_stream_client_that_does_not_read_costs_little_is_dropped_and_resumes_without_a_gap() {
    // Few: the server has to fill the system's buffers of each.
    const CLIENTS: u64 = 4;
    let home = Home::new();
    let server = home.serve(&[("CLIENT_TIMEOUT_SECONDS", "1")]).await;
    let id = server.start(long_log()).await;
    let all = server.events(&id).await;
    let path = format!("/api/v1/workflows/{id}/stream");
    let before = resident_kib(&server);
    // Answers to more requests than any buffer takes: nobody reads them.
    let requests = raw::get(&path).repeat(2_000);
    let clients: Vec<TcpStream> = (0..CLIENTS).map(|_| raw::send(&server, "")).collect();
    for mut client in &clients {
        client.set_nonblocking(true).unwrap();
        let _ = client.write(requests.as_bytes());
        client.set_nonblocking(false).unwrap();
    }
    until("every client that does not read is dropped", async || {
        (counter(&server, "kubemedic_slow_readers_dropped_total").await == CLIENTS).then_some(())
    })
    .await;
    let grown = resident_kib(&server).saturating_sub(before);
    assert!(grown < CLIENTS * 4096, "{grown} KiB for {CLIENTS} clients");

    let mut text = String::new();
    for client in clients {
        text = raw::rest(client);
    }
    let (_, last_answer) = text.rsplit_once("HTTP/1.1 200 OK").unwrap();
    let seen = numbers(last_answer);
    let position = seen.last().copied().unwrap_or(0);
    assert_eq!(seen, (1..=position).collect::<Vec<_>>());
    let mut resumed = Vec::new();
    if position < all.len() as u64 {
        let mut frames = Frames::open(&server, &id, &format!("?after={position}")).await;
        while let Some(event) = frames.next().await {
            resumed.push(event);
        }
    }
    assert_eq!(resumed, all[usize::try_from(position).unwrap()..]);
}

#[tokio::test]
async fn five_thousand_connections_do_not_keep_others_out() {
    let home = Home::new();
    let server = home.serve(&[]).await;
    let room = usize::try_from(raw::raise_own_file_limit())
        .unwrap_or(usize::MAX)
        .saturating_sub(200);
    let wanted = 5_000.min(room);
    if wanted < 5_000 {
        println!("this process may open {room} files: {wanted} connections are tried instead of 5,000");
    }
    let idle: Vec<TcpStream> = (0..wanted)
        .filter_map(|_| TcpStream::connect(raw::address(&server)).ok())
        .collect();
    assert_eq!(idle.len(), wanted);
    assert_eq!(look(&server, "/healthz").await.0, 200);
    let id = server.start(SAMPLE).await;
    assert_eq!(last_kind(&server, &id).await, "workflow.plan_ready");
    assert_eq!(counter(&server, "kubemedic_connections_refused_total").await, 0);
    // The last one that came can still ask.
    let mut last = idle.into_iter().next_back().unwrap();
    last.write_all(raw::get("/healthz").as_bytes()).unwrap();
    let mut head = [0; 15];
    last.read_exact(&mut head).unwrap();
    assert_eq!(&head, b"HTTP/1.1 200 OK");
}

#[tokio::test]
async fn when_every_connection_is_at_work_a_new_one_is_told_so_and_has_its_turn_later() {
    let home = Home::new();
    let server = home.serve(&[("MAX_CONNECTIONS", "8")]).await;
    let id = server.start(SAMPLE).await;
    server.events(&id).await;
    let follow = raw::get(&format!("/api/v1/workflows/{id}/stream?follow=true"));
    let mut streams: Vec<TcpStream> = Vec::new();
    for _ in 0..8 {
        let mut stream = raw::send(&server, &follow);
        stream.read_exact(&mut [0; 15]).unwrap();
        streams.push(stream);
    }
    let refused = raw::rest(raw::send(&server, raw::get("/healthz")));
    assert!(
        refused.starts_with("HTTP/1.1 503 Service Unavailable\r\n"),
        "{refused}"
    );
    let (_, body) = refused.split_once("\r\n\r\n").unwrap();
    let body: Value = serde_json::from_str(body).unwrap();
    assert_eq!(
        body,
        json!({"detail": "too many connections: every one of MAX_CONNECTIONS is at work: try again"})
    );
    drop(streams.pop());
    until("a place is free again", async || {
        let request = server.client.get(server.url("/healthz")).send().await.unwrap();
        request.status().is_success().then_some(())
    })
    .await;
}

#[tokio::test]
async fn clients_that_send_by_the_byte_are_cut_off_while_others_are_served() {
    let home = Home::new();
    let server = home
        .serve(&[("CLIENT_TIMEOUT_SECONDS", "1"), ("MAX_CONNECTIONS", "64")])
        .await;
    let head = "POST /api/v1/workflows/start HTTP/1.1\r\nHost: localhost\r\nX-Slow: ";
    let mut slow: Vec<TcpStream> = (0..60).map(|_| raw::send(&server, head)).collect();
    for stream in &slow {
        stream.set_nonblocking(true).unwrap();
    }
    // Every look sends one more byte on each, as the attack does, and asks as an honest client.
    until("every slow head is cut off", async || {
        slow.retain_mut(|stream| {
            let _ = stream.read(&mut [0; 512]);
            let open = is_open(stream);
            open && stream.write(b"x").is_ok()
        });
        assert_eq!(look(&server, "/healthz").await.0, 200);
        slow.is_empty().then_some(())
    })
    .await;

    let body =
        "POST /api/v1/workflows/start HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nERROR half";
    let answer = raw::rest(raw::send(&server, body));
    assert!(
        answer.starts_with("HTTP/1.1 408 ") && answer.contains("came too slowly"),
        "{answer}"
    );
    assert_eq!(ids(&server).await, Vec::<Value>::new());
}

/// Whether the other side has not ended the connection.
fn is_open(stream: &mut TcpStream) -> bool {
    match stream.peek(&mut [0; 1]) {
        Ok(read) => read > 0,
        Err(error) => error.kind() == std::io::ErrorKind::WouldBlock,
    }
}

#[tokio::test]
async fn an_idle_connection_is_let_go_and_broken_requests_are_answered() {
    let home = Home::new();
    let server = home.serve(&[("CLIENT_TIMEOUT_SECONDS", "1")]).await;
    let once = raw::rest(raw::send(&server, raw::get("/healthz")));
    assert!(once.starts_with("HTTP/1.1 200 OK"), "{once}");
    for broken in [
        "\x16\x03\x01\x02\x00\x01".to_owned(),
        "GET / HTTP/9.9\r\n\r\n".to_owned(),
        format!("GET /{} HTTP/1.1\r\nHost: localhost\r\n\r\n", "a".repeat(900_000)),
        format!("GET / HTTP/1.1\r\nHost: localhost\r\n{}\r\n", "X: y\r\n".repeat(10_000)),
        "POST /api/v1/workflows/start HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n".to_owned(),
        "POST /api/v1/workflows/start HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n".to_owned(),
    ] {
        let mut stream = raw::connect(&server);
        let _ = stream.write_all(broken.as_bytes());
        let answer = raw::rest(stream);
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer}");
    }
    assert_eq!(look(&server, "/healthz").await.0, 200);
    assert_eq!(ids(&server).await, Vec::<Value>::new());
}
