//! LinUCB with a model for each arm (Li and others, WWW 2010), which takes the knowledge base as a feature.

use super::{Choice, Policy, first};
use crate::learn_bench::{
    operators::{Feedback, Heard},
    world::{ARMS, CLASSES, CLUSTERS, FAMILIES, Incident, KINDS, TEAMS, TIERS, Task},
};

/// How many standard deviations of optimism.
const ALPHA: f64 = 0.3;
/// The ridge's strength.
const RIDGE: f64 = 2.0;
/// One, the one-hot incident, three flags, and the knowledge base's score.
const SIZE: usize = 1 + FAMILIES + CLASSES + KINDS + TIERS + TEAMS + CLUSTERS + 3 + 1;

/// The inverse of an arm's design matrix, by rows, and its response.
#[derive(Debug, Clone)]
struct Model {
    inverse: Vec<f64>,
    response: Vec<f64>,
}

impl Model {
    /// The knowledge base's weight begins at 1, all others at 0.
    fn new() -> Self {
        let mut inverse = vec![0.0; SIZE * SIZE];
        for cell in inverse.iter_mut().step_by(SIZE + 1) {
            *cell = 1.0 / RIDGE;
        }
        let mut response = vec![0.0; SIZE];
        if let Some(last) = response.last_mut() {
            *last = RIDGE;
        }
        Self { inverse, response }
    }

    fn spread(&self, features: &[f64]) -> Vec<f64> {
        self.inverse
            .chunks_exact(SIZE)
            .map(|row| dot(row, features))
            .collect()
    }

    /// Mean and variance of the prediction.
    fn predict(&self, features: &[f64]) -> (f64, f64) {
        let spread = self.spread(features);
        (dot(&spread, &self.response), dot(&spread, features).max(0.0))
    }

    /// One observation (Sherman and Morrison, 1950).
    fn update(&mut self, features: &[f64], target: f64) {
        let spread = self.spread(features);
        let scale = 1.0 / (1.0 + dot(&spread, features));
        for (row, left) in self.inverse.chunks_exact_mut(SIZE).zip(&spread) {
            for (cell, right) in row.iter_mut().zip(&spread) {
                *cell -= left * right * scale;
            }
        }
        for (cell, feature) in self.response.iter_mut().zip(features) {
            *cell += target * feature;
        }
    }
}

/// A model for each arm.
#[derive(Debug, Clone)]
pub struct LinUcb(Vec<Model>);

impl LinUcb {
    /// Nothing seen yet.
    pub fn new() -> Self {
        Self(vec![Model::new(); ARMS.len()])
    }

    /// Each candidate's prediction with so much optimism.
    fn bounds(&self, task: &Task, alpha: f64) -> Vec<f64> {
        let bound = |candidate: &crate::learn_bench::world::Candidate| {
            let features = features(&task.incident, candidate.score());
            let (mean, variance) = self
                .0
                .get(candidate.arm)
                .map_or((0.0, 0.0), |model| model.predict(&features));
            mean + alpha * libm::sqrt(variance)
        };
        task.candidates.iter().map(bound).collect()
    }
}

impl Policy for LinUcb {
    fn scores(&mut self, _round: u32, task: &Task) -> Vec<f64> {
        self.bounds(task, 0.0)
    }

    fn choose(&mut self, _round: u32, task: &Task, _draw: f64) -> Choice {
        first(task, &self.bounds(task, ALPHA))
    }

    fn hear(&mut self, feedback: &Feedback) {
        let Heard::Success(success) = feedback.heard else {
            return;
        };
        let proposal = &feedback.proposal;
        let Some(candidate) = proposal.task.candidate(proposal.arm) else {
            return;
        };
        let features = features(&proposal.task.incident, candidate.score());
        if let Some(model) = self.0.get_mut(proposal.arm) {
            model.update(&features, if success { 1.0 } else { 0.0 });
        }
    }
}

fn features(incident: &Incident, knowledge: f64) -> Vec<f64> {
    let mut features = vec![1.0];
    let places = [
        (FAMILIES, incident.family),
        (CLASSES, incident.class),
        (KINDS, incident.kind),
        (TIERS, incident.tier),
        (TEAMS, incident.team),
        (CLUSTERS, incident.cluster),
    ];
    for (size, place) in places {
        features.extend((0..size).map(|at| if at == place { 1.0 } else { 0.0 }));
    }
    for flag in [
        incident.recent_change,
        incident.business_hours,
        incident.single_replica,
    ] {
        features.push(if flag { 1.0 } else { 0.0 });
    }
    features.push(knowledge);
    features
}

fn dot(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(a, b)| a * b).sum()
}
