//! The ledger in memory: rebuilt from the journal, kept in the order of the journal's numbers, copied to the feedback file.

use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use kubemedic_engine::learning::Ledger;
use kubemedic_model::feedback::{FeedbackRecord, RecordedFeedback};
use kubemedic_ports::journal::JournalError;
use tokio::sync::Mutex;

use crate::core::Core;

/// Feedback events that are read at a time.
const AT_A_TIME: u32 = 256;

/// The ledger of this process. Whoever ranks plans reads it while others are recorded: the file is written without holding it.
#[derive(Debug, Default)]
pub(crate) struct LedgerKeeper {
    ledger: RwLock<Ledger>,
    /// The number of the newest event folded in. Who holds it folds and writes the file.
    newest: Mutex<u64>,
}

impl LedgerKeeper {
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

    /// Folds everything that is in the journal, then brings the feedback file up to it.
    pub(crate) async fn rebuild_ledger(&self) -> Result<(), JournalError> {
        let mut newest = self.ledger.newest.lock().await;
        self.fold_new(&mut newest).await?;
        let records: Vec<FeedbackRecord> = self.with_ledger(|ledger| ledger.records().cloned().collect());
        if let Err(error) = self.ports.feedback_file.reconcile(&records).await {
            tracing::error!(%error, "the feedback file is behind the journal until the next start");
        }
        Ok(())
    }

    /// Folds what is new in the journal and appends it to the feedback file, unless somebody else has done so up to `number`: those who
    /// come while the file is written share the next write. What fails now is made good at the next event or start.
    pub(crate) async fn catch_up_with_feedback(&self, number: u64) {
        let mut newest = self.ledger.newest.lock().await;
        if *newest >= number {
            return;
        }
        let changed = match self.fold_new(&mut newest).await {
            Ok(changed) => changed,
            Err(error) => return tracing::warn!(%error, "feedback is in the journal but not folded yet"),
        };
        if let Err(error) = self.ports.feedback_file.append(&changed).await {
            tracing::error!(%error, "the feedback file is behind the journal until the next start");
        }
    }

    async fn fold_new(&self, newest: &mut u64) -> Result<Vec<FeedbackRecord>, JournalError> {
        let mut changed = Vec::new();
        loop {
            let events = self.journal().feedback(*newest, AT_A_TIME).await?;
            changed.extend(self.ledger.fold(&events));
            *newest = events.last().map_or(*newest, |it| it.sequence);
            if events.len() < AT_A_TIME as usize {
                return Ok(changed);
            }
        }
    }
}
