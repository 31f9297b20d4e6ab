//! Quotas on the number of Services that are used up while a Service that is needed is missing.
//! A full quota alone is no fault; refused pods are told in `policy`.

use kubemedic_model::{
    class::FailureClass,
    diagnosis::Fact,
    resource::{Kind, ResourceRef},
    snapshot::{policy::Quota, workload::Workload},
};

use super::{
    super::{
        hypothesis::{Exhibit, Hypothesis, Standing},
        view::{Presence, View, meets, selects},
    },
    Claims,
    address::service_name,
};

/// Resources of a quota that count Services.
const COUNTED: [&str; 4] = [
    "services",
    "count/services",
    "services.loadbalancers",
    "services.nodeports",
];

/// Claims what used up quotas on Services show.
pub(super) fn claim(view: &View<'_>, claims: &mut Claims) {
    for quota in &view.snapshot.quotas {
        let full = COUNTED.iter().find_map(|resource| {
            let hard: u64 = quota.hard.get(*resource)?.parse().ok()?;
            let used: u64 = quota.used.get(*resource)?.parse().ok()?;
            (used >= hard).then_some((*resource, used, hard))
        });
        if let Some(full) = full {
            claims.live.extend(exhausted(view, quota, full));
        }
    }
}

/// A Service that is needed and not there, with why it is needed.
struct Missing {
    name: String,
    why: String,
    needs: ResourceRef,
}

/// The claim that a quota keeps a Service from being created.
fn exhausted(view: &View<'_>, quota: &Quota, (resource, used, hard): (&str, u64, u64)) -> Option<Hypothesis> {
    let namespace = quota
        .meta
        .namespace
        .as_deref()
        .or(view.snapshot.namespace.as_deref());
    if !view.snapshot.lists(&Kind::Service, namespace) {
        return None;
    }
    let Missing { name, why, needs } = called(view, namespace).or_else(|| unserved(view, namespace))?;
    let object = ResourceRef::new(Kind::ResourceQuota, namespace, quota.meta.name.clone());
    let quota_name = &quota.meta.name;
    let exhibit = Exhibit::state(
        object.clone(),
        &quota.meta.origin,
        "status",
        format!("{resource} used {used}, hard {hard}"),
    );
    Some(
        Hypothesis::new(FailureClass::QuotaExceeded, Standing::Verified, 0.95)
            .about(object)
            .with(ResourceRef::new(Kind::Service, namespace, name.clone()))
            .with(needs)
            .refined(Some("namespace_service_quota_exceeded"))
            .fact(Fact::Quota, Some(quota_name))
            .fact(Fact::Resource, Some(resource))
            .fact(Fact::Service, Some(&name))
            .because(
                format!("Service {name} is missing ({why}) and cannot be created: the quota {quota_name} is used up ({resource} used {used}, limit {hard})"),
                "The API server refuses every new Service that would exceed the namespace's quota; calls to the missing Service do not even resolve.",
            )
            .shown_by([exhibit]),
    )
}

/// A Service that a workload's address names, that does not exist, and that has the name of an existing workload.
fn called(view: &View<'_>, namespace: Option<&str>) -> Option<Missing> {
    view.addresses().iter().find_map(|address| {
        let (of, name) = service_name(view, address)?;
        let mut workloads = view.snapshot.workloads.iter();
        let workload = workloads
            .find(|it| it.kind != Kind::ReplicaSet && it.meta.name == name && meets(&it.meta, namespace))?;
        let missing = view.presence(&Kind::Service, of.or(namespace), name) == Presence::Missing;
        missing.then(|| Missing {
            name: name.to_owned(),
            why: format!("{} calls it", address.owner.name),
            needs: super::super::view::workload_ref(workload),
        })
    })
}

/// A workload with ports that no Service selects, where most workloads with ports have their Service.
fn unserved(view: &View<'_>, namespace: Option<&str>) -> Option<Missing> {
    let offers = |it: &&Workload| {
        let mut containers = it.template.containers.iter();
        it.kind != Kind::ReplicaSet
            && meets(&it.meta, namespace)
            && !it.pod_labels.is_empty()
            && containers.any(|container| !container.ports.is_empty())
    };
    let served = |it: &&Workload| {
        let services = view.snapshot.services.iter();
        let mut near = services.filter(|service| meets(&service.meta, namespace));
        near.any(|service| {
            let selector = service.selector.as_ref().filter(|selector| !selector.is_empty());
            selector.is_none_or(|selector| selects(selector, &it.pod_labels))
                || service.meta.name == it.meta.name
        })
    };
    let (with, without): (Vec<&Workload>, Vec<&Workload>) =
        view.snapshot.workloads.iter().filter(offers).partition(served);
    let first = without.first().filter(|_| with.len() > without.len())?;
    Some(Missing {
        name: first.meta.name.clone(),
        why: format!("no Service selects {}", first.meta.name),
        needs: super::super::view::workload_ref(first),
    })
}

#[cfg(test)]
mod tests;
