//! Whether a probe asks a port on which nothing in its pod listens, as far as declarations and answers tell.
//! A declared port is information only: an undeclared one is wrong only where the probe gets no answer and nothing else
//! in the pod points at that port.

use kubemedic_model::snapshot::{
    PortRef,
    pod::{Container, Pod, Probe, ProbeHandler},
};

/// A probe with the container and the pod that it belongs to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Probed<'a> {
    /// The pod.
    pub(super) pod: &'a Pod,
    /// The container.
    pub(super) container: &'a Container,
    /// The probe.
    pub(super) probe: &'a Probe,
}

/// A port that a probe asks in vain, and the one that the container serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wrong<'a> {
    /// The port that is asked.
    pub(super) asked: &'a PortRef,
    /// The port that the container declares.
    pub(super) right: u16,
}

/// A container's probe by the word of the event.
pub(super) fn probe_of<'c>(container: &'c Container, kind: &str) -> Option<&'c Probe> {
    match kind {
        "Liveness" => container.liveness.as_ref(),
        "Startup" => container.startup.as_ref(),
        _ => container.readiness.as_ref(),
    }
}

/// The port that a handler asks.
pub(super) fn of(handler: &ProbeHandler) -> Option<&PortRef> {
    match handler {
        ProbeHandler::Http { port, .. } | ProbeHandler::Tcp { port } | ProbeHandler::Grpc { port } => {
            Some(port)
        }
        ProbeHandler::Exec { .. } => None,
    }
}

/// Whether the answer, in lower case, is one that a port gives on which nothing listens. The kubelet's gRPC client waits
/// for a connection until its timeout, so that a refusal shows as "failed to connect" there. An HTTP or TCP probe that
/// times out counts only beside a probe of the same container that asks another port.
pub(super) fn unanswered(it: Probed<'_>, answer: &str) -> bool {
    let refused = answer.is_empty() || answer.contains("connection refused");
    let grpc = matches!(it.probe.handler, ProbeHandler::Grpc { .. });
    let unconnected = grpc && answer.contains("failed to connect");
    let late = ["i/o timeout", "deadline exceeded", "timed out"];
    let late = late.iter().any(|word| answer.contains(word));
    refused || unconnected || (late && siblings(it).any(|port| declares(it.container, port)))
}

/// The ports that the container's other probes ask.
fn siblings(it: Probed<'_>) -> impl Iterator<Item = &PortRef> {
    let probes = [
        &it.container.liveness,
        &it.container.readiness,
        &it.container.startup,
    ];
    let others = probes
        .into_iter()
        .flatten()
        .filter(move |probe| !std::ptr::eq(*probe, it.probe));
    others.filter_map(|probe| of(&probe.handler))
}

/// The port that the probe asks although nothing in the pod points at it, with the declared port that it should ask.
pub(super) fn wrong(it: Probed<'_>) -> Option<Wrong<'_>> {
    let asked = of(&it.probe.handler)?;
    let declared = it.container.ports.first()?.number;
    let elsewhere = it
        .pod
        .spec
        .containers
        .iter()
        .any(|container| declares(container, asked));
    let shared = siblings(it).any(|port| port == asked) || is_set(it.container, asked);
    if elsewhere || shared {
        return None;
    }
    let sibling = siblings(it)
        .filter(|port| declares(it.container, port))
        .find_map(|port| number(it.container, port));
    Some(Wrong {
        asked,
        right: sibling.unwrap_or(declared),
    })
}

/// Whether a container declares a port.
fn declares(container: &Container, port: &PortRef) -> bool {
    number(container, port).is_some_and(|number| container.ports.iter().any(|it| it.number == number))
}

/// The number of a port of a container.
fn number(container: &Container, port: &PortRef) -> Option<u16> {
    match port {
        PortRef::Number(number) => Some(*number),
        PortRef::Name(name) => {
            let mut ports = container.ports.iter();
            ports
                .find(|it| it.name.as_deref() == Some(name))
                .map(|it| it.number)
        }
    }
}

/// Whether the program is told by an environment variable to use the port.
fn is_set(container: &Container, port: &PortRef) -> bool {
    let PortRef::Number(number) = port else {
        return false;
    };
    let written = number.to_string();
    let is_port = |name: &str| name.to_ascii_uppercase().ends_with("PORT");
    let mut env = container.env.iter();
    env.any(|it| is_port(&it.name) && it.value.as_deref() == Some(&written))
}

#[cfg(test)]
mod tests;
