//! What has been read so far of one input: objects by kind, events, listed kinds.

use std::collections::BTreeSet;

use kubemedic_model::{
    resource::Kind,
    snapshot::{
        ClusterSnapshot, OtherObject,
        event::ClusterEvent,
        network::{Endpoints, GatewayRoute, Ingress, NetworkPolicy, Service},
        node::Node,
        pod::Pod,
        policy::{
            Account, ConfigObject, DisruptionBudget, Grant, LimitRange, PodAutoscaler, Quota,
            WebhookConfiguration,
        },
        storage::{Claim, StorageClass, Volume},
        workload::{Job, ScheduledJob, Workload},
    },
};

use super::merge::Collection;

/// The most routes of gateways that are kept.
const MAX_GATEWAY_ROUTES: usize = 5000;

macro_rules! collector {
    ($($add:ident $list:ident $item:ty),* $(,)?) => {
        /// Objects, each once, and events.
        #[derive(Debug, Default)]
        pub(super) struct Collector {
            $($list: Collection<$item>,)*
            events: Vec<ClusterEvent>,
            seen_events: BTreeSet<EventKey>,
            gateway_routes: Vec<GatewayRoute>,
            listed: BTreeSet<(Kind, Option<String>)>,
        }

        impl Collector {
            $(
                /// Adds or completes an object.
                pub(super) fn $add(&mut self, item: $item) {
                    self.$list.add(item);
                }
            )*

            /// The snapshot of everything.
            pub(super) fn into_snapshot(self) -> ClusterSnapshot {
                ClusterSnapshot {
                    $($list: self.$list.into_vec(),)*
                    events: self.events,
                    gateway_routes: self.gateway_routes,
                    listed: self.listed,
                    ..ClusterSnapshot::default()
                }
            }
        }
    };
}

collector!(
    pod pods Pod,
    workload workloads Workload,
    job jobs Job,
    scheduled_job scheduled_jobs ScheduledJob,
    service services Service,
    endpoints endpoints Endpoints,
    ingress ingresses Ingress,
    network_policy network_policies NetworkPolicy,
    config_object config_objects ConfigObject,
    claim claims Claim,
    volume volumes Volume,
    storage_class storage_classes StorageClass,
    node nodes Node,
    quota quotas Quota,
    limit_range limit_ranges LimitRange,
    autoscaler autoscalers PodAutoscaler,
    disruption_budget disruption_budgets DisruptionBudget,
    account accounts Account,
    grant grants Grant,
    webhook webhooks WebhookConfiguration,
    other others OtherObject,
);

/// Two events are the same when object, reason and message are.
type EventKey = (Option<(Kind, String)>, String, String);

impl Collector {
    /// Adds an event, unless the same one was read from another part.
    pub(super) fn event(&mut self, event: ClusterEvent) {
        let key = (
            event
                .object
                .as_ref()
                .map(|object| (object.kind.clone(), object.name.clone())),
            event.reason.clone(),
            event.message.clone(),
        );
        if self.seen_events.insert(key.clone()) {
            self.events.push(event);
        } else {
            self.repeat_event(&key, &event);
        }
    }

    /// A repeated event from the same part adds to its count; from another part it is the same sight again.
    fn repeat_event(&mut self, key: &EventKey, event: &ClusterEvent) {
        let recent = self.events.iter_mut().rev().take(256);
        let known = recent.into_iter().find(|it| {
            it.reason == key.1
                && it.message == key.2
                && it
                    .object
                    .as_ref()
                    .map(|object| (object.kind.clone(), object.name.clone()))
                    == key.0
        });
        let Some(known) = known else { return };
        if known.origin.part == event.origin.part && !event.origin.part.contains("describe") {
            known.count = known.count.saturating_add(event.count);
        } else {
            known.count = known.count.max(event.count);
        }
        known.first_seen = known.first_seen.into_iter().chain(event.first_seen).min();
        known.last_seen = known.last_seen.into_iter().chain(event.last_seen).max();
        known.age_seconds = known.age_seconds.into_iter().chain(event.age_seconds).min();
        if known.component.is_none() {
            known.component.clone_from(&event.component);
        }
    }

    /// Adds the routes of a gateway's configuration; the configuration read again adds nothing.
    pub(super) fn gateway_routes(&mut self, routes: Vec<GatewayRoute>) {
        let known = routes.first().is_some_and(|first| {
            let mut known = self.gateway_routes.iter();
            known.any(|it| {
                it.config == first.config && it.namespace == first.namespace && it.path == first.path
            })
        });
        if !known && self.gateway_routes.len() < MAX_GATEWAY_ROUTES {
            self.gateway_routes.extend(routes);
        }
    }

    /// Every object of a kind in a namespace (`None`: everywhere) has been listed.
    pub(super) fn listed(&mut self, kind: Kind, namespace: Option<String>) {
        let namespace = if kind.is_cluster_scoped() { None } else { namespace };
        self.listed.insert((kind, namespace));
    }
}
