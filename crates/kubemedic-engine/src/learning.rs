//! Feedback to reward, ranking and statistics: pure folds over feedback events (LEARNING.md section 3).
//! The two-head ranker of LEARNING.md section 1 comes later; until then strategies are ordered by approval counts.

use kubemedic_model::{
    class::FailureClass,
    feedback::{FeedbackRecord, RecordedFeedback},
    id::{ApprovalId, FeedbackId, WorkflowId},
    plan::{Strategy, StrategyOrder},
};

/// The state that follows from feedback events, folded in the order of their numbers.
#[derive(Debug, Clone, Default)]
pub struct Ledger {}

impl Ledger {
    /// A ledger that has seen nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Folds one event in. Returns the record whose state changed, if any (an out-of-order report changes none).
    pub fn apply(&mut self, _event: &RecordedFeedback) -> Option<FeedbackId> {
        None
    }

    /// The number of the newest event folded in; 0 before the first.
    pub fn sequence(&self) -> u64 {
        0
    }

    /// One record.
    pub fn record(&self, _id: &FeedbackId) -> Option<&FeedbackRecord> {
        None
    }

    /// All records, the oldest first.
    pub fn records(&self) -> impl Iterator<Item = &FeedbackRecord> {
        std::iter::empty()
    }

    /// The record that an approval belongs to.
    pub fn record_of_approval(&self, _id: &ApprovalId) -> Option<&FeedbackRecord> {
        None
    }

    /// The records of a workflow, the oldest first.
    pub fn records_of_workflow(&self, _id: WorkflowId) -> impl Iterator<Item = &FeedbackRecord> {
        std::iter::empty()
    }
}

impl StrategyOrder for Ledger {
    fn rank(&self, _class: FailureClass, _strategy: Strategy) -> i64 {
        0
    }
}
