//! Tests of which volume a denied file is on.

use kubemedic_model::snapshot::pod::{ContainerPhase, PodVolume};

use super::*;
use crate::analysis::{
    fixtures::{event, failing, pod, shop, state},
    hypothesis::{Exhibit, Standing},
    view::pod_ref,
};

fn mounting(mut pod: Pod, kind: &str) -> Pod {
    pod.spec.volumes.push(PodVolume {
        name: "ledger".to_owned(),
        source: VolumeSource::Other(kind.to_owned()),
    });
    pod.spec.containers[0].mounts.push(Mount {
        volume: "ledger".to_owned(),
        path: "/var/lib/ledger".to_owned(),
        read_only: false,
    });
    pod
}

fn crashing() -> Pod {
    failing(
        "web",
        "CrashLoopBackOff",
        state(ContainerPhase::Waiting, "CrashLoopBackOff", None),
        None,
    )
}

fn refined(pod: Pod, quote: &str) -> Option<String> {
    let object = pod_ref(&pod);
    let snapshot = shop(vec![pod]);
    let told = event(object.clone(), "", quote);
    let mut claim = Hypothesis::new(FailureClass::PermissionDeniedFs, Standing::Reported, 0.8)
        .about(object)
        .shown_by([Exhibit::event(&told)]);
    refine(&View::new(&snapshot), &mut claim);
    claim.cause
}

#[test]
fn a_file_below_a_mount_or_without_a_path_beside_one_data_volume_is_on_the_volume() {
    let cause = Some("volume_mount_permission_denied".to_owned());
    let below = "open /var/lib/ledger/wal/0001: permission denied";
    assert_eq!(refined(mounting(crashing(), "hostPath"), below), cause);
    assert_eq!(
        refined(
            mounting(crashing(), "nfs"),
            "cannot open wal-0001: Permission denied"
        ),
        cause
    );
}

#[test]
fn a_file_elsewhere_an_empty_directory_and_a_healthy_pod_are_not_refined() {
    let elsewhere = "open /etc/shadow: permission denied";
    assert_eq!(refined(mounting(crashing(), "hostPath"), elsewhere), None);
    let denied = "cannot open wal-0001: Permission denied";
    assert_eq!(refined(mounting(crashing(), "emptyDir"), denied), None);
    assert_eq!(refined(mounting(pod("web"), "hostPath"), denied), None);
}
