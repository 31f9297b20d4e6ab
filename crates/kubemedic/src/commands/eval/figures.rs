//! The figures of a corpus: by group and class, confusion pairs, calibration, false alarms, time.
//! Whether an answer is right was decided by its label.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// The bins of the reliability table.
const BINS: u8 = 10;

/// What the figures need of one answered case.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Outcome {
    pub(super) group: String,
    /// The class or cause that was expected.
    pub(super) expected: String,
    /// The class or cause of the answer, or its verdict where it names none.
    pub(super) got: String,
    pub(super) correct: bool,
    /// Whether nothing is wrong now.
    pub(super) innocent: bool,
    /// Whether the verdict is an incident.
    pub(super) alarm: bool,
    /// Commands that change something.
    pub(super) changes: usize,
    pub(super) confidence: f64,
    pub(super) milliseconds: f64,
}

/// Right answers among cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Tally {
    pub(super) cases: usize,
    pub(super) correct: usize,
}

/// The cases of one class or cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct OfClass {
    pub(super) expected: Tally,
    /// How often it was the answer.
    pub(super) answered: usize,
}

/// One row of the reliability table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Bin {
    pub(super) from: f64,
    pub(super) to: f64,
    pub(super) cases: usize,
    pub(super) mean_confidence: f64,
    pub(super) share_right: f64,
}

/// Everything that is counted.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Figures {
    pub(super) all: Tally,
    pub(super) groups: BTreeMap<String, Tally>,
    pub(super) classes: BTreeMap<String, OfClass>,
    /// Wrong answers: what was expected, what was said, how often; the most frequent first.
    pub(super) confusion: Vec<(String, String, usize)>,
    /// The mean square of what confidence and truth differ by (Brier 1950); 0 is perfect.
    pub(super) brier: f64,
    /// The mean distance of confidence from the share that was right, by bins weighted with their cases.
    pub(super) calibration_error: f64,
    pub(super) bins: Vec<Bin>,
    /// Cases in which nothing is wrong now.
    pub(super) innocent: usize,
    pub(super) false_alarms: usize,
    /// State-changing commands that were proposed where nothing is wrong now.
    pub(super) changes_on_innocent: usize,
    pub(super) median: f64,
    pub(super) p95: f64,
    pub(super) slowest: f64,
}

impl Figures {
    pub(super) fn of(outcomes: &[Outcome]) -> Self {
        let mut groups: BTreeMap<String, Tally> = BTreeMap::new();
        let mut classes: BTreeMap<String, OfClass> = BTreeMap::new();
        let mut all = Tally::default();
        for it in outcomes {
            all.add(it.correct);
            groups.entry(it.group.clone()).or_default().add(it.correct);
            let class = classes.entry(it.expected.clone()).or_default();
            class.expected.add(it.correct);
            // A right answer may be of another class that is also accepted.
            let answered = if it.correct { &it.expected } else { &it.got };
            classes.entry(answered.clone()).or_default().answered += 1;
        }
        let innocent = outcomes.iter().filter(|it| it.innocent);
        let bins = bins(outcomes);
        let mut times: Vec<f64> = outcomes.iter().map(|it| it.milliseconds).collect();
        times.sort_by(f64::total_cmp);
        Self {
            all,
            groups,
            classes,
            confusion: confusion(outcomes),
            brier: mean(outcomes.iter().map(square)),
            calibration_error: error(&bins, outcomes.len()),
            bins,
            innocent: innocent.clone().count(),
            false_alarms: innocent.clone().filter(|it| it.alarm).count(),
            changes_on_innocent: innocent.map(|it| it.changes).sum(),
            median: quantile(&times, 50),
            p95: quantile(&times, 95),
            slowest: quantile(&times, 100),
        }
    }

    /// The figures as fields beside the contract's.
    pub(super) fn to_json(&self) -> Map<String, Value> {
        let classes: Map<String, Value> = self
            .classes
            .iter()
            .map(|(name, it)| {
                let value = json!({"cases": it.expected.cases, "correct": it.expected.correct, "answered": it.answered});
                (name.clone(), value)
            })
            .collect();
        let confusion = self.confusion.iter();
        let confusion: Vec<Value> = confusion
            .map(|(expected, got, count)| json!({"expected": expected, "got": got, "count": count}))
            .collect();
        let bins = self.bins.iter().map(|bin| {
            json!({"from": bin.from, "to": bin.to, "n": bin.cases, "mean_confidence": bin.mean_confidence,
                "share_right": bin.share_right})
        });
        let figures = json!({
            "classes": classes,
            "confusion": confusion,
            "calibration": {"brier": self.brier, "error": self.calibration_error, "bins": bins.collect::<Vec<_>>()},
            "innocent": {"cases": self.innocent, "false_alarms": self.false_alarms,
                "state_changing_commands": self.changes_on_innocent},
            "time": {"median": self.median, "p95": self.p95, "max": self.slowest},
        });
        match figures {
            Value::Object(fields) => fields,
            _ => Map::new(),
        }
    }
}

impl Tally {
    fn add(&mut self, correct: bool) {
        self.cases += 1;
        self.correct += usize::from(correct);
    }

    pub(super) fn share(self) -> f64 {
        ratio(self.correct, self.cases)
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a corpus has far fewer than 2^52 cases"
)]
pub(super) fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 {
        0.0
    } else {
        part as f64 / whole as f64
    }
}

fn mean(numbers: impl Iterator<Item = f64>) -> f64 {
    let (count, sum) = numbers.fold((0, 0.0), |(count, sum), number| (count + 1, sum + number));
    if count == 0 { 0.0 } else { sum / f64::from(count) }
}

fn truth(outcome: &Outcome) -> f64 {
    f64::from(u8::from(outcome.correct))
}

fn square(outcome: &Outcome) -> f64 {
    (outcome.confidence - truth(outcome)).powi(2)
}

/// The value that so many percent do not exceed (nearest rank).
fn quantile(sorted: &[f64], percent: usize) -> f64 {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().unwrap_or(0.0)
}

fn confusion(outcomes: &[Outcome]) -> Vec<(String, String, usize)> {
    let mut pairs: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for it in outcomes.iter().filter(|it| !it.correct) {
        *pairs.entry((&it.expected, &it.got)).or_default() += 1;
    }
    let mut pairs: Vec<_> = pairs
        .into_iter()
        .map(|((expected, got), count)| (expected.to_owned(), got.to_owned(), count))
        .collect();
    pairs.sort_by_key(|(_, _, count)| std::cmp::Reverse(*count));
    pairs
}

fn bins(outcomes: &[Outcome]) -> Vec<Bin> {
    let bin = |number: u8| {
        let (from, to) = (
            f64::from(number) / f64::from(BINS),
            f64::from(number + 1) / f64::from(BINS),
        );
        let last = number + 1 == BINS;
        let within = outcomes
            .iter()
            .filter(|it| it.confidence >= from && (it.confidence < to || last));
        Bin {
            from,
            to,
            cases: within.clone().count(),
            mean_confidence: mean(within.clone().map(|it| it.confidence)),
            share_right: mean(within.map(truth)),
        }
    };
    (0..BINS).map(bin).collect()
}

fn error(bins: &[Bin], cases: usize) -> f64 {
    let weighted = |bin: &Bin| (bin.mean_confidence - bin.share_right).abs() * ratio(bin.cases, cases);
    bins.iter().map(weighted).sum()
}

#[cfg(test)]
mod tests;
