//! `kubemedic learn export`, `replay` and `stats`: the feedback events of the data folder as lines, what folding them gives, and
//! the figures of what was learnt. Nothing here changes the journal.

use std::{
    fmt::Write,
    fs::File,
    io::{BufRead, BufReader},
    path::Path,
    process::ExitCode,
};

use anyhow::Context;
use kubemedic_adapters::{data_dir::DataDir, journal::SqliteJournal};
use kubemedic_engine::learning::{LearningReport, Ledger, learning_report};
use kubemedic_model::feedback::RecordedFeedback;
use kubemedic_ports::journal::Journal;
use serde::{Deserialize, Serialize};

use crate::{
    cli::{Format, LearnReplay},
    commands::{print, refuse},
    config::{Config, Sources},
    wiring,
};

/// Events that are read at a time.
const AT_A_TIME: u32 = 1_000;
/// The most entries of a list that the text shows.
const MAX_SHOWN: usize = 10;
/// The longest line of an export, in bytes: a record keeps at most two texts of 16 KiB.
const MAX_LINE_BYTES: usize = 4 << 20;

/// The last line of an export: what folding the lines before it gives.
#[derive(Debug, Serialize, Deserialize)]
struct End {
    /// How many events there are.
    events: u64,
    /// The number of the newest.
    sequence: u64,
    /// A digest of what they teach.
    state_hash: String,
}

/// A line of an export.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Line {
    Event(Box<RecordedFeedback>),
    End(End),
}

/// Writes every feedback event as a line, and at the end what folding them gives.
///
/// # Errors
/// When the configuration or the journal cannot be read.
pub fn export() -> anyhow::Result<ExitCode> {
    with_events(|events| {
        let mut ledger = Ledger::new();
        for event in &events {
            ledger.apply(event);
            print(&format!("{}\n", serde_json::to_string(event)?))?;
        }
        let end = End {
            events: events.len() as u64,
            sequence: ledger.sequence(),
            state_hash: ledger.ranker().state_hash(),
        };
        print(&format!("{}\n", serde_json::to_string(&end)?))?;
        Ok(ExitCode::SUCCESS)
    })
}

/// Folds an export into an empty ledger and prints the state's hash. With `--verify` another hash than the export's is exit 1.
///
/// # Errors
/// When the file cannot be read or a line is no event.
pub fn replay(arguments: &LearnReplay) -> anyhow::Result<ExitCode> {
    let (ledger, events, end) = match folded(&arguments.file) {
        Ok(folded) => folded,
        Err(error) => return Ok(refuse(&format!("{error:#}"))),
    };
    let hash = ledger.ranker().state_hash();
    print(&format!("{hash}  {events} events\n"))?;
    if !arguments.verify {
        return Ok(ExitCode::SUCCESS);
    }
    let problem = match end {
        None => "the export has no last line with its hash: it was cut".to_owned(),
        Some(end) if end.events != events => {
            format!("the export tells {} events, {events} are there", end.events)
        }
        Some(end) if end.state_hash != hash => {
            format!("the export tells the hash {}", end.state_hash)
        }
        Some(_) => {
            print("verified: the same hash as the export's\n")?;
            return Ok(ExitCode::SUCCESS);
        }
    };
    print(&format!("not verified: {problem}\n"))?;
    Ok(ExitCode::FAILURE)
}

/// Prints the figures of what was learnt.
///
/// # Errors
/// When the configuration or the journal cannot be read.
pub fn stats(format: Format) -> anyhow::Result<ExitCode> {
    with_events(|events| {
        let mut ledger = Ledger::new();
        for event in &events {
            ledger.apply(event);
        }
        let report = learning_report(&ledger);
        match format {
            Format::Json => print(&format!("{}\n", serde_json::to_string_pretty(&report)?))?,
            Format::Text => print(&page(&report))?,
        }
        Ok(ExitCode::SUCCESS)
    })
}

fn folded(path: &Path) -> anyhow::Result<(Ledger, u64, Option<End>)> {
    let file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut ledger = Ledger::new();
    let (mut events, mut end) = (0, None);
    for (number, line) in (1_u64..).zip(BufReader::new(file).lines()) {
        let line = line.with_context(|| format!("line {number} is not text"))?;
        anyhow::ensure!(line.len() <= MAX_LINE_BYTES, "line {number} is too long");
        if line.trim().is_empty() {
            continue;
        }
        match serde_json::from_str(&line).with_context(|| format!("line {number} is no feedback event"))? {
            Line::Event(event) => {
                ledger.apply(&event);
                events += 1;
            }
            Line::End(it) => end = Some(it),
        }
    }
    Ok((ledger, events, end))
}

/// Reads every feedback event of the data folder. A server that runs on it is not disturbed: it is asked to be stopped first.
fn with_events(
    work: impl FnOnce(Vec<RecordedFeedback>) -> anyhow::Result<ExitCode>,
) -> anyhow::Result<ExitCode> {
    let sources = Sources::read(Path::new("."))?;
    let config = match Config::load(&sources) {
        Ok(config) => config,
        Err(errors) => return Ok(refuse(&errors.0.join("\n"))),
    };
    let data = match DataDir::open(&config.data_dir) {
        Ok(data) => data,
        Err(error) => return Ok(refuse(&error)),
    };
    let runtime = tokio::runtime::Runtime::new()?;
    let events = runtime.block_on(read(&data.path().join(wiring::JOURNAL_FILE)))?;
    work(events)
}

async fn read(path: &Path) -> anyhow::Result<Vec<RecordedFeedback>> {
    let journal = SqliteJournal::open(path).await?;
    let mut all: Vec<RecordedFeedback> = Vec::new();
    loop {
        let after = all.last().map_or(0, |it| it.sequence);
        let some = journal.feedback(after, AT_A_TIME).await?;
        let is_last = some.is_empty();
        all.extend(some);
        if is_last {
            return Ok(all);
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
