//! Proposing and deciding: the rules of the built-in approval server.

pub(crate) mod assembly;
mod deciding;
pub(crate) mod expiry;
mod proposal;

use std::sync::Arc;

use kubemedic_model::{
    approval::{Approval, ApprovalStatus},
    id::ApprovalId,
    learning::DecisionHint,
};
use kubemedic_ports::{
    cluster::ContextInfo,
    journal::{ApprovalFilter, JournalError},
};
use serde_json::{Map, Value};

use crate::core::Core;
pub(crate) use proposal::MAX_COMMAND_BYTES;

/// A command as somebody proposes it. Its safety level is not believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProposedCommand {
    /// The command line.
    pub command: String,
    /// What it does and why.
    pub explanation: String,
    /// The command line that undoes it.
    pub rollback: Option<String>,
}

/// What somebody proposes.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Proposal {
    /// What it is for.
    pub action: String,
    /// The commands, in order.
    pub commands: Vec<ProposedCommand>,
    /// Severity, priority, service, namespace, issue, root cause, phase, `workflow_id`, ...
    pub metadata: Map<String, Value>,
    /// The proposer's idempotency key.
    pub idempotency_key: Option<String>,
    /// The digest of the request's body, for idempotency.
    pub body_digest: String,
}

/// Why a proposal was not taken.
#[derive(Debug, thiserror::Error)]
pub enum ProposeError {
    /// It has no commands, too many, or a part of it is of a wrong form.
    #[error("{0}")]
    Invalid(String),
    /// A command is forbidden or cannot be parsed.
    #[error("command {index} is refused: {command}: {reason}")]
    Refused {
        /// Its index, from 0.
        index: usize,
        /// The command line, redacted and capped.
        command: String,
        /// Why.
        reason: String,
    },
    /// The key was used for another body.
    #[error("idempotency key '{0}' was used for another proposal")]
    KeyReused(String),
    /// The journal did not take it.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// What a person said of one command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// It may run.
    Approve,
    /// It may not.
    Reject,
    /// Another form of it may.
    Edit {
        /// The other form.
        command: String,
    },
}

/// A person's choice for the command of an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandChoice {
    /// The command's index, from 0.
    pub index: usize,
    /// The choice.
    pub choice: Choice,
    /// Why.
    pub reason: Option<String>,
}

/// A person's decision of a whole approval.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionRequest {
    /// Who decides.
    pub approver: Option<String>,
    /// The digest of what the person saw.
    pub plan_digest: String,
    /// One choice for every index.
    pub decisions: Vec<CommandChoice>,
    /// What the person says for learning.
    pub hint: DecisionHint,
}

/// Why a decision was not taken.
#[derive(Debug, thiserror::Error)]
pub enum DecideError {
    /// There is no such approval.
    #[error("approval '{0}' not found")]
    Unknown(String),
    /// It was decided or has expired.
    #[error("approval '{id}' is already {}", status.as_str())]
    NotPending {
        /// The approval.
        id: ApprovalId,
        /// Its state.
        status: ApprovalStatus,
    },
    /// The commands are not those that the person saw.
    #[error("approval '{0}' changed since it was shown: load it again and decide again")]
    StaleDigest(ApprovalId),
    /// A choice is missing or not allowed.
    #[error("{0}")]
    Invalid(String),
    /// The journal did not take it.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// Proposing and deciding.
#[derive(Debug)]
pub struct Approvals {
    core: Arc<Core>,
}

impl Approvals {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// The context in which approved commands run; `None`: nothing is executed.
    pub fn execution_context(&self) -> Option<&ContextInfo> {
        self.core.ports.cluster.context()
    }

    /// Takes a proposal; the same key and body again give the same approval.
    ///
    /// # Errors
    /// [`ProposeError`]; then nothing was stored.
    pub async fn propose(&self, proposal: Proposal) -> Result<Approval, ProposeError> {
        proposal::propose(&self.core, proposal).await
    }

    /// Approvals in a state, or all, the oldest first. Those whose time is over are expired first.
    ///
    /// # Errors
    /// [`JournalError`].
    pub async fn list(&self, status: Option<ApprovalStatus>) -> Result<Vec<Approval>, JournalError> {
        expiry::expire_due(&self.core).await?;
        let filter = ApprovalFilter {
            status,
            ..ApprovalFilter::default()
        };
        self.core.journal().approvals(&filter).await
    }

    /// One approval.
    ///
    /// # Errors
    /// [`DecideError::Unknown`] or [`DecideError::Journal`].
    pub async fn get(&self, id: &str) -> Result<Approval, DecideError> {
        deciding::current(&self.core, id).await
    }

    /// Approves the commands of the indexes (all, without indexes) and rejects the rest.
    ///
    /// # Errors
    /// [`DecideError`].
    pub async fn approve(
        &self,
        id: &str,
        approver: Option<String>,
        indexes: Option<Vec<usize>>,
    ) -> Result<Approval, DecideError> {
        deciding::approve(&self.core, id, approver, indexes.as_deref()).await
    }

    /// Rejects every command. Without a reason: "Rejected by user".
    ///
    /// # Errors
    /// [`DecideError`].
    pub async fn reject(
        &self,
        id: &str,
        approver: Option<String>,
        reason: Option<String>,
    ) -> Result<Approval, DecideError> {
        self.reject_because(id, approver, reason, DecisionHint::default())
            .await
    }

    /// Rejects every command, with a choice of why and the repair that is preferred. Without a reason: the choice's words.
    ///
    /// # Errors
    /// [`DecideError`].
    pub async fn reject_because(
        &self,
        id: &str,
        approver: Option<String>,
        reason: Option<String>,
        hint: DecisionHint,
    ) -> Result<Approval, DecideError> {
        deciding::reject(&self.core, id, approver, (reason.as_deref(), hint)).await
    }

    /// Decides every command by itself.
    ///
    /// # Errors
    /// [`DecideError`].
    pub async fn decide(&self, id: &str, request: DecisionRequest) -> Result<Approval, DecideError> {
        deciding::decide(&self.core, id, request).await
    }
}
