//! Many streams at once that follow workflows to their close: the server's memory for each, and how long events take to arrive.

use std::{cell::RefCell, rc::Rc, time::Duration};

use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::task::LocalSet;

use crate::{
    Failure, Settings,
    http::{Connection, field},
    logs, process,
};

/// How long a server is left alone before its memory is read.
const REST: Duration = Duration::from_secs(2);
/// Between two decisions, where streams are spread over workflows.
const PACE: Duration = Duration::from_millis(8);
/// Connections that are opened at a time.
const AT_A_TIME: usize = 50;

/// What all streams of a round saw.
#[derive(Debug, Default)]
struct Seen {
    /// Milliseconds from an event's timestamp to its arrival.
    delays: Vec<f64>,
    /// Streams that ended with the workflow's last event.
    closed: usize,
}

/// A workflow that waits for a decision.
#[derive(Debug, Clone)]
struct Waiting {
    id: String,
    approvals: Vec<String>,
    /// The number of its newest event.
    newest: u64,
}

/// Measures.
pub async fn measure(settings: &Settings) -> Result<Value, Failure> {
    let local = LocalSet::new();
    local.run_until(rounds(settings)).await
}

async fn rounds(settings: &Settings) -> Result<Value, Failure> {
    let (mut delays, mut memory, mut closed) = (Vec::new(), Vec::new(), 0);
    let (mut server, mut client) = (0.0, 0.0);
    for _ in 0..settings.rounds {
        let mut waiting = Vec::new();
        let mut connection = Connection::open(settings.backend).await?;
        for _ in 0..settings.spread {
            waiting.push(start(&mut connection).await?);
        }
        drop(connection);
        tokio::time::sleep(REST).await;
        let before = process::resident_kib(settings.pid);
        let seen = Rc::new(RefCell::new(Seen::default()));
        let tasks = open(settings, &waiting, &seen).await?;
        tokio::time::sleep(REST).await;
        memory.push(
            (process::resident_kib(settings.pid) - before) / f64::from(u32::try_from(settings.streams)?),
        );
        let cpu = (
            process::cpu_seconds(settings.pid),
            process::cpu_seconds(std::process::id()),
        );
        decide(settings, &waiting).await?;
        for task in tasks {
            task.await??;
        }
        server += process::cpu_seconds(settings.pid) - cpu.0;
        client += process::cpu_seconds(std::process::id()) - cpu.1;
        let seen = seen.take();
        delays.extend(seen.delays);
        closed += seen.closed;
    }
    let first = memory.first().copied().unwrap_or(0.0);
    Ok(json!({
        "streams": settings.streams,
        "workflows": settings.spread,
        "rounds": settings.rounds,
        "kib_each_first_round": first.round(),
        "events_delivered": delays.len(),
        "streams_closed": closed,
        "delivery_ms": {
            "p50": process::percentile(&mut delays, 50),
            "p90": process::percentile(&mut delays, 90),
            "p99": process::percentile(&mut delays, 99),
            "max": process::percentile(&mut delays, 100),
        },
        "server_cpu_seconds": (server * 100.0).round() / 100.0,
        "client_cpu_seconds": (client * 100.0).round() / 100.0,
    }))
}

/// Starts a workflow and reads its default stream to the end.
async fn start(connection: &mut Connection) -> Result<Waiting, Failure> {
    connection
        .send("POST", "/api/v1/workflows/start", "text/plain", &logs::outage())
        .await?;
    let answer = connection.text().await?;
    let id = field(answer.as_bytes(), "workflow_id")
        .ok_or("the answer has no workflow_id")?
        .to_owned();
    connection
        .send("GET", &format!("/api/v1/workflows/{id}/stream"), "", &[])
        .await?;
    let mut newest = 0;
    while let Some(event) = connection.part().await? {
        newest = number(&event).unwrap_or(newest);
    }
    connection
        .send("GET", &format!("/api/v1/workflows/{id}"), "", &[])
        .await?;
    let details: Value = serde_json::from_str(&connection.text().await?)?;
    let approvals = details
        .get("approvals")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    let approvals: Vec<String> = approvals
        .iter()
        .filter_map(|it| it.as_str().map(str::to_owned))
        .collect();
    if approvals.is_empty() {
        return Err("a workflow has nothing to decide".into());
    }
    Ok(Waiting {
        id,
        approvals,
        newest,
    })
}

