//! Tests of which port a probe asks in vain.

use kubemedic_model::snapshot::{
    PortRef,
    pod::{Container, EnvVar, Pod, Probe, ProbeHandler},
};

use super::{Wrong, unanswered, wrong};
use crate::analysis::fixtures::pod;

fn grpc(port: u16) -> Probe {
    Probe {
        handler: ProbeHandler::Grpc {
            port: PortRef::Number(port),
        },
        delay_seconds: None,
        timeout_seconds: Some(1),
        period_seconds: None,
        failure_threshold: None,
    }
}

fn with(change: impl Fn(&mut Container)) -> Pod {
    let mut pod = pod("quotes");
    for container in &mut pod.spec.containers {
        container.liveness = Some(grpc(8081));
        container.readiness = Some(grpc(8080));
        change(container);
    }
    pod
}

fn liveness(pod: &Pod) -> (&Container, &Probe) {
    let container = &pod.spec.containers[0];
    (container, container.liveness.as_ref().unwrap())
}

#[test]
fn a_probe_of_a_port_that_nothing_points_at_should_ask_the_declared_one() {
    let pod = with(|_| {});
    let asked = PortRef::Number(8081);
    let (container, probe) = liveness(&pod);
    assert_eq!(
        wrong(container, probe),
        Some(Wrong {
            asked: &asked,
            right: 8080
        })
    );
}

#[test]
fn a_port_that_a_sibling_or_an_env_var_points_at_is_not_wrong() {
    let same = with(|container| container.readiness = Some(grpc(8081)));
    let told = with(|container| {
        container.env.push(EnvVar {
            name: "HEALTH_PORT".to_owned(),
            value: Some("8081".to_owned()),
            from: None,
        });
    });
    let undeclared = with(|container| container.ports.clear());
    for pod in [same, told, undeclared] {
        let (container, probe) = liveness(&pod);
        assert_eq!(wrong(container, probe), None);
    }
}

#[test]
fn an_answer_of_any_kind_shows_that_something_listens() {
    let pod = with(|_| {});
    let (container, probe) = liveness(&pod);
    let says = |answer: &str| unanswered(container, probe, answer);
    assert!(says(
        "timeout: failed to connect service \"10.0.0.9:8081\" within 1s: context deadline exceeded"
    ));
    assert!(says("dial tcp 10.0.0.9:8081: connect: connection refused"));
    assert!(!says("service unhealthy (responded with \"not_serving\")"));
    assert!(!says("http probe failed with statuscode: 500"));
}
