//! Nodes that are down or short of something, pods evicted from them, and pod networks that cannot be set up.

mod condition;

use kubemedic_model::{
    class::FailureClass,
    diagnosis::Fact,
    resource::{Kind, ResourceRef},
    snapshot::{event::ClusterEvent, node::Node, pod::Pod},
};

use super::{
    super::{
        hypothesis::{Exhibit, Hypothesis, Standing},
        patterns::{self, first},
        view::{View, is_satisfied, pod_ref},
    },
    Claims,
};

/// Claims what nodes' conditions, evictions and sandbox events show.
pub(super) fn claim(view: &View<'_>, claims: &mut Claims) {
    for node in &view.snapshot.nodes {
        claims.live.extend(not_ready(view, node));
        claims.live.extend(pressure(node));
        claims.live.extend(condition::claim(node));
    }
    for pod in view.snapshot.pods.iter().filter(|pod| is_evicted(pod)) {
        let claim = evicted(pod);
        if is_replaced(view, pod) {
            claims.healed.push(claim);
        } else {
            claims.live.push(claim);
        }
    }
    for event in &view.snapshot.events {
        if let Some(claim) = sandbox(event).or_else(|| eviction(event)) {
            claims.judge(view, event, claim);
        }
    }
}

/// A node whose `Ready` condition is not true.
fn not_ready(view: &View<'_>, node: &Node) -> Option<Hypothesis> {
    if node.ready != Some(false) {
        return None;
    }
    let name = &node.meta.name;
    let object = ResourceRef::new(Kind::Node, None, name.clone());
    let condition = node.conditions.iter().find(|it| it.kind == "Ready");
    let message = condition.and_then(|it| it.message.as_deref()).unwrap_or("");
    let lower = message.to_ascii_lowercase();
    let (cause, why) = if lower.contains("container runtime") || lower.contains("pleg") {
        (Some("containerd_unavailable"), "its container runtime is down")
    } else if lower.contains("cni")
        || lower.contains("network plugin")
        || lower.contains("networkpluginnotready")
    {
        (None, "its network plugin is not initialised")
    } else if lower.contains("stopped posting") || condition.is_some_and(|it| it.status == "Unknown") {
        (
            Some("kubelet_unavailable"),
            "its kubelet stopped posting status, the node is unreachable",
        )
    } else {
        (None, "its kubelet does not report it as ready")
    };
    let pods = view
        .snapshot
        .pods
        .iter()
        .filter(|pod| pod.spec.node.as_deref() == Some(name))
        .count();
    let quote = format!("Ready={} {message}", condition.map_or("False", |it| &it.status));
    Some(
        Hypothesis::new(FailureClass::NodeNotReady, Standing::Verified, 0.95)
            .about(object.clone())
            .refined(cause)
            .fact(Fact::Node, Some(name))
            .because(
                format!("Node {name} is NotReady: {why}{}", if pods > 0 { format!(" ({pods} pods run on it)") } else { String::new() }),
                "Pods on a node that is not ready lose traffic at once and are replaced elsewhere after some minutes.",
            )
            .shown_by([Exhibit::state(object, &node.meta.origin, "status.conditions[Ready]", quote)]),
    )
}

/// A node that is short of memory, disk or process ids.
fn pressure(node: &Node) -> Option<Hypothesis> {
    let condition = node
        .conditions
        .iter()
        .find(|it| it.kind.ends_with("Pressure") && it.status == "True")?;
    let name = &node.meta.name;
    let object = ResourceRef::new(Kind::Node, None, name.clone());
    let quote = format!(
        "{}={} {}",
        condition.kind,
        condition.status,
        condition.message.as_deref().unwrap_or("")
    );
    Some(
        Hypothesis::new(FailureClass::EvictedNodePressure, Standing::Verified, 0.88)
            .about(object.clone())
            .fact(Fact::Node, Some(name))
            .fact(Fact::Resource, Some(&condition.kind))
            .because(
                format!(
                    "Node {name} is under {}: its kubelet evicts pods and takes no new ones",
                    condition.kind
                ),
                "The kubelet evicts pods until the node has enough of the resource again.",
            )
            .shown_by([Exhibit::state(
                object,
                &node.meta.origin,
                format!("status.conditions[{}]", condition.kind),
                quote,
            )]),
    )
}

