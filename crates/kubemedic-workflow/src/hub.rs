//! Tells readers of streams that a workflow has newer events. It holds numbers only; the events stay in the journal.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use kubemedic_model::id::WorkflowId;
use tokio::sync::watch;

/// The newest event number of each workflow that somebody reads.
#[derive(Debug, Default)]
pub(crate) struct Hub {
    readers: Mutex<HashMap<WorkflowId, watch::Sender<u64>>>,
}

impl Hub {
    /// Tells the readers of a workflow. Workflows that nobody reads are forgotten.
    pub(crate) fn publish(&self, id: WorkflowId, newest: u64) {
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = readers.get(&id) {
            sender.send_replace(newest);
        }
        readers.retain(|_, sender| sender.receiver_count() > 0);
    }

    /// Hears of newer events of a workflow from now on.
    pub(crate) fn subscribe(&self, id: WorkflowId) -> watch::Receiver<u64> {
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        readers
            .entry(id)
            .or_insert_with(|| watch::Sender::new(0))
            .subscribe()
    }
}
