//! Bounds what planning takes of the machine: the bytes of the inputs that are worked on, whatever their number, and the processors
//! that work on them.

use std::{future::Future, io, sync::Arc};

use kubemedic_model::evidence_object::WorkflowInput;
use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore};

use crate::tasks::{Scope, Unfinished};

/// Room is given in pieces of this size.
const PIECE_BYTES: usize = 64 * 1024;
/// The pieces of each worker: 32 MiB, the largest input that is taken by default.
const PIECES_OF_A_WORKER: u32 = 512;

/// The room for inputs.
#[derive(Debug)]
pub(crate) struct PlanningRoom {
    pieces: Arc<Semaphore>,
    most: u32,
    /// Who reads an input whose size is not known yet.
    entering: Mutex<()>,
    workers: Semaphore,
}

impl PlanningRoom {
    /// Room for so many of the largest inputs, or a great many small ones.
    pub(crate) fn new(workers: usize) -> Self {
        let most = u32::try_from(workers.max(1)).map_or(u32::MAX, |it| it.saturating_mul(PIECES_OF_A_WORKER));
        Self {
            pieces: Arc::new(Semaphore::new(most as usize)),
            most,
            entering: Mutex::new(()),
            workers: Semaphore::new(workers.max(1)),
        }
    }

    /// Reads an input and waits until there is room for it; it is given back with the permit.
    ///
    /// # Errors
    /// Those of reading.
    pub(crate) async fn enter<E>(
        &self,
        read: impl Future<Output = Result<Option<WorkflowInput>, E>>,
    ) -> Result<Option<(WorkflowInput, Option<OwnedSemaphorePermit>)>, E> {
        let _one_of_unknown_size = self.entering.lock().await;
        let Some(input) = read.await? else {
            return Ok(None);
        };
        let pieces = u32::try_from(size(&input) / PIECE_BYTES + 1).unwrap_or(u32::MAX);
        let permit = self
            .pieces
            .clone()
            .acquire_many_owned(pieces.min(self.most))
            .await;
        Ok(Some((input, permit.ok())))
    }

    /// Runs work of planning off the runtime, as much at a time as there are workers.
    ///
    /// # Errors
    /// [`Unfinished`] when it panicked or was given up.
    pub(crate) async fn compute<T: Send + 'static>(
        &self,
        scope: &Scope,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Unfinished> {
        let _worker = self.workers.acquire().await;
        scope.compute(work).await
    }
}

/// The bytes of an input, as it is stored.
fn size(input: &WorkflowInput) -> usize {
    match input {
        WorkflowInput::Text(text) => text.len(),
        WorkflowInput::Evidence(evidence) => {
            let mut counted = Counted(0);
            // What cannot be written has no size that matters: it could not be stored either.
            let _ = serde_json::to_writer(&mut counted, evidence);
            counted.0
        }
    }
}

/// Counts what is written.
struct Counted(usize);

impl io::Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
