//! The ledger in memory: rebuilt from the journal, kept in the order of the journal's numbers, copied to the feedback file.

use kubemedic_engine::learning::Ledger;
use kubemedic_model::feedback::{FeedbackRecord, RecordedFeedback};
use kubemedic_ports::journal::JournalError;
use tokio::sync::{MappedMutexGuard, Mutex, MutexGuard};

use crate::core::Core;

/// Feedback events that are read at a time.
const AT_A_TIME: u32 = 256;

#[derive(Debug, Default)]
struct Folded {
    ledger: Ledger,
    /// The number of the newest event folded in.
    newest: u64,
    /// The feedback file lacks something, because it could not be written.
    behind: bool,
}

/// The ledger of this process.
#[derive(Debug, Default)]
pub(crate) struct LedgerKeeper {
    folded: Mutex<Folded>,
}

impl LedgerKeeper {
    /// The ledger, for work off the runtime.
    pub(crate) fn blocking_lock(&self) -> MappedMutexGuard<'_, Ledger> {
        MutexGuard::map(self.folded.blocking_lock(), |folded| &mut folded.ledger)
    }
}

impl Folded {
    fn fold(&mut self, events: &[RecordedFeedback]) -> Vec<FeedbackRecord> {
        let mut changed = Vec::new();
        for event in events {
            self.newest = event.sequence;
            let id = self.ledger.apply(event);
            changed.extend(id.and_then(|id| self.ledger.record(&id).cloned()));
        }
        changed
    }
}

impl Core {
    /// Looks at the ledger.
    pub(crate) async fn with_ledger<T>(&self, look: impl FnOnce(&Ledger) -> T) -> T {
        look(&self.ledger.folded.lock().await.ledger)
    }

    /// Folds everything that is in the journal, then brings the feedback file up to it.
    pub(crate) async fn rebuild_ledger(&self) -> Result<(), JournalError> {
        let mut folded = self.ledger.folded.lock().await;
        self.fold_new(&mut folded).await?;
        self.bring_up_file(&mut folded).await;
        Ok(())
    }

    /// Folds what is new in the journal and appends it to the feedback file. What fails now is made good at the next event, sweep or
    /// start.
    pub(crate) async fn catch_up_with_feedback(&self) {
        let mut folded = self.ledger.folded.lock().await;
        let changed = match self.fold_new(&mut folded).await {
            Ok(changed) => changed,
            Err(error) => return tracing::warn!(%error, "feedback is in the journal but not folded yet"),
        };
        if folded.behind {
            return self.bring_up_file(&mut folded).await;
        }
        for record in changed {
            if let Err(error) = self.ports.feedback_file.append(&record).await {
                tracing::error!(%error, "the feedback file is behind the journal until it can be written");
                folded.behind = true;
                return;
            }
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
        let records: Vec<FeedbackRecord> = folded.ledger.records().cloned().collect();
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
            if events.is_empty() {
                return Ok(changed);
            }
            changed.extend(folded.fold(&events));
        }
    }
}
