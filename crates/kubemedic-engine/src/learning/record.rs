//! One feedback record while it is folded: who said what last, and the record that follows from it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use kubemedic_model::{
    approval::ApprovalStatus,
    feedback::{ApprovalReport, FeedbackRecord, Proposal, Proposed, Rating},
    id::ApprovalId,
    learning::{Correction, RejectReason},
    outcome::Outcome,
    plan::Strategy,
};
use serde::{Deserialize, Serialize};

use super::reward::{Signals, approval_signal, mean, outcome_signal, reward, usefulness};
use super::{
    labels::{Said, Word},
    reasons::reason_of,
};

/// The name of the warning that a report's status and counts disagree.
const STATUS_MISMATCH: &str = "status_mismatch";

/// The stars that a rating may have.
const STARS: std::ops::RangeInclusive<u8> = 1..=5;

/// What is known of one approval.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct ApprovalState {
    position: u32,
    latest: Option<ApprovalReport>,
    /// When the latest report was recorded.
    recorded_at: Timestamp,
    /// Whether a later report told another split of the same total.
    contradicted: bool,
}

impl ApprovalState {
    /// Approved and rejected commands, as last told.
    fn counts(&self) -> (u32, u32) {
        let count =
            |pick: fn(&ApprovalReport) -> Option<u32>| self.latest.as_ref().and_then(pick).unwrap_or(0);
        (count(|it| it.approved_count), count(|it| it.rejected_count))
    }

    fn total(&self) -> u32 {
        let (approved, rejected) = self.counts();
        approved.saturating_add(rejected)
    }

    fn status(&self) -> ApprovalStatus {
        self.latest
            .as_ref()
            .map_or(ApprovalStatus::Pending, |report| report.status)
    }

    fn signal(&self) -> Option<f64> {
        let (approved, rejected) = self.counts();
        approval_signal(self.status(), approved, rejected)
    }

    /// How a person took the strategy: the share of approved changes, or of approved commands where nothing tells them apart.
    /// A change with other values, such as a higher limit, is the same strategy: who edits it so approves of that.
    fn strategy_signal(&self) -> Option<f64> {
        let report = self.latest.as_ref()?;
        match (report.approved_changes, report.rejected_changes) {
            (None, None) => self.signal(),
            (approved, rejected) => {
                let (approved, rejected) = (approved.unwrap_or(0), rejected.unwrap_or(0));
                let edited = report.edited.filter(|it| it.into.is_none());
                let edited = edited.map_or(0, |it| it.changes.min(rejected));
                let (approved, rejected) = (approved.saturating_add(edited), rejected - edited);
                let total = f64::from(approved) + f64::from(rejected);
                // Nearly everybody approves a plan that only reads; who rejects even that rejects the plan.
                let rejects_all = report.status == ApprovalStatus::Rejected;
                (total > 0.0 || rejects_all).then(|| f64::from(approved) / total.max(1.0))
            }
        }
    }

    /// The other repair that a person made of the commands.
    fn edited_into(&self) -> Option<Strategy> {
        self.latest.as_ref()?.edited?.into
    }

    /// Whether anything of it could run.
    fn is_executed(&self) -> bool {
        self.strategy_signal().is_some_and(|share| share > 0.0) || self.edited_into().is_some()
    }
}

/// What one rater last said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
struct RaterState {
    stars: Option<u8>,
    helpful: Option<bool>,
    at: Timestamp,
}

/// What somebody saw come of a plan.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen {
    /// What came of it.
    pub(super) outcome: Outcome,
    /// Whether it is a first look.
    pub(super) is_provisional: bool,
    /// When it was seen.
    pub(super) at: Timestamp,
}

