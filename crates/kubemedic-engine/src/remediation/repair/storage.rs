//! Claims that may grow, and writable places for containers.

use kubemedic_model::{
    diagnosis::Fact,
    naming::is_object_name,
    resource::Kind,
    snapshot::{pod::PodSpec, storage::Claim},
};
use serde_json::json;

use super::called;
use crate::remediation::{
    change::{Change, Merge},
    playbook::Act,
    quantity::{format_bytes, parse_bytes},
    site::Site,
};

/// The most that a plan lets a claim grow to by itself, in bytes: 2 TiB.
const MOST_BYTES: u64 = 2 << 40;

/// Grows the claim by half, rounded up to a gibibyte, where its class allows growth.
pub(crate) fn expand(site: &Site<'_>) -> Vec<Act> {
    grow(site).into_iter().collect()
}

/// Mounts an empty directory at the path that a read-only root file system refused.
pub(crate) fn writable_path(site: &Site<'_>) -> Vec<Act> {
    empty_dir(site).into_iter().collect()
}

/// Lets the pod's volumes belong to the group of the user that the container runs as.
pub(crate) fn volume_group(site: &Site<'_>) -> Vec<Act> {
    group(site).into_iter().collect()
}

/// The claim's growth.
fn grow(site: &Site<'_>) -> Option<Act> {
    let target = site.named(Kind::PersistentVolumeClaim, Fact::Claim)?;
    let claim = site
        .snapshot
        .claims
        .iter()
        .find(|it| it.meta.name == target.name && it.meta.namespace == target.namespace)?;
    if !may_grow(site, claim) {
        return None;
    }
    let now = parse_bytes(claim.request.as_deref().or(claim.capacity.as_deref())?)?;
    let grown = now.checked_add(now / 2)?.next_multiple_of(1 << 30);
    if grown > MOST_BYTES {
        return None;
    }
    let size = format_bytes(grown);
    let body = json!({"spec": {"resources": {"requests": {"storage": size}}}});
    let why = format!(
        "Grows {} to {size}, half as much again; a volume never shrinks",
        called(&target)
    );
    Some(Act::new(Change::Patch(target, Merge::Json, body), why))
}

/// Whether the claim's class is known to allow growth.
fn may_grow(site: &Site<'_>, claim: &Claim) -> bool {
    let Some(class) = &claim.class else {
        return false;
    };
    site.snapshot
        .storage_classes
        .iter()
        .any(|it| it.meta.name == *class && it.allows_expansion)
}

/// An empty directory at the refused path.
fn empty_dir(site: &Site<'_>) -> Option<Act> {
    let workload = site.rollout()?;
    let container = site.container()?;
    let spec = site
        .container_spec()
        .filter(|it| it.read_only_root == Some(true))?;
    let path = directory(site.fact(Fact::Path)?)?;
    if spec.mounts.iter().any(|mount| mount.path == path) {
        return None;
    }
    // The volume is named after its path: a name that the evidence itself gives.
    let volume = path
        .trim_matches('/')
        .replace(['/', '.', '_'], "-")
        .to_ascii_lowercase();
    if !is_object_name(&volume) || site.template()?.volumes.iter().any(|it| it.name == volume) {
        return None;
    }
    let body = json!({"spec": {"template": {"spec": {
        "volumes": [{"name": volume, "emptyDir": {}}],
        "containers": [{"name": container, "volumeMounts": [{"name": volume, "mountPath": path}]}],
    }}}});
    let why = format!(
        "Mounts an empty directory at {path} in container {container} of {}, whose root file system stays read-only",
        called(workload)
    );
    Some(Act::new(
        Change::Patch(workload.clone(), Merge::Strategic, body),
        why,
    ))
}

/// The directory of a refused path: the path itself where it ends like one, else its parent. The root is none.
fn directory(path: &str) -> Option<&str> {
    if !path.starts_with('/') || path.contains("..") {
        return None;
    }
    let trimmed = path.trim_end_matches('/');
    let (parent, last) = trimmed.rsplit_once('/')?;
    let directory = if last.contains('.') { parent } else { trimmed };
    (directory.len() > 1).then_some(directory)
}

/// The group of the volumes.
fn group(site: &Site<'_>) -> Option<Act> {
    let workload = site.rollout()?;
    let template: &PodSpec = site.template()?;
    let spec = site.container_spec()?;
    let path = site.fact(Fact::Path)?;
    let on_volume = spec
        .mounts
        .iter()
        .any(|mount| !mount.read_only && path.starts_with(mount.path.as_str()));
    let user = spec
        .run_as_user
        .or(template.run_as_user)
        .filter(|user| *user > 0)?;
    if template.fs_group.is_some() || !on_volume {
        return None;
    }
    let body = json!({"spec": {"template": {"spec": {"securityContext": {"fsGroup": user}}}}});
    let why = format!(
        "Lets the volumes of {} belong to group {user}, the id that its container runs as, so that it may write to {path}",
        called(workload)
    );
    Some(Act::new(Change::Patch(workload.clone(), Merge::Json, body), why))
}
