//! Nodes.

use kubemedic_model::snapshot::{
    Condition, Meta,
    node::{Node, Taint},
};
use serde_json::Value;

use super::field::{conditions, flag, list, map, text};

/// Reads a node.
pub(super) fn read(meta: Meta, value: &Value) -> Node {
    let conditions = conditions(value);
    Node {
        meta,
        ready: ready(&conditions),
        cordoned: flag(value, "spec/unschedulable").unwrap_or(false),
        taints: list(value, "spec/taints").iter().filter_map(taint).collect(),
        conditions,
        capacity: map(value, "status/capacity"),
        allocatable: map(value, "status/allocatable"),
        architecture: text(value, "status/nodeInfo/architecture"),
        version: text(value, "status/nodeInfo/kubeletVersion"),
        ..Node::default()
    }
}

/// Whether the `Ready` condition is true.
pub(in crate::intake) fn ready(conditions: &[Condition]) -> Option<bool> {
    conditions
        .iter()
        .find(|condition| condition.kind == "Ready")
        .map(|condition| condition.status == "True")
}

fn taint(value: &Value) -> Option<Taint> {
    Some(Taint {
        key: text(value, "key")?,
        value: text(value, "value"),
        effect: text(value, "effect").unwrap_or_default(),
    })
}
