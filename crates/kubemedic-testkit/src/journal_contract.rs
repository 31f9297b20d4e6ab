//! The contract of every journal, real or not: each promise is one function that is given a fresh journal, and [`journal_contract`]
//! runs all of them. A broken promise stops the test with its place.
#![expect(
    clippy::expect_used,
    reason = "a contract test stops at the first broken promise"
)]

mod builders;
mod feedback;
mod servers;
mod workflows;

use std::{future::Future, sync::Arc};

use kubemedic_ports::journal::{Committed, Journal, JournalError, Transaction, Write};

pub use builders::{approval, event, summary, workflow_id};

/// Runs every promise on a journal of its own. `make` returns an empty journal each time.
///
/// # Panics
/// When a promise is broken.
pub async fn journal_contract<F, J>(make: impl Fn() -> F)
where
    F: Future<Output = J>,
    J: Journal + 'static,
{
    let make = || async { Arc::new(make().await) as Arc<dyn Journal> };
    workflows::an_empty_journal_knows_nothing(make().await.as_ref()).await;
    workflows::a_created_workflow_is_read_back_with_its_input(make().await.as_ref()).await;
    workflows::an_id_is_taken_once(make().await.as_ref()).await;
    workflows::events_are_numbered_without_gaps_and_read_in_batches(make().await.as_ref()).await;
    workflows::a_writer_that_missed_an_event_gets_a_conflict(make().await.as_ref()).await;
    workflows::a_summary_keeps_the_journals_own_number(make().await.as_ref()).await;
    workflows::lists_are_filtered_ordered_and_limited(make().await.as_ref()).await;
    workflows::a_transaction_with_one_failing_write_leaves_nothing(make().await.as_ref()).await;
    workflows::retiring_drops_input_and_events_and_keeps_decisions(make().await.as_ref()).await;
    workflows::of_many_writers_at_once_one_wins(make().await).await;
    servers::an_approval_is_replaced_by_its_next_revision_only(make().await.as_ref()).await;
    servers::an_idempotency_key_is_taken_once(make().await.as_ref()).await;
    servers::approvals_are_filtered_and_the_oldest_first(make().await.as_ref()).await;
    servers::deliveries_come_when_they_are_due_the_longest_due_first(make().await.as_ref()).await;
    feedback::feedback_is_numbered_and_its_keys_are_taken_once(make().await.as_ref()).await;
}

/// Commits writes at the contract's own time.
pub(crate) async fn commit(journal: &dyn Journal, writes: Vec<Write>) -> Result<Committed, JournalError> {
    let at = builders::at(0);
    journal.commit(Transaction { at, writes }).await
}

/// Commits writes that must be taken.
pub(crate) async fn write(journal: &dyn Journal, writes: Vec<Write>) -> Committed {
    commit(journal, writes).await.expect("the writes are taken")
}

/// Whether the journal says that somebody else was faster.
pub(crate) fn is_conflict(result: &Result<Committed, JournalError>) -> bool {
    matches!(result, Err(JournalError::Conflict { .. }))
}

/// Whether the journal says that it has it already.
pub(crate) fn is_duplicate(result: &Result<Committed, JournalError>) -> bool {
    matches!(result, Err(JournalError::Duplicate { .. }))
}
