//! Names the volume behind a denied file, where the pod's mounts tell which it is.
//! Whether a permission is denied at all was found elsewhere.

use kubemedic_model::{
    class::FailureClass,
    diagnosis::Fact,
    resource::{Kind, ResourceRef},
    snapshot::pod::{Mount, Pod, PodSpec, VolumeSource},
};

use super::{
    hypothesis::Hypothesis,
    patterns::{self, first},
    view::{View, containers, is_healthy},
};

/// Volumes that Kubernetes fills itself, or that begin empty and writable.
const FILLED: [&str; 4] = ["emptyDir", "projected", "downwardAPI", "ephemeral"];

/// Refines a denied file to the volume that it is on: the one under whose mount path it lies, or the only one that keeps
/// data, where the text gives no whole path. Only a pod that fails is refined: a denied file in a healthy one is no mount.
pub(super) fn refine(view: &View<'_>, claim: &mut Hypothesis) {
    if claim.class != FailureClass::PermissionDeniedFs || claim.cause.is_some() {
        return;
    }
    let Some(pod) = claim.object.as_ref().and_then(|object| failing(view, object)) else {
        return;
    };
    let quotes: Vec<&str> = claim.evidence.iter().map(|it| it.quote.as_str()).collect();
    let Some(mount) = denied(&pod.spec, &quotes) else {
        return;
    };
    claim.cause = Some("volume_mount_permission_denied".to_owned());
    claim.sentence = format!(
        "Pod {} is denied access to its volume {} at {} (permission denied), so it cannot run",
        pod.meta.name, mount.volume, mount.path
    );
    claim
        .facts
        .entry(Fact::Volume)
        .or_insert_with(|| mount.volume.clone());
}

/// The pod that an object means, or the first one of a workload, that fails.
fn failing<'a>(view: &View<'a>, object: &ResourceRef) -> Option<&'a Pod> {
    let namespace = object.namespace.as_deref();
    if object.kind == Kind::Pod {
        return view.pod(namespace, &object.name).filter(|pod| !is_healthy(pod));
    }
    let mut pods = view.pods_of(object).filter(|_| object.kind.is_workload());
    pods.find(|pod| !is_healthy(pod))
}

/// The mount of the denied file.
fn denied<'s>(spec: &'s PodSpec, quotes: &[&str]) -> Option<&'s Mount> {
    let keeps = |mount: &&Mount| {
        spec.volumes.iter().any(|volume| {
            volume.name == mount.volume
                && match &volume.source {
                    VolumeSource::Claim(_) => true,
                    VolumeSource::Config(_) => false,
                    VolumeSource::Other(kind) => !FILLED.iter().any(|it| it.eq_ignore_ascii_case(kind)),
                }
        })
    };
    let mounts: Vec<&Mount> = containers(spec)
        .flat_map(|(_, it)| &it.mounts)
        .filter(keeps)
        .collect();
    let paths: Vec<&str> = quotes
        .iter()
        .filter_map(|quote| first(&patterns::ABSOLUTE_PATH, quote))
        .collect();
    let under = |mount: &&&Mount| paths.iter().any(|path| path.starts_with(mount.path.as_str()));
    match mounts.iter().find(under) {
        Some(mount) => Some(mount),
        None if paths.is_empty() && mounts.len() == 1 => mounts.first().copied(),
        None => None,
    }
}

#[cfg(test)]
mod tests;
