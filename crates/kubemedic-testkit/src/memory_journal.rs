//! A journal in memory that keeps the journal's contract, and that can be told to crash at a chosen commit.

mod state;

use std::sync::Mutex;

use async_trait::async_trait;
use jiff::Timestamp;
use kubemedic_model::{
    approval::Approval,
    event::RecordedEvent,
    evidence_object::WorkflowInput,
    feedback::RecordedFeedback,
    id::{ApprovalId, WorkflowId},
    workflow::WorkflowSummary,
};
use kubemedic_ports::journal::{
    ApprovalFilter, Committed, Delivery, Journal, JournalError, Transaction, WorkflowFilter,
};
use tokio::sync::watch;

use crate::lock;
use state::{State, capped};

/// Where in a commit the process dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Crash {
    /// Nothing of the transaction is written.
    BeforeWriting,
    /// All of it is written, but the writer never hears of it.
    AfterWriting,
}

#[derive(Debug, Default)]
struct Fault {
    commits: u64,
    planned: Option<(u64, Crash)>,
}

/// A journal in memory.
#[derive(Debug)]
pub struct MemoryJournal {
    state: Mutex<State>,
    fault: Mutex<Fault>,
    crashed: watch::Sender<bool>,
}

impl Default for MemoryJournal {
    fn default() -> Self {
        Self {
            state: Mutex::default(),
            fault: Mutex::default(),
            crashed: watch::Sender::new(false),
        }
    }
}

impl MemoryJournal {
    /// A journal that holds nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Plans a crash at the n-th commit from now, counted from 1. From then on nothing answers until [`Self::revive`].
    pub fn crash_at(&self, nth: u64, crash: Crash) {
        let mut fault = lock(&self.fault);
        fault.planned = Some((fault.commits + nth, crash));
    }

    /// How many commits were tried so far.
    pub fn commits(&self) -> u64 {
        lock(&self.fault).commits
    }

    /// Waits until the planned crash has happened.
    pub async fn crashed(&self) {
        let mut receiver = self.crashed.subscribe();
        let _ = receiver.wait_for(|crashed| *crashed).await;
    }

    /// Whether it has crashed and was not revived.
    pub fn has_crashed(&self) -> bool {
        *self.crashed.borrow()
    }

    /// Answers again, as after a restart. A crash that has not happened yet is called off.
    pub fn revive(&self) {
        lock(&self.fault).planned = None;
        self.crashed.send_replace(false);
    }

    fn read<T>(&self, look: impl FnOnce(&State) -> T) -> Result<T, JournalError> {
        if self.has_crashed() {
            return Err(gone());
        }
        Ok(look(&lock(&self.state)))
    }
}

fn gone() -> JournalError {
    JournalError::Unavailable {
        reason: "crashed by the test".into(),
    }
}

#[async_trait]
impl Journal for MemoryJournal {
    async fn commit(&self, transaction: Transaction) -> Result<Committed, JournalError> {
        let crash = {
            let mut fault = lock(&self.fault);
            fault.commits += 1;
            let commits = fault.commits;
            fault
                .planned
                .filter(|(nth, _)| *nth == commits)
                .map(|(_, crash)| crash)
        };
        if crash == Some(Crash::BeforeWriting) {
            self.crashed.send_replace(true);
        }
        if self.has_crashed() {
            return Err(gone());
        }
        let committed = lock(&self.state).commit(transaction)?;
        if crash == Some(Crash::AfterWriting) {
            self.crashed.send_replace(true);
            return Err(gone());
        }
        Ok(committed)
    }

    async fn workflow(&self, id: WorkflowId) -> Result<Option<WorkflowSummary>, JournalError> {
        self.read(|state| state.summary(id).cloned())
    }

    async fn workflows(&self, filter: &WorkflowFilter) -> Result<Vec<WorkflowSummary>, JournalError> {
        self.read(|state| {
            let wanted = state.workflows.iter().rev().map(|it| &it.summary);
            let wanted = wanted.filter(|it| filter.status.is_none_or(|status| it.status == status));
            capped(wanted, filter.limit)
        })
    }

    async fn unfinished(&self) -> Result<Vec<WorkflowId>, JournalError> {
        self.read(|state| {
            let open = state.workflows.iter().filter(|it| !it.summary.status.is_final());
            open.map(|it| it.summary.id).collect()
        })
    }

    async fn input(&self, id: WorkflowId) -> Result<Option<WorkflowInput>, JournalError> {
        self.read(|state| state.workflow(id).and_then(|it| it.input.clone()))
    }

    async fn events(
        &self,
        id: WorkflowId,
        after: u64,
        limit: u32,
    ) -> Result<Vec<RecordedEvent>, JournalError> {
        self.read(|state| {
            let events = state
                .workflow(id)
                .map(|it| it.events.as_slice())
                .unwrap_or_default();
            capped(events.iter().filter(|it| it.sequence > after), limit)
        })
    }

    async fn approval(&self, id: &ApprovalId) -> Result<Option<Approval>, JournalError> {
        self.read(|state| {
            let found = state.approvals.iter().find(|it| it.id == *id);
            found.map(|it| it.as_ref().clone())
        })
    }

    async fn approvals(&self, filter: &ApprovalFilter) -> Result<Vec<Approval>, JournalError> {
        self.read(|state| {
            let approvals = state.approvals.iter().map(AsRef::as_ref);
            let wanted = approvals.filter(|it| {
                filter.status.is_none_or(|status| it.status == status)
                    && filter.workflow_id.is_none_or(|id| it.workflow_id == Some(id))
                    && (filter.idempotency_key.is_none() || it.idempotency_key == filter.idempotency_key)
            });
            capped(wanted, filter.limit)
        })
    }

    async fn due_deliveries(&self, now: Timestamp, limit: u32) -> Result<Vec<Delivery>, JournalError> {
        self.read(|state| {
            let mut due: Vec<&Delivery> = state.deliveries.values().collect();
            due.retain(|it| it.next_attempt_at <= now);
            due.sort_by_key(|it| it.next_attempt_at);
            capped(due.into_iter(), limit)
        })
    }

    async fn next_delivery_at(&self) -> Result<Option<Timestamp>, JournalError> {
        self.read(|state| state.deliveries.values().map(|it| it.next_attempt_at).min())
    }

    async fn feedback(&self, after: u64, limit: u32) -> Result<Vec<RecordedFeedback>, JournalError> {
        self.read(|state| {
            let feedback = state.feedback.iter().map(AsRef::as_ref);
            capped(feedback.filter(|it| it.sequence > after), limit)
        })
    }

    async fn has_feedback(&self, key: &str) -> Result<bool, JournalError> {
        self.read(|state| state.feedback_keys.contains(key))
    }

    async fn retire(&self, closed_before: Timestamp) -> Result<u64, JournalError> {
        if self.has_crashed() {
            return Err(gone());
        }
        Ok(lock(&self.state).retire(closed_before))
    }

    async fn check(&self) -> Result<(), JournalError> {
        self.read(|_| ())
    }
}
