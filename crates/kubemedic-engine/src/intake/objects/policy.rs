//! Configuration, limits, budgets and permissions. Values of ConfigMaps and Secrets are never kept.

use std::collections::{BTreeMap, BTreeSet};

use kubemedic_model::{
    resource::Kind,
    snapshot::{
        Meta,
        policy::{
            Account, ConfigObject, DisruptionBudget, Grant, LimitRange, LimitRule, PodAutoscaler, Quota,
            Webhook, WebhookConfiguration,
        },
    },
};
use serde_json::Value;

use super::field::{at, conditions, list, map, number, selector, text, texts_of};

/// Reads a ConfigMap or Secret: its keys.
pub(super) fn config(kind: Kind, meta: Meta, value: &Value) -> ConfigObject {
    let keys: BTreeSet<String> = ["data", "binaryData", "stringData"]
        .iter()
        .filter_map(|name| value.get(*name)?.as_object())
        .flat_map(|data| data.keys().cloned())
        .collect();
    ConfigObject {
        secret_type: text(value, "type").filter(|_| kind == Kind::Secret),
        kind,
        meta,
        keys: Some(keys),
        sizes: BTreeMap::new(),
    }
}

/// Reads a ResourceQuota.
pub(super) fn quota(meta: Meta, value: &Value) -> Quota {
    let hard = map(value, "status/hard");
    Quota {
        meta,
        hard: if hard.is_empty() {
            map(value, "spec/hard")
        } else {
            hard
        },
        used: map(value, "status/used"),
    }
}

/// Reads a LimitRange.
pub(super) fn limit_range(meta: Meta, value: &Value) -> LimitRange {
    LimitRange {
        meta,
        limits: list(value, "spec/limits")
            .iter()
            .map(|rule| LimitRule {
                kind: text(rule, "type").unwrap_or_default(),
                min: map(rule, "min"),
                max: map(rule, "max"),
                default_limits: map(rule, "default"),
                default_requests: map(rule, "defaultRequest"),
            })
            .collect(),
    }
}

/// Reads a HorizontalPodAutoscaler.
pub(super) fn autoscaler(meta: Meta, value: &Value) -> PodAutoscaler {
    let target = at(value, "spec/scaleTargetRef")
        .and_then(|target| Some((Kind::parse(&text(target, "kind")?), text(target, "name")?)));
    PodAutoscaler {
        meta,
        target,
        targets: None,
        min: number(value, "spec/minReplicas"),
        max: number(value, "spec/maxReplicas"),
        current: number(value, "status/currentReplicas"),
        conditions: conditions(value),
    }
}

/// Reads a PodDisruptionBudget.
pub(super) fn disruption_budget(meta: Meta, value: &Value) -> DisruptionBudget {
    DisruptionBudget {
        meta,
        selector: selector(value, "spec/selector"),
        min_available: text(value, "spec/minAvailable"),
        max_unavailable: text(value, "spec/maxUnavailable"),
        allowed: number(value, "status/disruptionsAllowed"),
    }
}

/// Reads a ServiceAccount.
pub(super) fn account(meta: Meta, value: &Value) -> Account {
    Account {
        meta,
        image_pull_secrets: texts_of(value, "imagePullSecrets", "name"),
    }
}

/// Reads a RoleBinding or ClusterRoleBinding.
pub(super) fn grant(kind: Kind, meta: Meta, value: &Value) -> Grant {
    let subjects = list(value, "subjects")
        .iter()
        .filter_map(|subject| {
            let (kind, name) = (text(subject, "kind")?, text(subject, "name")?);
            Some(match text(subject, "namespace") {
                Some(namespace) => format!("{kind} {namespace}/{name}"),
                None => format!("{kind} {name}"),
            })
        })
        .collect();
    Grant {
        kind,
        meta,
        role_kind: Kind::parse(&text(value, "roleRef/kind").unwrap_or_default()),
        role: text(value, "roleRef/name").unwrap_or_default(),
        subjects,
    }
}

/// Reads an admission webhook configuration.
pub(super) fn webhook(kind: Kind, meta: Meta, value: &Value) -> WebhookConfiguration {
    let webhooks = list(value, "webhooks")
        .iter()
        .map(|webhook| Webhook {
            name: text(webhook, "name").unwrap_or_default(),
            service: text(webhook, "clientConfig/service/name").map(|name| {
                let namespace = text(webhook, "clientConfig/service/namespace").unwrap_or_default();
                format!("{namespace}/{name}")
            }),
            failure_policy: text(webhook, "failurePolicy"),
        })
        .collect();
    WebhookConfiguration { kind, meta, webhooks }
}
