//! A snapshot with the look-ups that rules share: pods by name, events by object, owners, dependencies, what has healed.
//! It states facts only; what they mean is decided in `rules`.

use std::{cell::OnceCell, collections::BTreeMap};

use jiff::Timestamp;
use kubemedic_model::{
    diagnosis::WorkloadRef,
    evidence::Origin,
    naming,
    resource::{Kind, ResourceRef},
    snapshot::{
        ClusterSnapshot, Labels, Meta,
        event::ClusterEvent,
        network::Service,
        pod::{Container, ContainerPhase, Pod, PodSpec, VolumeSource},
        workload::Workload,
    },
};

use super::{addresses::Address, calls::FailedCall, progress};

/// Whether the evidence shows an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presence {
    /// It is there.
    Present,
    /// All of its kind are listed and it is not among them.
    Missing,
    /// The evidence does not tell.
    Unknown,
}

/// How an event relates to the current state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Currency {
    /// The object still suffers.
    Live,
    /// The object is gone or healthy now.
    Healed,
    /// The evidence does not show the object.
    Unknown,
}

/// Seconds within which something counts as happening now: twice the longest back-off of the kubelet (five minutes).
const RECENT_SECONDS: i64 = 600;
/// Restarts from which a container counts as restarting again and again, whenever that was.
const LOOPING_RESTARTS: u32 = 3;

/// A snapshot with indices.
#[derive(Debug)]
pub(crate) struct View<'a> {
    /// The snapshot.
    pub(crate) snapshot: &'a ClusterSnapshot,
    pods: BTreeMap<&'a str, Vec<&'a Pod>>,
    workloads: BTreeMap<&'a str, Vec<&'a Workload>>,
    services: BTreeMap<&'a str, Vec<&'a Service>>,
    events: BTreeMap<&'a str, Vec<&'a ClusterEvent>>,
    /// Failed calls that the logs tell.
    pub(crate) calls: Vec<FailedCall>,
    /// See [`View::addresses`].
    pub(super) addresses: OnceCell<Vec<Address<'a>>>,
    now: Option<Timestamp>,
}

impl<'a> View<'a> {
    /// Indexes a snapshot.
    pub(crate) fn new(snapshot: &'a ClusterSnapshot) -> Self {
        let mut view = Self {
            snapshot,
            pods: BTreeMap::new(),
            workloads: BTreeMap::new(),
            services: BTreeMap::new(),
            events: BTreeMap::new(),
            calls: Vec::new(),
            addresses: OnceCell::new(),
            now: latest(snapshot),
        };
        for pod in &snapshot.pods {
            view.pods.entry(&pod.meta.name).or_default().push(pod);
        }
        for workload in &snapshot.workloads {
            view.workloads
                .entry(&workload.meta.name)
                .or_default()
                .push(workload);
        }
        for service in &snapshot.services {
            view.services.entry(&service.meta.name).or_default().push(service);
        }
        for event in &snapshot.events {
            if let Some(object) = &event.object {
                view.events.entry(&object.name).or_default().push(event);
            }
        }
        view
    }

    /// The same view with the failed calls that the logs tell.
    pub(crate) fn with_calls(mut self, calls: Vec<FailedCall>) -> Self {
        self.calls = calls;
        self
    }

