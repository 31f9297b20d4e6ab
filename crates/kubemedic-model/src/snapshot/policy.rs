//! Configuration, limits, budgets, permissions.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Condition, Labels, Meta};
use crate::resource::Kind;

/// A ConfigMap or Secret: its keys, never its values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConfigObject {
    /// ConfigMap or Secret.
    pub kind: Kind,
    /// Name and labels.
    pub meta: Meta,
    /// The Secret's type.
    pub secret_type: Option<String>,
    /// Its keys; `None`: the evidence tells only that it exists.
    pub keys: Option<BTreeSet<String>>,
    /// The sizes of a Secret's values in bytes by key, where a description tells them. The values are never read.
    pub sizes: BTreeMap<String, u64>,
}

/// A ResourceQuota.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Quota {
    /// Name and labels.
    pub meta: Meta,
    /// Limits by resource name.
    pub hard: BTreeMap<String, String>,
    /// Use by resource name.
    pub used: BTreeMap<String, String>,
}

/// A LimitRange.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct LimitRange {
    /// Name and labels.
    pub meta: Meta,
    /// Rules.
    pub limits: Vec<LimitRule>,
}

/// One rule of a LimitRange.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LimitRule {
    /// `Container`, `Pod`, `PersistentVolumeClaim`.
    pub kind: String,
    /// The least by resource name.
    pub min: BTreeMap<String, String>,
    /// The most by resource name.
    pub max: BTreeMap<String, String>,
    /// Limits given to containers without one.
    pub default_limits: BTreeMap<String, String>,
    /// Requests given to containers without one.
    pub default_requests: BTreeMap<String, String>,
}

/// A HorizontalPodAutoscaler.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct PodAutoscaler {
    /// Name and labels.
    pub meta: Meta,
    /// The workload that it scales: kind and name.
    pub target: Option<(Kind, String)>,
    /// The TARGETS column.
    pub targets: Option<String>,
    /// Least replicas.
    pub min: Option<u32>,
    /// Most replicas.
    pub max: Option<u32>,
    /// Current replicas.
    pub current: Option<u32>,
    /// Conditions.
    pub conditions: Vec<Condition>,
}

/// A PodDisruptionBudget.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct DisruptionBudget {
    /// Name and labels.
    pub meta: Meta,
    /// The pods that it covers.
    pub selector: Labels,
    /// `minAvailable`.
    pub min_available: Option<String>,
    /// `maxUnavailable`.
    pub max_unavailable: Option<String>,
    /// How many pods may be disrupted now.
    pub allowed: Option<u32>,
}

/// A ServiceAccount.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Account {
    /// Name and labels.
    pub meta: Meta,
    /// Image pull secrets.
    pub image_pull_secrets: Vec<String>,
}

/// A RoleBinding or ClusterRoleBinding.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Grant {
    /// Which of them.
    pub kind: Kind,
    /// Name and labels.
    pub meta: Meta,
    /// Role or ClusterRole.
    pub role_kind: Kind,
    /// Its name.
    pub role: String,
    /// Who gets it: `ServiceAccount ci/deployer`, `User jane`, `Group system:masters`.
    pub subjects: Vec<String>,
}

/// A mutating or validating webhook configuration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WebhookConfiguration {
    /// Which of them.
    pub kind: Kind,
    /// Name and labels.
    pub meta: Meta,
    /// Its webhooks.
    pub webhooks: Vec<Webhook>,
}

/// One webhook.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Webhook {
    /// Its name.
    pub name: String,
    /// The Service behind it, `namespace/name`.
    pub service: Option<String>,
    /// `Fail` or `Ignore`.
    pub failure_policy: Option<String>,
}
