//! Feedback on the wire.

use std::collections::BTreeMap;

use kubemedic_model::{
    approval::ApprovalStatus,
    feedback::{ApprovalReport, FeedbackRecord},
    id::ApprovalId,
    learning::DecisionHint,
    outcome::{Execution, ExecutionState, Outcome},
};
use kubemedic_workflow::feedback::{ReportedDecision, SeenOutcome, WebhookReport};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::{
    fields::{FieldError, Fields},
    wire::approvals::read_hint,
};

/// The most commands that a report may count.
const MAX_COUNT: u32 = 1_000_000;
/// The longest preview of an input or output, in characters.
const PREVIEW_CHARS: usize = 200;

/// A person's rating of a plan. Absent and null fields keep their old value.
#[derive(Debug, ToSchema)]
#[schema(as = Rating)]
pub(crate) struct RatingRequest {
    /// The record that is rated.
    #[schema(example = "workflow_123_remediation_1234567890")]
    pub(crate) feedback_id: String,
    /// Stars, 1 to 5.
    #[schema(minimum = 1, maximum = 5)]
    pub(crate) rating: Option<u8>,
    /// Whether it helped.
    pub(crate) was_helpful: Option<bool>,
    /// A comment.
    pub(crate) feedback_comments: Option<String>,
    /// What should be better.
    pub(crate) improvements_suggested: Option<String>,
    /// Who rates; the token's name or `anonymous` where absent.
    pub(crate) rater: Option<String>,
}

impl RatingRequest {
    pub(crate) fn read(object: &Map<String, Value>) -> Result<Self, Vec<FieldError>> {
        let mut fields = Fields::new(object, vec!["body".into()]);
        let request = Self {
            feedback_id: fields.required_text("feedback_id"),
            rating: fields
                .integer("rating", 1, 5)
                .and_then(|stars| u8::try_from(stars).ok()),
            was_helpful: fields.boolean("was_helpful"),
            feedback_comments: fields.text("feedback_comments"),
            improvements_suggested: fields.text("improvements_suggested"),
            rater: fields.text("rater"),
        };
        fields.finish().map(|()| request)
    }
}

/// What came of a feedback request.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FeedbackAnswer {
    /// Always true.
    pub(crate) success: bool,
    /// What was done.
    pub(crate) message: String,
    /// The record.
    pub(crate) feedback_id: String,
    /// Present and true when it was recorded before.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) duplicate: bool,
}

/// What an approval server tells of a decision.
#[derive(Debug, ToSchema)]
#[schema(as = ApprovalReport)]
#[expect(dead_code, reason = "the schema of a request that is read field by field")]
pub(crate) struct ApprovalReportRequest {
    /// The approval.
    #[schema(example = "approval_123abc")]
    approval_id: String,
    /// `approved`, `rejected`, `partially_approved` or `expired`.
    #[schema(pattern = "^(approved|rejected|partially_approved|expired)$")]
    status: String,
    /// Commands approved so far.
    #[schema(maximum = 1_000_000)]
    approved_count: Option<u32>,
    /// Commands rejected so far.
    #[schema(maximum = 1_000_000)]
    rejected_count: Option<u32>,
    /// Why all of it was rejected.
    rejection_reason: Option<String>,
    /// Decisions of single commands.
    decisions: Option<Vec<DecisionReport>>,
    /// Executions of single commands.
    executions: Option<Vec<ExecutionReport>>,
    /// Who decided.
    approver: Option<String>,
    /// The sender's idempotency key.
    event_id: Option<String>,
    /// When it was decided, RFC 3339.
    #[schema(format = DateTime)]
    occurred_at: Option<String>,
    /// Why, as a choice; read from the words where absent.
    #[schema(pattern = "^(ineffective|too_risky|wrong_diagnosis|not_now|duplicate|other)$")]
    reason_kind: Option<String>,
    /// The repair that the person prefers, such as `rollback`.
    #[schema(
        pattern = "^(restart|rollback|scale_out|patch_memory|patch_cpu|fix_image|fix_config|fix_secret|fix_probe|cordon_drain|expand_pvc|fix_network_dns|delete_recreate|fix_rbac|fix_schedule|revert_config|escalate)$"
    )]
    prefer: Option<String>,
}

