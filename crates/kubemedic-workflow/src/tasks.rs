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

/// How long work under way may go on after everything was told to stop; a service manager waits ten seconds or thirty.
const COMPUTE_GRACE: Duration = Duration::from_secs(5);

/// A piece of work has no result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfinished {
    /// It panicked.
    #[error("the work ended unexpectedly: {0}")]
    Panicked(String),
    /// Everything is to stop and it took too long; it is done again at the next start.
    #[error("the server is stopping: try again when it is back")]
    Stopping,
}

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

    /// Runs CPU-heavy work off the runtime. It has no effect but its result: at a stop it is waited for briefly, then given up.
    ///
    /// # Errors
    /// [`Unfinished`] when the work panicked or was given up.
    pub async fn compute<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Unfinished> {
        let given_up = async {
            self.stopping().await;
            tokio::time::sleep(COMPUTE_GRACE).await;
        };
        tokio::select! {
            joined = tokio::task::spawn_blocking(work) => {
                joined.map_err(|error| Unfinished::Panicked(error.to_string()))
            }
            () = given_up => Err(Unfinished::Stopping),
        }
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

#[cfg(test)]
mod tests;
