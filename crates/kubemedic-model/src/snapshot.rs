//! One typed picture of a cluster: what the API, pasted kubectl text or YAML told, and where each part was read.
//! Every field that a reader may not have seen is an `Option` or an empty list: absence of knowledge is not a fact.

pub mod event;
pub mod metrics;
pub mod network;
pub mod node;
pub mod pod;
pub mod policy;
pub mod storage;
pub mod workload;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    evidence::Origin,
    resource::{Kind, ResourceRef},
};
use event::ClusterEvent;
use metrics::{Alert, Series};
use network::{Endpoints, GatewayRoute, Ingress, NetworkPolicy, Service};
use node::Node;
use pod::Pod;
use policy::{
    Account, ConfigObject, DisruptionBudget, Grant, LimitRange, PodAutoscaler, Quota, WebhookConfiguration,
};
use storage::{Claim, StorageClass, Volume};
use workload::{Job, ScheduledJob, Workload};

/// Labels, selectors and annotations.
pub type Labels = BTreeMap<String, String>;

/// What every object has.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Meta {
    /// The name.
    pub name: String,
    /// The namespace, if any and if known.
    pub namespace: Option<String>,
    /// Labels.
    pub labels: Labels,
    /// Annotations.
    pub annotations: Labels,
    /// The controlling owner.
    pub owner: Option<ResourceRef>,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// The age as a table prints it, in seconds.
    pub age_seconds: Option<u64>,
    /// Whether it is being deleted.
    pub terminating: bool,
    /// What deletion waits for.
    pub finalizers: Vec<String>,
    /// Where it was read first.
    pub origin: Origin,
}

/// A typed condition of an object's status.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Condition {
    /// The type, such as `Ready`.
    pub kind: String,
    /// `True`, `False` or `Unknown`.
    pub status: String,
    /// The machine-readable reason.
    pub reason: Option<String>,
    /// The message for people.
    pub message: Option<String>,
    /// When the status last changed.
    pub changed: Option<Timestamp>,
}

/// A number or the name of a port.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum PortRef {
    /// A port number.
    Number(u16),
    /// The name of a container port.
    Name(String),
}

impl PortRef {
    /// Reads a number, else a name.
    pub fn parse(text: &str) -> Self {
        text.parse()
            .map_or_else(|_| Self::Name(text.to_owned()), Self::Number)
    }
}

impl std::fmt::Display for PortRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Name(name) => name.fmt(f),
        }
    }
}

/// The cluster as the evidence shows it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ClusterSnapshot {
    /// The cluster's name, when the evidence tells.
    pub cluster: Option<String>,
    /// The namespace that the evidence is about, when it tells.
    pub namespace: Option<String>,
    /// Pods.
    pub pods: Vec<Pod>,
    /// Deployments, ReplicaSets, StatefulSets and DaemonSets.
    pub workloads: Vec<Workload>,
    /// Jobs.
    pub jobs: Vec<Job>,
    /// CronJobs.
    pub scheduled_jobs: Vec<ScheduledJob>,
    /// Services.
    pub services: Vec<Service>,
    /// Endpoints and EndpointSlices, merged by service.
    pub endpoints: Vec<Endpoints>,
    /// Ingresses and other routes.
    pub ingresses: Vec<Ingress>,
    /// Routes that the configuration of gateways tells.
    pub gateway_routes: Vec<GatewayRoute>,
    /// NetworkPolicies.
    pub network_policies: Vec<NetworkPolicy>,
    /// ConfigMaps and Secrets: names and keys only.
    pub config_objects: Vec<ConfigObject>,
    /// PersistentVolumeClaims.
    pub claims: Vec<Claim>,
    /// PersistentVolumes.
    pub volumes: Vec<Volume>,
    /// StorageClasses.
    pub storage_classes: Vec<StorageClass>,
    /// Nodes.
    pub nodes: Vec<Node>,
    /// ResourceQuotas.
    pub quotas: Vec<Quota>,
    /// LimitRanges.
    pub limit_ranges: Vec<LimitRange>,
    /// HorizontalPodAutoscalers.
    pub autoscalers: Vec<PodAutoscaler>,
    /// PodDisruptionBudgets.
    pub disruption_budgets: Vec<DisruptionBudget>,
    /// ServiceAccounts.
    pub accounts: Vec<Account>,
    /// Role and cluster-role bindings.
    pub grants: Vec<Grant>,
    /// Admission webhook configurations.
    pub webhooks: Vec<WebhookConfiguration>,
    /// Events, as far as they were told.
    pub events: Vec<ClusterEvent>,
    /// Metric series.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub series: Vec<Series>,
    /// Alerts that fire.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alerts: Vec<Alert>,
    /// Objects of other kinds: known to exist, with their conditions.
    pub others: Vec<OtherObject>,
    /// The kinds (with namespace, or `None` for all) that the evidence lists completely: only there is a missing object a fact.
    pub listed: BTreeSet<(Kind, Option<String>)>,
}

/// An object of a kind that has no type of its own here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OtherObject {
    /// The kind.
    pub kind: Kind,
    /// What every object has.
    pub meta: Meta,
    /// Its conditions.
    pub conditions: Vec<Condition>,
}

impl ClusterSnapshot {
    /// Whether the evidence told of no object and no event.
    pub fn is_empty(&self) -> bool {
        *self
            == Self {
                cluster: self.cluster.clone(),
                namespace: self.namespace.clone(),
                ..Self::default()
            }
    }

    /// Whether the evidence lists every object of the kind in the namespace, so that a missing one is a fact.
    pub fn lists(&self, kind: &Kind, namespace: Option<&str>) -> bool {
        self.listed.contains(&(kind.clone(), None))
            || self
                .listed
                .contains(&(kind.clone(), namespace.map(str::to_owned)))
    }

    /// The pod of that name, in the namespace if one is given.
    pub fn pod(&self, namespace: Option<&str>, name: &str) -> Option<&Pod> {
        self.pods
            .iter()
            .find(|pod| pod.meta.name == name && same_namespace(&pod.meta, namespace))
    }

    /// The workload of that kind and name, in the namespace if one is given.
    pub fn workload(&self, kind: &Kind, namespace: Option<&str>, name: &str) -> Option<&Workload> {
        self.workloads
            .iter()
            .find(|it| it.kind == *kind && it.meta.name == name && same_namespace(&it.meta, namespace))
    }
}

/// Whether an object is in the namespace, where both sides tell.
fn same_namespace(meta: &Meta, namespace: Option<&str>) -> bool {
    match (&meta.namespace, namespace) {
        (Some(have), Some(want)) => have == want,
        _ => true,
    }
}
