//! Rows to objects, one function per kind.

use std::collections::BTreeMap;

use kubemedic_model::{
    evidence::Origin,
    resource::Kind,
    snapshot::{
        Labels, Meta, OtherObject, PortRef,
        network::{Endpoints, Ingress, NetworkPolicy, Route, Service, ServicePort},
        node::Node,
        pod::{Container, Pod, PodSpec},
        policy::{
            Account, ConfigObject, DisruptionBudget, Grant, LimitRange, PodAutoscaler, Quota,
            WebhookConfiguration,
        },
        storage::{Claim, StorageClass, Volume},
        workload::{Job, ScheduledJob, Workload},
    },
};

use super::{Row, TableContext};
use crate::intake::{
    cells::{age_seconds, told, told_owned},
    collector::Collector,
    timestamp,
};

/// What every row tells of its object.
pub(super) fn meta(row: &Row<'_>, name: &str, kind: &Kind, context: &TableContext, origin: &Origin) -> Meta {
    let namespace = row.get("NAMESPACE").or(context.namespace.as_deref());
    Meta {
        name: name.strip_suffix(" (default)").unwrap_or(name).to_owned(),
        namespace: namespace.filter(|_| !kind.is_cluster_scoped()).map(str::to_owned),
        labels: row.get("LABELS").map(labels).unwrap_or_default(),
        age_seconds: row.get("AGE").and_then(age_seconds),
        created: row.get("CREATED AT").and_then(timestamp::whole),
        terminating: row.get("STATUS") == Some("Terminating"),
        origin: origin.clone(),
        ..Meta::default()
    }
}

/// Reads `a=b,c=d`.
pub(in crate::intake) fn labels(text: &str) -> Labels {
    told(text)
        .map(|text| {
            text.split(',')
                .filter_map(|pair| pair.trim().split_once('='))
                .collect::<Vec<_>>()
        })
        .unwrap_or_default()
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}

/// Adds the object of a row by its kind.
pub(super) fn add(collector: &mut Collector, kind: &Kind, meta: Meta, row: &Row<'_>) -> bool {
    match kind {
        Kind::Pod if row.get("STATUS").is_some() => collector.pod(pod(meta, row)),
        Kind::Pod | Kind::Node if row.get("CPU(cores)").is_some() => return false,
        Kind::Deployment
        | Kind::ReplicaSet
        | Kind::StatefulSet
        | Kind::DaemonSet
        | Kind::ReplicationController => {
            collector.workload(workload(kind.clone(), meta, row));
        }
        Kind::Job => collector.job(job(meta, row)),
        Kind::CronJob => collector.scheduled_job(scheduled_job(meta, row)),
        Kind::Service => collector.service(service(meta, row)),
        Kind::Endpoints => collector.endpoints(endpoints(meta, row)),
        Kind::EndpointSlice => collector.endpoints(endpoint_slice(meta, row)),
        Kind::Ingress => collector.ingress(ingress(meta, row)),
        Kind::NetworkPolicy => collector.network_policy(NetworkPolicy {
            pod_selector: row.get("POD-SELECTOR").map(labels),
            meta,
            ..NetworkPolicy::default()
        }),
        Kind::ConfigMap | Kind::Secret => collector.config_object(ConfigObject {
            kind: kind.clone(),
            meta,
            secret_type: row.get("TYPE").and_then(told_owned),
            keys: None,
            sizes: BTreeMap::new(),
        }),
        Kind::PersistentVolumeClaim => collector.claim(claim(meta, row)),
        Kind::PersistentVolume => collector.volume(volume(meta, row)),
        Kind::StorageClass => collector.storage_class(storage_class(meta, row)),
        Kind::Node => collector.node(node(meta, row)),
        _ => return add_policy(collector, kind, meta, row),
    }
    true
}

/// [`add`] for limits, budgets, permissions and the rest.
fn add_policy(collector: &mut Collector, kind: &Kind, meta: Meta, row: &Row<'_>) -> bool {
    match kind {
        Kind::ResourceQuota => collector.quota(quota(meta, row)),
        Kind::LimitRange => collector.limit_range(LimitRange {
            meta,
            ..LimitRange::default()
        }),
        Kind::HorizontalPodAutoscaler => collector.autoscaler(autoscaler(meta, row)),
        Kind::PodDisruptionBudget => collector.disruption_budget(DisruptionBudget {
            min_available: row.get("MIN AVAILABLE").and_then(told_owned),
            max_unavailable: row.get("MAX UNAVAILABLE").and_then(told_owned),
            allowed: number(row, "ALLOWED DISRUPTIONS"),
            meta,
            ..DisruptionBudget::default()
        }),
        Kind::ServiceAccount => collector.account(Account {
            meta,
            ..Account::default()
        }),
        Kind::RoleBinding | Kind::ClusterRoleBinding => collector.grant(grant(kind.clone(), meta, row)),
        Kind::MutatingWebhookConfiguration | Kind::ValidatingWebhookConfiguration => {
            collector.webhook(WebhookConfiguration {
                kind: kind.clone(),
                meta,
                webhooks: Vec::new(),
            });
        }
        Kind::Event => return false,
        other => collector.other(OtherObject {
            kind: other.clone(),
            meta,
            conditions: ready_condition(row),
        }),
    }
    true
}

