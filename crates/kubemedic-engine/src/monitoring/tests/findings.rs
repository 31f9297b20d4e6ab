//! Findings from whole intakes.

use std::collections::BTreeMap;

use kubemedic_model::{
    evidence::Origin,
    finding::{Finding, MAX_FINDING_LINES, Pace, Priority},
    log::{LogRecord, LogSource, Severity},
    resource::{Kind, ResourceRef},
    snapshot::{ClusterSnapshot, Meta, event::ClusterEvent, pod::Pod},
};

use crate::{
    intake::{Intake, Note, SourcedRecord},
    monitoring::{Monitoring, monitor},
};

fn record(line: u64, severity: Severity, pod: &str, message: &str) -> SourcedRecord {
    let source = LogSource {
        namespace: Some("shop".to_owned()),
        pod: Some(pod.to_owned()),
        ..LogSource::default()
    };
    let timestamp = jiff::Timestamp::from_second(1_700_000_000 + i64::try_from(line).unwrap()).ok();
    let record = LogRecord {
        line,
        line_count: 1,
        timestamp,
        severity,
        source,
        message: message.to_owned(),
        fields: BTreeMap::new(),
    };
    SourcedRecord {
        part: String::new(),
        record,
    }
}

fn event(reason: &str, warning: bool, count: u64) -> ClusterEvent {
    ClusterEvent {
        warning,
        reason: reason.to_owned(),
        message: "Back-off restarting failed container web".to_owned(),
        object: Some(ResourceRef::new(Kind::Pod, Some("shop"), "web-7d9c6b5f4-x2x9z")),
        component: Some("kubelet".to_owned()),
        count,
        age_seconds: None,
        first_seen: None,
        last_seen: None,
        origin: Origin {
            part: "events".to_owned(),
            line: Some(3),
        },
    }
}

#[test]
fn equal_templates_of_one_service_are_one_finding() {
    let pods = ["web-7d9c6b5f4-x2x9z", "web-7d9c6b5f4-k4k8s"];
    let records = (1..=30)
        .map(|line| {
            record(
                line,
                Severity::Error,
                pods[usize::try_from(line).unwrap() % 2],
                &format!("dial tcp 10.0.0.{line}:5432: connect: connection refused"),
            )
        })
        .collect();
    let found = monitor(&Intake {
        records,
        ..Intake::default()
    });
    let first = record(1, Severity::Error, pods[1], "").record;
    let expected = Finding {
        template: "dial tcp <*>: connect: connection refused".to_owned(),
        message: "dial tcp 10.0.0.1:5432: connect: connection refused".to_owned(),
        error_type: "connection refused".to_owned(),
        severity: Severity::Error,
        priority: Priority::P1,
        count: 30,
        first_seen: first.timestamp,
        last_seen: jiff::Timestamp::from_second(1_700_000_030).ok(),
        lines: (1..=20).collect(),
        origin: Origin {
            part: String::new(),
            line: Some(1),
        },
        object: Some(ResourceRef::new(Kind::Pod, Some("shop"), pods[1])),
        source: first.source,
        event_reason: None,
        stack_trace: None,
        error_code: None,
        pace: Pace::default(),
    };
    assert_eq!(expected.lines.len(), MAX_FINDING_LINES);
    assert_eq!(
        found,
        Monitoring {
            errors: vec![expected],
            total_errors: 30,
            ..Monitoring::default()
        }
    );
}

