//! The sweepers: approvals whose time is over, and inputs and events that are old enough to go.

use std::{sync::Arc, time::Duration};

use jiff::SignedDuration;

use crate::{approvals::expiry, core::Core};

/// How often approvals are looked at; reading one looks at it at once.
const EXPIRY_PERIOD: Duration = Duration::from_secs(30);
/// How often old workflows are looked for.
const RETENTION_PERIOD: Duration = Duration::from_hours(1);

/// Expires approvals until everything is to stop.
pub(crate) async fn expire_approvals(core: Arc<Core>) {
    loop {
        if let Err(error) = expiry::expire_due(&core).await {
            tracing::warn!(%error, "approvals cannot be expired now");
        }
        if !core.scope.sleep(EXPIRY_PERIOD).await {
            return;
        }
    }
}

/// Retires workflows until everything is to stop.
pub(crate) async fn retire_workflows(core: Arc<Core>) {
    loop {
        retire(&core).await;
        if !core.scope.sleep(RETENTION_PERIOD).await {
            return;
        }
    }
}

/// Drops inputs and events of workflows that closed more than the configured days ago.
pub(crate) async fn retire(core: &Core) {
    let age = SignedDuration::from_hours(24 * i64::from(core.config.retention_days));
    let Ok(closed_before) = core.now().checked_sub(age) else {
        return;
    };
    match core.journal().retire(closed_before).await {
        Ok(0) => {}
        Ok(count) => tracing::info!(count, "retired workflows"),
        Err(error) => tracing::warn!(%error, "workflows cannot be retired now"),
    }
}
