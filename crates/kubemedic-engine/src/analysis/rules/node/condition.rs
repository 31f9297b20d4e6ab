//! Conditions of nodes besides readiness and pressure: a missing network route, and what a node problem detector reports.

use kubemedic_model::{
    class::FailureClass,
    diagnosis::Fact,
    resource::{Kind, ResourceRef},
    snapshot::node::Node,
};

use super::super::super::hypothesis::{Exhibit, Hypothesis, Standing};

/// Conditions that mean trouble where they are true, with the class and what they tell.
/// Sources: `k8s.io/api/core/v1` node conditions, node-problem-detector `config/*.json`.
const TROUBLES: [(&str, FailureClass, &str, &str); 8] = [
    (
        "NetworkUnavailable",
        FailureClass::SandboxNetwork,
        "node_network_unavailable",
        "its pod network is not set up",
    ),
    (
        "ReadonlyFilesystem",
        FailureClass::ReadOnlyFs,
        "node_problem",
        "its file system is read-only",
    ),
    (
        "CorruptDockerOverlay2",
        FailureClass::VolumeMountFailed,
        "node_problem",
        "its image layers are corrupt",
    ),
    (
        "KernelDeadlock",
        FailureClass::NodeNotReady,
        "node_problem",
        "its kernel is deadlocked",
    ),
    (
        "FrequentKubeletRestart",
        FailureClass::NodeNotReady,
        "node_problem",
        "its kubelet restarts again and again",
    ),
    (
        "FrequentContainerdRestart",
        FailureClass::NodeNotReady,
        "node_problem",
        "its containerd restarts again and again",
    ),
    (
        "FrequentDockerRestart",
        FailureClass::NodeNotReady,
        "node_problem",
        "its container runtime restarts again and again",
    ),
    (
        "FrequentUnregisterNetDevice",
        FailureClass::SandboxNetwork,
        "node_problem",
        "its network devices cannot be removed",
    ),
];

/// What a node's further conditions show.
pub(super) fn claim(node: &Node) -> Option<Hypothesis> {
    let (condition, trouble) = node.conditions.iter().find_map(|condition| {
        let trouble = TROUBLES
            .iter()
            .find(|(kind, ..)| condition.kind == *kind && condition.status == "True")?;
        Some((condition, trouble))
    })?;
    let (kind, class, cause, why) = trouble;
    let name = &node.meta.name;
    let object = ResourceRef::new(Kind::Node, None, name.clone());
    let message = condition.message.as_deref().unwrap_or("");
    let short: String = message.chars().take(90).collect();
    let told = if short.is_empty() {
        String::new()
    } else {
        format!(" ({short})")
    };
    Some(
        Hypothesis::new(*class, Standing::Verified, 0.85)
            .about(object.clone())
            .refined(Some(cause))
            .fact(Fact::Node, Some(name))
            .because(
                format!("Node {name} reports {kind}: {why}{told}"),
                "Pods on a node in this condition fail one after the other; it takes repair or replacement.",
            )
            .shown_by([Exhibit::state(
                object,
                &node.meta.origin,
                format!("status.conditions[{kind}]"),
                format!("{kind}=True {message}"),
            )]),
    )
}
