//! Probes: the port, the kind of check and the time that they allow, from what the container declares.

use kubemedic_model::{
    diagnosis::Fact,
    snapshot::{
        PortRef,
        pod::{Container, Probe, ProbeHandler},
    },
};
use serde_json::{Value, json};

use super::called;
use crate::remediation::{
    change::{Change, Merge},
    playbook::Act,
    site::Site,
};

/// The least seconds before the first try that a relaxed probe gives.
const LEAST_DELAY: u32 = 30;
/// The least seconds that one try of a relaxed probe may take.
const LEAST_TIMEOUT: u32 = 5;
/// The least failures until a relaxed probe counts as failed.
const LEAST_FAILURES: u32 = 3;
/// The most that a relaxed value may be, in seconds: a longer one needs a startup probe and a person's thought.
const MOST: u32 = 600;

/// Repairs the liveness probe, else the startup probe.
pub(crate) fn liveness(site: &Site<'_>) -> Vec<Act> {
    let field = match site.container_spec() {
        Some(spec) if spec.liveness.is_none() && spec.startup.is_some() => "startupProbe",
        _ => "livenessProbe",
    };
    repair(site, field).into_iter().collect()
}

/// Repairs the readiness probe.
pub(crate) fn readiness(site: &Site<'_>) -> Vec<Act> {
    repair(site, "readinessProbe").into_iter().collect()
}

/// The change of one probe that the cause asks for.
fn repair(site: &Site<'_>, field: &'static str) -> Option<Act> {
    let workload = site.rollout()?;
    let container = site.container()?;
    let spec = site.container_spec()?;
    let probe = probe_of(spec, field)?;
    let (fields, what) = correction(site, spec, probe)?;
    let body = json!({"spec": {"template": {"spec": {"containers": [{"name": container, field: fields}]}}}});
    let why = format!(
        "Changes the {field} of container {container} of {}: {what}",
        called(workload)
    );
    Some(Act::new(
        Change::Patch(workload.clone(), Merge::Strategic, body),
        why,
    ))
}

/// The probe of a field.
fn probe_of<'a>(spec: &'a Container, field: &str) -> Option<&'a Probe> {
    match field {
        "livenessProbe" => spec.liveness.as_ref(),
        "startupProbe" => spec.startup.as_ref(),
        _ => spec.readiness.as_ref(),
    }
}

/// The corrected fields of a probe, and in words what is corrected.
fn correction(site: &Site<'_>, spec: &Container, probe: &Probe) -> Option<(Value, String)> {
    let cause = site.cause.cause.as_deref().unwrap_or_default();
    if cause.ends_with("incorrect_protocol") {
        return other_protocol(spec, probe);
    }
    if cause.ends_with("incorrect_timing") {
        return more_time(probe);
    }
    right_port(site, spec, probe).or_else(|| {
        let is_slow = site.fact(Fact::Duration).is_some();
        is_slow.then(|| more_time(probe)).flatten()
    })
}

/// The port that the evidence calls right, else the only one that the container declares.
fn right_port(site: &Site<'_>, spec: &Container, probe: &Probe) -> Option<(Value, String)> {
    let told = site
        .fact(Fact::RightPort)
        .and_then(|text| text.parse::<u16>().ok());
    let right = told.or_else(|| only_port(spec))?;
    let (name, present) = match &probe.handler {
        ProbeHandler::Http { port, .. } => ("httpGet", port),
        ProbeHandler::Tcp { port } => ("tcpSocket", port),
        ProbeHandler::Grpc { port } => ("grpc", port),
        ProbeHandler::Exec { .. } => return None,
    };
    if names_port(present, right, spec) {
        return None;
    }
    Some((
        json!({name: {"port": right}}),
        format!("it asks port {present}, the container listens on {right}"),
    ))
}

/// Whether a port reference means a declared port.
fn names_port(reference: &PortRef, number: u16, spec: &Container) -> bool {
    match reference {
        PortRef::Number(it) => *it == number,
        PortRef::Name(name) => spec
            .ports
            .iter()
            .any(|port| port.number == number && port.name.as_ref() == Some(name)),
    }
}

/// The only port that the container declares.
fn only_port(spec: &Container) -> Option<u16> {
    match spec.ports.as_slice() {
        [port] => Some(port.number),
        _ => None,
    }
}

/// A TCP check of the same port, where the present kind of check does not fit what the container speaks.
fn other_protocol(spec: &Container, probe: &Probe) -> Option<(Value, String)> {
    let (name, port) = match &probe.handler {
        ProbeHandler::Http { port, .. } => ("httpGet", port),
        ProbeHandler::Grpc { port } => ("grpc", port),
        ProbeHandler::Tcp { .. } | ProbeHandler::Exec { .. } => return None,
    };
    let declared = spec.ports.iter().any(|it| names_port(port, it.number, spec));
    let port = match (declared, port, only_port(spec)) {
        (true, port, _) | (false, port, None) => json!(port),
        (false, _, Some(only)) => json!(only),
    };
    Some((
        json!({name: null, "tcpSocket": {"port": port}}),
        format!("a TCP check of port {port} instead of {name}, which the container does not answer"),
    ))
}

/// Twice the time, within bounds.
fn more_time(probe: &Probe) -> Option<(Value, String)> {
    let twice =
        |now: Option<u32>, least: u32| now.map_or(least, |it| it.saturating_mul(2)).clamp(least, MOST);
    let delay = twice(probe.delay_seconds, LEAST_DELAY);
    let timeout = twice(probe.timeout_seconds, LEAST_TIMEOUT);
    let failures = probe
        .failure_threshold
        .unwrap_or(LEAST_FAILURES)
        .clamp(LEAST_FAILURES, MOST);
    let fields = json!({
        "initialDelaySeconds": delay,
        "timeoutSeconds": timeout,
        "failureThreshold": failures,
    });
    let same = probe.delay_seconds == Some(delay)
        && probe.timeout_seconds == Some(timeout)
        && probe.failure_threshold == Some(failures);
    (!same).then(|| {
        (
            fields,
            format!("first try after {delay} s, {timeout} s for an answer, {failures} failures"),
        )
    })
}
