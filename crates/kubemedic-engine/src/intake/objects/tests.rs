//! Proves the reading of API objects.

use std::fmt::Write;

use kubemedic_model::resource::Kind;

use crate::intake::read_text;

#[test]
fn yaml_documents_and_what_follows_them_are_told_apart() {
    let text = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: rules\n  namespace: shop\ndata:\n  a: \"1\"\n---\n\
        apiVersion: v1\nkind: Secret\nmetadata:\n  name: token\ntype: Opaque\ndata:\n  key: eA==\n\nERROR no rules\n";
    let intake = read_text(text);
    let told: Vec<(&Kind, &str, usize)> = intake
        .snapshot
        .config_objects
        .iter()
        .map(|it| {
            (
                &it.kind,
                it.meta.name.as_str(),
                it.keys.as_ref().map_or(0, std::collections::BTreeSet::len),
            )
        })
        .collect();
    assert_eq!(
        told,
        [(&Kind::ConfigMap, "rules", 1), (&Kind::Secret, "token", 1)]
    );
    assert_eq!(intake.records[0].record.message, "no rules");
}

#[test]
fn a_pretty_printed_list_is_complete() {
    let text = "{\n  \"apiVersion\": \"v1\",\n  \"kind\": \"PodList\",\n  \"items\": [\n    {\"metadata\": {\"name\": \"a\", \"namespace\": \"x\"}, \"status\": {\"phase\": \"Pending\"}}\n  ]\n}\n";
    let snapshot = read_text(text).snapshot;
    assert_eq!(snapshot.pods[0].phase.as_deref(), Some("Pending"));
    assert!(snapshot.lists(&Kind::Pod, Some("x")));
    assert!(!snapshot.lists(&Kind::Pod, Some("y")));
}

#[test]
fn aliases_that_explode_are_refused_and_the_text_is_kept() {
    let mut text = "apiVersion: v1\nkind: List\nmetadata:\n  a0: &a0 [x]\n".to_owned();
    for n in 1..30 {
        let before = n - 1;
        let _ = writeln!(
            text,
            "  a{n}: &a{n} [*a{before}, *a{before}, *a{before}, *a{before}, *a{before}]"
        );
    }
    let intake = read_text(&text);
    assert!(intake.snapshot.is_empty());
    assert!(!intake.records.is_empty());
}

#[test]
fn statuses_of_containers_give_the_word_that_kubectl_prints() {
    let text = r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"spec":{"containers":[{"name":"c"}]},"status":{"phase":"Running","containerStatuses":[{"name":"c","ready":false,"restartCount":3,"state":{"waiting":{"reason":"CrashLoopBackOff"}},"lastState":{"terminated":{"exitCode":1,"reason":"Error"}}}]}}"#;
    let pod = &read_text(text).snapshot.pods[0];
    assert_eq!(
        (pod.status.as_deref(), pod.ready, pod.restarts),
        (Some("CrashLoopBackOff"), Some((0, 1)), Some(3))
    );
}
