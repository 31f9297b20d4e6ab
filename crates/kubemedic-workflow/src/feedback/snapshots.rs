//! Snapshots of the ledger, so that a start folds only what is new. Whatever is wrong with one, the journal is folded instead.

use std::sync::Arc;

use kubemedic_engine::learning::{Ledger, Snapshot, SnapshotError, snapshot};
use kubemedic_model::feedback::RecordedFeedback;
use kubemedic_ports::{journal::JournalError, ledger_snapshots::SnapshotStoreError};

use crate::{core::Core, tasks::Unfinished};

/// Why a snapshot was not kept.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotKept {
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    #[error(transparent)]
    Store(#[from] SnapshotStoreError),
    #[error(transparent)]
    Unfinished(#[from] Unfinished),
}

/// The ledger of the newest snapshot; `None` where there is none that can be continued.
pub(super) async fn newest(core: &Core) -> Result<Option<Ledger>, JournalError> {
    match read(core).await {
        Ok(ledger) => Ok(ledger),
        Err(NotKept::Journal(error)) => Err(error),
        Err(error) => {
            tracing::info!(%error, "the whole journal is folded");
            Ok(None)
        }
    }
}

async fn read(core: &Core) -> Result<Option<Ledger>, NotKept> {
    let Some(bytes) = core.ports.snapshots.newest().await? else {
        return Ok(None);
    };
    let newest = event(core, Snapshot::read(&bytes)?.sequence()).await?;
    let hyper = core.config.learning.clone();
    let open = move || Snapshot::read(&bytes)?.open(&hyper, newest.as_ref());
    Ok(Some(core.scope.compute(open).await??))
}

/// Keeps a snapshot of the ledger as it is now. Returns the number of the newest event in it.
pub(super) async fn keep(core: &Arc<Core>) -> Result<u64, NotKept> {
    let mut newest = core.with_ledger(Ledger::sequence);
    loop {
        let event = event(core, newest).await?.ok_or(SnapshotError::OtherJournal)?;
        let taken = {
            let core = core.clone();
            move || {
                core.with_ledger(|ledger| match ledger.sequence() {
                    now if now == event.sequence => snapshot(ledger, &event).map(Ok),
                    now => Ok(Err(now)),
                })
            }
        };
        match core.scope.compute(taken).await?? {
            Ok(bytes) => {
                core.ports.snapshots.replace(bytes).await?;
                return Ok(newest);
            }
            // Something was folded meanwhile.
            Err(now) => newest = now,
        }
    }
}

/// The journal's event of a number.
async fn event(core: &Core, number: u64) -> Result<Option<RecordedFeedback>, JournalError> {
    let Some(before) = number.checked_sub(1) else {
        return Ok(None);
    };
    let events = core.journal().feedback(before, 1).await?;
    Ok(events.into_iter().find(|it| it.sequence == number))
}
