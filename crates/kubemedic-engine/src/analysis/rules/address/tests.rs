//! Which addresses are wrong, and which only look so.

use kubemedic_model::snapshot::{ClusterSnapshot, network::ServicePort, pod::EnvVar};

use super::*;
use crate::analysis::{
    calls::Ending,
    fixtures::{container, pod, service, shop},
};

/// `web` with one variable, beside the Services `web` and `ledger` (port 8080).
fn with(variable: &str, value: &str) -> ClusterSnapshot {
    let mut snapshot = shop(vec![pod("web")]);
    let mut ledger = service("ledger");
    ledger.cluster_ip = Some("10.96.0.77".to_owned());
    ledger.ports = vec![ServicePort {
        port: 8080,
        ..ServicePort::default()
    }];
    snapshot.services.push(ledger);
    for workload in &mut snapshot.workloads {
        workload.template.containers = vec![container("web")];
        for container in &mut workload.template.containers {
            container.env.push(EnvVar {
                name: variable.to_owned(),
                value: Some(value.to_owned()),
                from: None,
            });
        }
    }
    snapshot
}

fn failed(host: &str, port: Option<u16>) -> FailedCall {
    FailedCall {
        source: "web".to_owned(),
        ending: Ending::Refused,
        host: host.to_owned(),
        port,
        relayed: false,
        count: 4,
        part: "logs".to_owned(),
        line: 1,
        quote: "refused".to_owned(),
    }
}

/// How likely the first claim is, and the port or Service that would be right.
fn judged(snapshot: &ClusterSnapshot, calls: Vec<FailedCall>) -> Option<(f64, Option<String>)> {
    let mut claims = Claims::default();
    claim(&View::new(snapshot).with_calls(calls), &mut claims);
    let first = claims.live.into_iter().next()?;
    assert_eq!(first.object.map(|it| it.name).as_deref(), Some("web"));
    let right = first
        .facts
        .get(&Fact::RightPort)
        .or(first.facts.get(&Fact::Service));
    Some((first.likelihood, right.cloned()))
}

#[test]
fn a_port_that_the_service_does_not_have_is_wrong_where_calls_to_it_fail() {
    let snapshot = with("LEDGER_ADDR", "ledger:8081");
    let right = Some("8080".to_owned());
    let by_ip = failed("10.96.0.77", Some(8081));
    assert_eq!(judged(&snapshot, vec![by_ip]), Some((FAILING, right.clone())));
    assert_eq!(judged(&snapshot, Vec::new()), Some((LATENT, right)));
}

#[test]
fn a_misspelt_name_is_wrong_where_calls_to_it_fail() {
    let snapshot = with("LEDGER_URL", "http://ledgers.shop.svc:8080/api");
    let right = Some("ledger".to_owned());
    let call = failed("ledgers.shop.svc", None);
    assert_eq!(judged(&snapshot, vec![call]), Some((FAILING, right.clone())));
    assert_eq!(judged(&snapshot, Vec::new()), Some((LATENT, right)));
}

#[test]
fn right_outside_and_unknown_optional_addresses_raise_nothing() {
    for value in [
        "ledger:8080",
        "ledger.shop.svc.cluster.local:8080",
        "api.payments.example.com:443",
        "recommender:9000",
        "10.0.0.9:5432",
    ] {
        assert_eq!(judged(&with("PEER_ADDR", value), Vec::new()), None, "{value}");
    }
}

#[test]
fn headless_and_external_services_take_any_port() {
    let mut headless = with("LEDGER_ADDR", "ledger:9999");
    let mut external = headless.clone();
    for service in &mut headless.services {
        service.cluster_ip = Some("None".to_owned());
    }
    for service in &mut external.services {
        service.external_name = Some("db.example.com".to_owned());
    }
    assert_eq!(judged(&headless, Vec::new()), None);
    assert_eq!(judged(&external, Vec::new()), None);
}

#[test]
fn the_name_of_a_workload_without_a_service_is_no_slip() {
    let mut snapshot = with("LEDGER_ADDR", "ledger-api:8080");
    let mut workload = crate::analysis::fixtures::deployment("ledger-api");
    workload.template.containers.clear();
    snapshot.workloads.push(workload);
    assert_eq!(judged(&snapshot, vec![failed("ledger-api", None)]), None);
}

#[test]
fn names_are_alike_by_an_affix_or_two_letters() {
    assert_eq!(likeness("ledger", "ledger-old"), Some(4));
    assert_eq!(likeness("ledger", "old-ledger"), Some(4));
    assert_eq!(likeness("ledger", "ledgers"), Some(1));
    assert_eq!(likeness("catalog", "catalgo"), None);
    assert_eq!(likeness("cart", "card"), Some(1));
    assert_eq!(likeness("cart", "ads"), None);
}
