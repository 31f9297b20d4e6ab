//! When a used up quota on Services is a fault.

use kubemedic_model::snapshot::{ClusterSnapshot, pod::EnvVar};

use super::*;
use crate::analysis::fixtures::{container, deployment, labels, meta, service, shop};

/// Workloads `web`, `cart` and `stock`, of which the named ones have a Service, under a quota on Services.
fn with(services: &[&str], used: &str, hard: &str) -> ClusterSnapshot {
    let mut snapshot = shop(Vec::new());
    snapshot.workloads = ["web", "cart", "stock"].map(deployment).into();
    for workload in &mut snapshot.workloads {
        workload.template.containers = vec![container(&workload.meta.name)];
    }
    snapshot.services = services.iter().map(|name| service(name)).collect();
    snapshot.quotas.push(Quota {
        meta: meta("compute"),
        hard: labels(&[("services", hard), ("pods", "50")]),
        used: labels(&[("services", used), ("pods", "3")]),
    });
    snapshot
}

fn sentence(snapshot: &ClusterSnapshot) -> Option<String> {
    let mut claims = Claims::default();
    claim(&View::new(snapshot), &mut claims);
    claims.live.into_iter().next().map(|it| it.sentence)
}

#[test]
fn a_workload_without_its_service_under_a_full_quota_tells() {
    let found = sentence(&with(&["web", "cart"], "2", "2")).expect("a Service is missing");
    assert_eq!(
        found,
        "Service stock is missing (no Service selects stock) and cannot be created: the quota compute is used up (services used 2, limit 2)"
    );
}

#[test]
fn a_service_that_is_called_and_missing_tells_who_calls_it() {
    let mut snapshot = with(&["web"], "1", "1");
    for container in snapshot
        .workloads
        .iter_mut()
        .flat_map(|it| &mut it.template.containers)
    {
        container.env.push(EnvVar {
            name: "CART_ADDR".to_owned(),
            value: Some("cart:80".to_owned()),
            from: None,
        });
    }
    let found = sentence(&snapshot).expect("a Service is missing");
    assert!(
        found.starts_with("Service cart is missing (web calls it)"),
        "{found}"
    );
}

#[test]
fn a_full_quota_alone_and_a_missing_service_alone_are_no_such_fault() {
    assert_eq!(sentence(&with(&["web", "cart", "stock"], "3", "3")), None);
    assert_eq!(sentence(&with(&["web", "cart"], "2", "10")), None);
}
