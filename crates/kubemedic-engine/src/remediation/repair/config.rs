//! Settings that the evidence itself corrects: the address of a Service in an environment variable, a suspended
//! schedule, a service account that does not exist.

use kubemedic_model::{
    diagnosis::Fact,
    naming::is_object_name,
    resource::Kind,
    snapshot::{network::Service, pod::EnvVar},
};
use serde_json::json;

use super::called;
use crate::remediation::{
    change::{Change, Merge},
    playbook::Act,
    site::{Site, Target},
};

/// Sets an environment variable that names a host or port that no Service has to the one Service that it can mean.
pub(crate) fn service_address(site: &Site<'_>) -> Vec<Act> {
    address(site).into_iter().collect()
}

/// Lets a suspended CronJob run again.
pub(crate) fn resume_schedule(site: &Site<'_>) -> Vec<Act> {
    resume(site).into_iter().collect()
}

/// Creates the service account that the evidence names as missing.
pub(crate) fn create_account(site: &Site<'_>) -> Vec<Act> {
    let is_missing = site.cause.cause.as_deref() == Some("missing_service_account");
    let Some(account) = site
        .named(Kind::ServiceAccount, Fact::ServiceAccount)
        .filter(|account| is_missing && account.name != "default" && account.namespace == site.namespace)
        .filter(|account| !exists(site, account))
    else {
        return Vec::new();
    };
    let why = format!(
        "Creates {}, which the pods refer to, without any permission",
        called(&account)
    );
    vec![Act::new(Change::CreateAccount(account), why)]
}

/// Whether the evidence shows the service account.
fn exists(site: &Site<'_>, account: &Target) -> bool {
    site.snapshot
        .accounts
        .iter()
        .any(|it| it.meta.name == account.name && it.meta.namespace == account.namespace)
}

/// The corrected address.
fn address(site: &Site<'_>) -> Option<Act> {
    let workload = site.rollout()?;
    let container = site.container_spec()?;
    let variable = variable(site, &container.env)?;
    let value = variable.value.as_deref()?;
    let right = corrected(site, value)?;
    if right == value {
        return None;
    }
    let why = format!(
        "Sets {} of container {} of {} to {right}, the address of the Service that exists, instead of {value}",
        variable.name,
        container.name,
        called(workload)
    );
    let name = Some(container.name.clone());
    let set = |value: &str| {
        Change::Env(
            workload.clone(),
            name.clone(),
            format!("{}={value}", variable.name),
        )
    };
    Some(Act::with_undo(set(&right), why, set(value)))
}

/// The variable at fault: the one that the fact names, else the only one that holds the host.
fn variable<'a>(site: &Site<'_>, variables: &'a [EnvVar]) -> Option<&'a EnvVar> {
    if let Some(key) = site.fact(Fact::Key) {
        return variables.iter().find(|it| it.name == key);
    }
    let host = site.fact(Fact::Host)?;
    let mut holding = variables.iter().filter(|it| {
        it.value
            .as_deref()
            .and_then(split_address)
            .is_some_and(|(name, _)| name == host)
    });
    let only = holding.next()?;
    holding.next().is_none().then_some(only)
}

/// `host:port` or `host` with the Service's name and port; none where no single Service is meant.
fn corrected(site: &Site<'_>, value: &str) -> Option<String> {
    let (host, port) = split_address(value)?;
    let (name, domain) = host
        .split_once('.')
        .map_or((host, None), |(name, rest)| (name, Some(rest)));
    let near = |service: &&Service| service.meta.namespace == site.namespace;
    let services: Vec<&Service> = site.snapshot.services.iter().filter(near).collect();
    let exact = services.iter().find(|it| it.meta.name == name);
    let service = match exact {
        Some(service) => service,
        None => nearest(&services, name)?,
    };
    let host = match domain {
        Some(rest) => format!("{}.{rest}", service.meta.name),
        None => service.meta.name.clone(),
    };
    let Some(port) = port else {
        return Some(host);
    };
    let serves = service.ports.iter().any(|it| it.port == port);
    let port = match (serves, service.ports.as_slice()) {
        (true, _) => port,
        (false, [only]) => only.port,
        (false, _) => return None,
    };
    Some(format!("{host}:{port}"))
}

/// A host and its port; none for what is no plain address.
fn split_address(value: &str) -> Option<(&str, Option<u16>)> {
    let (host, port) = match value.split_once(':') {
        Some((host, port)) => (host, Some(port.parse().ok()?)),
        None => (value, None),
    };
    is_object_name(host).then_some((host, port))
}

/// The only Service whose name is one or two edits away.
fn nearest<'a>(services: &[&'a Service], name: &str) -> Option<&'a Service> {
    let mut close = services.iter().filter(|it| is_close(&it.meta.name, name));
    let only = close.next()?;
    close.next().is_none().then_some(only)
}

/// Whether two names are one word apart by a common prefix or suffix, or differ by at most two characters.
fn is_close(one: &str, other: &str) -> bool {
    let (short, long) = if one.len() <= other.len() {
        (one, other)
    } else {
        (other, one)
    };
    if short.len() >= 3 && long.strip_prefix(short).is_some_and(|rest| rest.starts_with('-')) {
        return true;
    }
    distance_within_two(short.as_bytes(), long.as_bytes())
}

/// Whether the Levenshtein distance is at most two. Names are at most 253 bytes, so the table stays small.
fn distance_within_two(one: &[u8], other: &[u8]) -> bool {
    if one.len() < 4 || other.len().abs_diff(one.len()) > 2 {
        return false;
    }
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.iter().enumerate() {
        let mut left = i + 1;
        let mut next = vec![left];
        for (b, pair) in other.iter().zip(row.windows(2)) {
            let &[diagonal, above] = pair else { continue };
            left = (diagonal + usize::from(a != b)).min(above + 1).min(left + 1);
            next.push(left);
        }
        row = next;
    }
    row.last().is_some_and(|distance| *distance <= 2)
}

/// The schedule's resumption.
fn resume(site: &Site<'_>) -> Option<Act> {
    let target = site.involved(&Kind::CronJob).or_else(|| {
        site.workload
            .clone()
            .filter(|workload| workload.kind == Kind::CronJob)
    })?;
    let is_suspended = site
        .snapshot
        .scheduled_jobs
        .iter()
        .any(|it| it.meta.name == target.name && it.meta.namespace == target.namespace && it.suspended);
    if !is_suspended {
        return None;
    }
    let suspend =
        |value: bool| Change::Patch(target.clone(), Merge::Json, json!({"spec": {"suspend": value}}));
    let why = format!("Lets {} run by its schedule again", called(&target));
    Some(Act::with_undo(suspend(false), why, suspend(true)))
}
