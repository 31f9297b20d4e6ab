//! `kubectl describe` output: whole objects, and pieces of one that were pasted without their beginning.

mod block;
mod cluster;
mod kinds;
mod network;
mod pod;
mod policy;
mod storage;
mod workload;

use kubemedic_model::{
    evidence::Origin,
    resource::{Kind, ResourceRef},
    snapshot::{Condition, Labels, Meta, OtherObject},
};

pub(super) use block::{Block, DescribedLine};

use super::{
    cells::{cells, told, told_owned},
    collector::Collector,
    tables::{self, TableContext},
    timestamp,
};

/// The words before a piece of a description that tells of containers or conditions.
const PIECES: [&str; 12] = [
    "Containers:",
    "Init Containers:",
    "State:",
    "Last State:",
    "Conditions:",
    "Events:",
    "Limits:",
    "Requests:",
    "Node-Selectors:",
    "Tolerations:",
    "Taints:",
    "Allocated resources:",
];

/// Whether a line opens the description of an object: `Name:` and one value at the start of the line.
pub(super) fn opens_object(line: &str) -> bool {
    line.strip_prefix("Name:").is_some_and(|rest| {
        let value = rest.trim();
        rest.starts_with([' ', '\t']) && !value.is_empty() && !value.contains(' ')
    })
}

/// Whether a line opens a piece of a description.
pub(super) fn opens_piece(line: &str) -> bool {
    let trimmed = line.trim();
    PIECES.iter().any(|piece| {
        trimmed
            .strip_prefix(piece)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with("  ") || rest.starts_with('\t'))
    })
}

/// Whether a line can stand inside a description.
pub(super) fn is_inside(line: &str) -> bool {
    if line.starts_with([' ', '\t']) || line.trim().is_empty() {
        return true;
    }
    if line.starts_with("====") || line.starts_with("----") || line == "Data" || line == "BinaryData" {
        return true;
    }
    let Some((key, value)) = block::key_value(line) else {
        return [
            "Resource  ",
            "Type  ",
            "Resource Quotas",
            "Resource Limits",
            "No resource quota",
            "No LimitRange",
        ]
        .iter()
        .any(|word| line.starts_with(word))
            || is_amounts(line);
    };
    let spaced = value.is_empty()
        || line
            .get(key.len() + 1..)
            .is_some_and(|rest| rest.starts_with("  ") || rest.starts_with('\t'));
    let named = key.starts_with(|c: char| c.is_ascii_uppercase()) && key.split(' ').count() <= 10;
    (named && (spaced || kinds::is_known_key(key))) || value.ends_with(" bytes")
}

/// Whether a line is a row of a quota or a limit: `pods  20  50`, `Container  memory  -  1Gi ...`.
fn is_amounts(line: &str) -> bool {
    let found = cells(line);
    (3..=8).contains(&found.len())
        && found.iter().skip(1).all(|cell| !cell.text.contains(' '))
        && found
            .last()
            .is_some_and(|cell| cell.text == "-" || cell.text.starts_with(|c: char| c.is_ascii_digit()))
}