    /// The pod that a reference names.
    pub(crate) fn pod(&self, namespace: Option<&str>, name: &str) -> Option<&'a Pod> {
        find(&self.pods, namespace, name, |pod| &pod.meta)
    }

    /// The service of a name.
    pub(crate) fn service(&self, namespace: Option<&str>, name: &str) -> Option<&'a Service> {
        find(&self.services, namespace, name, |service| &service.meta)
    }

    /// The workload of a kind and name.
    pub(crate) fn workload(&self, kind: &Kind, namespace: Option<&str>, name: &str) -> Option<&'a Workload> {
        let candidates = self.workloads.get(name)?;
        candidates
            .iter()
            .copied()
            .find(|it| it.kind == *kind && meets(&it.meta, namespace))
    }

    /// The events about an object, in the order of the evidence.
    pub(crate) fn events_of(&self, kind: &Kind, meta: &Meta) -> Vec<&'a ClusterEvent> {
        let events = self.events.get(meta.name.as_str());
        events
            .into_iter()
            .flatten()
            .copied()
            .filter(|event| {
                event
                    .object
                    .as_ref()
                    .is_some_and(|it| it.kind == *kind && meets(meta, it.namespace.as_deref()))
            })
            .collect()
    }

    /// The events about a pod.
    pub(crate) fn pod_events(&self, pod: &Pod) -> Vec<&'a ClusterEvent> {
        self.events_of(&Kind::Pod, &pod.meta)
    }

    /// Seconds between a moment and the newest moment of the evidence.
    pub(crate) fn seconds_since(&self, moment: Timestamp) -> Option<i64> {
        Some(self.now?.as_second().saturating_sub(moment.as_second()))
    }

    /// Whether an event was seen within the last minutes of the evidence; unknown counts as recent.
    pub(crate) fn is_recent(&self, event: &ClusterEvent) -> bool {
        let limit = u64::try_from(RECENT_SECONDS).unwrap_or(u64::MAX);
        match (event.age_seconds, event.last_seen) {
            (Some(age), _) => age <= limit,
            (None, Some(seen)) => self.seconds_since(seen).is_none_or(|age| age <= RECENT_SECONDS),
            (None, None) => true,
        }
    }

    /// Whether a pod restarted within the last minutes of the evidence; `None`: it does not tell.
    pub(crate) fn restarted_recently(&self, pod: &Pod) -> Option<bool> {
        if pod.restarts == Some(0) {
            return Some(false);
        }
        if let Some(seconds) = pod.last_restart_seconds {
            return Some(i64::try_from(seconds).is_ok_and(|seconds| seconds <= RECENT_SECONDS));
        }
        let started = pod.spec.containers.iter().filter(|it| it.last_state.is_some());
        let newest = started.filter_map(|it| it.state.as_ref()?.started).max()?;
        if self.now == Some(newest) && self.is_quiet(pod) {
            return None;
        }
        self.seconds_since(newest).map(|age| age <= RECENT_SECONDS)
    }

    /// Whether nothing but a container's own start dates the evidence, after few restarts and without a warning: events
    /// live an hour, so the start may be as old as any.
    fn is_quiet(&self, pod: &Pod) -> bool {
        pod.restarts.is_none_or(|restarts| restarts < LOOPING_RESTARTS)
            && self.pod_events(pod).iter().all(|event| !event.warning)
    }

    /// Whether the evidence shows an object of these kinds.
    pub(crate) fn presence(&self, kind: &Kind, namespace: Option<&str>, name: &str) -> Presence {
        if self.holds(kind, namespace, name) {
            Presence::Present
        } else if self.snapshot.lists(kind, namespace) {
            Presence::Missing
        } else {
            Presence::Unknown
        }
    }

    /// Whether an object of that kind and name is in the snapshot.
    fn holds(&self, kind: &Kind, namespace: Option<&str>, name: &str) -> bool {
        let named = |meta: &Meta| meta.name == name && meets(meta, namespace);
        let it = self.snapshot;
        match kind {
            Kind::Pod => self.pod(namespace, name).is_some(),
            Kind::Service => self.service(namespace, name).is_some(),
            Kind::ConfigMap | Kind::Secret => it
                .config_objects
                .iter()
                .any(|object| object.kind == *kind && named(&object.meta)),
            Kind::PersistentVolumeClaim => it.claims.iter().any(|claim| named(&claim.meta)),
            Kind::StorageClass => it.storage_classes.iter().any(|class| named(&class.meta)),
            Kind::ServiceAccount => it.accounts.iter().any(|account| named(&account.meta)),
            Kind::Node => it.nodes.iter().any(|node| named(&node.meta)),
            kind if kind.is_workload() => self.workload(kind, namespace, name).is_some(),
            kind => it
                .others
                .iter()
                .any(|other| other.kind == *kind && named(&other.meta)),
        }
    }

    /// Whether what an event tells still holds.
    pub(crate) fn currency(&self, event: &ClusterEvent) -> Currency {
        let Some(object) = &event.object else {
            return Currency::Unknown;
        };
        let namespace = object.namespace.as_deref();
        match &object.kind {
            Kind::Pod => match self.pod(namespace, &object.name) {
                Some(pod) if is_healthy(pod) && self.restarted_recently(pod) != Some(true) => {
                    Currency::Healed
                }
                Some(pod) if precedes_start(event) && has_started(pod) => Currency::Healed,
                Some(_) => Currency::Live,
                None if self.is_overtaken(event) => Currency::Healed,
                None => self.gone(&Kind::Pod, namespace),
            },
            Kind::PersistentVolumeClaim => {
                let claims = &self.snapshot.claims;
                let claim = claims
                    .iter()
                    .find(|it| it.meta.name == object.name && meets(&it.meta, namespace));
                match claim.map(|claim| claim.phase.as_deref()) {
                    Some(Some("Bound")) => Currency::Healed,
                    Some(_) => Currency::Live,
                    None if self.is_overtaken(event) => Currency::Healed,
                    None => self.gone(&object.kind, namespace),
                }
            }
            Kind::Node => match self.snapshot.nodes.iter().find(|it| it.meta.name == object.name) {
                Some(node) if node.ready == Some(true) && !self.is_recent(event) => Currency::Healed,
                Some(node) if node.ready == Some(false) => Currency::Unknown,
                _ if self.is_overtaken(event) => Currency::Healed,
                _ => Currency::Unknown,
            },
            kind if event.reason == "FailedCreate" && self.has_its_pods(kind, namespace, &object.name) => {
                Currency::Healed
            }
            kind if kind.is_workload() => match self.workload_currency(kind, namespace, &object.name) {
                Currency::Unknown if self.is_overtaken(event) => Currency::Healed,
                known => known,
            },
            _ if self.is_overtaken(event) => Currency::Healed,
            _ => Currency::Unknown,
        }
    }

    /// Whether a ReplicaSet has every pod that it wants, whatever state they are in: then creating them succeeded.
    fn has_its_pods(&self, kind: &Kind, namespace: Option<&str>, name: &str) -> bool {
        let Some(set) = self.workload(kind, namespace, name) else {
            return false;
        };
        let is_own = |pod: &&Pod| {
            let owner = pod.meta.owner.as_ref();
            meets(&pod.meta, namespace) && owner.is_some_and(|it| it.kind == *kind && it.name == name)
        };
        let own = self.snapshot.pods.iter().filter(is_own).count();
        let desired = set.desired.and_then(|it| usize::try_from(it).ok());
        *kind == Kind::ReplicaSet && desired.is_some_and(|desired| desired > 0 && own >= desired)
    }

    /// Whether a later event about the same object tells that the failed step was done.
    fn is_overtaken(&self, event: &ClusterEvent) -> bool {
        let Some(object) = &event.object else { return false };
        let steps = progress::steps_after(event);
        let events = self.events.get(object.name.as_str()).into_iter().flatten();
        events
            .filter(|later| steps.contains(&later.reason.as_str()) && later.object.as_ref() == Some(object))
            .any(|later| progress::follows(later, event))
    }

    /// The event that stands at a place of the input.
    pub(crate) fn event_at(&self, origin: &Origin, object: &ResourceRef) -> Option<&'a ClusterEvent> {
        let events = self.events.get(object.name.as_str()).into_iter().flatten();
        events.copied().find(|event| event.origin == *origin)
    }

    /// Whether a workload that an event names still lacks pods.
    fn workload_currency(&self, kind: &Kind, namespace: Option<&str>, name: &str) -> Currency {
        if let Some(workload) = self.workload(kind, namespace, name) {
            return if is_satisfied(workload) {
                Currency::Healed
            } else {
                Currency::Live
            };
        }
        let deployment = naming::deployment_of_replica_set(name)
            .filter(|_| *kind == Kind::ReplicaSet)
            .and_then(|owner| self.workload(&Kind::Deployment, namespace, owner));
        match (kind, deployment) {
            (_, Some(deployment)) if is_satisfied(deployment) => Currency::Healed,
            (Kind::Job | Kind::CronJob, _) => Currency::Unknown,
            (kind, _) => self.gone(kind, namespace),
        }
    }

    /// What the absence of an object means.
    fn gone(&self, kind: &Kind, namespace: Option<&str>) -> Currency {
        if self.snapshot.lists(kind, namespace) {
            Currency::Healed
        } else {
            Currency::Unknown
        }
    }

    /// The workload that a repair of the object changes.
    pub(crate) fn workload_of(&self, object: &ResourceRef) -> Option<WorkloadRef> {
        let namespace = object.namespace.as_deref();
        match &object.kind {
            Kind::Pod => self.owner_of_pod(namespace, &object.name),
            Kind::ReplicaSet => Some(self.owner_of_replica_set(object)),
            Kind::Job => Some(shown(self.owner_of_job(object).unwrap_or_else(|| object.clone()))),
            kind if kind.is_workload() => Some(shown(object.clone())),
            Kind::PersistentVolumeClaim => self.user_of_claim(namespace, &object.name),
            Kind::Service => self.workload_behind(namespace, &object.name),
            _ => None,
        }
    }

    /// The owner of a pod: told by the pod, else derived from its name.
    fn owner_of_pod(&self, namespace: Option<&str>, name: &str) -> Option<WorkloadRef> {
        let pod = self.pod(namespace, name);
        let namespace = namespace.or(pod.and_then(|pod| pod.meta.namespace.as_deref()));
        if let Some(owner) = pod.and_then(|pod| pod.meta.owner.clone()) {
            let owner = ResourceRef::new(owner.kind, owner.namespace.as_deref().or(namespace), owner.name);
            return match owner.kind {
                Kind::ReplicaSet => Some(self.owner_of_replica_set(&owner)),
                Kind::Job => self.workload_of(&owner),
                Kind::Node => None,
                _ => Some(shown(owner)),
            };
        }
        let derived = naming::owner_of_pod(name)?;
        let known = [Kind::Deployment, Kind::StatefulSet, Kind::DaemonSet]
            .into_iter()
            .find(|kind| self.workload(kind, namespace, &derived.name).is_some());
        Some(WorkloadRef {
            derived: known.is_none(),
            resource: ResourceRef::new(known.unwrap_or(derived.kind), namespace, derived.name),
        })
    }

    /// The Deployment of a ReplicaSet: told by its owner, else derived from its name, else itself.
    fn owner_of_replica_set(&self, object: &ResourceRef) -> WorkloadRef {
        let namespace = object.namespace.as_deref();
        let owner = self
            .workload(&Kind::ReplicaSet, namespace, &object.name)
            .and_then(|it| it.meta.owner.clone());
        if let Some(owner) = owner {
            return shown(ResourceRef::new(owner.kind, namespace, owner.name));
        }
        match naming::deployment_of_replica_set(&object.name) {
            Some(name) => WorkloadRef {
                resource: ResourceRef::new(Kind::Deployment, namespace, name),
                derived: self.workload(&Kind::Deployment, namespace, name).is_none(),
            },
            None => shown(object.clone()),
        }
    }

    /// The CronJob of a Job.
    fn owner_of_job(&self, object: &ResourceRef) -> Option<ResourceRef> {
        let job = self
            .snapshot
            .jobs
            .iter()
            .find(|job| job.meta.name == object.name)?;
        let owner = job.meta.owner.as_ref()?;
        Some(ResourceRef::new(
            owner.kind.clone(),
            object.namespace.as_deref(),
            owner.name.clone(),
        ))
    }

    /// The workload whose pods use a claim; a StatefulSet's claim tells by its name (`TEMPLATE-POD`).
    fn user_of_claim(&self, namespace: Option<&str>, claim: &str) -> Option<WorkloadRef> {
        let uses = |spec: &PodSpec| {
            spec.volumes
                .iter()
                .any(|volume| matches!(&volume.source, VolumeSource::Claim(name) if name == claim))
        };
        let pods = &self.snapshot.pods;
        let pod = pods
            .iter()
            .find(|pod| meets(&pod.meta, namespace) && uses(&pod.spec));
        if let Some(pod) = pod {
            return self.owner_of_pod(pod.meta.namespace.as_deref(), &pod.meta.name);
        }
        let workloads = self.snapshot.workloads.iter();
        let mut claimants = workloads.filter(|it| meets(&it.meta, namespace) && uses(&it.template));
        if let Some(workload) = claimants.find(|it| it.kind != Kind::ReplicaSet) {
            return Some(shown(workload_ref(workload)));
        }
        let sets = self
            .snapshot
            .workloads
            .iter()
            .filter(|it| it.kind == Kind::StatefulSet);
        sets.filter(|it| meets(&it.meta, namespace))
            .find(|it| {
                claim
                    .rsplit_once('-')
                    .is_some_and(|(rest, _)| rest.ends_with(&format!("-{}", it.meta.name)))
            })
            .map(|it| shown(workload_ref(it)))
    }

    /// The workload whose pods a service selects, else the one of its name.
    pub(crate) fn workload_behind(&self, namespace: Option<&str>, service: &str) -> Option<WorkloadRef> {
        let selector = self
            .service(namespace, service)
            .and_then(|it| it.selector.as_ref())
            .filter(|it| !it.is_empty());
        let workloads = || {
            let all = self.snapshot.workloads.iter();
            all.filter(|it| it.kind != Kind::ReplicaSet && meets(&it.meta, namespace))
        };
        selector
            .and_then(|selector| workloads().find(|it| selects(selector, &it.pod_labels)))
            .or_else(|| workloads().find(|it| it.meta.name == service))
            .map(|it| shown(workload_ref(it)))
    }

    /// The service that a host name or address means (`db`, `db.shop.svc`, `10.0.2.3`), seen from a namespace.
    pub(crate) fn service_of_host(&self, namespace: Option<&str>, host: &str) -> Option<&'a Service> {
        let host = host.rsplit_once("://").map_or(host, |(_, rest)| rest);
        let host = host.split(['/', ':']).next().unwrap_or(host);
        let services = &self.snapshot.services;
        if let Some(service) = services.iter().find(|it| it.cluster_ip.as_deref() == Some(host)) {
            return Some(service);
        }
        let mut parts = host.split('.');
        let name = parts.next()?;
        match parts.next() {
            Some("svc") | None => self.service(namespace, name),
            Some(other) => self.service(Some(other), name),
        }
    }

    /// The pods that belong to a workload, told or by their names.
    pub(crate) fn pods_of(&self, workload: &ResourceRef) -> impl Iterator<Item = &'a Pod> {
        let pods = self.snapshot.pods.iter();
        pods.filter(move |pod| {
            self.workload_of(&pod_ref(pod))
                .is_some_and(|it| it.resource == *workload)
        })
    }

    /// The pods that a selector covers.
    pub(crate) fn selected(&self, namespace: Option<&str>, selector: &Labels) -> Vec<&'a Pod> {
        let pods = self.snapshot.pods.iter();
        pods.filter(|pod| meets(&pod.meta, namespace) && selects(selector, &pod.meta.labels))
            .collect()
    }
}

