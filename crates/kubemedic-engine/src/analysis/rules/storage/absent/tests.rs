//! Tests of claims that do not exist.

use kubemedic_model::{
    resource::Kind,
    snapshot::{
        pod::{PodVolume, VolumeSource},
        policy::Quota,
    },
};

use super::claim;
use crate::analysis::{
    fixtures::{meta, pending, shop},
    view::View,
};

fn found(resource: &str, used: &str, hard: &str) -> Option<String> {
    let mut pod = pending("web");
    pod.spec.volumes.push(PodVolume {
        name: "data".to_owned(),
        source: VolumeSource::Claim("ledger".to_owned()),
    });
    let mut snapshot = shop(vec![pod]);
    snapshot.listed.insert((Kind::PersistentVolumeClaim, None));
    snapshot.quotas.push(Quota {
        meta: meta("bounds"),
        hard: [(resource.to_owned(), hard.to_owned())].into(),
        used: [(resource.to_owned(), used.to_owned())].into(),
    });
    let claim = claim(&View::new(&snapshot), &snapshot.pods[0])?;
    Some(claim.cause.unwrap_or_else(|| claim.class.id().to_owned()))
}

#[test]
fn a_storage_quota_without_room_is_why_the_claim_does_not_exist() {
    let quota = Some("namespace_storage_quota_exceeded".to_owned());
    assert_eq!(found("requests.storage", "20Gi", "20Gi"), quota);
    assert_eq!(found("persistentvolumeclaims", "3", "3"), quota);
}

#[test]
fn a_quota_with_room_or_on_something_else_is_not() {
    let absent = Some("pvc-pending".to_owned());
    assert_eq!(found("requests.storage", "1Gi", "20Gi"), absent);
    assert_eq!(found("pods", "3", "3"), absent);
}
