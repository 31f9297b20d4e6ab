//! Runs what a person approved, at most once: the intent is in the journal before kubectl starts, and a command whose intent has no
//! result after a restart is `unknown` and never run again.

mod step;

use std::{sync::Arc, time::Duration};

use kubemedic_model::{
    approval::{Approval, authorize},
    event::{WorkflowEvent, WorkflowFact},
    id::ApprovalId,
    outcome::{Execution, ExecutionState},
    workflow::{WorkflowStatus, WorkflowSummary},
};
use kubemedic_ports::{
    cluster::{ClusterError, CommandOutput},
    journal::{JournalError, Write},
};
use metrics::counter;

use crate::{
    core::{Core, change},
    driver::StepError,
    events::{self, cut},
};
use step::{Step, next, with_execution};
pub(crate) use step::{is_open, prepare};

/// The most of an output that is kept, in bytes.
const MAX_OUTPUT_BYTES: usize = 16 * 1024;
/// The most of an output that the stream shows, in bytes.
const MAX_SHOWN_BYTES: usize = 2 * 1024;
/// How often a result is tried to be written while the process is stopping.
const LAST_TRIES: u32 = 5;

/// Runs the commands of an approval that belongs to no open workflow.
pub(crate) async fn run_alone(core: &Arc<Core>, id: &ApprovalId) {
    let mut failures = 0_u32;
    loop {
        match run(core, id).await {
            Ok(()) | Err(StepError::Stopping) => return,
            Err(StepError::Journal(JournalError::Corrupt { reason }) | StepError::Impossible(reason)) => {
                tracing::error!(approval = %id, reason, "an approval cannot be executed");
                return;
            }
            Err(StepError::Journal(_)) => {
                failures += 1;
                let wait = Duration::from_millis(250) * 2_u32.saturating_pow(failures.min(7));
                if !core.scope.sleep(wait).await {
                    return;
                }
            }
        }
    }
}

/// Runs the commands of a workflow's approval, then tells that it is finished.
pub(crate) async fn run_in_workflow(
    core: &Arc<Core>,
    summary: WorkflowSummary,
    id: &ApprovalId,
) -> Result<(), StepError> {
    if core.journal().approval(id).await?.is_none() {
        // Another server's approval: nothing of it ever runs here.
        let told = "decided on another server; nothing runs here";
        return finish(core, summary, id, told).await;
    }
    run(core, id).await
}

async fn run(core: &Arc<Core>, id: &ApprovalId) -> Result<(), StepError> {
    while !core.scope.is_stopping() {
        let Some(approval) = core.journal().approval(id).await? else {
            return Ok(());
        };
        match next(&approval) {
            Step::Finished => {
                return match open_workflow(core, &approval).await? {
                    Some(summary) => finish(core, summary, id, &step::tally(&approval)).await,
                    None => Ok(()),
                };
            }
            Step::MarkUnknown(index) => {
                let reason = "the process ended while it ran: whether it took effect is not known".to_owned();
                end(core, &approval, index, because(ExecutionState::Unknown, reason)).await?;
            }
            Step::Skip(index) => {
                let reason = "not run: an earlier change did not succeed".to_owned();
                end(core, &approval, index, because(ExecutionState::Skipped, reason)).await?;
            }
            Step::Start(index) => start(core, &approval, index).await?,
        }
    }
    Ok(())
}

fn because(state: ExecutionState, reason: String) -> Execution {
    Execution {
        output: Some(reason),
        ..Execution::in_state(state)
    }
}

/// The open workflow of an approval, if there is one.
async fn open_workflow(core: &Core, approval: &Approval) -> Result<Option<WorkflowSummary>, JournalError> {
    let Some(id) = approval.workflow_id else {
        return Ok(None);
    };
    let summary = core.journal().workflow(id).await?;
    Ok(summary.filter(|it| !it.status.is_final()))
}

/// Writes a changed approval and, where a workflow is open, the event that tells of it.
async fn write(core: &Core, approval: Approval, told: WorkflowEvent) -> Result<(), JournalError> {
    let summary = open_workflow(core, &approval).await?;
    let put = Write::PutApproval(Box::new(approval));
    let writes = match summary {
        Some(mut summary) => {
            summary.status = WorkflowStatus::Executing;
            change(summary, vec![told], vec![put])
        }
        None => vec![put],
    };
    core.commit(writes).await.map(|_| ())
}

