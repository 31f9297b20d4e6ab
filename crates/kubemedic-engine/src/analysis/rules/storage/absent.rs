//! Claims that a pod mounts and that do not exist, and whether a storage quota kept them from being made.

use kubemedic_model::{
    class::FailureClass,
    diagnosis::Fact,
    evidence::Origin,
    resource::{Kind, ResourceRef},
    snapshot::{
        pod::{Pod, VolumeSource},
        policy::Quota,
    },
};

use super::super::super::{
    hypothesis::{Exhibit, Hypothesis, Standing},
    quantity,
    view::{Presence, View, meets, pod_ref, reference},
};

/// A pod that mounts a claim that does not exist.
pub(super) fn claim(view: &View<'_>, pod: &Pod) -> Option<Hypothesis> {
    let namespace = pod.meta.namespace.as_deref();
    let claims = pod.spec.volumes.iter().filter_map(|volume| match &volume.source {
        VolumeSource::Claim(name) => Some(name),
        _ => None,
    });
    let mut missing = claims
        .filter(|name| view.presence(&Kind::PersistentVolumeClaim, namespace, name) == Presence::Missing);
    let name = missing.next()?;
    let exhibit = Exhibit::state(
        pod_ref(pod),
        &Origin::default(),
        "spec.volumes",
        format!("claim {name}"),
    );
    let claim = refused(view, pod, name).unwrap_or_else(|| {
        Hypothesis::new(FailureClass::PvcPending, Standing::Verified, 0.93).because(
            format!(
                "Pod {} cannot start: the PersistentVolumeClaim {name} that it mounts does not exist",
                pod.meta.name
            ),
            "The scheduler places a pod only when every claim that it mounts exists.",
        )
    });
    let object = ResourceRef::new(Kind::PersistentVolumeClaim, namespace, name.clone());
    Some(
        claim
            .about(pod_ref(pod))
            .with(object)
            .fact(Fact::Claim, Some(name))
            .shown_by([exhibit]),
    )
}

/// A bound of a quota on storage or on the number of claims that leaves no room for the claim.
fn refused(view: &View<'_>, pod: &Pod, name: &str) -> Option<Hypothesis> {
    let namespace = pod.meta.namespace.as_deref();
    let quotas = view.snapshot.quotas.iter();
    let (quota, resource, used, hard) = quotas
        .filter(|it| meets(&it.meta, namespace))
        .find_map(|quota| tight(view, quota))?;
    let exhibit = Exhibit::state(
        reference(Kind::ResourceQuota, &quota.meta),
        &quota.meta.origin,
        "status",
        format!("{resource} used {used} hard {hard}"),
    );
    let namespace_name = namespace.unwrap_or("the namespace");
    Some(
        Hypothesis::new(FailureClass::QuotaExceeded, Standing::Verified, 0.93)
            .refined(Some("namespace_storage_quota_exceeded"))
            .with(reference(Kind::ResourceQuota, &quota.meta))
            .fact(Fact::Quota, Some(&quota.meta.name))
            .fact(Fact::Resource, Some(resource))
            .because(
                format!(
                    "The quota {} of {namespace_name} allows {resource} {hard} ({used} used) and leaves no room for the \
                     PersistentVolumeClaim {name}, so it does not exist and pod {} cannot start",
                    quota.meta.name, pod.meta.name
                ),
                "The API server refuses a claim that would exceed the namespace's storage quota, so the claim is never made.",
            )
            .shown_by([exhibit]),
    )
}

/// The bound on storage that is used up, or that is smaller than every volume that waits for a claim.
fn tight<'v>(view: &View<'v>, quota: &'v Quota) -> Option<(&'v Quota, &'v str, &'v str, &'v str)> {
    quota.hard.iter().find_map(|(resource, hard)| {
        let used = quota.used.get(resource).map_or("0", String::as_str);
        let room = quantity::parse(hard)? - quantity::parse(used)?;
        let count = resource.ends_with("persistentvolumeclaims");
        let storage = resource.ends_with("requests.storage");
        let wanted = waiting(view);
        let full = (count && room < 1.0) || (storage && (room <= 0.0 || wanted.is_some_and(|it| room < it)));
        full.then_some((quota, resource.as_str(), used, hard.as_str()))
    })
}

/// The size of the smallest volume that no claim holds, in bytes.
fn waiting(view: &View<'_>) -> Option<f64> {
    let volumes = view.snapshot.volumes.iter();
    let free = volumes.filter(|it| it.claim.is_none() && it.phase.as_deref() == Some("Available"));
    free.filter_map(|it| quantity::parse(it.capacity.as_deref()?))
        .min_by(f64::total_cmp)
}

#[cfg(test)]
mod tests;
