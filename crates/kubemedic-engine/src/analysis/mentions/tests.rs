//! What text names, and what it only seems to name.

use kubemedic_model::{evidence::Origin, resource::Kind};

use super::{
    Mentions,
    marks::KIND_STEMS,
    patterns::{KINDS, all_compile},
};
use crate::intake::{Intake, Note};

fn mentions(text: &str) -> Mentions {
    let notes = (1..)
        .zip(text.lines())
        .map(|(line, text)| Note {
            part: String::new(),
            line,
            text: text.to_owned(),
        })
        .collect();
    Mentions::read(&Intake {
        notes,
        ..Intake::default()
    })
}

fn named(text: &str) -> Vec<String> {
    mentions(text)
        .all
        .iter()
        .map(|it| it.resource.to_string())
        .collect()
}

#[test]
fn every_pattern_compiles() {
    assert!(all_compile());
}

#[test]
fn every_word_for_a_kind_begins_with_a_stem_that_marks_it() {
    let unmarked: Vec<&str> = KINDS
        .split('|')
        .filter(|word| word.starts_with(|first: char| first.is_ascii_lowercase()))
        .filter(|word| !KIND_STEMS.iter().any(|stem| word.starts_with(stem)))
        .collect();
    // What is left are the endings that `networkpolic(?:y|ies)` splits off.
    assert_eq!(unmarked, ["ies)"]);
}

#[test]
fn a_pod_is_found_in_each_form_that_people_and_tools_write() {
    for text in [
        "pod basket-7c9d8b6f54-qx2wz in namespace mall: crashed",
        "pod=basket-7c9d8b6f54-qx2wz ns=mall",
        "basket-7c9d8b6f54-qx2wz ns mall",
        "basket-7c9d8b6f54-qx2wz (namespace mall) exited",
        "Pod: basket-7c9d8b6f54-qx2wz Namespace: mall",
        "error in pod basket-7c9d8b6f54-qx2wz_mall(0b6843f0-ef36-4f41-a23e-6b61241105b0)",
        "mall   basket-7c9d8b6f54-qx2wz   0/1   CrashLoopBackOff   4   2m",
        "kubectl logs basket-7c9d8b6f54-qx2wz -n mall",
        "pod/basket-7c9d8b6f54-qx2wz namespace/mall",
        "pods \"basket-7c9d8b6f54-qx2wz\" is forbidden in namespace \"mall\"",
    ] {
        let found = mentions(text);
        let pod = found.guilty_pod().map(|it| it.resource.to_string());
        assert_eq!(pod.as_deref(), Some("Pod mall/basket-7c9d8b6f54-qx2wz"), "{text}");
    }
}

#[test]
fn other_kinds_are_found_with_their_namespaces() {
    for (text, want) in [
        ("deployment loyalty namespace crm", "Deployment crm/loyalty"),
        ("Service api (ns pay): selector app=api", "Service pay/api"),
        ("dial redis.cache.svc:6379 failed", "Service cache/redis"),
        ("hpa/web namespace/front", "HorizontalPodAutoscaler front/web"),
        (
            "pvc/uploads Terminating namespace media",
            "PersistentVolumeClaim media/uploads",
        ),
        (
            "User \"system:serviceaccount:ci:deployer\" cannot patch",
            "ServiceAccount ci/deployer",
        ),
        (
            "NetworkPolicy deny-all in namespace data",
            "NetworkPolicy data/deny-all",
        ),
        (
            "Certificate edge/gateway-tls NotAfter",
            "Certificate edge/gateway-tls",
        ),
        ("12 pods on app-3 are Terminating", "Node app-3"),
        ("app-3    NotReady   <none>   55d   v1.30.1", "Node app-3"),
        (
            "Name: import-9  Namespace: etl  Pods Statuses: 0 Active",
            "Job etl/import-9",
        ),
        ("kafka-0, kafka-1 NotReady in namespace bus", "Pod bus/kafka-1"),
    ] {
        assert!(
            named(text).contains(&want.to_owned()),
            "{text}: {:?}",
            named(text)
        );
    }
}

#[test]
fn prose_names_nothing() {
    for text in [
        "the pod is not ready and the node has no space left",
        "service unavailable, deployment failed, secret key missing",
        "job failed: pod backoff limit exceeded",
        "GET /errors HTTP/1.1 200 utf-8 http-2 us-east-1",
        "attempt 1 failed, retry-2 of worker-3",
    ] {
        assert_eq!(named(text), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn the_owner_of_a_pod_is_a_named_workload_before_a_derived_one() {
    let found = mentions("pod agent-k9zfr (DaemonSet agent, ns ops) on node dmz-2");
    let pod = found.guilty_pod().map(|it| it.resource.clone());
    let owner = pod.and_then(|pod| found.owner_of(&pod));
    let owner = owner.map(|it| (it.resource.to_string(), it.derived));
    assert_eq!(owner, Some(("DaemonSet ops/agent".to_owned(), false)));
}

#[test]
fn the_nearest_object_is_the_one_on_the_line() {
    let found = mentions("pod/a-1 ns/x\npod/a-1\npod/b-2 failed");
    let line = Origin {
        part: String::new(),
        line: Some(3),
    };
    let nearest = found
        .nearest(&line, &Kind::Pod)
        .map(|it| it.resource.name.clone());
    assert_eq!(nearest.as_deref(), Some("b-2"));
}
