//! The engine's ranker at work: what it is told of an incident and of each answer. What an answer teaches is the engine's.

use jiff::Timestamp;
use kubemedic_engine::learning::{
    labels::{Said, Word, labels},
    ranker::{Candidate as Repair, Context, Hyper, Prediction, Ranker, Tier, Window},
};
use kubemedic_model::{learning::RejectReason, outcome::Outcome, plan::Strategy};

use super::{Choice, Policy, first};
use crate::learn_bench::{
    operators::{Feedback, Heard, Reason},
    world::{ARMS, Candidate, ESCALATE, Incident, Task},
};

/// When the first round is: 2026-01-05T00:00:00Z.
const BEGIN: i64 = 1_767_571_200;
/// A round is an hour: a thousand of them are six weeks.
const ROUND_SECONDS: i64 = 3600;
/// What it orders by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// P(approved) x P(resolved | executed).
    Value,
    /// P(approved) alone: what learning from approvals comes to.
    Approval,
}

/// The engine's ranker.
#[derive(Debug, Clone)]
pub struct Learned {
    ranker: Ranker,
    order: Order,
    reasons: bool,
    /// Distinguishes the decisions of this game from those of others.
    game: u64,
}

impl Learned {
    /// It has learnt nothing yet.
    pub fn new(hyper: Hyper, game: u64) -> Self {
        Self {
            ranker: Ranker::new(hyper),
            order: Order::Value,
            reasons: true,
            game,
        }
    }

    /// Ordered by approval alone.
    pub fn by_approval(self) -> Self {
        Self {
            order: Order::Approval,
            ..self
        }
    }

    /// Deaf to the reasons of rejections.
    pub fn without_reasons(self) -> Self {
        Self {
            reasons: false,
            ..self
        }
    }

    fn score(&self, prediction: &Prediction) -> f64 {
        match self.order {
            Order::Value => prediction.score,
            Order::Approval => prediction.p_approve,
        }
    }

    /// What the engine makes of an answer.
    fn said(&self, feedback: &Feedback) -> Option<Said> {
        let mut said = Said {
            shared_by: 1,
            ..Said::default()
        };
        match feedback.heard {
            Heard::Decision {
                approved,
                reason,
                preferred,
            } => {
                said.approved = Some(word(feedback, share(approved)));
                said.reason = reason.filter(|_| self.reasons).map(|reason| match reason {
                    Reason::Ineffective => RejectReason::Ineffective,
                    Reason::TooRisky => RejectReason::TooRisky,
                });
                said.preferred = preferred.map(|arm| word(feedback, strategy_of(arm)));
            }
            Heard::Outcome { resolved } => {
                let outcome = if resolved {
                    Outcome::Resolved
                } else {
                    Outcome::Unchanged
                };
                said.outcome = Some(Word {
                    by: None,
                    ..word(feedback, outcome)
                });
            }
            Heard::Rating(rating) => {
                said.usefulness = Some(word(feedback, (f64::from(rating) - 1.0) / 4.0));
            }
            Heard::Success(_) => return None,
        }
        Some(said)
    }
}

impl Policy for Learned {
    fn scores(&mut self, _round: u32, task: &Task) -> Vec<f64> {
        let context = context(&task.incident);
        task.candidates
            .iter()
            .map(|candidate| self.score(&self.ranker.predict(&context, &repair(candidate))))
            .collect()
    }

    fn choose(&mut self, round: u32, task: &Task, _draw: f64) -> Choice {
        if self.order == Order::Approval {
            let scores = self.scores(round, task);
            return first(task, &scores);
        }
        let repairs: Vec<Repair> = task.candidates.iter().map(repair).collect();
        let decision = format!("{}-{round}", self.game);
        let ranked = self
            .ranker
            .choose(&context(&task.incident), &repairs, &decision, 0);
        let arm_of = |strategy| task.candidates.iter().find(|it| strategy_of(it.arm) == strategy);
        ranked.first().map_or(
            Choice {
                arm: ESCALATE,
                probability: 1.0,
            },
            |top| Choice {
                arm: arm_of(top.arm).map_or(ESCALATE, |it| it.arm),
                probability: top.propensity,
            },
        )
    }

    fn logged_scores(&mut self, round: u32, task: &Task) -> Vec<f64> {
        self.scores(round, task)
    }

    fn hear(&mut self, feedback: &Feedback) {
        let Some(said) = self.said(feedback) else {
            return;
        };
        let task = &feedback.proposal.task;
        let context = context(&task.incident);
        for (_, repaired, label) in labels(&said, strategy_of(feedback.proposal.arm)) {
            let named = |it: &&Candidate| strategy_of(it.arm) == repaired;
            if let Some(candidate) = task.candidates.iter().find(named) {
                self.ranker.learn(&context, &repair(candidate), &label);
            }
        }
    }
}

fn word<T>(feedback: &Feedback, said: T) -> Word<T> {
    let seconds = BEGIN + ROUND_SECONDS * i64::from(feedback.due);
    Word {
        said,
        at: Timestamp::from_second(seconds).unwrap_or_default(),
        by: Some(format!("rater-{}", feedback.rater)),
    }
}

fn share(yes: bool) -> f64 {
    if yes { 1.0 } else { 0.0 }
}

fn context(incident: &Incident) -> Context {
    let named = |what: &str, number: usize| format!("{what}-{number}");
    Context {
        class: named("class", incident.class),
        signature: named("family", incident.family),
        kind: named("kind", incident.kind),
        tier: match incident.tier {
            0 => Tier::Prod,
            1 => Tier::Staging,
            _ => Tier::Dev,
        },
        team: named("team", incident.team),
        cluster: named("cluster", incident.cluster),
        recent_change: incident.recent_change,
        window: if incident.business_hours {
            Window::Business
        } else {
            Window::Quiet
        },
        ..Context::default()
    }
}

fn repair(candidate: &Candidate) -> Repair {
    let arm = ARMS.get(candidate.arm);
    Repair {
        arm: strategy_of(candidate.arm),
        risk: arm.map_or(1.0, |it| it.risk),
        disruptive: arm.is_some_and(|it| it.disruptive),
        kb_approve: candidate.approved,
        kb_resolve: candidate.resolves,
    }
}

/// The engine's name of an arm.
fn strategy_of(arm: usize) -> Strategy {
    let name = ARMS.get(arm).map_or("escalate", |it| it.name);
    Strategy::ALL
        .into_iter()
        .find(|it| it.as_str() == name)
        .unwrap_or(Strategy::Escalate)
}
