//! Memory limits that are too small for a container even to be created: the kernel kills runc's init, or the runtime
//! refuses the limit. Kills of running containers are read from container states by the parent.

use kubemedic_model::{class::FailureClass, diagnosis::Fact, snapshot::pod::Container};

use super::{
    super::{
        super::{
            hypothesis::{Exhibit, Hypothesis, Standing},
            quantity,
            view::View,
        },
        Claims, Subject, event_name, event_object,
    },
    containers,
};

/// What runc, containerd and CRI-O say of a limit that is too small (lower case).
/// Sources: runc `libcontainer/process_linux.go`, CRI-O `server/container_create_linux.go`.
const TOO_SMALL: [&str; 4] = [
    "oom-killed (memory limit too low",
    "container init was oom-killed",
    "memory limit too low",
    "unable to set memory limit",
];

/// Whether a message tells of such a limit.
pub(super) fn is_too_small(message: &str) -> bool {
    let lower = message.to_ascii_lowercase();
    let refused = lower.contains("set memory limit") && lower.contains("too low");
    refused || TOO_SMALL.iter().any(|words| lower.contains(words))
}

/// Claims what events tell of such limits.
pub(super) fn claim(view: &View<'_>, claims: &mut Claims) {
    for event in view.snapshot.events.iter().filter(|it| is_too_small(&it.message)) {
        let object = event_object(event);
        let pod = object
            .as_ref()
            .and_then(|it| view.pod(it.namespace.as_deref(), &it.name));
        let container = pod.and_then(|pod| {
            let limited = containers(&pod.spec).filter_map(|(_, it)| Some((limit(it)?, it)));
            limited
                .min_by(|left, right| left.0.total_cmp(&right.0))
                .map(|(_, it)| it)
        });
        let mut claim = worded(event_name(event), container).shown_by([Exhibit::event(event)]);
        claim.object = object;
        claims.judge(view, event, claim);
    }
}

/// The claim of a container whose own state tells it.
pub(super) fn too_small(subject: Subject<'_>) -> Hypothesis {
    let claim = worded(&subject.pod.meta.name, Some(subject.container));
    Hypothesis {
        standing: Standing::Verified,
        object: Some(super::pod_ref(subject.pod)),
        ..claim
    }
}

/// A container's memory limit in bytes.
fn limit(container: &Container) -> Option<f64> {
    quantity::parse(container.limits.get("memory")?)
}

/// The words.
fn worded(pod: &str, container: Option<&Container>) -> Hypothesis {
    let limit = container.and_then(|it| it.limits.get("memory"));
    let of = limit.map_or_else(String::new, |limit| format!(" of {limit}"));
    let which = container.map_or_else(String::new, |it| format!("container {} of ", it.name));
    Hypothesis::new(FailureClass::OomKilled, Standing::Reported, 0.95)
        .refined(Some("oom_killed"))
        .fact(Fact::MemoryLimit, limit.map(String::as_str))
        .fact(
            Fact::MemoryRequest,
            container
                .and_then(|it| it.requests.get("memory"))
                .map(String::as_str),
        )
        .fact(Fact::Container, container.map(|it| it.name.as_str()))
        .because(
            format!("The memory limit{of} of {which}pod {pod} is too low even to start it: its init process is OOM-killed"),
            "The container runtime itself needs some megabytes inside the container's memory limit; below that the kernel kills the container before its program runs.",
        )
}

#[cfg(test)]
mod tests;
