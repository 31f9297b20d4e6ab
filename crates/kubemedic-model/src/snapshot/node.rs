//! Nodes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Condition, Meta};

/// A node.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Node {
    /// Name and labels.
    pub meta: Meta,
    /// Whether its `Ready` condition is true; `None`: not told.
    pub ready: Option<bool>,
    /// Whether new pods are kept away by hand.
    pub cordoned: bool,
    /// Taints.
    pub taints: Vec<Taint>,
    /// Conditions.
    pub conditions: Vec<Condition>,
    /// Capacity by resource name.
    pub capacity: BTreeMap<String, String>,
    /// What pods may use of it.
    pub allocatable: BTreeMap<String, String>,
    /// Requests of the pods on it, where `describe` tells.
    pub requested: BTreeMap<String, String>,
    /// CPU architecture.
    pub architecture: Option<String>,
    /// Kubelet version.
    pub version: Option<String>,
}

/// A taint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taint {
    /// Key.
    pub key: String,
    /// Value.
    pub value: Option<String>,
    /// `NoSchedule`, `PreferNoSchedule`, `NoExecute`.
    pub effect: String,
}
