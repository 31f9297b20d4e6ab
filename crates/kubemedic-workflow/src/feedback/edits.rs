//! What a person's choices on single commands say of the repair: how many changes were taken, and whether edits made another
//! repair of them. What that teaches is the engine's.

use std::collections::BTreeMap;

use kubemedic_engine::{policy::ParseError, remediation::strategy_of};
use kubemedic_model::{
    approval::ApprovalCommand,
    command::{Command, Risk},
    feedback::{ApprovalReport, Edited},
    plan::{Plan, PlannedCommand, Strategy},
};

use super::ReportedDecision;
use crate::approvals::MAX_COMMAND_BYTES;

/// Makes a command of a line.
pub(super) type Parse = fn(&str) -> Result<Command, ParseError>;

/// What became of one proposed command.
#[derive(Debug, Clone)]
pub(crate) struct Judged {
    proposed: Command,
    /// The form of it that may run.
    authorised: Option<Command>,
    is_change: bool,
}

impl Judged {
    /// A command of the built-in server; `None` while nobody has decided.
    pub(crate) fn here(command: &ApprovalCommand) -> Option<Self> {
        command.decision.as_ref()?;
        Some(Self {
            proposed: command.command.clone(),
            authorised: command.authorised().cloned(),
            is_change: command.risk != Risk::ReadOnly,
        })
    }

    /// A command of a plan, as another server tells what was decided of it. An edit that cannot be read counts as a rejection only.
    fn there(parse: Parse, planned: &PlannedCommand, told: &ReportedDecision) -> Self {
        let authorised = match told {
            ReportedDecision::Approve => Some(planned.command.clone()),
            ReportedDecision::Edit { command } if command.len() <= MAX_COMMAND_BYTES => parse(command).ok(),
            ReportedDecision::Edit { .. } | ReportedDecision::Reject => None,
        };
        Self {
            proposed: planned.command.clone(),
            authorised,
            is_change: planned.risk != Risk::ReadOnly,
        }
    }

    fn is_taken(&self) -> bool {
        self.authorised.as_ref() == Some(&self.proposed)
    }

    fn is_edited(&self) -> bool {
        self.authorised.is_some() && !self.is_taken()
    }
}

/// The report with what was decided of the changes. An edited one is not what was proposed: it counts as rejected there, and what
/// was made of it stands beside.
pub(crate) fn with_changes(report: ApprovalReport, judged: &[Judged]) -> ApprovalReport {
    let count = |wanted: fn(&Judged) -> bool| {
        let changes = judged.iter().filter(|it| it.is_change && wanted(it));
        u32::try_from(changes.count()).unwrap_or(u32::MAX)
    };
    let edited = count(Judged::is_edited);
    ApprovalReport {
        approved_changes: Some(count(Judged::is_taken)),
        rejected_changes: Some(count(|it| !it.is_taken())),
        edited: Some(edited)
            .filter(|it| *it > 0)
            .and_then(|it| made_of(judged, it)),
        ..report
    }
}

/// What edits made of the changes. `None` where they left nothing but reading: that rejects the changes.
fn made_of(judged: &[Judged], changes: u32) -> Option<Edited> {
    let proposed: Vec<Command> = judged.iter().map(|it| it.proposed.clone()).collect();
    let authorised: Vec<Command> = judged.iter().filter_map(|it| it.authorised.clone()).collect();
    // Like is compared with like: a plan's own word for its way may follow from more than its commands.
    let (before, after) = (strategy_of(&proposed), strategy_of(&authorised));
    (after != Strategy::Escalate).then(|| Edited {
        changes,
        into: Some(after).filter(|it| *it != before),
    })
}

/// Another server's report with what it tells of the plan's changes, where it tells of each of them.
pub(super) fn compared(
    parse: Parse,
    report: ApprovalReport,
    decisions: &BTreeMap<usize, ReportedDecision>,
    plan: &Plan,
) -> ApprovalReport {
    let mut judged = Vec::new();
    for (index, (_, planned)) in plan.commands().enumerate() {
        match decisions.get(&index) {
            Some(told) => judged.push(Judged::there(parse, planned, told)),
            None if planned.risk == Risk::ReadOnly => {}
            None => return report,
        }
    }
    if judged.is_empty() {
        return report;
    }
    with_changes(report, &judged)
}

#[cfg(test)]
mod tests;