/// A READY column of a custom resource is its `Ready` condition.
fn ready_condition(row: &Row<'_>) -> Vec<kubemedic_model::snapshot::Condition> {
    row.get("READY")
        .filter(|text| matches!(*text, "True" | "False" | "Unknown"))
        .map(|text| kubemedic_model::snapshot::Condition {
            kind: "Ready".to_owned(),
            status: text.to_owned(),
            ..Default::default()
        })
        .into_iter()
        .collect()
}

/// A number of a column.
fn number<T: std::str::FromStr>(row: &Row<'_>, column: &str) -> Option<T> {
    row.get(column)?.split([' ', '(']).next()?.parse().ok()
}

/// The two numbers of `1/2`.
fn fraction(text: &str) -> Option<(u32, u32)> {
    let (part, whole) = text.split_once('/')?;
    Some((part.parse().ok()?, whole.parse().ok()?))
}

/// The pod of a row.
pub(super) fn pod(meta: Meta, row: &Row<'_>) -> Pod {
    let status = row.get("STATUS").and_then(told_owned);
    let restarts = row.get("RESTARTS").unwrap_or("");
    let since = restarts
        .split_once('(')
        .and_then(|(_, rest)| age_seconds(rest.split(' ').next()?));
    Pod {
        phase: status.as_deref().and_then(phase).map(str::to_owned),
        status,
        ready: row.get("READY").and_then(fraction),
        restarts: number(row, "RESTARTS"),
        last_restart_seconds: since,
        ip: row.get("IP").and_then(told_owned),
        spec: PodSpec {
            node: row.get("NODE").and_then(told_owned),
            ..PodSpec::default()
        },
        meta,
        ..Pod::default()
    }
}

/// The phase that a STATUS word implies, where it does.
fn phase(status: &str) -> Option<&'static str> {
    Some(match status {
        "Running" => "Running",
        "Pending" | "ContainerCreating" | "PodInitializing" | "SchedulingGated" => "Pending",
        "Completed" | "Succeeded" => "Succeeded",
        "Failed" | "Evicted" => "Failed",
        word if word.starts_with("Init:") => "Pending",
        _ => return None,
    })
}

/// The workload of a row.
fn workload(kind: Kind, meta: Meta, row: &Row<'_>) -> Workload {
    let ready = row.get("READY").unwrap_or("");
    let (ready, desired) = match fraction(ready) {
        Some((ready, desired)) => (Some(ready), Some(desired)),
        None => (ready.parse().ok(), None),
    };
    Workload {
        kind,
        meta,
        selector: row.get("SELECTOR").map(labels).unwrap_or_default(),
        pod_labels: Labels::new(),
        template: PodSpec {
            node_selector: row.get("NODE SELECTOR").map(labels).unwrap_or_default(),
            containers: containers(row),
            ..PodSpec::default()
        },
        desired: desired.or_else(|| number(row, "DESIRED")),
        ready,
        updated: number(row, "UP-TO-DATE"),
        available: number(row, "AVAILABLE"),
        paused: false,
        revision: None,
        strategy: None,
        service_name: None,
        conditions: Vec::new(),
    }
}

/// Containers and images of `-o wide`.
fn containers(row: &Row<'_>) -> Vec<Container> {
    let images: Vec<&str> = row.get("IMAGES").unwrap_or("").split(',').collect();
    let Some(names) = row.get("CONTAINERS").and_then(told) else {
        return Vec::new();
    };
    names
        .split(',')
        .enumerate()
        .map(|(index, name)| Container {
            name: name.to_owned(),
            image: images.get(index).and_then(|image| told_owned(image)),
            ..Container::default()
        })
        .collect()
}

