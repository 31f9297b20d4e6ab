//! A workflow's events as a stream: replayed from any position, then live, for any number of readers.

use kubemedic_model::id::WorkflowId;
use kubemedic_ports::journal::JournalError;

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
pub struct EventStream {}

impl EventStream {
    /// The next event; `None` when the stream has ended. Waits for events that are still to come.
    ///
    /// # Errors
    /// [`JournalError`] when the journal does not answer; the client resumes later.
    pub async fn next(&mut self) -> Result<Option<Frame>, JournalError> {
        Ok(None)
    }
}

/// What a client that asks for a stream gets.
#[derive(Debug)]
pub enum Opened {
    /// Events.
    Stream(EventStream),
    /// The client has seen the last one: 204.
    AlreadyAtEnd,
}
