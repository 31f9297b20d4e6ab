//! Tests of what metrics and alerts claim, and of what they do not.

use kubemedic_model::{
    class::FailureClass,
    evidence::Origin,
    resource::{Kind, ResourceRef},
    snapshot::{
        ClusterSnapshot,
        metrics::{Alert, Change, Metric, Sample, Series, Subject},
        pod::{EnvVar, Pod},
    },
};

use super::super::Claims;
use crate::analysis::{
    fixtures::{container, deployment, pod, service, shop},
    hypothesis::{Hypothesis, Standing},
    view::View,
};

/// Twenty values before and twenty during the incident, each with a little noise.
fn series(name: &str, metric: Metric, before: f64, during: f64) -> Series {
    let value = |at: u32| {
        let level = if at < 20 { before } else { during };
        level * (1.0 + 0.01 * f64::from(at % 3))
    };
    Series {
        subject: Subject {
            name: name.to_owned(),
            ..Subject::default()
        },
        metric,
        name: format!("{name}-{metric:?}"),
        samples: (0..40)
            .map(|at| Sample {
                at: i64::from(at) * 5,
                value: value(at),
            })
            .collect(),
        origin: Origin::default(),
    }
}

/// What is usual for a service: ten requests a second, a few milliseconds, little CPU, no throttling.
fn usual(name: &str) -> Vec<Series> {
    vec![
        series(name, Metric::RequestRate, 10.0, 10.0),
        series(name, Metric::Latency(50), 4.0, 4.0),
        series(name, Metric::Latency(90), 9.0, 9.0),
        series(name, Metric::CpuUsage, 0.02, 0.02),
        series(name, Metric::CpuThrottling, 0.0, 0.0),
        series(name, Metric::NetworkReceive, 50.0, 50.0),
        series(name, Metric::NetworkTransmit, 50.0, 50.0),
    ]
}

/// The pod of an app on a node, with the addresses of what it calls.
fn placed(app: &str, node: &str, calls: &[&str]) -> Pod {
    let mut pod = pod(app);
    pod.spec.node = Some(node.to_owned());
    let mut only = container(app);
    only.env = calls
        .iter()
        .map(|callee| EnvVar {
            name: format!("{}_ADDR", callee.to_ascii_uppercase()),
            value: Some(format!("{callee}:80")),
            from: None,
        })
        .collect();
    pod.spec.containers = vec![only];
    pod
}

/// A shop of four services on two nodes: `web` calls `cart` and `stock`, `cart` calls `stock` and `mail`.
fn four() -> ClusterSnapshot {
    let pods = vec![
        placed("web", "node-a", &["cart", "stock"]),
        placed("cart", "node-b", &["stock", "mail"]),
        placed("stock", "node-a", &[]),
        placed("mail", "node-b", &[]),
    ];
    let apps = ["web", "cart", "stock", "mail"];
    ClusterSnapshot {
        workloads: apps.iter().map(|app| deployment(app)).collect(),
        services: apps
            .iter()
            .zip(10..)
            .map(|(app, last)| {
                let mut service = service(app);
                service.cluster_ip = Some(format!("10.96.0.{last}"));
                service
            })
            .collect(),
        series: apps.iter().flat_map(|app| usual(app)).collect(),
        ..shop(pods)
    }
}

/// Replaces a series.
fn set(snapshot: &mut ClusterSnapshot, name: &str, metric: Metric, before: f64, during: f64) {
    let new = series(name, metric, before, during);
    snapshot
        .series
        .retain(|it| it.subject.name != name || it.metric != metric);
    snapshot.series.push(new);
}

fn claimed(snapshot: &ClusterSnapshot) -> Option<Hypothesis> {
    let mut claims = Claims::default();
    super::claim(&View::new(snapshot), &mut claims);
    assert!(claims.live.len() <= 1 && claims.healed.is_empty());
    claims.live.pop()
}

/// Cause and object of what is claimed.
fn guilty(snapshot: &ClusterSnapshot) -> Option<(String, ResourceRef)> {
    claimed(snapshot).map(|it| (it.cause.unwrap(), it.object.unwrap()))
}

fn app(cause: &str, name: &str) -> (String, ResourceRef) {
    (
        cause.to_owned(),
        ResourceRef::new(Kind::Deployment, Some("shop"), name),
    )
}

fn node(cause: &str, name: &str) -> (String, ResourceRef) {
    (cause.to_owned(), ResourceRef::new(Kind::Node, None, name))
}

#[test]
fn steady_series_claim_nothing() {
    assert_eq!(claimed(&four()), None);
}

#[test]
fn latencies_that_fall_from_a_slow_start_claim_nothing() {
    let mut snapshot = four();
    for app in ["web", "cart", "stock", "mail"] {
        set(&mut snapshot, app, Metric::Latency(50), 900.0, 4.0);
        set(&mut snapshot, app, Metric::Latency(90), 2000.0, 9.0);
    }
    assert_eq!(claimed(&snapshot), None);
}

#[test]
fn throttling_and_cpu_use_that_grew_without_load_are_an_overload() {
    let mut snapshot = four();
    set(&mut snapshot, "cart", Metric::CpuThrottling, 0.02, 0.8);
    set(&mut snapshot, "cart", Metric::CpuUsage, 0.02, 0.19);
    set(&mut snapshot, "cart", Metric::Latency(90), 9.0, 80.0);
    set(&mut snapshot, "web", Metric::Latency(90), 9.0, 60.0);
    let claim = claimed(&snapshot).unwrap();
    assert_eq!(
        (claim.class, claim.standing),
        (FailureClass::CpuThrottling, Standing::Reported)
    );
    assert_eq!(guilty(&snapshot), Some(app("pod_cpu_overload", "cart")));
    assert_eq!(
        claim.related,
        [ResourceRef::new(Kind::Deployment, Some("shop"), "web")]
    );
}

