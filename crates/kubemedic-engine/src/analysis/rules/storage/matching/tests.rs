//! Tests of claims against volumes.

use kubemedic_model::{
    resource::{Kind, ResourceRef},
    snapshot::{
        ClusterSnapshot, Meta,
        storage::{Claim, Volume},
    },
};

use super::{inferred, unmatched};
use crate::analysis::{
    fixtures::{event, labels, meta, shop},
    view::View,
};

fn volume(size: &str, mode: &str, pairs: &[(&str, &str)]) -> Volume {
    Volume {
        meta: Meta {
            namespace: None,
            labels: labels(pairs),
            ..meta("disk-a")
        },
        phase: Some("Available".to_owned()),
        capacity: Some(size.to_owned()),
        access_modes: vec![mode.to_owned()],
        ..Volume::default()
    }
}

fn wanted() -> Claim {
    Claim {
        meta: meta("ledger"),
        phase: Some("Pending".to_owned()),
        request: Some("8Gi".to_owned()),
        access_modes: vec!["ReadWriteOnce".to_owned()],
        ..Claim::default()
    }
}

fn with(volume: Volume) -> ClusterSnapshot {
    ClusterSnapshot {
        volumes: vec![volume],
        ..shop(Vec::new())
    }
}

fn cause(claim: &Claim, volume: Volume) -> Option<&'static str> {
    let snapshot = with(volume);
    unmatched(&View::new(&snapshot), claim).and_then(|it| it.cause)
}

#[test]
fn each_field_that_differs_has_its_own_cause() {
    let rwo = "ReadWriteOnce";
    assert_eq!(
        cause(&wanted(), volume("4Gi", rwo, &[])),
        Some("pvc_capacity_mismatch")
    );
    assert_eq!(
        cause(&wanted(), volume("8Gi", "ReadOnlyMany", &[])),
        Some("pvc_access_mode_mismatch")
    );
    let picky = Claim {
        selector: labels(&[("tier", "gold")]),
        ..wanted()
    };
    assert_eq!(
        cause(&picky, volume("8Gi", rwo, &[("tier", "iron")])),
        Some("pvc_selector_mismatch")
    );
    let classed = Volume {
        class: Some("slow".to_owned()),
        ..volume("8Gi", rwo, &[])
    };
    assert_eq!(cause(&wanted(), classed), Some("pvc_storage_class_mismatch"));
    let held = Volume {
        claim: Some("shop/archive".to_owned()),
        ..volume("8Gi", rwo, &[])
    };
    assert_eq!(cause(&wanted(), held), Some("pv_binding_occupied"));
    assert_eq!(cause(&wanted(), volume("8Gi", rwo, &[])), None);
}

#[test]
fn an_untold_wish_is_inferred_from_what_the_free_volume_carries() {
    let blind = Claim {
        request: None,
        access_modes: Vec::new(),
        ..wanted()
    };
    let object = ResourceRef::new(Kind::PersistentVolumeClaim, Some("shop"), "ledger");
    let refused = event(
        object,
        "FailedBinding",
        "no persistent volumes available for this claim and no storage class is set",
    );
    let found = |claim: &Claim, volume: Volume| {
        let snapshot = with(volume);
        inferred(&View::new(&snapshot), claim, &[&refused]).and_then(|it| it.cause)
    };
    let rwo = "ReadWriteOnce";
    assert_eq!(
        found(&blind, volume("4Gi", rwo, &[("tier", "iron")])),
        Some("pvc_selector_mismatch")
    );
    let zoned = [("topology.kubernetes.io/zone", "b")];
    assert_eq!(
        found(&blind, volume("4Gi", rwo, &zoned)),
        Some("pvc_capacity_mismatch")
    );
    assert_eq!(found(&wanted(), volume("4Gi", rwo, &[])), None);
}
