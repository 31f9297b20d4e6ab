//! Asks the other approval server for decisions, so that a lost webhook loses none. What it tells is feedback; it authorises nothing.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use kubemedic_model::{approval::ApprovalStatus, feedback::ApprovalReport, id::ApprovalId};
use kubemedic_ports::approval_gateway::{ApprovalGateway, ApprovalGatewayError, ForeignApproval};

use crate::{
    core::Core,
    feedback::{WebhookReport, reports},
};

/// How often it asks while something is undecided.
const PERIOD: Duration = Duration::from_secs(10);

/// Asks until everything is to stop.
pub(crate) async fn run(core: Arc<Core>) {
    while core.scope.sleep(PERIOD).await {
        poll(&core).await;
    }
}

/// Asks once.
pub(crate) async fn poll(core: &Core) {
    let undecided = core.outbox.undecided();
    let Some(gateway) = core.ports.gateway.clone() else {
        return;
    };
    if undecided.is_empty() {
        return;
    }
    match decisions(gateway.as_ref(), undecided).await {
        Ok(reports) => {
            for report in reports {
                record(core, report).await;
            }
        }
        Err(error) => tracing::debug!(%error, "the approval server cannot be asked now"),
    }
}

async fn record(core: &Core, report: ApprovalReport) {
    let report = WebhookReport {
        report,
        decisions: BTreeMap::new(),
        executions: Vec::new(),
        key: None,
    };
    if let Err(error) = reports::record(core, report).await {
        tracing::warn!(%error, "a decision of the approval server cannot be recorded now");
    }
}

/// What was decided there of the approvals.
async fn decisions(
    gateway: &dyn ApprovalGateway,
    undecided: Vec<ApprovalId>,
) -> Result<Vec<ApprovalReport>, ApprovalGatewayError> {
    let listed = gateway.pending().await?;
    let listed: BTreeMap<ApprovalId, ForeignApproval> =
        listed.into_iter().map(|it| (it.id.clone(), it)).collect();
    let mut reports = Vec::new();
    for id in undecided {
        let found = match listed.get(&id) {
            Some(found) => Some(found.clone()),
            // Gone from the list: it was decided, but only the server can say how.
            None => gateway.approval(&id).await.unwrap_or(None),
        };
        reports.extend(found.and_then(|it| report(id, it)));
    }
    Ok(reports)
}

/// A decided approval as a report; `None` while it is pending or in words that are not known.
fn report(id: ApprovalId, found: ForeignApproval) -> Option<ApprovalReport> {
    let status = match found.status.as_str() {
        "approved" => ApprovalStatus::Approved,
        "rejected" => ApprovalStatus::Rejected,
        "partially_approved" | "partial" => ApprovalStatus::PartiallyApproved,
        "expired" => ApprovalStatus::Expired,
        _ => return None,
    };
    Some(ApprovalReport {
        approval_id: id,
        status,
        approved_count: found.counts.map(|(approved, _)| approved),
        rejected_count: found.counts.map(|(_, rejected)| rejected),
        approved_changes: None,
        rejected_changes: None,
        rejection_reason: found.reason,
        command_reasons: Vec::new(),
        approver: found.approver,
        occurred_at: None,
        reason_kind: None,
        prefer: None,
        edited: None,
    })
}
