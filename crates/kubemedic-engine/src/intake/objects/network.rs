//! Services, endpoints, routes and network policies.

use kubemedic_model::{
    resource::Kind,
    snapshot::{
        Condition, Meta, PortRef,
        network::{Endpoints, Ingress, NetworkPolicy, PolicyRule, Route, Service, ServicePort},
    },
};
use serde_json::Value;

use super::field::{at, conditions_within, flag, list, map, number, port, selector, text, texts, texts_of};

/// The label that names the Service of an EndpointSlice.
const SERVICE_LABEL: &str = "kubernetes.io/service-name";

/// Reads a Service.
pub(super) fn service(meta: Meta, value: &Value) -> Service {
    Service {
        meta,
        kind: text(value, "spec/type").or_else(|| at(value, "spec").map(|_| "ClusterIP".to_owned())),
        selector: at(value, "spec").map(|_| map(value, "spec/selector")),
        cluster_ip: text(value, "spec/clusterIP"),
        external_name: text(value, "spec/externalName"),
        ports: list(value, "spec/ports")
            .iter()
            .filter_map(service_port)
            .collect(),
    }
}

fn service_port(value: &Value) -> Option<ServicePort> {
    Some(ServicePort {
        name: text(value, "name"),
        port: number(value, "port")?,
        target: port(value, "targetPort"),
        protocol: text(value, "protocol"),
        app_protocol: text(value, "appProtocol"),
        node_port: number(value, "nodePort"),
    })
}

/// Reads Endpoints.
pub(super) fn endpoints(meta: Meta, value: &Value) -> Endpoints {
    let mut found = Endpoints {
        meta,
        ..Endpoints::default()
    };
    for subset in list(value, "subsets") {
        let ports: Vec<u16> = list(subset, "ports")
            .iter()
            .filter_map(|it| number(it, "port"))
            .collect();
        add_addresses(&mut found.ready, &texts_of(subset, "addresses", "ip"), &ports);
        add_addresses(
            &mut found.not_ready,
            &texts_of(subset, "notReadyAddresses", "ip"),
            &ports,
        );
        found.ports.extend(ports);
    }
    found.ports.sort_unstable();
    found.ports.dedup();
    found
}

/// Reads an EndpointSlice as the endpoints of its Service.
pub(super) fn endpoint_slice(mut meta: Meta, value: &Value) -> Endpoints {
    if let Some(service) = meta.labels.get(SERVICE_LABEL) {
        meta.name.clone_from(service);
    }
    let mut found = Endpoints {
        meta,
        ..Endpoints::default()
    };
    found.ports = list(value, "ports")
        .iter()
        .filter_map(|it| number(it, "port"))
        .collect();
    for endpoint in list(value, "endpoints") {
        let ready = flag(endpoint, "conditions/ready").unwrap_or(true);
        let addresses = texts(endpoint, "addresses");
        let into = if ready {
            &mut found.ready
        } else {
            &mut found.not_ready
        };
        add_addresses(into, &addresses, &found.ports);
    }
    found
}

/// Adds addresses with the first port, where one is told.
fn add_addresses(into: &mut Vec<String>, addresses: &[String], ports: &[u16]) {
    for address in addresses {
        match ports.first() {
            Some(port) => into.push(format!("{address}:{port}")),
            None => into.push(address.clone()),
        }
    }
}

/// Reads an Ingress.
pub(super) fn ingress(meta: Meta, value: &Value) -> Ingress {
    let mut routes = Vec::new();
    for name in ["spec/defaultBackend", "spec/backend"] {
        routes.extend(at(value, name).and_then(|backend| route(None, None, backend)));
    }
    for rule in list(value, "spec/rules") {
        for path in list(rule, "http/paths") {
            routes.extend(
                at(path, "backend")
                    .and_then(|backend| route(text(rule, "host"), text(path, "path"), backend)),
            );
        }
    }
    let balancer = list(value, "status/loadBalancer/ingress").first();
    Ingress {
        class: text(value, "spec/ingressClassName")
            .or_else(|| meta.annotations.get("kubernetes.io/ingress.class").cloned()),
        routes,
        tls_secrets: texts_of(value, "spec/tls", "secretName"),
        address: balancer.and_then(|it| text(it, "ip").or_else(|| text(it, "hostname"))),
        meta,
    }
}

