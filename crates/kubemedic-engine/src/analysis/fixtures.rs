//! Small cluster states for the tests of the analysis: a shop with one Deployment, its pods and its service.

use kubemedic_model::{
    resource::{Kind, ResourceRef},
    snapshot::{
        ClusterSnapshot, Labels, Meta, PortRef,
        event::ClusterEvent,
        network::{Service, ServicePort},
        pod::{Container, ContainerPhase, ContainerPort, ContainerState, Pod, PodSpec},
        workload::Workload,
    },
};

use crate::intake::Intake;

/// The namespace of the fixtures.
pub(crate) const NAMESPACE: &str = "shop";

/// An object's name in the namespace.
pub(crate) fn meta(name: &str) -> Meta {
    Meta {
        name: name.to_owned(),
        namespace: Some(NAMESPACE.to_owned()),
        ..Meta::default()
    }
}

/// Labels from pairs.
pub(crate) fn labels(pairs: &[(&str, &str)]) -> Labels {
    pairs
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect()
}

/// A state that waits or ended.
pub(crate) fn state(phase: ContainerPhase, reason: &str, code: Option<i32>) -> ContainerState {
    ContainerState {
        phase,
        reason: Some(reason.to_owned()).filter(|it| !it.is_empty()),
        message: None,
        exit_code: code,
        started: None,
        finished: None,
    }
}

/// A running, ready container that declares port 8080.
pub(crate) fn container(name: &str) -> Container {
    Container {
        name: name.to_owned(),
        image: Some(format!("registry.test/{name}:1.0")),
        ports: vec![ContainerPort {
            name: Some("http".to_owned()),
            number: 8080,
            protocol: None,
            host_port: None,
        }],
        state: Some(state(ContainerPhase::Running, "", None)),
        ready: Some(true),
        restarts: Some(0),
        ..Container::default()
    }
}

/// A ready pod of the Deployment `app`.
pub(crate) fn pod(app: &str) -> Pod {
    let name = format!("{app}-6d8c9b7f54-2kzlq");
    let owner = ResourceRef::new(Kind::ReplicaSet, Some(NAMESPACE), format!("{app}-6d8c9b7f54"));
    Pod {
        meta: Meta {
            labels: labels(&[("app", app)]),
            owner: Some(owner),
            ..meta(&name)
        },
        spec: PodSpec {
            node: Some("node-a".to_owned()),
            containers: vec![container(app)],
            ..PodSpec::default()
        },
        phase: Some("Running".to_owned()),
        status: Some("Running".to_owned()),
        ready: Some((1, 1)),
        restarts: Some(0),
        ..Pod::default()
    }
}

/// The pod with its container in another state.
pub(crate) fn failing(app: &str, status: &str, now: ContainerState, last: Option<ContainerState>) -> Pod {
    let mut pod = pod(app);
    pod.status = Some(status.to_owned());
    pod.ready = Some((0, 1));
    if let Some(container) = pod.spec.containers.first_mut() {
        container.state = Some(now);
        container.last_state = last;
        container.ready = Some(false);
    }
    pod
}

/// A pod that no node took.
pub(crate) fn pending(app: &str) -> Pod {
    let mut pod = failing(app, "Pending", state(ContainerPhase::Waiting, "", None), None);
    pod.phase = Some("Pending".to_owned());
    pod.spec.node = None;
    pod
}

/// A Deployment with all its replicas.
pub(crate) fn deployment(app: &str) -> Workload {
    Workload {
        kind: Kind::Deployment,
        meta: meta(app),
        selector: labels(&[("app", app)]),
        pod_labels: labels(&[("app", app)]),
        template: PodSpec::default(),
        desired: Some(1),
        ready: Some(1),
        updated: Some(1),
        available: Some(1),
        paused: false,
        revision: None,
        strategy: None,
        service_name: None,
        conditions: Vec::new(),
    }
}

/// A service that sends port 80 to port 8080 of the app's pods.
pub(crate) fn service(app: &str) -> Service {
    Service {
        meta: meta(app),
        selector: Some(labels(&[("app", app)])),
        cluster_ip: Some("10.96.0.10".to_owned()),
        ports: vec![ServicePort {
            port: 80,
            target: Some(PortRef::Number(8080)),
            ..ServicePort::default()
        }],
        ..Service::default()
    }
}

/// A warning event about an object.
pub(crate) fn event(object: ResourceRef, reason: &str, message: &str) -> ClusterEvent {
    ClusterEvent {
        warning: true,
        reason: reason.to_owned(),
        message: message.to_owned(),
        object: Some(object),
        component: None,
        count: 9,
        age_seconds: Some(10),
        first_seen: None,
        last_seen: None,
        origin: kubemedic_model::evidence::Origin::default(),
    }
}

/// A cluster state with the pods, their Deployment and their service, pods listed completely.
pub(crate) fn shop(pods: Vec<Pod>) -> ClusterSnapshot {
    ClusterSnapshot {
        pods,
        workloads: vec![deployment("web")],
        services: vec![service("web")],
        listed: [
            Kind::Pod,
            Kind::Service,
            Kind::ConfigMap,
            Kind::Secret,
            Kind::StorageClass,
            Kind::PersistentVolume,
        ]
        .into_iter()
        .map(|kind| (kind, None))
        .collect(),
        ..ClusterSnapshot::default()
    }
}

/// An input that holds the cluster state only.
pub(crate) fn intake(snapshot: ClusterSnapshot) -> Intake {
    Intake {
        snapshot,
        ..Intake::default()
    }
}
