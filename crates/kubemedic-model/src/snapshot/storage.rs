//! Claims, volumes and classes.

use serde::{Deserialize, Serialize};

use super::{Condition, Labels, Meta};

/// A PersistentVolumeClaim.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Claim {
    /// Name and labels.
    pub meta: Meta,
    /// `Pending`, `Bound`, `Lost`, `Terminating`.
    pub phase: Option<String>,
    /// The class asked for.
    pub class: Option<String>,
    /// The volume that it is bound to.
    pub volume: Option<String>,
    /// Access modes.
    pub access_modes: Vec<String>,
    /// Storage asked for.
    pub request: Option<String>,
    /// Storage given.
    pub capacity: Option<String>,
    /// Labels that a volume must have.
    pub selector: Labels,
    /// Pods that use it.
    pub used_by: Vec<String>,
    /// Conditions.
    pub conditions: Vec<Condition>,
}

/// A PersistentVolume.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Volume {
    /// Name and labels.
    pub meta: Meta,
    /// `Available`, `Bound`, `Released`, `Failed`.
    pub phase: Option<String>,
    /// Its class.
    pub class: Option<String>,
    /// The claim that holds it, `namespace/name`.
    pub claim: Option<String>,
    /// Access modes.
    pub access_modes: Vec<String>,
    /// Its size.
    pub capacity: Option<String>,
    /// Where it can be used, one text per expression.
    pub node_affinity: Vec<String>,
}

/// A StorageClass.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct StorageClass {
    /// Name and labels.
    pub meta: Meta,
    /// The provisioner.
    pub provisioner: Option<String>,
    /// `Immediate` or `WaitForFirstConsumer`.
    pub binding_mode: Option<String>,
    /// Whether claims without a class get it.
    pub is_default: bool,
    /// Whether volumes of the class may grow.
    pub allows_expansion: bool,
}
