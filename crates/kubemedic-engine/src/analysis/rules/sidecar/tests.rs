//! Tests of ports that two containers of a pod want.

use kubemedic_model::snapshot::pod::{ContainerPhase, EnvVar, Pod};

use super::super::super::fixtures::{container, pod, state};

/// A pod whose application failed beside a proxy with one environment variable.
fn paired(name: &str, value: &str, failed: bool) -> Pod {
    let mut pod = pod("web");
    if let Some(app) = pod.spec.containers.first_mut().filter(|_| failed) {
        app.ready = Some(false);
        app.last_state = Some(state(ContainerPhase::Terminated, "Error", Some(1)));
    }
    let mut proxy = container("proxy");
    proxy.ports.clear();
    proxy.env = vec![EnvVar {
        name: name.to_owned(),
        value: Some(value.to_owned()),
        from: None,
    }];
    pod.spec.containers.push(proxy);
    pod
}

#[test]
fn a_proxys_own_port_on_the_applications_is_a_conflict() {
    for (name, value) in [
        ("PROXY_CONFIG", r#"{"statusPort":8080,"image":"x"}"#),
        ("ADMIN_PORT", "8080"),
    ] {
        let claim = super::conflict(&paired(name, value, true)).expect(name);
        assert_eq!(claim.cause.as_deref(), Some("service_sidecar_port_conflict"));
        assert!(claim.sentence.len() <= 240, "{}", claim.sentence);
    }
}

#[test]
fn what_a_proxy_knows_of_the_applications_port_is_no_conflict() {
    for (name, value) in [
        ("POD_PORTS", r#"[{"containerPort":8080,"protocol":"TCP"}]"#),
        ("PROBERS", r#"{"/ready":{"tcpSocket":{"port":8080}}}"#),
        ("APP_PORT", "8080"),
        ("UPSTREAM_HTTP_PORT", "8080"),
        ("PROXY_CONFIG", r#"{"statusPort":18080}"#),
        ("PROXY_CONFIG", r#"{"statusPort":80801}"#),
    ] {
        assert_eq!(
            super::conflict(&paired(name, value, true)),
            None,
            "{name} {value}"
        );
    }
}

#[test]
fn an_application_that_serves_has_its_port() {
    assert_eq!(super::conflict(&paired("ADMIN_PORT", "8080", false)), None);
}
