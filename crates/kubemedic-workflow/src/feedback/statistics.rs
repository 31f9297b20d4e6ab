//! Statistics, improvements and examples: folds over the ledger's records, in the contract's shapes.

use kubemedic_engine::learning::Ledger;
use kubemedic_model::{approval::ApprovalStatus, feedback::FeedbackRecord};
use serde_json::{Value, json};

/// The reward from which on a record is an example to learn from (CONTRACT.md section 1, `min_reward`).
const EXAMPLE_REWARD: f64 = 0.7;

/// Sums over all records.
#[derive(Debug, Default)]
struct Sums {
    outputs: u64,
    approved: u64,
    rejected: u64,
    pending: u64,
    examples: u64,
    ratings: Mean,
    rewards: Mean,
    helpful: u64,
}

#[derive(Debug, Default)]
struct Mean {
    sum: f64,
    count: u32,
}

impl Mean {
    fn add(&mut self, value: f64) {
        self.sum += value;
        self.count += 1;
    }

    /// The mean; 0 of nothing.
    fn get(&self) -> f64 {
        if self.count == 0 {
            0.0
        } else {
            self.sum / f64::from(self.count)
        }
    }
}

fn sums(ledger: &Ledger) -> Sums {
    let mut sums = Sums::default();
    for record in ledger.records() {
        sums.outputs += 1;
        sums.approved += u64::from(record.approved_commands_count);
        sums.rejected += u64::from(record.rejected_commands_count);
        sums.pending += u64::from(record.approval_status == ApprovalStatus::Pending);
        sums.helpful += u64::from(record.was_helpful == Some(true));
        if let Some(rating) = record.rating {
            sums.ratings.add(f64::from(rating));
        }
        if let Some(reward) = record.reward_score {
            sums.rewards.add(reward);
            sums.examples += u64::from(reward >= EXAMPLE_REWARD);
        }
    }
    sums
}

/// The statistics of the Remediation Agent.
pub(super) fn agent(ledger: &Ledger) -> Value {
    let sums = sums(ledger);
    let decided = sums.approved + sums.rejected;
    json!({
        "total_outputs": sums.outputs,
        "approved_count": sums.approved,
        "rejected_count": sums.rejected,
        "pending_count": sums.pending,
        "approval_rate": ratio(sums.approved, decided),
        "average_reward": sums.rewards.get(),
        "average_rating": sums.ratings.get(),
        "helpful_count": sums.helpful,
        "learning_examples": sums.examples,
    })
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts of decisions are far below 2^52"
)]
fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        0.0
    } else {
        part as f64 / whole as f64
    }
}

/// The statistics over everything.
pub(super) fn overall(ledger: &Ledger) -> Value {
    let sums = sums(ledger);
    json!({
        "agent_statistics": {"RemediationAgent": agent(ledger)},
        "total_feedbacks": sums.approved + sums.rejected,
        "average_reward": sums.rewards.get(),
        "total_records": sums.outputs,
        "events": ledger.sequence(),
    })
}

/// What to do better, the newest first, each once.
pub(super) fn improvements(ledger: &Ledger, limit: usize) -> Vec<String> {
    let records: Vec<&FeedbackRecord> = ledger.records().collect();
    let mut improvements: Vec<String> = Vec::new();
    for record in records.into_iter().rev() {
        let suggestion = record.improvements_suggested.clone();
        let avoid = record
            .rejection_reason
            .as_ref()
            .map(|reason| format!("Avoid: {reason}"));
        for text in suggestion.into_iter().chain(avoid) {
            if !text.trim().is_empty() && !improvements.contains(&text) && improvements.len() < limit {
                improvements.push(text);
            }
        }
    }
    improvements
}

/// The best records, the newest first among equals.
pub(super) fn top_examples(ledger: &Ledger, limit: usize, min_reward: f64) -> Vec<FeedbackRecord> {
    let rewarded = ledger
        .records()
        .filter_map(|record| Some((record.reward_score?, record)));
    let mut rewarded: Vec<(f64, &FeedbackRecord)> =
        rewarded.filter(|(reward, _)| *reward >= min_reward).collect();
    rewarded.sort_by(|(a, first), (b, second)| b.total_cmp(a).then(second.timestamp.cmp(&first.timestamp)));
    rewarded
        .into_iter()
        .take(limit)
        .map(|(_, record)| record.clone())
        .collect()
}
