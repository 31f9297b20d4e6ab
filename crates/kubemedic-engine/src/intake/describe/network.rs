//! Services, endpoints, ingresses and network policies.

use kubemedic_model::snapshot::{
    Labels, Meta, PortRef,
    network::{Endpoints, Ingress, NetworkPolicy, PolicyRule, Route, Service, ServicePort},
};

use super::{Block, labels};
use crate::intake::{
    cells::{cells, told, told_owned},
    tables,
};

/// Reads the description of a Service.
pub(super) fn service(meta: Meta, block: &Block<'_>) -> Service {
    Service {
        meta,
        kind: block.value("Type").and_then(told_owned),
        selector: block.has("Selector").then(|| labels(block, "Selector", '=')),
        cluster_ip: block.value("IP").and_then(|text| match text {
            "None" => Some("None".to_owned()),
            other => told_owned(other),
        }),
        external_name: block.value("External Name").and_then(told_owned),
        ports: service_ports(block),
    }
}

/// `Port:  redis  6379/TCP`, each followed by `TargetPort`, `NodePort` and `Endpoints`.
fn service_ports(block: &Block<'_>) -> Vec<ServicePort> {
    let mut ports: Vec<ServicePort> = Vec::new();
    for entry in block.entries() {
        match (entry.key, ports.last_mut()) {
            ("Port", _) => ports.extend(service_port(entry.value)),
            ("TargetPort", Some(port)) => port.target = tables::port(entry.value),
            ("NodePort", Some(port)) => {
                let number = cells(entry.value)
                    .last()
                    .and_then(|cell| cell.text.split('/').next()?.parse().ok());
                port.node_port = number;
            }
            _ => {}
        }
    }
    ports
}

/// `http  8200/TCP` or `<unset>  80/TCP`.
fn service_port(text: &str) -> Option<ServicePort> {
    let found = cells(text);
    let (port, protocol) = found.last()?.text.split_once('/')?;
    let name = found
        .first()
        .filter(|_| found.len() > 1)
        .and_then(|cell| told_owned(cell.text));
    Some(ServicePort {
        name,
        port: port.parse().ok()?,
        protocol: Some(protocol.to_owned()),
        ..ServicePort::default()
    })
}

/// The endpoints that a Service's description tells; `None` where it has no such line.
pub(super) fn service_endpoints(meta: &Meta, block: &Block<'_>) -> Option<Endpoints> {
    block.entry("Endpoints")?;
    let mut ready: Vec<String> = block
        .entries()
        .filter(|entry| entry.key == "Endpoints")
        .flat_map(|entry| entry.value.split(',').filter_map(told_owned).collect::<Vec<_>>())
        .map(|text| text.split(" + ").next().unwrap_or("").trim().to_owned())
        .collect();
    ready.sort();
    ready.dedup();
    Some(Endpoints {
        meta: Meta {
            name: meta.name.clone(),
            namespace: meta.namespace.clone(),
            origin: meta.origin.clone(),
            ..Meta::default()
        },
        ports: tables::ports_of(&ready),
        ready,
        not_ready: Vec::new(),
    })
}

/// Reads the description of Endpoints.
pub(super) fn endpoints(meta: Meta, block: &Block<'_>) -> Endpoints {
    let mut found = Endpoints {
        meta,
        ..Endpoints::default()
    };
    let Some(subsets) = block.entry("Subsets") else {
        return found;
    };
    for line in subsets.children.lines() {
        let (key, value) = line.text.split_once(':').unwrap_or((line.text, ""));
        let addresses = value.split(',').filter_map(told_owned);
        match key {
            "Addresses" => found.ready.extend(addresses),
            "NotReadyAddresses" => found.not_ready.extend(addresses),
            _ => {
                if let Some([_, port, _]) = cells(line.text).get(..3) {
                    found.ports.extend(port.text.parse::<u16>());
                }
            }
        }
    }
    found
}

