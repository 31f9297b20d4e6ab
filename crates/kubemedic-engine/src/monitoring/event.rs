//! Events to occurrences: which reasons mean a failure and which only warn.

use kubemedic_model::{
    log::{LogSource, Severity},
    resource::Kind,
    snapshot::{ClusterSnapshot, event::ClusterEvent},
};

use super::collect::Occurrence;

/// Reasons that mean a failure though their words do not say so.
const FAILURES: &[&str] = &[
    "BackOff",
    "Unhealthy",
    "OOMKilling",
    "SystemOOM",
    "Evicted",
    "EvictionThresholdMet",
    "NodeNotReady",
    "NetworkNotReady",
    "HostPortConflict",
    "ErrImageNeverPull",
    "BackoffLimitExceeded",
    "DeadlineExceeded",
    "FreeDiskSpaceFailed",
    "InvalidDiskCapacity",
    "TaintManagerEviction",
    "Preempted",
    "OutOfcpu",
    "OutOfmemory",
    "OutOfpods",
    "NodeAffinity",
    "ContainerGCFailed",
    "ImageGCFailed",
    "InvalidImageName",
    "KubeletSetupFailed",
    "Rebooted",
];

/// The failures and warnings among the events.
pub(super) fn occurrences(snapshot: &ClusterSnapshot) -> impl Iterator<Item = Occurrence<'_>> {
    snapshot.events.iter().filter_map(occurrence)
}

fn occurrence(event: &ClusterEvent) -> Option<Occurrence<'_>> {
    let failure = is_failure(&event.reason);
    if !event.warning && event.reason != "BackOff" {
        return None;
    }
    let severity = if failure { Severity::Error } else { Severity::Warn };
    Some(Occurrence {
        severity,
        message: &event.message,
        error_type: Some(event.reason.clone()),
        event_reason: Some(event.reason.clone()),
        source: source(event),
        object: event.object.clone(),
        count: event.count.max(1),
        first_seen: event.first_seen.or(event.last_seen),
        last_seen: event.last_seen.or(event.first_seen),
        part: &event.origin.part,
        line: event.origin.line,
        ..Occurrence::default()
    })
}

/// Whether the reason means that something failed.
fn is_failure(reason: &str) -> bool {
    FAILURES.contains(&reason)
        || reason.starts_with("Failed")
        || ["Failed", "Error", "BackOff"]
            .iter()
            .any(|ending| reason.ends_with(ending))
}

fn source(event: &ClusterEvent) -> LogSource {
    let Some(object) = &event.object else {
        return LogSource {
            service: event.component.clone(),
            ..LogSource::default()
        };
    };
    let pod = (object.kind == Kind::Pod).then(|| object.name.clone());
    let service = if pod.is_some() {
        None
    } else {
        Some(object.name.clone())
    };
    LogSource {
        namespace: object.namespace.clone(),
        pod,
        container: None,
        service,
    }
}
