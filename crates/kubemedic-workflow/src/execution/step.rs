//! What is next for a decided approval: pure, from the approval alone.

use kubemedic_model::{
    approval::{Approval, CommandDecision},
    command::Risk,
    outcome::{Execution, ExecutionState},
};
use kubemedic_ports::cluster::ContextInfo;

/// What is next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// The intent of this command has no result, and nobody is running it.
    MarkUnknown(usize),
    /// This command is not to run any more.
    Skip(usize),
    /// This command may start.
    Start(usize),
    /// Nothing is left.
    Finished,
}

/// What is next, in the order of the plan. A change that did not succeed skips what comes after it.
pub(super) fn next(approval: &Approval) -> Step {
    let state = |index: usize| {
        let command = approval.commands.get(index);
        command.and_then(|it| it.execution.as_ref()).map(|it| it.state)
    };
    let find =
        |wanted: ExecutionState| (0..approval.commands.len()).find(|index| state(*index) == Some(wanted));
    if let Some(index) = find(ExecutionState::Running) {
        return Step::MarkUnknown(index);
    }
    let Some(index) = find(ExecutionState::Waiting) else {
        return Step::Finished;
    };
    if stopped(approval) {
        Step::Skip(index)
    } else {
        Step::Start(index)
    }
}

/// Whether a change did not succeed. A read that fails stops nothing.
fn stopped(approval: &Approval) -> bool {
    let changes = approval.commands.iter().filter(|it| it.risk != Risk::ReadOnly);
    let ended = changes.filter_map(|it| it.execution.as_ref());
    ended
        .into_iter()
        .any(|it| matches!(it.state, ExecutionState::Failed | ExecutionState::Unknown))
}

/// Gives every authorised command its place: waiting where a context is configured, else not configured.
pub(crate) fn prepare(context: Option<&ContextInfo>, approval: &mut Approval) {
    let runs = context.is_some();
    for command in &mut approval.commands {
        let state = if runs {
            ExecutionState::Waiting
        } else {
            ExecutionState::NotConfigured
        };
        command.execution = command.authorised().map(|_| Execution::in_state(state));
    }
}

/// Whether something of a decided approval is still to run or to be judged.
pub(crate) fn is_open(approval: &Approval) -> bool {
    let executions = approval.commands.iter().filter_map(|it| it.execution.as_ref());
    executions.into_iter().any(|it| !it.state.is_final())
}

/// The approval with the execution of one command changed.
pub(super) fn with_execution(approval: &Approval, index: usize, execution: Execution) -> Approval {
    let mut changed = approval.clone();
    if let Some(command) = changed.commands.get_mut(index) {
        command.execution = Some(execution);
    }
    changed.revision += 1;
    changed
}

/// Why commands of the approval may not run in the context; `None` when they may.
pub(super) fn other_cluster(approval: &Approval, context: &ContextInfo) -> Option<String> {
    let evidence = approval.target.cluster.as_deref()?;
    let same = evidence == context.context || evidence == context.cluster;
    (!same).then(|| {
        format!(
            "the evidence is from cluster '{evidence}', but commands run in context '{}' (cluster '{}')",
            context.context, context.cluster
        )
    })
}

/// The word on the wire.
pub(super) fn state_word(state: ExecutionState) -> &'static str {
    match state {
        ExecutionState::NotConfigured => "not_configured",
        ExecutionState::Waiting => "waiting",
        ExecutionState::Running => "running",
        ExecutionState::Succeeded => "succeeded",
        ExecutionState::Failed => "failed",
        ExecutionState::Skipped => "skipped",
        ExecutionState::Unknown => "unknown",
    }
}

/// How the commands ended, in a few words.
pub(super) fn tally(approval: &Approval) -> String {
    let count = |wanted: ExecutionState| {
        let executions = approval.commands.iter().filter_map(|it| it.execution.as_ref());
        executions.filter(|it| it.state == wanted).count()
    };
    let approved = approval.commands.iter().filter_map(|it| it.decision.as_ref());
    if approved
        .clone()
        .all(|it| matches!(it, CommandDecision::Reject { .. }))
    {
        return "nothing was approved; nothing runs".into();
    }
    if count(ExecutionState::NotConfigured) > 0 {
        return "approved; no execution context is configured, nothing runs".into();
    }
    format!(
        "{} succeeded, {} failed, {} skipped, {} unknown",
        count(ExecutionState::Succeeded),
        count(ExecutionState::Failed),
        count(ExecutionState::Skipped),
        count(ExecutionState::Unknown),
    )
}
