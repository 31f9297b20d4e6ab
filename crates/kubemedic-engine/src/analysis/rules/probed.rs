//! Which container a probe's event means, whether that container has passed the probe since, and whether the probed port serves.
//! What a failing probe means is `probe`'s part.

use kubemedic_model::snapshot::{
    PortRef,
    pod::{Container, Pod, Probe, ProbeHandler},
};

use super::super::view::{View, pod_ref};

/// The container whose probe an event means: the one whose probe asks the address in the kubelet's answer, else the one
/// with such a probe, a not-ready one first.
pub(super) fn meant<'p>(pod: &'p Pod, kind: &str, answer: &str) -> Option<&'p Container> {
    let with = || {
        pod.spec
            .containers
            .iter()
            .filter(|it| probe_of(it, kind).is_some())
    };
    with()
        .find(|it| probe_of(it, kind).is_some_and(|probe| is_asked(&probe.handler, answer)))
        .or_else(|| with().find(|it| it.ready == Some(false)))
        .or_else(|| with().next())
}

/// A container's probe by the word of the event.
pub(super) fn probe_of<'c>(container: &'c Container, kind: &str) -> Option<&'c Probe> {
    match kind {
        "Liveness" => container.liveness.as_ref(),
        "Startup" => container.startup.as_ref(),
        _ => container.readiness.as_ref(),
    }
}

/// Whether the kubelet's answer quotes the address that a handler asks (`Get "http://10.0.2.3:8080/ready"`).
fn is_asked(handler: &ProbeHandler, answer: &str) -> bool {
    let (PortRef::Number(number), path) = (match handler {
        ProbeHandler::Http { port, path, .. } => (port, path.as_str()),
        ProbeHandler::Tcp { port } | ProbeHandler::Grpc { port } => (port, ""),
        ProbeHandler::Exec { .. } => return false,
    }) else {
        return false;
    };
    let address = format!(":{number}{path}");
    answer.match_indices(&address).any(|(at, _)| {
        let next = answer
            .get(at + address.len()..)
            .and_then(|rest| rest.chars().next());
        next.is_none_or(|it| !it.is_ascii_alphanumeric())
    })
}

/// Whether a container has passed its probes since: it is ready and was never restarted, so that what its start-up
/// answered is over, whatever its pod's other containers do.
pub(super) fn has_passed(container: &Container) -> bool {
    container.ready == Some(true) && container.restarts == Some(0)
}

/// Whether a container declares the port that a probe asks, or the evidence does not tell. `containerPort` only informs:
/// containers of a pod share its addresses, and what an injected proxy serves is declared by nobody.
pub(super) fn declares(view: &View<'_>, pod: Option<&Pod>, container: &Container, probe: &Probe) -> bool {
    let Some(port) = port_of(&probe.handler) else {
        return true;
    };
    container.ports.is_empty()
        || lists(container, port)
        || pod.is_some_and(|pod| {
            pod.spec.containers.iter().any(|it| lists(it, port)) || is_served_elsewhere(view, pod, port)
        })
}

/// Whether a container declares a port.
pub(super) fn lists(container: &Container, port: &PortRef) -> bool {
    container.ports.iter().any(|it| match port {
        PortRef::Number(number) => it.number == *number,
        PortRef::Name(name) => it.name.as_deref() == Some(name),
    })
}

/// Whether containers of other workloads are ready by a probe of the same port without declaring it either.
fn is_served_elsewhere(view: &View<'_>, pod: &Pod, port: &PortRef) -> bool {
    let own = view.workload_of(&pod_ref(pod));
    let answered = |container: &Container| {
        let probes = [&container.readiness, &container.startup];
        has_passed(container)
            && !lists(container, port)
            && probes
                .into_iter()
                .flatten()
                .any(|probe| port_of(&probe.handler) == Some(port))
    };
    view.snapshot
        .pods
        .iter()
        .filter(|other| other.spec.containers.iter().any(answered))
        .any(|other| view.workload_of(&pod_ref(other)) != own)
}

/// The port that a handler asks.
pub(super) fn port_of(handler: &ProbeHandler) -> Option<&PortRef> {
    match handler {
        ProbeHandler::Http { port, .. } | ProbeHandler::Tcp { port } | ProbeHandler::Grpc { port } => {
            Some(port)
        }
        ProbeHandler::Exec { .. } => None,
    }
}

#[cfg(test)]
mod tests;