async fn start(core: &Core, approval: &Approval, index: usize) -> Result<(), StepError> {
    let cluster = core.ports.cluster.as_ref();
    let Some(context) = cluster.context() else {
        end(
            core,
            approval,
            index,
            Execution::in_state(ExecutionState::NotConfigured),
        )
        .await?;
        return Ok(());
    };
    if let Some(reason) = step::other_cluster(approval, context) {
        return Ok(end(core, approval, index, because(ExecutionState::Failed, reason)).await?);
    }
    let authorized = match authorize(approval, index, &context.context, core.now()) {
        Ok(authorized) => authorized,
        Err(error) => {
            return Ok(end(
                core,
                approval,
                index,
                because(ExecutionState::Failed, error.to_string()),
            )
            .await?);
        }
    };
    let running = with_execution(approval, index, Execution::in_state(ExecutionState::Running));
    let told = events::approval(
        "execution.started",
        format!(
            "Running command {} of approval {}: {}",
            index + 1,
            approval.id,
            authorized.command()
        ),
        WorkflowFact::ExecutionStarted {
            approval_id: approval.id.clone(),
            index: number(index),
        },
    );
    write(core, running, told).await?;
    let result = cluster.execute(&authorized).await;
    record_result(core, &approval.id, index, &executed(core, result)).await
}

fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

/// What kubectl did, redacted and capped.
fn executed(core: &Core, result: Result<CommandOutput, ClusterError>) -> Execution {
    let output = match result {
        Ok(output) => output,
        Err(error) => return because(ExecutionState::Failed, error.to_string()),
    };
    let succeeded = output.exit_code == Some(0) && !output.timed_out;
    let mut text = if core.config.redact {
        core.redactor().redact(&output.output).into_owned()
    } else {
        output.output
    };
    if output.timed_out {
        text.insert_str(0, "ended because it took too long\n");
    }
    Execution {
        state: if succeeded {
            ExecutionState::Succeeded
        } else {
            ExecutionState::Failed
        },
        exit_code: output.exit_code,
        output: Some(cut(&text, MAX_OUTPUT_BYTES)),
    }
}

/// Writes a result, however often it takes: kubectl ran, and the journal should know how it ended. When the process stops
/// meanwhile, the next start finds the intent without a result.
async fn record_result(
    core: &Core,
    id: &ApprovalId,
    index: usize,
    execution: &Execution,
) -> Result<(), StepError> {
    let mut last_tries = LAST_TRIES;
    loop {
        let error = match record_once(core, id, index, execution).await {
            Ok(()) => return Ok(()),
            Err(error) => error,
        };
        if core.scope.is_stopping() {
            last_tries = last_tries.saturating_sub(1);
            if last_tries == 0 {
                tracing::error!(%error, approval = %id, index, "the result of an execution is lost");
                return Err(error.into());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        } else if !matches!(error, JournalError::Conflict { .. }) {
            core.scope.sleep(Duration::from_secs(1)).await;
        }
    }
}

async fn record_once(
    core: &Core,
    id: &ApprovalId,
    index: usize,
    execution: &Execution,
) -> Result<(), JournalError> {
    let Some(approval) = core.journal().approval(id).await? else {
        return Ok(());
    };
    let command = approval.commands.get(index).and_then(|it| it.execution.as_ref());
    if command.is_none_or(|it| it.state != ExecutionState::Running) {
        return Ok(());
    }
    end(core, &approval, index, execution.clone()).await
}

/// Writes how a command ended.
async fn end(
    core: &Core,
    approval: &Approval,
    index: usize,
    execution: Execution,
) -> Result<(), JournalError> {
    let state = step::state_word(execution.state);
    let mut text = format!("Command {index} of approval {}: {state}", approval.id);
    if let Some(code) = execution.exit_code {
        text = format!("{text} (exit code {code})");
    }
    if let Some(output) = execution.output.as_deref().filter(|it| !it.is_empty()) {
        text = format!("{text}\n{}", cut(output, MAX_SHOWN_BYTES));
    }
    let fact = WorkflowFact::ExecutionEnded {
        approval_id: approval.id.clone(),
        index: number(index),
        execution: execution.clone(),
    };
    let told = events::approval("execution.ended", text, fact);
    write(core, with_execution(approval, index, execution), told).await?;
    counter!("kubemedic_executions_total", "state" => state).increment(1);
    Ok(())
}

async fn finish(
    core: &Core,
    mut summary: WorkflowSummary,
    id: &ApprovalId,
    how: &str,
) -> Result<(), StepError> {
    summary.status = WorkflowStatus::AwaitingApproval;
    let fact = WorkflowFact::ApprovalFinished {
        approval_id: id.clone(),
    };
    let told = events::approval("approval.finished", format!("Approval {id}: {how}"), fact);
    core.append(summary, vec![told], Vec::new()).await?;
    Ok(())
}