/// Reads the description of an Ingress.
pub(super) fn ingress(meta: Meta, block: &Block<'_>) -> Ingress {
    let tls = block.values("TLS");
    let tls_secrets = tls
        .iter()
        .filter_map(|text| told_owned(text.split(" terminates").next()?))
        .filter(|name| name != "SNI routes")
        .collect();
    Ingress {
        class: block
            .value("Ingress Class")
            .and_then(told_owned)
            .or_else(|| meta.annotations.get("kubernetes.io/ingress.class").cloned()),
        routes: routes(block),
        tls_secrets,
        address: block.value("Address").and_then(told_owned),
        meta,
    }
}

/// The Rules table: a host line, below it `path   service:port (addresses)`.
fn routes(block: &Block<'_>) -> Vec<Route> {
    let mut routes = Vec::new();
    if let Some(backend) = block.value("Default backend").and_then(told) {
        routes.extend(backend_route(None, None, backend));
    }
    let Some(rules) = block.entry("Rules") else {
        return routes;
    };
    let mut host = None;
    for line in rules.children.lines() {
        let found = cells(line.text);
        match found.as_slice() {
            [only] if !only.text.starts_with("--") => {
                host = (only.text != "*").then(|| only.text.to_owned());
            }
            [path, backend] if backend.text.contains(':') => {
                routes.extend(backend_route(host.clone(), told_owned(path.text), backend.text));
            }
            [name, path, backend] if backend.text.contains(':') => {
                host = (name.text != "*").then(|| name.text.to_owned());
                routes.extend(backend_route(host.clone(), told_owned(path.text), backend.text));
            }
            _ => {}
        }
    }
    routes
}

/// `web:80 (10.0.0.1:80)`.
fn backend_route(host: Option<String>, path: Option<String>, text: &str) -> Option<Route> {
    let (service, port) = text.split(' ').next()?.split_once(':')?;
    (!service.is_empty() && !service.starts_with('<')).then(|| Route {
        host,
        path,
        service: service.to_owned(),
        port: told(port).map(PortRef::parse),
    })
}

/// Reads the description of a NetworkPolicy.
pub(super) fn policy(meta: Meta, block: &Block<'_>) -> NetworkPolicy {
    let spec = block.entry("Spec").map(|entry| entry.children);
    let inner = spec.unwrap_or(*block);
    let types = inner.value("Policy Types").unwrap_or("");
    let selector = inner.value("PodSelector").map(|text| {
        if text.starts_with("<none>") {
            Labels::new()
        } else {
            selector(text)
        }
    });
    NetworkPolicy {
        meta,
        pod_selector: selector,
        ingress: types.contains("Ingress") || inner.has("Allowing ingress traffic"),
        egress: types.contains("Egress") || inner.has("Allowing egress traffic"),
        ingress_rules: policy_rules(&inner, "Allowing ingress traffic"),
        egress_rules: policy_rules(&inner, "Allowing egress traffic"),
    }
}

/// `app=db,tier in (a,b)`.
fn selector(text: &str) -> Labels {
    tables::labels(text)
}

/// Rules below a heading, apart by dashes.
fn policy_rules(block: &Block<'_>, key: &str) -> Vec<PolicyRule> {
    let Some(entry) = block.entry(key) else {
        return Vec::new();
    };
    let lines = entry.children.lines();
    if lines
        .first()
        .is_none_or(|line| line.text.starts_with("<none> (Selected pods are isolated"))
    {
        return Vec::new();
    }
    let mut rules = vec![PolicyRule::default()];
    for line in lines {
        if line.text.starts_with("---") {
            rules.push(PolicyRule::default());
            continue;
        }
        if let (Some(rule), Some((key, value))) = (rules.last_mut(), line.text.split_once(": ")) {
            add_to_rule(rule, key.trim(), value.trim());
        }
    }
    rules
}

/// One line of a rule.
fn add_to_rule(rule: &mut PolicyRule, key: &str, value: &str) {
    match key {
        "To Port" => {
            let port = value.split('/').next().unwrap_or(value);
            if port != "<any>" {
                rule.ports.push(PortRef::parse(port));
            }
        }
        "PodSelector" => rule.peer_pods.push(selector(value)),
        "NamespaceSelector" => rule.peer_namespaces.push(selector(value)),
        "CIDR" => rule.peer_blocks.push(value.to_owned()),
        _ => {}
    }
}
