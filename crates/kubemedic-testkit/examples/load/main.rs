//! A load generator for a running kubemedic on loopback: workflows to their plan, or many event streams at once. `bench/server.sh`
//! starts it beside a server; it prints one JSON object of figures and judges nothing.

mod http;
mod logs;
mod process;
mod streams;
mod workflows;

use std::{error::Error, io::Write as _, net::SocketAddr, time::Duration};

/// What a run is told on the command line, as `name=value` words.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The backend.
    backend: SocketAddr,
    /// The approval server.
    approvals: SocketAddr,
    /// The server's process id, for its memory and processor time.
    pid: u32,
    /// Concurrent clients (`workflows`).
    clients: usize,
    /// How long to measure (`workflows`).
    time: Duration,
    /// Concurrent streams (`streams`).
    streams: usize,
    /// The workflows over which the streams are spread (`streams`).
    spread: usize,
    /// How often everything is repeated (`streams`).
    rounds: usize,
}

/// Anything that ends a run early.
pub type Failure = Box<dyn Error + Send + Sync>;

fn main() -> Result<(), Failure> {
    let mut words = std::env::args().skip(1);
    let what = words.next().unwrap_or_default();
    let settings = settings(words)?;
    // One thread: the client must leave the machine to the server.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let figures = match what.as_str() {
        "workflows" => runtime.block_on(workflows::measure(&settings))?,
        "streams" => runtime.block_on(streams::measure(&settings))?,
        other => return Err(format!("'{other}' is neither 'workflows' nor 'streams'").into()),
    };
    Ok(writeln!(std::io::stdout(), "{figures}")?)
}

fn settings(words: impl Iterator<Item = String>) -> Result<Settings, Failure> {
    let loopback = SocketAddr::from(([127, 0, 0, 1], 0));
    let mut settings = Settings {
        backend: loopback,
        approvals: loopback,
        pid: 0,
        clients: 16,
        time: Duration::from_secs(10),
        streams: 2000,
        spread: 1,
        rounds: 3,
    };
    for word in words {
        let (name, value) = word.split_once('=').ok_or("settings are written name=value")?;
        match name {
            "backend" => settings.backend.set_port(value.parse()?),
            "approvals" => settings.approvals.set_port(value.parse()?),
            "pid" => settings.pid = value.parse()?,
            "clients" => settings.clients = value.parse()?,
            "seconds" => settings.time = Duration::from_secs(value.parse()?),
            "streams" => settings.streams = value.parse()?,
            "spread" => settings.spread = value.parse::<usize>()?.max(1),
            "rounds" => settings.rounds = value.parse()?,
            other => return Err(format!("'{other}' is no setting").into()),
        }
    }
    Ok(settings)
}