fn job(meta: Meta, row: &Row<'_>) -> Job {
    let completions = row.get("COMPLETIONS").and_then(fraction);
    let state = row.get("STATUS").and_then(told);
    let condition = match state {
        Some("Complete" | "Failed" | "Suspended") => state.map(|kind| kubemedic_model::snapshot::Condition {
            kind: kind.to_owned(),
            status: "True".to_owned(),
            ..Default::default()
        }),
        _ => None,
    };
    Job {
        meta,
        succeeded: completions.map(|(done, _)| done),
        completions: completions.map(|(_, all)| all),
        suspended: state == Some("Suspended"),
        conditions: condition.into_iter().collect(),
        template: PodSpec {
            containers: containers(row),
            ..PodSpec::default()
        },
        ..Job::default()
    }
}

fn scheduled_job(meta: Meta, row: &Row<'_>) -> ScheduledJob {
    ScheduledJob {
        meta,
        schedule: row.get("SCHEDULE").and_then(told_owned),
        suspended: row
            .get("SUSPEND")
            .is_some_and(|text| text.eq_ignore_ascii_case("true")),
        active: number(row, "ACTIVE"),
        ..ScheduledJob::default()
    }
}

fn service(meta: Meta, row: &Row<'_>) -> Service {
    let kind = row.get("TYPE").and_then(told_owned);
    let external = row.get("EXTERNAL-IP").and_then(told_owned);
    Service {
        external_name: external.filter(|_| kind.as_deref() == Some("ExternalName")),
        kind,
        selector: row.get("SELECTOR").map(labels),
        cluster_ip: row.get("CLUSTER-IP").and_then(|text| match text {
            "None" => Some("None".to_owned()),
            other => told_owned(other),
        }),
        ports: row.get("PORT(S)").map(service_ports).unwrap_or_default(),
        meta,
    }
}

/// Reads `80:30080/TCP,443/TCP`.
fn service_ports(text: &str) -> Vec<ServicePort> {
    text.split(',')
        .filter_map(|part| {
            let (numbers, protocol) = part.trim().split_once('/').unwrap_or((part.trim(), "TCP"));
            let (port, node_port) = match numbers.split_once(':') {
                Some((port, node_port)) => (port, node_port.parse().ok()),
                None => (numbers, None),
            };
            Some(ServicePort {
                port: port.parse().ok()?,
                protocol: Some(protocol.to_owned()),
                node_port,
                ..ServicePort::default()
            })
        })
        .collect()
}

fn endpoints(meta: Meta, row: &Row<'_>) -> Endpoints {
    let text = row.get("ENDPOINTS").and_then(told).unwrap_or("");
    let addresses = text.split(" + ").next().unwrap_or("");
    let ready: Vec<String> = addresses.split(',').filter_map(told_owned).collect();
    Endpoints {
        meta,
        ports: ports_of(&ready),
        ready,
        not_ready: Vec::new(),
    }
}

/// The ports that addresses name.
pub(in crate::intake) fn ports_of(addresses: &[String]) -> Vec<u16> {
    let mut ports: Vec<u16> = addresses
        .iter()
        .filter_map(|address| address.rsplit_once(':')?.1.parse().ok())
        .collect();
    ports.sort_unstable();
    ports.dedup();
    ports
}

/// A slice's table does not tell which endpoints are ready: only the ports and the Service are taken from it.
fn endpoint_slice(mut meta: Meta, row: &Row<'_>) -> Endpoints {
    if let Some(service) = meta.labels.get("kubernetes.io/service-name") {
        meta.name.clone_from(service);
    } else if let Some((service, suffix)) = meta.name.rsplit_once('-')
        && kubemedic_model::naming::is_pod_suffix(suffix)
    {
        let service = service.to_owned();
        meta.name = service;
    }
    let ports = row.get("PORTS").unwrap_or("");
    Endpoints {
        meta,
        ports: ports
            .split(',')
            .filter_map(|port| port.trim().parse().ok())
            .collect(),
        ..Endpoints::default()
    }
}

fn ingress(meta: Meta, row: &Row<'_>) -> Ingress {
    let hosts = row.get("HOSTS").and_then(told).unwrap_or("");
    Ingress {
        meta,
        class: row.get("CLASS").and_then(told_owned),
        routes: hosts
            .split(',')
            .filter_map(told)
            .map(|host| Route {
                host: (host != "*").then(|| host.to_owned()),
                ..Route::default()
            })
            .collect(),
        address: row.get("ADDRESS").and_then(told_owned),
        ..Ingress::default()
    }
}

