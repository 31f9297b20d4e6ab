//! Approvals on the wire.

use kubemedic_model::{
    approval::{Approval, ApprovalCommand, ApprovalStatus, CommandDecision},
    digest::sha256,
    learning::{DecisionHint, RejectReason},
    outcome::Execution,
    plan::Strategy,
};
use kubemedic_workflow::approvals::{Choice, CommandChoice, DecisionRequest, Proposal, ProposedCommand};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::{
    body::JsonObject,
    fields::{FieldError, Fields},
    wire::feedback::EXECUTION_STATES,
};

/// The most commands of an approval that are numbered.
const MAX_INDEX: u32 = 100_000;

/// The states of an approval on the wire.
pub(crate) const STATUSES: [(&str, ApprovalStatus); 5] = [
    ("pending", ApprovalStatus::Pending),
    ("approved", ApprovalStatus::Approved),
    ("rejected", ApprovalStatus::Rejected),
    ("partially_approved", ApprovalStatus::PartiallyApproved),
    ("expired", ApprovalStatus::Expired),
];

/// Commands for a person to decide.
#[derive(Debug, ToSchema)]
#[schema(as = Proposal)]
#[expect(dead_code, reason = "the schema of a request that is read field by field")]
pub(crate) struct ProposalRequest {
    /// What it is for.
    action: String,
    /// The commands, in the order in which they run.
    commands: Vec<ProposedCommandRequest>,
    /// Severity, priority, service, namespace, issue, root cause, phase, `workflow_id` and more.
    #[schema(value_type = Option<Object>)]
    metadata: Option<Value>,
}

/// A proposed command.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "the schema of a request that is read field by field")]
pub(crate) struct ProposedCommandRequest {
    /// A kubectl command line.
    command: String,
    /// What it does and why.
    explanation: Option<String>,
    /// The proposer's judgement. It is recomputed.
    safety_level: Option<String>,
    /// The command line that undoes it.
    rollback: Option<String>,
}

/// Reads a proposal; the digest of its bytes makes a repetition recognisable.
pub(crate) fn read_proposal(body: &JsonObject, key: Option<String>) -> Result<Proposal, Vec<FieldError>> {
    let mut fields = Fields::new(&body.object, vec!["body".into()]);
    let proposal = Proposal {
        action: fields.text("action").unwrap_or_default(),
        commands: fields.required_objects("commands", |command| ProposedCommand {
            command: command.required_text("command"),
            explanation: command.text("explanation").unwrap_or_default(),
            rollback: command.text("rollback").filter(|line| !line.trim().is_empty()),
        }),
        metadata: fields.object("metadata").cloned().unwrap_or_default(),
        idempotency_key: key,
        body_digest: sha256(&body.bytes),
    };
    fields.finish().map(|()| proposal)
}

/// The answer to a proposal.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Proposed {
    /// Always `pending`.
    pub(crate) status: &'static str,
    /// The approval.
    pub(crate) approval_id: String,
    /// What happens next.
    pub(crate) message: String,
    /// The page on which a person decides.
    pub(crate) approval_url: String,
}

/// Who approves which commands; all, without indexes.
#[derive(Debug, Default, ToSchema)]
#[schema(as = Approve)]
pub(crate) struct ApproveRequest {
    /// Who decides.
    pub(crate) approver: Option<String>,
    /// The commands that may run, from 0; the rest is rejected.
    pub(crate) indexes: Option<Vec<usize>>,
}

impl ApproveRequest {
    pub(crate) fn read(object: &Map<String, Value>) -> Result<Self, Vec<FieldError>> {
        let mut fields = Fields::new(object, vec!["body".into()]);
        let request = Self {
            approver: read_name(&mut fields),
            indexes: fields.indexes("indexes"),
        };
        fields.finish().map(|()| request)
    }
}

fn read_name(fields: &mut Fields<'_>) -> Option<String> {
    fields.text("approver").filter(|name| !name.trim().is_empty())
}

/// Why all of it is rejected.
#[derive(Debug, Default, ToSchema)]
#[schema(as = Reject)]
pub(crate) struct RejectRequest {
    /// Who decides.
    pub(crate) approver: Option<String>,
    /// Why; the words of `reason_kind`, else `Rejected by user` where absent.
    pub(crate) reason: Option<String>,
    /// Why, as a choice: `ineffective`, `too_risky`, `wrong_diagnosis`, `not_now`, `duplicate` or `other`.
    #[schema(value_type = Option<String>, pattern = "^(ineffective|too_risky|wrong_diagnosis|not_now|duplicate|other)$")]
    pub(crate) reason_kind: Option<RejectReason>,
    /// The repair that would be preferred, such as `rollback`.
    #[schema(value_type = Option<String>, pattern = "^(restart|rollback|scale_out|patch_memory|patch_cpu|fix_image|fix_config|fix_secret|fix_probe|cordon_drain|expand_pvc|fix_network_dns|delete_recreate|fix_rbac|fix_schedule|revert_config|escalate)$")]
    pub(crate) prefer: Option<Strategy>,
}

