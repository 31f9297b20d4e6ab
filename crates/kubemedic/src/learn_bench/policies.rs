//! What proposes: the seam between the game and its learners, and one file for each of them.
//! A policy sees tasks and answers, never the world.

mod epsilon_greedy;
mod examples;
mod learned;
mod lin_ucb;
mod untaught;

pub use epsilon_greedy::EpsilonGreedy;
pub use examples::{Examples, Scope};
pub use learned::Learned;
pub use lin_ucb::LinUcb;
pub use untaught::Untaught;

use std::sync::Arc;

use super::{operators::Feedback, world::Task};

/// What was chosen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Choice {
    /// The place in `ARMS`.
    pub arm: usize,
    /// The probability with which this arm was chosen.
    pub probability: f64,
}

/// A learner, or what takes its place.
pub trait Policy {
    /// A score for each candidate; the highest is its first pick. Asking changes nothing that it knows.
    fn scores(&mut self, round: u32, task: &Task) -> Vec<f64>;

    /// The scores of many tasks.
    fn score_all(&mut self, round: u32, tasks: &[Arc<Task>]) -> Vec<Vec<f64>> {
        tasks.iter().map(|task| self.scores(round, task)).collect()
    }

    /// What it proposes; `draw` is uniform in 0..1.
    fn choose(&mut self, round: u32, task: &Task, _draw: f64) -> Choice {
        let scores = self.scores(round, task);
        first(task, &scores)
    }

    /// The scores to log beside a choice, of policies whose log is evaluated.
    fn logged_scores(&mut self, _round: u32, _task: &Task) -> Vec<f64> {
        Vec::new()
    }

    /// Hears one answer.
    fn hear(&mut self, _feedback: &Feedback) {}
}

/// The candidates by falling score; equal ones stay in their order.
pub fn ranked(task: &Task, scores: &[f64]) -> Vec<(usize, f64)> {
    let mut order: Vec<(usize, f64)> = task
        .candidates
        .iter()
        .map(|candidate| candidate.arm)
        .zip(scores.iter().copied())
        .collect();
    order.sort_by(|a, b| b.1.total_cmp(&a.1));
    order
}

/// The candidate with the highest score, chosen for certain.
pub fn first(task: &Task, scores: &[f64]) -> Choice {
    let arm = ranked(task, scores)
        .first()
        .map_or(super::world::ESCALATE, |(arm, _)| *arm);
    Choice {
        arm,
        probability: 1.0,
    }
}
