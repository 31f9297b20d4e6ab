//! Causes and a cluster for tests: every class with nothing known, with names only, and with everything known.

use std::collections::BTreeMap;

use kubemedic_model::{
    class::FailureClass,
    diagnosis::{
        Confidence, Diagnosis, Fact, Facts, RootCause, Verdict, WorkloadRef, explanation::Explanation,
    },
    finding::Priority,
    resource::{Kind, ResourceRef},
    snapshot::{
        ClusterSnapshot, Meta, PortRef,
        network::{Service, ServicePort},
        node::Node,
        pod::{Container, ContainerPort, EnvVar, Mount, Pod, PodSpec, Probe, ProbeHandler},
        policy::{ConfigObject, PodAutoscaler},
        storage::{Claim, StorageClass},
        workload::{ScheduledJob, Workload},
    },
};

/// Every class but `healthy`.
pub(crate) fn failures() -> impl Iterator<Item = FailureClass> {
    FailureClass::ALL
        .iter()
        .copied()
        .filter(|class| *class != FailureClass::Healthy)
}

/// A cause of which only the class is known.
pub(crate) fn bare(class: FailureClass) -> RootCause {
    RootCause {
        class,
        cause: None,
        object: None,
        workload: None,
        related: Vec::new(),
        sentence: format!("{} was seen", class.title()),
        explanation: String::new(),
        contributing_factors: Vec::new(),
        confidence: Confidence::new(0.8),
        priority: Priority::P1,
        evidence: Vec::new(),
        facts: Facts::new(),
        effects: Vec::new(),
        author: kubemedic_model::diagnosis::Author::Engine,
    }
}

/// A cause with a pod whose name tells a Deployment, as logs alone give it.
pub(crate) fn named(class: FailureClass) -> RootCause {
    RootCause {
        object: Some(ResourceRef::new(Kind::Pod, Some("shop"), "cart-6c8d9b7f54-2kzql")),
        workload: Some(WorkloadRef {
            resource: ResourceRef::new(Kind::Deployment, Some("shop"), "cart"),
            derived: true,
        }),
        ..bare(class)
    }
}

/// A cause with every fact.
pub(crate) fn rich(class: FailureClass) -> RootCause {
    RootCause {
        workload: Some(WorkloadRef {
            resource: ResourceRef::new(Kind::Deployment, Some("shop"), "cart"),
            derived: false,
        }),
        related: vec![
            ResourceRef::new(Kind::Service, Some("shop"), "cart"),
            ResourceRef::new(Kind::Node, None, "worker-1"),
            ResourceRef::new(Kind::Ingress, Some("shop"), "front"),
            ResourceRef::new(Kind::Job, Some("shop"), "import"),
        ],
        facts: every_fact(),
        ..named(class)
    }
}

/// A value for every fact.
pub(crate) fn every_fact() -> Facts {
    BTreeMap::from(
        [
            (Fact::Container, "app"),
            (Fact::Image, "registry.example/cart:v2"),
            (Fact::KnownGoodImage, "registry.example/cart:v1"),
            (Fact::MemoryLimit, "256Mi"),
            (Fact::CpuLimit, "200m"),
            (Fact::Host, "redsi"),
            (Fact::Port, "80"),
            (Fact::RightPort, "8080"),
            (Fact::ConfigMap, "cart-settings"),
            (Fact::Secret, "cart-creds"),
            (Fact::Key, "REDIS_ADDR"),
            (Fact::Claim, "data-cart"),
            (Fact::Node, "worker-1"),
            (Fact::Taint, "dedicated=batch:NoSchedule"),
            (Fact::Label, "app=kart"),
            (Fact::RightLabel, "app=cart"),
            (Fact::Service, "cart"),
            (Fact::ServiceAccount, "shop/cart"),
            (Fact::Verb, "get"),
            (Fact::RefusedResource, "pods"),
            (Fact::NetworkPolicy, "deny-all"),
            (Fact::Path, "/var/cache/cart"),
            (Fact::Command, "/bin/kart --serve"),
            (Fact::Replicas, "3"),
            (Fact::Revision, "4"),
        ]
        .map(|(fact, text)| (fact, text.to_owned())),
    )
}

/// A diagnosis with one cause.
pub(crate) fn diagnosis(verdict: Verdict, causes: Vec<RootCause>) -> Diagnosis {
    Diagnosis {
        verdict,
        summary: String::new(),
        root_causes: causes,
        alternatives: Vec::new(),
        objects: Vec::new(),
        confidence: Confidence::new(0.8),
        evidence: Vec::new(),
        missing: vec!["which object is meant".to_owned()],
        explanation: Explanation::default(),
    }
}

