//! Ports of a Service that its pods do not offer as asked: a named target port that no container has, and a protocol that
//! nothing speaks there. Numbers that differ are told in `network`.

use kubemedic_model::{
    class::FailureClass,
    diagnosis::Fact,
    resource::Kind,
    snapshot::{
        PortRef,
        network::{Service, ServicePort},
        pod::{Container, Pod, Probe, ProbeHandler},
    },
};

use super::{
    super::{
        hypothesis::{Exhibit, Hypothesis, Standing},
        view::{View, is_healthy, meets, reference},
    },
    Claims,
    network::LATENT,
};

/// The protocol of a port that tells none.
const DEFAULT_PROTOCOL: &str = "TCP";

/// Claims what the ports of services show.
pub(super) fn claim(view: &View<'_>, claims: &mut Claims) {
    for service in &view.snapshot.services {
        let Some(selector) = service.selector.as_ref().filter(|it| !it.is_empty()) else {
            continue;
        };
        let pods = view.selected(service.meta.namespace.as_deref(), selector);
        if pods.is_empty() || service.kind.as_deref() == Some("ExternalName") {
            continue;
        }
        claims.live.extend(unknown_name(view, service, &pods));
        claims.live.extend(wrong_protocol(view, service, &pods));
    }
}

/// A named target port for which the control plane found no container port: ready pods, but no address with a port.
fn unknown_name(view: &View<'_>, service: &Service, pods: &[&Pod]) -> Option<Hypothesis> {
    let name = service.ports.iter().find_map(|port| match &port.target {
        Some(PortRef::Name(name)) => Some(name),
        _ => None,
    })?;
    let named = |pod: &&Pod| {
        let mut ports = pod.spec.containers.iter().flat_map(|it| &it.ports);
        ports.any(|port| port.name.is_some())
    };
    let ready = pods.iter().any(|pod| is_healthy(pod));
    let endpoints =
        view.snapshot.endpoints.iter().find(|it| {
            it.meta.name == service.meta.name && meets(&it.meta, service.meta.namespace.as_deref())
        })?;
    let served = endpoints.ready.iter().any(|address| address.contains(':'));
    // Where names are told, `network` compares them.
    if !ready || served || !endpoints.ports.is_empty() || pods.iter().any(named) {
        return None;
    }
    let numbers = numbers(pods);
    let list = numbers
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(", ");
    let right = numbers.first().map(ToString::to_string);
    let front = &service.meta.name;
    let has = if list.is_empty() {
        String::new()
    } else {
        format!("; they declare {list}")
    };
    let claim = made(view, service, "service_port_mapping_mismatch", 0.95)
        .fact(Fact::Port, Some(name))
        .fact(Fact::RightPort, right.as_deref())
        .because(
            format!("Service {front} forwards to the named port {name}, which no container of its ready pods has{has}, so it has no endpoints"),
            "A named targetPort is looked up among the container ports of the selected pods; a pod without that name gives the service no address.",
        )
        .shown_by([state(service, format!("targetPort {name}; endpoints without a port"))]);
    Some(claim)
}

/// The container ports that pods declare.
fn numbers(pods: &[&Pod]) -> std::collections::BTreeSet<u16> {
    let containers = pods.iter().flat_map(|pod| &pod.spec.containers);
    containers
        .flat_map(|it| &it.ports)
        .map(|port| port.number)
        .collect()
}

