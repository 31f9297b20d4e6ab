//! Routes in a gateway's own configuration that lead to a Service that does not exist, or to another one's.
//! Ingress, HTTPRoute and VirtualService objects are judged in `network`.

use std::collections::{BTreeMap, BTreeSet};

use kubemedic_model::{
    class::FailureClass,
    diagnosis::Fact,
    resource::{Kind, ResourceRef},
    snapshot::{network::GatewayRoute, pod::VolumeSource},
};

use super::{
    super::{
        hypothesis::{Exhibit, Hypothesis, Standing},
        view::{Presence, View, meets, reference, workload_ref},
    },
    Claims,
    network::LATENT,
};

/// How many Services must share a word before it counts as part of the naming scheme (`svc`, `service`, a prefix).
const SCHEME: usize = 3;

/// Claims what the routes of gateways show.
pub(super) fn claim(view: &View<'_>, claims: &mut Claims) {
    let mut by_config: BTreeMap<(&str, Option<&str>), Vec<&GatewayRoute>> = BTreeMap::new();
    for route in &view.snapshot.gateway_routes {
        let key = (route.config.as_str(), route.namespace.as_deref());
        by_config.entry(key).or_default().push(route);
    }
    for ((_, namespace), routes) in by_config {
        let names = Names::of(view, namespace);
        for route in &routes {
            claims.live.extend(misroute(view, route, &routes, &names));
        }
    }
}

/// The names of a namespace's Services without what they all share.
struct Names<'a> {
    /// Service by its own words, joined.
    by_key: BTreeMap<String, &'a str>,
    scheme: BTreeSet<&'a str>,
}

impl<'a> Names<'a> {
    fn of(view: &View<'a>, namespace: Option<&str>) -> Self {
        let services = view.snapshot.services.iter();
        let names: Vec<&'a str> = services
            .filter(|it| meets(&it.meta, namespace))
            .map(|it| it.meta.name.as_str())
            .collect();
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for word in names.iter().flat_map(|name| name.split('-')) {
            *counts.entry(word).or_default() += 1;
        }
        let scheme: BTreeSet<&str> = counts
            .into_iter()
            .filter(|(_, count)| *count >= SCHEME && count * 2 > names.len())
            .map(|(word, _)| word)
            .collect();
        let own = |name: &str| {
            let words = name.split('-').filter(|word| !scheme.contains(word));
            words.collect::<String>()
        };
        Self {
            by_key: names
                .iter()
                .map(|name| (own(name), *name))
                .filter(|(key, _)| !key.is_empty())
                .collect(),
            scheme,
        }
    }

    /// The Service that a route means by its id, else by a segment of its path.
    fn meant(&self, route: &GatewayRoute) -> Option<&'a str> {
        let plain = |text: &str| -> String {
            let lower = text.to_ascii_lowercase();
            lower.chars().filter(char::is_ascii_alphanumeric).collect()
        };
        if let Some(id) = &route.id {
            let words = id.split(['-', '_']).filter(|word| !self.scheme.contains(word));
            return self.by_key.get(&plain(&words.collect::<String>())).copied();
        }
        let path = route.path.as_deref()?;
        path.split('/').filter(|it| !it.is_empty()).find_map(|segment| {
            let segment = plain(segment);
            let mut short = self.scheme.iter().filter_map(|word| segment.strip_suffix(*word));
            let found = self.by_key.get(&segment).copied();
            found.or_else(|| short.find_map(|it| self.by_key.get(it).copied()))
        })
    }
}

/// The claim about a route that does not lead to the Service that it means, while no other route leads there either.
fn misroute(
    view: &View<'_>,
    route: &GatewayRoute,
    all: &[&GatewayRoute],
    names: &Names<'_>,
) -> Option<Hypothesis> {
    let namespace = route.namespace.as_deref();
    let target = service_of(&route.host)?;
    let leads = |name: &str| all.iter().filter(|it| service_of(&it.host) == Some(name)).count();
    let meant = names.meant(route).filter(|it| *it != target && leads(it) == 0);
    let missing = view.presence(&Kind::Service, namespace, target) == Presence::Missing;
    if missing {
        let likelihood = if meant.is_some() { 0.95 } else { LATENT };
        let why = format!("to {target}, and no Service of that name exists");
        return Some(made(view, route, meant, likelihood, &why));
    }
    // Several paths may lead to one Service on purpose; a Service with its own route that takes the one of another does not.
    let usurped = leads(target) == 2
        && all
            .iter()
            .any(|it| service_of(&it.host) == Some(target) && names.meant(it) == Some(target));
    let meant = meant.filter(|_| usurped)?;
    let why = format!("to Service {target}, which has a route of its own, and none leads to {meant}");
    Some(made(view, route, Some(meant), 0.94, &why))
}

/// The Service that a route's host in the cluster names.
fn service_of(host: &str) -> Option<&str> {
    let mut labels = host.split('.');
    let name = labels.next()?;
    match (labels.next(), labels.next()) {
        (None, _) | (Some(_), Some("svc")) => Some(name),
        _ => None,
    }
}

/// The claim about a route. The Service that gets no traffic is the one that suffers and is named.
fn made(
    view: &View<'_>,
    route: &GatewayRoute,
    meant: Option<&str>,
    likelihood: f64,
    why: &str,
) -> Hypothesis {
    let namespace = route.namespace.as_deref();
    let config = ResourceRef::new(Kind::ConfigMap, namespace, route.config.clone());
    let name = route
        .id
        .as_deref()
        .or(route.path.as_deref())
        .unwrap_or("without a name");
    let path = route.path.as_deref().filter(|_| route.id.is_some());
    let path = path.map_or_else(String::new, |path| format!(" ({path})"));
    let gateway = gateway_of(view, route);
    let whose = gateway
        .as_ref()
        .map_or_else(String::new, |it| format!(" of {}", it.name));
    let quote = format!("route {name}{path} -> {}", route.host);
    let service = meant.and_then(|name| view.service(namespace, name));
    let object = service.map(|it| reference(Kind::Service, &it.meta));
    let mut claim = Hypothesis::new(FailureClass::IngressMisconfigured, Standing::Verified, likelihood)
        .refined(Some("gateway_misroute"))
        .fact(Fact::ConfigMap, Some(&route.config))
        .fact(Fact::Path, route.path.as_deref())
        .fact(Fact::Host, Some(&route.host))
        .fact(Fact::Service, meant)
        .because(
            format!("The gateway misroutes: route {name}{path} in ConfigMap {}{whose} leads {why}", route.config),
            "A gateway sends what matches a route where that route leads; the Service that should answer gets none of it, and the other one answers with errors.",
        )
        .about(object.unwrap_or_else(|| gateway.clone().unwrap_or_else(|| config.clone())))
        .shown_by([Exhibit::state(config.clone(), &route.origin, "data", quote)]);
    for related in gateway.into_iter().chain([config]) {
        claim = claim.with(related);
    }
    claim
}

/// The workload that mounts the configuration.
fn gateway_of(view: &View<'_>, route: &GatewayRoute) -> Option<ResourceRef> {
    let mut workloads = view
        .snapshot
        .workloads
        .iter()
        .filter(|it| it.kind != Kind::ReplicaSet && meets(&it.meta, route.namespace.as_deref()));
    let found = workloads.find(|it| {
        it.template.volumes.iter().any(|volume| {
            matches!(&volume.source, VolumeSource::Config(config) if config.kind == Kind::ConfigMap && config.name == route.config)
        })
    });
    found.map(workload_ref)
}

#[cfg(test)]
mod tests;
