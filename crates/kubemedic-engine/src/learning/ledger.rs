//! The ledger: every feedback record, folded from events in the order of their numbers.

use std::collections::BTreeMap;

use kubemedic_model::{
    class::FailureClass,
    feedback::{FeedbackEvent, FeedbackRecord, RecordedFeedback},
    id::{ApprovalId, FeedbackId, WorkflowId},
    plan::{Strategy, StrategyOrder},
};

use super::{record::RecordState, statistics::Statistics};

/// A share of approved changes above this is an approval of the strategy, below it a rejection.
const HALF: f64 = 0.5;

/// The state that follows from feedback events.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    records: Vec<RecordState>,
    by_id: BTreeMap<FeedbackId, usize>,
    by_approval: BTreeMap<ApprovalId, usize>,
    sequence: u64,
}

impl Ledger {
    /// A ledger that has seen nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Folds one event in. Returns the record whose state changed, if any (an out-of-order report changes none).
    pub fn apply(&mut self, event: &RecordedFeedback) -> Option<FeedbackId> {
        self.sequence = self.sequence.max(event.sequence);
        let sequence = event.sequence;
        match &event.event {
            FeedbackEvent::Proposed(proposed) => {
                if self.by_id.contains_key(&proposed.feedback_id) {
                    return None;
                }
                self.by_id
                    .insert(proposed.feedback_id.clone(), self.records.len());
                self.records
                    .push(RecordState::new(proposed, event.recorded_at, sequence));
                Some(proposed.feedback_id.clone())
            }
            FeedbackEvent::Submitted {
                feedback_id,
                approval_id,
                position,
            } => {
                let place = *self.by_id.get(feedback_id)?;
                let changed = self
                    .records
                    .get_mut(place)?
                    .submitted(approval_id, *position, sequence);
                self.by_approval.insert(approval_id.clone(), place);
                changed.then(|| feedback_id.clone())
            }
            FeedbackEvent::Withdrawn {
                feedback_id,
                position,
            } => {
                let place = *self.by_id.get(feedback_id)?;
                self.records.get_mut(place)?.withdrawn(*position, sequence);
                Some(feedback_id.clone())
            }
            FeedbackEvent::Approval(report) => {
                let place = *self.by_approval.get(&report.approval_id)?;
                let state = self.records.get_mut(place)?;
                state
                    .reported(report, sequence)
                    .then(|| state.record().feedback_id.clone())
            }
            FeedbackEvent::Rated(rating) => {
                let place = *self.by_id.get(&rating.feedback_id)?;
                self.records.get_mut(place)?.rated(rating, sequence);
                Some(rating.feedback_id.clone())
            }
            FeedbackEvent::Outcome {
                feedback_id, outcome, ..
            } => {
                let place = *self.by_id.get(feedback_id)?;
                self.records.get_mut(place)?.came_out(*outcome, sequence);
                Some(feedback_id.clone())
            }
        }
    }

    /// The number of the newest event folded in; 0 before the first.
    pub fn sequence(&self) -> u64 {
        self.sequence
    }

    /// One record.
    pub fn record(&self, id: &FeedbackId) -> Option<&FeedbackRecord> {
        self.state(*self.by_id.get(id)?)
    }

    /// All records, the oldest first.
    pub fn records(&self) -> impl Iterator<Item = &FeedbackRecord> {
        self.records.iter().map(RecordState::record)
    }

    /// The record that an approval belongs to.
    pub fn record_of_approval(&self, id: &ApprovalId) -> Option<&FeedbackRecord> {
        self.state(*self.by_approval.get(id)?)
    }

    /// The records of a workflow, the oldest first.
    pub fn records_of_workflow(&self, id: WorkflowId) -> impl Iterator<Item = &FeedbackRecord> {
        self.records().filter(move |record| record.workflow_id == id)
    }

    /// The figures over all records.
    pub fn statistics(&self) -> Statistics {
        Statistics::of(self.records())
    }

    /// What raters suggest, and `Avoid: <reason>` for what was rejected; the newest record first, each text once.
    pub fn improvements(&self) -> Vec<String> {
        let mut texts: Vec<String> = Vec::new();
        for text in self.records.iter().rev().flat_map(RecordState::lessons) {
            if !texts.contains(text) {
                texts.push(text.clone());
            }
        }
        texts
    }

    /// The records with the highest rewards of at least `min_reward`, the newest first among equals.
    pub fn top_examples(&self, limit: usize, min_reward: f64) -> Vec<&FeedbackRecord> {
        let rewarded =
            |record: &&FeedbackRecord| record.reward_score.is_some_and(|reward| reward >= min_reward);
        let mut records: Vec<&FeedbackRecord> = self.records().filter(rewarded).collect();
        records.sort_by(|a, b| {
            let reward = |record: &FeedbackRecord| record.reward_score.unwrap_or(0.0);
            reward(b)
                .total_cmp(&reward(a))
                .then_with(|| b.sequence.cmp(&a.sequence))
        });
        records.truncate(limit);
        records
    }

    fn state(&self, place: usize) -> Option<&FeedbackRecord> {
        self.records.get(place).map(RecordState::record)
    }
}

impl StrategyOrder for Ledger {
    /// Rejections less approvals of the strategy for the class: what people reject falls behind what they have not.
    fn rank(&self, class: FailureClass, strategy: Strategy) -> i64 {
        let of_strategy = self
            .records
            .iter()
            .flat_map(RecordState::judged)
            .filter(|(proposal, _)| proposal.class == class && proposal.strategy == strategy);
        of_strategy.fold(0, |rank, (_, share)| match share.total_cmp(&HALF) {
            std::cmp::Ordering::Less => rank + 1,
            std::cmp::Ordering::Equal => rank,
            std::cmp::Ordering::Greater => rank - 1,
        })
    }
}