/// A cluster in which the Deployment `shop/cart` is known in full.
pub(crate) fn cluster() -> ClusterSnapshot {
    ClusterSnapshot {
        pods: vec![pod()],
        workloads: vec![workload()],
        scheduled_jobs: vec![ScheduledJob {
            meta: meta("nightly"),
            suspended: true,
            ..ScheduledJob::default()
        }],
        services: vec![service("cart", 80, "kart"), service("redis", 6379, "redis")],
        nodes: ["worker-1", "worker-2"].map(node).into(),
        claims: vec![Claim {
            meta: meta("data-cart"),
            class: Some("fast".to_owned()),
            request: Some("10Gi".to_owned()),
            ..Claim::default()
        }],
        storage_classes: vec![StorageClass {
            meta: Meta {
                name: "fast".to_owned(),
                ..Meta::default()
            },
            allows_expansion: true,
            ..StorageClass::default()
        }],
        config_objects: vec![ConfigObject {
            kind: Kind::Secret,
            meta: meta("pull"),
            secret_type: Some("kubernetes.io/dockerconfigjson".to_owned()),
            keys: None,
            sizes: BTreeMap::new(),
        }],
        autoscalers: vec![PodAutoscaler {
            meta: meta("cart"),
            target: Some((Kind::Deployment, "cart".to_owned())),
            min: Some(2),
            ..PodAutoscaler::default()
        }],
        ..ClusterSnapshot::default()
    }
}

/// The Deployment `cart`.
pub(crate) fn workload() -> Workload {
    Workload {
        kind: Kind::Deployment,
        meta: meta("cart"),
        selector: labels("app", "cart"),
        pod_labels: labels("app", "cart"),
        template: template(),
        desired: Some(2),
        ready: Some(0),
        updated: Some(2),
        available: Some(0),
        paused: false,
        revision: Some(5),
        strategy: None,
        service_name: None,
        conditions: Vec::new(),
    }
}

/// Its pod.
fn pod() -> Pod {
    Pod {
        meta: Meta {
            owner: Some(ResourceRef::new(
                Kind::ReplicaSet,
                Some("shop"),
                "cart-6c8d9b7f54",
            )),
            ..meta("cart-6c8d9b7f54-2kzql")
        },
        spec: PodSpec {
            node: Some("worker-1".to_owned()),
            ..template()
        },
        ..Pod::default()
    }
}

/// What its pods ask for.
pub(crate) fn template() -> PodSpec {
    let probe = Probe {
        handler: ProbeHandler::Http {
            scheme: "http".to_owned(),
            path: "/healthz".to_owned(),
            port: PortRef::Number(9090),
        },
        delay_seconds: Some(1),
        timeout_seconds: Some(1),
        period_seconds: Some(10),
        failure_threshold: Some(1),
    };
    PodSpec {
        node_selector: labels("disk", "ssd"),
        run_as_user: Some(1000),
        containers: vec![Container {
            name: "app".to_owned(),
            image: Some("registry.example/cart:v2".to_owned()),
            ports: vec![ContainerPort {
                name: Some("http".to_owned()),
                number: 8080,
                protocol: None,
                host_port: None,
            }],
            env: vec![EnvVar {
                name: "REDIS_ADDR".to_owned(),
                value: Some("redsi:6379".to_owned()),
                from: None,
            }],
            limits: amounts("256Mi", "200m"),
            requests: BTreeMap::from([("memory".to_owned(), "64Gi".to_owned())]),
            liveness: Some(probe.clone()),
            readiness: Some(probe),
            mounts: vec![Mount {
                volume: "data".to_owned(),
                path: "/var/cache".to_owned(),
                read_only: false,
            }],
            read_only_root: Some(true),
            ..Container::default()
        }],
        ..PodSpec::default()
    }
}

/// A ready node with labels and room.
fn node(name: &str) -> Node {
    Node {
        meta: Meta {
            name: name.to_owned(),
            labels: labels("disk", "nvme"),
            ..Meta::default()
        },
        ready: Some(true),
        allocatable: amounts("8Gi", "4"),
        ..Node::default()
    }
}

/// A Service that selects by `app`.
fn service(name: &str, port: u16, app: &str) -> Service {
    Service {
        meta: meta(name),
        selector: Some(labels("app", app)),
        ports: vec![ServicePort {
            port,
            ..ServicePort::default()
        }],
        ..Service::default()
    }
}

/// An object's name in namespace `shop`.
pub(crate) fn meta(name: &str) -> Meta {
    Meta {
        name: name.to_owned(),
        namespace: Some("shop".to_owned()),
        ..Meta::default()
    }
}

/// One label.
fn labels(key: &str, value: &str) -> BTreeMap<String, String> {
    BTreeMap::from([(key.to_owned(), value.to_owned())])
}

/// Memory and CPU.
fn amounts(memory: &str, cpu: &str) -> BTreeMap<String, String> {
    BTreeMap::from([
        ("memory".to_owned(), memory.to_owned()),
        ("cpu".to_owned(), cpu.to_owned()),
    ])
}
