//! The one lawful place where tasks start: all of them are waited for at shutdown, and each knows when to stop.

use std::{future::Future, panic::AssertUnwindSafe, time::Duration};

use futures_util::FutureExt;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// The tasks of one process.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    tracker: TaskTracker,
    stop: CancellationToken,
}

/// A piece of work ended in a panic.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the work ended unexpectedly: {0}")]
pub struct Panicked(pub String);

impl Scope {
    /// A scope without tasks.
    pub fn new() -> Self {
        Self::default()
    }

    /// Starts a task. A panic in it is logged and ends only the task.
    pub fn spawn(&self, name: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        self.tracker.spawn(async move {
            if AssertUnwindSafe(task).catch_unwind().await.is_err() {
                tracing::error!(task = name, "a task ended in a panic");
            }
        });
    }

    /// Runs CPU-heavy work off the runtime.
    ///
    /// # Errors
    /// [`Panicked`] when the work panicked.
    pub async fn compute<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Panicked> {
        let joined = self.tracker.spawn_blocking(work).await;
        joined.map_err(|error| Panicked(error.to_string()))
    }

    /// Whether everything is to stop.
    pub fn is_stopping(&self) -> bool {
        self.stop.is_cancelled()
    }

    /// Waits until everything is to stop.
    pub async fn stopping(&self) {
        self.stop.cancelled().await;
    }

    /// Sleeps; `false` when everything is to stop meanwhile.
    pub async fn sleep(&self, time: Duration) -> bool {
        tokio::select! {
            () = self.stopping() => false,
            () = tokio::time::sleep(time) => true,
        }
    }

    /// Tells every task to stop and waits until they have. What a task must not break off, it ends first.
    pub async fn shut_down(&self) {
        self.stop.cancel();
        self.tracker.close();
        self.tracker.wait().await;
    }
}
