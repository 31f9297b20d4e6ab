//! Components that every node or pod depends on and that do not work: the scheduler.
//! What the components' own words tell is the catalogue's part.

use kubemedic_model::{
    class::FailureClass,
    diagnosis::Fact,
    resource::{Kind, ResourceRef},
    snapshot::{event::ClusterEvent, pod::Pod},
};

use super::{
    super::{
        hypothesis::{Exhibit, Hypothesis, Standing},
        view::{View, is_healthy, pod_ref},
    },
    Claims,
    network::LATENT,
};

/// The name of the scheduler's lease, and the beginning of its pods' names.
const SCHEDULER: &str = "kube-scheduler";
/// Seconds after which a scheduler that works has judged a pod many times over.
const JUDGED_SECONDS: u64 = 30;

/// Claims what pods that nobody schedules show.
pub(super) fn claim(view: &View<'_>, claims: &mut Claims) {
    let waiting: Vec<&Pod> = view
        .snapshot
        .pods
        .iter()
        .filter(|pod| is_unjudged(view, pod))
        .collect();
    let broken = scheduler_pod(view);
    if waiting.is_empty() && broken.is_none() {
        return;
    }
    claims.live.push(scheduler_down(view, &waiting, broken));
}

/// Whether a pod waits for a node and the scheduler has neither bound nor refused it: a scheduler that works does one of
/// both within seconds, and says so in the `PodScheduled` condition and an event.
fn is_unjudged(view: &View<'_>, pod: &Pod) -> bool {
    let told = !pod.spec.containers.is_empty();
    let judged = pod.conditions.iter().any(|it| it.kind == "PodScheduled");
    let heard = |event: &&ClusterEvent| {
        matches!(
            event.reason.as_str(),
            "FailedScheduling" | "Scheduled" | "Preempted"
        ) || event
            .component
            .as_deref()
            .is_some_and(|it| it.contains("scheduler"))
    };
    told && !judged
        && pod.phase.as_deref() == Some("Pending")
        && pod.spec.node.is_none()
        && !pod.meta.terminating
        && pod.meta.age_seconds.is_none_or(|age| age >= JUDGED_SECONDS)
        && !view.pod_events(pod).iter().any(heard)
}

/// A pod of the scheduler itself that does not do what it should.
fn scheduler_pod<'a>(view: &View<'a>) -> Option<&'a Pod> {
    let mut own = view.snapshot.pods.iter().filter(|pod| {
        pod.meta.name.starts_with(SCHEDULER) && pod.meta.namespace.as_deref() == Some("kube-system")
    });
    let first = own.next()?;
    let all_broken = !is_healthy(first) && own.all(|pod| !is_healthy(pod));
    all_broken.then_some(first)
}

/// The claim that the scheduler does not work.
fn scheduler_down(view: &View<'_>, waiting: &[&Pod], broken: Option<&Pod>) -> Hypothesis {
    let leader = last_leader(view);
    let node = broken
        .and_then(|pod| pod.spec.node.clone().or_else(|| node_of_static_pod(pod)))
        .or_else(|| leader.and_then(leader_node))
        .or_else(|| only_control_plane(view));
    let first = waiting.first();
    let example = first.map_or_else(
        || "its pod is not ready".to_owned(),
        |pod| {
            let age = pod
                .meta
                .age_seconds
                .map_or(String::new(), |age| format!(" for {age} s"));
            format!(
                "pod {} is Pending{age} without a node, a PodScheduled condition or a scheduling event",
                pod.meta.name
            )
        },
    );
    let place = node
        .as_deref()
        .map_or(String::new(), |node| format!(" on node {node}"));
    let sure = leader.is_some() || broken.is_some() || conditions_are_told(view);
    let mut claim = Hypothesis::new(
        FailureClass::ControlplaneDegraded,
        Standing::Verified,
        if sure { 0.96 } else { LATENT },
    )
    .refined(Some("kube_scheduler_unavailable"))
    .fact(Fact::Node, node.as_deref())
    .because(
        format!("kube-scheduler{place} does not work: {example}"),
        "A scheduler that runs binds a waiting pod within seconds or reports why no node takes it; a pod about which it says nothing was never looked at.",
    );
    let object = node.map(|node| ResourceRef::new(Kind::Node, None, node));
    claim.object = object.or_else(|| first.or(broken.as_ref()).map(|pod| pod_ref(pod)));
    for pod in waiting.iter().take(4) {
        claim = claim.with(pod_ref(pod));
        if let Some(workload) = view.workload_of(&pod_ref(pod)) {
            claim = claim.with(workload.resource);
        }
        claim.evidence.push(super::pod_exhibit(pod));
    }
    claim.evidence.extend(broken.map(super::pod_exhibit));
    claim.evidence.extend(leader.map(Exhibit::event));
    claim
}

/// Whether the evidence tells the `PodScheduled` condition of other pods: then its absence means something.
fn conditions_are_told(view: &View<'_>) -> bool {
    let mut pods = view.snapshot.pods.iter();
    pods.any(|pod| pod.conditions.iter().any(|it| it.kind == "PodScheduled"))
}

/// The last event by which a scheduler became the leader.
fn last_leader<'a>(view: &View<'a>) -> Option<&'a ClusterEvent> {
    let events = view.snapshot.events.iter().filter(|event| {
        let of_lease = event.object.as_ref().is_some_and(|it| it.name == SCHEDULER);
        of_lease && event.reason == "LeaderElection" && event.message.contains("became leader")
    });
    events.min_by_key(|event| (event.age_seconds, event.last_seen.map(std::cmp::Reverse)))
}

/// The node of a leader: its identity is the node's name, an underscore and a random id.
fn leader_node(event: &ClusterEvent) -> Option<String> {
    let identity = event.message.split_whitespace().next()?;
    let (node, _) = identity.rsplit_once('_')?;
    (!node.is_empty()).then(|| node.to_owned())
}

/// The node in the name of a static pod, `kube-scheduler-NODE`.
fn node_of_static_pod(pod: &Pod) -> Option<String> {
    let node = pod.meta.name.strip_prefix(SCHEDULER)?.strip_prefix('-')?;
    (!node.is_empty()).then(|| node.to_owned())
}

/// The node with the control plane, if there is exactly one.
fn only_control_plane(view: &View<'_>) -> Option<String> {
    let roles = [
        "node-role.kubernetes.io/control-plane",
        "node-role.kubernetes.io/master",
    ];
    let mut nodes = view.snapshot.nodes.iter().filter(|node| {
        let labels = &node.meta.labels;
        roles.iter().any(|role| labels.contains_key(*role))
            || labels
                .get("kubernetes.io/role")
                .is_some_and(|role| matches!(role.as_str(), "master" | "control-plane"))
    });
    let first = nodes.next()?;
    nodes.next().is_none().then(|| first.meta.name.clone())
}

#[cfg(test)]
mod tests;
