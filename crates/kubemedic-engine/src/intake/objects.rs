//! Kubernetes objects as the API serves them, from JSON or YAML. Secrets and ConfigMaps give their keys only,
//! ConfigMaps of gateways their routes too.

mod event;
mod field;
mod network;
mod node;
mod pod;
mod policy;
mod storage;
mod workload;

use kubemedic_model::{
    evidence::Origin,
    resource::{Kind, ResourceRef},
    snapshot::{Meta, OtherObject},
};
use serde_json::Value;

pub(super) use node::ready as node_ready;
pub(super) use pod::summarise;

use super::collector::Collector;

/// How deep lists of lists are followed.
const MAX_LIST_DEPTH: usize = 3;

/// Whether a value has the form of a Kubernetes object or a list of them.
pub(super) fn is_object(value: &Value) -> bool {
    let Some(kind) = value.get("kind").and_then(Value::as_str) else {
        return false;
    };
    let api = value.get("apiVersion").and_then(Value::as_str);
    if api.is_some_and(|api| api.starts_with("audit.")) {
        return false;
    }
    let starts_upper = kind.starts_with(|c: char| c.is_ascii_uppercase());
    let named = value.get("metadata").is_some_and(Value::is_object) && starts_upper;
    named || (kind.ends_with("List") && value.get("items").is_some_and(Value::is_array))
}

/// Adds an object, or every object of a list, to what has been collected. `false`: it is none.
pub(super) fn add(collector: &mut Collector, value: &Value, origin: &Origin) -> bool {
    add_within(collector, value, origin, 0)
}

/// [`add`] with the depth of lists.
fn add_within(collector: &mut Collector, value: &Value, origin: &Origin, depth: usize) -> bool {
    if !is_object(value) {
        return false;
    }
    let kind_text = field::text(value, "kind").unwrap_or_default();
    if let Some(items) = value.get("items").and_then(Value::as_array)
        && kind_text.ends_with("List")
    {
        if depth < MAX_LIST_DEPTH {
            add_list(collector, (&kind_text, items, value), origin, depth);
        }
        return true;
    }
    add_one(collector, &Kind::parse(&kind_text), value, origin);
    true
}

/// Adds the items of a list; those of a typed list (`PodList`) carry no kind of their own.
fn add_list(collector: &mut Collector, list: (&str, &[Value], &Value), origin: &Origin, depth: usize) {
    let (kind_text, items, value) = list;
    let item_kind = kind_text
        .strip_suffix("List")
        .filter(|kind| !kind.is_empty())
        .map(Kind::parse);
    for item in items {
        if !add_within(collector, item, origin, depth + 1)
            && let Some(kind) = &item_kind
        {
            add_one(collector, kind, item, origin);
        }
    }
    let complete = field::text(value, "metadata/continue").is_none();
    if let Some(kind) = item_kind
        && complete
    {
        let mut namespaces: Vec<Option<String>> = items
            .iter()
            .map(|item| field::text(item, "metadata/namespace"))
            .collect();
        namespaces.sort();
        namespaces.dedup();
        match namespaces.as_slice() {
            [Some(namespace)] => collector.listed(kind, Some(namespace.clone())),
            [_, _, ..] | [None] => collector.listed(kind, None),
            [] => {}
        }
    }
}