/// A protocol of a service port that the container's port of that number does not have.
fn wrong_protocol(view: &View<'_>, service: &Service, pods: &[&Pod]) -> Option<Hypothesis> {
    let (port, number, have) = service.ports.iter().find_map(|port| mismatch(port, pods))?;
    let want = port.protocol.as_deref()?;
    let spoken = spoken_on(pods, number);
    let likelihood = match spoken {
        Some(_) if want != DEFAULT_PROTOCOL => 0.95,
        None if want != DEFAULT_PROTOCOL && is_stream_name(port) => 0.9,
        _ => LATENT,
    };
    let name = &service.meta.name;
    let how = spoken.map_or_else(String::new, |how| format!(" and answers {how} there"));
    let claim = made(view, service, "service_protocol_mismatch", likelihood)
        .fact(Fact::Port, Some(&number.to_string()))
        .fact(Fact::RightPort, Some(&number.to_string()))
        .because(
            format!(
                "Service {name} forwards port {} as {want}, but its pods' container port {number} is {have}{how}",
                port.port
            ),
            "Traffic of the protocol that the clients speak is not forwarded at all: a service port carries one protocol only.",
        )
        .shown_by([state(
            service,
            format!("port {}/{want} -> {number}/{want}; containerPort {number}/{have}", port.port),
        )]);
    Some(claim)
}

/// The target's number and the container's protocol, where it differs from the service port's.
fn mismatch<'a>(port: &'a ServicePort, pods: &[&Pod]) -> Option<(&'a ServicePort, u16, String)> {
    let want = port.protocol.as_deref()?;
    let containers = || pods.iter().flat_map(|pod| &pod.spec.containers);
    let declared: Vec<(u16, &str)> = containers()
        .flat_map(|it| &it.ports)
        .filter(|it| match &port.target {
            Some(PortRef::Name(name)) => it.name.as_ref() == Some(name),
            Some(PortRef::Number(number)) if *number > 0 => it.number == *number,
            _ => it.number == port.port,
        })
        .map(|it| (it.number, it.protocol.as_deref().unwrap_or(DEFAULT_PROTOCOL)))
        .collect();
    let (number, have) = declared.first()?;
    let differs = declared.iter().all(|(_, protocol)| *protocol != want);
    differs.then(|| (port, *number, (*have).to_owned()))
}

/// How a probe that succeeds or at least is asked speaks on that port: every network probe is TCP.
fn spoken_on(pods: &[&Pod], number: u16) -> Option<&'static str> {
    let probes = |it: &Container| [it.liveness.clone(), it.readiness.clone(), it.startup.clone()];
    let containers = pods.iter().flat_map(|pod| &pod.spec.containers);
    let mut all = containers.flat_map(probes).flatten();
    all.find_map(|probe: Probe| match probe.handler {
        ProbeHandler::Http { port, .. } => (port == PortRef::Number(number)).then_some("HTTP probes"),
        ProbeHandler::Tcp { port } => (port == PortRef::Number(number)).then_some("TCP probes"),
        ProbeHandler::Grpc { port } => (port == PortRef::Number(number)).then_some("gRPC probes"),
        ProbeHandler::Exec { .. } => None,
    })
}

/// Whether a port's name or application protocol is one that runs over TCP.
fn is_stream_name(port: &ServicePort) -> bool {
    let told = [port.app_protocol.as_deref(), port.name.as_deref()];
    let mut told = told.into_iter().flatten();
    told.any(|it| {
        let first = it.split('-').next().unwrap_or(it).to_ascii_lowercase();
        matches!(
            first.as_str(),
            "http" | "https" | "grpc" | "tcp" | "tls" | "mysql" | "redis" | "mongo"
        )
    })
}

/// A claim about a service and the workload behind it.
fn made(view: &View<'_>, service: &Service, cause: &str, likelihood: f64) -> Hypothesis {
    let object = reference(Kind::Service, &service.meta);
    let claim = Hypothesis::new(FailureClass::ServicePortMismatch, Standing::Verified, likelihood)
        .refined(Some(cause))
        .fact(Fact::Service, Some(&service.meta.name));
    let behind = view.workload_of(&object);
    let claim = claim.about(object);
    match behind {
        Some(workload) => claim.with(workload.resource),
        None => claim,
    }
}

/// The exhibit of a service's ports.
fn state(service: &Service, quote: String) -> Exhibit {
    let object = reference(Kind::Service, &service.meta);
    Exhibit::state(object, &service.meta.origin, "spec.ports", quote)
}

#[cfg(test)]
mod tests;
