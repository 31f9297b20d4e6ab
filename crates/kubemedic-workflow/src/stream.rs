//! A workflow's events as a stream: replayed from any position, then live, for any number of readers.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use kubemedic_model::{
    event::{RecordedEvent, WorkflowFact},
    id::WorkflowId,
};
use kubemedic_ports::journal::JournalError;
use serde_json::json;
use tokio::sync::watch;

use crate::{core::Core, events::CLOSED_KIND};

/// Why there is no stream.
#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    /// There is no such workflow.
    #[error("workflow '{0}' not found")]
    Unknown(WorkflowId),
    /// Retention dropped its events.
    #[error("the events of workflow '{0}' were retired; its decisions and feedback are kept")]
    Retired(WorkflowId),
    /// The journal did not answer.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// One event as a client sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Its number, the `id:` of the stream.
    pub sequence: u64,
    /// One JSON object on one line (CONTRACT.md section 1, stream events).
    pub json: String,
}

/// An open stream.
#[derive(Debug)]
pub struct EventStream {
    core: Arc<Core>,
    id: WorkflowId,
    after: u64,
    follow: bool,
    batch: VecDeque<RecordedEvent>,
    newest: watch::Receiver<u64>,
    ended: bool,
}

/// What a client that asks for a stream gets.
#[derive(Debug)]
pub enum Opened {
    /// Events.
    Stream(EventStream),
    /// The client has seen the last one: 204.
    AlreadyAtEnd,
}

/// Events that are held for one reader at a time.
const BATCH: u32 = 16;
/// How long a reader waits for a notice before it looks itself.
const LONGEST_WAIT: Duration = Duration::from_secs(15);

/// Opens a stream after a position.
pub(crate) async fn open(
    core: &Arc<Core>,
    id: WorkflowId,
    after: Option<u64>,
    follow: bool,
) -> Result<Opened, StreamError> {
    let summary = core
        .journal()
        .workflow(id)
        .await?
        .ok_or(StreamError::Unknown(id))?;
    if summary.retired {
        return Err(StreamError::Retired(id));
    }
    let after = after.unwrap_or(0);
    if after > 0 && ends_by(core, id, after, follow).await? {
        return Ok(Opened::AlreadyAtEnd);
    }
    Ok(Opened::Stream(EventStream {
        newest: core.hub.subscribe(id),
        core: core.clone(),
        id,
        after,
        follow,
        batch: VecDeque::new(),
        ended: false,
    }))
}

/// Whether the stream's last event has the number `after` or a smaller one.
async fn ends_by(core: &Core, id: WorkflowId, after: u64, follow: bool) -> Result<bool, JournalError> {
    let mut position = 0;
    while position < after {
        let events = core.journal().events(id, position, BATCH).await?;
        let Some(last) = events.last() else {
            return Ok(false);
        };
        position = last.sequence;
        if events
            .iter()
            .any(|event| event.sequence <= after && is_last(event, follow))
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a stream ends with this event.
fn is_last(event: &RecordedEvent, follow: bool) -> bool {
    if follow {
        return event.event.kind == CLOSED_KIND;
    }
    matches!(
        event.event.fact,
        Some(WorkflowFact::PlanReady | WorkflowFact::Failed { .. })
    )
}

impl EventStream {
    /// The next event; `None` when the stream has ended. Waits for events that are still to come. A call that is dropped loses
    /// nothing.
    ///
    /// # Errors
    /// [`JournalError`] when the journal does not answer; the client resumes later.
    pub async fn next(&mut self) -> Result<Option<Frame>, JournalError> {
        loop {
            if self.ended {
                return Ok(None);
            }
            if let Some(event) = self.batch.pop_front() {
                self.after = event.sequence;
                self.ended = is_last(&event, self.follow);
                return Ok(Some(frame(self.id, &event)));
            }
            self.newest.mark_unchanged();
            let events = self.core.journal().events(self.id, self.after, BATCH).await?;
            if events.is_empty() && !self.wait().await? {
                self.ended = true;
            }
            self.batch.extend(events);
        }
    }

    /// Waits for newer events; `false` when none will come, or the process stops.
    async fn wait(&mut self) -> Result<bool, JournalError> {
        let summary = self.core.journal().workflow(self.id).await?;
        let over =
            summary.is_none_or(|it| it.retired || (it.status.is_final() && it.last_sequence <= self.after));
        if over {
            return Ok(false);
        }
        tokio::select! {
            () = self.core.scope.stopping() => Ok(false),
            _ = self.newest.changed() => Ok(true),
            () = tokio::time::sleep(LONGEST_WAIT) => Ok(true),
        }
    }
}

/// An event in the contract's form, on one line.
fn frame(id: WorkflowId, recorded: &RecordedEvent) -> Frame {
    let event = &recorded.event;
    let name = event.agent.as_str();
    let json = json!({
        "agent_name": name,
        "status": event.status.as_str(),
        "input": event.input,
        "output": event.output,
        "data": event.data,
        "agent": name,
        "message": event.data,
        "timestamp": recorded.recorded_at.to_string(),
        "workflow_id": id.to_string(),
        "sequence": recorded.sequence,
        "kind": event.kind,
    });
    Frame {
        sequence: recorded.sequence,
        json: json.to_string(),
    }
}
