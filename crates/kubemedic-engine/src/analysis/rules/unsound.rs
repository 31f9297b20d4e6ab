//! Specifications that cannot work: a node that does not exist, variables that hide each other, hooks that fail, images
//! that run as root where that is forbidden, and workloads whose pods nobody may create for a reason of its own.

use kubemedic_model::{
    class::FailureClass,
    diagnosis::Fact,
    resource::{Kind, ResourceRef},
    snapshot::{
        event::ClusterEvent,
        pod::{Container, EnvVar, Pod},
    },
};

use super::{
    super::{
        hypothesis::{Exhibit, Hypothesis, Standing},
        view::{Presence, View, containers, pod_ref},
    },
    Claims, Subject, event_name, event_object,
    network::LATENT,
    pod_exhibit,
};

/// Claims what such specifications show.
pub(super) fn claim(view: &View<'_>, claims: &mut Claims) {
    for pod in super::unhealthy(view) {
        claims.live.extend(nowhere(view, pod));
        for (_, container) in containers(&pod.spec) {
            let subject = Subject { pod, container };
            claims.live.extend(as_root(subject));
            claims.live.extend(shadowed(subject));
        }
    }
    for event in &view.snapshot.events {
        if let Some(claim) = hook(event) {
            claims.judge(view, event, claim);
        }
    }
}

/// A pod that is bound to a node that does not exist.
fn nowhere(view: &View<'_>, pod: &Pod) -> Option<Hypothesis> {
    let node = pod.spec.node.as_deref()?;
    let waits = pod.phase.as_deref() == Some("Pending") && !pod.meta.terminating;
    if !waits || view.presence(&Kind::Node, None, node) != Presence::Missing {
        return None;
    }
    Some(
        Hypothesis::new(FailureClass::UnschedulableAffinity, Standing::Verified, 0.93)
            .about(pod_ref(pod))
            .refined(Some("non_existent_node"))
            .with(ResourceRef::new(Kind::Node, None, node))
            .fact(Fact::Node, Some(node))
            .because(
                format!(
                    "Pod {} is bound to the node {node}, which does not exist, so no kubelet starts it",
                    pod.meta.name
                ),
                "A pod whose nodeName is set is never scheduled; only the kubelet of that node could run it.",
            )
            .shown_by([Exhibit::state(
                pod_ref(pod),
                &pod.meta.origin,
                "spec.nodeName",
                node.to_owned(),
            )]),
    )
}

/// A container that may not run as root and whose image does.
fn as_root(subject: Subject<'_>) -> Option<Hypothesis> {
    let state = subject.container.state.as_ref()?;
    let message = state.message.as_deref()?;
    if !message.contains("runAsNonRoot") {
        return None;
    }
    let (pod, container) = (&subject.pod.meta.name, &subject.container.name);
    Some(
        subject
            .claim(FailureClass::AdmissionDenied, Standing::Verified, 0.93)
            .refined(Some("run_as_non_root"))
            .because(
                format!("Container {container} of pod {pod} is denied its start: runAsNonRoot is set, but its image runs as root"),
                "The kubelet refuses to create a container that must not run as root and whose image names no other user.",
            )
            .shown_by([subject.exhibit("state", state)]),
    )
}

/// A variable that a later one of the same name overrides with another value. Latent: a failing container confirms it.
fn shadowed(subject: Subject<'_>) -> Option<Hypothesis> {
    let env = &subject.container.env;
    let (name, first, last) = env
        .iter()
        .enumerate()
        .find_map(|(at, one)| hidden(one, env.iter().skip(at + 1)))?;
    let container: &Container = subject.container;
    Some(
        subject
            .claim(FailureClass::AppConfigInvalid, Standing::Verified, LATENT)
            .refined(Some("env_var_shadowed"))
            .fact(Fact::Key, Some(name))
            .because(
                format!(
                    "Container {} of pod {} sets the variable {name} twice: {last} hides {first}",
                    container.name, subject.pod.meta.name
                ),
                "Of two variables of one name the last one counts, so the first value never reaches the program.",
            )
            .shown_by([
                Exhibit::state(
                    pod_ref(subject.pod),
                    &subject.pod.meta.origin,
                    format!("spec.containers[{}].env", container.name),
                    format!("{name}={first}; {name}={last}"),
                ),
                pod_exhibit(subject.pod),
            ]),
    )
}

/// The name and the two values, where one of the later variables hides the first.
fn hidden<'e>(
    one: &'e EnvVar,
    mut later: impl Iterator<Item = &'e EnvVar>,
) -> Option<(&'e str, &'e str, &'e str)> {
    let first = one.value.as_deref()?;
    let other = later.find(|it| it.name == one.name)?;
    let last = other.value.as_deref()?;
    (first != last).then_some((one.name.as_str(), first, last))
}

/// A lifecycle hook that fails.
fn hook(event: &ClusterEvent) -> Option<Hypothesis> {
    if event.reason != "FailedPostStartHook" {
        return None;
    }
    let name = event_name(event);
    let mut claim = Hypothesis::new(FailureClass::BadCommand, Standing::Reported, 0.9)
        .refined(Some("lifecycle_hook_failing"))
        .because(
            format!("The postStart hook of pod {name} fails, so the kubelet kills the container right after its start"),
            "A container whose postStart hook ends with an error is killed and restarted.",
        )
        .shown_by([Exhibit::event(event)]);
    claim.object = event_object(event);
    Some(claim)
}