/// The decision of one command.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "the schema of a request that is read field by field")]
pub(crate) struct DecisionReport {
    /// The command, from 0.
    #[schema(maximum = 1_000_000)]
    index: u32,
    /// `approve`, `reject` or `edit`.
    #[schema(pattern = "^(approve|reject|edit)$")]
    decision: String,
    /// Why.
    reason: Option<String>,
    /// The edited command.
    command: Option<String>,
}

/// The execution of one command.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "the schema of a request that is read field by field")]
pub(crate) struct ExecutionReport {
    /// The command, from 0.
    #[schema(maximum = 1_000_000)]
    index: u32,
    /// How far it is.
    #[schema(pattern = "^(not_configured|waiting|running|succeeded|failed|skipped|unknown)$")]
    state: String,
    /// kubectl's exit code.
    #[schema(minimum = 0, maximum = 255)]
    exit_code: Option<i32>,
    /// kubectl's output.
    output: Option<String>,
}

/// The states that a webhook may tell.
const REPORTED: [(&str, ApprovalStatus); 4] = [
    ("approved", ApprovalStatus::Approved),
    ("rejected", ApprovalStatus::Rejected),
    ("partially_approved", ApprovalStatus::PartiallyApproved),
    ("expired", ApprovalStatus::Expired),
];

/// The states of an execution on the wire.
pub(crate) const EXECUTION_STATES: [(&str, ExecutionState); 7] = [
    ("not_configured", ExecutionState::NotConfigured),
    ("waiting", ExecutionState::Waiting),
    ("running", ExecutionState::Running),
    ("succeeded", ExecutionState::Succeeded),
    ("failed", ExecutionState::Failed),
    ("skipped", ExecutionState::Skipped),
    ("unknown", ExecutionState::Unknown),
];

/// A read report: its approval's id as it was written, and the rest once the id is known to be one.
#[derive(Debug)]
pub(crate) struct ReadReport {
    pub(crate) approval_id: String,
    pub(crate) status: ApprovalStatus,
    approved_count: Option<u32>,
    rejected_count: Option<u32>,
    rejection_reason: Option<String>,
    decisions: Vec<ReadDecision>,
    executions: Vec<(usize, Execution)>,
    approver: Option<String>,
    event_id: Option<String>,
    occurred_at: Option<jiff::Timestamp>,
    hint: DecisionHint,
}

impl ReadReport {
    pub(crate) fn read(object: &Map<String, Value>) -> Result<Self, Vec<FieldError>> {
        let mut fields = Fields::new(object, vec!["body".into()]);
        let report = Self {
            approval_id: fields.required_text("approval_id"),
            status: fields
                .required_word("status", &REPORTED)
                .unwrap_or(ApprovalStatus::Pending),
            approved_count: fields.integer("approved_count", 0, MAX_COUNT),
            rejected_count: fields.integer("rejected_count", 0, MAX_COUNT),
            rejection_reason: fields.text("rejection_reason"),
            decisions: fields
                .objects("decisions", read_decision)
                .unwrap_or_default()
                .into_iter()
                .flatten()
                .collect(),
            executions: fields
                .objects("executions", read_execution)
                .unwrap_or_default()
                .into_iter()
                .flatten()
                .collect(),
            approver: fields.text("approver"),
            event_id: fields.text("event_id").filter(|id| !id.trim().is_empty()),
            occurred_at: fields.instant("occurred_at"),
            hint: read_hint(&mut fields),
        };
        fields.finish().map(|()| report)
    }

