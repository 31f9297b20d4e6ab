//! Services: selectors and ports as their pods need them.

use kubemedic_model::{
    diagnosis::Fact,
    snapshot::{
        Labels, PortRef,
        network::{Service, ServicePort},
        workload::Workload,
    },
};
use serde_json::{Map, Value, json};

use super::called;
use crate::remediation::{
    change::{Change, Merge},
    playbook::Act,
    site::Site,
};

/// Patches the Service's selector to the labels that the workload's pods carry.
pub(crate) fn match_selector(site: &Site<'_>) -> Vec<Act> {
    selector_from_state(site)
        .or_else(|| selector_from_facts(site))
        .into_iter()
        .collect()
}

/// Patches the Service's target port to the one that the container declares.
pub(crate) fn match_port(site: &Site<'_>) -> Vec<Act> {
    target_port(site).into_iter().collect()
}

/// A selector patch from the Service's and the workload's own state.
fn selector_from_state(site: &Site<'_>) -> Option<Act> {
    let service = site.service_state()?;
    let selector = service.selector.as_ref().filter(|it| !it.is_empty())?;
    let labels = &behind(site, service, selector)?.pod_labels;
    let mut new = Map::new();
    let mut old = Map::new();
    for (key, wanted) in selector {
        match labels.get(key) {
            Some(have) if have == wanted => continue,
            Some(have) => new.insert(key.clone(), json!(have)),
            None => new.insert(key.clone(), Value::Null),
        };
        old.insert(key.clone(), json!(wanted));
    }
    let keeps_one = selector.keys().any(|key| labels.contains_key(key));
    if new.is_empty() || !keeps_one {
        return None;
    }
    let target = site.service()?;
    let why = format!(
        "Lets {} select the pods that serve it, by the labels that they carry",
        called(&target)
    );
    Some(Act::with_undo(
        Change::Patch(target.clone(), Merge::Json, json!({"spec": {"selector": new}})),
        why,
        Change::Patch(target, Merge::Json, json!({"spec": {"selector": old}})),
    ))
}

/// A selector patch from the facts `Label` (what the Service asks for) and `RightLabel` (what the pods carry).
fn selector_from_facts(site: &Site<'_>) -> Option<Act> {
    let target = site.service()?;
    let (key, right) = site.fact(Fact::RightLabel)?.split_once('=')?;
    let (_, wrong) = site
        .fact(Fact::Label)?
        .split(',')
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(have, _)| *have == key)?;
    if right == wrong {
        return None;
    }
    let selector = |value: &str| json!({"spec": {"selector": {key: value}}});
    let why = format!(
        "Lets {} select pods by {key}={right}, which they carry, instead of {wrong}",
        called(&target)
    );
    Some(Act::with_undo(
        Change::Patch(target.clone(), Merge::Json, selector(right)),
        why,
        Change::Patch(target, Merge::Json, selector(wrong)),
    ))
}

/// The workload that a Service is meant for: the diagnosis', else the one of its name, else the only one that
/// carries a label of its selector.
fn behind<'a>(site: &Site<'a>, service: &Service, selector: &Labels) -> Option<&'a Workload> {
    let near = |workload: &&Workload| {
        workload.meta.namespace == service.meta.namespace && !workload.pod_labels.is_empty()
    };
    if let Some(workload) = site.workload_state().filter(|it| near(it)) {
        return Some(workload);
    }
    let all = || site.snapshot.workloads.iter().filter(near);
    if let Some(workload) = all().find(|it| it.meta.name == service.meta.name) {
        return Some(workload);
    }
    let mut overlapping = all().filter(|it| {
        selector
            .iter()
            .any(|(key, value)| it.pod_labels.get(key) == Some(value))
    });
    let only = overlapping.next()?;
    overlapping.next().is_none().then_some(only)
}

/// A target port patch: the port that the evidence calls right, else the only one that the pods declare.
fn target_port(site: &Site<'_>) -> Option<Act> {
    let target = site.service()?;
    let service = site.service_state()?;
    let right = site
        .fact(Fact::RightPort)
        .map(PortRef::parse)
        .or_else(|| only_declared(site, service))?;
    let port = wrong_port(site, service, &right)?;
    let present = port.target.clone().unwrap_or(PortRef::Number(port.port));
    let body = |value: &PortRef| json!({"spec": {"ports": [{"port": port.port, "targetPort": value}]}});
    let why = format!(
        "Sends port {} of {} to container port {right} instead of {present}",
        port.port,
        called(&target)
    );
    Some(Act::with_undo(
        Change::Patch(target.clone(), Merge::Strategic, body(&right)),
        why,
        Change::Patch(target, Merge::Strategic, body(&present)),
    ))
}

/// The Service's port at fault: the one that the fact names, else its only port; none if it is right already.
fn wrong_port<'a>(site: &Site<'_>, service: &'a Service, right: &PortRef) -> Option<&'a ServicePort> {
    let told = site.fact(Fact::Port).map(PortRef::parse);
    let named = service.ports.iter().find(|port| {
        told.as_ref()
            .is_some_and(|told| port.target.as_ref() == Some(told) || PortRef::Number(port.port) == *told)
    });
    let port = named.or(match service.ports.as_slice() {
        [only] => Some(only),
        _ => None,
    })?;
    let present = port.target.clone().unwrap_or(PortRef::Number(port.port));
    (present != *right).then_some(port)
}

/// The only port that the containers behind the Service declare.
fn only_declared(site: &Site<'_>, service: &Service) -> Option<PortRef> {
    let selector = service.selector.as_ref().filter(|it| !it.is_empty())?;
    let workload = site.snapshot.workloads.iter().find(|it| {
        it.meta.namespace == service.meta.namespace
            && selector
                .iter()
                .all(|(key, value)| it.pod_labels.get(key) == Some(value))
    })?;
    let mut ports = workload.template.containers.iter().flat_map(|it| &it.ports);
    let only = ports.next()?;
    ports.next().is_none().then_some(PortRef::Number(only.number))
}
