//! Liveness, startup and readiness probes that fail, cross-checked with the ports that the container declares.

mod port;

use kubemedic_model::{
    class::FailureClass,
    diagnosis::Fact,
    snapshot::{
        event::ClusterEvent,
        pod::{Container, ContainerPhase, Pod, Probe, ProbeHandler},
    },
};

use super::{
    super::{
        hypothesis::{Exhibit, Hypothesis, Standing},
        patterns::{self, first, group},
        view::{View, is_healthy, pod_ref},
    },
    Claims, Subject, pod_exhibit,
    probed::{declares, has_passed, meant, port_of, probe_of},
};

/// A container, its probe, and whether the probed port is declared as far as it can be.
type Probed<'a> = (&'a Container, &'a Probe, bool);

/// Claims what `Unhealthy` events and not-ready containers show.
pub(super) fn claim(view: &View<'_>, claims: &mut Claims) {
    for event in &view.snapshot.events {
        let Some(kind) = first(&patterns::PROBE_FAILED, &event.message) else {
            continue;
        };
        let answer = group(&patterns::PROBE_FAILED, &event.message, 2).unwrap_or("");
        if is_passed(view, event, kind, answer) {
            continue;
        }
        let claim = reported(view, event, kind);
        let flapping = flaps(view, event);
        if flapping {
            claims.live.push(claim);
        } else {
            claims.judge(view, event, claim);
        }
    }
    for pod in super::unhealthy(view) {
        claims.live.extend(unready(view, pod));
    }
}

/// Whether the container that an event means has passed the probe since.
fn is_passed(view: &View<'_>, event: &ClusterEvent, kind: &str, answer: &str) -> bool {
    let pod = event
        .object
        .as_ref()
        .and_then(|object| view.pod(object.namespace.as_deref(), &object.name));
    let container = pod.and_then(|pod| meant(pod, kind, answer));
    pod.is_some_and(|pod| !is_healthy(pod) || pod.restarts != Some(0)) && container.is_some_and(has_passed)
}

/// Events of a probe from which restarts in between count as one failure that goes on.
const FLAPPING_COUNT: u64 = 3;

/// Whether the pod is ready only because it was restarted a moment ago.
fn flaps(view: &View<'_>, event: &ClusterEvent) -> bool {
    let pod = event
        .object
        .as_ref()
        .and_then(|object| view.pod(object.namespace.as_deref(), &object.name));
    pod.is_some_and(|pod| {
        is_healthy(pod)
            && pod.restarts.unwrap_or(0) > 1
            && event.count >= FLAPPING_COUNT
            && view.is_recent(event)
    })
}

/// The claim that an event makes.
fn reported(view: &View<'_>, event: &ClusterEvent, kind: &str) -> Hypothesis {
    let object = super::event_object(event);
    let pod = object
        .as_ref()
        .and_then(|object| view.pod(object.namespace.as_deref(), &object.name));
    let answer = group(&patterns::PROBE_FAILED, &event.message, 2).unwrap_or("");
    let container = pod.and_then(|pod| meant(pod, kind, answer));
    let probe = container.and_then(|container| probe_of(container, kind));
    let probed = container
        .zip(probe)
        .map(|(container, probe)| (container, probe, declares(view, pod, container, probe)));
    let mut claim = described(kind, super::event_name(event), answer, probed);
    claim.object = object;
    if let Some(pod) = pod {
        claim = claim.shown_by([Exhibit::event(event), pod_exhibit(pod)]);
        return claim.fact(Fact::Node, pod.spec.node.as_deref());
    }
    claim.shown_by([Exhibit::event(event)])
}

/// The words and the finer cause of a failing probe.
fn described(kind: &str, pod: &str, answer: &str, probed: Option<Probed<'_>>) -> Hypothesis {
    let readiness = kind == "Readiness";
    let class = if readiness {
        FailureClass::ReadinessProbeFailing
    } else {
        FailureClass::LivenessProbeFailing
    };
    let target = probed
        .map(|(_, probe, _)| target(&probe.handler))
        .unwrap_or_default();
    let (cause, why) = diagnosed(kind, answer, probed);
    let effect = if readiness {
        "so it gets no traffic"
    } else {
        "so the kubelet restarts the container"
    };
    let mut claim = Hypothesis::new(class, Standing::Reported, if readiness { 0.85 } else { 0.88 })
        .refined(cause)
        .because(
            format!(
                "The {} probe{target} of pod {pod} fails: {why}, {effect}",
                kind.to_ascii_lowercase()
            ),
            format!("The kubelet reports the failures of the probe; {why}."),
        )
        .fact(Fact::Code, first(&patterns::PROBE_STATUS, answer));
    if let Some((container, probe, declared)) = probed {
        let port = port_of(&probe.handler).map(ToString::to_string);
        claim = claim
            .fact(Fact::Container, Some(&container.name))
            .fact(Fact::Port, port.as_deref())
            .fact(Fact::Path, path_of(&probe.handler));
        if !declared && let Some(wrong) = port::wrong(container, probe) {
            claim = claim.fact(Fact::RightPort, Some(&wrong.right.to_string()));
        }
    }
    claim
}

