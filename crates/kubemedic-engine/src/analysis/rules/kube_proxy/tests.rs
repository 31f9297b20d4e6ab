//! What shows that kube-proxy does not work on a node, and what does not.

use kubemedic_model::{
    evidence::Origin,
    snapshot::{ClusterSnapshot, network::ServicePort, pod::EnvVar},
};

use super::*;
use crate::analysis::fixtures::{deployment, event, pod, service, shop};

/// `web` on node-a calls `cart` on node-b, which calls `stock` on node-a.
fn chain() -> ClusterSnapshot {
    let mut snapshot = shop(Vec::new());
    let mut workloads = Vec::new();
    let mut services = Vec::new();
    for (app, node, ip, calls) in [
        ("web", "node-a", "10.96.0.1", Some("cart")),
        ("cart", "node-b", "10.96.0.2", Some("stock")),
        ("stock", "node-a", "10.96.0.3", None),
    ] {
        let mut own = pod(app);
        own.spec.node = Some(node.to_owned());
        let mut workload = deployment(app);
        workload.template = own.spec.clone();
        workload.template.node = None;
        let env = calls.map(|name| EnvVar {
            name: format!("{}_ADDR", name.to_uppercase()),
            value: Some(format!("{name}:80")),
            from: None,
        });
        if let Some(container) = workload.template.containers.first_mut() {
            container.env.extend(env);
        }
        let mut front = service(app);
        front.cluster_ip = Some(ip.to_owned());
        front.ports = vec![ServicePort {
            port: 80,
            ..ServicePort::default()
        }];
        snapshot.pods.push(own);
        workloads.push(workload);
        services.push(front);
    }
    snapshot.workloads = workloads;
    snapshot.services = services;
    snapshot
}

fn timeout(source: &str, host: &str, relayed: bool) -> FailedCall {
    FailedCall {
        source: source.to_owned(),
        ending: Ending::TimedOut,
        host: host.to_owned(),
        port: Some(80),
        relayed,
        count: 30,
        part: "logs".to_owned(),
        line: 7,
        quote: format!("dial tcp {host}:80: i/o timeout"),
    }
}

fn started(node: &str, count: u64) -> ClusterEvent {
    let mut event = event(ResourceRef::new(Kind::Node, None, node), "Starting", "");
    event.component = Some("kube-proxy".to_owned());
    event.warning = false;
    event.count = count;
    event.origin = Origin::default();
    event
}

/// The nodes that are blamed, with how surely.
fn blamed(snapshot: &ClusterSnapshot, calls: Vec<FailedCall>) -> Vec<(String, f64)> {
    let view = View::new(snapshot).with_calls(calls);
    let mut claims = Claims::default();
    claim(&view, &mut claims);
    let live = claims.live.into_iter();
    live.map(|it| (it.object.map(|it| it.name).unwrap_or_default(), it.likelihood))
        .collect()
}

#[test]
fn the_node_from_which_virtual_addresses_do_not_answer_is_blamed() {
    let mut snapshot = chain();
    snapshot.events.push(started("node-b", 1));
    let found = blamed(&snapshot, vec![timeout("cart", "10.96.0.3", false)]);
    assert_eq!(found, vec![("node-b".to_owned(), 0.93)]);
}

#[test]
fn an_error_that_is_only_passed_on_blames_the_node_of_the_caller_in_between() {
    let mut snapshot = chain();
    snapshot.events.push(started("node-b", 1));
    let found = blamed(&snapshot, vec![timeout("web", "10.96.0.3", true)]);
    assert_eq!(found, vec![("node-b".to_owned(), 0.93)]);
}

#[test]
fn time_outs_from_several_nodes_blame_none() {
    let calls = vec![
        timeout("cart", "10.96.0.3", false),
        timeout("web", "10.96.0.2", false),
    ];
    assert_eq!(blamed(&chain(), calls), vec![]);
}

#[test]
fn one_slow_service_without_a_word_of_kube_proxy_blames_none() {
    assert_eq!(
        blamed(&chain(), vec![timeout("cart", "10.96.0.3", false)]),
        vec![]
    );
}

#[test]
fn starts_count_only_where_they_are_many_more_than_elsewhere() {
    let mut snapshot = chain();
    snapshot.events = vec![started("node-a", 7), started("node-b", 2)];
    assert_eq!(blamed(&snapshot, Vec::new()), vec![("node-a".to_owned(), 0.8)]);
    snapshot.events = vec![started("node-a", 7), started("node-b", 6)];
    assert_eq!(blamed(&snapshot, Vec::new()), vec![]);
    snapshot.events = vec![started("node-a", 1)];
    assert_eq!(blamed(&snapshot, Vec::new()), vec![]);
}

#[test]
fn a_table_tells_kube_proxy_s_start_by_its_empty_message_and_the_kubelet_s_by_its_words() {
    let mut snapshot = chain();
    snapshot.events = vec![started("node-a", 7)];
    for event in &mut snapshot.events {
        event.component = None;
    }
    assert_eq!(blamed(&snapshot, Vec::new()), vec![("node-a".to_owned(), 0.8)]);
    for event in &mut snapshot.events {
        "Starting kubelet.".clone_into(&mut event.message);
    }
    assert_eq!(blamed(&snapshot, Vec::new()), vec![]);
}
