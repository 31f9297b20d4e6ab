//! What one workflow has spent on models, and since when models work for it. The limits are `ModelsConfig`'s.

use std::{
    sync::{Arc, Mutex, MutexGuard, OnceLock},
    time::Duration,
};

use jiff::Timestamp;
use kubemedic_model::usage::ModelSpending;
use kubemedic_ports::clock::Clock;
use tokio::time::Instant;

use super::budget::{Account, lock};

/// Longer than any workflow: what is set beyond it would not fit into time.
const LONGEST: Duration = Duration::from_hours(24 * 365);

/// The meter of one workflow. A workflow that goes on after a restart brings along what it has spent; its time begins anew.
#[derive(Debug)]
pub struct Meter {
    account: Mutex<Account>,
    clock: Arc<dyn Clock>,
    began: OnceLock<(Instant, Timestamp)>,
}

impl Meter {
    /// The meter of a workflow that has spent so much already.
    pub fn new(spent: ModelSpending, clock: Arc<dyn Clock>) -> Self {
        Self {
            account: Mutex::new(Account::of(spent)),
            clock,
            began: OnceLock::new(),
        }
    }

    /// What the workflow has spent so far, failed tries included.
    pub fn spent(&self) -> ModelSpending {
        self.account().spent
    }

    pub(super) fn account(&self) -> MutexGuard<'_, Account> {
        lock(&self.account)
    }

    /// When the time of the workflow's models is over: it begins with the first question.
    pub(super) fn deadline(&self, timeout: Duration) -> Deadline {
        let (began, since) = *self.began.get_or_init(|| (Instant::now(), self.clock.now()));
        Deadline {
            at: began + timeout.min(LONGEST),
            since,
            timeout,
        }
    }

    /// Adds what a replayed answer has cost.
    pub(super) fn add(&self, spent: ModelSpending) {
        let mut account = self.account();
        account.spent = account.spent.plus(spent);
    }
}

/// When the time of a workflow's models is over.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deadline {
    pub(super) at: Instant,
    pub(super) since: Timestamp,
    pub(super) timeout: Duration,
}