/// The first object of a name that is in the namespace.
fn find<'a, T>(
    index: &BTreeMap<&'a str, Vec<&'a T>>,
    namespace: Option<&str>,
    name: &str,
    meta: impl Fn(&T) -> &Meta,
) -> Option<&'a T> {
    let candidates = index.get(name)?;
    candidates.iter().copied().find(|it| meets(meta(it), namespace))
}

/// A workload that the evidence shows.
fn shown(resource: ResourceRef) -> WorkloadRef {
    WorkloadRef {
        resource,
        derived: false,
    }
}

/// Whether an object is in the namespace, where both sides tell.
pub(crate) fn meets(meta: &Meta, namespace: Option<&str>) -> bool {
    match (meta.namespace.as_deref(), namespace) {
        (Some(have), Some(want)) => have == want,
        _ => true,
    }
}

/// Whether labels satisfy a selector.
pub(crate) fn selects(selector: &Labels, labels: &Labels) -> bool {
    selector.iter().all(|(key, value)| labels.get(key) == Some(value))
}

/// The reference of a pod.
pub(crate) fn pod_ref(pod: &Pod) -> ResourceRef {
    reference(Kind::Pod, &pod.meta)
}

/// The reference of a workload.
pub(crate) fn workload_ref(workload: &Workload) -> ResourceRef {
    reference(workload.kind.clone(), &workload.meta)
}

