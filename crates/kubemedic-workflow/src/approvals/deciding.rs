//! A person's decision: checked against what the person saw, then written with everything that follows from it in one transaction.

use std::collections::BTreeMap;

use kubemedic_model::{
    approval::{Approval, ApprovalCommand, ApprovalStatus, CommandDecision},
    command::Risk,
    id::ApprovalId,
    learning::{DecisionHint, RejectReason},
};
use kubemedic_ports::journal::JournalError;

use super::{
    Choice, CommandChoice, DecideError, DecisionRequest,
    expiry::expire_if_due,
    proposal::{MAX_COMMAND_BYTES, holds_secret},
};
use crate::{core::Core, decided, events::cut, execution};

/// The reason of a rejection that was given none, as the original says it.
const DEFAULT_REASON: &str = "Rejected by user";
/// The reason of a command that was not among the approved ones.
const NOT_SELECTED: &str = "Not among the approved commands";
/// The longest reason, in bytes.
const MAX_REASON_BYTES: usize = 4096;
/// The longest name of an approver, in bytes.
const MAX_APPROVER_BYTES: usize = 200;

/// An approval as it stands now: expired, if its time is over.
pub(super) async fn current(core: &Core, id: &str) -> Result<Approval, DecideError> {
    let unknown = || DecideError::Unknown(cut(id, 200));
    let id = ApprovalId::new(id).map_err(|_| unknown())?;
    let approval = core.journal().approval(&id).await?.ok_or_else(unknown)?;
    Ok(expire_if_due(core, approval).await?)
}

async fn pending(core: &Core, id: &str) -> Result<Approval, DecideError> {
    let approval = current(core, id).await?;
    if approval.status != ApprovalStatus::Pending {
        return Err(DecideError::NotPending {
            id: approval.id,
            status: approval.status,
        });
    }
    Ok(approval)
}

/// Approves commands by index, or all.
pub(super) async fn approve(
    core: &Core,
    id: &str,
    approver: Option<String>,
    indexes: Option<&[usize]>,
) -> Result<Approval, DecideError> {
    let approval = pending(core, id).await?;
    if let Some(indexes) = indexes {
        check_indexes(&approval, indexes)?;
    }
    let choices = (0..approval.commands.len()).map(|index| {
        if indexes.is_none_or(|indexes| indexes.contains(&index)) {
            CommandDecision::Approve
        } else {
            CommandDecision::Reject {
                reason: NOT_SELECTED.to_owned(),
            }
        }
    });
    let choices = choices.collect();
    record(core, approval, choices, approver).await
}

fn check_indexes(approval: &Approval, indexes: &[usize]) -> Result<(), DecideError> {
    if indexes.is_empty() {
        return Err(DecideError::Invalid(
            "indexes names no command: reject the approval instead".into(),
        ));
    }
    match indexes.iter().find(|index| **index >= approval.commands.len()) {
        Some(index) => Err(DecideError::Invalid(format!("there is no command {index}"))),
        None => Ok(()),
    }
}

/// Rejects every command.
pub(super) async fn reject(
    core: &Core,
    id: &str,
    approver: Option<String>,
    (reason, hint): (Option<&str>, DecisionHint),
) -> Result<Approval, DecideError> {
    let mut approval = pending(core, id).await?;
    approval.hint = hint;
    let chosen = hint.reason_kind.map_or(DEFAULT_REASON, RejectReason::title);
    let reason = free_text(core, reason).unwrap_or_else(|| chosen.to_owned());
    let choices = approval.commands.iter().map(|_| CommandDecision::Reject {
        reason: reason.clone(),
    });
    let choices = choices.collect();
    record(core, approval, choices, approver).await
}

/// Decides every command by itself.
pub(super) async fn decide(core: &Core, id: &str, request: DecisionRequest) -> Result<Approval, DecideError> {
    let mut approval = pending(core, id).await?;
    approval.hint = request.hint;
    if request.plan_digest != approval.plan_digest.as_str() {
        return Err(DecideError::StaleDigest(approval.id));
    }
    let choices = complete(&approval, request.decisions)?;
    let decisions = choices
        .into_iter()
        .zip(&approval.commands)
        .map(|(choice, command)| decision(core, with_reason(choice, request.hint), command))
        .collect::<Result<_, _>>()?;
    record(core, approval, decisions, request.approver).await
}

/// The choices in the order of the commands; exactly one for each.
fn complete(approval: &Approval, choices: Vec<CommandChoice>) -> Result<Vec<CommandChoice>, DecideError> {
    let mut by_index = BTreeMap::new();
    for choice in choices {
        let index = choice.index;
        if index >= approval.commands.len() {
            return Err(DecideError::Invalid(format!("there is no command {index}")));
        }
        if by_index.insert(index, choice).is_some() {
            return Err(DecideError::Invalid(format!("command {index} is decided twice")));
        }
    }
    match (0..approval.commands.len()).find(|index| !by_index.contains_key(index)) {
        Some(index) => Err(DecideError::Invalid(format!("command {index} is not decided"))),
        None => Ok(by_index.into_values().collect()),
    }
}