/// One record with all that went into it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct RecordState {
    approvals: BTreeMap<ApprovalId, ApprovalState>,
    raters: BTreeMap<String, RaterState>,
    /// Corrections by root cause.
    preferred: BTreeMap<u32, Word<Strategy>>,
    /// When the newest outcome was seen.
    outcome_at: Timestamp,
    /// Whether the newest outcome is a first look.
    is_provisional: bool,
    /// Suggestions and rejection reasons, the oldest first, each once.
    lessons: Vec<String>,
    record: FeedbackRecord,
}

impl RecordState {
    pub(super) fn new(proposed: &Proposed, at: Timestamp, sequence: u64) -> Self {
        let record = FeedbackRecord {
            feedback_id: proposed.feedback_id.clone(),
            workflow_id: proposed.workflow_id,
            timestamp: at,
            input_data: proposed.input_data.clone(),
            output_data: proposed.output_data.clone(),
            approval_status: ApprovalStatus::Pending,
            approval_id: None,
            approval_ids: Vec::new(),
            rejection_reason: None,
            approved_commands_count: 0,
            rejected_commands_count: 0,
            rating: None,
            was_helpful: None,
            feedback_comments: None,
            improvements_suggested: None,
            reward_score: None,
            reward_extended: None,
            outcome: None,
            contradicted: false,
            warnings: Vec::new(),
            proposals: proposed.proposals.clone(),
            sequence,
        };
        Self {
            approvals: BTreeMap::new(),
            raters: BTreeMap::new(),
            preferred: BTreeMap::new(),
            outcome_at: at,
            is_provisional: false,
            lessons: Vec::new(),
            record,
        }
    }

    pub(super) fn record(&self) -> &FeedbackRecord {
        &self.record
    }

    pub(super) fn lessons(&self) -> &[String] {
        &self.lessons
    }

    /// All that was said of one of its proposals.
    pub(super) fn said(&self, proposal: &Proposal) -> Said {
        let approval = self
            .approvals
            .values()
            .find(|it| it.position == proposal.position);
        let report = approval.and_then(|it| it.latest.as_ref());
        let decided_at = report.and_then(|it| it.occurred_at);
        let approved = approval.and_then(|it| {
            // A report may tell any time; it cannot be of the future.
            let at = decided_at.map_or(it.recorded_at, |at| at.min(it.recorded_at));
            // A plan by hand only reads: who approved it and saw what came of it has followed it.
            let followed = || {
                let approved = report.is_some_and(|it| it.status == ApprovalStatus::Approved);
                (approved && self.record.outcome.is_some()).then_some(1.0)
            };
            Some(Word {
                said: it.strategy_signal().or_else(followed)?,
                at,
                by: report.and_then(|it| it.approver.clone()),
            })
        });
        let executed = self.executed();
        let edited = approval.and_then(ApprovalState::edited_into);
        let approves = approved.as_ref().is_some_and(|it| it.said > 0.0);
        let concerned = approves || edited.is_some() || executed == 0;
        let outcome = self.record.outcome.filter(|_| concerned).map(|said| Word {
            said,
            at: self.outcome_at,
            by: None,
        });
        let (outcome, instead) = match edited {
            Some(ran) => (None, outcome.map(|it| (ran, it))),
            None => (outcome, None),
        };
        let told = report.and_then(|it| {
            it.prefer.or(edited).map(|said| Word {
                said,
                at: decided_at.unwrap_or(self.record.timestamp),
                by: it.approver.clone(),
            })
        });
        Said {
            reason: approved
                .as_ref()
                .filter(|it| it.said < 1.0)
                .and_then(|_| reason(report?)),
            contradicted: approval.is_some_and(|it| it.contradicted),
            preferred: self.preferred.get(&proposal.position).cloned().or(told),
            usefulness: self.usefulness(),
            outcome,
            instead,
            is_provisional: self.is_provisional,
            shared_by: u32::try_from(if executed == 0 {
                self.record.proposals.len()
            } else {
                executed
            })
            .unwrap_or(u32::MAX),
            proposed_at: Some(self.record.timestamp),
            approved,
        }
    }

    /// How many of its proposals a person approved, at least in part or in another form.
    fn executed(&self) -> usize {
        self.approvals.values().filter(|it| it.is_executed()).count()
    }

