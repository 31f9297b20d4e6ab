//! Environment variables that call a Service which does not exist, or a port that the Service does not have.
//! Addresses outside the cluster, external names and headless Services are never judged.

use std::collections::BTreeSet;

use kubemedic_model::{
    class::FailureClass,
    diagnosis::Fact,
    resource::{Kind, ResourceRef},
    snapshot::network::Service,
};

use super::{
    super::{
        addresses::Address,
        calls::FailedCall,
        hypothesis::{Exhibit, Hypothesis, Standing},
        view::{Presence, View, meets, reference},
    },
    Claims,
    network::LATENT,
};

/// The finer cause.
const CAUSE: &str = "service_env_var_address_mismatch";
/// The likelihood where calls to the address fail, or the workload that makes them does.
const FAILING: f64 = 0.94;
/// The shortest name whose misspellings are recognised.
const MIN_NAME: usize = 4;

/// Claims what the addresses of workloads show.
pub(super) fn claim(view: &View<'_>, claims: &mut Claims) {
    if view.snapshot.services.is_empty() {
        return;
    }
    let addresses = view.addresses();
    for address in addresses {
        let Some((namespace, name)) = service_name(view, address) else {
            continue;
        };
        claims.live.extend(match view.service(namespace, name) {
            Some(service) => wrong_port(view, address, service, addresses),
            None => wrong_name(view, address, (namespace, name), addresses),
        });
    }
}

/// The Service that an address in the cluster means: its namespace and name.
pub(super) fn service_name<'a>(
    view: &View<'_>,
    address: &'a Address<'_>,
) -> Option<(Option<&'a str>, &'a str)> {
    let own = address.owner.namespace.as_deref();
    let mut labels = address.host.split('.');
    let name = labels.next()?;
    match (labels.next(), labels.next()) {
        (None, _) => Some((own, name)),
        (Some(namespace), Some("svc")) => Some((Some(namespace), name)),
        // `pod.service` and outside names look alike: only a namespace that has Services makes it a Service's name.
        (Some(namespace), None) => view
            .snapshot
            .services
            .iter()
            .any(|it| it.meta.namespace.as_deref() == Some(namespace))
            .then_some((Some(namespace), name)),
        _ => None,
    }
}

