//! What the revisions of a workload tell: the one that still serves, and its image.
//! It adds facts that a rollback needs; whether a rollback suits the cause is decided by `remediation`.

use kubemedic_model::{
    diagnosis::{Fact, Facts},
    resource::{Kind, ResourceRef},
    snapshot::{pod::Container, workload::Workload},
};

use super::view::{View, workload_ref};

/// Adds the revision to return to, and the image that it runs where the one at fault is another.
/// A revision counts as good while its pods are ready beside those of a newer one: a rollout that does not get
/// further. Of a revision without pods the evidence does not tell whether it ever worked.
pub(crate) fn recall(view: &View<'_>, workload: Option<&ResourceRef>, facts: &mut Facts) {
    let Some(serving) = workload.and_then(|it| serving_revision(view, it)) else {
        return;
    };
    if let Some(revision) = serving.revision {
        facts
            .entry(Fact::Revision)
            .or_insert_with(|| revision.to_string());
    }
    if let Some(image) = other_image(serving, facts) {
        facts.entry(Fact::KnownGoodImage).or_insert(image);
    }
}

/// The newest ReplicaSet of a Deployment that is not its current one and has ready pods.
fn serving_revision<'a>(view: &View<'a>, workload: &ResourceRef) -> Option<&'a Workload> {
    if workload.kind != Kind::Deployment {
        return None;
    }
    let mut sets: Vec<&Workload> = view
        .snapshot
        .workloads
        .iter()
        .filter(|set| is_revision_of(view, set, workload) && set.revision.is_some())
        .collect();
    sets.sort_by_key(|set| (set.revision, set.meta.name.as_str()));
    sets.pop().filter(|current| current.ready.unwrap_or(0) == 0)?;
    sets.into_iter().rfind(|set| set.ready.unwrap_or(0) > 0)
}

/// Whether a ReplicaSet is one of a Deployment's.
fn is_revision_of(view: &View<'_>, set: &Workload, deployment: &ResourceRef) -> bool {
    set.kind == Kind::ReplicaSet
        && (deployment.namespace.is_none() || set.meta.namespace == deployment.namespace)
        && view
            .workload_of(&workload_ref(set))
            .is_some_and(|it| it.resource.kind == deployment.kind && it.resource.name == deployment.name)
}

/// The image of the container at fault in another revision, where it differs.
fn other_image(set: &Workload, facts: &Facts) -> Option<String> {
    let name = facts.get(&Fact::Container)?;
    let mut containers = set
        .template
        .containers
        .iter()
        .chain(&set.template.init_containers);
    let container: &Container = containers.find(|it| it.name == *name)?;
    container
        .image
        .clone()
        .filter(|image| facts.get(&Fact::Image).is_some_and(|now| now != image))
}

#[cfg(test)]
mod tests;
