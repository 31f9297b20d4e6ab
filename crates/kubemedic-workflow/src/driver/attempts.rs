//! Counts how often planning was begun on an input that an earlier process left unfinished, so that an input that ends the process (by
//! memory, by the stack) is not tried at every start for ever. A workflow of this process costs nothing: its end is seen here.

use std::sync::Arc;

use kubemedic_model::{evidence_object::WorkflowInput, plan::KnowledgeBaseOrder, workflow::WorkflowSummary};
use kubemedic_ports::journal::Write;

use super::{Run, StepError, planning};
use crate::{
    core::{Core, Standing},
    machine::Action,
};

/// How often a stage is begun after a restart. So many, because a machine that loses its power again and again must not cost an innocent
/// workflow its life: each of these ends must hit the same stage, which takes some ten milliseconds. The first begin of all is not
/// counted, because it costs a write for every workflow.
const MAX_ATTEMPTS: u32 = 12;

/// Performs an action of planning, counted where the workflow is older than the process.
pub(super) async fn counted(
    core: &Arc<Core>,
    run: &mut Run,
    mut standing: Standing,
    action: Action,
) -> Result<Standing, StepError> {
    let is_inherited = core
        .inherited
        .get()
        .is_some_and(|ids| ids.contains(&standing.summary.id));
    if is_inherited && run.counted.insert(standing.state.stage()) {
        begin(core, &standing.summary)
            .await
            .inspect_err(|_| run.counted.clear())?;
    }
    let before = standing.summary.clone();
    // The stage's own transaction sets the count back.
    standing.summary.attempts = 0;
    let done = match action {
        Action::Monitor => planning::monitor(core, run, standing).await,
        Action::Analyse => planning::analyse(core, run, standing).await,
        _ => planning::plan(core, run, standing).await,
    };
    if is_inherited && matches!(done, Err(StepError::Stopping)) {
        // The process was asked to stop: that is nobody's fault.
        core.commit(vec![Write::UpdateWorkflow(Box::new(before))]).await?;
    }
    done
}

/// Writes down that a stage is begun once more, or refuses to.
async fn begin(core: &Core, summary: &WorkflowSummary) -> Result<(), StepError> {
    if summary.attempts >= MAX_ATTEMPTS {
        return Err(StepError::Impossible(format!(
            "the process ended {MAX_ATTEMPTS} times while it worked on this input, perhaps for want of memory: \
             give it more memory, or send a smaller part of the input"
        )));
    }
    warm_up(core).await;
    let begun = WorkflowSummary {
        attempts: summary.attempts + 1,
        ..summary.clone()
    };
    core.commit(vec![Write::UpdateWorkflow(Box::new(begun))]).await?;
    Ok(())
}

/// Lets the engine build what it builds once, before the count begins: the time in which a kill from outside counts is then short.
async fn warm_up(core: &Core) {
    let engine = core.engine;
    let work = move || {
        let intake = (engine.read)(&WorkflowInput::Text("ERROR warm up".into()));
        let diagnosis = (engine.diagnose)(&intake, &(engine.monitor)(&intake));
        (engine.plan)(&diagnosis, &intake.snapshot, &KnowledgeBaseOrder).len()
    };
    let _ = core
        .warm
        .get_or_init(async || core.scope.compute(work).await.is_ok())
        .await;
}
