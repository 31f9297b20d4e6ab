//! Feedback: what people and outcomes said of a plan, as events, and the record that the contract shows of them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    approval::ApprovalStatus,
    class::FailureClass,
    id::{ApprovalId, FeedbackId, WorkflowId},
    learning::{Correction, Decided, RejectReason, Signal},
    outcome::Outcome,
    plan::Strategy,
};

/// A plan that was proposed and can be judged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Proposed {
    /// The record that judgements name.
    pub feedback_id: FeedbackId,
    /// The workflow.
    pub workflow_id: WorkflowId,
    /// What the agent was given, cut and redacted.
    pub input_data: String,
    /// What the agent answered, cut and redacted.
    pub output_data: String,
    /// For each root cause, what it is and how it is to be repaired.
    pub proposals: Vec<Proposal>,
}

/// One root cause's part of a proposed plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// The class.
    pub class: FailureClass,
    /// The chosen strategy.
    pub strategy: Strategy,
    /// Which root cause, counted from 0.
    pub position: u32,
}

/// A report of an approval's state: cumulative totals, not deltas.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ApprovalReport {
    /// The approval.
    pub approval_id: ApprovalId,
    /// Its state.
    pub status: ApprovalStatus,
    /// Commands approved so far; `None` when the report does not count.
    pub approved_count: Option<u32>,
    /// Commands rejected so far.
    pub rejected_count: Option<u32>,
    /// State-changing commands among the approved; `None` when the report does not tell.
    #[serde(default)]
    pub approved_changes: Option<u32>,
    /// State-changing commands among the rejected. Reads are left out: nearly all of them are approved.
    #[serde(default)]
    pub rejected_changes: Option<u32>,
    /// Why all of it was rejected.
    pub rejection_reason: Option<String>,
    /// Reasons for single commands.
    pub command_reasons: Vec<String>,
    /// Who decided.
    pub approver: Option<String>,
    /// When it happened, if the report tells.
    pub occurred_at: Option<Timestamp>,
    /// Why, as a choice; `None` where nobody chose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason_kind: Option<RejectReason>,
    /// The repair that the person prefers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefer: Option<Strategy>,
    /// What edits of state-changing commands made of the repair; `None` where none was edited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited: Option<Edited>,
}

/// State-changing commands of which a person approved another form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edited {
    /// How many. `rejected_changes` counts them too: what was proposed was not accepted.
    pub changes: u32,
    /// The repair that the approved commands are, where it is another one than that of the proposed commands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub into: Option<Strategy>,
}

/// A person's rating. `None` keeps the value that was there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rating {
    /// The record.
    pub feedback_id: FeedbackId,
    /// Who rates.
    pub rater: String,
    /// Stars, 1 to 5.
    pub rating: Option<u8>,
    /// Whether it helped.
    pub was_helpful: Option<bool>,
    /// A comment.
    pub comments: Option<String>,
    /// A suggestion.
    pub improvements: Option<String>,
}

/// One event of feedback. Statistics, rewards and rankings are folds over these.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum FeedbackEvent {
    /// A plan was proposed.
    Proposed(Proposed),
    /// One root cause of the plan was submitted as an approval.
    Submitted {
        /// The record.
        feedback_id: FeedbackId,
        /// The approval.
        approval_id: ApprovalId,
        /// Which root cause, counted from 0.
        position: u32,
    },
    /// One root cause of the plan was refused before a person saw it: nobody will judge it.
    Withdrawn {
        /// The record.
        feedback_id: FeedbackId,
        /// Which root cause, counted from 0.
        position: u32,
    },
    /// An approval's state changed.
    Approval(ApprovalReport),
    /// A person rated the plan.
    Rated(Rating),
    /// Somebody saw what came of it.
    Outcome {
        /// The record.
        feedback_id: FeedbackId,
        /// What came of it.
        outcome: Outcome,
        /// When it was seen.
        observed_at: Option<Timestamp>,
        /// Whether it is a first look, minutes after the repair: it counts half until a later one replaces it.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        is_provisional: bool,
    },
    /// In which order the repairs of one root cause were proposed, and why.
    Decided(Box<Decided>),
    /// A person says which repair would have been right.
    Corrected(Correction),
    /// What was learnt of a record is taken back: it was said by mistake or in bad faith.
    Retracted {
        /// The record.
        feedback_id: FeedbackId,
        /// Only what this signal taught; `None`: everything.
        signal: Option<Signal>,
    },
    /// What was learnt of a team or a cluster ages at once: it is known to behave otherwise now.
    DriftReset {
        /// `team` or `cluster`.
        scope: DriftScope,
        /// Its name.
        name: String,
    },
}

/// Whose behaviour changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DriftScope {
    /// A team decides otherwise.
    Team,
    /// Repairs work otherwise in a cluster.
    Cluster,
}

/// A feedback event in the journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RecordedFeedback {
    /// Its number in the journal: 1, 2, 3, ...
    pub sequence: u64,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// The event.
    pub event: FeedbackEvent,
}

/// The state of one feedback record: a line of `remediation_feedback.jsonl` (CONTRACT.md section 1).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FeedbackRecord {
    /// Its id.
    pub feedback_id: FeedbackId,
    /// The workflow.
    pub workflow_id: WorkflowId,
    /// When the plan was proposed.
    pub timestamp: Timestamp,
    /// What the agent was given.
    pub input_data: String,
    /// What the agent answered.
    pub output_data: String,
    /// `pending` until all approvals are decided, `rejected` if any is, else `approved`.
    pub approval_status: ApprovalStatus,
    /// The first approval.
    pub approval_id: Option<ApprovalId>,
    /// All of them.
    pub approval_ids: Vec<ApprovalId>,
    /// Why commands were rejected.
    pub rejection_reason: Option<String>,
    /// Sum of the approvals' latest totals.
    pub approved_commands_count: u32,
    /// Sum of the approvals' latest totals.
    pub rejected_commands_count: u32,
    /// The newest rating.
    pub rating: Option<u8>,
    /// The newest answer.
    pub was_helpful: Option<bool>,
    /// The newest comment.
    pub feedback_comments: Option<String>,
    /// The newest suggestion.
    pub improvements_suggested: Option<String>,
    /// LEARNING.md section 3; `None` without any signal.
    pub reward_score: Option<f64>,
    /// The reward with the outcome in it.
    pub reward_extended: Option<f64>,
    /// The newest outcome.
    pub outcome: Option<Outcome>,
    /// Whether a later report contradicted an earlier one.
    pub contradicted: bool,
    /// `status_mismatch` where status and counts disagree.
    pub warnings: Vec<String>,
    /// Classes and strategies of the plan.
    pub proposals: Vec<Proposal>,
    /// The journal number of the newest event that went into it.
    pub sequence: u64,
}