/// The reference of an object.
pub(crate) fn reference(kind: Kind, meta: &Meta) -> ResourceRef {
    ResourceRef::new(kind, meta.namespace.as_deref(), meta.name.clone())
}

/// Whether a pod does what it should: all containers ready, or ended well.
pub(crate) fn is_healthy(pod: &Pod) -> bool {
    if is_finished(pod) {
        return true;
    }
    if pod.meta.terminating || !matches!(pod.phase.as_deref(), Some("Running") | None) {
        return false;
    }
    let full = pod.ready.is_some_and(|(ready, all)| all > 0 && ready == all);
    full && pod.status.as_deref().is_none_or(|status| status == "Running")
}

/// Whether a pod ended with success.
pub(crate) fn is_finished(pod: &Pod) -> bool {
    pod.phase.as_deref() == Some("Succeeded")
        || matches!(pod.status.as_deref(), Some("Completed" | "Succeeded"))
}

/// Whether an event tells of a step that comes before any container of the pod runs.
fn precedes_start(event: &ClusterEvent) -> bool {
    let steps = [
        "FailedScheduling",
        "FailedCreatePodSandBox",
        "FailedCreatePodSandbox",
        "FailedMount",
        "FailedAttachVolume",
        "FailedMapVolume",
        "NetworkNotReady",
    ];
    steps.contains(&event.reason.as_str())
}