    /// The report for the service; `webhook_id` is the key where the body has none.
    pub(crate) fn into_report(self, approval_id: ApprovalId, webhook_id: Option<String>) -> WebhookReport {
        let mut command_reasons = Vec::new();
        let mut decisions = BTreeMap::new();
        for it in self.decisions {
            command_reasons.extend(it.reason);
            decisions.insert(it.index, it.decision);
        }
        WebhookReport {
            decisions,
            report: ApprovalReport {
                approval_id,
                status: self.status,
                approved_count: self.approved_count,
                rejected_count: self.rejected_count,
                // A report by webhook does not tell changes from reads; the plan does.
                approved_changes: None,
                rejected_changes: None,
                edited: None,
                rejection_reason: self.rejection_reason,
                command_reasons,
                approver: self.approver,
                occurred_at: self.occurred_at,
                reason_kind: self.hint.reason_kind,
                prefer: self.hint.prefer,
            },
            executions: self.executions,
            key: self.event_id.or(webhook_id),
        }
    }
}

/// What a report says of one command.
#[derive(Debug)]
struct ReadDecision {
    index: usize,
    decision: ReportedDecision,
    /// Why it may not run as it was proposed.
    reason: Option<String>,
}

/// Makes a decision of its command line.
type Made = fn(String) -> ReportedDecision;

fn read_decision(fields: &mut Fields<'_>) -> Option<ReadDecision> {
    let words: [(&str, Made); 3] = [
        ("approve", |_| ReportedDecision::Approve),
        ("reject", |_| ReportedDecision::Reject),
        ("edit", |command| ReportedDecision::Edit { command }),
    ];
    let index = fields.required_integer("index", 0, MAX_COUNT);
    let word = fields.required_word("decision", &words);
    let line = fields.text("command").unwrap_or_default();
    let reason = fields.text("reason").filter(|reason| !reason.trim().is_empty());
    let decision = word?(line);
    Some(ReadDecision {
        index: usize::try_from(index?).ok()?,
        reason: reason.filter(|_| decision != ReportedDecision::Approve),
        decision,
    })
}

fn read_execution(fields: &mut Fields<'_>) -> Option<(usize, Execution)> {
    let index = fields.required_integer("index", 0, MAX_COUNT);
    let state = fields.required_word("state", &EXECUTION_STATES);
    let exit_code = fields
        .integer("exit_code", 0, 255)
        .and_then(|code| i32::try_from(code).ok());
    let output = fields.text("output");
    Some((
        usize::try_from(index?).ok()?,
        Execution {
            state: state?,
            exit_code,
            output,
        },
    ))
}

/// The answer to a report.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReportAnswer {
    /// Always true.
    pub(crate) success: bool,
    /// `Approval status 'approved' recorded successfully`.
    pub(crate) message: String,
    /// The approval.
    pub(crate) approval_id: String,
    /// Present and true when the report was recorded before.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) duplicate: bool,
}

/// What came of a plan.
#[derive(Debug, ToSchema)]
#[schema(as = Outcome)]
pub(crate) struct OutcomeRequest {
    /// The record.
    pub(crate) feedback_id: String,
    /// `resolved`, `improved`, `unchanged` or `worsened`.
    #[schema(value_type = String, pattern = "^(resolved|improved|unchanged|worsened)$", examples("resolved", "improved", "unchanged", "worsened"))]
    pub(crate) outcome: Outcome,
    /// When it was seen, RFC 3339.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) observed_at: Option<jiff::Timestamp>,
    /// Whether it is a first look, minutes after the repair: it counts half, and a later look takes its place. Never replaces
    /// an outcome that is not provisional.
    #[schema(default = false)]
    pub(crate) is_provisional: Option<bool>,
    /// The sender's idempotency key.
    pub(crate) event_id: Option<String>,
}

impl OutcomeRequest {
    pub(crate) fn read(object: &Map<String, Value>) -> Result<Self, Vec<FieldError>> {
        const WORDS: [(&str, Outcome); 4] = [
            ("resolved", Outcome::Resolved),
            ("improved", Outcome::Improved),
            ("unchanged", Outcome::Unchanged),
            ("worsened", Outcome::Worsened),
        ];
        let mut fields = Fields::new(object, vec!["body".into()]);
        let request = Self {
            feedback_id: fields.required_text("feedback_id"),
            outcome: fields
                .required_word("outcome", &WORDS)
                .unwrap_or(Outcome::Unchanged),
            observed_at: fields.instant("observed_at"),
            is_provisional: fields.boolean("is_provisional"),
            event_id: fields.text("event_id").filter(|id| !id.trim().is_empty()),
        };
        fields.finish().map(|()| request)
    }
}