/// A port that the Service does not have. Where all its callers agree on another port, the Service is wrong, not they.
fn wrong_port(
    view: &View<'_>,
    address: &Address<'_>,
    service: &Service,
    all: &[Address<'_>],
) -> Option<Hypothesis> {
    let port = address.port?;
    let headless = service.cluster_ip.as_deref() == Some("None");
    let external = service.kind.as_deref() == Some("ExternalName") || service.external_name.is_some();
    if headless || external || service.ports.is_empty() || service.ports.iter().any(|it| it.port == port) {
        return None;
    }
    let namespace = service.meta.namespace.as_deref();
    let same = all.iter().filter(|it| {
        it.port == Some(port)
            && service_name(view, it).is_some_and(|(_, name)| name == service.meta.name)
            && it.owner.namespace.as_deref() == namespace
    });
    let callers: BTreeSet<&ResourceRef> = same.map(|it| &it.owner).collect();
    let failing = failed_call(view, address, Some(service));
    if callers.len() > 1 {
        return None;
    }
    let right: Vec<String> = service.ports.iter().map(|it| it.port.to_string()).collect();
    let why = format!(
        "but Service {} has port {} only",
        service.meta.name,
        right.join(", ")
    );
    let mut claim = made(address, if failing.is_some() { FAILING } else { LATENT }, &why)
        .fact(Fact::Port, Some(&port.to_string()))
        .fact(Fact::RightPort, right.first().map(String::as_str))
        .fact(Fact::Service, Some(&service.meta.name))
        .with(reference(Kind::Service, &service.meta))
        .shown_by([Exhibit::state(
            reference(Kind::Service, &service.meta),
            &service.meta.origin,
            "spec.ports",
            format!("{} ports {}", service.meta.name, right.join(", ")),
        )]);
    claim.evidence.extend(failing.map(FailedCall::exhibit));
    Some(claim)
}

/// A name that no Service has, while a Service of nearly that name exists or calls to the name fail.
fn wrong_name(
    view: &View<'_>,
    address: &Address<'_>,
    (namespace, name): (Option<&str>, &str),
    all: &[Address<'_>],
) -> Option<Hypothesis> {
    if view.presence(&Kind::Service, namespace, name) != Presence::Missing {
        return None;
    }
    let failing = failed_call(view, address, None);
    let called = failing.is_some_and(|call| call.host == address.host);
    let near = nearest(view, namespace, name).filter(|near| {
        // A caller that also calls the Service of the similar name means another one here.
        !all.iter()
            .any(|it| it.owner == address.owner && it.host == near.meta.name)
    });
    // The name of an existing workload is right: its Service is what is missing.
    let unserved = view.snapshot.workloads.iter().any(|it| it.meta.name == name);
    if unserved || (near.is_none() && !called) {
        return None;
    }
    let why = near.map_or_else(
        || "and no Service has that name".to_owned(),
        |near| format!("but no Service has that name; there is {}", near.meta.name),
    );
    let likelihood = match (failing.is_some(), near.is_some()) {
        (true, true) => FAILING,
        (true, false) => 0.85,
        (false, _) => LATENT,
    };
    let mut claim = made(address, likelihood, &why).fact(Fact::Service, near.map(|it| it.meta.name.as_str()));
    if let Some(near) = near {
        claim = claim.with(reference(Kind::Service, &near.meta));
    }
    claim.evidence.extend(failing.map(FailedCall::exhibit));
    Some(claim)
}

/// The claim about an address.
fn made(address: &Address<'_>, likelihood: f64, why: &str) -> Hypothesis {
    let owner = &address.owner.name;
    let (variable, value) = (address.variable, address.value);
    let field = format!("spec.containers[{}].env[{variable}]", address.container);
    Hypothesis::new(FailureClass::AppConfigInvalid, Standing::Verified, likelihood)
        .about(address.owner.clone())
        .refined(Some(CAUSE))
        .fact(Fact::Container, Some(address.container))
        .fact(Fact::Key, Some(variable))
        .fact(Fact::Host, Some(address.host))
        .because(
            format!("{owner} calls a wrong address: its variable {variable} is {value}, {why}"),
            "A call reaches a Service only under its name and one of its ports; every other address fails, however healthy the Service is.",
        )
        .shown_by([Exhibit::state(
            address.owner.clone(),
            address.origin,
            field,
            format!("{variable}={value}"),
        )])
}

/// The call in the logs that shows that the address fails.
fn failed_call<'a>(
    view: &'a View<'_>,
    address: &Address<'_>,
    service: Option<&Service>,
) -> Option<&'a FailedCall> {
    let ip = service.and_then(|it| it.cluster_ip.as_deref());
    view.calls.iter().find(|call| {
        let host = call.host == address.host || Some(call.host.as_str()) == ip;
        host && (call.port.is_none() || address.port.is_none() || call.port == address.port)
            && (service.is_none() || call.port.is_some())
    })
}

/// The Service whose name is most like the given one: it, with an affix, or with at most two letters changed.
fn nearest<'a>(view: &View<'a>, namespace: Option<&str>, name: &str) -> Option<&'a Service> {
    let services = view.snapshot.services.iter();
    let reach = services.filter(|it| meets(&it.meta, namespace));
    reach
        .filter_map(|it| Some((likeness(&it.meta.name, name)?, it)))
        .min_by_key(|(distance, it)| (*distance, &it.meta.name))
        .map(|(_, it)| it)
}

/// How unlike two names are; `None`: too much to be a slip.
fn likeness(have: &str, want: &str) -> Option<usize> {
    if have.len() < MIN_NAME || want.len() < MIN_NAME {
        return None;
    }
    let affixed = |long: &str, short: &str| {
        long.strip_prefix(short)
            .is_some_and(|rest| rest.starts_with(['-', '_']))
            || long
                .strip_suffix(short)
                .is_some_and(|rest| rest.ends_with(['-', '_']))
    };
    if affixed(want, have) || affixed(have, want) {
        return Some(have.len().abs_diff(want.len()).max(1));
    }
    let distance = edits(have, want)?;
    (distance <= 2 && distance * 4 <= want.len()).then_some(distance)
}

/// The least number of letters to change, add or remove; `None` for names too long or too different to ask.
fn edits(left: &str, right: &str) -> Option<usize> {
    if left.len() > 63 || right.len() > 63 || left.len().abs_diff(right.len()) > 2 {
        return None;
    }
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (at, one) in left.bytes().enumerate() {
        let mut before = at;
        let mut next = vec![at + 1];
        for (place, other) in right.bytes().enumerate() {
            let above = row.get(place + 1).copied()?;
            let beside = next.last().copied()?;
            next.push(
                (before + usize::from(one != other))
                    .min(above + 1)
                    .min(beside + 1),
            );
            before = above;
        }
        row = next;
    }
    row.last().copied()
}

#[cfg(test)]
mod tests;
