//! Tests of memory limits that are too small for a start.

use kubemedic_model::resource::{Kind, ResourceRef};

use super::{Claims, claim, is_too_small};
use crate::analysis::{
    fixtures::{event, pending, pod, shop},
    hypothesis::Standing,
    view::View,
};

const KILLED: &str = "Failed to create pod sandbox: rpc error: code = Unknown desc = failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: container init was OOM-killed (memory limit too low?): unknown";

#[test]
fn runtimes_words_for_a_limit_that_is_too_small_are_known() {
    assert!(is_too_small(KILLED));
    assert!(is_too_small(
        "set memory limit 4194304 too low; should be at least 12582912 bytes"
    ));
    assert!(!is_too_small(
        "plugin type=\"calico\" failed (add): no free addresses"
    ));
}

#[test]
fn an_init_that_is_killed_names_the_limit_while_the_pod_waits_and_is_past_when_it_runs() {
    let object = ResourceRef::new(Kind::Pod, Some("shop"), "web-6d8c9b7f54-2kzlq");
    let found = |mut pod: kubemedic_model::snapshot::pod::Pod| {
        pod.spec.containers[0]
            .limits
            .insert("memory".to_owned(), "6Mi".to_owned());
        let mut snapshot = shop(vec![pod]);
        snapshot.events = vec![event(object.clone(), "FailedCreatePodSandBox", KILLED)];
        let mut claims = Claims::default();
        claim(&View::new(&snapshot), &mut claims);
        claims
    };
    let stuck = found(pending("web"));
    assert_eq!(stuck.live.len(), 1);
    assert_eq!(stuck.live[0].standing, Standing::Verified);
    assert!(
        stuck.live[0].sentence.contains("6Mi"),
        "{}",
        stuck.live[0].sentence
    );
    assert_eq!(found(pod("web")).live.len(), 0);
}