impl From<&OutcomeRequest> for SeenOutcome {
    fn from(request: &OutcomeRequest) -> Self {
        Self {
            outcome: request.outcome,
            observed_at: request.observed_at,
            is_provisional: request.is_provisional.unwrap_or(false),
        }
    }
}

/// An agent's statistics.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AgentStatistics {
    /// The agent.
    pub(crate) agent_name: String,
    /// Its statistics; empty for an agent that does not learn.
    pub(crate) statistics: Value,
    /// Why there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) message: Option<String>,
}

/// What raters want to be better.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Improvements {
    /// The agent.
    pub(crate) agent_name: String,
    /// Suggestions, and `Avoid: <reason>` for rejections.
    pub(crate) improvement_suggestions: Vec<String>,
    /// How many.
    pub(crate) count: usize,
}

/// The examples that the agent learns from.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TopExamples {
    /// The agent.
    pub(crate) agent_name: String,
    /// How many.
    pub(crate) examples_count: usize,
    /// The highest reward first.
    pub(crate) examples: Vec<TopExample>,
}

/// One example.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TopExample {
    /// The record.
    pub(crate) feedback_id: String,
    /// When the plan was proposed.
    pub(crate) timestamp: String,
    /// The newest rating.
    pub(crate) rating: Option<u8>,
    /// Its reward.
    pub(crate) reward_score: Option<f64>,
    /// Whether it helped.
    pub(crate) was_helpful: Option<bool>,
    /// The state of its approvals.
    pub(crate) approval_status: &'static str,
    /// How many commands were approved.
    pub(crate) approved_commands: u32,
    /// How many were rejected.
    pub(crate) rejected_commands: u32,
    /// The beginning of what the agent was given.
    pub(crate) input_preview: String,
    /// The beginning of what it answered.
    pub(crate) output_preview: String,
}

impl From<FeedbackRecord> for TopExample {
    fn from(record: FeedbackRecord) -> Self {
        Self {
            feedback_id: record.feedback_id.to_string(),
            timestamp: record.timestamp.to_string(),
            rating: record.rating,
            reward_score: record.reward_score,
            was_helpful: record.was_helpful,
            approval_status: record.approval_status.as_str(),
            approved_commands: record.approved_commands_count,
            rejected_commands: record.rejected_commands_count,
            input_preview: preview(&record.input_data),
            output_preview: preview(&record.output_data),
        }
    }
}

fn preview(text: &str) -> String {
    match text.char_indices().nth(PREVIEW_CHARS) {
        Some((end, _)) => format!("{}...", text.get(..end).unwrap_or(text)),
        None => text.to_owned(),
    }
}

/// What can be judged of a workflow.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WorkflowFeedback {
    /// The workflow.
    pub(crate) workflow_id: String,
    /// Its records.
    pub(crate) feedback_opportunities: Vec<FeedbackOpportunity>,
    /// How many.
    pub(crate) count: usize,
}

/// A record that can be judged.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FeedbackOpportunity {
    /// The record.
    pub(crate) feedback_id: String,
    /// The agent whose work it is.
    pub(crate) agent_name: &'static str,
    /// When the plan was proposed.
    pub(crate) timestamp: String,
    /// Whether a person rated it.
    pub(crate) has_ui_feedback: bool,
    /// The state of its approvals.
    pub(crate) approval_status: &'static str,
    /// The first approval.
    pub(crate) approval_id: Option<String>,
}

impl From<FeedbackRecord> for FeedbackOpportunity {
    fn from(record: FeedbackRecord) -> Self {
        Self {
            has_ui_feedback: record.rating.is_some()
                || record.was_helpful.is_some()
                || record.feedback_comments.is_some()
                || record.improvements_suggested.is_some(),
            feedback_id: record.feedback_id.to_string(),
            agent_name: "RemediationAgent",
            timestamp: record.timestamp.to_string(),
            approval_status: record.approval_status.as_str(),
            approval_id: record.approval_id.map(|id| id.to_string()),
        }
    }
}
