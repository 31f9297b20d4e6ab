//! Logs: lines on stderr and JSON lines in `app.log`, rotated by size. Content of inputs is never logged.

use std::{io::IsTerminal, path::Path};

use anyhow::Context;
use file_rotate::{ContentLimit, FileRotate, compression::Compression, suffix::AppendCount};
use tracing_appender::non_blocking::WorkerGuard;
use tracing_subscriber::{EnvFilter, Layer, layer::SubscriberExt, util::SubscriberInitExt};

/// The size at which `app.log` becomes `app.log.1`.
const MAX_LOG_BYTES: usize = 10 * 1024 * 1024;
/// How many rotated files are kept.
const KEPT_FILES: usize = 5;

/// Starts logging. What is still in memory is written when the guard is dropped.
///
/// # Errors
/// When the folder cannot be made, or the filter is not one.
pub fn start(log_dir: &Path, filter: &str) -> anyhow::Result<WorkerGuard> {
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
    let to_file = tracing_subscriber::fmt::layer()
        .json()
        .with_writer(file)
        .with_filter(parsed()?);
    let to_person = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false)
        .with_filter(parsed()?);
    tracing_subscriber::registry()
        .with(to_file)
        .with(to_person)
        .init();
    Ok(guard)
}
