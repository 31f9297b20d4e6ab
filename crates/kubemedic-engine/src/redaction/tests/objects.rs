//! Kubernetes objects and evidence objects.

use std::collections::BTreeMap;

use kubemedic_model::evidence_object::{EvidenceObject, Logs, WorkflowInput};
use serde_json::json;

use super::{Redactor, body, redacted};

#[test]
fn the_data_of_secrets_goes_from_yaml_lists_and_that_of_config_maps_stays() {
    let text = "apiVersion: v1\nitems:\n- apiVersion: v1\n  data:\n    mode: fast\n  kind: ConfigMap\n- apiVersion: v1\n  data:\n    user: YXBw\n    note: |\n      bGluZQ\n  kind: Secret\n  metadata:\n    name: db\nkind: List\n";
    let expected = "apiVersion: v1\nitems:\n- apiVersion: v1\n  data:\n    mode: fast\n  kind: ConfigMap\n- apiVersion: v1\n  data:\n    user: <redacted:secret-data:1>\n    note: |\n      <redacted:secret-data:2>\n  kind: Secret\n  metadata:\n    name: db\nkind: List\n";
    assert_eq!(redacted(text), expected);
}

#[test]
fn the_data_of_secrets_goes_from_json_text_whatever_the_order() {
    let text = r#"{"kind":"Secret","metadata":{"name":"db"},"stringData":{"user":"app"}} {"data":{"a":"Yg=="},"kind":"Secret"} {"data":{"a":"b"},"kind":"ConfigMap"}"#;
    let expected = r#"{"kind":"Secret","metadata":{"name":"db"},"stringData":{"user":"<redacted:secret-data:1>"}} {"data":{"a":"<redacted:secret-data:2>"},"kind":"Secret"} {"data":{"a":"b"},"kind":"ConfigMap"}"#;
    assert_eq!(redacted(text), expected);
}

#[test]
fn json_values_are_redacted_by_shape_and_by_name() {
    let applied = json!({"kind": "Secret", "stringData": {"user": "app"}}).to_string();
    let mut value = json!({
        "kind": "Pod",
        "metadata": {"name": "web-7d9c6b5f4-x2x9z", "annotations": {"last-applied": applied}},
        "spec": {
            "containers": [{"env": [
                {"name": "DB_PASSWORD", "value": "hunter2"},
                {"name": "DB_PASSWORD", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}},
                {"name": "LOG_LEVEL", "value": "debug"}
            ]}],
            "automountServiceAccountToken": false,
            "password": 123_456
        }
    });
    let mut redactor = Redactor::new();
    redactor.redact_json(&mut value);
    let applied = json!({"kind": "Secret", "stringData": {"user": "<redacted:secret-data:1>"}}).to_string();
    let expected = json!({
        "kind": "Pod",
        "metadata": {"name": "web-7d9c6b5f4-x2x9z", "annotations": {"last-applied": applied}},
        "spec": {
            "containers": [{"env": [
                {"name": "DB_PASSWORD", "value": "<redacted:password:1>"},
                {"name": "DB_PASSWORD", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}},
                {"name": "LOG_LEVEL", "value": "debug"}
            ]}],
            "automountServiceAccountToken": false,
            "password": "<redacted:password:2>"
        }
    });
    assert_eq!(value, expected);
    assert_eq!(redactor.replaced(), 3);
    let once = value.clone();
    redactor.redact_json(&mut value);
    assert_eq!(value, once);
}

#[test]
fn every_part_of_an_evidence_object_is_redacted_with_one_numbering() {
    let token = format!("ghp{}{}", "_", body(36));
    let evidence = EvidenceObject {
        logs: Some(Logs::ByService(BTreeMap::from([(
            "web".to_owned(),
            vec![format!("push with {token}"), "ok".to_owned()],
        )]))),
        kubectl: Some(BTreeMap::from([(
            "kubectl logs web".to_owned(),
            format!("again {token}"),
        )])),
        objects: Some(vec![json!({"kind": "Secret", "data": {"a": "Yg=="}})]),
        alerts: Some(json!([{"annotations": {"summary": "password=hunter2"}}])),
        query: Some(format!("why does {token} fail?")),
        ..EvidenceObject::default()
    };
    let expected = EvidenceObject {
        logs: Some(Logs::ByService(BTreeMap::from([(
            "web".to_owned(),
            vec!["push with <redacted:github-token:1>".to_owned(), "ok".to_owned()],
        )]))),
        kubectl: Some(BTreeMap::from([(
            "kubectl logs web".to_owned(),
            "again <redacted:github-token:1>".to_owned(),
        )])),
        objects: Some(vec![
            json!({"kind": "Secret", "data": {"a": "<redacted:secret-data:1>"}}),
        ]),
        alerts: Some(json!([{"annotations": {"summary": "password=<redacted:password:1>"}}])),
        query: Some("why does <redacted:github-token:1> fail?".to_owned()),
        ..EvidenceObject::default()
    };
    let input = WorkflowInput::Evidence(Box::new(evidence));
    assert_eq!(
        Redactor::new().redact_input(input),
        WorkflowInput::Evidence(Box::new(expected))
    );
}

#[test]
fn names_in_an_evidence_object_hold_no_secret_either() {
    let token = format!("ghp_{}", body(36));
    let lines = vec![format!("INFO login with {token}")];
    let mut evidence = EvidenceObject {
        logs: Some(Logs::ByService([(format!("api {token}"), lines)].into())),
        cluster: Some(format!("prod {token}")),
        namespace: Some(token.clone()),
        ..EvidenceObject::default()
    };
    Redactor::new().redact_evidence(&mut evidence);
    let written = serde_json::to_string(&evidence).unwrap();
    assert!(!written.contains(&token), "{written}");
    assert_eq!(
        written.matches("<redacted:github-token:1>").count(),
        4,
        "{written}"
    );
}
