//! Nodes: keeping pods away from one, and letting them back.

use kubemedic_model::resource::Kind;

use super::called;
use crate::remediation::{change::Change, playbook::Act, site::Site};

/// Keeps new pods away from the node, unless it is the only one that is known.
pub(crate) fn cordon(site: &Site<'_>) -> Vec<Act> {
    let Some(node) = site.node() else {
        return Vec::new();
    };
    let is_only = site.snapshot.lists(&Kind::Node, None) && site.snapshot.nodes.len() == 1;
    let is_cordoned = site
        .snapshot
        .nodes
        .iter()
        .any(|it| it.meta.name == node.name && it.cordoned);
    if is_only || is_cordoned {
        return Vec::new();
    }
    let why = format!("Keeps new pods away from {} until it is repaired", called(&node));
    vec![Act::new(Change::Cordon(node), why)]
}

/// Keeps new pods away from a node that is itself at fault, not only the place where a pod suffers.
pub(crate) fn cordon_guilty(site: &Site<'_>) -> Vec<Act> {
    let guilty = site.cause.object.as_ref();
    if guilty.is_some_and(|it| it.kind == Kind::Node) {
        cordon(site)
    } else {
        Vec::new()
    }
}

/// Lets pods back on the node that is cordoned, where it is the one the pod needs and it is ready.
pub(crate) fn uncordon(site: &Site<'_>) -> Vec<Act> {
    let cordoned: Vec<_> = site
        .snapshot
        .nodes
        .iter()
        .filter(|node| node.cordoned && node.ready != Some(false))
        .collect();
    let named = site.node();
    let found = match (&named, cordoned.as_slice()) {
        (Some(node), several) => several.iter().find(|it| it.meta.name == node.name),
        (None, [only]) => Some(only),
        (None, _) => None,
    };
    let Some(node) = found.and_then(|node| site.target(Kind::Node, &node.meta.name)) else {
        return Vec::new();
    };
    let why = format!(
        "Lets pods back on {}, which is cordoned, if its maintenance is over",
        called(&node)
    );
    vec![Act::new(Change::Uncordon(node), why)]
}
