//! Tests of what a probe's event says once the container has passed, and of ports that nobody declares.

use kubemedic_model::{
    resource::{Kind, ResourceRef},
    snapshot::{
        PortRef,
        pod::{ContainerPhase, Pod, Probe, ProbeHandler},
    },
};

use super::super::super::{
    fixtures::{container, event, pod, shop, state},
    view::View,
};

/// A probe of a path on a port.
fn http(port: u16, path: &str) -> Probe {
    Probe {
        handler: ProbeHandler::Http {
            scheme: "http".to_owned(),
            path: path.to_owned(),
            port: PortRef::Number(port),
        },
        delay_seconds: None,
        timeout_seconds: None,
        period_seconds: None,
        failure_threshold: None,
    }
}

/// A pod with a proxy beside it whose probes ask a port that it does not declare.
fn meshed(app: &str) -> Pod {
    let mut pod = pod(app);
    let mut proxy = container("proxy");
    proxy.startup = Some(http(15021, "/healthz"));
    proxy.readiness = Some(http(15021, "/healthz"));
    pod.spec.containers.push(proxy);
    pod.ready = Some((2, 2));
    pod
}

#[test]
fn a_startup_probe_that_was_passed_says_nothing_about_the_crash_of_another_container() {
    let mut ill = meshed("web");
    ill.ready = Some((1, 2));
    ill.status = Some("CrashLoopBackOff".to_owned());
    ill.restarts = Some(6);
    if let Some(app) = ill.spec.containers.first_mut() {
        app.ready = Some(false);
        app.restarts = Some(6);
        app.state = Some(state(ContainerPhase::Waiting, "CrashLoopBackOff", None));
    }
    let mut snapshot = shop(vec![ill]);
    snapshot.events = vec![event(
        ResourceRef::new(Kind::Pod, Some("shop"), "web-6d8c9b7f54-2kzlq"),
        "Unhealthy",
        "Startup probe failed: Get \"http://10.0.0.9:15021/healthz\": dial tcp 10.0.0.9:15021: connect: connection refused",
    )];
    let claims = super::super::claims(&View::new(&snapshot));
    let probes = claims
        .live
        .iter()
        .filter(|it| it.class.id() == "liveness-probe-failing");
    assert_eq!(probes.count(), 0);
}

#[test]
fn an_undeclared_port_is_served_if_other_workloads_are_ready_by_it() {
    let mut ill = pod("api");
    let app = ill.spec.containers.first_mut().unwrap();
    app.readiness = Some(http(15021, "/healthz"));
    app.ready = Some(false);
    let alone = shop(vec![ill.clone()]);
    let among = shop(vec![ill.clone(), meshed("web")]);
    let container = ill.spec.containers.first().unwrap();
    let probe = container.readiness.as_ref().unwrap();
    let declared = |snapshot| super::declares(&View::new(snapshot), Some(&ill), container, probe);
    assert_eq!((declared(&alone), declared(&among)), (false, true));
}

#[test]
fn the_container_is_the_one_whose_address_the_kubelet_asked() {
    let pod = {
        let mut pod = meshed("web");
        if let Some(app) = pod.spec.containers.first_mut() {
            app.readiness = Some(http(1502, "/"));
        }
        pod
    };
    let answer = "Get \"http://10.0.0.9:15021/healthz\": connection refused";
    let found = super::meant(&pod, "Readiness", answer).map(|it| it.name.as_str());
    assert_eq!(found, Some("proxy"));
}
