//! Tests of connection settings beside their siblings.

use std::collections::BTreeMap;

use kubemedic_model::{
    resource::Kind,
    snapshot::{
        ClusterSnapshot,
        pod::{ConfigReference, ContainerPhase, Pod},
        policy::ConfigObject,
    },
};

use super::super::{
    super::{
        fixtures::{meta, pod, shop, state},
        view::View,
    },
    Claims,
};

/// A pod that takes its environment from the Secret of its name.
fn client(app: &str) -> Pod {
    let mut pod = pod(app);
    if let Some(container) = pod.spec.containers.first_mut() {
        container.env_from = vec![ConfigReference {
            kind: Kind::Secret,
            name: format!("{app}-db"),
            key: None,
            optional: false,
        }];
    }
    pod
}

/// The Secret of a client, with the sizes of host, port and password.
fn secret(app: &str, sizes: [u64; 3]) -> ConfigObject {
    let upper = app.to_ascii_uppercase();
    let names = ["HOST", "PORT", "PASSWORD"].map(|role| format!("{upper}_MYSQL_{role}"));
    ConfigObject {
        kind: Kind::Secret,
        meta: meta(&format!("{app}-db")),
        secret_type: None,
        keys: None,
        sizes: names.into_iter().zip(sizes).collect::<BTreeMap<_, _>>(),
    }
}

/// A cluster in which `web` crashes with a Secret of these sizes beside three healthy clients.
fn cluster(sizes: [u64; 3]) -> ClusterSnapshot {
    let mut ill = client("web");
    ill.status = Some("CrashLoopBackOff".to_owned());
    ill.ready = Some((0, 1));
    if let Some(container) = ill.spec.containers.first_mut() {
        container.ready = Some(false);
        container.restarts = Some(5);
        container.last_state = Some(state(ContainerPhase::Terminated, "Error", Some(1)));
    }
    let mut snapshot = shop(vec![ill, client("cart"), client("mail"), client("stock")]);
    let usual = [11, 4, 16];
    snapshot.config_objects = vec![
        secret("web", sizes),
        secret("cart", usual),
        secret("mail", usual),
        secret("stock", usual),
    ];
    snapshot
}

/// The causes that the rule claims.
fn causes(snapshot: &ClusterSnapshot) -> Vec<(&'static str, Option<String>)> {
    let mut claims = Claims::default();
    super::claim(&View::new(snapshot), &mut claims);
    let told = claims
        .live
        .into_iter()
        .inspect(|it| assert!(it.sentence.len() <= 240));
    told.map(|it| (it.class.id(), it.cause)).collect()
}

#[test]
fn a_crashing_client_whose_port_alone_has_another_length_has_a_wrong_port() {
    let port = (
        "connection-refused-dependency",
        Some("mysql_invalid_port".to_owned()),
    );
    let login = ("db-auth-failure", Some("mysql_invalid_credentials".to_owned()));
    assert_eq!(causes(&cluster([11, 5, 16])), [port]);
    assert_eq!(causes(&cluster([11, 4, 20])), [login]);
}

#[test]
fn the_same_lengths_or_another_database_are_no_mistake() {
    assert_eq!(causes(&cluster([11, 4, 16])), []);
    assert_eq!(causes(&cluster([18, 5, 20])), []);
}

#[test]
fn siblings_that_differ_among_themselves_prove_nothing() {
    let mut snapshot = cluster([11, 4, 20]);
    snapshot.config_objects[2] = secret("mail", [11, 4, 24]);
    assert_eq!(causes(&snapshot), []);
}

#[test]
fn healthy_clients_are_not_judged() {
    let mut snapshot = cluster([11, 5, 16]);
    snapshot.pods[0] = client("web");
    assert_eq!(causes(&snapshot), []);
}
