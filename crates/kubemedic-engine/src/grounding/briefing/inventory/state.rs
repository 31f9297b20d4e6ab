//! The state of an object in one line of our own words, and the whole of it as JSON without what is empty.

use kubemedic_model::snapshot::{
    Condition, OtherObject,
    network::{Endpoints, Ingress, NetworkPolicy, Service},
    node::Node,
    pod::{Container, ContainerPhase, ContainerState, Pod},
    policy::{
        Account, ConfigObject, DisruptionBudget, Grant, LimitRange, PodAutoscaler, Quota,
        WebhookConfiguration,
    },
    storage::{Claim, StorageClass, Volume},
    workload::{Job, ScheduledJob, Workload},
};
use serde_json::Value;

/// How deep an object is read.
pub(super) const MAX_DEPTH: usize = 16;

/// An object whose state can be told.
pub(super) trait Stateful {
    /// Its state in one line.
    fn state(&self) -> String;

    /// Whether nothing in it looks wrong: only used to tell those first where something does.
    fn is_well(&self) -> bool {
        true
    }

    /// The whole of it.
    fn value(&self) -> Value;
}

/// A value without nulls, empty texts, lists and objects, and without where it was read.
pub(super) fn without_empty(value: &Value, depth: usize) -> Value {
    let Some(depth) = depth.checked_sub(1) else {
        return Value::Null;
    };
    let is_empty = |it: &Value| match it {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    };
    match value {
        Value::Object(fields) => fields
            .iter()
            .filter(|(key, _)| *key != "origin")
            .map(|(key, it)| (key.clone(), without_empty(it, depth)))
            .filter(|(_, it)| !is_empty(it))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        Value::Array(items) => items
            .iter()
            .map(|it| without_empty(it, depth))
            .filter(|it| !is_empty(it))
            .collect(),
        other => other.clone(),
    }
}

/// Words that are there, with commas between.
fn joined(words: impl IntoIterator<Item = Option<String>>) -> String {
    let words: Vec<String> = words.into_iter().flatten().filter(|it| !it.is_empty()).collect();
    if words.is_empty() {
        return "known by name".to_owned();
    }
    words.join(", ")
}

/// A number with its word.
fn counted<T: std::fmt::Display>(word: &str, value: Option<T>) -> Option<String> {
    value.map(|it| format!("{word} {it}"))
}

/// The conditions that say what is not so.
fn conditions(all: &[Condition]) -> Option<String> {
    let told: Vec<String> = all
        .iter()
        .take(4)
        .map(|it| match &it.reason {
            Some(reason) => format!("{}={} ({reason})", it.kind, it.status),
            None => format!("{}={}", it.kind, it.status),
        })
        .collect();
    (!told.is_empty()).then(|| told.join(" "))
}

/// Names and amounts.
fn pairs(map: &std::collections::BTreeMap<String, String>) -> Option<String> {
    let told: Vec<String> = map
        .iter()
        .take(6)
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    (!told.is_empty()).then(|| told.join(" "))
}

/// What one container does.
fn container(it: &Container) -> Option<String> {
    let told = |word: &str, state: &ContainerState| {
        let phase = match state.phase {
            ContainerPhase::Waiting => "waiting",
            ContainerPhase::Running => "running",
            ContainerPhase::Terminated => "terminated",
        };
        let reason = state
            .reason
            .as_ref()
            .map_or_else(String::new, |it| format!(" {it}"));
        let code = state
            .exit_code
            .map_or_else(String::new, |it| format!(" exit {it}"));
        format!("{word}{phase}{reason}{code}")
    };
    let now = it.state.as_ref().filter(|it| it.phase != ContainerPhase::Running);
    let now = now.map(|state| told("", state));
    let before = it.last_state.as_ref().map(|state| told("before ", state));
    let both: Vec<String> = now.into_iter().chain(before).collect();
    (!both.is_empty()).then(|| format!("container {}: {}", it.name, both.join(", ")))
}

macro_rules! stateful {
    ($type:ty, $it:ident => $state:expr $(, well: $well:expr)?) => {
        impl Stateful for $type {
            fn state(&self) -> String {
                let $it = self;
                $state
            }

            $(fn is_well(&self) -> bool {
                let $it = self;
                $well
            })?

            fn value(&self) -> Value {
                serde_json::to_value(self).unwrap_or(Value::Null)
            }
        }
    };
}