/// A backend of `networking.k8s.io/v1` or of the older forms.
fn route(host: Option<String>, path: Option<String>, backend: &Value) -> Option<Route> {
    Some(Route {
        host,
        path,
        service: text(backend, "service/name").or_else(|| text(backend, "serviceName"))?,
        port: port(backend, "service/port/number")
            .or_else(|| port(backend, "service/port/name"))
            .or_else(|| port(backend, "servicePort")),
    })
}

/// Reads an HTTPRoute or an Istio VirtualService as routes.
pub(super) fn route_object(kind: &Kind, meta: Meta, value: &Value) -> Ingress {
    let routes = if *kind == Kind::HTTPRoute {
        http_routes(value)
    } else {
        virtual_service_routes(value)
    };
    Ingress {
        meta,
        routes,
        ..Ingress::default()
    }
}

/// What the parents of a Gateway API route say of it.
pub(super) fn parent_conditions(value: &Value) -> Vec<Condition> {
    let parents = list(value, "status/parents").iter();
    parents.flat_map(conditions_within).collect()
}

/// Routes of the Gateway API.
fn http_routes(value: &Value) -> Vec<Route> {
    let host = texts(value, "spec/hostnames").into_iter().next();
    let mut routes = Vec::new();
    for rule in list(value, "spec/rules") {
        let path = list(rule, "matches")
            .first()
            .and_then(|it| text(it, "path/value"));
        for backend in list(rule, "backendRefs") {
            routes.extend(text(backend, "name").map(|service| Route {
                host: host.clone(),
                path: path.clone(),
                service,
                port: port(backend, "port"),
            }));
        }
    }
    routes
}

/// Routes of an Istio VirtualService.
fn virtual_service_routes(value: &Value) -> Vec<Route> {
    let host = texts(value, "spec/hosts").into_iter().next();
    let mut routes = Vec::new();
    for rule in ["spec/http", "spec/tcp", "spec/tls"]
        .iter()
        .flat_map(|path| list(value, path))
    {
        let path = list(rule, "match")
            .first()
            .and_then(|it| text(it, "uri/prefix").or_else(|| text(it, "uri/exact")));
        for target in list(rule, "route") {
            routes.extend(text(target, "destination/host").map(|service| Route {
                host: host.clone(),
                path: path.clone(),
                service,
                port: port(target, "destination/port/number"),
            }));
        }
    }
    routes
}

/// Reads a NetworkPolicy. Without `policyTypes` it limits incoming traffic, and outgoing where it has such rules.
pub(super) fn policy(meta: Meta, value: &Value) -> NetworkPolicy {
    let types = texts(value, "spec/policyTypes");
    let told = |name: &str| types.iter().any(|it| it == name);
    NetworkPolicy {
        meta,
        pod_selector: at(value, "spec").map(|_| selector(value, "spec/podSelector")),
        ingress: told("Ingress") || types.is_empty(),
        egress: told("Egress") || (types.is_empty() && at(value, "spec/egress").is_some()),
        ingress_rules: list(value, "spec/ingress")
            .iter()
            .map(|rule| policy_rule(rule, "from"))
            .collect(),
        egress_rules: list(value, "spec/egress")
            .iter()
            .map(|rule| policy_rule(rule, "to"))
            .collect(),
    }
}

fn policy_rule(rule: &Value, peers: &str) -> PolicyRule {
    let mut found = PolicyRule::default();
    for peer in list(rule, peers) {
        if at(peer, "podSelector").is_some() {
            found.peer_pods.push(selector(peer, "podSelector"));
        }
        if at(peer, "namespaceSelector").is_some() {
            found.peer_namespaces.push(selector(peer, "namespaceSelector"));
        }
        found.peer_blocks.extend(text(peer, "ipBlock/cidr"));
    }
    found.ports = list(rule, "ports")
        .iter()
        .filter_map(|it| port(it, "port"))
        .collect::<Vec<PortRef>>();
    found
}
