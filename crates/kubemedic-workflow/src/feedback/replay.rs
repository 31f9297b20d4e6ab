//! Folds the whole journal into an empty ledger beside the one that is in use, to see that both teach the same (LEARNING.md 1.10).
//! It changes nothing: what differs is told, not mended.

use kubemedic_engine::learning::Ledger;
use kubemedic_ports::journal::JournalError;

use super::Feedback;
use crate::tasks::Unfinished;

/// Feedback events that are in memory at a time.
const AT_A_TIME: u32 = 256;

/// Why there is no replay.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// Somebody else replays now.
    #[error("a replay of the journal is running: try again when it has ended")]
    Busy,
    /// The work did not end.
    #[error(transparent)]
    Unfinished(#[from] Unfinished),
    /// The journal did not answer.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// What folding the journal gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replayed {
    /// How many events were folded.
    pub events: u64,
    /// The number of the newest of them.
    pub sequence: u64,
    /// The digest of what they teach.
    pub state_hash: String,
    /// The digest of the ledger in use, at the same number.
    pub live_state_hash: String,
}

impl Replayed {
    /// Whether the ledger in use is what the journal teaches.
    pub fn is_verified(&self) -> bool {
        self.state_hash == self.live_state_hash
    }
}

impl Feedback {
    /// Folds every event up to the newest that the ledger in use has folded, page by page and off the runtime. What comes
    /// meanwhile is left out.
    ///
    /// # Errors
    /// [`ReplayError`].
    pub async fn replay(&self) -> Result<Replayed, ReplayError> {
        let _one_at_a_time = self.replaying.try_lock().map_err(|_| ReplayError::Busy)?;
        let scope = &self.core.scope;
        let (last, live_state_hash) = self
            .core
            .with_ledger(|ledger| (ledger.sequence(), ledger.ranker().state_hash()));
        let mut ledger = Ledger::with(self.core.config.learning.clone());
        let mut events = 0;
        while ledger.sequence() < last && !scope.is_stopping() {
            let mut page = self.core.journal().feedback(ledger.sequence(), AT_A_TIME).await?;
            page.retain(|event| event.sequence <= last);
            if page.is_empty() {
                break;
            }
            events += page.len() as u64;
            let fold = move || {
                for event in &page {
                    ledger.apply(event);
                }
                ledger
            };
            ledger = scope.compute(fold).await?;
        }
        if scope.is_stopping() {
            return Err(Unfinished::Stopping.into());
        }
        // The ledger is also dropped off the runtime: a large one takes its time.
        let told = scope.compute(move || (ledger.sequence(), ledger.ranker().state_hash()));
        let (sequence, state_hash) = told.await?;
        let replayed = Replayed {
            events,
            sequence,
            state_hash,
            live_state_hash,
        };
        if !replayed.is_verified() {
            tracing::error!(
                ?replayed,
                "the ledger in use is not what the journal teaches: restart without its snapshot to fold it anew"
            );
        }
        Ok(replayed)
    }
}
