//! Rollbacks and restarts.

use kubemedic_model::diagnosis::Fact;

use super::called;
use crate::remediation::{change::Change, playbook::Act, site::Site};

/// Returns to the revision before, where the evidence shows a change or a revision to return to.
pub(crate) fn undo_known_change(site: &Site<'_>) -> Vec<Act> {
    if site.change_is_evident() {
        undo(site)
    } else {
        Vec::new()
    }
}

/// Returns to the revision before. A workload in its first revision has none, and unowned pods have no revisions.
pub(crate) fn undo(site: &Site<'_>) -> Vec<Act> {
    let Some(workload) = site.rollout().filter(|_| !site.is_first_revision()) else {
        return Vec::new();
    };
    let revision = site.fact(Fact::Revision).and_then(|text| text.parse().ok());
    let why = match revision {
        Some(revision) => format!(
            "Returns {} to revision {revision}, which worked",
            called(workload)
        ),
        None => format!(
            "Returns {} to the revision before, if the history that was read first shows one that worked",
            called(workload)
        ),
    };
    vec![Act::new(Change::Undo(workload.clone(), revision), why)]
}

/// Restarts the workload's pods.
pub(crate) fn restart(site: &Site<'_>) -> Vec<Act> {
    let Some(workload) = site.rollout() else {
        return Vec::new();
    };
    let why = format!(
        "Replaces the pods of {} one group after the other, without changing what they run",
        called(workload)
    );
    vec![Act::new(Change::Restart(workload.clone()), why)]
}
