//! Proposing and deciding: the rules of the built-in approval server.

use kubemedic_model::{
    approval::{Approval, ApprovalStatus},
    id::ApprovalId,
};
use kubemedic_ports::journal::JournalError;
use serde_json::{Map, Value};

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
pub struct Approvals {}

impl Approvals {
    /// Takes a proposal; the same key and body again give the same approval.
    ///
    /// # Errors
    /// [`ProposeError`]; then nothing was stored.
    pub async fn propose(&self, _proposal: Proposal) -> Result<Approval, ProposeError> {
        Err(ProposeError::Invalid("no commands".into()))
    }

    /// Approvals in a state, or all, the oldest first. Those whose time is over are expired first.
    ///
    /// # Errors
    /// [`JournalError`].
    pub async fn list(&self, _status: Option<ApprovalStatus>) -> Result<Vec<Approval>, JournalError> {
        Ok(Vec::new())
    }

    /// One approval.
    ///
    /// # Errors
    /// [`DecideError::Unknown`] or [`DecideError::Journal`].
    pub async fn get(&self, id: &str) -> Result<Approval, DecideError> {
        Err(DecideError::Unknown(id.to_owned()))
    }

    /// Approves the commands of the indexes (all, without indexes) and rejects the rest.
    ///
    /// # Errors
    /// [`DecideError`].
    pub async fn approve(
        &self,
        id: &str,
        _approver: Option<String>,
        _indexes: Option<Vec<usize>>,
    ) -> Result<Approval, DecideError> {
        Err(DecideError::Unknown(id.to_owned()))
    }

    /// Rejects every command. Without a reason: "Rejected by user".
    ///
    /// # Errors
    /// [`DecideError`].
    pub async fn reject(
        &self,
        id: &str,
        _approver: Option<String>,
        _reason: Option<String>,
    ) -> Result<Approval, DecideError> {
        Err(DecideError::Unknown(id.to_owned()))
    }

    /// Decides every command by itself.
    ///
    /// # Errors
    /// [`DecideError`].
    pub async fn decide(&self, id: &str, _request: DecisionRequest) -> Result<Approval, DecideError> {
        Err(DecideError::Unknown(id.to_owned()))
    }
}
