//! How many replicas a workload has.

use kubemedic_model::{class::FailureClass, diagnosis::Fact, resource::Kind};

use super::called;
use crate::remediation::{
    change::Change,
    playbook::Act,
    site::{Site, Target},
};

/// The most replicas that a plan asks for by itself: beyond it a person decides.
const MAX_REPLICAS: u32 = 50;

/// Scales a workload at zero back to its former count, else to its autoscaler's least, else to 1.
pub(crate) fn scale_back(site: &Site<'_>) -> Vec<Act> {
    let Some(workload) = scalable(site) else {
        return Vec::new();
    };
    let is_at_zero = match site.workload_state().and_then(|it| it.desired) {
        Some(count) => count == 0,
        None => site.cause.class == FailureClass::ReplicasZero,
    };
    if !is_at_zero {
        return Vec::new();
    }
    let former = site
        .fact(Fact::Replicas)
        .and_then(|text| text.parse::<u32>().ok())
        .filter(|count| (1..=MAX_REPLICAS).contains(count));
    let (count, reason) = match (former, autoscaler_minimum(site, workload)) {
        (Some(count), _) => (count, "its former count"),
        (None, Some(count)) => (count, "its autoscaler's least"),
        (None, None) => (
            1,
            "the least that serves, because the evidence does not tell the former count",
        ),
    };
    let why = format!("Scales {} from 0 to {count}, {reason}", called(workload));
    let undo = Change::Scale(workload.clone(), 0);
    vec![Act::with_undo(Change::Scale(workload.clone(), count), why, undo)]
}

/// One replica more than now, where the evidence shows the present count.
pub(crate) fn one_more(site: &Site<'_>) -> Vec<Act> {
    let (Some(workload), Some(now)) = (scalable(site), site.workload_state().and_then(|it| it.desired))
    else {
        return Vec::new();
    };
    if now == 0 || now >= MAX_REPLICAS {
        return Vec::new();
    }
    let why = format!("Scales {} from {now} to {}", called(workload), now + 1);
    vec![Act::new(Change::Scale(workload.clone(), now + 1), why)]
}

/// The workload, if it has a number of replicas.
fn scalable<'a>(site: &'a Site<'_>) -> Option<&'a Target> {
    site.workload
        .as_ref()
        .filter(|target| matches!(target.kind, Kind::Deployment | Kind::StatefulSet))
}

/// The least replicas of the autoscaler of the workload.
fn autoscaler_minimum(site: &Site<'_>, workload: &Target) -> Option<u32> {
    site.snapshot
        .autoscalers
        .iter()
        .find(|it| {
            it.meta.namespace == workload.namespace
                && it
                    .target
                    .as_ref()
                    .is_some_and(|(kind, name)| *kind == workload.kind && *name == workload.name)
        })?
        .min
        .filter(|count| (1..=MAX_REPLICAS).contains(count))
}
