//! Makes a pending approval of proposed commands: our own judgement of each, the digest, the time limit.

use jiff::SignedDuration;
use kubemedic_model::{
    approval::{Approval, ApprovalCommand, ApprovalStatus, Target},
    command::{Command, Risk},
    digest::PlanDigest,
    id::{ApprovalId, WorkflowId},
    learning::DecisionHint,
};
use serde_json::{Map, Value};

use crate::{core::Core, events::cut};

/// A parsed command as it is proposed.
#[derive(Debug, Clone)]
pub(crate) struct DraftCommand {
    pub(crate) command: Command,
    pub(crate) explanation: String,
    pub(crate) rollback: Option<Command>,
}

/// A parsed proposal, redacted and within its limits.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) workflow_id: Option<WorkflowId>,
    pub(crate) action: String,
    pub(crate) commands: Vec<DraftCommand>,
    pub(crate) metadata: Map<String, Value>,
    pub(crate) cluster: Option<String>,
    pub(crate) idempotency_key: Option<String>,
    pub(crate) body_digest: String,
}

/// The policy forbids a command.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("command {index} is forbidden: {command}: {reason}")]
pub(crate) struct ForbiddenCommand {
    pub(crate) index: usize,
    pub(crate) command: String,
    pub(crate) reason: String,
}

/// The most bytes of a command that a message repeats.
pub(crate) const SHOWN_COMMAND_BYTES: usize = 300;

/// A pending approval of the draft. Nothing is stored.
pub(crate) fn assemble(core: &Core, draft: Draft) -> Result<Approval, ForbiddenCommand> {
    let commands = draft.commands.into_iter().enumerate();
    let commands: Vec<ApprovalCommand> = commands
        .map(|(index, draft)| judged(core, index, draft))
        .collect::<Result<_, _>>()?;
    let target = Target {
        cluster: draft.cluster,
        context: core.ports.cluster.context().map(|it| it.context.clone()),
    };
    let now = core.now();
    let ttl = SignedDuration::from_secs(i64::from(core.config.approval_ttl_seconds));
    let argvs: Vec<&[String]> = commands.iter().map(|it| it.command.argv()).collect();
    Ok(Approval {
        id: ApprovalId::from_uuid(core.ports.ids.fresh()),
        workflow_id: draft.workflow_id,
        action: draft.action,
        plan_digest: PlanDigest::of(target.cluster.as_deref(), target.context.as_deref(), &argvs),
        commands,
        metadata: draft.metadata,
        target,
        status: ApprovalStatus::Pending,
        created_at: now,
        expires_at: now.checked_add(ttl).unwrap_or(now),
        decided_at: None,
        approver: None,
        rejection_reason: None,
        hint: DecisionHint::default(),
        idempotency_key: draft.idempotency_key,
        body_digest: draft.body_digest,
        revision: 1,
    })
}

fn judged(core: &Core, index: usize, draft: DraftCommand) -> Result<ApprovalCommand, ForbiddenCommand> {
    let risk = assessed(core, index, &draft.command)?;
    Ok(ApprovalCommand {
        command: draft.command,
        explanation: draft.explanation,
        risk,
        rollback: draft.rollback,
        decision: None,
        execution: None,
    })
}

fn assessed(core: &Core, index: usize, command: &Command) -> Result<Risk, ForbiddenCommand> {
    let assessment = (core.engine.assess)(command);
    if assessment.risk == Risk::Forbidden {
        return Err(ForbiddenCommand {
            index,
            command: cut(&command.to_string(), SHOWN_COMMAND_BYTES),
            reason: assessment.reason,
        });
    }
    Ok(assessment.risk)
}