/// What a person says for learning, as choices.
pub(crate) fn read_hint(fields: &mut Fields<'_>) -> DecisionHint {
    DecisionHint {
        reason_kind: fields.word("reason_kind", &RejectReason::ALL.map(|it| (it.as_str(), it))),
        prefer: fields.word("prefer", &Strategy::ALL.map(|it| (it.as_str(), it))),
    }
}

impl RejectRequest {
    pub(crate) fn read(object: &Map<String, Value>) -> Result<Self, Vec<FieldError>> {
        let mut fields = Fields::new(object, vec!["body".into()]);
        let reason = fields.text("reason").filter(|reason| !reason.trim().is_empty());
        let hint = read_hint(&mut fields);
        let request = Self {
            approver: read_name(&mut fields),
            reason,
            reason_kind: hint.reason_kind,
            prefer: hint.prefer,
        };
        fields.finish().map(|()| request)
    }
}

/// A decision of a whole approval.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Decided {
    /// The approval's state.
    pub(crate) status: &'static str,
    /// What was decided.
    pub(crate) message: String,
}

/// A rejection of a whole approval.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Rejected {
    /// The approval's state.
    pub(crate) status: &'static str,
    /// Why.
    pub(crate) reason: String,
}

/// A decision of every command.
#[derive(Debug, ToSchema)]
#[schema(as = Decide)]
#[expect(dead_code, reason = "the schema of a request that is read field by field")]
pub(crate) struct DecideRequest {
    /// Who decides.
    approver: Option<String>,
    /// The digest of the commands that the person saw.
    plan_digest: String,
    /// One for every index.
    decisions: Vec<CommandDecisionRequest>,
    /// Why anything is rejected, as a choice; stands in for a missing reason.
    #[schema(pattern = "^(ineffective|too_risky|wrong_diagnosis|not_now|duplicate|other)$")]
    reason_kind: Option<String>,
    /// The repair that would be preferred, such as `rollback`.
    #[schema(
        pattern = "^(restart|rollback|scale_out|patch_memory|patch_cpu|fix_image|fix_config|fix_secret|fix_probe|cordon_drain|expand_pvc|fix_network_dns|delete_recreate|fix_rbac|fix_schedule|revert_config|escalate)$"
    )]
    prefer: Option<String>,
}

/// A decision of one command.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "the schema of a request that is read field by field")]
pub(crate) struct CommandDecisionRequest {
    /// The command, from 0.
    #[schema(maximum = 100_000)]
    index: u32,
    /// `approve`, `reject` or `edit`.
    #[schema(pattern = "^(approve|reject|edit)$")]
    decision: String,
    /// The edited command.
    command: Option<String>,
    /// Why; needed for a rejection.
    reason: Option<String>,
}

/// What a person wants of a command, as a word.
#[derive(Debug, Clone, Copy)]
enum Word {
    Approve,
    Reject,
    Edit,
}

/// Reads a decision. Whether it is complete and allowed is the service's to say.
pub(crate) fn read_decision(object: &Map<String, Value>) -> Result<DecisionRequest, Vec<FieldError>> {
    let mut fields = Fields::new(object, vec!["body".into()]);
    let hint = read_hint(&mut fields);
    let explains = hint.reason_kind.is_some();
    let request = DecisionRequest {
        hint,
        approver: read_name(&mut fields),
        plan_digest: fields.required_text("plan_digest"),
        decisions: fields
            .required_objects("decisions", |it| read_choice(it, explains))
            .into_iter()
            .flatten()
            .collect(),
    };
    fields.finish().map(|()| request)
}

/// Reads a choice. A rejection needs a reason, unless one explains all of them.
fn read_choice(fields: &mut Fields<'_>, is_explained: bool) -> Option<CommandChoice> {
    const WORDS: [(&str, Word); 3] = [
        ("approve", Word::Approve),
        ("reject", Word::Reject),
        ("edit", Word::Edit),
    ];
    let index = fields.required_integer("index", 0, MAX_INDEX);
    let word = fields.required_word("decision", &WORDS);
    let reason = fields.text("reason").filter(|reason| !reason.trim().is_empty());
    let choice = match word? {
        Word::Approve => Choice::Approve,
        Word::Reject => {
            if reason.is_none() && !is_explained {
                fields.refuse("reason", "missing", "Field required: a rejection needs a reason");
            }
            Choice::Reject
        }
        Word::Edit => Choice::Edit {
            command: fields.required_text("command"),
        },
    };
    Some(CommandChoice {
        index: usize::try_from(index?).ok()?,
        choice,
        reason,
    })
}

/// Several approvals.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Approvals {
    /// The oldest first.
    pub(crate) approvals: Vec<ApprovalView>,
}

