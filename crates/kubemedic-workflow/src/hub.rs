//! Tells readers of streams that a workflow has newer events, with the newest of them ready to send: made once, shared by all.
//! It is a short cut only. The events stay in the journal, and whoever does not find them here reads them there.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use kubemedic_model::id::WorkflowId;
use tokio::sync::watch;

use crate::stream::Told;

/// What is kept of events that went before the newest transaction, for readers that are not so quick, in bytes for each workflow.
const MAX_KEPT_BYTES: usize = 16 * 1024;
/// A transaction with more than this is read from the journal by everyone, in bytes.
const MAX_SHARED_BYTES: usize = 256 * 1024;
/// With so many workflows somebody looks for those that nobody reads any more; then with twice as many as were left.
const FIRST_SWEEP: usize = 64;

/// What is new in a workflow.
#[derive(Debug, Clone, Default)]
pub(crate) struct News {
    /// The number of the newest event; 0 as long as nothing was told.
    pub(crate) newest: u64,
    /// The newest events without a gap up to `newest`, or none.
    latest: Arc<[Told]>,
}

/// The workflows that somebody reads.
#[derive(Debug)]
pub(crate) struct Hub {
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    readers: HashMap<WorkflowId, watch::Sender<News>>,
    next_sweep: usize,
}

impl Default for Hub {
    fn default() -> Self {
        Self {
            inner: Mutex::new(Inner {
                readers: HashMap::new(),
                next_sweep: FIRST_SWEEP,
            }),
        }
    }
}

impl Hub {
    fn change<T>(&self, change: impl FnOnce(&mut Inner) -> T) -> T {
        change(&mut self.inner.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether somebody reads the workflow.
    pub(crate) fn is_read(&self, id: WorkflowId) -> bool {
        self.change(|inner| inner.readers.get(&id).is_some_and(|it| it.receiver_count() > 0))
    }

    /// Tells the readers of a workflow of events up to `newest`; `told` holds them, or nothing. It is forgotten when nobody reads it.
    pub(crate) fn publish(&self, id: WorkflowId, newest: u64, told: Vec<Told>) {
        self.change(|inner| {
            let Some(sender) = inner.readers.get(&id) else {
                return;
            };
            if sender.receiver_count() == 0 {
                inner.readers.remove(&id);
            } else {
                // Transactions may be told in another order than they were written: the newest number stays.
                sender.send_if_modified(|news| news.newest < newest && news.extend(newest, told));
            }
        });
    }

    /// Hears of newer events of a workflow from now on.
    pub(crate) fn subscribe(&self, id: WorkflowId) -> watch::Receiver<News> {
        self.change(|inner| {
            if inner.readers.len() >= inner.next_sweep {
                inner.readers.retain(|_, sender| sender.receiver_count() > 0);
                inner.next_sweep = (inner.readers.len() * 2).max(FIRST_SWEEP);
            }
            let sender = inner.readers.entry(id);
            sender
                .or_insert_with(|| watch::Sender::new(News::default()))
                .subscribe()
        })
    }
}

impl News {
    /// The events with numbers above `after`, if all of them are here.
    pub(crate) fn after(&self, after: u64) -> Option<impl Iterator<Item = &Told>> {
        let first = self.latest.first()?.frame.sequence;
        (first <= after + 1).then(|| self.latest.iter().filter(move |it| it.frame.sequence > after))
    }

    fn extend(&mut self, newest: u64, told: Vec<Told>) -> bool {
        let bytes = |told: &[Told]| told.iter().map(|it| it.frame.json.len()).sum::<usize>();
        let whole = told.last().is_some_and(|it| it.frame.sequence == newest);
        let follows = told
            .first()
            .is_some_and(|it| it.frame.sequence == self.newest + 1);
        self.newest = newest;
        self.latest = if !whole || bytes(&told) > MAX_SHARED_BYTES {
            Arc::default()
        } else if follows && bytes(&self.latest) + bytes(&told) <= MAX_KEPT_BYTES {
            self.latest.iter().cloned().chain(told).collect()
        } else {
            told.into()
        };
        true
    }
}

#[cfg(test)]
mod tests;
