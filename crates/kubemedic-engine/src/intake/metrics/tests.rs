//! Tests of reading metric names, CSV and range answers.

use kubemedic_model::{
    resource::Kind,
    snapshot::metrics::{Metric, Sample, Series},
};
use serde_json::json;

use super::{MAX_SAMPLES, names, read_csv, read_prometheus};

fn named(text: &str) -> Option<(String, Metric, f64)> {
    names::parse(text).map(|it| (it.subject.name, it.metric, it.scale))
}

#[test]
fn a_name_tells_whom_and_what() {
    let cases: [(&str, &str, Metric, f64); 16] = [
        ("billing-cpu", "billing", Metric::CpuUsage, 1.0),
        ("billing-cpu_cfs", "billing", Metric::CpuThrottling, 1.0),
        ("stock-db-mem", "stock-db", Metric::Memory, 1.0),
        ("stock_db_memory_bytes", "stock_db", Metric::Memory, 1.0),
        ("queue-0-network_receive", "queue-0", Metric::NetworkReceive, 1.0),
        (
            "queue-0-network_transmit",
            "queue-0",
            Metric::NetworkTransmit,
            1.0,
        ),
        ("billing-p50latency", "billing", Metric::Latency(50), 1.0),
        ("billing-p95latency", "billing", Metric::Latency(95), 1.0),
        ("billing_latency_p999", "billing", Metric::Latency(99), 1.0),
        ("billing-success_rate", "billing", Metric::SuccessRate, 1.0),
        ("billing.error.rate", "billing", Metric::ErrorRate, 1.0),
        ("billing-rps", "billing", Metric::RequestRate, 1.0),
        ("host-07-tcp_retrans", "host-07", Metric::Retransmissions, 1.0),
        ("host-07-packet_loss", "host-07", Metric::Drops, 1.0),
        (
            r#"http_request_duration_seconds{service="billing",quantile="0.9"}"#,
            "billing",
            Metric::Latency(90),
            1000.0,
        ),
        (
            r#"container_cpu_cfs_throttled_seconds_total{pod="billing-6d4cf56db6-abcde"}"#,
            "billing-6d4cf56db6-abcde",
            Metric::CpuThrottling,
            1.0,
        ),
    ];
    for (text, subject, metric, scale) in cases {
        assert_eq!(named(text), Some((subject.to_owned(), metric, scale)), "{text}");
    }
}

#[test]
fn the_metrics_of_the_node_exporter_are_about_the_node() {
    let found = names::parse(r#"node_netstat_Tcp_RetransSegs{instance="host-07:9100",job="node"}"#).unwrap();
    assert_eq!(found.subject.name, "host-07");
    assert_eq!(found.subject.kind, Some(Kind::Node));
    assert_eq!(found.metric, Metric::Retransmissions);
}

#[test]
fn a_name_without_subject_or_metric_is_no_series() {
    for text in [
        "time",
        "cpu",
        "",
        "billing-",
        "{}",
        "billing-temperature",
        "cpu{}",
        "é-ü",
    ] {
        assert_eq!(named(text), None, "{text}");
    }
}

fn sample(at: i64, value: f64) -> Sample {
    Sample { at, value }
}

fn samples(series: &[Series]) -> Vec<(&str, Metric, Vec<Sample>)> {
    series
        .iter()
        .map(|it| (it.subject.name.as_str(), it.metric, it.samples.clone()))
        .collect()
}

#[test]
fn a_column_is_a_series_and_a_gap_is_no_sample() {
    let text = "\u{feff}time,billing-cpu,note,billing-rps\r\n2026-01-02 03:04:05,0.5,x,12\r\n2026-01-02 03:04:10,,x,NaN\r\n";
    let start = 1_767_323_045;
    assert_eq!(
        samples(&read_csv("metrics_csv", text)),
        [
            ("billing", Metric::CpuUsage, vec![sample(start, 0.5)]),
            ("billing", Metric::RequestRate, vec![sample(start, 12.0)]),
        ]
    );
}

#[test]
fn labels_with_commas_stand_in_quotes() {
    let text = "time,\"request_latency_seconds{app=\"\"billing\"\",quantile=\"\"0.5\"\"}\"\n1,0.25\n2,0.5\n";
    assert_eq!(
        samples(&read_csv("metrics_csv", text)),
        [(
            "billing",
            Metric::Latency(50),
            vec![sample(0, 250.0), sample(1, 500.0)]
        )]
    );
}

#[test]
fn a_row_is_a_sample_where_the_header_says_so() {
    let text = "timestamp;service;metric;value\n1700000000;billing;rps;3\n1700000005;stock;rps;4\n1700000005;billing;rps;5\n";
    assert_eq!(
        samples(&read_csv("metrics_csv", text)),
        [
            (
                "billing",
                Metric::RequestRate,
                vec![sample(1_700_000_000, 3.0), sample(1_700_000_005, 5.0)]
            ),
            ("stock", Metric::RequestRate, vec![sample(1_700_000_005, 4.0)]),
        ]
    );
}

#[test]
fn a_long_series_is_thinned_over_its_whole_length() {
    let rows: Vec<String> = (0..10 * MAX_SAMPLES).map(|row| format!("{row},{row}")).collect();
    let series = read_csv("metrics_csv", &format!("step,billing-cpu\n{}", rows.join("\n")));
    let samples = &series.first().unwrap().samples;
    assert!(samples.len() <= MAX_SAMPLES);
    assert!(samples.last().unwrap().value > 9.0 * 1000.0);
}

#[test]
fn odd_text_is_no_series() {
    for text in [
        "",
        "\n",
        ",,,\n,,,",
        "time\n1\n2",
        "\"\"\"\n\"",
        "billing-cpu",
        "time,billing-cpu\n1,inf\n2,1e999",
    ] {
        assert_eq!(read_csv("metrics_csv", text), [], "{text:?}");
    }
}

#[test]
fn a_range_answer_is_read_with_its_labels() {
    let answer = json!({"status": "success", "data": {"resultType": "matrix", "result": [
        {"metric": {"__name__": "rate_requests", "service": "billing", "namespace": "shop"},
         "values": [[1_700_000_000, "3"], [1_700_000_015.5, "NaN"], [1_700_000_030, "4.5"]]},
        {"metric": {"__name__": "up"}, "values": [[1_700_000_000, "1"]]}
    ]}});
    let series = read_prometheus("alerts", &answer);
    assert_eq!(
        samples(&series),
        [(
            "billing",
            Metric::RequestRate,
            vec![sample(1_700_000_000, 3.0), sample(1_700_000_030, 4.5)]
        )]
    );
    assert_eq!(series.first().unwrap().subject.namespace.as_deref(), Some("shop"));
}