fn claim(meta: Meta, row: &Row<'_>) -> Claim {
    Claim {
        phase: row.get("STATUS").and_then(told_owned),
        class: row.get("STORAGECLASS").and_then(told_owned),
        volume: row.get("VOLUME").and_then(told_owned),
        access_modes: access_modes(row.get("ACCESS MODES").unwrap_or("")),
        capacity: row.get("CAPACITY").and_then(told_owned),
        meta,
        ..Claim::default()
    }
}

/// The API's words for `RWO,ROX`.
pub(in crate::intake) fn access_modes(text: &str) -> Vec<String> {
    text.split([',', ' '])
        .filter_map(told)
        .map(|mode| match mode {
            "RWO" => "ReadWriteOnce".to_owned(),
            "ROX" => "ReadOnlyMany".to_owned(),
            "RWX" => "ReadWriteMany".to_owned(),
            "RWOP" => "ReadWriteOncePod".to_owned(),
            other => other.to_owned(),
        })
        .collect()
}

fn volume(meta: Meta, row: &Row<'_>) -> Volume {
    Volume {
        phase: row.get("STATUS").and_then(told_owned),
        class: row.get("STORAGECLASS").and_then(told_owned),
        claim: row.get("CLAIM").and_then(told_owned),
        access_modes: access_modes(row.get("ACCESS MODES").unwrap_or("")),
        capacity: row.get("CAPACITY").and_then(told_owned),
        meta,
        ..Volume::default()
    }
}

fn storage_class(meta: Meta, row: &Row<'_>) -> StorageClass {
    StorageClass {
        provisioner: row.get("PROVISIONER").and_then(told_owned),
        binding_mode: row.get("VOLUMEBINDINGMODE").and_then(told_owned),
        is_default: row.get("NAME").is_some_and(|name| name.ends_with("(default)")),
        allows_expansion: row.get("ALLOWVOLUMEEXPANSION") == Some("true"),
        meta,
    }
}

fn node(meta: Meta, row: &Row<'_>) -> Node {
    let words: Vec<&str> = row.get("STATUS").unwrap_or("").split(',').collect();
    let ready = words.iter().find_map(|word| match *word {
        "Ready" => Some(true),
        "NotReady" | "Unknown" => Some(false),
        _ => None,
    });
    Node {
        ready,
        cordoned: words.contains(&"SchedulingDisabled"),
        architecture: meta.labels.get("kubernetes.io/arch").cloned(),
        version: row.get("VERSION").and_then(told_owned),
        meta,
        ..Node::default()
    }
}

/// Reads `requests.cpu: 1760m/8, pods: 20/50` of both columns.
fn quota(meta: Meta, row: &Row<'_>) -> Quota {
    let (mut hard, mut used) = (BTreeMap::new(), BTreeMap::new());
    for column in ["REQUEST", "LIMIT"] {
        for part in row.get(column).unwrap_or("").split(", ") {
            if let Some((name, amounts)) = part.split_once(": ")
                && let Some((have, limit)) = amounts.split_once('/')
            {
                used.insert(name.trim().to_owned(), have.trim().to_owned());
                hard.insert(name.trim().to_owned(), limit.trim().to_owned());
            }
        }
    }
    Quota { meta, hard, used }
}

fn autoscaler(meta: Meta, row: &Row<'_>) -> PodAutoscaler {
    let target = row.get("REFERENCE").and_then(|text| {
        let (kind, name) = text.split_once('/')?;
        Some((Kind::parse(kind), name.to_owned()))
    });
    PodAutoscaler {
        meta,
        target,
        targets: row.get("TARGETS").map(str::to_owned),
        min: number(row, "MINPODS"),
        max: number(row, "MAXPODS"),
        current: number(row, "REPLICAS"),
        conditions: Vec::new(),
    }
}

fn grant(kind: Kind, meta: Meta, row: &Row<'_>) -> Grant {
    let (role_kind, role) = row
        .get("ROLE")
        .unwrap_or("")
        .split_once('/')
        .unwrap_or(("Role", ""));
    let mut subjects = Vec::new();
    for (column, word) in [
        ("USERS", "User"),
        ("GROUPS", "Group"),
        ("SERVICEACCOUNTS", "ServiceAccount"),
    ] {
        let names = row.get(column).unwrap_or("").split(", ").filter_map(told);
        subjects.extend(names.map(|name| format!("{word} {name}")));
    }
    Grant {
        kind,
        meta,
        role_kind: Kind::parse(role_kind),
        role: role.to_owned(),
        subjects,
    }
}

/// A target port as a table or a description prints it.
pub(in crate::intake) fn port(text: &str) -> Option<PortRef> {
    told(text.split('/').next()?).map(PortRef::parse)
}
