//! Nodes, namespaces and custom resources.

use std::collections::BTreeMap;

use kubemedic_model::snapshot::{
    Condition, Meta,
    node::{Node, Taint},
    policy::Quota,
};

use super::{Block, conditions};
use crate::intake::{
    cells::{cells, told_owned},
    collector::Collector,
    objects, timestamp,
};

/// Reads the description of a node.
pub(super) fn node(meta: Meta, block: &Block<'_>) -> Node {
    let conditions = conditions(block);
    let system = block.entry("System Info").map(|entry| entry.children);
    let info = |key: &str| system.and_then(|system| system.value(key)).and_then(told_owned);
    Node {
        ready: objects::node_ready(&conditions),
        cordoned: block.value("Unschedulable") == Some("true"),
        taints: block.values("Taints").into_iter().filter_map(taint).collect(),
        capacity: amounts(block, "Capacity"),
        allocatable: amounts(block, "Allocatable"),
        requested: requested(block),
        architecture: info("Architecture").or_else(|| meta.labels.get("kubernetes.io/arch").cloned()),
        version: info("Kubelet Version"),
        conditions,
        meta,
    }
}

/// `dedicated=batch:NoSchedule`, `node.kubernetes.io/unreachable:NoExecute`.
fn taint(text: &str) -> Option<Taint> {
    let (key_value, effect) = text.rsplit_once(':')?;
    let (key, value) = match key_value.split_once('=') {
        Some((key, value)) => (key, told_owned(value)),
        None => (key_value, None),
    };
    Some(Taint {
        key: key.to_owned(),
        value,
        effect: effect.to_owned(),
    })
}

/// Amounts below a key.
fn amounts(block: &Block<'_>, key: &str) -> BTreeMap<String, String> {
    let Some(entry) = block.entry(key) else {
        return BTreeMap::new();
    };
    entry
        .children
        .entries()
        .map(|entry| (entry.key.to_owned(), entry.value.to_owned()))
        .collect()
}

/// The Requests column of `Allocated resources`.
fn requested(block: &Block<'_>) -> BTreeMap<String, String> {
    let Some(entry) = block.entry("Allocated resources") else {
        return BTreeMap::new();
    };
    entry
        .children
        .rows()
        .iter()
        .filter_map(|row| {
            let amount = row.get("Requests")?.split(' ').next()?;
            Some((row.get("Resource")?.to_owned(), amount.to_owned()))
        })
        .collect()
}

/// The quotas that the description of a namespace shows.
pub(super) fn namespace_policies(collector: &mut Collector, meta: &Meta, block: &Block<'_>) {
    let Some(quotas) = block.entry("Resource Quotas") else {
        return;
    };
    let mut current: Option<Quota> = None;
    for line in quotas.children.lines() {
        if let Some(name) = line.text.strip_prefix("Name:") {
            if let Some(quota) = current.take() {
                collector.quota(quota);
            }
            current = Some(Quota {
                meta: Meta {
                    name: name.trim().to_owned(),
                    namespace: Some(meta.name.clone()),
                    origin: meta.origin.clone(),
                    ..Meta::default()
                },
                ..Quota::default()
            });
        } else if let (Some(quota), [resource, used, hard]) = (current.as_mut(), cells(line.text).as_slice())
            && !used.text.starts_with("--")
            && used.text != "Used"
        {
            quota.used.insert(resource.text.to_owned(), used.text.to_owned());
            quota.hard.insert(resource.text.to_owned(), hard.text.to_owned());
        }
    }
    if let Some(quota) = current {
        collector.quota(quota);
    }
}

/// Conditions of a custom resource, printed as a list of keys; each starts at the key that stood first.
pub(super) fn custom_conditions(status: &Block<'_>) -> Vec<Condition> {
    let Some(entry) = status.entry("Conditions") else {
        return Vec::new();
    };
    let mut found: Vec<Condition> = Vec::new();
    let mut first_key = None;
    for entry in entry.children.entries() {
        let first = *first_key.get_or_insert(entry.key);
        if entry.key == first {
            found.push(Condition::default());
        }
        let Some(condition) = found.last_mut() else {
            continue;
        };
        match entry.key {
            "Type" => entry.value.clone_into(&mut condition.kind),
            "Status" => entry.value.clone_into(&mut condition.status),
            "Reason" => condition.reason = told_owned(entry.value),
            "Message" => condition.message = told_owned(entry.value),
            "Last Transition Time" => condition.changed = timestamp::whole(entry.value),
            _ => {}
        }
    }
    found.retain(|condition| !condition.kind.is_empty());
    found
}
