//! Configuration, limits, budgets and permissions.

use std::collections::{BTreeMap, BTreeSet};

use kubemedic_model::{
    resource::Kind,
    snapshot::{
        Meta,
        network::GatewayRoute,
        policy::{
            Account, ConfigObject, DisruptionBudget, Grant, LimitRange, LimitRule, PodAutoscaler, Quota,
        },
    },
};

use super::{Block, conditions, labels};
use crate::intake::{
    cells::{cells, told, told_owned},
    gateway,
};

/// Reads the keys of a ConfigMap or Secret.
pub(super) fn config(kind: Kind, meta: Meta, block: &Block<'_>) -> ConfigObject {
    let lines = block.lines();
    let mut keys = BTreeSet::new();
    let mut sizes = BTreeMap::new();
    let secret = kind == Kind::Secret;
    for (at, line) in lines.iter().enumerate() {
        let next = lines.get(at + 1).map_or("", |line| line.text);
        if secret {
            if let Some((key, size)) = line.text.split_once(':')
                && let Some(bytes) = size.trim().strip_suffix("bytes")
            {
                sizes.extend(
                    bytes
                        .trim()
                        .parse::<u64>()
                        .ok()
                        .map(|bytes| (key.to_owned(), bytes)),
                );
                keys.insert(key.to_owned());
            }
        } else if next == "----"
            && let Some(key) = line.text.strip_suffix(':')
        {
            keys.insert(key.to_owned());
        }
    }
    ConfigObject {
        secret_type: block.value("Type").and_then(told_owned).filter(|_| secret),
        kind,
        meta,
        keys: block.has("Data").then_some(keys),
        sizes,
    }
}

/// The routes that the text of a ConfigMap tells.
pub(super) fn gateway_routes(meta: &Meta, block: &Block<'_>) -> Vec<GatewayRoute> {
    let lines = || block.lines().iter().map(|line| line.text);
    if !lines().any(|line| line.starts_with("proxy_pass") || line.contains("uri: ") || line.contains(".uri="))
    {
        return Vec::new();
    }
    gateway::routes(meta, &lines().collect::<Vec<_>>().join("\n"))
}

/// Reads the description of a ResourceQuota.
pub(super) fn quota(meta: Meta, block: &Block<'_>) -> Quota {
    let mut quota = Quota {
        meta,
        ..Quota::default()
    };
    for line in block.lines() {
        if let [resource, used, hard] = cells(line.text).as_slice()
            && used.text != "Used"
            && !used.text.starts_with("--")
            && !resource.text.ends_with(':')
        {
            quota.used.insert(resource.text.to_owned(), used.text.to_owned());
            quota.hard.insert(resource.text.to_owned(), hard.text.to_owned());
        }
    }
    quota
}

/// Reads the description of a LimitRange.
pub(super) fn limit_range(meta: Meta, block: &Block<'_>) -> LimitRange {
    let mut rules: BTreeMap<&str, LimitRule> = BTreeMap::new();
    for line in block.lines() {
        let found = cells(line.text);
        if let [kind, resource, min, max, request, limit, ..] = found.as_slice()
            && kind.text != "Type"
            && !kind.text.starts_with("--")
        {
            let rule = rules.entry(kind.text).or_default();
            kind.text.clone_into(&mut rule.kind);
            for (into, amount) in [
                (&mut rule.min, min),
                (&mut rule.max, max),
                (&mut rule.default_requests, request),
                (&mut rule.default_limits, limit),
            ] {
                if let Some(amount) = told(amount.text) {
                    into.insert(resource.text.to_owned(), amount.to_owned());
                }
            }
        }
    }
    LimitRange {
        meta,
        limits: rules.into_values().collect(),
    }
}

/// Reads the description of a HorizontalPodAutoscaler.
pub(super) fn autoscaler(meta: Meta, block: &Block<'_>) -> PodAutoscaler {
    let target = block.value("Reference").and_then(|text| {
        let (kind, name) = text.split_once('/')?;
        Some((Kind::parse(kind), name.to_owned()))
    });
    let metrics = block.entry("Metrics").and_then(|entry| {
        let line = entry.children.lines().first()?;
        Some(line.text.rsplit_once(":  ")?.1.trim().to_owned())
    });
    let number = |key: &str| block.value(key).and_then(|text| text.parse().ok());
    let current = block
        .value("Deployment pods")
        .and_then(|text| text.split(' ').next()?.parse().ok());
    PodAutoscaler {
        meta,
        target,
        targets: metrics,
        min: number("Min replicas"),
        max: number("Max replicas"),
        current,
        conditions: conditions(block),
    }
}

/// Reads the description of a PodDisruptionBudget.
pub(super) fn disruption_budget(meta: Meta, block: &Block<'_>) -> DisruptionBudget {
    let allowed = block
        .entry("Status")
        .and_then(|entry| entry.children.value("Allowed disruptions"));
    DisruptionBudget {
        meta,
        selector: labels(block, "Selector", '='),
        min_available: block.value("Min available").and_then(told_owned),
        max_unavailable: block.value("Max unavailable").and_then(told_owned),
        allowed: allowed
            .or_else(|| block.value("Allowed disruptions"))
            .and_then(|text| text.parse().ok()),
    }
}

/// Reads the description of a ServiceAccount.
pub(super) fn account(meta: Meta, block: &Block<'_>) -> Account {
    Account {
        meta,
        image_pull_secrets: block
            .values("Image pull secrets")
            .into_iter()
            .map(|text| text.split(' ').next().unwrap_or(text).to_owned())
            .collect(),
    }
}

/// Reads the description of a RoleBinding or ClusterRoleBinding.
pub(super) fn grant(kind: Kind, meta: Meta, block: &Block<'_>) -> Grant {
    let role = block.entry("Role").map(|entry| entry.children);
    let get = |key: &str| role.and_then(|role| role.value(key)).unwrap_or("");
    let subjects = block
        .entry("Subjects")
        .map(|entry| entry.children.rows())
        .unwrap_or_default();
    Grant {
        kind,
        meta,
        role_kind: Kind::parse(get("Kind")),
        role: get("Name").to_owned(),
        subjects: subjects
            .iter()
            .filter_map(|row| {
                let (kind, name) = (row.get("Kind")?, row.get("Name")?);
                Some(match row.get("Namespace").and_then(told) {
                    Some(namespace) => format!("{kind} {namespace}/{name}"),
                    None => format!("{kind} {name}"),
                })
            })
            .collect(),
    }
}
