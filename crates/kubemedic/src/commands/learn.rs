//! `kubemedic learn`: what is done with learning beside a running backend. One file for each subcommand.

mod bench;
mod export_file;
mod journal;

use std::process::ExitCode;

use crate::cli::Learn;

/// Runs the command.
///
/// # Errors
/// When an argument is not usable or a file cannot be written.
pub fn run(command: &Learn) -> anyhow::Result<ExitCode> {
    match command {
        Learn::Bench(arguments) => bench::run(arguments),
        Learn::Export => journal::export(),
        Learn::Replay(arguments) => export_file::replay(arguments),
        Learn::Stats { format } => journal::stats(*format),
    }
}