/// Whether a pod was evicted.
fn is_evicted(pod: &Pod) -> bool {
    pod.reason.as_deref() == Some("Evicted") || pod.status.as_deref() == Some("Evicted")
}

/// Whether the workload of an evicted pod has all its replicas again.
fn is_replaced(view: &View<'_>, pod: &Pod) -> bool {
    let Some(owner) = view.workload_of(&pod_ref(pod)) else {
        return false;
    };
    let object = &owner.resource;
    let workload = view.workload(&object.kind, object.namespace.as_deref(), &object.name);
    let node = view
        .snapshot
        .nodes
        .iter()
        .find(|node| Some(node.meta.name.as_str()) == pod.spec.node.as_deref());
    let pressed = node.is_some_and(|node| pressure(node).is_some());
    !pressed && workload.is_some_and(is_satisfied)
}

/// What an evicted pod shows.
fn evicted(pod: &Pod) -> Hypothesis {
    let message = pod.message.as_deref().unwrap_or("");
    let claim = eviction_words(
        &pod.meta.name,
        message,
        pod.spec.node.as_deref(),
        Standing::Verified,
    );
    let quote = format!("Evicted {message}");
    claim.about(pod_ref(pod)).shown_by([Exhibit::state(
        pod_ref(pod),
        &pod.meta.origin,
        "status.reason",
        quote,
    )])
}

/// Words for an eviction.
fn eviction_words(pod: &str, message: &str, node: Option<&str>, standing: Standing) -> Hypothesis {
    let resource = first(&patterns::LOW_RESOURCE, message);
    let of = resource.map_or_else(String::new, |it| format!(" (low on {it})"));
    let on = node.map_or_else(|| "its node".to_owned(), |node| format!("node {node}"));
    let mut claim = Hypothesis::new(FailureClass::EvictedNodePressure, standing, 0.93)
        .fact(Fact::Node, node)
        .fact(Fact::Resource, resource)
        .because(
            format!("Pod {pod} was evicted because {on} was under pressure{of}"),
            "The kubelet evicts pods that use more than they requested when the node runs short.",
        );
    if let Some(node) = node {
        claim = claim.with(ResourceRef::new(Kind::Node, None, node));
    }
    claim
}

/// An eviction that an event tells.
fn eviction(event: &ClusterEvent) -> Option<Hypothesis> {
    let low = patterns::matches(&patterns::LOW_RESOURCE, &event.message);
    if !(low || event.reason == "Evicted" && event.warning) {
        return None;
    }
    let mut claim = eviction_words(super::event_name(event), &event.message, None, Standing::Reported);
    claim.object = super::event_object(event);
    Some(claim.shown_by([Exhibit::event(event)]))
}

/// A pod network that cannot be set up.
fn sandbox(event: &ClusterEvent) -> Option<Hypothesis> {
    let message = &event.message;
    let lower = message.to_ascii_lowercase();
    let failed = matches!(
        event.reason.as_str(),
        "FailedCreatePodSandBox" | "NetworkNotReady" | "FailedCreatePodSandbox"
    );
    let sandbox = failed || lower.contains("failed to create pod sandbox");
    if !sandbox || super::container::is_limit_too_small(message) {
        return None;
    }
    let plugin = message
        .split_once("plugin type=")
        .and_then(|(_, rest)| rest.split('"').nth(1));
    let plugin_words = plugin.map_or_else(
        || "the CNI network plugin".to_owned(),
        |it| format!("the CNI network plugin {it}"),
    );
    let why = if lower.contains("unauthorized") {
        "is unauthorized at the API server"
    } else if lower.contains("no ip")
        || lower.contains("no available ip")
        || lower.contains("ip addresses")
        || lower.contains("exhausted")
    {
        "has no free pod IP addresses left"
    } else if lower.contains("not initialized")
        || lower.contains("uninitialized")
        || lower.contains("no such file or directory")
    {
        "is not initialised on the node"
    } else {
        "fails"
    };
    let mut claim = Hypothesis::new(FailureClass::SandboxNetwork, Standing::Reported, 0.94).because(
        format!(
            "Pod {} cannot start: its sandbox network cannot be set up, {plugin_words} {why}",
            super::event_name(event)
        ),
        "Every pod gets a network sandbox from the CNI plugin before its containers start.",
    );
    claim.object = super::event_object(event);
    Some(claim.shown_by([Exhibit::event(event)]))
}
