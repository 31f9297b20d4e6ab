//! Who calls whom, as far as the evidence tells: the addresses in environment variables and arguments, against the
//! Services that exist. It states edges only; blame along them is decided by rules and ranking.

use std::collections::{BTreeMap, BTreeSet};

use kubemedic_model::{
    resource::{Kind, ResourceRef},
    snapshot::pod::PodSpec,
};

use super::view::{View, containers, reference};

/// The most words of one value that are tried as addresses.
const MAX_WORDS: usize = 8;
/// The longest value that is tried, in bytes.
const MAX_VALUE_BYTES: usize = 2000;
/// The most values of the snapshot that are tried.
const MAX_VALUES: usize = 5000;
/// Words in a variable's name that make its value an address, even without a port.
const ADDRESS_WORDS: [&str; 7] = ["HOST", "ADDR", "URL", "URI", "ENDPOINT", "SERVER", "SERVICE"];

/// The calls between workloads.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Dependencies {
    callees: BTreeMap<ResourceRef, BTreeSet<ResourceRef>>,
}

impl Dependencies {
    /// Reads the calls from the templates of workloads and from pods.
    pub(crate) fn new(view: &View<'_>) -> Self {
        let mut found = Self::default();
        let mut budget = MAX_VALUES;
        for workload in &view.snapshot.workloads {
            if workload.kind != Kind::ReplicaSet {
                let caller = reference(workload.kind.clone(), &workload.meta);
                found.read(view, &caller, &workload.template, &mut budget);
            }
        }
        for pod in &view.snapshot.pods {
            let pod_ref = super::view::pod_ref(pod);
            if let Some(owner) = view.workload_of(&pod_ref) {
                found.read(view, &owner.resource, &pod.spec, &mut budget);
            }
        }
        found
    }

    /// Adds a call; a workload does not depend on itself.
    pub(crate) fn add(&mut self, caller: &ResourceRef, callee: ResourceRef) {
        if *caller != callee {
            self.callees.entry(caller.clone()).or_default().insert(callee);
        }
    }

    /// What a workload calls.
    pub(crate) fn callees(&self, caller: &ResourceRef) -> impl Iterator<Item = &ResourceRef> {
        self.callees.get(caller).into_iter().flatten()
    }

    /// Whether anything is known about what a workload calls.
    pub(crate) fn knows(&self, caller: &ResourceRef) -> bool {
        self.callees.contains_key(caller)
    }

    fn read(&mut self, view: &View<'_>, caller: &ResourceRef, spec: &PodSpec, budget: &mut usize) {
        let namespace = caller.namespace.as_deref();
        for (_, container) in containers(spec) {
            let variables = container.env.iter().filter_map(|variable| {
                let value = variable.value.as_deref()?;
                Some((value, names_address(&variable.name)))
            });
            let arguments = container.command.iter().chain(&container.args);
            let arguments = arguments.map(|argument| (argument.as_str(), false));
            for (value, is_address) in variables.chain(arguments) {
                let Some(left) = budget.checked_sub(1) else { return };
                *budget = left;
                for host in hosts(value, is_address) {
                    if let Some(callee) = workload_of_host(view, namespace, host) {
                        self.add(caller, callee);
                    }
                }
            }
        }
    }
}

/// The workload, or else the Service, that a host means.
fn workload_of_host(view: &View<'_>, namespace: Option<&str>, host: &str) -> Option<ResourceRef> {
    let service = view.service_of_host(namespace, host)?;
    let behind = view.workload_behind(service.meta.namespace.as_deref(), &service.meta.name);
    Some(behind.map_or_else(|| reference(Kind::Service, &service.meta), |it| it.resource))
}

/// Whether a variable's name says that its value is an address.
fn names_address(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    ADDRESS_WORDS.iter().any(|word| upper.contains(word))
}

/// The hosts in a value: of `host:port` and `scheme://host` always, of a bare word where it must be an address.
fn hosts(value: &str, is_address: bool) -> impl Iterator<Item = &str> {
    let value = if value.len() <= MAX_VALUE_BYTES { value } else { "" };
    let words =
        value.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '=' | '"' | '\'' | '(' | ')'));
    words.take(MAX_WORDS).filter_map(move |word| {
        let schemed = word.split_once("://");
        let rest = schemed.map_or(word, |(_, rest)| rest);
        let rest = rest.rsplit_once('@').map_or(rest, |(_, rest)| rest);
        let authority = rest.split(['/', '?']).next()?;
        let (host, port) = authority.split_once(':').unwrap_or((authority, ""));
        let has_port = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
        let sure = is_address || has_port || schemed.is_some();
        (sure && host.bytes().any(|byte| byte.is_ascii_alphabetic())).then_some(host)
    })
}

#[cfg(test)]
mod tests;
