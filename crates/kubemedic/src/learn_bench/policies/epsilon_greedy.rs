//! Epsilon-greedy over a table of class and arm, begun with the knowledge base.

use std::collections::BTreeMap;

use super::{Choice, Policy, first};
use crate::learn_bench::{
    operators::{Feedback, Heard},
    random::{Stream, place_of},
    world::Task,
};

/// How often it tries any candidate.
const EPSILON: f64 = 0.1;
/// How many observations the knowledge base counts for.
const PRIOR_WEIGHT: f64 = 2.0;

/// The table: how often each arm was tried for each class, and how often it succeeded.
#[derive(Debug, Clone, Default)]
pub struct EpsilonGreedy {
    seen: BTreeMap<(usize, usize), (f64, f64)>,
}

impl Policy for EpsilonGreedy {
    fn scores(&mut self, _round: u32, task: &Task) -> Vec<f64> {
        let score = |candidate: &crate::learn_bench::world::Candidate| {
            let key = (task.incident.class, candidate.arm);
            let (tried, succeeded) = self.seen.get(&key).copied().unwrap_or_default();
            (succeeded + PRIOR_WEIGHT * candidate.score()) / (tried + PRIOR_WEIGHT)
        };
        task.candidates.iter().map(score).collect()
    }

    fn choose(&mut self, round: u32, task: &Task, draw: f64) -> Choice {
        let best = first(task, &self.scores(round, task));
        #[expect(clippy::cast_precision_loss, reason = "there are fourteen arms")]
        let each = EPSILON / task.candidates.len().max(1) as f64;
        if draw >= EPSILON {
            return Choice {
                probability: 1.0 - EPSILON + each,
                ..best
            };
        }
        let weights = vec![1.0; task.candidates.len()];
        let place = place_of(&weights, Stream::named(u64::from(round), "any", 0).uniform());
        let arm = task.candidates.get(place).map_or(best.arm, |it| it.arm);
        let probability = if arm == best.arm {
            1.0 - EPSILON + each
        } else {
            each
        };
        Choice { arm, probability }
    }

    fn hear(&mut self, feedback: &Feedback) {
        if let Heard::Success(success) = feedback.heard {
            let key = (feedback.proposal.task.incident.class, feedback.proposal.arm);
            let (tried, succeeded) = self.seen.entry(key).or_default();
            *tried += 1.0;
            *succeeded += if success { 1.0 } else { 0.0 };
        }
    }
}
