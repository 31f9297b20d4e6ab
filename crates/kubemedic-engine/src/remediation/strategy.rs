//! Which way to repair a list of commands is: what learning and review call the plans of people and models.

use kubemedic_model::{command::Command, plan::Strategy, resource::Kind};
use serde_json::Value;

/// Fields of a pod template by the way to repair that changes them, the most specific first.
const FIELDS: [(&str, Strategy); 20] = [
    ("livenessProbe", Strategy::FixProbe),
    ("readinessProbe", Strategy::FixProbe),
    ("startupProbe", Strategy::FixProbe),
    ("imagePullSecrets", Strategy::FixSecret),
    ("secretKeyRef", Strategy::FixSecret),
    ("tolerations", Strategy::FixSchedule),
    ("nodeSelector", Strategy::FixSchedule),
    ("affinity", Strategy::FixSchedule),
    ("topologySpreadConstraints", Strategy::FixSchedule),
    ("serviceAccountName", Strategy::FixRbac),
    ("dnsPolicy", Strategy::FixNetworkDns),
    ("dnsConfig", Strategy::FixNetworkDns),
    ("hostAliases", Strategy::FixNetworkDns),
    ("memory", Strategy::PatchMemory),
    ("cpu", Strategy::PatchCpu),
    ("env", Strategy::FixConfig),
    ("args", Strategy::FixConfig),
    ("command", Strategy::FixConfig),
    ("image", Strategy::FixImage),
    ("replicas", Strategy::ScaleOut),
];
/// How deep a patch is searched: deeper than any pod template's fields.
const MAX_DEPTH: usize = 16;

/// The way to repair that a list of commands is: that of its first change, where a restart or a deletion that
/// accompanies another change does not count. Without a change a person decides: `Escalate`.
pub fn strategy_of(commands: &[Command]) -> Strategy {
    let ways: Vec<Strategy> = commands.iter().filter_map(way).collect();
    let accompanies = |way: &&Strategy| matches!(way, Strategy::Restart | Strategy::DeleteRecreate);
    ways.iter()
        .find(|way| !accompanies(way))
        .or_else(|| ways.first())
        .copied()
        .unwrap_or(Strategy::Escalate)
}

/// The way of one command; none for one that changes nothing.
fn way(command: &Command) -> Option<Strategy> {
    let words: Vec<&str> = command.argv().iter().skip(1).map(String::as_str).collect();
    let verb = *words.first()?;
    let noun = words.iter().skip(1).find(|word| !word.starts_with('-')).copied();
    let noun = noun.unwrap_or_default();
    match verb {
        "rollout" => rollout(noun),
        "scale" | "autoscale" => Some(Strategy::ScaleOut),
        "set" => set(noun, &words),
        "cordon" | "drain" => Some(Strategy::CordonDrain),
        "uncordon" | "taint" => Some(Strategy::FixSchedule),
        "label" | "annotate" => Some(labelled(noun)),
        "delete" => Some(Strategy::DeleteRecreate),
        "expose" => Some(Strategy::FixNetworkDns),
        "create" => Some(created(noun)),
        "patch" => Some(patched(noun, &words)),
        "apply" | "replace" | "edit" => Some(Strategy::FixConfig),
        _ => None,
    }
}

/// `rollout` by its subcommand.
fn rollout(subcommand: &str) -> Option<Strategy> {
    match subcommand {
        "restart" => Some(Strategy::Restart),
        "undo" => Some(Strategy::Rollback),
        "pause" | "resume" => Some(Strategy::FixConfig),
        _ => None,
    }
}

/// `set` by its subcommand.
fn set(subcommand: &str, words: &[&str]) -> Option<Strategy> {
    match subcommand {
        "image" => Some(Strategy::FixImage),
        "resources" => Some(amounts(words)),
        "selector" => Some(Strategy::FixNetworkDns),
        "serviceaccount" | "subject" => Some(Strategy::FixRbac),
        "env" if words.contains(&"--list") => None,
        "env" => Some(Strategy::FixConfig),
        _ => None,
    }
}

/// `set resources` by what it sets.
fn amounts(words: &[&str]) -> Strategy {
    let names = |name: &str| words.iter().any(|word| word.contains(name));
    if names("memory=") {
        Strategy::PatchMemory
    } else if names("cpu=") {
        Strategy::PatchCpu
    } else {
        Strategy::FixSchedule
    }
}

/// `label` by the kind.
fn labelled(noun: &str) -> Strategy {
    match kind(noun) {
        Kind::Node => Strategy::FixSchedule,
        Kind::Pod | Kind::Service | Kind::Namespace => Strategy::FixNetworkDns,
        _ => Strategy::FixConfig,
    }
}

/// `create` by the kind.
fn created(noun: &str) -> Strategy {
    match kind(noun) {
        Kind::Role
        | Kind::RoleBinding
        | Kind::ClusterRole
        | Kind::ClusterRoleBinding
        | Kind::ServiceAccount => Strategy::FixRbac,
        Kind::Secret => Strategy::FixSecret,
        Kind::Service | Kind::Ingress => Strategy::FixNetworkDns,
        Kind::ResourceQuota | Kind::PriorityClass => Strategy::FixSchedule,
        Kind::Job | Kind::CronJob => Strategy::DeleteRecreate,
        _ => Strategy::FixConfig,
    }
}

/// `patch` by the kind, and for workloads by the field.
fn patched(noun: &str, words: &[&str]) -> Strategy {
    let field = || patch(words).and_then(|body| field_of(&body));
    match kind(noun) {
        Kind::Service | Kind::Endpoints | Kind::Ingress | Kind::NetworkPolicy => Strategy::FixNetworkDns,
        Kind::PersistentVolumeClaim => Strategy::ExpandPvc,
        Kind::Secret => Strategy::FixSecret,
        Kind::ServiceAccount => field().unwrap_or(Strategy::FixRbac),
        Kind::Role | Kind::RoleBinding | Kind::ClusterRole | Kind::ClusterRoleBinding => Strategy::FixRbac,
        Kind::ResourceQuota | Kind::LimitRange | Kind::Node | Kind::PodDisruptionBudget => {
            Strategy::FixSchedule
        }
        Kind::HorizontalPodAutoscaler => Strategy::ScaleOut,
        _ => field().unwrap_or(Strategy::FixConfig),
    }
}

/// The kind of `kind` or `kind/name`.
fn kind(noun: &str) -> Kind {
    Kind::parse(noun.split('/').next().unwrap_or(noun))
}

/// The patch of a command, if it is JSON.
fn patch(words: &[&str]) -> Option<Value> {
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let text = match *word {
            "-p" | "--patch" => words.next().copied(),
            other => other
                .strip_prefix("--patch=")
                .or_else(|| other.strip_prefix("-p=")),
        };
        if let Some(text) = text {
            return serde_json::from_str(text).ok();
        }
    }
    None
}

/// The way that the most specific field of a patch belongs to.
fn field_of(body: &Value) -> Option<Strategy> {
    FIELDS
        .iter()
        .find(|(field, _)| has_field(body, field, MAX_DEPTH))
        .map(|(_, strategy)| *strategy)
}

/// Whether a patch has a field of that name.
fn has_field(body: &Value, name: &str, depth: usize) -> bool {
    let Some(depth) = depth.checked_sub(1) else {
        return false;
    };
    match body {
        Value::Object(fields) => fields
            .iter()
            .any(|(key, value)| key == name || has_field(value, name, depth)),
        Value::Array(items) => items.iter().any(|item| has_field(item, name, depth)),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
