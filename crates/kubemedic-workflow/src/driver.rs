//! Performs what the state machine asks for. The result of each action is one journal transaction, so that a crash anywhere
//! loses nothing and doubles nothing: whoever comes next reads the events and goes on.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use kubemedic_engine::{intake::Intake, monitoring::Monitoring};
use kubemedic_model::{
    event::{Agent, AgentStatus, WorkflowEvent, WorkflowFact},
    id::WorkflowId,
    workflow::{WorkflowStatus, WorkflowSummary},
};
use kubemedic_ports::journal::JournalError;
use metrics::counter;
use tokio::sync::OwnedSemaphorePermit;
use tracing::Instrument;

use crate::{
    core::{Core, Standing},
    events::{CLOSED_KIND, event},
    execution,
    machine::{self, Action, Stage, State},
    models::Meter,
    proposing,
    tasks::Unfinished,
};

mod attempts;
mod consulting;
mod decisions;
mod planning;
pub(crate) use planning::as_json;

/// Why an action did not end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StepError {
    /// The journal did not take it: read again, and try again.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// It cannot be done, now or ever.
    #[error("{0}")]
    Impossible(String),
    /// Everything is to stop: the next start does it again.
    #[error("the server is stopping")]
    Stopping,
}

impl From<Unfinished> for StepError {
    fn from(unfinished: Unfinished) -> Self {
        match unfinished {
            Unfinished::Panicked(_) => Self::Impossible(unfinished.to_string()),
            Unfinished::Stopping => Self::Stopping,
        }
    }
}

/// What one run of a workflow keeps between its steps. All of it can be made anew.
#[derive(Debug, Default)]
pub(crate) struct Run {
    /// How the workflow stands after the last step, unless somebody else may have changed it.
    standing: Option<Standing>,
    permit: Option<OwnedSemaphorePermit>,
    intake: Option<Arc<Intake>>,
    monitoring: Option<Arc<Monitoring>>,
    /// What models may still cost.
    meter: Option<Arc<Meter>>,
    /// The stages whose begin this run has counted.
    counted: BTreeSet<Stage>,
    /// The positions whose delivery this run has put into the journal: nobody tried them before.
    pub(crate) fresh: Vec<u32>,
}

/// Tries to write before a run gives way to others.
const MAX_QUICK_TRIES: u32 = 20;
/// The longest wait for a journal that does not answer.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// Does whatever is next for a workflow, until it waits for somebody, is closed, or everything is to stop.
#[tracing::instrument(name = "workflow", skip(core))]
pub(crate) async fn run(core: &Arc<Core>, id: WorkflowId) {
    let span = tracing::info_span!(
        "invoke_workflow",
        gen_ai.operation.name = "invoke_workflow",
        gen_ai.workflow.name = "kubemedic",
        gen_ai.conversation.id = %id,
    );
    work(core, id).instrument(span).await;
}

async fn work(core: &Arc<Core>, id: WorkflowId) {
    let mut run = Run::default();
    let mut failures = 0_u32;
    while !core.scope.is_stopping() {
        match advance(core, id, &mut run).await {
            Ok(true) => failures = 0,
            Ok(false) | Err(StepError::Stopping) => return,
            Err(StepError::Impossible(reason)) => fail(core, id, &reason).await,
            Err(StepError::Journal(JournalError::Corrupt { reason })) => {
                tracing::error!(reason, "a workflow cannot go on");
                return;
            }
            Err(StepError::Journal(error)) => {
                failures += 1;
                if !wait(core, &error, failures).await {
                    return;
                }
            }
        }
    }
}

/// Waits before the next try; `false` when everything is to stop.
async fn wait(core: &Core, error: &JournalError, failures: u32) -> bool {
    let quick = matches!(
        error,
        JournalError::Conflict { .. } | JournalError::Duplicate { .. }
    );
    if quick && failures < MAX_QUICK_TRIES {
        return true;
    }
    if failures == 1 {
        tracing::warn!(%error, "a workflow waits for the journal");
    }
    let time = Duration::from_millis(250) * 2_u32.saturating_pow(failures.min(8));
    core.scope.sleep(time.min(LONGEST_WAIT)).await
}

