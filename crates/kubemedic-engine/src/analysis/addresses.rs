//! Addresses in the environment of workloads: which variable names which host and port.
//! It reads values only; whether an address is right is decided in `rules`.

use kubemedic_model::{
    evidence::Origin,
    resource::{Kind, ResourceRef},
    snapshot::pod::{Container, PodSpec},
};

use super::{
    calls::is_host,
    view::{View, pod_ref, workload_ref},
};

/// The most addresses that are kept.
const MAX_ADDRESSES: usize = 5000;
/// The most addresses of one value (`a:9092,b:9092`).
const MAX_OF_VALUE: usize = 8;
/// Ends of variable names whose value is an address even without a port.
const ADDRESS_WORDS: [&str; 11] = [
    "ADDR", "ADDRESS", "HOST", "HOSTNAME", "URL", "URI", "ENDPOINT", "SERVER", "SERVERS", "UPSTREAM",
    "BROKERS",
];

/// One address of one variable.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Address<'a> {
    /// The workload, or the pod without one.
    pub(crate) owner: ResourceRef,
    /// The container.
    pub(crate) container: &'a str,
    /// The variable.
    pub(crate) variable: &'a str,
    /// The whole value.
    pub(crate) value: &'a str,
    /// The host.
    pub(crate) host: &'a str,
    /// The port, where told.
    pub(crate) port: Option<u16>,
    /// Where the owner was read.
    pub(crate) origin: &'a Origin,
}

impl<'a> View<'a> {
    /// Every address in the environment of the workloads, read when first asked for.
    pub(crate) fn addresses(&self) -> &[Address<'a>] {
        self.addresses.get_or_init(|| of_workloads(self))
    }
}

/// Every address in the environment of the workloads, else of pods that belong to none that is known.
fn of_workloads<'a>(view: &View<'a>) -> Vec<Address<'a>> {
    let mut found = Vec::new();
    let workloads = view.snapshot.workloads.iter();
    for workload in workloads.filter(|it| it.kind != Kind::ReplicaSet) {
        let owner = workload_ref(workload);
        add(&mut found, &owner, &workload.template, &workload.meta.origin);
    }
    for pod in &view.snapshot.pods {
        let owner = view.workload_of(&pod_ref(pod)).map(|it| it.resource);
        let owner = owner.unwrap_or_else(|| pod_ref(pod));
        let told = view
            .workload(&owner.kind, owner.namespace.as_deref(), &owner.name)
            .is_some_and(|it| !it.template.containers.is_empty());
        if !told && found.len() < MAX_ADDRESSES {
            add(&mut found, &owner, &pod.spec, &pod.meta.origin);
        }
    }
    found.truncate(MAX_ADDRESSES);
    found
}

/// Adds the addresses of a pod template.
fn add<'a>(found: &mut Vec<Address<'a>>, owner: &ResourceRef, spec: &'a PodSpec, origin: &'a Origin) {
    for container in &spec.containers {
        for variable in &container.env {
            let Some(value) = variable.value.as_deref() else {
                continue;
            };
            for (host, port) in hosts(&variable.name, value) {
                let address = Address {
                    owner: owner.clone(),
                    container: &container.name,
                    variable: &variable.name,
                    value,
                    host,
                    port: port.or_else(|| paired_port(container, &variable.name)),
                    origin,
                };
                found.push(address);
            }
        }
    }
}

/// The addresses that a variable's value names.
pub(crate) fn hosts<'a>(variable: &str, value: &'a str) -> Vec<(&'a str, Option<u16>)> {
    let by_name = ADDRESS_WORDS.iter().any(|word| {
        variable
            .to_ascii_uppercase()
            .strip_suffix(word)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with(['_', '.', '-']))
    });
    let url = value.contains("://");
    let authority = value.rsplit_once("://").map_or(value, |(_, rest)| rest);
    let authority = authority.split(['/', '?']).next().unwrap_or(authority);
    let authority = authority.rsplit_once('@').map_or(authority, |(_, rest)| rest);
    let parts = authority.split(',').take(MAX_OF_VALUE);
    parts
        .filter_map(|part| match part.trim().split_once(':') {
            Some((host, port)) => Some((host, Some(port.parse().ok()?))),
            None => (by_name || url).then_some((part.trim(), None)),
        })
        .filter(|(host, _)| {
            is_host(host) && *host != "localhost" && host.parse::<std::net::Ipv4Addr>().is_err()
        })
        .collect()
}

/// The value of `X_PORT` beside `X_HOST`.
fn paired_port(container: &Container, variable: &str) -> Option<u16> {
    let stem = variable
        .strip_suffix("HOST")
        .or_else(|| variable.strip_suffix("HOSTNAME"))?;
    let port = container
        .env
        .iter()
        .find(|it| it.name.strip_suffix("PORT") == Some(stem))?;
    port.value.as_deref()?.parse().ok()
}

#[cfg(test)]
mod tests;
