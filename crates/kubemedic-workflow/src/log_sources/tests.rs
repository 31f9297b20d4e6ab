//! What fetched entries become.

use std::collections::BTreeMap;

use kubemedic_model::evidence_object::Logs;
use kubemedic_ports::log_source::FetchedEntry;
use serde_json::json;

use super::*;

fn entry(message: &str, fields: &Value) -> FetchedEntry {
    FetchedEntry {
        timestamp: "2026-01-01T00:00:00.5Z".parse().ok(),
        message: message.to_owned(),
        fields: fields.as_object().cloned().unwrap(),
    }
}

fn fetched() -> Fetched {
    let place = json!({"namespace": "shop", "pod": "cart-1", "container": "app"});
    let leveled = json!({"severity": "ERROR", "pod": "cart-2", "stack_trace": "at a\nat b"});
    Fetched {
        entries: vec![entry("one\n  two", &place), entry("three", &leveled)],
        ..Fetched::default()
    }
}

#[test]
fn entries_become_lines_by_pod_that_keep_time_severity_and_trace() {
    let mut evidence = EvidenceObject::default();
    lines::add(&mut evidence, fetched());
    let expected = BTreeMap::from([
        (
            "cart-2".to_owned(),
            vec![
                r#"{"timestamp":"2026-01-01T00:00:00.5Z","level":"ERROR","message":"three","stack_trace":"at a\nat b"}"#
                    .to_owned(),
            ],
        ),
        (
            "shop/cart-1/app".to_owned(),
            vec![
                "2026-01-01T00:00:00.5Z stdout F one".to_owned(),
                "2026-01-01T00:00:00.5Z stdout F   two".to_owned(),
            ],
        ),
    ]);
    assert_eq!(evidence.logs, Some(Logs::ByService(expected)));
}

#[test]
fn whole_lines_stay_as_they_are_and_posted_text_stays_in_front() {
    let mut evidence = EvidenceObject {
        logs: Some(Logs::Text("posted".to_owned())),
        ..EvidenceObject::default()
    };
    let place = json!({"namespace": "shop", "pod": "cart-1", "container": "app", "file": "x.log"});
    let whole = Fetched {
        entries: vec![entry("2026-01-01T00:00:00Z stderr F boom", &place)],
        whole_lines: true,
        ..Fetched::default()
    };
    lines::add(&mut evidence, whole);
    assert_eq!(
        evidence.logs,
        Some(Logs::Text(
            "posted\n[pod/cart-1/app] 2026-01-01T00:00:00Z stderr F boom".to_owned()
        ))
    );
}

#[test]
fn fetched_text_is_redacted_in_messages_and_fields() {
    let secret = json!({"pod": "cart-1", "stack_trace": "password=correct-horse-battery"});
    let fetched = Fetched {
        entries: vec![entry("db password=correct-horse-battery refused", &secret)],
        ..Fetched::default()
    };
    let redacted = redact(fetched, Redactor::new());
    let told = format!("{redacted:?}");
    assert!(!told.contains("correct-horse"), "{told}");
    assert!(told.contains("refused") && told.contains("cart-1"), "{told}");
}

#[test]
fn a_sources_numbers_are_checked_before_anything_is_fetched() {
    let query = |interval, limit| SourceQuery {
        name: "files".to_owned(),
        filter_pattern: None,
        pull_interval: interval,
        limit,
    };
    assert!(check(&query(Some(60), Some(10_000))).is_ok());
    for wrong in [
        query(Some(0), None),
        query(Some(2_592_001), None),
        query(None, Some(0)),
        query(None, Some(10_001)),
    ] {
        assert!(matches!(check(&wrong), Err(StartError::BadEvidence(_))));
    }
}