type Task = tokio::task::JoinHandle<Result<(), Failure>>;

/// Opens all streams and reads what is past.
async fn open(
    settings: &Settings,
    waiting: &[Waiting],
    seen: &Rc<RefCell<Seen>>,
) -> Result<Vec<Task>, Failure> {
    let mut tasks = Vec::new();
    let mut opening = Vec::new();
    for workflow in waiting.iter().cycle().take(settings.streams) {
        opening.push(tokio::task::spawn_local(replayed(
            settings.backend,
            workflow.clone(),
        )));
        if opening.len() >= AT_A_TIME {
            follow(&mut opening, &mut tasks, seen).await?;
        }
    }
    follow(&mut opening, &mut tasks, seen).await?;
    Ok(tasks)
}

type Opening = tokio::task::JoinHandle<Result<Connection, Failure>>;

async fn follow(
    opening: &mut Vec<Opening>,
    tasks: &mut Vec<Task>,
    seen: &Rc<RefCell<Seen>>,
) -> Result<(), Failure> {
    for opened in opening.drain(..) {
        let connection = opened.await??;
        tasks.push(tokio::task::spawn_local(live(connection, seen.clone())));
    }
    Ok(())
}

/// A stream that has told everything up to the newest event.
async fn replayed(address: std::net::SocketAddr, workflow: Waiting) -> Result<Connection, Failure> {
    let mut connection = Connection::open(address).await?;
    let path = format!("/api/v1/workflows/{}/stream?follow=true", workflow.id);
    let status = connection.send("GET", &path, "", &[]).await?;
    if status != 200 {
        return Err(format!("a stream was not opened: {status}").into());
    }
    while let Some(event) = connection.part().await? {
        if number(&event) == Some(workflow.newest) {
            return Ok(connection);
        }
    }
    Err("a stream ended before its decision".into())
}

/// Reads live events to the end.
async fn live(mut connection: Connection, seen: Rc<RefCell<Seen>>) -> Result<(), Failure> {
    while let Some(event) = connection.part().await? {
        let arrived = process::wall_micros();
        let Some(told) = field(&event, "timestamp") else {
            continue;
        };
        let told: Timestamp = told.parse()?;
        let mut seen = seen.borrow_mut();
        // Microseconds of less than a day: exact in a float.
        #[expect(
            clippy::cast_precision_loss,
            reason = "a delay is far below 2^52 microseconds"
        )]
        seen.delays
            .push((arrived - told.as_microsecond()) as f64 / 1000.0);
        seen.closed += usize::from(field(&event, "kind") == Some("workflow.closed"));
    }
    Ok(())
}

/// Rejects everything that waits.
async fn decide(settings: &Settings, waiting: &[Waiting]) -> Result<(), Failure> {
    let mut connection = Connection::open(settings.approvals).await?;
    for approval in waiting.iter().flat_map(|it| &it.approvals) {
        let path = format!("/api/approvals/{approval}/reject");
        let status = connection
            .send("POST", &path, "application/json", br#"{"reason":"measured"}"#)
            .await?;
        let answer = connection.text().await?;
        if status != 200 {
            return Err(format!("a decision was refused: {status} {answer}").into());
        }
        tokio::time::sleep(PACE).await;
    }
    Ok(())
}

/// The `id:` of an event.
fn number(event: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(event).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("id:"));
    line.and_then(|it| it.trim().parse().ok())
}
