//! Services and what leads to or away from them.

use serde::{Deserialize, Serialize};

use super::{Labels, Meta, PortRef};

/// A Service.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Service {
    /// Name and labels.
    pub meta: Meta,
    /// `ClusterIP`, `NodePort`, `LoadBalancer`, `ExternalName`.
    pub kind: Option<String>,
    /// The labels of the pods that it sends traffic to. `None`: the evidence does not tell.
    pub selector: Option<Labels>,
    /// The cluster IP.
    pub cluster_ip: Option<String>,
    /// The name behind an `ExternalName` service.
    pub external_name: Option<String>,
    /// Ports.
    pub ports: Vec<ServicePort>,
}

/// One port of a Service.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ServicePort {
    /// Its name.
    pub name: Option<String>,
    /// The port that clients use.
    pub port: u16,
    /// The container port; `None` equals `port`.
    pub target: Option<PortRef>,
    /// `TCP`, `UDP` or `SCTP`.
    pub protocol: Option<String>,
    /// The application protocol.
    pub app_protocol: Option<String>,
    /// The port on every node.
    pub node_port: Option<u16>,
}

/// The addresses behind a Service.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Endpoints {
    /// The Service's name and namespace.
    pub meta: Meta,
    /// Ready addresses (IP, and port where told).
    pub ready: Vec<String>,
    /// Addresses that are not ready.
    pub not_ready: Vec<String>,
    /// Ports.
    pub ports: Vec<u16>,
}

/// An Ingress or another route.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Ingress {
    /// Name and labels.
    pub meta: Meta,
    /// The class.
    pub class: Option<String>,
    /// Routes.
    pub routes: Vec<Route>,
    /// TLS secrets.
    pub tls_secrets: Vec<String>,
    /// The address that a controller gave it.
    pub address: Option<String>,
}

/// One route to a Service.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Route {
    /// The host.
    pub host: Option<String>,
    /// The path.
    pub path: Option<String>,
    /// The Service.
    pub service: String,
    /// Its port.
    pub port: Option<PortRef>,
}

/// A NetworkPolicy.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct NetworkPolicy {
    /// Name and labels.
    pub meta: Meta,
    /// The pods that it covers; empty covers all of the namespace. `None`: not told.
    pub pod_selector: Option<Labels>,
    /// Whether it limits incoming traffic.
    pub ingress: bool,
    /// Whether it limits outgoing traffic.
    pub egress: bool,
    /// What may come in: one text per rule; empty with `ingress` set denies everything.
    pub ingress_rules: Vec<PolicyRule>,
    /// What may go out.
    pub egress_rules: Vec<PolicyRule>,
}

/// One rule of a NetworkPolicy. No peers means every peer, no ports every port.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PolicyRule {
    /// Pod labels of the peers.
    pub peer_pods: Vec<Labels>,
    /// Namespace labels of the peers.
    pub peer_namespaces: Vec<Labels>,
    /// Address blocks.
    pub peer_blocks: Vec<String>,
    /// Ports.
    pub ports: Vec<PortRef>,
}

/// One route that a gateway's own configuration tells (a ConfigMap for Spring Cloud Gateway or nginx).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct GatewayRoute {
    /// The ConfigMap.
    pub config: String,
    /// Its namespace.
    pub namespace: Option<String>,
    /// The route's id, where it has one.
    pub id: Option<String>,
    /// The path that it takes.
    pub path: Option<String>,
    /// The host that it leads to.
    pub host: String,
    /// The port there.
    pub port: Option<u16>,
    /// Where the ConfigMap was read.
    pub origin: crate::evidence::Origin,
}
