//! The sweepers: approvals whose time is over, inputs and events that are old enough to go, a feedback file that is behind, and
//! what was learnt since the last snapshot.

use std::{sync::Arc, time::Duration};

use jiff::SignedDuration;

use crate::{approvals::expiry, core::Core};

/// The longest and shortest pauses between two looks at approvals; reading one looks at it at once.
const EXPIRY_PAUSES: (Duration, Duration) = (Duration::from_secs(30), Duration::from_millis(500));
/// How often old workflows are looked for.
const RETENTION_PERIOD: Duration = Duration::from_hours(1);
/// How often it is seen whether a snapshot is due.
const SNAPSHOT_PAUSE: Duration = Duration::from_secs(30);

/// Expires approvals until everything is to stop.
pub(crate) async fn expire_approvals(core: Arc<Core>) {
    // One that is proposed during a pause has its whole time before it: no pause may be longer.
    let (longest, shortest) = EXPIRY_PAUSES;
    let lifetime = Duration::from_secs(u64::from(core.config.approval_ttl_seconds));
    loop {
        core.mend_feedback_file().await;
        let next = match expiry::expire_due(&core).await {
            Ok(next) => next.and_then(|at| Duration::try_from(at.duration_since(core.now())).ok()),
            Err(error) => {
                tracing::warn!(%error, "approvals cannot be expired now");
                None
            }
        };
        let pause = next.unwrap_or(longest).min(lifetime).clamp(shortest, longest);
        if !core.scope.sleep(pause).await {
            return;
        }
    }
}

/// Keeps what was learnt in snapshots until everything is to stop.
pub(crate) async fn keep_snapshots(core: Arc<Core>) {
    loop {
        core.keep_snapshot().await;
        if !core.scope.sleep(SNAPSHOT_PAUSE).await {
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
