//! A workflow's events as a stream: replayed from any position, then live, for any number of readers.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use jiff::Timestamp;
use kubemedic_model::{
    event::{RecordedEvent, WorkflowEvent, WorkflowFact},
    id::WorkflowId,
};
use kubemedic_ports::journal::JournalError;
use serde::Serialize;
use tokio::sync::watch;

use crate::{core::Core, events::CLOSED_KIND, hub::News};

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
    /// One JSON object on one line (CONTRACT.md section 1, stream events). All readers of a live event share it.
    pub json: Arc<str>,
}

/// An event ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) frame: Frame,
    /// Whether the default stream ends with it.
    pub(crate) ends: bool,
    /// Whether a stream that follows ends with it.
    pub(crate) closes: bool,
}

/// An open stream.
#[derive(Debug)]
pub struct EventStream {
    core: Arc<Core>,
    id: WorkflowId,
    after: u64,
    follow: bool,
    batch: VecDeque<Told>,
    news: watch::Receiver<News>,
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
/// How long a reader waits for a notice before it looks itself. Thousands wait at a time, and a notice is hardly ever missing.
const LONGEST_WAIT: Duration = Duration::from_mins(1);

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
        news: core.hub.subscribe(id),
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
            .any(|it| it.sequence <= after && is_last(&it.event, follow))
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a stream ends with this event.
fn is_last(event: &WorkflowEvent, follow: bool) -> bool {
    if follow {
        return event.kind == CLOSED_KIND;
    }
    matches!(
        event.fact,
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
            if let Some(told) = self.batch.pop_front() {
                self.after = told.frame.sequence;
                self.ended = if self.follow { told.closes } else { told.ends };
                if self.batch.is_empty() {
                    // Thousands of streams are idle: none keeps room that it needed once.
                    self.batch = VecDeque::new();
                }
                return Ok(Some(told.frame));
            }
            if !self.take_news() {
                self.catch_up().await?;
            }
        }
    }

    /// Takes what the hub holds behind the position; `false` when the journal is to be asked.
    fn take_news(&mut self) -> bool {
        let news = self.news.borrow_and_update();
        match news.after(self.after) {
            Some(told) if news.newest > self.after => {
                self.batch.extend(told.cloned());
                true
            }
            _ => false,
        }
    }

    /// Reads what the journal holds behind the position; waits for newer events where there is nothing.
    async fn catch_up(&mut self) -> Result<(), JournalError> {
        let known = self.news.borrow().newest;
        if known == 0 || known > self.after {
            let events = self.core.journal().events(self.id, self.after, BATCH).await?;
            self.batch.extend(events.iter().map(|it| told(self.id, it)));
            if !events.is_empty() {
                return Ok(());
            }
            if self.is_over().await? {
                self.ended = true;
                return Ok(());
            }
        }
        self.wait().await
    }

    /// Whether no newer event will come.
    async fn is_over(&self) -> Result<bool, JournalError> {
        let summary = self.core.journal().workflow(self.id).await?;
        Ok(summary.is_none_or(|it| it.retired || (it.status.is_final() && it.last_sequence <= self.after)))
    }

    /// Waits until there may be newer events. The stream ends where none will come, or the process stops.
    async fn wait(&mut self) -> Result<(), JournalError> {
        let over = tokio::select! {
            () = self.core.scope.stopping() => true,
            _ = self.news.changed() => false,
            () = tokio::time::sleep(LONGEST_WAIT) => {
                let events = self.core.journal().events(self.id, self.after, BATCH).await?;
                self.batch.extend(events.iter().map(|it| told(self.id, it)));
                self.batch.is_empty() && self.is_over().await?
            }
        };
        self.ended = over;
        Ok(())
    }
}

/// Events of the journal's form, ready to be sent.
fn told(id: WorkflowId, recorded: &RecordedEvent) -> Told {
    tell(id, recorded.sequence, recorded.recorded_at, &recorded.event)
}

/// An event of a number and a time, ready to be sent.
pub(crate) fn tell(id: WorkflowId, sequence: u64, at: Timestamp, event: &WorkflowEvent) -> Told {
    Told {
        frame: Frame {
            sequence,
            json: line(id, sequence, at, event).into(),
        },
        ends: is_last(event, false),
        closes: is_last(event, true),
    }
}

/// An event in the contract's form.
#[derive(Serialize)]
struct Line<'a> {
    agent_name: &'a str,
    status: &'a str,
    input: &'a str,
    output: &'a str,
    data: &'a str,
    agent: &'a str,
    message: &'a str,
    timestamp: String,
    workflow_id: String,
    sequence: u64,
    kind: &'a str,
}

/// An event in the contract's form, on one line. It holds text and a number only, so that it cannot fail.
fn line(id: WorkflowId, sequence: u64, at: Timestamp, event: &WorkflowEvent) -> String {
    let agent = event.agent.as_str();
    let line = Line {
        agent_name: agent,
        status: event.status.as_str(),
        input: &event.input,
        output: &event.output,
        data: &event.data,
        agent,
        message: &event.data,
        timestamp: at.to_string(),
        workflow_id: id.to_string(),
        sequence,
        kind: &event.kind,
    };
    serde_json::to_string(&line).unwrap_or_default()
}