#[test]
fn throttling_that_was_always_there_or_comes_with_load_is_no_overload() {
    let mut old = four();
    set(&mut old, "cart", Metric::CpuThrottling, 0.7, 0.8);
    set(&mut old, "cart", Metric::CpuUsage, 0.02, 0.19);
    assert_eq!(claimed(&old), None);
    let mut surge = four();
    set(&mut surge, "cart", Metric::CpuThrottling, 0.02, 0.8);
    set(&mut surge, "cart", Metric::CpuUsage, 0.02, 0.19);
    set(&mut surge, "cart", Metric::RequestRate, 10.0, 90.0);
    assert_eq!(claimed(&surge), None);
}

#[test]
fn of_slow_callers_and_a_slow_callee_the_callee_is_blamed() {
    let mut snapshot = four();
    for (name, before, during) in [("stock", 4.0, 400.0), ("cart", 8.0, 900.0), ("web", 20.0, 3000.0)] {
        set(&mut snapshot, name, Metric::Latency(50), before, during);
        set(
            &mut snapshot,
            name,
            Metric::Latency(90),
            2.0 * before,
            2.0 * during,
        );
    }
    assert_eq!(guilty(&snapshot), Some(app("pod_network_delay", "stock")));
}

#[test]
fn a_caller_whose_callees_are_barely_slower_is_blamed_itself() {
    let mut snapshot = four();
    set(&mut snapshot, "web", Metric::Latency(50), 20.0, 9000.0);
    set(&mut snapshot, "web", Metric::Latency(90), 40.0, 20000.0);
    for callee in ["cart", "stock"] {
        set(&mut snapshot, callee, Metric::Latency(50), 4.0, 30.0);
        set(&mut snapshot, callee, Metric::Latency(90), 9.0, 1500.0);
    }
    assert_eq!(guilty(&snapshot), Some(app("pod_network_delay", "web")));
}

#[test]
fn where_nobody_tells_who_calls_whom_extra_packets_show_whose_network_is_slow() {
    let mut snapshot = four();
    for pod in &mut snapshot.pods {
        for container in &mut pod.spec.containers {
            container.env.clear();
        }
    }
    for name in ["cart", "stock"] {
        set(&mut snapshot, name, Metric::Latency(50), 10.0, 2000.0);
        set(&mut snapshot, name, Metric::Latency(90), 20.0, 4000.0);
    }
    set(&mut snapshot, "stock", Metric::NetworkReceive, 50.0, 110.0);
    set(&mut snapshot, "stock", Metric::NetworkTransmit, 50.0, 100.0);
    assert_eq!(guilty(&snapshot), Some(app("pod_network_delay", "stock")));
}

#[test]
fn a_node_that_alone_sends_segments_again_loses_packets() {
    let mut snapshot = four();
    for (name, before, during) in [("node-a", 0.01, 8.0), ("node-b", 0.1, 0.4)] {
        snapshot
            .series
            .push(series(name, Metric::Retransmissions, before, during));
    }
    assert_eq!(claimed(&snapshot), None, "nothing is slow");
    set(&mut snapshot, "web", Metric::Latency(50), 20.0, 200.0);
    set(&mut snapshot, "cart", Metric::Latency(50), 8.0, 90.0);
    assert_eq!(
        guilty(&snapshot),
        Some(node("node_network_packet_loss", "node-a"))
    );
}

#[test]
fn callers_that_wait_though_their_callees_answer_share_a_slow_node() {
    let mut snapshot = four();
    snapshot.pods.push(placed("price", "node-b", &["stock"]));
    snapshot.workloads.push(deployment("price"));
    snapshot.series.extend(usual("price"));
    for name in ["cart", "price"] {
        set(&mut snapshot, name, Metric::Latency(50), 10.0, 4000.0);
        set(&mut snapshot, name, Metric::RequestRate, 10.0, 3.0);
    }
    set(&mut snapshot, "mail", Metric::RequestRate, 10.0, 4.0);
    assert_eq!(guilty(&snapshot), Some(node("node_network_delay", "node-b")));
}

#[test]
fn alerts_with_numbers_are_enough() {
    let mut snapshot = four();
    snapshot.series.clear();
    let alert = |name: &str, changes: &[(Metric, Option<f64>, f64)]| Alert {
        subject: Some(Subject {
            name: name.to_owned(),
            kind: Some(Kind::Service),
            namespace: None,
        }),
        changes: changes
            .iter()
            .map(|(metric, normal, current)| Change {
                metric: *metric,
                normal: *normal,
                current: *current,
                quote: format!("{metric:?} {normal:?} {current}"),
            })
            .collect(),
        ..Alert::default()
    };
    snapshot.alerts = vec![
        alert("stock", &[(Metric::Latency(90), Some(4.0), 1700.0)]),
        alert("web", &[(Metric::Latency(90), Some(40.0), 2000.0)]),
    ];
    assert_eq!(guilty(&snapshot), Some(app("pod_network_delay", "stock")));
    snapshot.alerts = vec![alert(
        "mail",
        &[
            (Metric::CpuThrottling, None, 0.6),
            (Metric::CpuUsage, Some(0.01), 0.15),
        ],
    )];
    assert_eq!(guilty(&snapshot), Some(app("pod_cpu_overload", "mail")));
}
