//! Decisions told by webhook, until the receiver takes them or wants no more.

use kubemedic_ports::{
    journal::{Delivery, JournalError, Write},
    notifier::NotifierError,
};

use super::postponed;
use crate::core::Core;

/// Tries once.
pub(super) async fn deliver(core: &Core, delivery: Delivery) -> Result<(), JournalError> {
    let Some(_claim) = core.outbox.claim(&delivery.id) else {
        return Ok(());
    };
    // Without a receiver it waits until there is one again, or the operator removes it.
    let Some(notifier) = core.ports.notifier.clone() else {
        let later = postponed(
            core,
            delivery,
            "BACKEND_WEBHOOK_URL is not set any more",
            Some(300),
        );
        return core.commit(vec![later]).await.map(|_| ());
    };
    let body = delivery.body.to_string();
    let write = match notifier.deliver(&delivery.id, &body).await {
        Ok(()) => Write::RemoveDelivery { id: delivery.id },
        Err(NotifierError::Gone { url }) => {
            tracing::warn!(
                url,
                "the webhook's receiver wants no more: the delivery is dropped"
            );
            Write::RemoveDelivery { id: delivery.id }
        }
        Err(error) => {
            let asked = match &error {
                NotifierError::Retry {
                    retry_after_seconds, ..
                } => *retry_after_seconds,
                NotifierError::Gone { .. } => None,
            };
            postponed(core, delivery, &error.to_string(), asked)
        }
    };
    core.commit(vec![write]).await.map(|_| ())
}
