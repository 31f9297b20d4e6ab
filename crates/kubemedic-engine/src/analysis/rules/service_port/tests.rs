//! Which target ports and protocols are wrong.

use kubemedic_model::snapshot::{ClusterSnapshot, network::Endpoints};

use super::*;
use crate::analysis::fixtures::{meta, pod, shop};

fn first(snapshot: &ClusterSnapshot) -> Option<(Option<String>, f64)> {
    let mut claims = Claims::default();
    claim(&View::new(snapshot), &mut claims);
    claims.live.into_iter().next().map(|it| (it.cause, it.likelihood))
}

/// A ready pod whose ports have no told names, and a Service with a named target.
fn named(ready: &[&str]) -> ClusterSnapshot {
    let mut web = pod("web");
    for port in web.spec.containers.iter_mut().flat_map(|it| &mut it.ports) {
        port.name = None;
    }
    let mut snapshot = shop(vec![web]);
    for port in snapshot.services.iter_mut().flat_map(|it| &mut it.ports) {
        port.target = Some(PortRef::Name("api".to_owned()));
    }
    snapshot.endpoints.push(Endpoints {
        meta: meta("web"),
        ready: ready.iter().map(|it| (*it).to_owned()).collect(),
        ports: Vec::new(),
        ..Endpoints::default()
    });
    snapshot
}

#[test]
fn a_named_target_without_an_endpoint_is_unknown_to_the_pods() {
    let cause = Some("service_port_mapping_mismatch".to_owned());
    assert_eq!(first(&named(&[])), Some((cause.clone(), 0.95)));
    assert_eq!(first(&named(&["10.1.0.7"])), Some((cause, 0.95)));
}

#[test]
fn a_named_target_with_an_endpoint_is_known() {
    assert_eq!(first(&named(&["10.1.0.7:8080"])), None);
}

/// A Service with a protocol before a pod that is probed on that port.
fn with_protocol(protocol: &str, probed: bool) -> ClusterSnapshot {
    let mut web = pod("web");
    for container in &mut web.spec.containers {
        container.readiness = probed.then_some(Probe {
            handler: ProbeHandler::Grpc {
                port: PortRef::Number(8080),
            },
            delay_seconds: None,
            timeout_seconds: None,
            period_seconds: None,
            failure_threshold: None,
        });
    }
    let mut snapshot = shop(vec![web]);
    for port in snapshot.services.iter_mut().flat_map(|it| &mut it.ports) {
        port.protocol = Some(protocol.to_owned());
    }
    snapshot
}

#[test]
fn a_protocol_that_the_container_s_port_does_not_have_is_wrong() {
    let cause = Some("service_protocol_mismatch".to_owned());
    assert_eq!(first(&with_protocol("UDP", true)), Some((cause.clone(), 0.95)));
    assert_eq!(first(&with_protocol("UDP", false)), Some((cause, LATENT)));
    assert_eq!(first(&with_protocol("TCP", true)), None);
}
