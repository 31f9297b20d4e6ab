//! A node on which virtual addresses of Services lead nowhere: its kube-proxy does not run or starts again and again.
//! Broken networks between pods look alike only in part: they hit addresses of pods as well.

use std::collections::{BTreeMap, BTreeSet};

use kubemedic_model::{
    class::FailureClass,
    diagnosis::Fact,
    resource::{Kind, ResourceRef},
    snapshot::{event::ClusterEvent, network::Service},
};

use super::{
    super::{
        addresses::Address,
        calls::{Ending, FailedCall},
        hypothesis::{Exhibit, Hypothesis, Standing},
        view::{View, is_healthy, pod_ref, reference, selects},
    },
    Claims,
    address::service_name,
};

/// Starts within the lifetime of events (one hour) from which a component starts again and again.
const RESTARTING: u64 = 3;

/// Claims what calls to virtual addresses and starts of kube-proxy show.
pub(super) fn claim(view: &View<'_>, claims: &mut Claims) {
    let starts = starts(view);
    let blamed = unreachable_from(view);
    let mut nodes = blamed.iter();
    match (nodes.next(), nodes.next()) {
        (Some((node, cut)), None) => claims
            .live
            .extend(cut_off(view, node, cut, starts.get(node.as_str()))),
        (None, _) => claims.live.extend(restarting(&starts)),
        _ => {}
    }
}

/// The calls from one node that no virtual address answered.
struct Cut<'a> {
    calls: Vec<&'a FailedCall>,
    services: BTreeSet<&'a str>,
}

/// Nodes whose pods got no answer from the virtual address of a Service with ready pods.
fn unreachable_from<'v>(view: &'v View<'_>) -> BTreeMap<String, Cut<'v>> {
    let mut found: BTreeMap<String, Cut<'v>> = BTreeMap::new();
    let mut timed_out = view
        .calls
        .iter()
        .filter(|it| it.ending == Ending::TimedOut)
        .peekable();
    if timed_out.peek().is_none() {
        return found;
    }
    let addresses = view.addresses();
    for call in timed_out {
        let services = &view.snapshot.services;
        let Some(service) = services
            .iter()
            .find(|it| it.cluster_ip.as_deref() == Some(call.host.as_str()) && is_served(view, it))
        else {
            continue;
        };
        let callers = callers(view, call, service, addresses);
        let nodes: BTreeSet<&str> = callers.iter().flat_map(|it| nodes_of(view, it)).collect();
        if let [node] = nodes.into_iter().collect::<Vec<_>>().as_slice() {
            let cut = found.entry((*node).to_owned()).or_insert_with(|| Cut {
                calls: Vec::new(),
                services: BTreeSet::new(),
            });
            cut.calls.push(call);
            cut.services.insert(&service.meta.name);
        }
    }
    found
}

/// Whether a Service has the port that is called, ready pods, and no policy before them.
fn is_served(view: &View<'_>, service: &Service) -> bool {
    let namespace = service.meta.namespace.as_deref();
    let Some(selector) = service.selector.as_ref().filter(|it| !it.is_empty()) else {
        return false;
    };
    let pods = view.selected(namespace, selector);
    let guarded = view.snapshot.network_policies.iter().any(|policy| {
        let selector = policy.pod_selector.as_ref();
        selector.is_none_or(|it| pods.iter().any(|pod| selects(it, &pod.meta.labels)))
    });
    !guarded && pods.iter().any(|pod| is_healthy(pod))
}