stateful!(Pod, it => joined(
    [
        it.status.clone().or_else(|| it.phase.clone()),
        it.ready.map(|(ready, all)| format!("ready {ready}/{all}")),
        counted("restarts", it.restarts),
        it.reason.clone(),
        it.spec.node.as_ref().map(|node| format!("on {node}")),
    ]
    .into_iter()
    .chain(it.spec.init_containers.iter().chain(&it.spec.containers).take(4).map(container))
    .chain([it.message.clone()])
), well: crate::analysis::is_healthy(it));
stateful!(Workload, it => joined([
    counted("desired", it.desired),
    counted("ready", it.ready),
    counted("available", it.available),
    it.paused.then(|| "paused".to_owned()),
    conditions(&it.conditions),
]), well: it.desired.is_none() || it.ready == it.desired);
stateful!(Job, it => joined([
    counted("active", it.active),
    counted("succeeded", it.succeeded),
    counted("failed", it.failed),
    it.suspended.then(|| "suspended".to_owned()),
    conditions(&it.conditions),
]), well: it.failed.unwrap_or(0) == 0);
stateful!(ScheduledJob, it => joined([
    it.schedule.as_ref().map(|it| format!("schedule {it}")),
    it.suspended.then(|| "suspended".to_owned()),
    counted("last scheduled", it.last_schedule),
]));
stateful!(Service, it => joined([
    it.kind.clone(),
    it.selector.as_ref().and_then(pairs).map(|it| format!("selects {it}")),
    (!it.ports.is_empty()).then(|| {
        let ports = it.ports.iter().take(4).map(|port| match &port.target {
            Some(target) => format!("{}->{target}", port.port),
            None => port.port.to_string(),
        });
        format!("ports {}", ports.collect::<Vec<_>>().join(" "))
    }),
    it.external_name.as_ref().map(|it| format!("external name {it}")),
]));
stateful!(Endpoints, it => format!("{} ready, {} not ready", it.ready.len(), it.not_ready.len()), well: !it.ready.is_empty());
stateful!(Ingress, it => joined([
    it.class.as_ref().map(|it| format!("class {it}")),
    (!it.routes.is_empty()).then(|| {
        let routes = it.routes.iter().take(3).map(|route| {
            format!("{}{} -> {}", route.host.as_deref().unwrap_or("*"), route.path.as_deref().unwrap_or(""), route.service)
        });
        routes.collect::<Vec<_>>().join("; ")
    }),
]));
stateful!(NetworkPolicy, it => joined([
    it.pod_selector.as_ref().map(|it| format!("of pods {}", pairs(it).unwrap_or_else(|| "all".to_owned()))),
    it.ingress.then(|| format!("ingress, {} rules", it.ingress_rules.len())),
    it.egress.then(|| format!("egress, {} rules", it.egress_rules.len())),
]));
stateful!(ConfigObject, it => joined([
    it.secret_type.clone(),
    it.keys.as_ref().map(|it| format!("keys {}", it.iter().take(8).cloned().collect::<Vec<_>>().join(" "))),
]));
stateful!(Claim, it => joined([
    it.phase.clone(),
    it.request.as_ref().map(|it| format!("asks {it}")),
    it.class.as_ref().map(|it| format!("class {it}")),
    it.volume.as_ref().map(|it| format!("volume {it}")),
    conditions(&it.conditions),
]), well: it.phase.as_deref().is_none_or(|it| it == "Bound"));
stateful!(Volume, it => joined([
    it.phase.clone(),
    it.capacity.clone(),
    it.class.as_ref().map(|it| format!("class {it}")),
    it.claim.as_ref().map(|it| format!("claimed by {it}")),
]));
stateful!(StorageClass, it => joined([it.provisioner.clone(), it.binding_mode.clone(), it.is_default.then(|| "default".to_owned())]));
stateful!(Node, it => joined([
    it.ready.map(|ready| if ready { "Ready" } else { "NotReady" }.to_owned()),
    it.cordoned.then(|| "cordoned".to_owned()),
    (!it.taints.is_empty()).then(|| {
        let taints = it.taints.iter().take(3).map(|it| format!("{}:{}", it.key, it.effect));
        format!("taints {}", taints.collect::<Vec<_>>().join(" "))
    }),
    pairs(&it.allocatable).map(|it| format!("allocatable {it}")),
]), well: it.ready != Some(false) && !it.cordoned);
stateful!(Quota, it => joined([pairs(&it.used).map(|it| format!("used {it}")), pairs(&it.hard).map(|it| format!("of {it}"))]));
stateful!(LimitRange, it => format!("{} rules", it.limits.len()));
stateful!(PodAutoscaler, it => joined([
    it.target.as_ref().map(|(kind, name)| format!("scales {kind} {name}")),
    it.targets.clone(),
    counted("current", it.current),
    counted("max", it.max),
    conditions(&it.conditions),
]));
stateful!(DisruptionBudget, it => joined([
    counted("allowed disruptions", it.allowed),
    it.min_available.as_ref().map(|it| format!("min available {it}")),
]));
stateful!(Account, it => joined([(!it.image_pull_secrets.is_empty()).then(|| format!("pull secrets {}", it.image_pull_secrets.join(" ")))]));
stateful!(Grant, it => format!("{} {} to {}", it.role_kind, it.role, it.subjects.iter().take(4).cloned().collect::<Vec<_>>().join(" ")));
stateful!(WebhookConfiguration, it => {
    let hooks = it.webhooks.iter().take(3).map(|hook| {
        format!("{} -> {} ({})", hook.name, hook.service.as_deref().unwrap_or("?"), hook.failure_policy.as_deref().unwrap_or("?"))
    });
    joined([Some(hooks.collect::<Vec<_>>().join("; "))])
});
stateful!(OtherObject, it => joined([conditions(&it.conditions)]));
