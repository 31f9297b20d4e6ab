//! The engine's ranker at work: what it is told of an incident, and which labels come of which answer (LEARNING.md 1.6).

use jiff::Timestamp;
use kubemedic_engine::learning::ranker::{
    Candidate as Repair, Context, Head, Hyper, Label, Prediction, Ranker, Signal, Tier, Window,
};
use kubemedic_model::plan::Strategy;

use super::{Choice, Policy, first};
use crate::learn_bench::{
    operators::{Feedback, Heard, Proposal, Reason},
    world::{ARMS, Candidate, ESCALATE, Incident, Task},
};

/// When the first round is: 2026-01-05T00:00:00Z.
const BEGIN: i64 = 1_767_571_200;
/// A round is an hour: a thousand of them are six weeks.
const ROUND_SECONDS: i64 = 3600;
/// How much a reason counts beside an outcome.
const REASON_WEIGHT: f64 = 0.4;
/// How much a preference counts beside an outcome.
const PREFERENCE_WEIGHT: f64 = 0.3;
/// How much a rating counts beside a decision: the original's four to one.
const RATING_WEIGHT: f64 = 0.25;

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

    fn learn(&mut self, feedback: &Feedback, arm: usize, label: &Label) {
        let proposal: &Proposal = &feedback.proposal;
        let Some(candidate) = proposal.task.candidate(arm) else {
            return;
        };
        let context = context(&proposal.task.incident);
        self.ranker.learn(&context, &repair(candidate), label);
    }

    fn hear_decision(&mut self, feedback: &Feedback, approved: bool, preferred: Option<usize>) {
        let arm = feedback.proposal.arm;
        let y = if approved { 1.0 } else { 0.0 };
        self.learn(
            feedback,
            arm,
            &said(feedback, Head::Approve, (y, 1.0), Signal::Approval),
        );
        if let Some(better) = preferred {
            let signal = Signal::Preference;
            self.learn(
                feedback,
                better,
                &said(feedback, Head::Approve, (1.0, 1.0), signal),
            );
            let helps = said(feedback, Head::Resolve, (1.0, PREFERENCE_WEIGHT), signal);
            self.learn(feedback, better, &helps);
        }
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
        let arm = feedback.proposal.arm;
        match feedback.heard {
            Heard::Decision {
                approved,
                reason,
                preferred,
            } => {
                self.hear_decision(feedback, approved, preferred);
                if self.reasons && reason == Some(Reason::Ineffective) {
                    let useless = said(feedback, Head::Resolve, (0.0, REASON_WEIGHT), Signal::Reason);
                    self.learn(feedback, arm, &useless);
                }
            }
            Heard::Outcome { resolved } => {
                let y = if resolved { 1.0 } else { 0.0 };
                let mut label = said(feedback, Head::Resolve, (y, 1.0), Signal::Outcome);
                label.rater = None;
                self.learn(feedback, arm, &label);
            }
            Heard::Rating(rating) => {
                let y = (f64::from(rating) - 1.0) / 4.0;
                let label = said(feedback, Head::Approve, (y, RATING_WEIGHT), Signal::Rating);
                self.learn(feedback, arm, &label);
            }
            Heard::Success(_) => {}
        }
    }
}

fn said(feedback: &Feedback, head: Head, (y, weight): (f64, f64), signal: Signal) -> Label {
    let seconds = BEGIN + ROUND_SECONDS * i64::from(feedback.due);
    Label {
        head,
        y,
        weight,
        at: Timestamp::from_second(seconds).unwrap_or_default(),
        signal,
        rater: Some(format!("rater-{}", feedback.rater)),
    }
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
