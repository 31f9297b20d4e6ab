//! What keeps pods from nodes: selectors, taints, cordons.

use std::collections::BTreeSet;

use kubemedic_model::{
    diagnosis::Fact,
    snapshot::pod::{PodSpec, Toleration},
};
use serde_json::{Value, json};

use super::{called, node};
use crate::remediation::{
    change::{Change, Merge},
    playbook::Act,
    site::Site,
};

/// Taints that Kubernetes itself sets while a node is unfit: tolerating them hides the node's fault.
const AUTOMATIC: &str = "node.kubernetes.io/";
/// Taints of nodes that carry the control plane: applications stay away from them.
const CONTROL_PLANE: [&str; 2] = [
    "node-role.kubernetes.io/control-plane",
    "node-role.kubernetes.io/master",
];

/// The effects of taints.
const EFFECTS: [&str; 3] = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

/// Lets pods back on a cordoned node, else tolerates the taint that keeps them away.
pub(crate) fn uncordon_or_tolerate(site: &Site<'_>) -> Vec<Act> {
    let uncordoned = node::uncordon(site);
    if uncordoned.is_empty() {
        tolerate(site).into_iter().collect()
    } else {
        uncordoned
    }
}

/// Lets pods back on a cordoned node, else selects the label value that the nodes carry.
pub(crate) fn uncordon_or_select(site: &Site<'_>) -> Vec<Act> {
    let uncordoned = node::uncordon(site);
    if uncordoned.is_empty() {
        select(site).into_iter().collect()
    } else {
        uncordoned
    }
}

/// Adds a toleration of the taint to those that the template has. The list is replaced as a whole, so the template
/// must be known.
fn tolerate(site: &Site<'_>) -> Option<Act> {
    let workload = site.rollout()?;
    let taint = taint(site)?;
    let key = taint.key.as_deref()?;
    if key.starts_with(AUTOMATIC) || CONTROL_PLANE.contains(&key) {
        return None;
    }
    let template = &site.workload_state()?.template;
    if template.containers.is_empty() {
        return None;
    }
    let mut tolerations: Vec<Value> = template.tolerations.iter().map(toleration).collect();
    tolerations.push(toleration(&taint));
    let body = json!({"spec": {"template": {"spec": {"tolerations": tolerations}}}});
    let why = format!(
        "Lets the pods of {} run on nodes with the taint {}",
        called(workload),
        key
    );
    Some(Act::new(Change::Patch(workload.clone(), Merge::Json, body), why))
}

/// What tolerates the taint at fault, which Kubernetes writes as `key=value:effect`; without an effect, every effect.
fn taint(site: &Site<'_>) -> Option<Toleration> {
    let text = site.fact(Fact::Taint)?;
    let (pair, effect) = match text.rsplit_once(':') {
        Some((pair, effect)) if EFFECTS.contains(&effect) => (pair, Some(effect.to_owned())),
        Some(_) => return None,
        None => (text, None),
    };
    let (key, value) = match pair.split_once('=') {
        Some((key, value)) => (key, Some(value.to_owned()).filter(|it| !it.is_empty())),
        None => (pair, None),
    };
    Some(Toleration {
        key: Some(key.to_owned()),
        value,
        effect,
    })
}

/// A toleration as the API writes it.
fn toleration(it: &Toleration) -> Value {
    let mut fields = serde_json::Map::new();
    if let Some(key) = &it.key {
        fields.insert("key".into(), json!(key));
    }
    match &it.value {
        Some(value) => {
            fields.insert("operator".into(), json!("Equal"));
            fields.insert("value".into(), json!(value));
        }
        None => {
            fields.insert("operator".into(), json!("Exists"));
        }
    }
    if let Some(effect) = &it.effect {
        fields.insert("effect".into(), json!(effect));
    }
    Value::Object(fields)
}

/// Replaces a node selector's value that no node carries by the one value that the nodes carry.
fn select(site: &Site<'_>) -> Option<Act> {
    let workload = site.rollout()?;
    let template: &PodSpec = site.template()?;
    let (key, wrong, right) = template.node_selector.iter().find_map(|(key, wanted)| {
        let carried: BTreeSet<&String> = site
            .snapshot
            .nodes
            .iter()
            .filter_map(|node| node.meta.labels.get(key))
            .collect();
        let only = carried.first().filter(|_| carried.len() == 1)?;
        (*only != wanted).then_some((key, wanted, *only))
    })?;
    let selector = |value: &str| json!({"spec": {"template": {"spec": {"nodeSelector": {key: value}}}}});
    let why = format!(
        "Selects nodes of {} by {key}={right}, the value that they carry, instead of {wrong}",
        called(workload)
    );
    Some(Act::with_undo(
        Change::Patch(workload.clone(), Merge::Json, selector(right)),
        why,
        Change::Patch(workload.clone(), Merge::Json, selector(wrong)),
    ))
}