/// The finer cause and its words.
fn diagnosed(kind: &str, answer: &str, probed: Option<Probed<'_>>) -> (Option<&'static str>, String) {
    let lower = answer.to_ascii_lowercase();
    let readiness = kind == "Readiness";
    // A port that answers at all, even with an error, is one on which something listens.
    if let Some((container, probe, false)) = probed
        && port::unanswered(container, probe, &lower)
        && let Some(wrong) = port::wrong(container, probe)
    {
        let cause = if readiness {
            "readiness_probe_incorrect_port"
        } else {
            "liveness_probe_incorrect_port"
        };
        return (
            Some(cause),
            format!(
                "it asks port {}, but the container listens on {}",
                wrong.asked, wrong.right
            ),
        );
    }
    if [
        "malformed http",
        "server gave http response",
        "http response to https",
        "first record does not look like a tls",
        "unimplemented",
        "connection closed before server preface",
    ]
    .iter()
    .any(|word| lower.contains(word))
    {
        let cause = if readiness {
            "readiness_probe_incorrect_protocol"
        } else {
            "liveness_probe_incorrect_protocol"
        };
        return (
            Some(cause),
            "the container speaks another protocol than the probe".to_owned(),
        );
    }
    if let Some(status) = first(&patterns::PROBE_STATUS, answer) {
        return (None, format!("it gets HTTP status {status}"));
    }
    if lower.contains("deadline exceeded") || lower.contains("timeout") || lower.contains("timed out") {
        let limit = probed
            .and_then(|(_, probe, _)| probe.timeout_seconds)
            .map_or_else(String::new, |it| format!(" of {it} s"));
        let cause = (!readiness).then_some("liveness_probe_incorrect_timing");
        return (
            cause,
            format!("no answer comes within its timeout{limit} (slow start or too short a delay)"),
        );
    }
    if lower.contains("connection refused") {
        return (
            None,
            "the connection is refused, nothing listens there (yet)".to_owned(),
        );
    }
    if answer.is_empty() {
        return (None, "the container does not answer as it should".to_owned());
    }
    (None, "the container answers with an error".to_owned())
}

/// The path that a handler asks.
fn path_of(handler: &ProbeHandler) -> Option<&str> {
    match handler {
        ProbeHandler::Http { path, .. } => Some(path),
        _ => None,
    }
}

/// What a handler asks, for a sentence.
fn target(handler: &ProbeHandler) -> String {
    match handler {
        ProbeHandler::Http { path, port, .. } => format!(" (HTTP {path} on port {port})"),
        ProbeHandler::Tcp { port } => format!(" (TCP port {port})"),
        ProbeHandler::Grpc { port } => format!(" (gRPC port {port})"),
        ProbeHandler::Exec { .. } => " (a command)".to_owned(),
    }
}

/// Seconds that a container without a probe's own times gets until it must be ready.
const GRACE_SECONDS: i64 = 120;

/// A container that runs for long enough, has a readiness probe, and is not ready.
fn unready(view: &View<'_>, pod: &Pod) -> Option<Hypothesis> {
    if pod.meta.terminating {
        return None;
    }
    let waits = |container: &&Container| {
        let state = container.state.as_ref();
        container.ready == Some(false) && state.is_some_and(|state| state.phase == ContainerPhase::Running)
    };
    let Some(container) = pod.spec.containers.iter().find(waits) else {
        return table_unready(pod);
    };
    let probe = container.readiness.as_ref();
    let started = container.state.as_ref().and_then(|state| state.started);
    let runs = started.and_then(|started| view.seconds_since(started));
    if runs.is_some_and(|seconds| seconds < grace(probe)) {
        return None;
    }
    let claim = described(
        "Readiness",
        &pod.meta.name,
        "",
        probe.map(|probe| (container, probe, declares(view, Some(pod), container, probe))),
    );
    let mut claim = claim.about(pod_ref(pod));
    claim.standing = Standing::Reported;
    claim.likelihood = if probe.is_some() { 0.6 } else { 0.4 };
    let subject = Subject { pod, container };
    let exhibit = container
        .state
        .as_ref()
        .map(|state| subject.exhibit("state", state));
    Some(claim.shown_by(exhibit).shown_by([pod_exhibit(pod)]))
}

/// Seconds until a container must be ready.
fn grace(probe: Option<&Probe>) -> i64 {
    let Some(probe) = probe else { return GRACE_SECONDS };
    let tries =
        i64::from(probe.failure_threshold.unwrap_or(3)) * i64::from(probe.period_seconds.unwrap_or(10));
    i64::from(probe.delay_seconds.unwrap_or(0)) + tries
}

/// A table row `0/1 Running` that is not young.
fn table_unready(pod: &Pod) -> Option<Hypothesis> {
    let (ready, all) = pod.ready?;
    let old = pod
        .meta
        .age_seconds
        .is_none_or(|age| i64::try_from(age).is_ok_and(|age| age >= GRACE_SECONDS));
    if pod.status.as_deref() != Some("Running") || ready >= all || !old || !pod.spec.containers.is_empty() {
        return None;
    }
    let name = &pod.meta.name;
    Some(
        Hypothesis::new(FailureClass::ReadinessProbeFailing, Standing::Symptom, 0.5)
            .about(pod_ref(pod))
            .because(
                format!(
                    "Pod {name} runs but only {ready} of {all} containers are ready, so it gets no traffic"
                ),
                "A running container that is not ready fails its readiness probe.",
            )
            .shown_by([pod_exhibit(pod)]),
    )
}
