//! Whether a trouble that a log tells of is over: the same source goes on without it.
//! What objects show about recovery is decided in `rules`.

use std::{
    cell::OnceCell,
    collections::{BTreeMap, BTreeSet, HashMap},
};

use kubemedic_model::{
    evidence::EvidenceKind,
    log::{LogRecord, Severity},
};

use super::{hypothesis::Hypothesis, view};
use crate::intake::Intake;

/// The words by which any entry says that something works again.
const SUCCESS: [&str; 11] = [
    "connected",
    "connection established",
    "reconnected",
    "recovered",
    "restored",
    "succeeded",
    "successful",
    "successfully",
    "caught up",
    "resumed",
    "back to normal",
];
/// Words of state that mean success only in an entry that calls itself informational.
const CALM: [&str; 5] = ["ready", "listening", "healthy", "started", "up to date"];
/// Words that turn those around.
const DENIAL: [&str; 7] = [
    "not ",
    "fail",
    "never",
    "disconnected",
    "waiting",
    "until",
    "trying",
];
/// The most repetitions that still count as a retry.
const MAX_RETRIES: usize = 5;
/// The least good entries after the last bad one by which a ready pod shows that a trouble is over.
const GOOD_ENTRIES: usize = 3;

/// The entries of each source, in order.
#[derive(Debug)]
pub(crate) struct Recovery<'a> {
    sources: BTreeMap<(&'a str, Option<&'a str>), Source<'a>>,
    places: HashMap<(&'a str, u64), Option<&'a str>>,
    ready_pods: BTreeSet<&'a str>,
}

/// The entries of one source.
#[derive(Debug, Default)]
struct Source<'a> {
    entries: Vec<Told<'a>>,
    errors: usize,
}

/// An entry, with what is asked of it again and again.
#[derive(Debug)]
struct Told<'a> {
    record: &'a LogRecord,
    headline: &'a str,
    success: OnceCell<bool>,
}

impl Told<'_> {
    /// Whether the entry says that something works now.
    fn tells_success(&self) -> bool {
        *self
            .success
            .get_or_init(|| tells_success(self.record.severity, self.headline))
    }
}

impl<'a> Recovery<'a> {
    /// Orders the entries of an input by source.
    pub(crate) fn new(intake: &'a Intake) -> Self {
        let mut sources: BTreeMap<_, Source<'_>> = BTreeMap::new();
        let mut places = HashMap::with_capacity(intake.records.len());
        for record in &intake.records {
            let name = record.record.source.pod.as_deref();
            let source = sources.entry((record.part.as_str(), name)).or_default();
            source.errors += usize::from(record.record.severity.is_error());
            source.entries.push(Told {
                record: &record.record,
                headline: record.record.headline(),
                success: OnceCell::new(),
            });
            places.insert((record.part.as_str(), record.record.line), name);
        }
        let pods = intake.snapshot.pods.iter();
        let ready = pods
            .filter(|pod| view::is_healthy(pod))
            .map(|pod| pod.meta.name.as_str());
        Self {
            sources,
            places,
            ready_pods: ready.collect(),
        }
    }

    /// Whether every log entry that a claim cites is past trouble. A claim without log entries is not.
    pub(crate) fn is_over(&self, claim: &Hypothesis) -> bool {
        let logs = || claim.evidence.iter().filter(|it| it.kind == EvidenceKind::Log);
        logs().next().is_some()
            && logs().count() == claim.evidence.len()
            && logs().all(|it| self.has_passed(&it.origin.part, it.origin.line, &it.quote))
    }

    /// Whether the source of an entry goes on well after its last repetition.
    pub(crate) fn has_passed(&self, part: &str, line: Option<u64>, quote: &str) -> bool {
        let Some(line) = line else { return false };
        let Some(((part, _), name)) = self.places.get_key_value(&(part, line)) else {
            return false;
        };
        let Some(source) = self.sources.get(&(*part, *name)) else {
            return false;
        };
        let ready = name.is_some_and(|name| self.ready_pods.contains(name));
        if source.errors > MAX_RETRIES && !ready {
            return false;
        }
        let quoted = quote.lines().next().unwrap_or("");
        let bad = |it: &Told<'_>| {
            it.record.severity.is_error() || it.record.line == line || shape(it.headline).eq(shape(quoted))
        };
        let places = source.entries.iter().enumerate().filter(|(_, it)| bad(it));
        let (count, Some(last)) = places.fold((0, None), |(count, _), (place, _)| (count + 1, Some(place)))
        else {
            return false;
        };
        let after = || source.entries.iter().skip(last + 1);
        let good = || after().filter(|it| it.record.severity < Severity::Warn);
        (count <= MAX_RETRIES && good().any(Told::tells_success))
            || (ready && good().count() >= GOOD_ENTRIES.max(count))
    }
}

/// Whether an entry says that something works now.
fn tells_success(severity: Severity, headline: &str) -> bool {
    let lower = headline.to_ascii_lowercase();
    let says = |word: &str| {
        let words = || lower.split(|c: char| !c.is_alphanumeric());
        words().any(|it| it == word) || (word.contains(' ') && lower.contains(word))
    };
    let calm = severity == Severity::Info && CALM.iter().any(|word| says(word));
    (calm || SUCCESS.iter().any(|word| says(word))) && !DENIAL.iter().any(|word| lower.contains(word))
}

/// The first words of an entry without numbers: equal for repetitions.
fn shape(headline: &str) -> impl Iterator<Item = char> {
    headline.chars().filter(|c| !c.is_ascii_digit()).take(80)
}

#[cfg(test)]
mod tests;
