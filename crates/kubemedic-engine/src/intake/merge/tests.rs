//! Proves that the same object becomes one.

use kubemedic_model::snapshot::{Meta, pod::Pod};

use super::*;

fn pod(namespace: Option<&str>, status: Option<&str>, ip: Option<&str>) -> Pod {
    Pod {
        meta: Meta {
            name: "web-1".to_owned(),
            namespace: namespace.map(str::to_owned),
            ..Meta::default()
        },
        status: status.map(str::to_owned),
        ip: ip.map(str::to_owned),
        ..Pod::default()
    }
}

#[test]
fn a_later_sight_fills_in_and_never_overwrites() {
    let mut pods = Collection::default();
    pods.add(pod(None, Some("Running"), None));
    pods.add(pod(Some("shop"), Some("Error"), Some("10.0.0.1")));
    assert_eq!(
        pods.into_vec(),
        [pod(Some("shop"), Some("Running"), Some("10.0.0.1"))]
    );
}

#[test]
fn the_same_name_in_two_namespaces_is_two_objects() {
    let mut pods = Collection::default();
    pods.add(pod(Some("a"), None, None));
    pods.add(pod(Some("b"), None, None));
    assert_eq!(pods.into_vec().len(), 2);
}
