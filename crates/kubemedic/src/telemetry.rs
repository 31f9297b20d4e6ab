//! Logs: lines on stderr and JSON lines in `app.log`, rotated by size. Content of inputs is never logged.
//! Beside them, where a collector is configured, OpenTelemetry about models.

mod gen_ai;
mod otlp;

use std::{io::IsTerminal, path::Path};

use anyhow::Context;
use file_rotate::{ContentLimit, FileRotate, compression::Compression, suffix::AppendCount};
use tokio::runtime::Handle;
use tracing_appender::non_blocking::WorkerGuard;
use tracing_subscriber::{
    EnvFilter, Layer,
    filter::{FilterExt, filter_fn},
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

use crate::config::OtlpConfig;
use otlp::Otlp;

/// The size at which `app.log` becomes `app.log.1`.
const MAX_LOG_BYTES: usize = 10 * 1024 * 1024;
/// How many rotated files are kept.
const KEPT_FILES: usize = 5;

/// Logging under way. What is still in memory is written when it is dropped.
#[derive(Debug)]
pub struct Telemetry {
    _log: WorkerGuard,
    otlp: Option<Otlp>,
}

impl Telemetry {
    /// Sends what the collector has not got yet, for a bounded time. The runtime must still be alive.
    pub fn flush(&self) {
        if let Some(otlp) = &self.otlp {
            otlp.flush();
        }
    }
}

/// Starts logging, and sending where a collector is configured.
///
/// # Errors
/// When the folder cannot be made, the filter is not one, or the collector's address is none.
pub fn start(
    log_dir: &Path,
    filter: &str,
    collector: Option<&OtlpConfig>,
    runtime: &Handle,
) -> anyhow::Result<Telemetry> {
    std::fs::create_dir_all(log_dir).with_context(|| {
        format!(
            "LOG_DIR {} cannot be made: make it a folder that this user may write, or set another LOG_DIR",
            log_dir.display()
        )
    })?;
    let path = log_dir.join("app.log");
    std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(&path)
        .with_context(|| {
            format!(
                "LOG_DIR: {} cannot be written: make it writable, or set another LOG_DIR",
                path.display()
            )
        })?;
    let rotated = FileRotate::new(
        &path,
        AppendCount::new(KEPT_FILES),
        ContentLimit::BytesSurpassed(MAX_LOG_BYTES),
        Compression::None,
        None,
    );
    let (file, guard) = tracing_appender::non_blocking(rotated);
    let parsed =
        || EnvFilter::try_new(filter).with_context(|| format!("LOG_LEVEL '{filter}' is not a filter"));
    let otlp = collector.map(|it| Otlp::new(it, runtime)).transpose()?;
    let content = collector.is_some_and(|it| it.content);
    let to_collector = otlp.as_ref().map(|otlp| otlp.layer(content));
    let to_file = tracing_subscriber::fmt::layer()
        .json()
        .with_writer(file)
        .with_filter(parsed()?.and(filter_fn(gen_ai::is_logged)));
    let to_person = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false)
        .with_filter(parsed()?.and(filter_fn(gen_ai::is_logged)));
    tracing_subscriber::registry()
        .with(to_collector)
        .with(to_file)
        .with(to_person)
        .init();
    Ok(Telemetry { _log: guard, otlp })
}
