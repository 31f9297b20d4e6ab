//! `kubemedic learn replay`, and the file that `learn export` writes: a first line with the constants of learning, one for each
//! feedback event, and a last one that tells what folding them gives. It needs no data folder.

use std::{
    fs::File,
    io::{BufRead, BufReader, Read},
    path::Path,
    process::ExitCode,
};

use anyhow::{Context, bail, ensure};
use flate2::Crc;
use kubemedic_engine::learning::{Ledger, ranker::Hyper};
use kubemedic_model::feedback::RecordedFeedback;
use serde::{Deserialize, Serialize};

use crate::{cli::LearnReplay, commands::print};

/// The longest line of an export, in bytes: a record keeps at most two texts of 16 KiB.
const MAX_LINE_BYTES: u64 = 4 << 20;

/// The first line of an export. Without one the constants are the usual ones.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Begin {
    /// The constants of learning.
    learning: Hyper,
}

/// The last line of an export: what folding the lines before it gives.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct End {
    /// How many events there are.
    events: u64,
    /// The number of the newest.
    sequence: u64,
    /// A digest of what they teach.
    state_hash: String,
    /// The CRC-32 of the lines before it: most of what a record keeps teaches nothing. It finds slips, it stops no forger.
    lines_crc32: u32,
}

/// Events that were folded, with the lines that they stand in.
#[derive(Debug, Default)]
pub(super) struct Folded {
    ledger: Ledger,
    events: u64,
    checksum: Crc,
}

impl Folded {
    /// Nothing yet, with the line that belongs before what is folded.
    pub(super) fn begin(learning: Hyper) -> anyhow::Result<(Self, String)> {
        let line = serde_json::to_string(&Begin {
            learning: learning.clone(),
        })?;
        Ok((Self::after(learning, &line), line))
    }

    /// Nothing yet, after a first line.
    fn after(learning: Hyper, line: &str) -> Self {
        let mut folded = Self {
            ledger: Ledger::with(learning),
            ..Self::default()
        };
        folded.check_in(line);
        folded
    }

    fn check_in(&mut self, line: &str) {
        self.checksum.update(line.as_bytes());
        self.checksum.update(b"\n");
    }

    /// Folds the next event in.
    pub(super) fn take(&mut self, event: &RecordedFeedback, line: &str) {
        self.ledger.apply(event);
        self.events += 1;
        self.check_in(line);
    }

    /// The line that belongs after those that were folded.
    pub(super) fn end(&self) -> End {
        End {
            events: self.events,
            sequence: self.ledger.sequence(),
            state_hash: self.ledger.ranker().state_hash(),
            lines_crc32: self.checksum.sum(),
        }
    }
}

/// Folds an export into an empty ledger and prints the state's hash. With `--verify` what differs from the export's last line is
/// exit 1.
///
/// # Errors
/// When the file cannot be read or a line is no event; the message names it.
pub fn replay(arguments: &LearnReplay) -> anyhow::Result<ExitCode> {
    let (folded, told) = read(&arguments.file)?;
    let found = folded.end();
    print(&format!("{}  {} events\n", found.state_hash, found.events))?;
    if !arguments.verify {
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(problem) = difference(&found, told.as_ref()) {
        print(&format!("not verified: {problem}\n"))?;
        return Ok(ExitCode::FAILURE);
    }
    print("verified: the same hash as the export's\n")?;
    Ok(ExitCode::SUCCESS)
}

/// What the export tells otherwise than it was found; `None` when nothing.
fn difference(found: &End, told: Option<&End>) -> Option<String> {
    let Some(told) = told else {
        return Some("the export has no last line with its hash: it was cut".to_owned());
    };
    if (told.events, told.sequence) != (found.events, found.sequence) {
        return Some(format!(
            "the export tells {} events up to number {}, {} up to {} are there",
            told.events, told.sequence, found.events, found.sequence
        ));
    }
    if told.state_hash != found.state_hash {
        return Some(format!("the export tells the hash {}", told.state_hash));
    }
    (told.lines_crc32 != found.lines_crc32)
        .then(|| "it teaches the same, but a line is not the one that was exported".to_owned())
}

/// Reads an export line by line. Events are numbered 1, 2, 3, ... as in every journal.
fn read(path: &Path) -> anyhow::Result<(Folded, Option<End>)> {
    let file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut file = BufReader::new(file);
    let (mut folded, mut end) = (Folded::default(), None);
    let mut bytes = Vec::new();
    for number in 1_u64.. {
        bytes.clear();
        let read = file
            .by_ref()
            .take(MAX_LINE_BYTES + 1)
            .read_until(b'\n', &mut bytes);
        let read = read.with_context(|| format!("cannot read line {number} of {}", path.display()))?;
        if read == 0 {
            break;
        }
        ensure!(
            read as u64 <= MAX_LINE_BYTES,
            "line {number} is longer than any of an export"
        );
        let line = std::str::from_utf8(&bytes).with_context(|| format!("line {number} is not text"))?;
        let line = line.trim();
        if line.is_empty() {
            continue;
        }
        ensure!(
            end.is_none(),
            "line {number} stands after the last one of the export"
        );
        if number == 1
            && let Ok(begin) = serde_json::from_str::<Begin>(line)
        {
            folded = Folded::after(begin.learning, line);
            continue;
        }
        match event(line, number)? {
            Some(event) => {
                let expected = folded.events + 1;
                ensure!(
                    event.sequence == expected,
                    "line {number} has event {} where event {expected} belongs: a line is missing, double or moved",
                    event.sequence
                );
                folded.take(&event, line);
            }
            None => end = Some(serde_json::from_str(line)?),
        }
    }
    Ok((folded, end))
}

/// The event of a line; `None` for the last line of an export.
fn event(line: &str, number: u64) -> anyhow::Result<Option<RecordedFeedback>> {
    match serde_json::from_str(line) {
        Ok(event) => Ok(Some(event)),
        Err(_) if serde_json::from_str::<End>(line).is_ok() => Ok(None),
        Err(error) => bail!("line {number} is no feedback event (column {})", error.column()),
    }
}
