//! Proves the reading of evidence objects.

use kubemedic_model::resource::Kind;

use super::*;
use crate::intake::{looks_like_evidence_object, parse_evidence_object, read_evidence};

#[test]
fn a_wrong_type_names_its_key() {
    for (text, key) in [
        (r#"{"logs": 3}"#, "logs"),
        (r#"{"kubectl": ["x"]}"#, "kubectl"),
        (r#"{"objects": [1]}"#, "objects"),
        (r#"{"logs": "x", "namespace": {}}"#, "namespace"),
        (r#"{"source": {"limit": 3}}"#, "source"),
    ] {
        let error = parse_evidence_object(text).expect_err(text);
        assert!(error.to_string().contains(&format!("'{key}'")), "{error}");
    }
}

#[test]
fn unknown_keys_are_ignored_and_no_evidence_is_an_error() {
    assert_eq!(
        parse_evidence_object(r#"{"id": 1, "query": "why"}"#),
        Err(IntakeError::NoEvidence)
    );
    assert!(parse_evidence_object(r#"{"id": 1, "logs": {"web": "a\nb"}}"#).is_ok());
    assert_eq!(parse_evidence_object("[]"), Err(IntakeError::NotAnObject));
    assert!(matches!(
        parse_evidence_object("ERROR x"),
        Err(IntakeError::NotJson(_))
    ));
}

#[test]
fn a_kubernetes_object_or_a_log_line_is_no_evidence_object() {
    assert!(looks_like_evidence_object(r#"{"logs": "x"}"#));
    assert!(
        looks_like_evidence_object(r#"{"logs": 5}"#),
        "a wrong type is told, not read as a log"
    );
    assert!(!looks_like_evidence_object(r#"{"source": "app", "msg": "x"}"#));
    assert!(!looks_like_evidence_object(
        r#"{"apiVersion": "v1", "kind": "Pod", "objects": []}"#
    ));
    assert!(!looks_like_evidence_object(r#"{"level": "info", "msg": "x"}"#));
}

#[test]
fn complete_listings_are_known_and_filtered_ones_are_not() {
    let text = r#"{"kubectl": {"kubectl get pods -n a": "No resources found in a namespace.", "kubectl get services -n a -l x=y": "",
        "kubectl get secrets -n a": "Error from server (Forbidden): secrets is forbidden", "kubectl get nodes": "", "kubectl get jobs": ""}}"#;
    let snapshot = read_evidence(&parse_evidence_object(text).expect("evidence")).snapshot;
    let listed: Vec<(Kind, Option<String>)> = snapshot.listed.into_iter().collect();
    assert_eq!(listed, [(Kind::Pod, Some("a".to_owned())), (Kind::Node, None)]);
}

#[test]
fn keys_of_logs_name_the_source_and_alerts_become_notes() {
    let text = r#"{"namespace": "shop", "logs": {"web-7c8d9b6f54-2lkzx/app (previous)": ["ERROR a"], "cart": ["INFO b"]},
        "alerts": [{"labels": {"alertname": "Slow"}, "state": "firing"}, {"labels": {"alertname": "Old"}, "state": "resolved"}]}"#;
    let intake = read_evidence(&parse_evidence_object(text).expect("evidence"));
    let sources: Vec<(&str, Option<&str>)> = intake
        .records
        .iter()
        .map(|it| (it.part.as_str(), it.record.source.name()))
        .collect();
    assert_eq!(
        sources,
        [
            ("logs[cart]", Some("cart")),
            (
                "logs[web-7c8d9b6f54-2lkzx/app (previous)]",
                Some("web-7c8d9b6f54-2lkzx")
            )
        ]
    );
    let notes: Vec<&str> = intake.notes.iter().map(|note| note.text.as_str()).collect();
    assert_eq!(notes, ["alertname=Slow state=firing"]);
}
