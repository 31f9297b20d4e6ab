//! The figures of `GET /api/v1/feedback/statistics`.

use kubemedic_model::{approval::ApprovalStatus, feedback::FeedbackRecord};
use serde::Serialize;

use super::reward::mean;

/// A reward from here on makes a record an example worth following.
const EXAMPLE_REWARD: f64 = 0.7;

/// Figures over feedback records. Averages of nothing are 0.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Statistics {
    /// Plans proposed.
    pub total_outputs: u64,
    /// Commands approved.
    pub approved_count: u64,
    /// Commands rejected.
    pub rejected_count: u64,
    /// Records that wait for a decision.
    pub pending_count: u64,
    /// Approved commands over decided ones.
    pub approval_rate: f64,
    /// The mean reward of the records that have one.
    pub average_reward: f64,
    /// Records with a reward of at least 0.7.
    pub learning_examples: u64,
    /// Records that a person rated.
    pub rated_count: u64,
    /// The mean of the newest star ratings, 1 to 5.
    pub average_rating: f64,
}

impl Statistics {
    /// The figures of records.
    pub(super) fn of<'a>(records: impl Iterator<Item = &'a FeedbackRecord>) -> Self {
        let records: Vec<&FeedbackRecord> = records.collect();
        let count =
            |wanted: &dyn Fn(&FeedbackRecord) -> bool| records.iter().filter(|it| wanted(it)).count() as u64;
        let sum =
            |number: fn(&FeedbackRecord) -> u32| records.iter().map(|it| u64::from(number(it))).sum::<u64>();
        let (approved_count, rejected_count) = (
            sum(|it| it.approved_commands_count),
            sum(|it| it.rejected_commands_count),
        );
        Self {
            total_outputs: records.len() as u64,
            approved_count,
            rejected_count,
            pending_count: count(&|it| it.approval_status == ApprovalStatus::Pending),
            approval_rate: share(approved_count, rejected_count),
            average_reward: mean(records.iter().filter_map(|it| it.reward_score)).unwrap_or(0.0),
            learning_examples: count(&|it| it.reward_score.is_some_and(|reward| reward >= EXAMPLE_REWARD)),
            rated_count: count(&|it| it.rating.is_some() || it.was_helpful.is_some()),
            average_rating: mean(records.iter().filter_map(|it| it.rating).map(f64::from)).unwrap_or(0.0),
        }
    }
}

/// The share of the first in both; 0 of nothing.
#[expect(
    clippy::cast_precision_loss,
    reason = "counts of commands stay far below 2^52"
)]
fn share(part: u64, rest: u64) -> f64 {
    if part + rest == 0 {
        0.0
    } else {
        part as f64 / (part + rest) as f64
    }
}
