//! What the knowledge base would have earned, estimated from the log of another policy, and how far that is from the truth,
//! which only a simulated world knows. The estimate is the product's.

use kubemedic_engine::learning::estimate::{self, Row, doubly_robust};

use super::{
    play::Logged,
    policies::first,
    world::{Candidate, World},
};

/// An estimate beside the truth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The true mean value of the target policy on the log's incidents.
    pub truth: f64,
    /// What the log tells.
    pub told: estimate::Estimate,
}

impl Estimate {
    /// How far the estimate is from the truth.
    pub fn error(&self) -> f64 {
        (self.told.value - self.truth).abs()
    }
}

/// Estimates the knowledge base's value from the log of another policy. The scores are those at the time of the
/// decision, so that no decision is judged by a model that learnt from it.
pub fn untaught(world: &World, log: &[Logged]) -> Estimate {
    let targets: Vec<usize> = log.iter().map(knowledge).collect();
    let rows: Vec<Row> = log
        .iter()
        .zip(&targets)
        .map(|(it, target)| row(it, *target))
        .collect();
    let values = log
        .iter()
        .zip(&targets)
        .map(|(it, target)| world.value(&it.task.incident, *target));
    Estimate {
        truth: values.sum::<f64>() / count(log),
        told: doubly_robust(&rows),
    }
}

/// What the knowledge base would have proposed.
fn knowledge(logged: &Logged) -> usize {
    let scores: Vec<f64> = logged.task.candidates.iter().map(Candidate::score).collect();
    first(&logged.task, &scores).arm
}

fn row(logged: &Logged, target: usize) -> Row {
    let score = |arm| {
        let mut scores = logged.task.candidates.iter().zip(&logged.scores);
        scores
            .find(|(it, _)| it.arm == arm)
            .map_or(0.0, |(_, score)| *score)
    };
    Row {
        agrees: target == logged.arm,
        propensity: logged.probability,
        expected_of_target: score(target),
        expected_of_chosen: score(logged.arm),
        reward: f64::from(u8::from(logged.success)),
    }
}

#[expect(clippy::cast_precision_loss, reason = "a few thousand decisions")]
fn count(log: &[Logged]) -> f64 {
    log.len().max(1) as f64
}
