//! Claims, volumes and classes.

use kubemedic_model::snapshot::{
    Meta,
    storage::{Claim, StorageClass, Volume},
};

use super::{Block, conditions};
use crate::intake::{cells::told_owned, tables};

/// Reads the description of a PersistentVolumeClaim.
pub(super) fn claim(meta: Meta, block: &Block<'_>) -> Claim {
    let phase = block
        .value("Status")
        .and_then(|text| told_owned(text.split(" (").next()?));
    Claim {
        phase,
        class: block.value("StorageClass").and_then(told_owned),
        volume: block.value("Volume").and_then(told_owned),
        access_modes: tables::access_modes(block.value("Access Modes").unwrap_or("")),
        capacity: block.value("Capacity").and_then(told_owned),
        selector: super::labels(block, "Selector", '='),
        used_by: block.values("Used By").into_iter().map(str::to_owned).collect(),
        conditions: conditions(block),
        meta,
        ..Claim::default()
    }
}

/// Reads the description of a PersistentVolume.
pub(super) fn volume(meta: Meta, block: &Block<'_>) -> Volume {
    let terms = block.entry("Node Affinity").map(|entry| {
        let lines = entry.children.lines().iter();
        lines
            .map(|line| line.text)
            .filter(|text| text.contains(" in ") || text.contains(" exists"))
            .map(|text| {
                text.rsplit_once(":  ")
                    .map_or(text, |(_, term)| term)
                    .trim()
                    .to_owned()
            })
            .collect()
    });
    Volume {
        phase: block.value("Status").and_then(told_owned),
        class: block.value("StorageClass").and_then(told_owned),
        claim: block.value("Claim").and_then(told_owned),
        access_modes: tables::access_modes(block.value("Access Modes").unwrap_or("")),
        capacity: block.value("Capacity").and_then(told_owned),
        node_affinity: terms.unwrap_or_default(),
        meta,
    }
}

/// Reads the description of a StorageClass.
pub(super) fn class(meta: Meta, block: &Block<'_>) -> StorageClass {
    StorageClass {
        provisioner: block.value("Provisioner").and_then(told_owned),
        binding_mode: block.value("VolumeBindingMode").and_then(told_owned),
        is_default: block.value("IsDefaultClass") == Some("Yes"),
        allows_expansion: block
            .value("AllowVolumeExpansion")
            .is_some_and(|text| text.eq_ignore_ascii_case("true")),
        meta,
    }
}