/// Adds one object by its kind.
fn add_one(collector: &mut Collector, kind: &Kind, value: &Value, origin: &Origin) {
    if *kind == Kind::Event {
        collector.event(event::read(value, origin));
        return;
    }
    let Some(meta) = meta(value, origin) else { return };
    match kind {
        Kind::Pod => collector.pod(pod::read(meta, value)),
        Kind::Deployment
        | Kind::ReplicaSet
        | Kind::StatefulSet
        | Kind::DaemonSet
        | Kind::ReplicationController => {
            collector.workload(workload::read(kind.clone(), meta, value));
        }
        Kind::Job => collector.job(workload::job(meta, value)),
        Kind::CronJob => collector.scheduled_job(workload::scheduled_job(meta, value)),
        Kind::Service => collector.service(network::service(meta, value)),
        Kind::Endpoints => collector.endpoints(network::endpoints(meta, value)),
        Kind::EndpointSlice => collector.endpoints(network::endpoint_slice(meta, value)),
        Kind::Ingress => collector.ingress(network::ingress(meta, value)),
        Kind::HTTPRoute | Kind::VirtualService => {
            collector.other(OtherObject {
                kind: kind.clone(),
                meta: meta.clone(),
                conditions: network::parent_conditions(value),
            });
            collector.ingress(network::route_object(kind, meta, value));
        }
        Kind::NetworkPolicy => collector.network_policy(network::policy(meta, value)),
        Kind::ConfigMap | Kind::Secret => {
            if *kind == Kind::ConfigMap {
                let data = value.get("data").and_then(Value::as_object);
                let texts = data
                    .into_iter()
                    .flat_map(|data| data.values().filter_map(Value::as_str));
                let routes = texts.flat_map(|text| super::gateway::routes(&meta, text));
                collector.gateway_routes(routes.collect());
            }
            collector.config_object(policy::config(kind.clone(), meta, value));
        }
        Kind::PersistentVolumeClaim => collector.claim(storage::claim(meta, value)),
        Kind::PersistentVolume => collector.volume(storage::volume(meta, value)),
        Kind::StorageClass => collector.storage_class(storage::class(meta, value)),
        Kind::Node => collector.node(node::read(meta, value)),
        Kind::ResourceQuota => collector.quota(policy::quota(meta, value)),
        Kind::LimitRange => collector.limit_range(policy::limit_range(meta, value)),
        Kind::HorizontalPodAutoscaler => collector.autoscaler(policy::autoscaler(meta, value)),
        Kind::PodDisruptionBudget => collector.disruption_budget(policy::disruption_budget(meta, value)),
        Kind::ServiceAccount => collector.account(policy::account(meta, value)),
        Kind::RoleBinding | Kind::ClusterRoleBinding => {
            collector.grant(policy::grant(kind.clone(), meta, value));
        }
        Kind::MutatingWebhookConfiguration | Kind::ValidatingWebhookConfiguration => {
            collector.webhook(policy::webhook(kind.clone(), meta, value));
        }
        other => collector.other(OtherObject {
            kind: other.clone(),
            meta,
            conditions: field::conditions(value),
        }),
    }
}

/// What every object has; `None` without a name.
fn meta(value: &Value, origin: &Origin) -> Option<Meta> {
    Some(Meta {
        name: field::text(value, "metadata/name")?,
        namespace: field::text(value, "metadata/namespace"),
        labels: field::map(value, "metadata/labels"),
        annotations: annotations(value),
        owner: owner(value),
        created: field::time(value, "metadata/creationTimestamp"),
        age_seconds: None,
        terminating: field::text(value, "metadata/deletionTimestamp").is_some(),
        finalizers: field::texts(value, "metadata/finalizers"),
        origin: origin.clone(),
    })
}

/// Annotations without the copy of the whole object that `kubectl apply` keeps.
fn annotations(value: &Value) -> kubemedic_model::snapshot::Labels {
    let mut annotations = field::map(value, "metadata/annotations");
    annotations.remove("kubectl.kubernetes.io/last-applied-configuration");
    annotations
}

/// The controlling owner, else the first one.
fn owner(value: &Value) -> Option<ResourceRef> {
    let owners = field::list(value, "metadata/ownerReferences");
    let owner = owners
        .iter()
        .find(|owner| field::flag(owner, "controller") == Some(true))
        .or_else(|| owners.first())?;
    let kind = Kind::parse(&field::text(owner, "kind")?);
    let namespace = field::text(value, "metadata/namespace");
    Some(ResourceRef::new(
        kind,
        namespace.as_deref(),
        field::text(owner, "name")?,
    ))
}

#[cfg(test)]
mod tests;
