//! Tests of reading alerts.

use kubemedic_model::{
    evidence::Origin,
    resource::Kind,
    snapshot::metrics::{Alert, Change, Metric, Subject},
};
use serde_json::json;

use super::{changes, read};

fn change(text: &str) -> Vec<(Metric, Option<f64>, f64)> {
    let found = changes::read(text);
    found
        .into_iter()
        .map(|it| (it.metric, it.normal, it.current))
        .collect()
}

#[test]
fn the_numbers_of_a_change_are_read_with_what_they_measure() {
    assert_eq!(
        change("SLOW [Latency] | p50latency: Normal=10.5ms -> Current=420.00ms (+3900%) | Peak=500ms"),
        [(Metric::Latency(50), Some(10.5), 420.0)]
    );
    assert_eq!(
        change(
            "TRAFFIC [Network Drop] | Inbound: Normal=90pps -> Current=40pps | Outbound: Normal=80pps -> Current=30pps"
        ),
        [
            (Metric::NetworkReceive, Some(90.0), 40.0),
            (Metric::NetworkTransmit, Some(80.0), 30.0),
        ]
    );
    assert_eq!(
        change("FALL [RPS] | 12.3 -> 6.2"),
        [(Metric::RequestRate, Some(12.3), 6.2)]
    );
    assert_eq!(
        change("SATURATION [cpu_cfs] | Val: 0.82s"),
        [(Metric::CpuThrottling, None, 0.82)]
    );
    assert_eq!(
        change("p99 latency rose from 0.2s to 1.4s"),
        [(Metric::Latency(99), Some(200.0), 1400.0)]
    );
}

#[test]
fn words_without_a_change_tell_none() {
    for text in [
        "",
        "cpu",
        "latency -> high",
        "10 -> 20",
        "ü→1",
        "p50 | -> | 1 ->",
        "version v1.2 to v1.3",
    ] {
        assert_eq!(change(text), [], "{text}");
    }
}

#[test]
fn an_alert_of_alertmanager_is_read_with_subject_severity_and_time() {
    let alert = json!({
        "labels": {"alertname": "CPUThrottlingHigh", "severity": "warning", "namespace": "shop", "pod": "billing-0"},
        "annotations": {"summary": "billing-0 is throttled"},
        "startsAt": "2026-01-02T03:04:05Z",
        "value": "0.61"
    });
    let expected = Alert {
        name: Some("CPUThrottlingHigh".to_owned()),
        severity: Some("warning".to_owned()),
        subject: Some(Subject {
            name: "billing-0".to_owned(),
            kind: Some(Kind::Pod),
            namespace: Some("shop".to_owned()),
        }),
        starts: Some(1_767_323_045),
        ends: None,
        changes: vec![Change {
            metric: Metric::CpuThrottling,
            normal: None,
            current: 0.61,
            quote: "CPUThrottlingHigh 0.61".to_owned(),
        }],
        summary: Some("billing-0 is throttled".to_owned()),
        origin: Origin {
            part: "alerts".to_owned(),
            line: Some(3),
        },
    };
    assert_eq!(read(3, &alert), Some(expected));
}

#[test]
fn an_alert_with_an_entity_and_a_range_is_read() {
    let alert = json!({
        "type": "Node", "name": "host-07", "time_range": "2026-01-02 03:04:05 ~ 2026-01-02 03:06:05",
        "evidence": ["NETWORK [TCP Retransmission] | Normal=0.00retrans -> Current=7.5retrans (new)"]
    });
    let found = read(1, &alert).unwrap();
    assert_eq!(
        found.subject.map(|it| (it.name, it.kind)),
        Some(("host-07".to_owned(), Some(Kind::Node)))
    );
    assert_eq!(
        (found.starts, found.ends),
        (Some(1_767_323_045), Some(1_767_323_165))
    );
    let changes: Vec<_> = found
        .changes
        .iter()
        .map(|it| (it.metric, it.normal, it.current))
        .collect();
    assert_eq!(changes, [(Metric::Retransmissions, Some(0.0), 7.5)]);
}

#[test]
fn what_is_no_object_is_no_alert() {
    for odd in [json!(null), json!("x"), json!([1]), json!(4)] {
        assert_eq!(read(1, &odd), None);
    }
    let deep = json!({"a": {"b": {"c": {"d": {"e": "rps 1 -> 2"}}}}});
    assert_eq!(read(1, &deep).unwrap().changes, []);
}
