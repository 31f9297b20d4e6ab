//! `kubemedic learn export` and `stats`: the feedback events of the data folder as lines, and the figures of what they teach. Both
//! read beside a running server and change nothing.

use std::{fmt::Write, path::Path, process::ExitCode};

use kubemedic_adapters::journal::FeedbackReader;
use kubemedic_engine::learning::{LearningReport, Ledger, learning_report};
use kubemedic_model::feedback::RecordedFeedback;

use super::export_file::Folded;
use crate::{
    cli::Format,
    commands::print,
    config::{Config, Sources},
    wiring,
};

/// Events that are in memory at a time.
const AT_A_TIME: u32 = 256;
/// The most entries of a list that the text shows.
const MAX_SHOWN: usize = 10;

/// Writes every feedback event as a line, and at the end what folding them gives.
///
/// # Errors
/// When the configuration or the journal cannot be read.
pub fn export() -> anyhow::Result<ExitCode> {
    let config = configured()?;
    let (mut folded, first) = Folded::begin(config.learning.clone())?;
    let mut first = Some(first);
    each_page(&config, |page| {
        let mut lines = first.take().map_or_else(String::new, |it| it + "\n");
        for event in page {
            let line = serde_json::to_string(event)?;
            folded.take(event, &line);
            lines.extend([line.as_str(), "\n"]);
        }
        print(&lines)
    })?;
    print(&format!("{}\n", serde_json::to_string(&folded.end())?))?;
    Ok(ExitCode::SUCCESS)
}

/// Prints the figures of what was learnt.
///
/// # Errors
/// When the configuration or the journal cannot be read.
pub fn stats(format: Format) -> anyhow::Result<ExitCode> {
    let config = configured()?;
    let mut ledger = Ledger::with(config.learning.clone());
    each_page(&config, |page| {
        for event in page {
            ledger.apply(event);
        }
        Ok(())
    })?;
    let report = learning_report(&ledger);
    match format {
        Format::Json => print(&format!("{}\n", serde_json::to_string_pretty(&report)?))?,
        Format::Text => print(&page(&report))?,
    }
    Ok(ExitCode::SUCCESS)
}

fn configured() -> anyhow::Result<Config> {
    let sources = Sources::read(Path::new("."))?;
    Config::load(&sources).map_err(|errors| anyhow::Error::msg(errors.0.join("\n")))
}

/// Works on every feedback event of the data folder, page by page. A server that runs on it goes on.
fn each_page(
    config: &Config,
    mut work: impl FnMut(&[RecordedFeedback]) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Runtime::new()?;
    let journal = config.data_dir.join(wiring::JOURNAL_FILE);
    let mut reader = runtime.block_on(FeedbackReader::open(&journal))?;
    let mut after = 0;
    loop {
        let page = runtime.block_on(reader.feedback(after, AT_A_TIME))?;
        work(&page)?;
        after = page.last().map_or(after, |it| it.sequence);
        if page.len() < AT_A_TIME as usize {
            return Ok(());
        }
    }
}

fn page(report: &LearningReport) -> String {
    let mut page = String::new();
    let _ = writeln!(
        page,
        "decisions {}   cases {}   features {}",
        report.decisions, report.cases, report.learnt_features
    );
    let labels: Vec<String> = report
        .labels
        .iter()
        .map(|(name, count)| format!("{name} {count}"))
        .collect();
    let _ = writeln!(page, "labels    {}", labels.join("  "));
    let _ = writeln!(
        page,
        "reward    last 50: {:.3}   last 200: {:.3}",
        report.mean_reward_last_50, report.mean_reward_last_200
    );
    for (name, it) in [
        ("approve", report.calibration_approve),
        ("resolve", report.calibration_resolve),
    ] {
        let _ = writeln!(
            page,
            "{name:<9} n {}   Brier {:.3}   calibration error {:.3}",
            it.n, it.brier, it.expected_calibration_error
        );
    }
    for (title, groups) in [
        ("team", &report.teams),
        ("class", &report.classes),
        ("repair", &report.arms),
    ] {
        for it in groups.iter().take(MAX_SHOWN) {
            let _ = writeln!(
                page,
                "{title:<9} {:<28} n {:>4}   approved {:>3.0} %   lately {:>3.0} %   resolved {:.0} of {:.0}",
                it.name,
                it.n,
                it.approval_rate * 100.0,
                it.recent_approval_rate * 100.0,
                it.resolved,
                it.resolved + it.failed
            );
        }
    }
    for (title, features) in [("for", &report.speaks_for), ("against", &report.speaks_against)] {
        for it in features.iter().take(MAX_SHOWN) {
            let _ = writeln!(
                page,
                "{title:<9} {:<8} {:<48} {:+.2} +- {:.2}   n {}",
                it.head.as_str(),
                it.feature,
                it.value,
                it.sd,
                it.n
            );
        }
    }
    for (name, value) in [
        ("untaught", &report.value_untaught),
        ("learnt", &report.value_learnt),
    ] {
        let _ = writeln!(
            page,
            "value     {name:<9} {}",
            serde_json::to_string(value).unwrap_or_default()
        );
    }
    let _ = writeln!(page, "state     {}", report.state_hash);
    page
}
