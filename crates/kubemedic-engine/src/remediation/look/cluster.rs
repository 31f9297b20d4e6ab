//! Looks at nodes, at the control plane and at what the cluster as a whole offers. None of them needs a namespace.

use kubemedic_model::{plan::PlannedCommand, resource::Kind};

use super::read;
use crate::remediation::{
    commands::{self, Line},
    site::Site,
};

/// The nodes with their states.
pub(crate) fn nodes(_: &Site<'_>) -> Option<PlannedCommand> {
    read(
        Line::kubectl(&["get", "nodes", "-o", "wide"]).finish(),
        "Shows every node's state, version and runtime",
        "All nodes Ready and schedulable",
    )
}

/// The nodes with their labels.
pub(crate) fn node_labels(_: &Site<'_>) -> Option<PlannedCommand> {
    read(
        Line::kubectl(&["get", "nodes", "--show-labels"]).finish(),
        "Shows the nodes' labels, zones and architectures, to compare with selectors and affinity",
        "The labels that the pod's constraints have to match",
    )
}

/// All nodes in full: taints, allocatable resources and what is requested of them.
pub(crate) fn describe_nodes(site: &Site<'_>) -> Option<PlannedCommand> {
    describe_node(site).or_else(|| {
        read(
            Line::kubectl(&["describe", "nodes"]).finish(),
            "Shows every node's taints, conditions, allocatable resources and the requests of its pods",
            "Where there is room, and what keeps pods away",
        )
    })
}

/// One node in full.
pub(crate) fn describe_node(site: &Site<'_>) -> Option<PlannedCommand> {
    read(
        commands::describe(&site.node()?),
        "Shows the node's conditions, taints, allocatable resources and events",
        "The condition or event that explains the fault",
    )
}

/// One node's line.
pub(crate) fn node(site: &Site<'_>) -> Option<PlannedCommand> {
    read(
        commands::get(&site.node()?),
        "Shows whether the node is Ready and schedulable",
        "Ready",
    )
}

/// The pods on the node.
pub(crate) fn pods_on_node(site: &Site<'_>) -> Option<PlannedCommand> {
    let name = site.node()?.name;
    let line = Line::kubectl(&["get", "pods", "-A", "-o", "wide"])
        .option("--field-selector", &format!("spec.nodeName={name}"));
    read(
        line.finish(),
        "Shows which pods the node carries, and so who is affected",
        "The pods of the node with their states",
    )
}

/// What the nodes use.
pub(crate) fn top_nodes(_: &Site<'_>) -> Option<PlannedCommand> {
    read(
        Line::kubectl(&["top", "nodes"]).finish(),
        "Shows what the nodes use of their CPU and memory",
        "CPU and memory per node",
    )
}

/// The system's pods: DNS, network plugin, proxies, control plane.
pub(crate) fn system_pods(_: &Site<'_>) -> Option<PlannedCommand> {
    read(
        Line::kubectl(&["get", "pods", "-n", "kube-system", "-o", "wide"]).finish(),
        "Shows the state of DNS, network plugin, proxies and control plane",
        "All system pods Running and ready",
    )
}

/// The system's recent events.
pub(crate) fn system_events(_: &Site<'_>) -> Option<PlannedCommand> {
    read(
        Line::kubectl(&["get", "events", "-n", "kube-system", "--sort-by=.lastTimestamp"]).finish(),
        "Shows what the system components reported, in order",
        "Restarts, failed probes or lost leases of system components",
    )
}

/// The DNS servers.
pub(crate) fn dns_pods(_: &Site<'_>) -> Option<PlannedCommand> {
    read(
        Line::kubectl(&[
            "get",
            "pods",
            "-n",
            "kube-system",
            "-l",
            "k8s-app=kube-dns",
            "-o",
            "wide",
        ])
        .finish(),
        "Shows whether the cluster's DNS servers run",
        "DNS pods Running and ready",
    )
}

/// The APIs that extensions serve, metrics among them.
pub(crate) fn api_services(_: &Site<'_>) -> Option<PlannedCommand> {
    read(
        Line::kubectl(&["get", "apiservices"]).finish(),
        "Shows which extension APIs (metrics.k8s.io among them) are available",
        "AVAILABLE True for every API",
    )
}

/// The storage classes.
pub(crate) fn storage_classes(_: &Site<'_>) -> Option<PlannedCommand> {
    read(
        Line::kubectl(&["get", "storageclasses"]).finish(),
        "Shows which storage classes there are, their provisioners and which is the default",
        "The class that the claim asks for",
    )
}

/// The volumes.
pub(crate) fn volumes(_: &Site<'_>) -> Option<PlannedCommand> {
    read(
        Line::kubectl(&["get", "persistentvolumes"]).finish(),
        "Shows which volumes there are, their sizes, modes, classes and claims",
        "A volume that fits the claim, or that there is none",
    )
}

/// Which node each volume is attached to.
pub(crate) fn attachments(_: &Site<'_>) -> Option<PlannedCommand> {
    read(
        Line::kubectl(&["get", "volumeattachments"]).finish(),
        "Shows which node holds each volume",
        "The node that still holds the volume",
    )
}

/// The admission webhooks.
pub(crate) fn webhooks(_: &Site<'_>) -> Option<PlannedCommand> {
    read(
        Line::kubectl(&[
            "get",
            "validatingwebhookconfigurations,mutatingwebhookconfigurations",
        ])
        .finish(),
        "Shows which admission webhooks there are",
        "The webhook that the error names",
    )
}

/// The ingress classes.
pub(crate) fn ingress_classes(_: &Site<'_>) -> Option<PlannedCommand> {
    read(
        Line::kubectl(&["get", "ingressclasses"]).finish(),
        "Shows which ingress classes there are and which controller serves each",
        "The class that the Ingress names",
    )
}

/// Where the guilty object is, for an object whose namespace the evidence does not tell; else all recent warnings.
pub(crate) fn locate(site: &Site<'_>) -> Option<PlannedCommand> {
    let known = site.workload.as_ref().or(site.pod.as_ref());
    let (kind, name) = match (&site.cause.object, known) {
        (Some(object), _) if object.kind.is_cluster_scoped() => return object_of_cluster(site),
        (Some(object), _) => (&object.kind, &object.name),
        (None, Some(target)) => (&target.kind, &target.name),
        (None, None) => return warnings(site),
    };
    let found = read(
        commands::locate(kind, name),
        "Finds the namespace of the object, which the evidence does not tell",
        "One object of that name, with its namespace",
    );
    found.or_else(|| warnings(site))
}

/// The warnings of all namespaces, at any site.
fn warnings(_: &Site<'_>) -> Option<PlannedCommand> {
    all_warnings()
}

/// The warnings of all namespaces.
pub(super) fn all_warnings() -> Option<PlannedCommand> {
    read(
        Line::kubectl(&["get", "events", "-A"])
            .option("--field-selector", "type=Warning")
            .finish(),
        "Shows the current warnings of the cluster, to find the object that the evidence does not name",
        "The warnings that belong to the incident, with their objects",
    )
}

/// A guilty object that lives in no namespace.
fn object_of_cluster(site: &Site<'_>) -> Option<PlannedCommand> {
    let object = site.cause.object.as_ref()?;
    let target = site.target(object.kind.clone(), &object.name)?;
    let explanation = "Shows the object's state and events";
    let found = read(
        commands::describe(&target),
        explanation,
        "What explains the fault",
    );
    found.or_else(|| (object.kind != Kind::Node).then(|| warnings(site)).flatten())
}
