//! The ledger: every feedback record, folded from events in the order of their numbers.

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, DefaultHasher},
};

use jiff::Timestamp;
use kubemedic_model::{
    class::FailureClass,
    feedback::{DriftScope, FeedbackEvent, FeedbackRecord, Proposed, RecordedFeedback},
    id::{ApprovalId, FeedbackId, WorkflowId},
    plan::{Strategy, StrategyOrder},
};
use serde::{Deserialize, Serialize};

use super::{
    experience::Cases,
    pairs,
    ranker::{Hyper, Ranker, Scope},
    record::{RecordState, Seen},
    statistics::Statistics,
    teaching::{Taught, Teaching, rank},
};

/// Where the record of an id is. It is never walked, so that no order follows from the hash.
type Places<K> = HashMap<K, usize, BuildHasherDefault<DefaultHasher>>;

/// The state that follows from feedback events.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Ledger {
    records: Vec<RecordState>,
    #[serde(with = "pairs")]
    by_id: Places<FeedbackId>,
    #[serde(with = "pairs")]
    by_approval: Places<ApprovalId>,
    sequence: u64,
    teaching: Teaching,
    cases: Cases,
}

impl Ledger {
    /// A ledger that has seen nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// A ledger that has seen nothing, whose ranker has these constants.
    pub fn with(hyper: Hyper) -> Self {
        Self {
            teaching: Teaching::with(Ranker::new(hyper)),
            ..Self::default()
        }
    }

    /// Folds one event in. Returns the record whose state changed, if any (an out-of-order report changes none).
    pub fn apply(&mut self, event: &RecordedFeedback) -> Option<FeedbackId> {
        self.sequence = self.sequence.max(event.sequence);
        let changed = self.fold(event)?;
        self.teach(&changed, event.sequence);
        Some(changed)
    }

    fn fold(&mut self, event: &RecordedFeedback) -> Option<FeedbackId> {
        let (sequence, at) = (event.sequence, event.recorded_at);
        match &event.event {
            FeedbackEvent::Proposed(proposed) => self.proposed(proposed, at, sequence),
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
            } => self.change(feedback_id, |it| it.withdrawn(*position, sequence)),
            FeedbackEvent::Approval(report) => {
                let place = *self.by_approval.get(&report.approval_id)?;
                let state = self.records.get_mut(place)?;
                state
                    .reported(report, at, sequence)
                    .then(|| state.record().feedback_id.clone())
            }
            FeedbackEvent::Rated(rating) => {
                self.change(&rating.feedback_id, |it| it.rated(rating, at, sequence))
            }
            FeedbackEvent::Outcome {
                feedback_id,
                outcome,
                observed_at,
                is_provisional,
            } => {
                let seen = Seen {
                    outcome: *outcome,
                    is_provisional: *is_provisional,
                    at: observed_at.map_or(at, |it| it.min(at)),
                };
                let state = self.records.get_mut(*self.by_id.get(feedback_id)?)?;
                state.came_out(seen, sequence).then(|| feedback_id.clone())
            }
            // What is only learnt from changes no record: its line in the feedback file stays the newest one.
            FeedbackEvent::Decided(decided) => {
                self.by_id.get(&decided.feedback_id)?;
                self.teaching.decided(decided, at);
                None
            }
            FeedbackEvent::Corrected(correction) => self.change(&correction.feedback_id, |it| {
                it.corrected(correction, at, sequence);
            }),
            FeedbackEvent::Retracted { feedback_id, signal } => {
                self.teaching.retract(feedback_id, *signal);
                self.teach(feedback_id, sequence);
                None
            }
            FeedbackEvent::DriftReset { scope, name } => {
                let scope = match scope {
                    DriftScope::Team => Scope::Team(name.clone()),
                    DriftScope::Cluster => Scope::Cluster(name.clone()),
                };
                self.teaching.ranker.reset(&scope);
                None
            }
        }
    }

    fn proposed(&mut self, proposed: &Proposed, at: Timestamp, sequence: u64) -> Option<FeedbackId> {
        if self.by_id.contains_key(&proposed.feedback_id) {
            return None;
        }
        self.by_id
            .insert(proposed.feedback_id.clone(), self.records.len());
        self.records.push(RecordState::new(proposed, at, sequence));
        Some(proposed.feedback_id.clone())
    }

    fn change(&mut self, id: &FeedbackId, change: impl FnOnce(&mut RecordState)) -> Option<FeedbackId> {
        let place = *self.by_id.get(id)?;
        change(self.records.get_mut(place)?);
        Some(id.clone())
    }

    /// Brings what the ranker and the cases know up to a record's state.
    fn teach(&mut self, id: &FeedbackId, sequence: u64) {
        let Some(state) = self.by_id.get(id).and_then(|place| self.records.get(*place)) else {
            return;
        };
        for proposal in &state.record().proposals {
            let said = state.said(proposal);
            self.teaching.teach(id, proposal, &said, sequence);
            self.cases
                .note(&self.teaching, (id, proposal.position), &said, state.record());
        }
    }

    /// The ranker, to ask and to look at.
    pub fn ranker(&self) -> &Ranker {
        &self.teaching.ranker
    }

    /// Every decision with what it taught, in the order of record ids and root causes.
    pub fn taught(&self) -> impl Iterator<Item = &Taught> {
        self.teaching.taught.values()
    }

    /// The decisions of a record with what they taught.
    pub fn taught_of(&self, id: &FeedbackId) -> impl Iterator<Item = &Taught> {
        self.teaching.of_record(id)
    }

    /// The cases that examples are chosen from.
    pub fn cases(&self) -> &Cases {
        &self.cases
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
    /// How far the strategy stands behind what the knowledge base thinks of it, where nothing but the class is known.
    fn rank(&self, class: FailureClass, strategy: Strategy) -> i64 {
        rank(&self.teaching.ranker, class.id(), strategy)
    }
}
