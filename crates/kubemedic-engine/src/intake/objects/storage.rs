//! Claims, volumes and classes.

use kubemedic_model::snapshot::{
    Meta,
    storage::{Claim, StorageClass, Volume},
};
use serde_json::Value;

use super::field::{at, conditions, expression, flag, list, selector, text, texts};

/// Reads a PersistentVolumeClaim.
pub(super) fn claim(meta: Meta, value: &Value) -> Claim {
    Claim {
        phase: text(value, "status/phase"),
        class: text(value, "spec/storageClassName"),
        volume: text(value, "spec/volumeName"),
        access_modes: texts(value, "spec/accessModes"),
        request: text(value, "spec/resources/requests/storage"),
        capacity: text(value, "status/capacity/storage"),
        selector: selector(value, "spec/selector"),
        conditions: conditions(value),
        meta,
        ..Claim::default()
    }
}

/// Reads a PersistentVolume.
pub(super) fn volume(meta: Meta, value: &Value) -> Volume {
    let claim = at(value, "spec/claimRef").and_then(|claim| {
        let name = text(claim, "name")?;
        Some(text(claim, "namespace").map_or_else(|| name.clone(), |namespace| format!("{namespace}/{name}")))
    });
    Volume {
        phase: text(value, "status/phase"),
        class: text(value, "spec/storageClassName"),
        claim,
        access_modes: texts(value, "spec/accessModes"),
        capacity: text(value, "spec/capacity/storage"),
        node_affinity: list(value, "spec/nodeAffinity/required/nodeSelectorTerms")
            .iter()
            .flat_map(|term| list(term, "matchExpressions"))
            .map(expression)
            .collect(),
        meta,
    }
}

/// Reads a StorageClass.
pub(super) fn class(meta: Meta, value: &Value) -> StorageClass {
    let default = [
        "storageclass.kubernetes.io/is-default-class",
        "storageclass.beta.kubernetes.io/is-default-class",
    ]
    .iter()
    .any(|key| meta.annotations.get(*key).is_some_and(|value| value == "true"));
    StorageClass {
        provisioner: text(value, "provisioner"),
        binding_mode: text(value, "volumeBindingMode"),
        is_default: default,
        allows_expansion: flag(value, "allowVolumeExpansion").unwrap_or(false),
        meta,
    }
}