/// A rejection without words has those of the choice.
fn with_reason(mut choice: CommandChoice, hint: DecisionHint) -> CommandChoice {
    let chosen = hint.reason_kind.map(|it| it.title().to_owned());
    if choice.choice == Choice::Reject {
        choice.reason = choice.reason.filter(|it| !it.trim().is_empty()).or(chosen);
    }
    choice
}

fn decision(
    core: &Core,
    choice: CommandChoice,
    original: &ApprovalCommand,
) -> Result<CommandDecision, DecideError> {
    let index = choice.index;
    let reason = free_text(core, choice.reason.as_deref());
    match choice.choice {
        Choice::Approve => Ok(CommandDecision::Approve),
        Choice::Reject => match reason {
            Some(reason) => Ok(CommandDecision::Reject { reason }),
            None => Err(DecideError::Invalid(format!(
                "command {index} is rejected without a reason"
            ))),
        },
        Choice::Edit { command } => edit(core, index, &command, reason, original.risk),
    }
}

fn edit(
    core: &Core,
    index: usize,
    line: &str,
    reason: Option<String>,
    original: Risk,
) -> Result<CommandDecision, DecideError> {
    let invalid = |why: &str| DecideError::Invalid(format!("the edit of command {index} is refused: {why}"));
    if line.len() > MAX_COMMAND_BYTES {
        return Err(invalid("it is too long"));
    }
    let command = (core.engine.parse)(line).map_err(|error| invalid(&error.reason))?;
    let assessment = (core.engine.assess)(&command);
    if assessment.risk == Risk::Forbidden {
        return Err(invalid(&assessment.reason));
    }
    if assessment.risk > original {
        return Err(invalid("it is riskier than the original"));
    }
    if holds_secret(core, line) {
        return Err(invalid("it holds a secret: name a Secret object instead"));
    }
    Ok(CommandDecision::Edit { command, reason })
}

/// A person's words, redacted and cut; `None` when there are none.
fn free_text(core: &Core, text: Option<&str>) -> Option<String> {
    let text = text.map(str::trim).filter(|text| !text.is_empty())?;
    let text = if core.config.redact {
        core.redactor().redact(text).into_owned()
    } else {
        text.to_owned()
    };
    Some(cut(&text, MAX_REASON_BYTES))
}

/// Writes the decision, or finds that somebody was faster.
async fn record(
    core: &Core,
    approval: Approval,
    decisions: Vec<CommandDecision>,
    approver: Option<String>,
) -> Result<Approval, DecideError> {
    let id = approval.id.clone();
    let decided = applied(core, approval, decisions, approver.as_deref());
    match decided::record(core, decided.clone()).await {
        Ok(()) => Ok(decided),
        Err(JournalError::Conflict { .. }) => {
            pending(core, id.as_str()).await?;
            Err(JournalError::Conflict {
                what: format!("approval {id}"),
            }
            .into())
        }
        Err(error) => Err(error.into()),
    }
}

fn applied(
    core: &Core,
    mut approval: Approval,
    decisions: Vec<CommandDecision>,
    approver: Option<&str>,
) -> Approval {
    for (command, decision) in approval.commands.iter_mut().zip(decisions) {
        command.decision = Some(decision);
    }
    approval.status = status(&approval);
    if approval.status == ApprovalStatus::Rejected {
        approval.rejection_reason = Some(reasons(&approval));
    }
    approval.decided_at = Some(core.now());
    let approver = free_text(core, approver);
    approval.approver = Some(approver.map_or_else(|| "user".to_owned(), |it| cut(&it, MAX_APPROVER_BYTES)));
    approval.revision += 1;
    execution::prepare(core.ports.cluster.context(), &mut approval);
    approval
}

fn status(approval: &Approval) -> ApprovalStatus {
    let decisions = || approval.commands.iter().filter_map(|it| it.decision.as_ref());
    if decisions().all(|it| matches!(it, CommandDecision::Approve)) {
        ApprovalStatus::Approved
    } else if decisions().all(|it| matches!(it, CommandDecision::Reject { .. })) {
        ApprovalStatus::Rejected
    } else {
        ApprovalStatus::PartiallyApproved
    }
}

/// The reasons of all commands, each once.
fn reasons(approval: &Approval) -> String {
    let mut reasons: Vec<&str> = Vec::new();
    let decisions = approval.commands.iter().filter_map(|it| it.decision.as_ref());
    for reason in decisions.filter_map(CommandDecision::reason) {
        if !reasons.contains(&reason) {
            reasons.push(reason);
        }
    }
    cut(&reasons.join("; "), MAX_REASON_BYTES)
}