/// An approval.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Approval)]
pub(crate) struct ApprovalView {
    /// Its id.
    pub(crate) id: String,
    /// `pending`, `approved`, `rejected`, `partially_approved`, `expired`.
    pub(crate) status: &'static str,
    /// What it is for.
    pub(crate) action: String,
    /// The commands, in the order in which they run.
    pub(crate) commands: Vec<CommandView>,
    /// What the proposer says of it.
    pub(crate) metadata: Value,
    /// Binds a decision to these commands.
    pub(crate) plan_digest: String,
    /// When it was proposed, RFC 3339.
    pub(crate) timestamp: String,
    /// When it can no longer be decided.
    pub(crate) expires_at: String,
    /// When it was decided or expired.
    pub(crate) decided_at: Option<String>,
    /// Who decided.
    pub(crate) approver: Option<String>,
    /// Why all of it was rejected.
    pub(crate) rejection_reason: Option<String>,
    /// The workflow that proposed it.
    pub(crate) workflow_id: Option<String>,
    /// The cluster that the evidence is from.
    pub(crate) cluster: Option<String>,
    /// The kubeconfig context that commands run in; null: nothing is executed.
    pub(crate) context: Option<String>,
}

/// A command of an approval.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApprovalCommand)]
pub(crate) struct CommandView {
    /// Its place, from 0.
    pub(crate) index: usize,
    /// The command line.
    pub(crate) command: String,
    /// What it does and why.
    pub(crate) explanation: String,
    /// `SAFE`, `CAUTION` or `DESTRUCTIVE`.
    pub(crate) safety_level: &'static str,
    /// The command line that undoes it.
    pub(crate) rollback: Option<String>,
    /// `approve`, `reject` or `edit`; null while nobody has decided.
    pub(crate) decision: Option<&'static str>,
    /// Why.
    pub(crate) reason: Option<String>,
    /// The edited command line that runs instead.
    pub(crate) edited_command: Option<String>,
    /// Its execution. Before a decision it waits; what nobody authorised is skipped.
    pub(crate) execution: ExecutionView,
}

/// The execution of a command.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Execution)]
pub(crate) struct ExecutionView {
    /// `not_configured`, `waiting`, `running`, `succeeded`, `failed`, `skipped`, `unknown`.
    pub(crate) state: &'static str,
    /// kubectl's exit code.
    pub(crate) exit_code: Option<i32>,
    /// kubectl's output, redacted and capped.
    pub(crate) output: Option<String>,
}

impl ExecutionView {
    /// The execution of a command that nobody has authorised, or not yet.
    fn unstarted(approval: &Approval) -> Self {
        let pending = approval.status == ApprovalStatus::Pending;
        let state = match (pending, &approval.target.context) {
            (false, _) => "skipped",
            (true, Some(_)) => "waiting",
            (true, None) => "not_configured",
        };
        Self {
            state,
            exit_code: None,
            output: None,
        }
    }
}

impl From<&Execution> for ExecutionView {
    fn from(execution: &Execution) -> Self {
        let word = EXECUTION_STATES
            .iter()
            .find(|(_, state)| *state == execution.state);
        Self {
            state: word.map_or("unknown", |(word, _)| word),
            exit_code: execution.exit_code,
            output: execution.output.clone(),
        }
    }
}

impl CommandView {
    /// A command in its place.
    pub(crate) fn new(index: usize, command: &ApprovalCommand, approval: &Approval) -> Self {
        let decision = command.decision.as_ref();
        let edited = match decision {
            Some(CommandDecision::Edit { command, .. }) => Some(command.to_string()),
            _ => None,
        };
        Self {
            index,
            command: command.command.to_string(),
            explanation: command.explanation.clone(),
            // A forbidden command is never kept in an approval; if one were, it must not look harmless.
            safety_level: command.risk.safety_level().unwrap_or("DESTRUCTIVE"),
            rollback: command.rollback.as_ref().map(ToString::to_string),
            decision: decision.map(CommandDecision::as_str),
            reason: decision.and_then(CommandDecision::reason).map(str::to_owned),
            edited_command: edited,
            execution: match &command.execution {
                Some(execution) => execution.into(),
                None => ExecutionView::unstarted(approval),
            },
        }
    }
}

impl From<&Approval> for ApprovalView {
    fn from(approval: &Approval) -> Self {
        let commands = approval.commands.iter().enumerate();
        Self {
            id: approval.id.to_string(),
            status: approval.status.as_str(),
            action: approval.action.clone(),
            commands: commands
                .map(|(index, command)| CommandView::new(index, command, approval))
                .collect(),
            metadata: Value::Object(approval.metadata.clone()),
            plan_digest: approval.plan_digest.as_str().to_owned(),
            timestamp: approval.created_at.to_string(),
            expires_at: approval.expires_at.to_string(),
            decided_at: approval.decided_at.map(|at| at.to_string()),
            approver: approval.approver.clone(),
            rejection_reason: approval.rejection_reason.clone(),
            workflow_id: approval.workflow_id.map(|id| id.to_string()),
            cluster: approval.target.cluster.clone(),
            context: approval.target.context.clone(),
        }
    }
}
