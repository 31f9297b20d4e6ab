//! Figures over seeds: means with their spread, ratios paired by seed, and the targets of the benchmark.
//! Games are played elsewhere and shown elsewhere.

mod targets;

use std::collections::BTreeMap;

use super::{
    off_policy::{self, Estimate},
    play::{Judged, Played},
    roster::Games,
    world::World,
};
pub use targets::{Target, Wanted};

/// A mean and the standard deviation of single values around it.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Spread {
    /// The mean.
    pub mean: f64,
    /// The standard deviation of a sample.
    pub deviation: f64,
    /// The standard error of the mean.
    pub error: f64,
}

impl Spread {
    /// Of these values.
    pub fn of(values: &[f64]) -> Self {
        let count = count(values.len());
        let mean = values.iter().sum::<f64>() / count;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        let deviation = libm::sqrt(squares / (count - 1.0).max(1.0));
        Self {
            mean,
            deviation,
            error: deviation / libm::sqrt(count),
        }
    }
}

/// What a row of the report says.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Its name.
    pub name: &'static str,
    /// The regret of each seed, in the order of the seeds.
    pub regrets: Vec<f64>,
    /// Their mean and spread.
    pub regret: Spread,
    /// The regret so far, at every step of the curve.
    pub regret_curve: Vec<Spread>,
    /// The share of proposals that were approved.
    pub approved: f64,
    /// The value fraction by round.
    pub value: BTreeMap<u32, Spread>,
    /// The means of everything that is judged, by round.
    pub judged: BTreeMap<u32, Judged>,
}

impl Row {
    /// Of the games of all seeds.
    pub fn of(name: &'static str, games: &[Played]) -> Self {
        let regrets: Vec<f64> = games.iter().map(|game| game.regret).collect();
        let steps = games.iter().map(|game| game.regrets.len()).min().unwrap_or(0);
        let at = |step: usize| -> Vec<f64> {
            let values = games.iter().filter_map(|game| game.regrets.get(step));
            values.copied().collect()
        };
        let approved: Vec<f64> = games.iter().map(|game| game.approved).collect();
        let rounds = || games.first().into_iter().flat_map(|game| game.judged.keys());
        Self {
            name,
            regret: Spread::of(&regrets),
            regrets,
            regret_curve: (0..steps).map(|step| Spread::of(&at(step))).collect(),
            approved: Spread::of(&approved).mean,
            value: rounds()
                .map(|round| (*round, of_round(games, *round, |it| it.value)))
                .collect(),
            judged: rounds().map(|round| (*round, judged(games, *round))).collect(),
        }
    }

    /// The value fraction after a round, if it was judged then.
    pub fn value_at(&self, round: u32) -> Option<f64> {
        self.value.get(&round).map(|spread| spread.mean)
    }

    /// What was judged last.
    pub fn end(&self) -> Judged {
        self.judged.values().next_back().copied().unwrap_or_default()
    }
}

fn of_round(games: &[Played], round: u32, of: impl Fn(&Judged) -> f64) -> Spread {
    let values: Vec<f64> = games
        .iter()
        .filter_map(|game| game.judged.get(&round))
        .map(of)
        .collect();
    Spread::of(&values)
}

fn judged(games: &[Played], round: u32) -> Judged {
    let mean = |of: fn(&Judged) -> f64| of_round(games, round, of).mean;
    Judged {
        value: mean(|it| it.value),
        approve_rate: mean(|it| it.approve_rate),
        fix_rate: mean(|it| it.fix_rate),
        best_in_three: mean(|it| it.best_in_three),
        idle: mean(|it| it.idle),
    }
}

/// All figures.
#[derive(Debug, Clone, PartialEq)]
pub struct Figures {
    /// The seeds.
    pub seeds: Vec<u64>,
    /// The rounds of a game without change.
    pub rounds: u32,
    /// A row for each policy and setting, in the roster's order.
    pub rows: Vec<Row>,
    /// What the log of `learned` says of `untaught`, by seed.
    pub estimates: Vec<Estimate>,
}

impl Figures {
    /// Of these games.
    pub fn of(seeds: &[u64], rounds: u32, games: &Games) -> Self {
        let rows = super::roster::ROWS
            .iter()
            .filter_map(|(name, ..)| games.get(name).map(|played| Row::of(name, played)));
        let logged = games.get("learned").map(Vec::as_slice).unwrap_or_default();
        let estimates = seeds
            .iter()
            .zip(logged)
            .map(|(seed, game)| off_policy::untaught(&World::new(*seed), &game.log));
        Self {
            seeds: seeds.to_vec(),
            rounds,
            rows: rows.collect(),
            estimates: estimates.collect(),
        }
    }

    /// A row by name.
    pub fn row(&self, name: &str) -> Option<&Row> {
        self.rows.iter().find(|row| row.name == name)
    }

    /// The regret of one row over that of another: the geometric mean of the ratios of each seed.
    pub fn ratio(&self, name: &str, over: &str) -> Option<f64> {
        let (left, right) = (self.row(name)?, self.row(over)?);
        let logs: Vec<f64> = left
            .regrets
            .iter()
            .zip(&right.regrets)
            .map(|(a, b)| libm::log(a / b))
            .collect();
        Some(libm::exp(Spread::of(&logs).mean))
    }

    /// On how many seeds the first row has less regret than the second.
    pub fn wins(&self, name: &str, over: &str) -> usize {
        let (Some(left), Some(right)) = (self.row(name), self.row(over)) else {
            return 0;
        };
        let pairs = left.regrets.iter().zip(&right.regrets);
        pairs.filter(|(a, b)| a < b).count()
    }

    /// The mean distance of the doubly robust estimate from the truth.
    pub fn estimate_error(&self) -> Option<f64> {
        let errors: Vec<f64> = self.estimates.iter().map(Estimate::error).collect();
        (!errors.is_empty()).then(|| Spread::of(&errors).mean)
    }

    /// The targets with what was measured.
    pub fn targets(&self) -> Vec<Target> {
        targets::of(self)
    }
}

#[expect(clippy::cast_precision_loss, reason = "a few seeds")]
fn count(number: usize) -> f64 {
    number.max(1) as f64
}