/// Adds every object of a text of descriptions. `None`: the lines that no object took.
pub(super) fn add(
    collector: &mut Collector,
    lines: &[DescribedLine<'_>],
    context: &TableContext,
    part: &str,
) -> bool {
    let mut taken = false;
    let mut start = 0;
    while start < lines.len() {
        let next = lines
            .iter()
            .enumerate()
            .skip(start + 1)
            .find(|(_, line)| line.indent == 0 && opens_object(line.text))
            .map_or(lines.len(), |(at, _)| at);
        if let Some(object) = lines.get(start..next) {
            taken |= add_object(collector, object, context, part);
        }
        start = next;
    }
    taken
}

/// Adds one object, or the piece of one that the command named.
fn add_object(
    collector: &mut Collector,
    lines: &[DescribedLine<'_>],
    context: &TableContext,
    part: &str,
) -> bool {
    let Some(first) = lines.first() else { return false };
    let block = Block::new(lines);
    let origin = Origin {
        part: part.to_owned(),
        line: Some(first.number),
    };
    let told_kind = block
        .value("Kind")
        .filter(|_| block.value("API Version").is_some())
        .map(Kind::parse);
    let guessed = told_kind.or_else(|| kinds::of(&block));
    let asked = context
        .kind
        .clone()
        .or_else(|| context.object.as_ref().map(|it| it.kind.clone()));
    let kind = guessed.or(asked);
    let name = block
        .value("Name")
        .map(str::to_owned)
        .or_else(|| context.object.as_ref().map(|it| it.name.clone()));
    let namespace = block
        .value("Namespace")
        .and_then(told_owned)
        .or_else(|| context.namespace.clone());
    let object = match (&kind, &name) {
        (Some(kind), Some(name)) => Some(ResourceRef::new(kind.clone(), namespace.as_deref(), name.clone())),
        _ => context.object.clone(),
    };
    let had_events = add_events(collector, &block, object.clone(), part);
    let (Some(kind), Some(object)) = (kind, object) else {
        return had_events;
    };
    if block.is_only("Events") {
        return had_events;
    }
    let meta = meta(&block, &kind, object, origin);
    add_kind(collector, &kind, meta, &block);
    true
}

/// Adds the rows of the Events table.
fn add_events(collector: &mut Collector, block: &Block<'_>, object: Option<ResourceRef>, part: &str) -> bool {
    let context = TableContext {
        namespace: object.as_ref().and_then(|object| object.namespace.clone()),
        object,
        ..TableContext::default()
    };
    let Some(events) = block.entry("Events") else {
        return false;
    };
    let mut any = events.value == "<none>";
    for line in events.children.lines() {
        let origin = || Origin {
            part: part.to_owned(),
            line: Some(line.number),
        };
        if let Some(event) = tables::loose_event(line.text, &context, origin) {
            collector.event(event);
            any = true;
        }
    }
    any
}

/// What every description tells.
fn meta(block: &Block<'_>, kind: &Kind, object: ResourceRef, origin: Origin) -> Meta {
    let owner = block.value("Controlled By").and_then(|text| {
        let (kind, name) = text.split_once('/')?;
        Some(ResourceRef::new(
            Kind::parse(kind),
            object.namespace.as_deref(),
            name,
        ))
    });
    let status = block.value("Status").unwrap_or("");
    let finalizers = block.value("Finalizers").unwrap_or("");
    Meta {
        namespace: object.namespace.filter(|_| !kind.is_cluster_scoped()),
        name: object.name,
        labels: labels(block, "Labels", '='),
        annotations: annotations(block),
        owner,
        created: block
            .value("CreationTimestamp")
            .or_else(|| block.value("Creation Timestamp"))
            .and_then(timestamp::whole),
        age_seconds: None,
        terminating: status.starts_with("Terminating") || block.value("Termination Grace Period").is_some(),
        finalizers: finalizers
            .trim_matches(['[', ']'])
            .split(' ')
            .filter_map(told_owned)
            .collect(),
        origin,
    }
}

/// Annotations; the copy that `kubectl apply` keeps is left out.
fn annotations(block: &Block<'_>) -> Labels {
    let mut annotations = labels(block, "Annotations", ':');
    annotations.retain(|key, _| !key.starts_with("kubectl.kubernetes.io/last-applied"));
    annotations
}

/// A value of pairs, one per line or apart by commas.
fn labels(block: &Block<'_>, key: &str, mark: char) -> Labels {
    let Some(entry) = block.entry(key) else {
        return Labels::new();
    };
    let mut labels = Labels::new();
    let texts = std::iter::once(entry.value).chain(entry.children.lines().iter().map(|line| line.text));
    for text in texts.filter_map(told) {
        let parts: Vec<&str> = if mark == '=' {
            text.split(',').collect()
        } else {
            vec![text]
        };
        for (key, value) in parts.into_iter().filter_map(|pair| pair.split_once(mark)) {
            labels.insert(key.trim().to_owned(), value.trim().to_owned());
        }
    }
    labels
}

/// The rows of a Conditions table.
fn conditions(block: &Block<'_>) -> Vec<Condition> {
    let Some(entry) = block.entry("Conditions") else {
        return Vec::new();
    };
    let rows = entry.children.rows();
    rows.iter()
        .filter_map(|row| {
            Some(Condition {
                kind: row.get("Type")?.to_owned(),
                status: row.get("Status").unwrap_or("").to_owned(),
                reason: row.get("Reason").and_then(told_owned),
                message: row.get("Message").and_then(told_owned),
                changed: row.get("LastTransitionTime").and_then(timestamp::whole),
            })
        })
        .collect()
}

/// Adds the object of a description by its kind.
fn add_kind(collector: &mut Collector, kind: &Kind, meta: Meta, block: &Block<'_>) {
    match kind {
        Kind::Pod => collector.pod(pod::read(meta, block)),
        Kind::Deployment
        | Kind::ReplicaSet
        | Kind::StatefulSet
        | Kind::DaemonSet
        | Kind::ReplicationController => {
            collector.workload(workload::read(kind.clone(), meta, block));
        }
        Kind::Job => collector.job(workload::job(meta, block)),
        Kind::CronJob => collector.scheduled_job(workload::scheduled_job(meta, block)),
        Kind::Service => {
            if let Some(endpoints) = network::service_endpoints(&meta, block) {
                collector.endpoints(endpoints);
            }
            collector.service(network::service(meta, block));
        }
        Kind::Endpoints => collector.endpoints(network::endpoints(meta, block)),
        Kind::Ingress => collector.ingress(network::ingress(meta, block)),
        Kind::NetworkPolicy => collector.network_policy(network::policy(meta, block)),
        Kind::PersistentVolumeClaim => collector.claim(storage::claim(meta, block)),
        Kind::PersistentVolume => collector.volume(storage::volume(meta, block)),
        Kind::StorageClass => collector.storage_class(storage::class(meta, block)),
        Kind::Node => collector.node(cluster::node(meta, block)),
        Kind::ConfigMap | Kind::Secret => {
            if *kind == Kind::ConfigMap {
                collector.gateway_routes(policy::gateway_routes(&meta, block));
            }
            collector.config_object(policy::config(kind.clone(), meta, block));
        }
        Kind::ResourceQuota => collector.quota(policy::quota(meta, block)),
        Kind::LimitRange => collector.limit_range(policy::limit_range(meta, block)),
        Kind::HorizontalPodAutoscaler => collector.autoscaler(policy::autoscaler(meta, block)),
        Kind::PodDisruptionBudget => collector.disruption_budget(policy::disruption_budget(meta, block)),
        Kind::ServiceAccount => collector.account(policy::account(meta, block)),
        Kind::RoleBinding | Kind::ClusterRoleBinding => {
            collector.grant(policy::grant(kind.clone(), meta, block));
        }
        Kind::EndpointSlice => {}
        other => {
            if *other == Kind::Namespace {
                cluster::namespace_policies(collector, &meta, block);
            }
            collector.other(OtherObject {
                kind: other.clone(),
                meta,
                conditions: block.entry("Status").map_or_else(
                    || conditions(block),
                    |status| cluster::custom_conditions(&status.children),
                ),
            });
        }
    }
}

#[cfg(test)]
mod tests;
