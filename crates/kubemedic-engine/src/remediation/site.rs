//! Where a repair takes place: the names that a root cause and the snapshot give, resolved once.
//! It reads the evidence only; a name that is not there stays unknown.

use kubemedic_model::{
    diagnosis::{Fact, RootCause},
    naming::{deployment_of_replica_set, is_object_name, owner_of_pod},
    resource::{Kind, ResourceRef},
    snapshot::{
        ClusterSnapshot,
        network::Service,
        pod::{Container, Pod, PodSpec},
        workload::Workload,
    },
};

/// An object that a command names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    /// Its kind.
    pub(crate) kind: Kind,
    /// Its namespace, if known.
    pub(crate) namespace: Option<String>,
    /// Its name.
    pub(crate) name: String,
    /// Whether only Kubernetes' naming rules tell that it exists.
    pub(crate) derived: bool,
}

impl Target {
    /// The object as a reference.
    pub(crate) fn resource(&self) -> ResourceRef {
        ResourceRef::new(self.kind.clone(), self.namespace.as_deref(), self.name.clone())
    }

    /// Whether `kubectl rollout` works on it.
    pub(crate) fn rolls_out(&self) -> bool {
        matches!(self.kind, Kind::Deployment | Kind::StatefulSet | Kind::DaemonSet)
    }
}

/// A root cause with the names around it.
#[derive(Debug)]
pub(crate) struct Site<'a> {
    /// The cause.
    pub(crate) cause: &'a RootCause,
    /// The cluster as far as it is known.
    pub(crate) snapshot: &'a ClusterSnapshot,
    /// The namespace of the incident.
    pub(crate) namespace: Option<String>,
    /// The workload that a repair changes.
    pub(crate) workload: Option<Target>,
    /// A pod that shows the fault.
    pub(crate) pod: Option<Target>,
}

impl<'a> Site<'a> {
    /// Resolves the names around a cause.
    pub(crate) fn of(cause: &'a RootCause, snapshot: &'a ClusterSnapshot) -> Self {
        let mut site = Self {
            cause,
            snapshot,
            namespace: namespace_of(cause, snapshot),
            workload: None,
            pod: None,
        };
        site.workload = site.find_workload();
        site.pod = site.find_pod();
        site
    }

    /// The site after a repair: a rollout replaces the pods of a Deployment or DaemonSet by others with new names.
    pub(crate) fn after_repair(&self) -> Self {
        let keeps_names = self
            .workload
            .as_ref()
            .is_none_or(|it| it.kind == Kind::StatefulSet || !it.rolls_out());
        Self {
            cause: self.cause,
            snapshot: self.snapshot,
            namespace: self.namespace.clone(),
            workload: self.workload.clone(),
            pod: self.pod.clone().filter(|_| keeps_names),
        }
    }

