//! What metrics and numeric alerts show: a workload that its CPU limit holds back, one whose network is slow, a node whose
//! network is slow or lossy. At most one cause is claimed, and below what objects
//! show: numbers tell where it hurts, objects tell why.

mod latency;
mod node;
mod overload;

use std::collections::{BTreeMap, BTreeSet};

use kubemedic_model::{
    resource::{Kind, ResourceRef},
    snapshot::metrics::Metric,
};

use super::{Claims, listing};
use crate::analysis::{
    dependencies::Dependencies,
    telemetry::{Profile, Telemetry},
    view::View,
};
use latency::Slowness;

/// Milliseconds below which latencies are not compared: timers and buckets are no finer.
const LATENCY_FLOOR: f64 = 1.0;

pub(super) fn claim(view: &View<'_>, claims: &mut Claims) {
    let snapshot = view.snapshot;
    if snapshot.series.is_empty() && snapshot.alerts.iter().all(|alert| alert.changes.is_empty()) {
        return;
    }
    let telemetry = Telemetry::new(view);
    let dependencies = Dependencies::new(view);
    let slowness = Slowness::new(&telemetry, &dependencies);
    let places = Places::new(view);
    let claim = overload::claim(view, &telemetry, &slowness)
        .or_else(|| node::loss(&telemetry, &slowness, &places))
        .or_else(|| node::delay(&telemetry, &slowness, &places, &dependencies))
        .or_else(|| latency::claim(&telemetry, &slowness));
    claims.live.extend(claim);
}

/// Where workloads run.
#[derive(Debug, Default)]
struct Places {
    nodes: BTreeMap<ResourceRef, BTreeSet<String>>,
}

impl Places {
    fn new(view: &View<'_>) -> Self {
        let mut found = Self::default();
        for pod in &view.snapshot.pods {
            let owner = view.workload_of(&crate::analysis::view::pod_ref(pod));
            if let (Some(owner), Some(node)) = (owner, &pod.spec.node) {
                found
                    .nodes
                    .entry(owner.resource)
                    .or_default()
                    .insert(node.clone());
            }
        }
        found
    }

    /// Whether a pod of the workload runs on the node.
    fn is_on(&self, object: &ResourceRef, node: &str) -> bool {
        self.nodes.get(object).is_some_and(|nodes| nodes.contains(node))
    }

    /// The nodes on which profiled workloads run.
    fn nodes_of<'a>(&'a self, telemetry: &'a Telemetry) -> BTreeSet<&'a str> {
        let nodes = telemetry.services().filter_map(|it| self.nodes.get(&it.object));
        nodes.flatten().map(String::as_str).collect()
    }
}

/// Whether anything about a workload is clearly worse than before, or an alert fires about it.
fn is_affected(profile: &Profile) -> bool {
    let fell = |metric: Metric, share: f64| {
        profile
            .shift(metric)
            .and_then(|shift| shift.ratio(0.0))
            .is_some_and(|ratio| ratio < share)
    };
    profile.alerted
        || fell(Metric::RequestRate, 0.7)
        || fell(Metric::SuccessRate, 0.95)
        || fell(Metric::NetworkReceive, 0.6)
        || latency::severity(profile).is_some_and(latency::Severity::is_slow)
}

/// The names of objects for a sentence.
fn names<'a>(objects: impl IntoIterator<Item = &'a ResourceRef>) -> String {
    listing(objects.into_iter().map(|it| it.name.as_str()), 3)
}

/// The words for an object in a sentence.
fn title(object: &ResourceRef) -> String {
    match &object.kind {
        Kind::Service => format!("service {}", object.name),
        kind => format!("{} {}", kind.kubectl_name(), object.name),
    }
}

#[cfg(test)]
mod tests;
