//! What an operator takes back of what was learnt, or lets age at once. It changes no record and no past decision.

use kubemedic_engine::learning::{Ledger, Taught};
use kubemedic_model::{
    feedback::{DriftScope, FeedbackEvent},
    id::FeedbackId,
    learning::Signal,
};

use super::{Feedback, FeedbackError, Novelty};
use crate::events::cut;

/// The longest name that an error repeats, in bytes.
const MAX_NAME_BYTES: usize = 200;

/// What taking back or ageing did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unlearnt {
    /// Whether it was new.
    pub novelty: Novelty,
    /// How many labels were taken back; 0 for ageing, which keeps them.
    pub labels: usize,
    /// The digest of what is learnt now.
    pub state_hash: String,
}

impl Feedback {
    /// Takes back what a record taught, or only what one signal did. The key is the sender's `event_id`; without one the same
    /// request is new again once something new was said of the record.
    ///
    /// # Errors
    /// [`FeedbackError`].
    pub async fn retract(
        &self,
        id: FeedbackId,
        signal: Option<Signal>,
        key: Option<String>,
    ) -> Result<Unlearnt, FeedbackError> {
        let _one_at_a_time = self.unlearning.lock().await;
        let found = self.core.with_ledger(|ledger| {
            let record = ledger.record(&id)?;
            Some((record.sequence, labels_of(ledger, &id, signal)))
        });
        let Some((newest, labels)) = found else {
            return Err(FeedbackError::UnknownFeedback(id.to_string()));
        };
        let of = signal.map_or_else(|| "all".to_owned(), |it| format!("{it:?}"));
        let key = match key {
            Some(key) => format!("retract:{id}:event:{key}"),
            None => format!("retract:{id}:{of}:{newest}"),
        };
        let event = FeedbackEvent::Retracted {
            feedback_id: id,
            signal,
        };
        self.unlearn(key, event, labels).await
    }

    /// Lets what was learnt of a team or a cluster age at once, as an alarm does. The key is the sender's `event_id`; without one
    /// every request ages anew.
    ///
    /// # Errors
    /// [`FeedbackError`].
    pub async fn reset(
        &self,
        scope: DriftScope,
        name: String,
        key: Option<String>,
    ) -> Result<Unlearnt, FeedbackError> {
        let _one_at_a_time = self.unlearning.lock().await;
        let is_known = self
            .core
            .with_ledger(|ledger| ledger.taught().any(|it| is_learnt_of(it, scope, &name)));
        if !is_known {
            let name = cut(&name, MAX_NAME_BYTES);
            return Err(FeedbackError::NothingLearnt { scope, name });
        }
        let key = key.unwrap_or_else(|| self.core.ports.ids.fresh().to_string());
        let key = format!("reset:{}:{name}:{key}", scope.as_str());
        self.unlearn(key, FeedbackEvent::DriftReset { scope, name }, 0)
            .await
    }

    async fn unlearn(
        &self,
        key: String,
        event: FeedbackEvent,
        labels: usize,
    ) -> Result<Unlearnt, FeedbackError> {
        let novelty = self.append(key, event).await?;
        Ok(Unlearnt {
            novelty,
            labels: if novelty == Novelty::Recorded { labels } else { 0 },
            state_hash: self.core.with_ledger(|ledger| ledger.ranker().state_hash()),
        })
    }
}

/// How many labels of a record that count follow from a signal, or from any.
fn labels_of(ledger: &Ledger, id: &FeedbackId, signal: Option<Signal>) -> usize {
    let lessons = ledger.taught_of(id).flat_map(|it| it.lessons.values());
    lessons
        .filter(|it| it.weight > 0.0 && signal.is_none_or(|signal| signal == it.label.signal))
        .count()
}

/// Whether a proposal of the team or the cluster taught something.
fn is_learnt_of(taught: &Taught, scope: DriftScope, name: &str) -> bool {
    let context = taught.context();
    let of = match scope {
        DriftScope::Team => &context.team,
        DriftScope::Cluster => &context.cluster,
    };
    of == name && taught.lessons.values().any(|it| it.weight > 0.0)
}