    /// A detail of the cause.
    pub(crate) fn fact(&self, fact: Fact) -> Option<&'a str> {
        self.cause
            .facts
            .get(&fact)
            .map(|text| text.trim())
            .filter(|text| !text.is_empty())
    }

    /// An object of a kind and name in the incident's namespace.
    pub(crate) fn target(&self, kind: Kind, name: &str) -> Option<Target> {
        is_object_name(name).then(|| Target {
            namespace: if kind.is_cluster_scoped() {
                None
            } else {
                self.namespace.clone()
            },
            kind,
            name: name.to_owned(),
            derived: false,
        })
    }

    /// The involved object of a kind: the guilty one, else a related one.
    pub(crate) fn involved(&self, kind: &Kind) -> Option<Target> {
        self.cause
            .object
            .iter()
            .chain(&self.cause.related)
            .find(|object| object.kind == *kind)
            .map(|object| self.known(object))
            .filter(|target| is_object_name(&target.name))
    }

    /// The object of a kind that a fact names, else the involved one.
    pub(crate) fn named(&self, kind: Kind, fact: Fact) -> Option<Target> {
        let Some(text) = self.fact(fact) else {
            return self.involved(&kind);
        };
        match text.split_once('/') {
            Some((namespace, name)) => is_object_name(name).then(|| Target {
                namespace: is_object_name(namespace).then(|| namespace.to_owned()),
                kind,
                name: name.to_owned(),
                derived: false,
            }),
            None => self.target(kind, text),
        }
    }

    /// The workload, if `kubectl rollout` works on it.
    pub(crate) fn rollout(&self) -> Option<&Target> {
        self.workload.as_ref().filter(|target| target.rolls_out())
    }

    /// The workload's state, if the evidence shows it.
    pub(crate) fn workload_state(&self) -> Option<&'a Workload> {
        let target = self.workload.as_ref()?;
        self.snapshot
            .workload(&target.kind, target.namespace.as_deref(), &target.name)
    }

    /// The pod's state, if the evidence shows it.
    pub(crate) fn pod_state(&self) -> Option<&'a Pod> {
        let target = self.pod.as_ref()?;
        self.snapshot.pod(target.namespace.as_deref(), &target.name)
    }

    /// What the workload's pods ask for: its template, else its pod's spec.
    pub(crate) fn template(&self) -> Option<&'a PodSpec> {
        self.workload_state()
            .map(|workload| &workload.template)
            .filter(|template| !template.containers.is_empty())
            .or_else(|| self.pod_state().map(|pod| &pod.spec))
            .filter(|template| !template.containers.is_empty())
    }

    /// The name of the container at fault: the fact, else the only container.
    pub(crate) fn container(&self) -> Option<&'a str> {
        self.fact(Fact::Container)
            .or_else(|| match self.template()?.containers.as_slice() {
                [only] => Some(only.name.as_str()),
                _ => None,
            })
            .filter(|name| is_object_name(name))
    }

    /// The container at fault, if the evidence shows what it asks for.
    pub(crate) fn container_spec(&self) -> Option<&'a Container> {
        let name = self.container()?;
        let template = self.template()?;
        template
            .containers
            .iter()
            .chain(&template.init_containers)
            .find(|container| container.name == name)
    }

    /// The node at fault, or the one that the pod runs on.
    pub(crate) fn node(&self) -> Option<Target> {
        let bound = || self.pod_state()?.spec.node.as_deref();
        let told = || self.fact(Fact::Node).filter(|name| self.is_node(name));
        self.involved(&Kind::Node)
            .or_else(|| self.target(Kind::Node, told().or_else(bound)?))
    }

    /// Whether a word that a text gives for a node can be one: a known node, or no plain word of a sentence.
    fn is_node(&self, name: &str) -> bool {
        self.snapshot.nodes.iter().any(|node| node.meta.name == name)
            || name.contains(|c: char| c.is_ascii_digit() || c == '-' || c == '.')
    }

    /// The Service at fault.
    pub(crate) fn service(&self) -> Option<Target> {
        self.named(Kind::Service, Fact::Service)
    }

    /// The Service's state, if the evidence shows it.
    pub(crate) fn service_state(&self) -> Option<&'a Service> {
        let target = self.service()?;
        self.snapshot.services.iter().find(|service| {
            service.meta.name == target.name
                && same(service.meta.namespace.as_ref(), target.namespace.as_ref())
        })
    }

    /// Whether the evidence shows that the workload's template changed: a named revision to return to, or pods of
    /// two templates at once. A first revision has nothing before it.
    pub(crate) fn change_is_evident(&self) -> bool {
        self.fact(Fact::Revision).is_some() || self.workload_state().is_some_and(is_rolling)
    }

    /// Whether the evidence shows that there is no earlier revision.
    pub(crate) fn is_first_revision(&self) -> bool {
        self.fact(Fact::Revision).is_none()
            && self
                .workload_state()
                .is_some_and(|workload| workload.revision == Some(1))
    }

    /// A reference as a target, in its own namespace or else the incident's.
    fn known(&self, object: &ResourceRef) -> Target {
        Target {
            namespace: if object.kind.is_cluster_scoped() {
                None
            } else {
                object.namespace.clone().or_else(|| self.namespace.clone())
            },
            kind: object.kind.clone(),
            name: object.name.clone(),
            derived: false,
        }
    }

    /// The workload to change: the diagnosis', the guilty object itself, or the owner that a pod's name tells.
    fn find_workload(&self) -> Option<Target> {
        let told = self.cause.workload.as_ref().map(|workload| Target {
            derived: workload.derived,
            ..self.known(&workload.resource)
        });
        let found = told
            .or_else(|| self.guilty_workload())
            .or_else(|| self.owner_of_guilty_pod())?;
        let target = self.without_replica_set(found);
        is_object_name(&target.name).then_some(target)
    }

    /// The guilty object, where it is a workload.
    fn guilty_workload(&self) -> Option<Target> {
        let object = self.cause.object.as_ref()?;
        object.kind.is_workload().then(|| self.known(object))
    }

    /// The owner of the guilty pod: what the evidence says, else what its name tells where its owner is not shown.
    fn owner_of_guilty_pod(&self) -> Option<Target> {
        let pod = self.involved(&Kind::Pod)?;
        let state = self.snapshot.pod(pod.namespace.as_deref(), &pod.name);
        if let Some(owner) = state.and_then(|pod| pod.meta.owner.as_ref()) {
            return owner.kind.is_workload().then(|| self.known(owner));
        }
        if state.is_some_and(|pod| !pod.spec.containers.is_empty()) {
            return None;
        }
        let owner = owner_of_pod(&pod.name)?;
        Some(Target {
            kind: owner.kind,
            name: owner.name,
            namespace: pod.namespace,
            derived: true,
        })
    }

    /// A ReplicaSet's Deployment: a change of the ReplicaSet itself would be undone by its controller.
    fn without_replica_set(&self, target: Target) -> Target {
        if target.kind != Kind::ReplicaSet {
            return target;
        }
        let state = self
            .snapshot
            .workload(&Kind::ReplicaSet, target.namespace.as_deref(), &target.name);
        if let Some(owner) = state.and_then(|set| set.meta.owner.as_ref()) {
            return self.known(owner);
        }
        match deployment_of_replica_set(&target.name) {
            Some(name) => Target {
                kind: Kind::Deployment,
                name: name.to_owned(),
                derived: true,
                ..target
            },
            None => target,
        }
    }

    /// A pod that shows the fault: an involved one, else the first pod of the workload that is not ready.
    fn find_pod(&self) -> Option<Target> {
        if let Some(pod) = self.involved(&Kind::Pod) {
            return Some(pod);
        }
        let workload = self.workload.as_ref()?;
        let mut pods: Vec<&Pod> = self
            .snapshot
            .pods
            .iter()
            .filter(|pod| belongs(pod, workload))
            .collect();
        pods.sort_by_key(|pod| (is_ready(pod), pod.meta.name.as_str()));
        let pod = pods.first()?;
        Some(Target {
            kind: Kind::Pod,
            namespace: pod.meta.namespace.clone().or_else(|| self.namespace.clone()),
            name: pod.meta.name.clone(),
            derived: false,
        })
        .filter(|target| is_object_name(&target.name))
    }
}

