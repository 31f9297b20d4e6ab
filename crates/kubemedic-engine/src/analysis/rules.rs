//! The rules that read the state of the cluster, one file per failure family. They claim; `ranking` decides.
//! A rule reads objects and events only: what logs say is the catalogue's part.

mod address;
mod config;
mod connection;
mod container;
mod controlplane;
mod dns;
mod gateway;
mod hook;
mod image;
mod kube_proxy;
mod metrics;
mod misroute;
mod network;
mod node;
mod policy;
mod probe;
mod probed;
mod scaling;
mod scheduling;
mod service_port;
mod service_quota;
mod sidecar;
mod storage;
mod unsound;
mod workload;

use std::fmt::Write;

use kubemedic_model::{
    diagnosis::Fact,
    resource::{Kind, ResourceRef},
    snapshot::{
        event::ClusterEvent,
        pod::{Container, ContainerPhase, ContainerState, Pod},
    },
};

use super::{
    hypothesis::{Exhibit, Hypothesis, Standing},
    view::{Currency, View, pod_ref},
};

/// What the rules claim.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Claims {
    /// What holds now, or may hold.
    pub(crate) live: Vec<Hypothesis>,
    /// What the current state shows to be over.
    pub(crate) healed: Vec<Hypothesis>,
}

impl Claims {
    /// Keeps a claim that rests on an event where the current state puts it: verified, reported or healed.
    fn judge(&mut self, view: &View<'_>, event: &ClusterEvent, mut claim: Hypothesis) {
        match view.currency(event) {
            Currency::Live => {
                claim.standing = claim.standing.max(Standing::Verified);
                self.live.push(claim);
            }
            Currency::Unknown => {
                claim.standing = claim.standing.min(Standing::Reported);
                self.live.push(claim);
            }
            Currency::Healed => {
                if !is_start_up_noise(view, event) {
                    self.healed.push(claim);
                }
            }
        }
    }
}

/// Seconds after the birth of a pod within which a wait is part of any start.
const START_UP_SECONDS: i64 = 120;
/// How often a wait may be reported and still be part of any start.
const START_UP_COUNT: u64 = 5;

/// Whether an event tells of a wait that every start may have: the object lives, is healthy, and got over it soon.
fn is_start_up_noise(view: &View<'_>, event: &ClusterEvent) -> bool {
    let waits = [
        "FailedScheduling",
        "Unhealthy",
        "FailedMount",
        "FailedCreatePodSandBox",
        "FailedBinding",
    ];
    let waits = waits.contains(&event.reason.as_str());
    let pod = event.object.as_ref().filter(|object| object.kind == Kind::Pod);
    let born = pod
        .and_then(|object| view.pod(object.namespace.as_deref(), &object.name))
        .and_then(|pod| pod.meta.created);
    let early = match (born, event.last_seen) {
        (Some(born), Some(seen)) => seen.as_second() - born.as_second() <= START_UP_SECONDS,
        _ => event.count <= START_UP_COUNT,
    };
    waits && early
}

/// Every claim of every rule.
pub(crate) fn claims(view: &View<'_>) -> Claims {
    let mut claims = Claims::default();
    for rule in [
        container::claim,
        image::claim,
        config::claim,
        connection::claim,
        sidecar::claim,
        probe::claim,
        scheduling::claim,
        policy::claim,
        storage::claim,
        node::claim,
        network::claim,
        workload::claim,
        gateway::claim,
        hook::claim,
        scaling::claim,
        unsound::claim,
        address::claim,
        controlplane::claim,
        kube_proxy::claim,
        service_port::claim,
        service_quota::claim,
        dns::claim,
        misroute::claim,
        metrics::claim,
    ] {
        rule(view, &mut claims);
    }
    claims
}

/// A container with its pod, and what shows its state.
#[derive(Debug, Clone, Copy)]
struct Subject<'a> {
    pod: &'a Pod,
    container: &'a Container,
}

impl Subject<'_> {
    /// A claim about the pod that carries the container's facts.
    #[track_caller]
    fn claim(
        self,
        class: kubemedic_model::class::FailureClass,
        standing: Standing,
        likelihood: f64,
    ) -> Hypothesis {
        Hypothesis::new(class, standing, likelihood)
            .about(pod_ref(self.pod))
            .fact(Fact::Container, Some(&self.container.name))
            .fact(Fact::Image, self.container.image.as_deref())
            .fact(Fact::Node, self.pod.spec.node.as_deref())
    }

    /// The exhibit of a container's state.
    fn exhibit(self, field: &str, state: &ContainerState) -> Exhibit {
        let mut quote = format!("{:?}", state.phase);
        for part in [state.reason.as_deref(), state.message.as_deref()]
            .into_iter()
            .flatten()
        {
            quote.push_str(": ");
            quote.push_str(part);
        }
        if let Some(code) = state.exit_code {
            let _ = write!(quote, " (exit code {code})");
        }
        let path = format!("status.containerStatuses[{}].{field}", self.container.name);
        Exhibit::state(pod_ref(self.pod), &self.pod.meta.origin, path, quote)
    }
}

/// The exhibit of a pod's phase and status word.
fn pod_exhibit(pod: &Pod) -> Exhibit {
    let (ready, all) = pod.ready.unwrap_or_default();
    let status = pod
        .status
        .as_deref()
        .or(pod.phase.as_deref())
        .unwrap_or("Unknown");
    let restarts = pod.restarts.unwrap_or(0);
    let quote = format!("{} {ready}/{all} {status} restarts {restarts}", pod.meta.name);
    Exhibit::state(pod_ref(pod), &pod.meta.origin, "status", quote)
}

/// Whether a container ended with an error, now or before, and does not serve.
fn has_failed(container: &Container) -> bool {
    let states = [&container.state, &container.last_state];
    let ended = states
        .into_iter()
        .flatten()
        .any(|it| it.phase == ContainerPhase::Terminated && it.exit_code.is_some_and(|code| code != 0));
    container.ready != Some(true) && ended
}

/// The pods that do not do what they should.
fn unhealthy<'a>(view: &View<'a>) -> impl Iterator<Item = &'a Pod> {
    view.snapshot
        .pods
        .iter()
        .filter(|pod| !super::view::is_healthy(pod))
}

/// A list of at most `limit` names for a sentence.
fn listing<'a>(names: impl IntoIterator<Item = &'a str>, limit: usize) -> String {
    let names: Vec<&str> = names.into_iter().collect();
    let shown = names.iter().take(limit).copied().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(limit) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// The object that an event is about, as the guilty one.
fn event_object(event: &ClusterEvent) -> Option<ResourceRef> {
    event.object.clone()
}

/// The name of an event's object for a sentence.
fn event_name(event: &ClusterEvent) -> &str {
    event.object.as_ref().map_or("a pod", |object| &object.name)
}

#[cfg(test)]
mod tests;
