//! Which kind a description is of, by keys that only that kind has.

use kubemedic_model::resource::Kind;

use super::Block;

/// Keys that stand in descriptions and may be followed by a single space only.
pub(super) fn is_known_key(key: &str) -> bool {
    matches!(
        key,
        "Name"
            | "Namespace"
            | "Labels"
            | "Annotations"
            | "Status"
            | "Events"
            | "Node"
            | "IP"
            | "IPs"
            | "Selector"
            | "Type"
            | "Containers"
            | "Conditions"
            | "Volumes"
            | "Tolerations"
            | "Replicas"
            | "Pods Status"
            | "Pods Statuses"
            | "Port"
            | "TargetPort"
            | "Endpoints"
            | "Roles"
            | "Taints"
            | "Priority"
            | "Controlled By"
            | "Reason"
            | "Message"
            | "Desired Number of Nodes Scheduled"
            | "Current Number of Nodes Scheduled"
            | "Number of Nodes Misscheduled"
            | "Number of Nodes Scheduled with Up-to-date Pods"
            | "Number of Nodes Scheduled with Available Pods"
            | "Spec"
            | "Created on"
            | "Unschedulable"
            | "CreationTimestamp"
    )
}

/// The kind, if the keys tell.
pub(super) fn of(block: &Block<'_>) -> Option<Kind> {
    let has = |key: &str| block.has(key);
    Some(match () {
        () if has("StrategyType") || has("NewReplicaSet") => Kind::Deployment,
        () if has("Desired Number of Nodes Scheduled") => Kind::DaemonSet,
        () if has("Schedule") && has("Concurrency Policy") => Kind::CronJob,
        () if has("Pods Statuses") || has("Parallelism") => Kind::Job,
        () if has("Pods Status") && has("Update Strategy") => Kind::StatefulSet,
        () if has("Pods Status") && has("Volume Claims") => Kind::StatefulSet,
        () if has("Pods Status") => Kind::ReplicaSet,
        () if has("Allocatable") || (has("Roles") && has("Taints")) => Kind::Node,
        () if has("Containers") && (has("QoS Class") || has("Node") || has("Status")) => Kind::Pod,
        () if has("QoS Class") => Kind::Pod,
        () if has("TargetPort") || (has("Session Affinity") && has("Selector")) => Kind::Service,
        () if has("Subsets") => Kind::Endpoints,
        () if has("Default backend") || has("Ingress Class") => Kind::Ingress,
        () if has("Reclaim Policy") && has("Claim") => Kind::PersistentVolume,
        () if has("VolumeMode") && has("Used By") => Kind::PersistentVolumeClaim,
        () if has("Provisioner") && has("ReclaimPolicy") => Kind::StorageClass,
        () if has("Reference") && (has("Metrics") || has("Min replicas")) => Kind::HorizontalPodAutoscaler,
        () if has("Allowed disruptions") || has("Min available") => Kind::PodDisruptionBudget,
        () if has("Mountable secrets") => Kind::ServiceAccount,
        () if is_network_policy(block) => Kind::NetworkPolicy,
        () if starts_row(block, "Resource") => Kind::ResourceQuota,
        () if starts_row(block, "Type  ") => Kind::LimitRange,
        () if has("Data") && has("Type") => Kind::Secret,
        () if has("Data") => Kind::ConfigMap,
        _ => return None,
    })
}

/// Whether the specification is one of a NetworkPolicy.
fn is_network_policy(block: &Block<'_>) -> bool {
    block
        .entry("Spec")
        .is_some_and(|spec| spec.children.has("PodSelector"))
}

/// Whether an outermost line starts with a word of a table's header.
fn starts_row(block: &Block<'_>, word: &str) -> bool {
    block.entries().any(|entry| {
        entry.text.starts_with(word) && (entry.text.contains("  Used") || entry.text.contains("  Min  "))
    })
}
