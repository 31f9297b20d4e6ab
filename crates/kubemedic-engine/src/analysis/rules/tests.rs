//! Tests of what healing means for claims that rest on events.

use kubemedic_model::resource::{Kind, ResourceRef};

use super::{
    super::{
        fixtures::{event, pod, shop},
        view::View,
    },
    claims,
};

#[test]
fn waits_at_the_start_of_a_healthy_pod_are_noise() {
    let mut snapshot = shop(vec![pod("web")]);
    let object = ResourceRef::new(Kind::Pod, Some("shop"), "web-6d8c9b7f54-2kzlq");
    let mut probe = event(
        object.clone(),
        "Unhealthy",
        "Readiness probe failed: HTTP probe failed with statuscode: 503",
    );
    probe.count = 2;
    let mut wait = event(
        object,
        "FailedScheduling",
        "0/3 nodes are available: 3 Insufficient cpu.",
    );
    wait.count = 1;
    snapshot.events = vec![probe, wait];
    let claims = claims(&View::new(&snapshot));
    assert_eq!((claims.live.len(), claims.healed.len()), (0, 0));
}

#[test]
fn an_event_about_an_object_that_is_not_shown_is_reported_only() {
    let object = ResourceRef::new(Kind::Pod, Some("shop"), "web-6d8c9b7f54-2kzlq");
    let snapshot = kubemedic_model::snapshot::ClusterSnapshot {
        events: vec![event(
            object,
            "FailedMount",
            "MountVolume.SetUp failed for volume \"v\" : mount failed: permission denied",
        )],
        ..Default::default()
    };
    let claims = claims(&View::new(&snapshot));
    assert_eq!(claims.live.len(), 1);
    assert_eq!(
        claims.live[0].standing,
        crate::analysis::hypothesis::Standing::Reported
    );
    assert_eq!(claims.live[0].class.id(), "volume-mount-failed");
}
