//! Approvals that nobody decided in time. For learning that is neither yes nor no.

use jiff::Timestamp;
use kubemedic_model::approval::{Approval, ApprovalStatus};
use kubemedic_ports::journal::{ApprovalFilter, JournalError};

use crate::{core::Core, decided};

/// Expires every pending approval whose time is over, and tells when the next one's will be.
pub(crate) async fn expire_due(core: &Core) -> Result<Option<Timestamp>, JournalError> {
    let filter = ApprovalFilter {
        status: Some(ApprovalStatus::Pending),
        ..ApprovalFilter::default()
    };
    let mut next = None;
    for approval in core.journal().approvals(&filter).await? {
        let approval = expire_if_due(core, approval).await?;
        if approval.status == ApprovalStatus::Pending {
            next = next.into_iter().chain([approval.expires_at]).min();
        }
    }
    Ok(next)
}

/// The approval as it is now: expired, if its time is over.
pub(crate) async fn expire_if_due(core: &Core, approval: Approval) -> Result<Approval, JournalError> {
    let now = core.now();
    if approval.status != ApprovalStatus::Pending || now < approval.expires_at {
        return Ok(approval);
    }
    let id = approval.id.clone();
    let expired = Approval {
        status: ApprovalStatus::Expired,
        decided_at: Some(now),
        revision: approval.revision + 1,
        ..approval
    };
    match decided::record(core, expired.clone()).await {
        Ok(()) => Ok(expired),
        // Somebody was faster: what they wrote stands.
        Err(JournalError::Conflict { what }) => {
            let found = core.journal().approval(&id).await?;
            found.ok_or(JournalError::Conflict { what })
        }
        Err(error) => Err(error),
    }
}