/// Whether pods of two templates are there at once.
fn is_rolling(workload: &Workload) -> bool {
    matches!((workload.updated, workload.desired), (Some(updated), Some(desired)) if updated < desired)
        && workload.revision != Some(1)
}

/// Whether all containers are ready.
fn is_ready(pod: &Pod) -> bool {
    pod.ready.is_some_and(|(ready, all)| all > 0 && ready == all)
}

/// Whether a pod belongs to a workload, by owner or by the form of its name.
fn belongs(pod: &Pod, workload: &Target) -> bool {
    if !same(pod.meta.namespace.as_ref(), workload.namespace.as_ref()) {
        return false;
    }
    let owned = pod
        .meta
        .owner
        .as_ref()
        .is_some_and(|owner| owner.kind == workload.kind && owner.name == workload.name);
    owned
        || owner_of_pod(&pod.meta.name)
            .is_some_and(|owner| owner.kind == workload.kind && owner.name == workload.name)
}

/// Whether two namespaces are the same where both are known.
fn same(one: Option<&String>, other: Option<&String>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => one == other,
        _ => true,
    }
}

/// The namespace of the incident: the guilty object's, the workload's, a related object's, else the evidence's.
fn namespace_of(cause: &RootCause, snapshot: &ClusterSnapshot) -> Option<String> {
    let guilty = cause.object.as_ref();
    let own = guilty
        .filter(|object| object.kind == Kind::Namespace)
        .map(|object| &object.name)
        .or_else(|| guilty.and_then(|object| object.namespace.as_ref()));
    let workload = cause
        .workload
        .as_ref()
        .and_then(|it| it.resource.namespace.as_ref());
    let related = cause.related.iter().find_map(|object| object.namespace.as_ref());
    own.or(workload)
        .or(related)
        .or(snapshot.namespace.as_ref())
        .filter(|name| is_object_name(name))
        .cloned()
}
