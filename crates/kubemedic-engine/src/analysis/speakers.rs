//! Whose log a part of the input is: `logs[cart]` is that of the workload `cart`, its troubled pod first.
//! Which objects a text names is `mentions`' part.

use std::collections::{BTreeMap, BTreeSet};

use kubemedic_model::{
    naming,
    resource::{Kind, ResourceRef},
    snapshot::{ClusterSnapshot, pod::Pod},
};

use super::view::{is_healthy, pod_ref, reference};

/// The workloads and pods that logs may be keyed by.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Speakers {
    by_name: BTreeMap<String, ResourceRef>,
    pods: BTreeSet<String>,
}

impl Speakers {
    /// The workloads of a snapshot by name.
    pub(crate) fn new(snapshot: &ClusterSnapshot) -> Self {
        let mut by_name = BTreeMap::new();
        let mut pods: Vec<&Pod> = snapshot.pods.iter().collect();
        pods.sort_by_key(|pod| is_healthy(pod));
        for pod in &pods {
            if let Some(owner) = naming::owner_of_pod(&pod.meta.name) {
                by_name.entry(owner.name).or_insert_with(|| pod_ref(pod));
            }
        }
        let workloads = snapshot.workloads.iter();
        for workload in workloads.filter(|it| it.kind != Kind::ReplicaSet) {
            let name = workload.meta.name.clone();
            by_name
                .entry(name)
                .or_insert_with(|| reference(workload.kind.clone(), &workload.meta));
        }
        Self {
            by_name,
            pods: snapshot.pods.iter().map(|pod| pod.meta.name.clone()).collect(),
        }
    }

    /// The pod or workload whose log a part is; a suffix names a container or an earlier run (`cart.previous`).
    pub(crate) fn of_part(&self, part: &str) -> Option<&ResourceRef> {
        let key = part.strip_prefix("logs[")?.strip_suffix(']')?;
        let known = |name: &str| self.by_name.get(name);
        known(key).or_else(|| known(key.split('.').next()?))
    }

    /// Whether the snapshot holds a pod of that name.
    pub(crate) fn holds(&self, object: &ResourceRef) -> bool {
        object.kind == Kind::Pod && self.pods.contains(&object.name)
    }
}

#[cfg(test)]
mod tests;
