//! Objects in failing states to occurrences: pods that crash or cannot start, nodes that are not ready.

use std::borrow::Cow;

use kubemedic_model::{
    log::{LogSource, Severity},
    resource::{Kind, ResourceRef},
    snapshot::{
        ClusterSnapshot, Meta,
        node::Node,
        pod::{Container, ContainerPhase, Pod},
    },
};

use super::collect::Occurrence;

/// States of pods and containers that mean a failure.
const FAILING: &[&str] = &[
    "CrashLoopBackOff",
    "ImagePullBackOff",
    "ErrImagePull",
    "ErrImageNeverPull",
    "InvalidImageName",
    "ImageInspectError",
    "RegistryUnavailable",
    "CreateContainerConfigError",
    "CreateContainerError",
    "CreatePodSandboxError",
    "RunContainerError",
    "StartError",
    "ContainerCannotRun",
    "OOMKilled",
    "Evicted",
    "Error",
    "Failed",
    "ContainerStatusUnknown",
    "UnexpectedAdmissionError",
    "NodeLost",
    "DeadlineExceeded",
    "PostStartHookError",
    "PreStopHookError",
    "NodeAffinity",
    "OutOfcpu",
    "OutOfmemory",
    "OutOfpods",
];

/// The failing objects of a snapshot.
pub(super) fn occurrences(snapshot: &ClusterSnapshot) -> impl Iterator<Item = Occurrence<'_>> {
    let pods = snapshot.pods.iter().filter_map(pod);
    pods.chain(snapshot.nodes.iter().filter_map(node))
}

fn pod(pod: &Pod) -> Option<Occurrence<'_>> {
    let (container, reason) = failing(pod)?;
    let told = container
        .and_then(|it| it.state.as_ref())
        .and_then(|state| state.message.as_deref());
    let detail = told
        .or(pod.message.as_deref())
        .map(|text| format!(": {text}"))
        .unwrap_or_default();
    let place = container
        .map(|it| format!(" container {}", it.name))
        .unwrap_or_default();
    let ended = container.and_then(|it| {
        [&it.state, &it.last_state]
            .into_iter()
            .flatten()
            .find_map(|state| state.exit_code)
    });
    Some(Occurrence {
        severity: Severity::Error,
        text: Some(Cow::Owned(format!(
            "pod {}{place} is {reason}{detail}",
            pod.meta.name
        ))),
        error_type: Some(reason.to_owned()),
        error_code: ended.filter(|code| *code != 0).map(|code| code.to_string()),
        source: LogSource {
            namespace: pod.meta.namespace.clone(),
            pod: Some(pod.meta.name.clone()),
            container: container.map(|it| it.name.clone()),
            service: None,
        },
        object: Some(ResourceRef::new(
            Kind::Pod,
            pod.meta.namespace.as_deref(),
            pod.meta.name.clone(),
        )),
        count: 1,
        ..Occurrence::at(&pod.meta.origin)
    })
}

/// Why a pod fails: by the state of a container, else by the STATUS word or the status' reason.
fn failing(pod: &Pod) -> Option<(Option<&Container>, &str)> {
    let containers = pod.spec.init_containers.iter().chain(&pod.spec.containers);
    let mut states = containers
        .filter_map(|container| failing_container(container).map(|reason| (Some(container), reason)));
    states.next().or_else(|| {
        let words = [pod.status.as_deref(), pod.reason.as_deref(), pod.phase.as_deref()];
        words
            .into_iter()
            .flatten()
            .map(|word| word.strip_prefix("Init:").unwrap_or(word))
            .find(|word| is_failing(word))
            .map(|word| (None, word))
    })
}

fn failing_container(container: &Container) -> Option<&str> {
    let state = container.state.as_ref()?;
    let ended_well = state.phase == ContainerPhase::Terminated && state.exit_code == Some(0);
    let reason = state
        .reason
        .as_deref()
        .filter(|reason| is_failing(reason) && !ended_well && state.phase != ContainerPhase::Running)?;
    let before = container
        .last_state
        .as_ref()
        .and_then(|state| state.reason.as_deref());
    Some(if reason == "CrashLoopBackOff" && before == Some("OOMKilled") {
        "OOMKilled"
    } else {
        reason
    })
}

fn is_failing(word: &str) -> bool {
    FAILING.contains(&word) || word.starts_with("ExitCode:") || word.starts_with("Signal:")
}

fn node(node: &Node) -> Option<Occurrence<'_>> {
    if node.ready != Some(false) {
        return None;
    }
    let Meta { name, origin, .. } = &node.meta;
    Some(Occurrence {
        severity: Severity::Error,
        text: Some(Cow::Owned(format!("node {name} is NotReady"))),
        error_type: Some("NodeNotReady".to_owned()),
        source: LogSource {
            service: Some(name.clone()),
            ..LogSource::default()
        },
        object: Some(ResourceRef::new(Kind::Node, None, name.clone())),
        count: 1,
        ..Occurrence::at(origin)
    })
}