#[test]
fn severities_sort_records_into_errors_warnings_and_nothing() {
    let records = vec![
        record(1, Severity::Warn, "web-0", "slow query"),
        record(2, Severity::Info, "web-0", "failed to nothing"),
        record(3, Severity::Error, "web-0", "cannot save order"),
        record(4, Severity::Fatal, "web-0", "giving up"),
        record(5, Severity::Unknown, "web-0", "all is well"),
        record(6, Severity::Unknown, "web-0", "panic: boom"),
    ];
    let found = monitor(&Intake {
        records,
        ..Intake::default()
    });
    let lines = |findings: &[Finding]| {
        findings
            .iter()
            .map(|finding| finding.lines.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        (lines(&found.errors), lines(&found.warnings)),
        (vec![vec![4], vec![6], vec![3]], vec![vec![1]])
    );
    assert_eq!((found.total_errors, found.total_warnings), (3, 1));
}

#[test]
fn exceptions_give_their_class_their_code_and_their_trace() {
    let java = "java.lang.OutOfMemoryError: Java heap space\n\tat com.shop.Cart.add(Cart.java:12)";
    let python = "Traceback (most recent call last):\n  File \"/srv/a.py\", line 88, in <module>\n    main()\nKeyError: 'welcome'";
    let records = vec![
        record(1, Severity::Error, "cart-0", java),
        record(2, Severity::Error, "mail-0", python),
        record(
            3,
            Severity::Error,
            "pay-0",
            "upstream answered with status code 503",
        ),
    ];
    let found = monitor(&Intake {
        records,
        ..Intake::default()
    });
    let told: Vec<(&str, Option<&str>, bool)> = found
        .errors
        .iter()
        .map(|finding| {
            (
                finding.error_type.as_str(),
                finding.error_code.as_deref(),
                finding.stack_trace.is_some(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("java.lang.OutOfMemoryError", None, true),
            ("KeyError", None, true),
            ("error", Some("503"), false)
        ]
    );
}

#[test]
fn events_are_errors_when_their_reason_means_failure() {
    let snapshot = ClusterSnapshot {
        events: vec![
            event("BackOff", true, 12),
            event("DNSConfigForming", true, 2),
            event("Pulled", false, 1),
        ],
        ..ClusterSnapshot::default()
    };
    let found = monitor(&Intake {
        snapshot,
        ..Intake::default()
    });
    let told = |findings: &[Finding]| {
        findings
            .iter()
            .map(|finding| (finding.event_reason.clone(), finding.count, finding.priority))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        told(&found.errors),
        [(Some("BackOff".to_owned()), 12, Priority::P1)]
    );
    assert_eq!(
        told(&found.warnings),
        [(Some("DNSConfigForming".to_owned()), 2, Priority::P3)]
    );
    assert_eq!((found.total_errors, found.total_warnings), (12, 2));
}

#[test]
fn pods_in_failing_states_are_findings_and_running_ones_are_not() {
    let pod = |name: &str, status: &str| Pod {
        meta: Meta {
            name: name.to_owned(),
            namespace: Some("shop".to_owned()),
            ..Meta::default()
        },
        status: Some(status.to_owned()),
        ..Pod::default()
    };
    let snapshot = ClusterSnapshot {
        pods: vec![
            pod("a-0", "Running"),
            pod("b-0", "CrashLoopBackOff"),
            pod("c-0", "Init:ImagePullBackOff"),
            pod("d-0", "Completed"),
            pod("e-0", "Pending"),
        ],
        ..ClusterSnapshot::default()
    };
    let found = monitor(&Intake {
        snapshot,
        ..Intake::default()
    });
    let told: Vec<(&str, &str, Priority)> = found
        .errors
        .iter()
        .map(|finding| {
            (
                finding.message.as_str(),
                finding.error_type.as_str(),
                finding.priority,
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("pod b-0 is CrashLoopBackOff", "CrashLoopBackOff", Priority::P0),
            ("pod c-0 is ImagePullBackOff", "ImagePullBackOff", Priority::P1)
        ]
    );
}

#[test]
fn notes_that_state_a_failure_are_findings_with_the_pod_they_name() {
    let note = |line: u64, text: &str| Note {
        part: String::new(),
        line,
        text: text.to_owned(),
    };
    let notes = vec![
        note(
            1,
            "pod shop/web-7d9c6b5f4-x2x9z: Back-off restarting failed container web",
        ),
        note(2, "pod shop/api-0 is fine"),
    ];
    let found = monitor(&Intake {
        notes,
        ..Intake::default()
    });
    let told: Vec<(Option<ResourceRef>, &str)> = found
        .errors
        .iter()
        .map(|finding| (finding.object.clone(), finding.error_type.as_str()))
        .collect();
    assert_eq!(
        told,
        [(
            Some(ResourceRef::new(Kind::Pod, Some("shop"), "web-7d9c6b5f4-x2x9z")),
            "CrashLoopBackOff"
        )]
    );
}

#[test]
fn distinct_messages_are_bounded_and_none_is_lost_from_the_count() {
    let letters = |number: u64| -> String {
        number
            .to_string()
            .bytes()
            .map(|digit| char::from(digit - b'0' + b'a'))
            .collect()
    };
    let records = (0..12_000)
        .map(|line| record(line, Severity::Error, "web-0", &letters(line)))
        .collect();
    let found = monitor(&Intake {
        records,
        ..Intake::default()
    });
    assert_eq!((found.errors.len(), found.total_errors), (10_001, 12_000));
}

#[test]
fn a_line_that_is_both_an_entry_and_a_note_counts_once() {
    let text = "dial tcp 10.0.0.1:80: connect: connection refused";
    let notes = vec![Note {
        part: String::new(),
        line: 4,
        text: text.to_owned(),
    }];
    let records = vec![record(4, Severity::Unknown, "web-0", text)];
    let found = monitor(&Intake {
        records,
        notes,
        ..Intake::default()
    });
    assert_eq!((found.errors.len(), found.total_errors), (1, 1));
}
