//! The reward: `(4 mcp + 1 ui) / (sum of the weights that are present)`, LEARNING.md section 3.

use kubemedic_model::{approval::ApprovalStatus, outcome::Outcome};

/// The weight of what a person approved and rejected.
const APPROVAL_WEIGHT: f64 = 4.0;
/// The weight of what raters say.
const RATING_WEIGHT: f64 = 1.0;
/// The weight of what came of it, in the extended reward only.
const OUTCOME_WEIGHT: f64 = 4.0;

/// The signals of a plan, each between 0 and 1; `None` is absent, which is not 0.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Signals {
    /// The share of commands that a person approved.
    pub approval: Option<f64>,
    /// What raters say.
    pub rating: Option<f64>,
    /// What came of it.
    pub outcome: Option<f64>,
}

/// A reward with the weight behind it.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Reward {
    /// Between 0 and 1; `None` without any signal.
    pub score: Option<f64>,
    /// 0, 1, 4 or 5: the sum of the weights present. The outcome is not in it.
    pub total_weight: f64,
    /// The reward with the outcome in it.
    pub extended: Option<f64>,
}

/// The reward of signals.
pub fn reward(signals: Signals) -> Reward {
    let seen = [
        (APPROVAL_WEIGHT, signals.approval),
        (RATING_WEIGHT, signals.rating),
    ];
    let (score, total_weight) = weighted_mean(&seen);
    let [approval, rating] = seen;
    let (extended, _) = weighted_mean(&[approval, rating, (OUTCOME_WEIGHT, signals.outcome)]);
    Reward {
        score,
        total_weight,
        extended,
    }
}

/// The weighted mean of what is present, and the sum of its weights.
fn weighted_mean(parts: &[(f64, Option<f64>)]) -> (Option<f64>, f64) {
    let present = parts
        .iter()
        .filter_map(|(weight, value)| value.map(|value| (weight, value)));
    let (sum, weights) = present.fold((0.0, 0.0), |(sum, all), (weight, value)| {
        (sum + weight * value, all + weight)
    });
    ((weights > 0.0).then(|| sum / weights), weights)
}

/// The signal of an approval. Counts win over the status; an undecided or expired one is absent.
pub fn approval_signal(status: ApprovalStatus, approved: u32, rejected: u32) -> Option<f64> {
    let decided = approved.saturating_add(rejected);
    if decided > 0 {
        return Some(f64::from(approved) / f64::from(decided));
    }
    match status {
        ApprovalStatus::Approved => Some(1.0),
        ApprovalStatus::Rejected => Some(0.0),
        ApprovalStatus::PartiallyApproved => Some(0.5),
        ApprovalStatus::Pending | ApprovalStatus::Expired => None,
    }
}

/// One rater's signal: the mean of what the rater told of stars (1 to 5) and helpfulness.
pub fn usefulness(stars: Option<u8>, helpful: Option<bool>) -> Option<f64> {
    let stars = stars.map(|stars| (f64::from(stars) - 1.0) / 4.0);
    let helpful = helpful.map(|helpful| if helpful { 1.0 } else { 0.0 });
    mean([stars, helpful].into_iter().flatten())
}

/// The mean of numbers; `None` of none.
pub(super) fn mean(numbers: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = numbers.fold((0.0, 0_u32), |(sum, count), number| (sum + number, count + 1));
    (count > 0).then(|| sum / f64::from(count))
}

/// The signal of an outcome: resolved 1, improved a half, unchanged and worsened 0.
pub(super) fn outcome_signal(outcome: Outcome) -> f64 {
    match outcome {
        Outcome::Resolved => 1.0,
        Outcome::Improved => 0.5,
        Outcome::Unchanged | Outcome::Worsened => 0.0,
    }
}
