//! The ledger in memory: rebuilt from the journal, kept in the order of the journal's numbers, copied to the feedback file.

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use kubemedic_engine::learning::{Ledger, ranker::Hyper};
use kubemedic_model::feedback::{FeedbackRecord, RecordedFeedback};
use kubemedic_ports::journal::JournalError;
use tokio::sync::Mutex;

use super::snapshots;
use crate::core::Core;

/// Feedback events that are read at a time.
const AT_A_TIME: u32 = 256;

/// The ledger of this process. Whoever ranks plans reads it while others are recorded: the file is written without holding it.
#[derive(Debug, Default)]
pub(crate) struct LedgerKeeper {
    ledger: RwLock<Ledger>,
    /// How far it is folded. Who holds this folds and writes the file.
    folded: Mutex<Folded>,
}

#[derive(Debug, Default)]
struct Folded {
    /// The number of the newest event folded in.
    newest: u64,
    /// The feedback file lacks something, because it could not be written.
    behind: bool,
    /// The number of the newest event in the snapshot.
    in_snapshot: u64,
}

impl LedgerKeeper {
    /// An empty ledger with these constants.
    pub(crate) fn of(hyper: &Hyper) -> Self {
        Self {
            ledger: RwLock::new(Ledger::with(hyper.clone())),
            ..Self::default()
        }
    }

    /// The ledger, to look at briefly or off the runtime.
    pub(crate) fn read(&self) -> RwLockReadGuard<'_, Ledger> {
        self.ledger.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn fold(&self, events: &[RecordedFeedback]) -> Vec<FeedbackRecord> {
        let mut ledger = self.ledger.write().unwrap_or_else(PoisonError::into_inner);
        let changed = events.iter().filter_map(|event| {
            let id = ledger.apply(event)?;
            ledger.record(&id).cloned()
        });
        changed.collect()
    }
}

impl Core {
    /// Looks at the ledger.
    pub(crate) fn with_ledger<T>(&self, look: impl FnOnce(&Ledger) -> T) -> T {
        look(&self.ledger.read())
    }

    /// Folds everything that is in the journal, from the newest snapshot on, then brings the feedback file up to it.
    pub(crate) async fn rebuild_ledger(&self) -> Result<(), JournalError> {
        let mut folded = self.ledger.folded.lock().await;
        if let Some(ledger) = snapshots::newest(self).await? {
            folded.newest = ledger.sequence();
            folded.in_snapshot = folded.newest;
            *self.ledger.ledger.write().unwrap_or_else(PoisonError::into_inner) = ledger;
        }
        self.fold_new(&mut folded).await?;
        self.bring_up_file(&mut folded).await;
        Ok(())
    }

    /// Keeps a snapshot where enough happened since the last one.
    pub(crate) async fn keep_snapshot(self: &Arc<Self>) {
        let (newest, before) = {
            let folded = self.ledger.folded.lock().await;
            (folded.newest, folded.in_snapshot)
        };
        // A snapshot takes as long as there is history: after a tenth of it more, all of them take no longer than ten times that.
        let due = self.config.snapshot_events.max(newest / 10);
        if newest - before < due {
            return;
        }
        match snapshots::keep(self).await {
            Ok(newest) => self.ledger.folded.lock().await.in_snapshot = newest,
            Err(error) => {
                tracing::warn!(%error, "no snapshot of what was learnt; starts fold the whole journal");
            }
        }
    }

    /// Folds what is new in the journal and appends it to the feedback file, unless somebody else has done so up to `number`: those who
    /// come while the file is written share the next write. What fails now is made good at the next event, sweep or start.
    pub(crate) async fn catch_up_with_feedback(&self, number: u64) {
        let mut folded = self.ledger.folded.lock().await;
        if folded.newest >= number {
            return;
        }
        let changed = match self.fold_new(&mut folded).await {
            Ok(changed) => changed,
            Err(error) => return tracing::warn!(%error, "feedback is in the journal but not folded yet"),
        };
        if folded.behind {
            return self.bring_up_file(&mut folded).await;
        }
        if let Err(error) = self.ports.feedback_file.append(&changed).await {
            tracing::error!(%error, "the feedback file is behind the journal until it can be written");
            folded.behind = true;
        }
    }

    /// Tries again to write what the feedback file lacks, if anything.
    pub(crate) async fn mend_feedback_file(&self) {
        let mut folded = self.ledger.folded.lock().await;
        if folded.behind {
            self.bring_up_file(&mut folded).await;
        }
    }

    /// Writes everything that the feedback file lacks.
    async fn bring_up_file(&self, folded: &mut Folded) {
        let records: Vec<FeedbackRecord> = self.with_ledger(|ledger| ledger.records().cloned().collect());
        let written = self.ports.feedback_file.reconcile(&records).await;
        match &written {
            Ok(()) if folded.behind => tracing::info!("the feedback file has everything again"),
            Err(error) if !folded.behind => {
                tracing::error!(%error, "the feedback file is behind the journal until it can be written");
            }
            _ => {}
        }
        folded.behind = written.is_err();
    }

    async fn fold_new(&self, folded: &mut Folded) -> Result<Vec<FeedbackRecord>, JournalError> {
        let mut changed = Vec::new();
        loop {
            let events = self.journal().feedback(folded.newest, AT_A_TIME).await?;
            changed.extend(self.ledger.fold(&events));
            folded.newest = events.last().map_or(folded.newest, |it| it.sequence);
            if events.len() < AT_A_TIME as usize {
                return Ok(changed);
            }
        }
    }
}
