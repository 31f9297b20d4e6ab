//! What was learnt, for people: figures over the journal (LEARNING.md 1.11) and, for one proposal, which features moved it, by
//! how much and from which feedback.

mod why;

use std::collections::BTreeMap;

use kubemedic_model::{
    learning::{Contribution, PolicyVersion, ScoredArm, Signal},
    plan::Strategy,
};
use serde::Serialize;

use super::{
    Ledger, Taught,
    estimate::{Calibration, Estimate, Row, calibration, supported},
    labels::Slot,
    ranker::{DriftAlarm, Ranker},
    reward::mean,
};
pub use why::{Why, why};

/// Records of one point of the learning curve.
const CURVE_STEP: usize = 50;
/// The most features, groups and raters of a list.
const MAX_LISTED: usize = 20;

/// How often a group's proposals were approved, and whether they helped.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Group {
    /// The team, cluster, class or repair.
    pub name: String,
    /// Judged proposals.
    pub n: u32,
    /// Approved shares.
    pub approved: f64,
    /// Rejected shares.
    pub rejected: f64,
    /// Approved over judged.
    pub approval_rate: f64,
    /// The approval rate of the newer half of the judged proposals.
    pub recent_approval_rate: f64,
    /// Repairs that helped.
    pub resolved: f64,
    /// Repairs that did not.
    pub failed: f64,
}

/// A point of the learning curve.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CurvePoint {
    /// Records with a reward up to here.
    pub records: usize,
    /// The mean reward of the last fifty of them.
    pub reward: f64,
}

/// How far a rater is believed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RaterTrust {
    /// The rater.
    pub rater: String,
    /// 0 to 1.
    pub trust: f64,
}

/// What a policy's proposals are worth, by the log alone.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Value {
    /// An estimate.
    Known(Estimate),
    /// Why there is none.
    Unknown {
        /// The reason.
        reason: String,
    },
}

/// Everything that `GET /api/v1/feedback/statistics` tells of learning.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LearningReport {
    /// Decisions that were logged.
    pub decisions: usize,
    /// Labels in force, by signal.
    pub labels: BTreeMap<&'static str, usize>,
    /// The mean reward of the last 50 records that have one.
    pub mean_reward_last_50: f64,
    /// The mean reward of the last 200.
    pub mean_reward_last_200: f64,
    /// The mean reward over time, in steps of 50.
    pub learning_curve: Vec<CurvePoint>,
    /// By team.
    pub teams: Vec<Group>,
    /// By cluster.
    pub clusters: Vec<Group>,
    /// By failure class.
    pub classes: Vec<Group>,
    /// By repair.
    pub arms: Vec<Group>,
    /// How well expected approvals agree with given ones.
    pub calibration_approve: Calibration,
    /// How well expected outcomes agree with seen ones.
    pub calibration_resolve: Calibration,
    /// Features that speak for their repair, the strongest first.
    pub speaks_for: Vec<Contribution>,
    /// Features that speak against it.
    pub speaks_against: Vec<Contribution>,
    /// The share of decisions that did not propose the highest score.
    pub exploration_share: f64,
    /// How far raters are believed, the least first.
    pub rater_trust: Vec<RaterTrust>,
    /// The newest alarms.
    pub drift_alarms: Vec<DriftAlarm>,
    /// The value of the knowledge base's order.
    pub value_untaught: Value,
    /// The value of the order that was learnt up to each decision.
    pub value_learnt: Value,
    /// Features with labels.
    pub learnt_features: usize,
    /// Cases that examples are chosen from.
    pub cases: usize,
    /// The policy.
    pub policy: PolicyVersion,
    /// A digest of what was learnt.
    pub state_hash: String,
    /// The number of the newest event.
    pub sequence: u64,
}

/// The figures of a ledger.
pub fn learning_report(ledger: &Ledger) -> LearningReport {
    let mut taught: Vec<&Taught> = ledger.taught().filter(|it| it.is_logged).collect();
    taught.sort_by(|a, b| {
        a.recorded_at
            .cmp(&b.recorded_at)
            .then_with(|| a.decided.feedback_id.cmp(&b.decided.feedback_id))
            .then(a.decided.position.cmp(&b.decided.position))
    });
    let rewards: Vec<f64> = ledger.records().filter_map(|it| it.reward_score).collect();
    let last = |count: usize| mean(rewards.iter().rev().take(count).copied()).unwrap_or(0.0);
    let ranker = ledger.ranker();
    let (speaks_for, speaks_against) = ranker.strongest(MAX_LISTED);
    let mut rater_trust: Vec<RaterTrust> = ranker
        .raters()
        .map(|(rater, it)| RaterTrust {
            rater: rater.to_owned(),
            trust: it.weight(),
        })
        .collect();
    rater_trust.sort_by(|a, b| a.trust.total_cmp(&b.trust));
    rater_trust.truncate(MAX_LISTED);
    LearningReport {
        decisions: taught.len(),
        labels: by_signal(&taught),
        mean_reward_last_50: last(50),
        mean_reward_last_200: last(200),
        learning_curve: curve(&rewards),
        teams: groups(&taught, |it| it.context().team.clone()),
        clusters: groups(&taught, |it| it.context().cluster.clone()),
        classes: groups(&taught, |it| it.context().class.clone()),
        arms: groups(&taught, |it| it.decided.chosen.as_str().to_owned()),
        calibration_approve: calibration(&pairs(&taught, Slot::Approval)),
        calibration_resolve: calibration(&pairs(&taught, Slot::Outcome)),
        speaks_for,
        speaks_against,
        exploration_share: exploration(&taught),
        rater_trust,
        drift_alarms: ranker.alarms().cloned().collect(),
        value_untaught: value(&taught, |it| untaught_first(it, ranker)),
        value_learnt: value(&taught, learnt_first),
        learnt_features: ranker.learnt_features(),
        cases: ledger.cases().len(),
        policy: super::adviser::policy_version(ranker),
        state_hash: ranker.state_hash(),
        sequence: ledger.sequence(),
    }
}