/// Whether some container of the pod has run.
fn has_started(pod: &Pod) -> bool {
    let ran = |container: &Container| {
        let now = container.state.as_ref();
        container.last_state.is_some()
            || container.restarts.unwrap_or(0) > 0
            || now.is_some_and(|state| state.phase != ContainerPhase::Waiting)
    };
    pod.restarts.unwrap_or(0) > 0 || containers(&pod.spec).any(|(_, container)| ran(container))
}

/// Whether a workload has the replicas that it wants.
pub(crate) fn is_satisfied(workload: &Workload) -> bool {
    let desired = workload.desired.unwrap_or(1);
    let updated = workload.updated.is_none_or(|updated| updated >= desired);
    let ready = match workload.ready {
        Some(ready) => ready >= desired,
        None => desired == 0,
    };
    ready && (updated || workload.kind == Kind::ReplicaSet)
}

/// The containers of a pod with whether they are init containers.
pub(crate) fn containers(spec: &PodSpec) -> impl Iterator<Item = (bool, &Container)> {
    let init = spec.init_containers.iter().map(|it| (true, it));
    init.chain(spec.containers.iter().map(|it| (false, it)))
}

/// Whether a container ended well or runs.
pub(crate) fn is_past(container: &Container) -> bool {
    container.state.as_ref().is_some_and(|state| match state.phase {
        ContainerPhase::Terminated => state.exit_code == Some(0),
        ContainerPhase::Running => container.ready == Some(true),
        ContainerPhase::Waiting => false,
    })
}

/// The newest moment that the snapshot tells.
fn latest(snapshot: &ClusterSnapshot) -> Option<Timestamp> {
    let events = snapshot
        .events
        .iter()
        .filter_map(|event| event.last_seen.or(event.first_seen));
    let states = snapshot
        .pods
        .iter()
        .flat_map(|pod| containers(&pod.spec))
        .flat_map(|(_, container)| [&container.state, &container.last_state])
        .flatten()
        .flat_map(|state| [state.started, state.finished])
        .flatten();
    events.chain(states).max()
}
