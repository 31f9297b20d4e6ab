//! The objects that exist, each with its state in one line, those near the claims first.

mod state;

use kubemedic_model::{
    diagnosis::Diagnosis,
    resource::{Kind, ResourceRef},
    snapshot::{ClusterSnapshot, Meta},
};
use serde_json::Value;

use super::{BriefObject, Room};
use crate::intake::Intake;
use state::Stateful;

/// The most objects that a model is told.
const MAX_OBJECTS: usize = 60;
/// The longest state, in characters.
const MAX_STATE_CHARS: usize = 160;

/// An object that exists.
pub(in crate::grounding) struct Item<'a> {
    /// Its name.
    pub(in crate::grounding) reference: ResourceRef,
    object: &'a dyn Stateful,
}

impl Item<'_> {
    /// Its state in one line.
    pub(in crate::grounding) fn state(&self) -> String {
        super::shorten(&self.object.state(), MAX_STATE_CHARS)
    }
}

/// Everything that is known of an object, without what is empty.
pub(in crate::grounding) fn describe(item: &Item<'_>) -> Value {
    state::without_empty(&item.object.value(), state::MAX_DEPTH)
}

/// Every object of a snapshot, by kind. The place of an object in this list, counted from 1, is its `O` number.
pub(in crate::grounding) fn inventory(snapshot: &ClusterSnapshot) -> Vec<Item<'_>> {
    let mut items: Vec<Item<'_>> = Vec::new();
    macro_rules! add {
        ($list:ident, $kind:expr) => {
            items.extend(
                snapshot
                    .$list
                    .iter()
                    .map(|it| item($kind(it), &it.meta, it)),
            );
        };
    }
    add!(pods, |_: &_| Kind::Pod);
    items.extend(
        snapshot
            .workloads
            .iter()
            .map(|it| item(it.kind.clone(), &it.meta, it)),
    );
    add!(jobs, |_: &_| Kind::Job);
    add!(scheduled_jobs, |_: &_| Kind::CronJob);
    add!(services, |_: &_| Kind::Service);
    add!(endpoints, |_: &_| Kind::Endpoints);
    add!(ingresses, |_: &_| Kind::Ingress);
    add!(network_policies, |_: &_| Kind::NetworkPolicy);
    items.extend(
        snapshot
            .config_objects
            .iter()
            .map(|it| item(it.kind.clone(), &it.meta, it)),
    );
    add!(claims, |_: &_| Kind::PersistentVolumeClaim);
    add!(volumes, |_: &_| Kind::PersistentVolume);
    add!(storage_classes, |_: &_| Kind::StorageClass);
    add!(nodes, |_: &_| Kind::Node);
    add!(quotas, |_: &_| Kind::ResourceQuota);
    add!(limit_ranges, |_: &_| Kind::LimitRange);
    add!(autoscalers, |_: &_| Kind::HorizontalPodAutoscaler);
    add!(disruption_budgets, |_: &_| Kind::PodDisruptionBudget);
    add!(accounts, |_: &_| Kind::ServiceAccount);
    items.extend(
        snapshot
            .grants
            .iter()
            .map(|it| item(it.kind.clone(), &it.meta, it)),
    );
    items.extend(
        snapshot
            .webhooks
            .iter()
            .map(|it| item(it.kind.clone(), &it.meta, it)),
    );
    items.extend(
        snapshot
            .others
            .iter()
            .map(|it| item(it.kind.clone(), &it.meta, it)),
    );
    items
}

fn item<'a>(kind: Kind, meta: &Meta, object: &'a dyn Stateful) -> Item<'a> {
    Item {
        reference: ResourceRef::new(kind, meta.namespace.as_deref(), meta.name.clone()),
        object,
    }
}

/// The objects that are told.
pub(super) struct Listed {
    pub(super) told: Vec<BriefObject>,
    pub(super) left_out: usize,
    pub(super) chars: usize,
}

/// The objects for so many characters: those that claims and causes name, those that are not well, then the others.
pub(super) fn near(intake: &Intake, diagnosis: &Diagnosis, room: usize) -> Listed {
    let items = inventory(&intake.snapshot);
    let named = named(diagnosis);
    let mut order: Vec<(usize, &Item<'_>)> = items.iter().enumerate().collect();
    order.sort_by_key(|(place, item)| {
        let near = named.iter().position(|it| is_same(it, &item.reference));
        (near.unwrap_or(usize::MAX), item.object.is_well(), *place)
    });
    let mut left = Room(room);
    let mut told = Vec::new();
    for (place, item) in order.iter().take(MAX_OBJECTS) {
        let brief = BriefObject {
            id: format!("O{}", place + 1),
            object: item.reference.to_string(),
            state: item.state(),
        };
        if !left.take(brief.object.len() + brief.state.len()) {
            break;
        }
        told.push(brief);
    }
    Listed {
        left_out: items.len() - told.len(),
        chars: room - left.0,
        told,
    }
}

/// The objects that a diagnosis names, the guilty first.
pub(in crate::grounding) fn named(diagnosis: &Diagnosis) -> Vec<&ResourceRef> {
    let causes = diagnosis.root_causes.iter().chain(&diagnosis.alternatives);
    let of_causes = causes.flat_map(|it| {
        let workload = it.workload.iter().map(|it| &it.resource);
        it.object.iter().chain(workload).chain(&it.related)
    });
    let claims = diagnosis.explanation.claims.iter();
    let of_claims = claims.flat_map(|it| it.object.iter().chain(&it.workload));
    let of_evidence = diagnosis.evidence.iter().filter_map(|it| it.object.as_ref());
    of_causes
        .chain(&diagnosis.objects)
        .chain(of_claims)
        .chain(of_evidence)
        .collect()
}

/// Whether two names are of one object, where both tell the namespace.
fn is_same(one: &ResourceRef, other: &ResourceRef) -> bool {
    let places = one.namespace.as_ref().zip(other.namespace.as_ref());
    one.kind == other.kind && one.name == other.name && places.is_none_or(|(one, other)| one == other)
}