    /// What raters say together: many names weigh no more than one.
    fn usefulness(&self) -> Option<Word<f64>> {
        let said = mean(
            self.raters
                .values()
                .filter_map(|it| usefulness(it.stars, it.helpful)),
        )?;
        let mut names = self.raters.keys();
        let by = match (names.next(), names.next()) {
            (Some(only), None) => Some(only.clone()),
            _ => None,
        };
        let at = self.raters.values().map(|it| it.at).max()?;
        Some(Word { said, at, by })
    }

    /// A person says which repair would have been right.
    pub(super) fn corrected(&mut self, correction: &Correction, at: Timestamp, sequence: u64) {
        let word = Word {
            said: correction.prefer,
            at,
            by: Some(correction.rater.clone()),
        };
        self.preferred.insert(correction.position, word);
        self.refresh(sequence);
    }

    pub(super) fn submitted(&mut self, id: &ApprovalId, position: u32, sequence: u64) -> bool {
        if self.approvals.contains_key(id) {
            return false;
        }
        self.approvals.insert(
            id.clone(),
            ApprovalState {
                position,
                latest: None,
                recorded_at: self.record.timestamp,
                contradicted: false,
            },
        );
        self.record.approval_ids.push(id.clone());
        self.refresh(sequence);
        true
    }

    /// Takes a proposal out that nobody will judge.
    pub(super) fn withdrawn(&mut self, position: u32, sequence: u64) {
        self.record
            .proposals
            .retain(|proposal| proposal.position != position);
        self.refresh(sequence);
    }

    /// Takes a report in. A smaller total, or an older time, than one already seen is out of order and changes nothing.
    pub(super) fn reported(&mut self, report: &ApprovalReport, at: Timestamp, sequence: u64) -> bool {
        let Some(state) = self.approvals.get_mut(&report.approval_id) else {
            return false;
        };
        let mut next = ApprovalState {
            position: state.position,
            latest: Some(report.clone()),
            recorded_at: at,
            contradicted: state.contradicted,
        };
        if let Some(seen) = &state.latest {
            let older =
                matches!((seen.occurred_at, report.occurred_at), (Some(seen), Some(new)) if new < seen);
            if older || next.total() < state.total() {
                return false;
            }
            let revised =
                state.total() > 0 && next.total() == state.total() && next.counts() != state.counts();
            self.record.contradicted |= revised;
            next.contradicted |= revised;
            // The same again is no other judgement, whenever it arrives.
            if *seen == *report {
                next.recorded_at = state.recorded_at;
            }
        }
        let counted = next.total() > 0;
        let by_status = approval_signal(report.status, 0, 0);
        if counted && by_status.is_some() && !agrees(report.status, next.counts()) {
            note(&mut self.record.warnings, STATUS_MISMATCH);
        }
        *state = next;
        let reasons = report.command_reasons.iter().chain(&report.rejection_reason);
        for reason in reasons
            .map(|reason| reason.trim())
            .filter(|reason| !reason.is_empty())
        {
            note(&mut self.lessons, &format!("Avoid: {reason}"));
        }
        if let Some(reason) = report
            .rejection_reason
            .clone()
            .or_else(|| report.command_reasons.first().cloned())
        {
            self.record.rejection_reason = Some(reason);
        }
        self.refresh(sequence);
        true
    }

    /// Takes a rating in; what it leaves out keeps its value.
    pub(super) fn rated(&mut self, rating: &Rating, at: Timestamp, sequence: u64) {
        // The edge refuses other numbers; a file that is replayed may hold anything.
        let stars = rating.rating.filter(|stars| STARS.contains(stars));
        let rater = self.raters.entry(rating.rater.clone()).or_default();
        rater.stars = stars.or(rater.stars);
        rater.helpful = rating.was_helpful.or(rater.helpful);
        rater.at = at;
        self.record.rating = stars.or(self.record.rating);
        self.record.was_helpful = rating.was_helpful.or(self.record.was_helpful);
        if rating.comments.is_some() {
            self.record.feedback_comments.clone_from(&rating.comments);
        }
        if let Some(suggestion) = &rating.improvements {
            self.record.improvements_suggested = Some(suggestion.clone());
            note(&mut self.lessons, suggestion.trim());
        }
        self.refresh(sequence);
    }

