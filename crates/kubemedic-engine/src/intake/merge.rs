//! The same object seen in several parts of an input becomes one: what the first part does not tell, a later one fills in.
//! Nothing that was told is overwritten, so that the richest and earliest source (API objects) comes first.

use std::collections::BTreeMap;

use kubemedic_model::{
    resource::Kind,
    snapshot::{
        Meta, OtherObject,
        network::{Endpoints, Ingress, NetworkPolicy, Service, ServicePort},
        node::Node,
        pod::{Container, Pod, PodSpec},
        policy::{
            Account, ConfigObject, DisruptionBudget, Grant, LimitRange, PodAutoscaler, Quota,
            WebhookConfiguration,
        },
        storage::{Claim, StorageClass, Volume},
        workload::{Job, ScheduledJob, Workload},
    },
};

/// A value that a later sight can complete.
pub(super) trait Fill {
    /// Takes from another sight what is not told yet.
    fn fill(&mut self, other: Self);
}

impl<T> Fill for Option<T> {
    fn fill(&mut self, other: Self) {
        if self.is_none() {
            *self = other;
        }
    }
}

impl Fill for bool {
    fn fill(&mut self, other: Self) {
        *self |= other;
    }
}

impl<K: Ord, V> Fill for BTreeMap<K, V> {
    fn fill(&mut self, other: Self) {
        for (key, value) in other {
            self.entry(key).or_insert(value);
        }
    }
}

macro_rules! fill_when_empty {
    ($($item:ty),* $(,)?) => {
        $(impl Fill for Vec<$item> {
            fn fill(&mut self, other: Self) {
                if self.is_empty() {
                    *self = other;
                }
            }
        })*
    };
}

fill_when_empty!(
    String,
    u16,
    kubemedic_model::snapshot::Condition,
    kubemedic_model::snapshot::pod::Toleration,
    kubemedic_model::snapshot::pod::PodVolume,
    kubemedic_model::snapshot::pod::ContainerPort,
    kubemedic_model::snapshot::pod::EnvVar,
    kubemedic_model::snapshot::pod::ConfigReference,
    kubemedic_model::snapshot::pod::Mount,
    kubemedic_model::snapshot::node::Taint,
    kubemedic_model::snapshot::network::PolicyRule,
    kubemedic_model::snapshot::policy::LimitRule,
    kubemedic_model::snapshot::policy::Webhook,
);

/// Containers of one pod are the same when their names are.
impl Fill for Vec<Container> {
    fn fill(&mut self, other: Self) {
        if self.is_empty() {
            *self = other;
            return;
        }
        for container in other.into_iter().take(1000) {
            if let Some(known) = self.iter_mut().find(|known| known.name == container.name) {
                known.fill(container);
            }
        }
    }
}

/// A table tells ports without targets: those of the same number are completed, and more telling ports replace fewer.
impl Fill for Vec<ServicePort> {
    fn fill(&mut self, other: Self) {
        if self.is_empty() {
            *self = other;
            return;
        }
        for port in other.into_iter().take(1000) {
            if let Some(known) = self.iter_mut().find(|known| known.port == port.port) {
                known.name.fill(port.name);
                known.target.fill(port.target);
                known.protocol.fill(port.protocol);
                known.app_protocol.fill(port.app_protocol);
                known.node_port.fill(port.node_port);
            }
        }
    }
}

/// Routes that name their Service outweigh those of a table, which names hosts only.
impl Fill for Vec<kubemedic_model::snapshot::network::Route> {
    fn fill(&mut self, other: Self) {
        let tells = |routes: &Self| routes.iter().any(|route| !route.service.is_empty());
        if self.is_empty() || (!tells(self) && tells(&other)) {
            *self = other;
        }
    }
}

macro_rules! fill_fields {
    ($($name:ident { $($field:ident),* $(,)? })*) => {
        $(impl Fill for $name {
            fn fill(&mut self, other: Self) {
                $(self.$field.fill(other.$field);)*
            }
        })*
    };
}