/// Performs one action; `false` when there is none. Whoever else changes the workflow wakes its job anew, and a step on what is
/// no longer so is a conflict: then the journal is read again.
async fn advance(core: &Arc<Core>, id: WorkflowId, run: &mut Run) -> Result<bool, StepError> {
    let standing = match run.standing.take() {
        Some(standing) => standing,
        None => match core.standing(id, State::default()).await? {
            Some(standing) => standing,
            None => return Ok(false),
        },
    };
    let Some(action) = machine::next(&standing.state).into_iter().next() else {
        core.outbox.watch(id, &standing.state);
        return Ok(false);
    };
    run.standing = perform(core, run, standing, action).await?;
    Ok(true)
}

/// Performs an action. Returns how the workflow stands then, where that is known.
async fn perform(
    core: &Arc<Core>,
    run: &mut Run,
    standing: Standing,
    action: Action,
) -> Result<Option<Standing>, StepError> {
    let standing = match action {
        Action::Monitor | Action::Analyse | Action::Plan => {
            attempts::counted(core, run, standing, action).await?
        }
        Action::Submit { position } => proposing::submit(core, run, standing, position).await?,
        Action::Deliver { position } => {
            proposing::deliver(core, run, standing, position).await?;
            return Ok(None);
        }
        Action::Conclude => {
            let standing = proposing::conclude(core, standing).await?;
            run.rest();
            standing
        }
        Action::Execute { approval_id } => {
            execution::run_in_workflow(core, standing, &approval_id).await?;
            return Ok(None);
        }
        Action::Close => close(core, standing).await?,
    };
    Ok(Some(standing))
}

impl Run {
    /// Gives back what only planning needs.
    fn rest(&mut self) {
        self.permit = None;
        self.intake = None;
        self.monitoring = None;
    }
}

async fn close(core: &Core, mut standing: Standing) -> Result<Standing, StepError> {
    let closing = closed_event(core, &mut standing.summary);
    Ok(core.append(standing, vec![closing], Vec::new()).await?)
}

/// The last event of a workflow; the summary is closed with it.
fn closed_event(core: &Core, summary: &mut WorkflowSummary) -> WorkflowEvent {
    if summary.status != WorkflowStatus::Failed {
        summary.status = WorkflowStatus::Closed;
    }
    summary.closed_at = Some(core.now());
    counter!("kubemedic_workflows_closed_total", "status" => summary.status.as_str()).increment(1);
    let failed = summary.status == WorkflowStatus::Failed;
    let status = if failed {
        AgentStatus::Error
    } else {
        AgentStatus::Completed
    };
    WorkflowEvent {
        fact: Some(WorkflowFact::Closed {
            verdict: summary.verdict,
        }),
        ..event(
            CLOSED_KIND,
            Agent::OrchestratorAgent,
            status,
            format!("Workflow {} is closed", summary.id),
        )
    }
}

/// Ends a workflow that cannot go on. When even that cannot be written, the next start finds it unfinished.
async fn fail(core: &Core, id: WorkflowId, reason: &str) {
    tracing::error!(reason, "a workflow failed");
    let mut standing = match core.standing(id, State::default()).await {
        Ok(Some(standing)) => standing,
        Ok(None) => return,
        Err(error) => return tracing::error!(%error, "a failure cannot be recorded now"),
    };
    standing.summary.status = WorkflowStatus::Failed;
    let failed = WorkflowEvent {
        fact: Some(WorkflowFact::Failed {
            error: reason.to_owned(),
        }),
        ..event(
            "workflow.failed",
            Agent::OrchestratorAgent,
            AgentStatus::Error,
            format!("The workflow failed: {reason}"),
        )
    };
    let closing = closed_event(core, &mut standing.summary);
    if let Err(error) = core.append(standing, vec![failed, closing], Vec::new()).await {
        tracing::error!(%error, "a failure cannot be recorded now");
    }
}