/// The workloads that made a call: the one whose log tells it; where that only passes on an error, those that it calls and
/// that call the Service themselves.
fn callers(
    view: &View<'_>,
    call: &FailedCall,
    service: &Service,
    addresses: &[Address<'_>],
) -> Vec<ResourceRef> {
    let namespace = service.meta.namespace.as_deref();
    let source = view.pod(namespace, &call.source).map(pod_ref);
    let owner = source
        .and_then(|pod| view.workload_of(&pod))
        .or_else(|| view.workload_behind(namespace, &call.source))
        .map(|it| it.resource);
    let Some(owner) = owner else { return Vec::new() };
    if !call.relayed {
        return vec![owner];
    }
    let called_by = |caller: &ResourceRef| {
        let own = addresses.iter().filter(|it| it.owner.name == caller.name);
        own.filter_map(|it| service_name(view, it).map(|(_, name)| name.to_owned()))
            .collect::<BTreeSet<_>>()
    };
    let behind = called_by(&owner)
        .into_iter()
        .filter_map(|name| view.workload_behind(namespace, &name));
    behind
        .map(|it| it.resource)
        .filter(|it| *it != owner && called_by(it).contains(&service.meta.name))
        .collect()
}

/// The nodes on which the pods of a workload run.
fn nodes_of<'v>(view: &'v View<'_>, workload: &ResourceRef) -> BTreeSet<&'v str> {
    view.pods_of(workload)
        .filter_map(|pod| pod.spec.node.as_deref())
        .collect()
}

/// How often kube-proxy was started on each node, with the last event: its start tells no words, only the component.
fn starts<'v>(view: &'v View<'_>) -> BTreeMap<&'v str, (u64, &'v ClusterEvent)> {
    let mut found: BTreeMap<&str, (u64, &ClusterEvent)> = BTreeMap::new();
    for event in &view.snapshot.events {
        let Some(node) = event.object.as_ref().filter(|it| it.kind == Kind::Node) else {
            continue;
        };
        // The kubelet writes `Starting kubelet.`; kube-proxy writes the same reason with an empty message.
        let proxy = event.component.as_deref() == Some("kube-proxy")
            || event.message.contains("kube-proxy")
            || event.message.is_empty();
        if proxy && event.reason == "Starting" {
            let entry = found.entry(&node.name).or_insert((0, event));
            entry.0 = entry.0.saturating_add(event.count.max(1));
        }
    }
    found
}

/// The claim about the one node from which Services cannot be reached.
fn cut_off(
    view: &View<'_>,
    node: &str,
    cut: &Cut<'_>,
    starts: Option<&(u64, &ClusterEvent)>,
) -> Option<Hypothesis> {
    let broken = view
        .snapshot
        .nodes
        .iter()
        .any(|it| it.meta.name == node && it.ready == Some(false));
    let first = cut.calls.first()?;
    if broken || (starts.is_none() && cut.services.len() < 2) {
        return None;
    }
    let likelihood = if starts.is_some() { 0.93 } else { 0.6 };
    let names = super::listing(cut.services.iter().copied(), 3);
    let many = starts.map_or_else(String::new, |(count, _)| {
        format!("; kube-proxy was started {count} times there of late")
    });
    let mut claim = made(node, likelihood)
        .because(
            format!("kube-proxy on node {node} does not forward: calls from its pods to Service {names} ({}) time out, though their pods are ready{many}", first.host),
            "A Service's virtual address exists only in the rules that kube-proxy keeps on each node; where it does not run, calls to new or changed Services get no answer from that node alone.",
        );
    claim
        .evidence
        .extend(cut.calls.iter().take(4).map(|call| call.exhibit()));
    claim
        .evidence
        .extend(starts.map(|(_, event)| Exhibit::event(event)));
    for service in view
        .snapshot
        .services
        .iter()
        .filter(|it| cut.services.contains(it.meta.name.as_str()))
    {
        claim = claim.with(reference(Kind::Service, &service.meta));
    }
    Some(claim)
}

/// The claim about a node whose kube-proxy starts again and again, more often than on every other node.
fn restarting(starts: &BTreeMap<&str, (u64, &ClusterEvent)>) -> Option<Hypothesis> {
    let (node, (count, event)) = starts.iter().max_by_key(|(_, (count, _))| *count)?;
    let others = starts.iter().filter(|(name, _)| *name != node);
    let next = others.map(|(_, (count, _))| *count).max().unwrap_or(0);
    if *count < RESTARTING || *count < next.saturating_mul(2) {
        return None;
    }
    let mut claim = made(node, 0.8).because(
        format!("kube-proxy on node {node} does not stay up: it was started {count} times of late, on every other node at most {next} times"),
        "While kube-proxy is down, its node does not learn of new or changed Services, and calls to them from that node get no answer.",
    );
    claim.standing = Standing::Reported;
    claim.evidence.push(Exhibit::event(event));
    Some(claim)
}

/// A claim about a node's kube-proxy.
fn made(node: &str, likelihood: f64) -> Hypothesis {
    Hypothesis::new(FailureClass::ControlplaneDegraded, Standing::Verified, likelihood)
        .about(ResourceRef::new(Kind::Node, None, node))
        .refined(Some("kube_proxy_unavailable"))
        .fact(Fact::Node, Some(node))
}

#[cfg(test)]
mod tests;
