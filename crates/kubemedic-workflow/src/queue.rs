//! Which work waits and which is under way in this process. A piece of work is never under way twice.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Mutex, PoisonError},
};

use kubemedic_model::id::{ApprovalId, WorkflowId};
use tokio::sync::{Notify, watch};

/// A piece of work.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Job {
    /// Whatever is next for a workflow.
    Workflow(WorkflowId),
    /// The commands of an approval that belongs to no workflow of ours.
    Approval(ApprovalId),
}

/// The most jobs that wait in memory; further workflows wait in the journal as unfinished.
const MAX_WAITING: usize = 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Waiting,
    Running,
    /// Something happened to it while it was under way: once more.
    RunningAgain,
}

#[derive(Debug, Default)]
struct Inner {
    waiting: VecDeque<Job>,
    known: BTreeMap<Job, Phase>,
    overflowed: bool,
}

/// The work of this process.
#[derive(Debug)]
pub(crate) struct Queue {
    inner: Mutex<Inner>,
    work: Notify,
    busy: watch::Sender<bool>,
}

impl Default for Queue {
    fn default() -> Self {
        Self {
            inner: Mutex::default(),
            work: Notify::new(),
            busy: watch::Sender::new(false),
        }
    }
}

impl Queue {
    fn change<T>(&self, change: impl FnOnce(&mut Inner) -> T) -> T {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = change(&mut inner);
        let busy = !inner.known.is_empty() || inner.overflowed;
        self.busy
            .send_if_modified(|before| std::mem::replace(before, busy) != busy);
        answer
    }

    /// Something happened to the job: it is to be looked at.
    pub(crate) fn wake(&self, job: Job) {
        self.change(|inner| match inner.known.get_mut(&job) {
            Some(phase @ Phase::Running) => *phase = Phase::RunningAgain,
            Some(_) => {}
            None if inner.waiting.len() >= MAX_WAITING => inner.overflowed = true,
            None => {
                inner.known.insert(job.clone(), Phase::Waiting);
                inner.waiting.push_back(job);
            }
        });
        self.work.notify_one();
    }

    /// Wakes the job when the answer is dropped: at the end of a request, whichever end it has.
    pub(crate) fn wake_at_end(&self, job: Job) -> WakeAtEnd<'_> {
        WakeAtEnd {
            queue: self,
            job: Some(job),
        }
    }

    /// The next job, now under way.
    pub(crate) fn take(&self) -> Option<Job> {
        self.change(|inner| {
            let job = inner.waiting.pop_front()?;
            inner.known.insert(job.clone(), Phase::Running);
            Some(job)
        })
    }

    /// The job is no longer under way.
    pub(crate) fn done(&self, job: &Job) {
        self.change(|inner| {
            if inner.known.remove(job) == Some(Phase::RunningAgain) {
                inner.known.insert(job.clone(), Phase::Waiting);
                inner.waiting.push_back(job.clone());
            }
        });
        self.work.notify_one();
    }

    /// Whether jobs were turned away and nothing waits any more: the journal knows them. Asking resets it.
    pub(crate) fn take_overflow(&self) -> bool {
        self.change(|inner| inner.waiting.is_empty() && std::mem::take(&mut inner.overflowed))
    }

    /// Waits until there may be a job.
    pub(crate) async fn changed(&self) {
        self.work.notified().await;
    }

    /// Waits until nothing waits and nothing is under way.
    pub(crate) async fn idle(&self) {
        let _ = self.busy.subscribe().wait_for(|busy| !busy).await;
    }
}

/// Wakes a job when it is dropped.
pub(crate) struct WakeAtEnd<'a> {
    queue: &'a Queue,
    job: Option<Job>,
}

impl Drop for WakeAtEnd<'_> {
    fn drop(&mut self) {
        if let Some(job) = self.job.take() {
            self.queue.wake(job);
        }
    }
}
