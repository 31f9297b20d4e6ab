//! Whether a probe asks a port on which nothing in its pod listens, as far as declarations and answers tell.
//! A declared port is information only: an undeclared one is wrong only where the probe gets no answer and nothing else
//! in the container points at that port. What the pod's other containers and other workloads serve is `probed`'s part.

use kubemedic_model::snapshot::{
    PortRef,
    pod::{Container, Probe, ProbeHandler},
};

use super::{super::probed::lists, port_of};

/// A port that a probe asks in vain, and the one that the container serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wrong<'a> {
    /// The port that is asked.
    pub(super) asked: &'a PortRef,
    /// The port that the container declares.
    pub(super) right: u16,
}

/// Whether the answer, in lower case, is one that a port gives on which nothing listens. The kubelet's gRPC client waits
/// for a connection until its timeout, so that a refusal shows as "failed to connect" there. An HTTP or TCP probe that
/// times out counts only beside a probe of the same container that asks another, declared port.
pub(super) fn unanswered(container: &Container, probe: &Probe, answer: &str) -> bool {
    let refused = answer.is_empty() || answer.contains("connection refused");
    let grpc = matches!(probe.handler, ProbeHandler::Grpc { .. });
    let unconnected = grpc && answer.contains("failed to connect");
    let late = ["i/o timeout", "deadline exceeded", "timed out"];
    let late = late.iter().any(|word| answer.contains(word));
    refused || unconnected || (late && siblings(container, probe).any(|port| lists(container, port)))
}

/// The ports that the container's other probes ask.
fn siblings<'c>(container: &'c Container, probe: &'c Probe) -> impl Iterator<Item = &'c PortRef> {
    let probes = [&container.liveness, &container.readiness, &container.startup];
    let others = probes
        .into_iter()
        .flatten()
        .filter(move |it| !std::ptr::eq(*it, probe));
    others.filter_map(|it| port_of(&it.handler))
}

/// The port that the probe asks although nothing in the container points at it, with the port that it should ask.
pub(super) fn wrong<'c>(container: &'c Container, probe: &'c Probe) -> Option<Wrong<'c>> {
    let asked = port_of(&probe.handler)?;
    let declared = container.ports.first()?.number;
    let shared = siblings(container, probe).any(|port| port == asked) || is_set(container, asked);
    if lists(container, asked) || shared {
        return None;
    }
    let sibling = siblings(container, probe)
        .filter(|port| lists(container, port))
        .find_map(|port| number(container, port));
    Some(Wrong {
        asked,
        right: sibling.unwrap_or(declared),
    })
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
