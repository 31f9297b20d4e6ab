//! Approvals: commands that wait for a person, what the person decided, and the authority that follows from it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    command::{Command, Risk},
    digest::PlanDigest,
    id::{ApprovalId, WorkflowId},
    learning::DecisionHint,
    outcome::Execution,
};

/// The state of an approval on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApprovalStatus {
    /// Nobody has decided.
    Pending,
    /// Every command was approved as it was.
    Approved,
    /// No command was approved.
    Rejected,
    /// Some commands were approved, or an edited form of one.
    PartiallyApproved,
    /// Nobody decided in time. For learning that is no rejection.
    Expired,
}

impl ApprovalStatus {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::PartiallyApproved => "partially_approved",
            Self::Expired => "expired",
        }
    }
}

/// What a person said of one command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "decision")]
pub enum CommandDecision {
    /// It may run as it is.
    Approve,
    /// It may not run.
    Reject {
        /// Why.
        reason: String,
    },
    /// It may not run; another form of it may.
    Edit {
        /// The form that may run.
        command: Command,
        /// Why.
        reason: Option<String>,
    },
}

impl CommandDecision {
    /// The word on the wire: `approve`, `reject`, `edit`.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Reject { .. } => "reject",
            Self::Edit { .. } => "edit",
        }
    }

    /// The reason, if one was given.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Approve => None,
            Self::Reject { reason } => Some(reason),
            Self::Edit { reason, .. } => reason.as_deref(),
        }
    }
}

/// One command of an approval.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ApprovalCommand {
    /// The command.
    pub command: Command,
    /// What it does and why.
    pub explanation: String,
    /// Our own judgement; a proposer's is not believed.
    pub risk: Risk,
    /// The command that undoes it.
    pub rollback: Option<Command>,
    /// What a person said; `None` while nobody has.
    pub decision: Option<CommandDecision>,
    /// Its execution; `None` while it is not authorised.
    pub execution: Option<Execution>,
}

impl ApprovalCommand {
    /// The command that may run: the command itself or its edited form.
    pub fn authorised(&self) -> Option<&Command> {
        match &self.decision {
            Some(CommandDecision::Approve) => Some(&self.command),
            Some(CommandDecision::Edit { command, .. }) => Some(command),
            Some(CommandDecision::Reject { .. }) | None => None,
        }
    }
}

/// Who may run approved commands where.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Target {
    /// The cluster that the evidence is from.
    pub cluster: Option<String>,
    /// The kubeconfig context that commands run in. `None`: nothing is executed.
    pub context: Option<String>,
}

/// Commands that wait for a person, or waited.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Approval {
    /// Its id.
    pub id: ApprovalId,
    /// The workflow that proposed it; `None` when someone else did.
    pub workflow_id: Option<WorkflowId>,
    /// What it is for, in one sentence.
    pub action: String,
    /// The commands, in the order in which they run.
    pub commands: Vec<ApprovalCommand>,
    /// Severity, priority, service, namespace, issue, root cause, phase and whatever else the proposer says.
    pub metadata: Map<String, Value>,
    /// Where the commands would run.
    pub target: Target,
    /// Binds a decision to these commands.
    pub plan_digest: PlanDigest,
    /// Its state.
    pub status: ApprovalStatus,
    /// When it was proposed.
    pub created_at: Timestamp,
    /// When it can no longer be decided.
    pub expires_at: Timestamp,
    /// When it was decided or expired.
    pub decided_at: Option<Timestamp>,
    /// Who decided.
    pub approver: Option<String>,
    /// Why all of it was rejected.
    pub rejection_reason: Option<String>,
    /// What the person said for learning.
    #[serde(default)]
    pub hint: DecisionHint,
    /// The proposer's idempotency key.
    pub idempotency_key: Option<String>,
    /// The digest of the proposal's body: the same key with another body is refused.
    pub body_digest: String,
    /// Counts its changes; a write names the revision that it read.
    pub revision: u64,
}

