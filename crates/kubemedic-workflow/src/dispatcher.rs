//! Takes jobs from the queue and works on a bounded number of them at a time.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{core::Core, driver, execution, queue::Job};

/// Jobs under way at a time: most of them wait for a model, kubectl or another server; planning has its own, smaller bound.
const MAX_RUNNING: usize = 256;

/// Works until everything is to stop.
pub(crate) async fn run(core: Arc<Core>) {
    let room = Arc::new(Semaphore::new(MAX_RUNNING));
    while !core.scope.is_stopping() {
        tokio::select! {
            () = core.scope.stopping() => return,
            taken = next(&core, &room) => {
                if let Some((job, permit)) = taken {
                    start(&core, job, permit);
                }
            }
        }
    }
}

async fn next(core: &Arc<Core>, room: &Arc<Semaphore>) -> Option<(Job, OwnedSemaphorePermit)> {
    let permit = room.clone().acquire_owned().await.ok()?;
    loop {
        if let Some(job) = core.queue.take() {
            return Some((job, permit));
        }
        if core.queue.take_overflow() {
            refill(core).await;
            continue;
        }
        core.queue.changed().await;
    }
}

/// Jobs were turned away: the journal knows what is unfinished.
async fn refill(core: &Arc<Core>) {
    match core.journal().unfinished().await {
        Ok(ids) => ids.into_iter().for_each(|id| core.queue.wake(Job::Workflow(id))),
        Err(error) => tracing::warn!(%error, "unfinished workflows cannot be listed now"),
    }
}

fn start(core: &Arc<Core>, job: Job, permit: OwnedSemaphorePermit) {
    let core = core.clone();
    core.clone().scope.spawn("job", async move {
        let _done = Done {
            core: core.clone(),
            job: job.clone(),
            _permit: permit,
        };
        match &job {
            Job::Workflow(id) => driver::run(&core, *id).await,
            Job::Approval(id) => execution::run_alone(&core, id).await,
        }
    });
}

/// Gives the job back even when the work panics.
struct Done {
    core: Arc<Core>,
    job: Job,
    _permit: OwnedSemaphorePermit,
}

impl Drop for Done {
    fn drop(&mut self) {
        self.core.queue.done(&self.job);
    }
}
