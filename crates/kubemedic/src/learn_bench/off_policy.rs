//! What another policy would have earned, estimated from a log (doubly robust: Dudik, Langford, Li, ICML 2011), and how
//! far that is from the truth, which only a simulated world knows.

use super::{
    play::Logged,
    policies::first,
    world::{Candidate, World},
};

/// The largest weight of one decision.
const MAX_WEIGHT: f64 = 20.0;

/// An estimate beside the truth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The true mean value of the target policy on the log's incidents.
    pub truth: f64,
    /// The doubly robust estimate.
    pub doubly_robust: f64,
    /// The estimate by importance weights alone.
    pub weighted: f64,
    /// The estimate by the logging policy's scores alone.
    pub model: f64,
    /// The standard error of the doubly robust estimate.
    pub error: f64,
    /// How many decisions the weights are worth: (sum w)^2 / sum w^2.
    pub effective: f64,
}

/// Estimates the knowledge base's value from the log of another policy. The scores are those at the time of the
/// decision, so that no decision is judged by a model that learnt from it.
pub fn untaught(world: &World, log: &[Logged]) -> Estimate {
    let rows: Vec<Row> = log.iter().map(|logged| row(world, logged)).collect();
    let doubly_robust = mean(&rows, |row| row.doubly_robust);
    let spread = mean(&rows, |row| (row.doubly_robust - doubly_robust).powi(2));
    let squares = mean(&rows, |row| row.weight * row.weight);
    Estimate {
        truth: mean(&rows, |row| row.truth),
        doubly_robust,
        weighted: mean(&rows, |row| row.weight * row.success),
        model: mean(&rows, |row| row.model),
        error: libm::sqrt(spread / count(&rows)),
        effective: mean(&rows, |row| row.weight).powi(2) * count(&rows) / squares.max(f64::MIN_POSITIVE),
    }
}

struct Row {
    truth: f64,
    model: f64,
    weight: f64,
    success: f64,
    doubly_robust: f64,
}

fn row(world: &World, logged: &Logged) -> Row {
    let task = &logged.task;
    let known: Vec<f64> = task.candidates.iter().map(Candidate::score).collect();
    let target = first(task, &known).arm;
    let score = |arm| {
        let mut scores = task.candidates.iter().zip(&logged.scores);
        scores
            .find(|(it, _)| it.arm == arm)
            .map_or(0.0, |(_, score)| *score)
    };
    let weight = if target == logged.arm {
        (1.0 / logged.probability).min(MAX_WEIGHT)
    } else {
        0.0
    };
    let success = if logged.success { 1.0 } else { 0.0 };
    Row {
        truth: world.value(&task.incident, target),
        model: score(target),
        weight,
        success,
        doubly_robust: score(target) + weight * (success - score(logged.arm)),
    }
}

fn mean(rows: &[Row], of: impl Fn(&Row) -> f64) -> f64 {
    rows.iter().map(of).sum::<f64>() / count(rows)
}

#[expect(clippy::cast_precision_loss, reason = "a few thousand decisions")]
fn count(rows: &[Row]) -> f64 {
    rows.len().max(1) as f64
}
