//! Which name servers of pods are foreign to the cluster.

use kubemedic_model::snapshot::ClusterSnapshot;

use super::*;
use crate::analysis::fixtures::{pod, service, shop};

/// `web` with name servers of its own, which gets ready or not.
fn with(policy: &str, server: &str, ready: bool) -> ClusterSnapshot {
    let mut snapshot = shop(vec![pod("web")]);
    for workload in &mut snapshot.workloads {
        workload.template.dns_policy = Some(policy.to_owned());
        workload.template.dns_servers = vec![server.to_owned()];
        workload.ready = Some(u32::from(ready));
    }
    let mut dns = service("kube-dns");
    dns.cluster_ip = Some("10.96.0.53".to_owned());
    dns.meta.namespace = Some("kube-system".to_owned());
    snapshot.services.push(dns);
    snapshot
}

fn likelihood(snapshot: &ClusterSnapshot) -> Option<f64> {
    let mut claims = Claims::default();
    claim(&View::new(snapshot), &mut claims);
    claims.live.first().map(|it| it.likelihood)
}

#[test]
fn a_foreign_server_is_the_fault_of_a_workload_that_does_not_get_ready() {
    assert_eq!(likelihood(&with("None", "192.0.2.53", false)), Some(FAILING));
}

#[test]
fn a_foreign_server_of_a_ready_workload_is_only_possible() {
    assert_eq!(likelihood(&with("None", "192.0.2.53", true)), Some(LATENT));
}

#[test]
fn the_cluster_s_own_servers_and_added_ones_are_no_fault() {
    assert_eq!(likelihood(&with("None", "10.96.0.53", false)), None);
    assert_eq!(likelihood(&with("None", "169.254.20.10", false)), None);
    assert_eq!(likelihood(&with("ClusterFirst", "192.0.2.53", false)), None);
}
