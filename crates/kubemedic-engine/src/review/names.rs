//! Which names a plan may use: those of the evidence, and those that Kubernetes' naming rules derive from them.

use std::collections::BTreeSet;

use kubemedic_model::{
    command::Command,
    diagnosis::{Diagnosis, RootCause},
    naming::{deployment_of_replica_set, owner_of_pod},
    plan::Plan,
    resource::ResourceRef,
    snapshot::ClusterSnapshot,
};
use serde_json::Value;

use crate::policy;

/// Names that every cluster has.
const UNIVERSAL: [&str; 4] = ["kube-system", "kube-public", "kube-node-lease", "default"];
/// How deep a serialised snapshot is read.
const MAX_DEPTH: usize = 24;

/// The names of the evidence.
#[derive(Debug, Default)]
pub(super) struct Known {
    names: BTreeSet<String>,
}

impl Known {
    /// Collects the names of a diagnosis, a snapshot and a plan's cause.
    pub(super) fn of(plan: &Plan, diagnosis: &Diagnosis, snapshot: &ClusterSnapshot) -> Self {
        let mut known = Self::default();
        for name in UNIVERSAL {
            known.names.insert(name.to_owned());
        }
        known.cause(&plan.root_cause);
        for cause in diagnosis.root_causes.iter().chain(&diagnosis.alternatives) {
            known.cause(cause);
        }
        for object in &diagnosis.objects {
            known.object(object);
        }
        for evidence in &diagnosis.evidence {
            known.text(&evidence.quote);
            evidence.object.iter().for_each(|object| known.object(object));
        }
        if let Ok(value) = serde_json::to_value(snapshot) {
            known.value(&value, MAX_DEPTH);
        }
        known.derive();
        known
    }

    /// The object names and namespaces of a plan that nothing gives.
    pub(super) fn unknown_names(&self, plan: &Plan) -> Vec<String> {
        let alternatives = plan.alternatives.iter().flat_map(|it| &it.commands);
        plan.commands()
            .map(|(_, it)| it)
            .chain(alternatives)
            .flat_map(|it| std::iter::once(&it.command).chain(&it.rollback))
            .flat_map(|command| self.unknown(command))
            .collect()
    }

    /// The names of one command that nothing gives.
    fn unknown(&self, command: &Command) -> Vec<String> {
        let Ok(invocation) = policy::invocation(command) else {
            return Vec::new();
        };
        invocation
            .targets
            .iter()
            .filter_map(|target| target.name.as_ref())
            .chain(&invocation.namespace)
            .filter(|name| !self.names.contains(*name))
            .map(|name| format!("`{command}` names `{name}`, which is not in the evidence"))
            .collect()
    }

    /// A cause's names.
    fn cause(&mut self, cause: &RootCause) {
        let workload = cause.workload.as_ref().map(|it| &it.resource);
        for object in cause.object.iter().chain(workload).chain(&cause.related) {
            self.object(object);
        }
        for value in cause.facts.values() {
            self.text(value);
        }
        self.text(&cause.sentence);
    }

    /// An object's names.
    fn object(&mut self, object: &ResourceRef) {
        self.names.insert(object.name.clone());
        self.names.extend(object.namespace.clone());
    }

    /// The words of a text that may be names.
    fn text(&mut self, text: &str) {
        let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '.' || c == '_'));
        for word in words {
            let word = word.trim_matches('.');
            if !word.is_empty() {
                self.names.insert(word.to_owned());
            }
        }
    }

    /// The strings and keys of a value.
    fn value(&mut self, value: &Value, depth: usize) {
        let Some(depth) = depth.checked_sub(1) else {
            return;
        };
        match value {
            Value::String(text) => self.text(text),
            Value::Array(items) => items.iter().for_each(|item| self.value(item, depth)),
            Value::Object(fields) => {
                for (key, value) in fields {
                    self.text(key);
                    self.value(value, depth);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// Adds the workloads that names of pods and ReplicaSets tell.
    fn derive(&mut self) {
        let owners: Vec<String> = self
            .names
            .iter()
            .flat_map(|name| {
                let of_pod = owner_of_pod(name).map(|owner| owner.name);
                let of_set = deployment_of_replica_set(name).map(str::to_owned);
                of_pod.into_iter().chain(of_set)
            })
            .collect();
        self.names.extend(owners);
    }
}
