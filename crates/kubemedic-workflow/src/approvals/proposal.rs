//! Takes proposals from outside: bounded, parsed, judged by our own policy, redacted, and once for each idempotency key.

use kubemedic_engine::redaction::Redactor;
use kubemedic_model::{approval::Approval, command::Command};
use kubemedic_ports::journal::{ApprovalFilter, JournalError, Write};
use serde_json::{Map, Value};

use super::{
    Proposal, ProposeError, ProposedCommand,
    assembly::{self, Draft, DraftCommand, SHOWN_COMMAND_BYTES},
};
use crate::{core::Core, events::cut};

/// The most commands of one approval.
pub(crate) const MAX_COMMANDS: usize = 100;
/// The longest command line, in bytes.
pub(crate) const MAX_COMMAND_BYTES: usize = 8 * 1024;
/// The most metadata, in bytes of JSON.
const MAX_METADATA_BYTES: usize = 64 * 1024;
/// The longest action or explanation, in bytes.
const MAX_TEXT_BYTES: usize = 8 * 1024;
/// The longest idempotency key, in bytes.
const MAX_KEY_BYTES: usize = 255;

/// Takes a proposal.
pub(super) async fn propose(core: &Core, proposal: Proposal) -> Result<Approval, ProposeError> {
    check_limits(&proposal)?;
    let key = proposal.idempotency_key.clone();
    let stored_key = key.as_ref().map(|key| format!("client:{key}"));
    let digest = proposal.body_digest.clone();
    if let (Some(key), Some(stored_key)) = (&key, &stored_key)
        && let Some(before) = by_key(core, stored_key).await?
    {
        return same_or_reused(before, &digest, key);
    }
    let draft = draft(core, proposal, stored_key.clone())?;
    let approval = assembly::assemble(core, draft).map_err(|forbidden| ProposeError::Refused {
        index: forbidden.index,
        command: forbidden.command,
        reason: forbidden.reason,
    })?;
    match core
        .commit(vec![Write::PutApproval(Box::new(approval.clone()))])
        .await
    {
        Ok(_) => Ok(approval),
        Err(JournalError::Duplicate { what }) => {
            // Somebody else used the key in between.
            let before = match &stored_key {
                Some(stored_key) => by_key(core, stored_key).await?,
                None => None,
            };
            let before = before.ok_or(JournalError::Duplicate { what })?;
            same_or_reused(before, &digest, key.as_deref().unwrap_or_default())
        }
        Err(error) => Err(error.into()),
    }
}

fn check_limits(proposal: &Proposal) -> Result<(), ProposeError> {
    let invalid = |why: String| Err(ProposeError::Invalid(why));
    let count = proposal.commands.len();
    if count == 0 {
        return invalid("a proposal needs at least one command".into());
    }
    if count > MAX_COMMANDS {
        return invalid(format!(
            "a proposal has at most {MAX_COMMANDS} commands, not {count}"
        ));
    }
    let too_long = |it: &ProposedCommand| {
        let rollback = it.rollback.as_ref().map_or(0, String::len);
        it.command.len().max(rollback) > MAX_COMMAND_BYTES || it.explanation.len() > MAX_TEXT_BYTES
    };
    if let Some(index) = proposal.commands.iter().position(too_long) {
        return invalid(format!(
            "command {index} or its explanation is longer than {MAX_COMMAND_BYTES} bytes"
        ));
    }
    if proposal.action.len() > MAX_TEXT_BYTES {
        return invalid(format!("the action is longer than {MAX_TEXT_BYTES} bytes"));
    }
    if serde_json::to_string(&proposal.metadata).map_or(0, |text| text.len()) > MAX_METADATA_BYTES {
        return invalid(format!("the metadata is longer than {MAX_METADATA_BYTES} bytes"));
    }
    if proposal
        .idempotency_key
        .as_ref()
        .is_some_and(|key| key.len() > MAX_KEY_BYTES)
    {
        return invalid(format!(
            "the idempotency key is longer than {MAX_KEY_BYTES} bytes"
        ));
    }
    Ok(())
}

async fn by_key(core: &Core, stored_key: &str) -> Result<Option<Approval>, JournalError> {
    let filter = ApprovalFilter {
        idempotency_key: Some(stored_key.to_owned()),
        limit: 1,
        ..ApprovalFilter::default()
    };
    Ok(core.journal().approvals(&filter).await?.into_iter().next())
}

fn same_or_reused(before: Approval, digest: &str, key: &str) -> Result<Approval, ProposeError> {
    if before.body_digest == digest {
        Ok(before)
    } else {
        Err(ProposeError::KeyReused(key.to_owned()))
    }
}

fn draft(core: &Core, proposal: Proposal, stored_key: Option<String>) -> Result<Draft, ProposeError> {
    let mut redactor = core.redactor();
    let mut commands = Vec::with_capacity(proposal.commands.len());
    for (index, proposed) in proposal.commands.into_iter().enumerate() {
        let rollback = proposed.rollback.filter(|line| !line.trim().is_empty());
        commands.push(DraftCommand {
            command: parsed(core, index, &proposed.command)?,
            rollback: rollback.map(|line| parsed(core, index, &line)).transpose()?,
            explanation: text(core, &mut redactor, &proposed.explanation),
        });
    }
    let metadata = redacted(core, &mut redactor, proposal.metadata);
    Ok(Draft {
        workflow_id: None,
        action: text(core, &mut redactor, &proposal.action),
        commands,
        cluster: metadata.get("cluster").and_then(Value::as_str).map(str::to_owned),
        metadata,
        idempotency_key: stored_key,
        body_digest: proposal.body_digest,
    })
}

/// Parses a command line from outside. One that holds a secret is refused: it would have to be stored and shown.
fn parsed(core: &Core, index: usize, line: &str) -> Result<Command, ProposeError> {
    let shown = || cut(&core.redactor().redact(line), SHOWN_COMMAND_BYTES);
    let refused = |reason: String| ProposeError::Refused {
        index,
        command: shown(),
        reason,
    };
    let command = (core.engine.parse)(line).map_err(|error| refused(error.reason))?;
    if holds_secret(core, line) {
        return Err(refused("it holds a secret: name a Secret object instead".into()));
    }
    Ok(command)
}

/// Whether a command line holds a secret in plain text.
pub(super) fn holds_secret(core: &Core, line: &str) -> bool {
    core.config.redact && core.redactor().redact(line) != line
}

fn text(core: &Core, redactor: &mut Redactor, text: &str) -> String {
    if core.config.redact {
        redactor.redact(text).into_owned()
    } else {
        text.to_owned()
    }
}

fn redacted(core: &Core, redactor: &mut Redactor, metadata: Map<String, Value>) -> Map<String, Value> {
    if !core.config.redact {
        return metadata;
    }
    let mut value = Value::Object(metadata);
    redactor.redact_json(&mut value);
    match value {
        Value::Object(metadata) => metadata,
        _ => Map::new(),
    }
}
