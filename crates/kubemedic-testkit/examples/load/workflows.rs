//! Workflows to their plan: each client posts a log, follows its stream to the end, and posts the next.

use std::{cell::Cell, rc::Rc, time::Instant};

use serde_json::{Value, json};
use tokio::task::LocalSet;

use crate::{
    Failure, Settings,
    http::{Connection, field},
    logs, process,
};

/// Workflows before the measurement: they compile patterns.
const WARM_UP: u64 = 40;

/// What one client saw.
#[derive(Debug, Default)]
struct Seen {
    accepted: Vec<f64>,
    planned: Vec<f64>,
    bytes: usize,
}

/// Measures.
pub async fn measure(settings: &Settings) -> Result<Value, Failure> {
    let mut warm = Connection::open(settings.backend).await?;
    let mut ignored = Seen::default();
    for number in 0..WARM_UP {
        workflow(&mut warm, u64::MAX - number, &mut ignored).await?;
    }
    let next = Rc::new(Cell::new(0));
    let own = std::process::id();
    let (server_before, client_before) = (process::cpu_seconds(settings.pid), process::cpu_seconds(own));
    let began = process::now();
    let until = began + settings.time;
    let clients = LocalSet::new();
    let tasks: Vec<_> = (0..settings.clients)
        .map(|_| clients.spawn_local(client(settings.clone(), next.clone(), until)))
        .collect();
    clients.await;
    let seconds = began.elapsed().as_secs_f64();
    let server = process::cpu_seconds(settings.pid) - server_before;
    let client = process::cpu_seconds(own) - client_before;
    let mut all = Seen::default();
    for task in tasks {
        let seen = task.await??;
        all.accepted.extend(seen.accepted);
        all.planned.extend(seen.planned);
        all.bytes += seen.bytes;
    }
    let count = all.planned.len();
    let each = |total: f64| {
        (total * 1000.0 / f64::from(u32::try_from(count).unwrap_or(1).max(1)) * 100.0).round() / 100.0
    };
    Ok(json!({
        "clients": settings.clients,
        "workflows": count,
        "workflows_per_second": (f64::from(u32::try_from(count)?) / seconds).round(),
        "mean_log_bytes": all.bytes / count.max(1),
        "accepted_ms": {"p50": process::percentile(&mut all.accepted, 50), "p99": process::percentile(&mut all.accepted, 99)},
        "planned_ms": {"p50": process::percentile(&mut all.planned, 50), "p99": process::percentile(&mut all.planned, 99)},
        "server_cpu_ms_each": each(server),
        "client_cpu_ms_each": each(client),
        "server_cores": (server / seconds * 100.0).round() / 100.0,
        "client_cores": (client / seconds * 100.0).round() / 100.0,
        "server_resident_mb": (process::resident_kib(settings.pid) / 1024.0).round(),
    }))
}

async fn client(settings: Settings, next: Rc<Cell<u64>>, until: Instant) -> Result<Seen, Failure> {
    let mut connection = Connection::open(settings.backend).await?;
    let mut seen = Seen::default();
    while process::now() < until {
        let number = next.get();
        next.set(number + 1);
        workflow(&mut connection, number, &mut seen).await?;
    }
    Ok(seen)
}

/// One workflow, from the POST to the end of its stream.
async fn workflow(connection: &mut Connection, number: u64, seen: &mut Seen) -> Result<(), Failure> {
    let log = logs::log(number);
    let began = process::now();
    let status = connection
        .send("POST", "/api/v1/workflows/start", "text/plain", &log)
        .await?;
    let answer = connection.text().await?;
    if status != 202 {
        return Err(format!("a log was not accepted: {status} {answer}").into());
    }
    seen.accepted.push(process::millis(began.elapsed()));
    let id = field(answer.as_bytes(), "workflow_id").ok_or("the answer has no workflow_id")?;
    let path = format!("/api/v1/workflows/{id}/stream");
    connection.send("GET", &path, "", &[]).await?;
    let mut planned = false;
    while let Some(event) = connection.part().await? {
        if !planned && is_plan(&event) {
            planned = true;
            seen.planned.push(process::millis(began.elapsed()));
            seen.bytes += log.len();
        }
    }
    if planned {
        Ok(())
    } else {
        Err("a stream ended without a plan".into())
    }
}

/// Whether an event is the Remediation Agent's result.
fn is_plan(event: &[u8]) -> bool {
    field(event, "agent_name") == Some("RemediationAgent") && field(event, "status") == Some("COMPLETED")
}
