//! `kubemedic learn bench`: plays the benchmark of learning and tells its figures.

mod page;
mod peer;
mod report;

use std::{process::ExitCode, thread};

use indicatif::{ProgressBar, ProgressStyle};

use crate::{
    cli::{Format, LearnBench},
    commands::print,
    learn_bench::{figures::Figures, roster},
    page::save,
};

/// Runs the command.
///
/// # Errors
/// When the page cannot be written, or a peer gives no usable answer.
pub(super) fn run(arguments: &LearnBench) -> anyhow::Result<ExitCode> {
    let seeds = &arguments.seeds.0;
    if arguments.peer {
        peer::run(seeds, arguments.rounds)?;
        return Ok(ExitCode::SUCCESS);
    }
    let figures = figures(seeds, arguments.rounds);
    if let Some(file) = &arguments.html {
        save(file, &page::document(&figures))?;
    }
    print(&match arguments.format {
        Format::Json => format!("{}\n", report::to_json(&figures)),
        Format::Text => report::for_people(&figures),
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Plays everything. indicatif draws on standard error, and nothing where that is no terminal.
fn figures(seeds: &[u64], rounds: u32) -> Figures {
    let progress = ProgressBar::new((seeds.len() * roster::ROWS.len()) as u64);
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} games, {elapsed} gone, {eta} left")
    {
        progress.set_style(style);
    }
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let games = roster::play_all(&roster::ROWS, seeds, rounds, threads, &|| progress.inc(1));
    progress.finish_and_clear();
    Figures::of(seeds, rounds, &games)
}