impl Approval {
    /// Approved and rejected commands. An edited command counts as rejected: what was proposed was not accepted.
    pub fn counts(&self) -> (u32, u32) {
        let count = |wanted: fn(&CommandDecision) -> bool| {
            let decided = self.commands.iter().filter_map(|it| it.decision.as_ref());
            u32::try_from(decided.filter(|it| wanted(it)).count()).unwrap_or(u32::MAX)
        };
        (
            count(|it| matches!(it, CommandDecision::Approve)),
            count(|it| !matches!(it, CommandDecision::Approve)),
        )
    }

    /// The digest of the commands as they stand.
    pub fn digest_of_commands(&self) -> PlanDigest {
        let argvs: Vec<&[String]> = self.commands.iter().map(|it| it.command.argv()).collect();
        PlanDigest::of(
            self.target.cluster.as_deref(),
            self.target.context.as_deref(),
            &argvs,
        )
    }
}

/// A command is not authorised.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuthorizationError {
    /// The approval has no command of that index.
    #[error("approval {approval} has no command {index}")]
    NoSuchCommand {
        /// The approval.
        approval: ApprovalId,
        /// The index asked for.
        index: usize,
    },
    /// Nobody approved it.
    #[error("command {index} of approval {approval} is not approved")]
    NotApproved {
        /// The approval.
        approval: ApprovalId,
        /// The index asked for.
        index: usize,
    },
    /// The commands are not those that the person saw.
    #[error("the commands of approval {approval} changed after they were approved")]
    DigestMismatch {
        /// The approval.
        approval: ApprovalId,
    },
    /// The context is not the one that the person saw.
    #[error("approval {approval} is for context {approved:?}, not '{asked}'")]
    OtherContext {
        /// The approval.
        approval: ApprovalId,
        /// The context that was approved.
        approved: Option<String>,
        /// The context asked for.
        asked: String,
    },
    /// The authority has ended.
    #[error("approval {approval} expired at {expired_at}")]
    Expired {
        /// The approval.
        approval: ApprovalId,
        /// When.
        expired_at: Timestamp,
    },
}

/// A command that a person allowed to run, in one context, until a time. Only [`authorize`] makes one.
///
/// ```compile_fail
/// // Nobody builds an authority by hand: the fields are private.
/// let forged = kubemedic_model::approval::AuthorizedCommand { argv: vec![], context: String::new() };
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorizedCommand {
    approval: ApprovalId,
    index: usize,
    command: Command,
    context: String,
}

impl AuthorizedCommand {
    /// The approval that it follows from.
    pub fn approval(&self) -> &ApprovalId {
        &self.approval
    }

    /// Its place in the approval.
    pub fn index(&self) -> usize {
        self.index
    }

    /// The argv, `kubectl` first, without a context.
    pub fn command(&self) -> &Command {
        &self.command
    }

    /// The kubeconfig context that it may run in.
    pub fn context(&self) -> &str {
        &self.context
    }
}

/// Turns a person's decision into the authority to run exactly that command, in the context that the person saw.
///
/// # Errors
/// [`AuthorizationError`] naming what is missing.
pub fn authorize(
    approval: &Approval,
    index: usize,
    context: &str,
    now: Timestamp,
) -> Result<AuthorizedCommand, AuthorizationError> {
    let id = || approval.id.clone();
    let command = approval
        .commands
        .get(index)
        .ok_or_else(|| AuthorizationError::NoSuchCommand {
            approval: id(),
            index,
        })?;
    let authorised = command
        .authorised()
        .ok_or_else(|| AuthorizationError::NotApproved {
            approval: id(),
            index,
        })?;
    if approval.digest_of_commands() != approval.plan_digest {
        return Err(AuthorizationError::DigestMismatch { approval: id() });
    }
    if approval.target.context.as_deref() != Some(context) {
        let approved = approval.target.context.clone();
        return Err(AuthorizationError::OtherContext {
            approval: id(),
            approved,
            asked: context.to_owned(),
        });
    }
    if now >= approval.expires_at {
        return Err(AuthorizationError::Expired {
            approval: id(),
            expired_at: approval.expires_at,
        });
    }
    Ok(AuthorizedCommand {
        approval: id(),
        index,
        command: authorised.clone(),
        context: context.to_owned(),
    })
}
