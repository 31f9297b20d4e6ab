//! The original's way to learn, emulated: proposals with a high reward become examples in the prompt, and the model
//! follows what it is shown. It is no language model.

use std::{cmp::Reverse, collections::BTreeMap};

use super::{Choice, Policy, first};
use crate::learn_bench::{
    operators::{Feedback, Heard},
    random::{Stream, place_of},
    world::{Candidate, Incident, Task},
};

/// The least reward of an example.
const MIN_REWARD: f64 = 0.7;
/// How many examples are shown.
const SHOWN: usize = 5;
/// How much an example of another class says.
const OTHER_CLASS: f64 = 0.2;
/// How often the model's sampling ignores the examples.
const VARIABILITY: f64 = 0.2;

/// Which examples are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Those of the same failure class.
    SameClass,
    /// The best ones of all.
    Global,
}

#[derive(Debug, Clone)]
struct Example {
    incident: Incident,
    arm: usize,
    approved: f64,
    reward: f64,
}

/// The examples so far, by decision.
#[derive(Debug, Clone)]
pub struct Examples {
    scope: Scope,
    records: BTreeMap<u32, Example>,
}

impl Examples {
    /// Nothing yet.
    pub fn new(scope: Scope) -> Self {
        Self {
            scope,
            records: BTreeMap::new(),
        }
    }

    /// What is shown for an incident: the highest rewards, newest first.
    fn shown(&self, incident: &Incident) -> Vec<&Example> {
        let mut pool: Vec<(&u32, &Example)> = self
            .records
            .iter()
            .filter(|(_, it)| it.reward >= MIN_REWARD)
            .filter(|(_, it)| self.scope == Scope::Global || it.incident.class == incident.class)
            .collect();
        pool.sort_by(|(at, a), (bt, b)| b.reward.total_cmp(&a.reward).then(Reverse(at).cmp(&Reverse(bt))));
        pool.into_iter().take(SHOWN).map(|(_, example)| example).collect()
    }
}

impl Policy for Examples {
    fn scores(&mut self, _round: u32, task: &Task) -> Vec<f64> {
        let shown = self.shown(&task.incident);
        let votes = |arm| -> f64 {
            let same = shown.iter().filter(|example| example.arm == arm);
            same.map(|it| {
                let alike = it.incident.class == task.incident.class;
                it.reward * if alike { 1.0 } else { OTHER_CLASS }
            })
            .sum()
        };
        task.candidates
            .iter()
            .map(|it| it.score() + votes(it.arm))
            .collect()
    }

    fn choose(&mut self, round: u32, task: &Task, draw: f64) -> Choice {
        if draw >= VARIABILITY {
            return first(task, &self.scores(round, task));
        }
        let weights: Vec<f64> = task.candidates.iter().map(Candidate::score).collect();
        let place = place_of(&weights, Stream::named(u64::from(round), "any", 0).uniform());
        Choice {
            arm: task
                .candidates
                .get(place)
                .map_or(super::super::world::ESCALATE, |it| it.arm),
            probability: 1.0,
        }
    }

    fn hear(&mut self, feedback: &Feedback) {
        let proposal = &feedback.proposal;
        match feedback.heard {
            Heard::Decision { approved, .. } => {
                let approved = if approved { 1.0 } else { 0.0 };
                let example = Example {
                    incident: proposal.task.incident,
                    arm: proposal.arm,
                    approved,
                    reward: approved,
                };
                self.records.insert(proposal.round, example);
            }
            Heard::Rating(rating) => {
                if let Some(example) = self.records.get_mut(&proposal.round) {
                    example.reward = (4.0 * example.approved + (f64::from(rating) - 1.0) / 4.0) / 5.0;
                }
            }
            _ => {}
        }
    }
}