fill_fields! {
    Meta { namespace, labels, annotations, owner, created, age_seconds, terminating, finalizers }
    PodSpec {
        node, node_selector, tolerations, node_affinity, pod_anti_affinity, service_account, image_pull_secrets,
        host_network, dns_policy, dns_servers, priority_class, run_as_user, fs_group, init_containers, containers, volumes,
    }
    Container {
        image, command, args, ports, env, env_from, requests, limits, liveness, readiness, startup, mounts,
        read_only_root, run_as_user, state, last_state, ready, restarts,
    }
    Pod { meta, spec, phase, status, reason, message, ready, restarts, last_restart_seconds, ip, conditions }
    Workload {
        meta, selector, pod_labels, template, desired, ready, updated, available, paused, revision, strategy, service_name,
        conditions,
    }
    Job {
        meta, template, backoff_limit, active_deadline_seconds, active, succeeded, failed, completions, suspended,
        conditions,
    }
    ScheduledJob { meta, schedule, suspended, concurrency, active, last_schedule, template }
    Service { meta, kind, selector, cluster_ip, external_name, ports }
    Endpoints { meta, ready, not_ready, ports }
    Ingress { meta, class, routes, tls_secrets, address }
    NetworkPolicy { meta, pod_selector, ingress, egress, ingress_rules, egress_rules }
    ConfigObject { meta, secret_type, keys, sizes }
    Claim { meta, phase, class, volume, access_modes, request, capacity, selector, used_by, conditions }
    Volume { meta, phase, class, claim, access_modes, capacity, node_affinity }
    StorageClass { meta, provisioner, binding_mode, is_default, allows_expansion }
    Node {
        meta, ready, cordoned, taints, conditions, capacity, allocatable, requested, architecture, version,
    }
    Quota { meta, hard, used }
    LimitRange { meta, limits }
    PodAutoscaler { meta, target, targets, min, max, current, conditions }
    DisruptionBudget { meta, selector, min_available, max_unavailable, allowed }
    Account { meta, image_pull_secrets }
    Grant { meta, subjects }
    WebhookConfiguration { meta, webhooks }
    OtherObject { meta, conditions }
}

/// An object with a name.
pub(super) trait Named {
    /// What every object has.
    fn meta(&self) -> &Meta;
    /// The kind, where one list holds several.
    fn kind(&self) -> Option<&Kind>;
}

macro_rules! named {
    ($($name:ident $kind:tt),* $(,)?) => {
        $(impl Named for $name {
            fn meta(&self) -> &Meta { &self.meta }
            fn kind(&self) -> Option<&Kind> { named!(@$kind self) }
        })*
    };
    (@one $this:ident) => { None };
    (@several $this:ident) => { Some(&$this.kind) };
}

named!(
    Pod one, Workload several, Job one, ScheduledJob one, Service one, Endpoints one, Ingress one, NetworkPolicy one,
    ConfigObject several, Claim one, Volume one, StorageClass one, Node one, Quota one, LimitRange one,
    PodAutoscaler one, DisruptionBudget one, Account one, Grant several, WebhookConfiguration several,
    OtherObject several,
);

/// Kind and name.
type Key = (Option<Kind>, String);

/// Objects of one type, each once, found by name in logarithmic time.
#[derive(Debug, Clone)]
pub(super) struct Collection<T> {
    items: Vec<T>,
    /// Places by kind and name, then by namespace.
    places: BTreeMap<Key, BTreeMap<Option<String>, usize>>,
}

impl<T> Default for Collection<T> {
    fn default() -> Self {
        Self {
            items: Vec::new(),
            places: BTreeMap::new(),
        }
    }
}

impl<T: Named + Fill> Collection<T> {
    /// Adds an object or completes the one that it is.
    pub(super) fn add(&mut self, item: T) {
        let key = (item.kind().cloned(), item.meta().name.clone());
        let namespace = item.meta().namespace.clone();
        let places = self.places.entry(key).or_default();
        let known = match &namespace {
            Some(_) => places.get(&namespace).or_else(|| places.get(&None)),
            None => places.values().next(),
        };
        let Some(place) = known.copied() else {
            places.insert(namespace, self.items.len());
            self.items.push(item);
            return;
        };
        if namespace.is_some() && places.remove(&None).is_some() {
            places.insert(namespace, place);
        }
        if let Some(known) = self.items.get_mut(place) {
            known.fill(item);
        }
    }

    /// The objects in the order in which they were first seen.
    pub(super) fn into_vec(self) -> Vec<T> {
        self.items
    }
}

#[cfg(test)]
mod tests;
