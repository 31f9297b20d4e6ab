//! The targets of the benchmark (LEARNING.md section 4) beside what was measured. Those against Vowpal Wabbit are
//! measured by `bench/learn_vw.py`.

use super::Figures;
use crate::learn_bench::roster::recovered_at;

/// What a figure should be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Wanted {
    /// At most this.
    AtMost(f64),
    /// At least this.
    AtLeast(f64),
}

/// A target beside the figure.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// What it is about.
    pub name: &'static str,
    /// What it should be.
    pub wanted: Wanted,
    /// What it is.
    pub measured: f64,
}

impl Target {
    /// Whether it is so.
    pub fn is_met(&self) -> bool {
        match self.wanted {
            Wanted::AtMost(limit) => self.measured <= limit,
            Wanted::AtLeast(limit) => self.measured >= limit,
        }
    }
}

/// The rounds that the targets are for.
const ROUNDS: u32 = 1000;

/// The targets, of a benchmark of a thousand rounds; none of another one.
pub(super) fn of(figures: &Figures) -> Vec<Target> {
    use Wanted::{AtLeast, AtMost};
    if figures.rounds != ROUNDS {
        return Vec::new();
    }
    let at = |name, round| figures.row(name).and_then(|row| row.value_at(round));
    let end = |name, of: fn(&crate::learn_bench::play::Judged) -> f64| {
        figures
            .row(name)
            .filter(|_| figures.rounds >= 1000)
            .map(|row| of(&row.end()))
    };
    let gain = at("learned", 50)
        .zip(at("untaught", 50))
        .map(|(learned, untaught)| learned - untaught);
    let rows = [
        (
            "regret over untaught",
            AtMost(0.65),
            figures.ratio("learned", "untaught"),
        ),
        (
            "regret over the original's examples of the same class",
            AtMost(0.60),
            figures.ratio("learned", "original_same_class"),
        ),
        (
            "regret over LinUCB",
            AtMost(0.70),
            figures.ratio("learned", "linucb"),
        ),
        ("value fraction above untaught at 50", AtLeast(0.03), gain),
        ("value fraction at 500", AtLeast(0.82), at("learned", 500)),
        ("value fraction at 1,000", AtLeast(0.86), at("learned", 1000)),
        (
            "value fraction at 1,000 where a quarter of rejections name a preference",
            AtLeast(0.90),
            at("learned_corrections", 1000),
        ),
        (
            "P(resolved) of the first pick at the end",
            AtLeast(0.65),
            end("learned", |it| it.fix_rate),
        ),
        (
            "share of first picks that do nothing though another arm scores above 0.3",
            AtMost(0.0),
            end("learned", |it| it.idle),
        ),
        (
            "regret with one malicious rater in ten over clean",
            AtMost(1.12),
            figures.ratio("learned_malicious", "learned"),
        ),
        (
            "value fraction 400 rounds after the shift",
            AtLeast(0.75),
            at("learned_shift", recovered_at(figures.rounds)).filter(|_| figures.rounds >= 1000),
        ),
        (
            "error of the doubly robust estimate of untaught",
            AtMost(0.03),
            figures.estimate_error(),
        ),
    ];
    rows.into_iter()
        .filter_map(|(name, wanted, measured)| {
            measured.map(|measured| Target {
                name,
                wanted,
                measured,
            })
        })
        .collect()
}
