//! Brings back what today has spent on language models when a process starts: a restart gives no new daily budget.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use kubemedic_model::{event::WorkflowFact, id::WorkflowId, usage::ModelSpending};
use kubemedic_ports::journal::{JournalError, WorkflowFilter};

use crate::core::Core;

/// Events that are read at a time.
const AT_A_TIME: u32 = 256;
/// A workflow that began so long before today may still have asked a model today.
const LONGEST_WORKFLOW: SignedDuration = SignedDuration::from_hours(24);

/// Adds what the journal knows of the current UTC day to the models' account.
pub(crate) async fn restore(core: &Core) -> Result<(), JournalError> {
    if core.ports.models.status().is_empty() {
        return Ok(());
    }
    let midnight = midnight(core.now());
    let workflows = core.journal().workflows(&WorkflowFilter::default()).await?;
    let recent = workflows
        .iter()
        .filter(|it| !it.retired && it.created_at >= midnight - LONGEST_WORKFLOW);
    let mut spent = ModelSpending::default();
    for workflow in recent {
        spent = spent.plus(spent_since(core, workflow.id, midnight).await?);
    }
    core.ports.models.add_spent_today(spent);
    Ok(())
}

/// The beginning of a time's UTC day.
fn midnight(time: Timestamp) -> Timestamp {
    let day = time.to_zoned(TimeZone::UTC).start_of_day();
    day.map_or(time, |start| start.timestamp())
}

/// What a workflow has spent since then.
async fn spent_since(core: &Core, id: WorkflowId, since: Timestamp) -> Result<ModelSpending, JournalError> {
    let mut spent = ModelSpending::default();
    let mut after = 0;
    loop {
        let events = core.journal().events(id, after, AT_A_TIME).await?;
        for event in events.iter().filter(|it| it.recorded_at >= since) {
            if let Some(WorkflowFact::Consulted { consultation }) = &event.event.fact {
                spent = spent.plus(consultation.spending);
            }
        }
        match events.last() {
            Some(last) if events.len() == AT_A_TIME as usize => after = last.sequence,
            _ => return Ok(spent),
        }
    }
}
