//! Memory and CPU: more where the limit is the fault, never without the present value and never beyond a known bound.

use std::collections::BTreeMap;

use kubemedic_model::{diagnosis::Fact, snapshot::ClusterSnapshot};

use super::{called, has_template};
use crate::remediation::{
    change::{Amounts, Change},
    playbook::Act,
    quantity::{format_bytes, format_millicores, more_cpu, more_memory, parse_bytes, parse_millicores},
    site::{Site, Target},
};

/// Raises the memory limit by half, rounded up to 64Mi.
pub(crate) fn raise_memory(site: &Site<'_>) -> Vec<Act> {
    raise(site, "memory", Fact::MemoryLimit).into_iter().collect()
}

/// Doubles the CPU limit, rounded up to 50m.
pub(crate) fn raise_cpu(site: &Site<'_>) -> Vec<Act> {
    raise(site, "cpu", Fact::CpuLimit).into_iter().collect()
}

/// Raises the CPU limit, unless the time is known to be lost in the network.
pub(crate) fn raise_cpu_of_busy(site: &Site<'_>) -> Vec<Act> {
    if site.cause.cause.as_deref() == Some("pod_network_delay") {
        return Vec::new();
    }
    raise_cpu(site)
}

/// Lowers an amount to what the limit range allows at most, where the evidence shows both.
pub(crate) fn fit_limit_range(site: &Site<'_>) -> Vec<Act> {
    let Some((workload, container)) = known_container(site) else {
        return Vec::new();
    };
    let Some(spec) = site.container_spec() else {
        return Vec::new();
    };
    let mut amounts = Amounts::default();
    for (name, bound) in maxima(site.snapshot, site.namespace.as_deref()) {
        if spec
            .limits
            .get(name)
            .is_some_and(|have| exceeds(name, have, bound))
        {
            amounts.limits.insert(name.to_owned(), bound.to_owned());
        }
        if spec
            .requests
            .get(name)
            .is_some_and(|have| exceeds(name, have, bound))
        {
            amounts.requests.insert(name.to_owned(), bound.to_owned());
        }
    }
    if amounts == Amounts::default() {
        return Vec::new();
    }
    let why = format!(
        "Lowers container {container} of {} to the most that the limit range allows",
        called(&workload)
    );
    vec![Act::new(
        Change::Resources(workload, Some(container.to_owned()), amounts),
        why,
    )]
}

/// Lowers a memory request that no node can hold to what the largest node offers, less a tenth for system pods.
pub(crate) fn fit_memory_request(site: &Site<'_>) -> Vec<Act> {
    fit_request(site, "memory").into_iter().collect()
}

/// Lowers a CPU request that no node can hold to what the largest node offers, less a tenth for system pods.
pub(crate) fn fit_cpu_request(site: &Site<'_>) -> Vec<Act> {
    fit_request(site, "cpu").into_iter().collect()
}

/// Lowers a request to the largest node's capacity; none where it fits already or where the nodes are not shown.
fn fit_request(site: &Site<'_>, name: &'static str) -> Option<Act> {
    let (workload, container) = known_container(site)?;
    let present = site.container_spec()?.requests.get(name)?;
    let present = parse(name, present)?;
    let largest = site
        .snapshot
        .nodes
        .iter()
        .filter_map(|node| parse(name, node.allocatable.get(name)?))
        .max()?;
    let room = largest - largest / 10;
    let request = format_down(name, room);
    if present <= largest || parse(name, &request)? == 0 {
        return None;
    }
    let why = format!(
        "Lowers the {name} request of container {container} from more than any node has ({}) to {request}, nine tenths of the largest node",
        format(name, present)
    );
    let amounts = Amounts {
        limits: BTreeMap::new(),
        requests: BTreeMap::from([(name.to_owned(), request)]),
    };
    Some(Act::new(
        Change::Resources(workload, Some(container.to_owned()), amounts),
        why,
    ))
}

/// Raises a limit above its present value, unless that would pass a known bound.
fn raise(site: &Site<'_>, name: &'static str, fact: Fact) -> Option<Act> {
    let workload = site.rollout()?.clone();
    let spec = site.container_spec();
    let told = spec
        .and_then(|it| it.limits.get(name))
        .map(String::as_str)
        .or_else(|| site.fact(fact))?;
    let present = parse(name, told)?;
    let (raised, rule) = if name == "cpu" {
        (more_cpu(present)?, "twice as much, in steps of 50m")
    } else {
        (more_memory(present)?, "half as much again, in steps of 64Mi")
    };
    if passes_bound(site, name, raised) {
        return None;
    }
    let limit = format(name, raised);
    let scope = site.container().map_or_else(
        || "every container (the evidence does not name one)".to_owned(),
        |container| format!("container {container}"),
    );
    let why = format!(
        "Raises the {name} limit of {scope} of {} from {told} to {limit} ({rule})",
        called(&workload)
    );
    let amounts = Amounts {
        limits: BTreeMap::from([(name.to_owned(), limit)]),
        requests: BTreeMap::new(),
    };
    let container = site.container().map(str::to_owned);
    Some(Act::new(Change::Resources(workload, container, amounts), why))
}

/// Whether an amount is more than a limit range allows or than any known node has.
fn passes_bound(site: &Site<'_>, name: &str, amount: u64) -> bool {
    let over_range = maxima(site.snapshot, site.namespace.as_deref())
        .filter(|(resource, _)| *resource == name)
        .filter_map(|(_, bound)| parse(name, bound))
        .any(|bound| amount > bound);
    let largest = site
        .snapshot
        .nodes
        .iter()
        .filter_map(|node| parse(name, node.allocatable.get(name)?))
        .max();
    over_range || largest.is_some_and(|largest| amount > largest)
}

/// The most per container that limit ranges of the namespace allow, by resource name.
fn maxima<'a>(
    snapshot: &'a ClusterSnapshot,
    namespace: Option<&'a str>,
) -> impl Iterator<Item = (&'a str, &'a str)> {
    snapshot
        .limit_ranges
        .iter()
        .filter(move |range| {
            range
                .meta
                .namespace
                .as_deref()
                .is_none_or(|it| Some(it) == namespace)
        })
        .flat_map(|range| &range.limits)
        .filter(|rule| rule.kind == "Container")
        .flat_map(|rule| &rule.max)
        .map(|(name, amount)| (name.as_str(), amount.as_str()))
}

/// Whether an amount is more than a bound.
fn exceeds(name: &str, amount: &str, bound: &str) -> bool {
    matches!((parse(name, amount), parse(name, bound)), (Some(amount), Some(bound)) if amount > bound)
}

/// The workload and the container at fault, where both are known and a rollout follows.
fn known_container<'a>(site: &Site<'a>) -> Option<(Target, &'a str)> {
    let workload = site.workload.clone().filter(has_template)?;
    Some((workload, site.container()?))
}

/// An amount as bytes or millicores.
fn parse(name: &str, text: &str) -> Option<u64> {
    if name == "cpu" {
        parse_millicores(text)
    } else {
        parse_bytes(text)
    }
}

/// Bytes or millicores as a quantity.
fn format(name: &str, amount: u64) -> String {
    if name == "cpu" {
        format_millicores(amount)
    } else {
        format_bytes(amount)
    }
}

/// Bytes or millicores as a quantity, rounded down to the step in which people write it.
fn format_down(name: &str, amount: u64) -> String {
    let step = if name == "cpu" { 50 } else { 64 << 20 };
    format(name, amount - amount % step)
}