    /// Takes an outcome in, a later one in the place of an earlier one. A first look never replaces what is final.
    pub(super) fn came_out(&mut self, seen: Seen, sequence: u64) -> bool {
        let before = self.record.outcome;
        if seen.is_provisional && before.is_some() && !self.is_provisional {
            return false;
        }
        // The same again is no other outcome, whenever it arrives.
        if before != Some(seen.outcome) || self.is_provisional != seen.is_provisional {
            self.outcome_at = seen.at;
        }
        self.is_provisional = seen.is_provisional;
        self.record.outcome = Some(seen.outcome);
        self.refresh(sequence);
        true
    }

    /// Derives the record's sums, status and reward anew.
    fn refresh(&mut self, sequence: u64) {
        let counts = self.approvals.values().map(ApprovalState::counts);
        let (approved, rejected) = counts.fold((0_u32, 0_u32), |(approved, rejected), (more, less)| {
            (approved.saturating_add(more), rejected.saturating_add(less))
        });
        let signals = Signals {
            approval: if approved.saturating_add(rejected) > 0 {
                approval_signal(ApprovalStatus::Pending, approved, rejected)
            } else {
                mean(self.approvals.values().filter_map(ApprovalState::signal))
            },
            rating: mean(
                self.raters
                    .values()
                    .filter_map(|rater| usefulness(rater.stars, rater.helpful)),
            ),
            outcome: self.record.outcome.map(outcome_signal),
        };
        let reward = reward(signals);
        let approval_status = self.status();
        let record = &mut self.record;
        record.approved_commands_count = approved;
        record.rejected_commands_count = rejected;
        record.approval_id = record.approval_ids.first().cloned();
        record.approval_status = approval_status;
        record.reward_score = reward.score;
        record.reward_extended = reward.extended;
        record.sequence = sequence;
    }

    /// `pending` until every proposal is decided, `rejected` if any is, else `approved`; `expired` when nobody decided any.
    fn status(&self) -> ApprovalStatus {
        let mut statuses = self.approvals.values().map(ApprovalState::status);
        let undecided = self.approvals.len() < self.record.proposals.len()
            || self.approvals.is_empty()
            || statuses.clone().any(|status| status == ApprovalStatus::Pending);
        if undecided {
            ApprovalStatus::Pending
        } else if statuses.clone().any(|status| status == ApprovalStatus::Rejected) {
            ApprovalStatus::Rejected
        } else if statuses.all(|status| status == ApprovalStatus::Expired) {
            ApprovalStatus::Expired
        } else {
            ApprovalStatus::Approved
        }
    }
}

/// Why a person rejected: the choice, else what the words tell.
fn reason(report: &ApprovalReport) -> Option<RejectReason> {
    report.reason_kind.or_else(|| {
        let mut texts = report.rejection_reason.iter().chain(&report.command_reasons);
        texts.find_map(|text| reason_of(text))
    })
}

/// Whether a status and counts tell the same.
fn agrees(status: ApprovalStatus, (approved, rejected): (u32, u32)) -> bool {
    match status {
        ApprovalStatus::Approved => rejected == 0,
        ApprovalStatus::Rejected => approved == 0,
        ApprovalStatus::PartiallyApproved | ApprovalStatus::Pending | ApprovalStatus::Expired => true,
    }
}

/// Adds a text that is not there yet.
fn note(texts: &mut Vec<String>, text: &str) {
    if !text.is_empty() && !texts.iter().any(|have| have == text) {
        texts.push(text.to_owned());
    }
}
