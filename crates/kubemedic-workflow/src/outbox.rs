//! Brings deliveries to other servers: at once, and again with growing waits until they are taken. A proposal whose fate is not
//! known is looked for there before it is sent again.

mod proposal;
mod webhook;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures_util::{StreamExt, stream};
use jiff::SignedDuration;
use kubemedic_model::id::{ApprovalId, WorkflowId};
use kubemedic_ports::journal::{Delivery, Destination, JournalError, Write};
use tokio::sync::Notify;

use crate::{core::Core, events::cut, machine::State, retry::backoff};
pub(crate) use proposal::deliver_proposal;

/// Deliveries that are tried at a time.
const AT_A_TIME: usize = 8;
/// Deliveries that are read at a time.
const BATCH: u32 = 64;
/// The longest sleep, so that a lost notice costs no more than that.
const LONGEST_SLEEP: Duration = Duration::from_secs(30);
/// The most of an error that is kept, in bytes.
const MAX_ERROR_BYTES: usize = 500;

/// What the outbox knows in memory.
#[derive(Debug, Default)]
pub(crate) struct OutboxState {
    /// There may be something to deliver.
    pub(crate) work: Notify,
    /// Deliveries that somebody in this process is trying now.
    under_way: Mutex<BTreeSet<String>>,
    /// Approvals on the other server that nobody has decided yet.
    undecided: Mutex<BTreeMap<ApprovalId, WorkflowId>>,
}

impl OutboxState {
    /// Claims a delivery; `None` when somebody else has it.
    fn claim(&self, id: &str) -> Option<Claim<'_>> {
        let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        let claimed = under_way.insert(id.to_owned());
        claimed.then(|| Claim {
            outbox: self,
            id: id.to_owned(),
        })
    }

    /// Keeps in mind which approvals of a workflow are undecided, for the poller.
    pub(crate) fn watch(&self, id: WorkflowId, state: &State) {
        let mut undecided = self.undecided.lock().unwrap_or_else(PoisonError::into_inner);
        undecided.retain(|_, workflow| *workflow != id);
        if !state.closed {
            undecided.extend(state.undecided().map(|approval| (approval.clone(), id)));
        }
    }

    /// The undecided approvals.
    pub(crate) fn undecided(&self) -> Vec<ApprovalId> {
        let undecided = self.undecided.lock().unwrap_or_else(PoisonError::into_inner);
        undecided.keys().cloned().collect()
    }
}

/// A delivery that this task tries.
struct Claim<'a> {
    outbox: &'a OutboxState,
    id: String,
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        let mut under_way = self
            .outbox
            .under_way
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        under_way.remove(&self.id);
    }
}

/// Delivers until everything is to stop.
pub(crate) async fn run(core: Arc<Core>) {
    while !core.scope.is_stopping() {
        if let Err(error) = deliver_due(&core).await {
            tracing::warn!(%error, "the outbox cannot be read or written now");
        }
        let wait = next_wait(&core).await;
        tokio::select! {
            () = core.scope.stopping() => return,
            () = core.outbox.work.notified() => {}
            () = tokio::time::sleep(wait) => {}
        }
    }
}

async fn next_wait(core: &Core) -> Duration {
    let next = core.journal().next_delivery_at().await.ok().flatten();
    let wait = next.map(|at| at.duration_since(core.now()).max(SignedDuration::from_millis(50)));
    let wait = wait.and_then(|it| Duration::try_from(it).ok());
    wait.unwrap_or(LONGEST_SLEEP).min(LONGEST_SLEEP)
}

/// Tries every delivery that is due.
pub(crate) async fn deliver_due(core: &Core) -> Result<(), JournalError> {
    let due = core.journal().due_deliveries(core.now(), BATCH).await?;
    let tries = due.into_iter().map(|delivery| deliver(core, delivery));
    let results: Vec<Result<(), JournalError>> =
        stream::iter(tries).buffer_unordered(AT_A_TIME).collect().await;
    results.into_iter().collect()
}

async fn deliver(core: &Core, delivery: Delivery) -> Result<(), JournalError> {
    if delivery.attempts > 0 {
        metrics::counter!("kubemedic_outbox_retries_total").increment(1);
    }
    match delivery.destination {
        Destination::Webhook => webhook::deliver(core, delivery).await,
        Destination::Proposal {
            workflow_id,
            position,
        } => deliver_proposal(core, delivery, (workflow_id, position), false).await,
    }
}

/// The delivery after one more failed try. `at_least` is the wait that the receiver asks for.
fn postponed(core: &Core, mut delivery: Delivery, error: &str, at_least: Option<u64>) -> Write {
    delivery.attempts = delivery.attempts.saturating_add(1);
    let wait = backoff(delivery.attempts, &delivery.id);
    let asked = Duration::from_secs(at_least.unwrap_or(0).min(3600));
    let wait = SignedDuration::try_from(wait.max(asked)).unwrap_or_default();
    let now = core.now();
    delivery.next_attempt_at = now.checked_add(wait).unwrap_or(now);
    delivery.last_error = Some(cut(error, MAX_ERROR_BYTES));
    Write::PutDelivery(delivery)
}