fn by_signal(taught: &[&Taught]) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for lesson in taught.iter().flat_map(|it| it.lessons.values()) {
        let name = match lesson.label.signal {
            Signal::Approval => "approval",
            Signal::Reason => "reason",
            Signal::Preference => "preference",
            Signal::Rating => "rating",
            Signal::Outcome => "outcome",
        };
        *counts.entry(name).or_default() += 1;
    }
    counts
}

fn curve(rewards: &[f64]) -> Vec<CurvePoint> {
    let whole = rewards.chunks(CURVE_STEP).enumerate();
    whole
        .map(|(place, part)| CurvePoint {
            records: place * CURVE_STEP + part.len(),
            reward: mean(part.iter().copied()).unwrap_or(0.0),
        })
        .collect()
}

/// The judged proposals by group, the most frequent first.
fn groups(taught: &[&Taught], name: impl Fn(&Taught) -> String) -> Vec<Group> {
    let mut by_name: BTreeMap<String, (Group, Vec<f64>)> = BTreeMap::new();
    for it in taught {
        let label = |slot: Slot| it.lessons.get(&slot).map(|it| it.label.y);
        let (approved, outcome) = (label(Slot::Approval), label(Slot::Outcome));
        if approved.is_none() && outcome.is_none() {
            continue;
        }
        let (group, shares) = by_name.entry(name(it)).or_default();
        group.n += 1;
        if let Some(approved) = approved {
            group.approved += approved;
            group.rejected += 1.0 - approved;
            shares.push(approved);
        }
        if let Some(outcome) = outcome {
            group.resolved += outcome;
            group.failed += 1.0 - outcome;
        }
    }
    let mut found: Vec<Group> = by_name
        .into_iter()
        .map(|(name, (group, shares))| Group {
            name,
            approval_rate: mean(shares.iter().copied()).unwrap_or(0.0),
            recent_approval_rate: mean(shares.iter().skip(shares.len() / 2).copied()).unwrap_or(0.0),
            ..group
        })
        .collect();
    found.sort_by(|a, b| b.n.cmp(&a.n).then_with(|| a.name.cmp(&b.name)));
    found.truncate(MAX_LISTED);
    found
}

/// What was expected before it was learnt, next to what was observed.
fn pairs(taught: &[&Taught], slot: Slot) -> Vec<(f64, f64)> {
    let lessons = taught.iter().filter_map(|it| it.lessons.get(&slot));
    lessons.map(|it| (it.expected, it.label.y)).collect()
}

fn exploration(taught: &[&Taught]) -> f64 {
    let explored = |it: &Taught| learnt_first(it).is_some_and(|first| first != it.decided.chosen);
    mean(taught.iter().map(|it| f64::from(u8::from(explored(it))))).unwrap_or(0.0)
}

/// The repair with the highest score when the decision was made.
fn learnt_first(taught: &Taught) -> Option<Strategy> {
    highest(&taught.decided.decision.arms, |arm| arm.score)
}

/// The repair that the knowledge base would have put first.
fn untaught_first(taught: &Taught, ranker: &Ranker) -> Option<Strategy> {
    let untaught = Ranker::new(ranker.hyper().clone());
    highest(&taught.decided.decision.arms, |arm| {
        untaught.predict(taught.context(), &arm.candidate).score
    })
}

fn highest(arms: &[ScoredArm], score: impl Fn(&ScoredArm) -> f64) -> Option<Strategy> {
    let best = arms.iter().max_by(|a, b| score(a).total_cmp(&score(b)))?;
    Some(best.candidate.arm)
}

/// The value of a policy by the decisions that ended: each is judged by what was learnt before it only.
fn value(taught: &[&Taught], target: impl Fn(&Taught) -> Option<Strategy>) -> Value {
    let rows: Vec<(Row, f64)> = taught.iter().filter_map(|it| row(it, target(it)?)).collect();
    match supported(&rows) {
        Ok(estimate) => Value::Known(estimate),
        Err(reason) => Value::Unknown { reason },
    }
}

/// A decision that ended: rejected, or approved and its outcome seen. With how likely the target was to be proposed.
fn row(taught: &Taught, target: Strategy) -> Option<(Row, f64)> {
    let approved = taught.lessons.get(&Slot::Approval)?.label.y;
    let outcome = taught.lessons.get(&Slot::Outcome).map(|it| it.label.y);
    let reward = if approved < 0.5 { 0.0 } else { outcome? };
    let arms = &taught.decided.decision.arms;
    let of = |strategy| arms.iter().find(|it| it.candidate.arm == strategy);
    let (aimed, chosen) = (of(target)?, of(taught.decided.chosen)?);
    let row = Row {
        agrees: target == taught.decided.chosen,
        propensity: taught.decided.chosen_propensity?,
        expected_of_target: aimed.score,
        expected_of_chosen: chosen.score,
        reward,
    };
    Some((row, aimed.propensity))
}
