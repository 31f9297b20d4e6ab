//! What shows that the scheduler does not work, and what does not.

use kubemedic_model::snapshot::{ClusterSnapshot, Condition};

use super::*;
use crate::analysis::fixtures::{event, pending, pod, shop};

fn claims(snapshot: &ClusterSnapshot) -> Vec<Hypothesis> {
    let mut claims = Claims::default();
    claim(&View::new(snapshot), &mut claims);
    claims.live
}

/// One pod that nobody has looked at and a scheduler that last led on `control-1`.
fn ignored() -> ClusterSnapshot {
    let mut snapshot = shop(vec![pending("web")]);
    let lease = ResourceRef::new(
        Kind::Other("Lease".to_owned()),
        Some("kube-system"),
        "kube-scheduler",
    );
    let mut led = event(lease, "LeaderElection", "control-1_7c1e6c1b became leader");
    led.warning = false;
    snapshot.events.push(led);
    snapshot
}

#[test]
fn a_pod_that_no_scheduler_looks_at_blames_the_node_that_led_last() {
    let found = claims(&ignored());
    let first = found.first().expect("the scheduler is blamed");
    assert_eq!(first.cause.as_deref(), Some("kube_scheduler_unavailable"));
    assert_eq!(
        first.object,
        Some(ResourceRef::new(Kind::Node, None, "control-1"))
    );
    assert!(first.likelihood > 0.9 && first.sentence.chars().count() <= 240);
}

#[test]
fn a_pod_that_was_refused_or_has_just_been_made_does_not() {
    let mut refused = ignored();
    for pod in &mut refused.pods {
        pod.conditions.push(Condition {
            kind: "PodScheduled".to_owned(),
            status: "False".to_owned(),
            ..Condition::default()
        });
    }
    assert_eq!(claims(&refused), vec![]);
    let mut young = ignored();
    for pod in &mut young.pods {
        pod.meta.age_seconds = Some(4);
    }
    assert_eq!(claims(&young), vec![]);
}

#[test]
fn a_table_of_pods_alone_blames_nobody() {
    let mut listed = ignored();
    for pod in &mut listed.pods {
        pod.spec.containers.clear();
    }
    assert_eq!(claims(&listed), vec![]);
    assert_eq!(claims(&shop(vec![pod("web")])), vec![]);
}

#[test]
fn without_a_word_of_conditions_or_leases_it_is_only_possible() {
    let found = claims(&shop(vec![pending("web")]));
    assert_eq!(found.first().map(|it| it.likelihood), Some(LATENT));
}
