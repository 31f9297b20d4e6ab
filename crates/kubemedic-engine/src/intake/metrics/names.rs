//! What the name of a series tells: whom it is about and what it measures (`checkout-cpu`, `db_memory_bytes`,
//! `http_request_duration_seconds{service="cart",quantile="0.9"}`). It reads names only, no values.

use kubemedic_model::{
    resource::Kind,
    snapshot::metrics::{Metric, Subject},
};

/// The words of which the metric's part of a name is made; what stands before them is the subject.
const WORDS: &[&str] = &[
    "5xx",
    "average",
    "avg",
    "availability",
    "bytes",
    "cfs",
    "core",
    "cores",
    "count",
    "cpu",
    "drop",
    "dropped",
    "drops",
    "duration",
    "error",
    "errors",
    "fail",
    "failed",
    "failure",
    "failures",
    "inbound",
    "latency",
    "loss",
    "mean",
    "median",
    "mem",
    "memory",
    "milliseconds",
    "ms",
    "net",
    "network",
    "outbound",
    "packet",
    "packets",
    "percent",
    "periods",
    "pps",
    "qps",
    "quantile",
    "rate",
    "ratio",
    "receive",
    "received",
    "request",
    "requests",
    "response",
    "rps",
    "rss",
    "rt",
    "rx",
    "second",
    "seconds",
    "segs",
    "success",
    "tcp",
    "throttle",
    "throttled",
    "throttling",
    "throughput",
    "time",
    "total",
    "tps",
    "transmit",
    "transmitted",
    "tx",
    "usage",
    "util",
    "utilization",
    "working",
];
/// Labels that name the subject, the most telling first, with the kind that they tell.
const SUBJECT_LABELS: &[(&str, Option<Kind>)] = &[
    ("destination_workload", None),
    ("workload", None),
    ("deployment", Some(Kind::Deployment)),
    ("statefulset", Some(Kind::StatefulSet)),
    ("daemonset", Some(Kind::DaemonSet)),
    ("destination_service_name", Some(Kind::Service)),
    ("service", Some(Kind::Service)),
    ("service_name", Some(Kind::Service)),
    ("entry_service", Some(Kind::Service)),
    ("app", None),
    ("pod", Some(Kind::Pod)),
    ("pod_name", Some(Kind::Pod)),
    ("container", None),
];
/// Labels that name a node.
const NODE_LABELS: &[&str] = &["node", "nodename", "kubernetes_node", "instance", "host"];

/// What a name tells.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::intake) struct Named {
    /// Whom it is about.
    pub(in crate::intake) subject: Subject,
    /// What it measures.
    pub(in crate::intake) metric: Metric,
    /// What turns its values into the metric's unit.
    pub(in crate::intake) scale: f64,
}

/// Reads a series' name, with or without labels.
pub(in crate::intake) fn parse(text: &str) -> Option<Named> {
    let text = text.trim();
    if text.len() > super::MAX_NAME_BYTES {
        return None;
    }
    if let Some((base, rest)) = text.split_once('{') {
        let labels = labels(rest.trim_end().trim_end_matches('}'));
        let look_up = |name: &str| {
            labels
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| *value)
        };
        return of_labels(base, &look_up);
    }
    let at = metric_start(text);
    let (subject, measured) = (text.get(..at)?, text.get(at..)?);
    let name = subject.trim_end_matches(is_separator);
    let (metric, scale) = metric(measured)?;
    (!name.is_empty()).then(|| Named {
        subject: Subject {
            name: name.to_owned(),
            ..Subject::default()
        },
        metric,
        scale,
    })
}

/// Reads the name of a metric and the labels of a series.
pub(in crate::intake) fn of_labels<'a>(base: &str, label: &dyn Fn(&str) -> Option<&'a str>) -> Option<Named> {
    let (metric, scale) = metric(base)?;
    let quantile = label("quantile").or_else(|| label("le")).and_then(quantile);
    let metric = match (metric, quantile) {
        (Metric::Latency(_), Some(quantile)) => Metric::Latency(quantile),
        (metric, _) => metric,
    };
    Some(Named {
        subject: subject(base, label)?,
        metric,
        scale,
    })
}

/// The subject that labels name; the metrics of the node exporter are about the node.
pub(in crate::intake) fn subject<'a>(base: &str, label: &dyn Fn(&str) -> Option<&'a str>) -> Option<Subject> {
    let namespace = || label("namespace").or_else(|| label("destination_service_namespace"));
    let node = || {
        let mut names = NODE_LABELS.iter().filter_map(|it| label(it));
        let name = names.next()?.split(':').next()?;
        (!name.is_empty()).then(|| Subject {
            name: name.to_owned(),
            kind: Some(Kind::Node),
            namespace: None,
        })
    };
    if base.starts_with("node_") || base.starts_with("Node") || base.starts_with("KubeNode") {
        return node();
    }
    let named = SUBJECT_LABELS.iter().find_map(|(key, kind)| {
        let name = label(key).filter(|name| !name.is_empty())?;
        Some(Subject {
            name: name.to_owned(),
            kind: kind.clone(),
            namespace: namespace().map(str::to_owned),
        })
    });
    named.or_else(node)
}

/// What words say is measured, and what turns their values into the metric's unit.
pub(in crate::intake) fn metric(text: &str) -> Option<(Metric, f64)> {
    let lower = text.to_ascii_lowercase();
    let words: Vec<&str> = lower
        .split(is_separator)
        .filter(|word| !word.is_empty())
        .take(40)
        .collect();
    let has = |any: &[&str]| words.iter().any(|word| any.contains(word));
    let starts = |any: &[&str]| {
        words
            .iter()
            .any(|word| any.iter().any(|start| word.starts_with(start)))
    };
    let quantile = words.iter().find_map(|word| quantile(word));
    let seconds = if has(&["seconds", "second"]) { 1000.0 } else { 1.0 };
    let plain = |metric| Some((metric, 1.0));
    if starts(&["retrans", "retans"]) {
        plain(Metric::Retransmissions)
    } else if starts(&["cfs", "throttl"]) {
        plain(Metric::CpuThrottling)
    } else if quantile.is_some() || starts(&["latency", "duration"]) || has(&["rt", "response"]) {
        Some((Metric::Latency(quantile.unwrap_or(50)), seconds))
    } else if has(&["success", "availability"]) {
        plain(Metric::SuccessRate)
    } else if starts(&["error", "fail", "5xx"]) {
        plain(Metric::ErrorRate)
    } else if starts(&["rps", "qps", "tps", "throughput", "request"]) {
        plain(Metric::RequestRate)
    } else if has(&["drops", "dropped", "loss"]) || (starts(&["packet"]) && has(&["drop"])) {
        plain(Metric::Drops)
    } else if starts(&["receive", "rx", "inbound"]) {
        plain(Metric::NetworkReceive)
    } else if starts(&["transmit", "tx", "outbound"]) {
        plain(Metric::NetworkTransmit)
    } else if has(&["network"]) {
        plain(Metric::NetworkReceive)
    } else if has(&["cpu"]) {
        plain(Metric::CpuUsage)
    } else if has(&["mem", "memory", "rss"]) {
        plain(Metric::Memory)
    } else {
        None
    }
}

/// Where the metric's words at the end of a name begin.
fn metric_start(text: &str) -> usize {
    let mut start = text.len();
    let mut end = text.len();
    while end > 0 {
        let Some(rest) = text.get(..end) else { break };
        let word_start = rest.rfind(is_separator).map_or(0, |at| {
            at + rest
                .get(at..)
                .and_then(|it| it.chars().next())
                .map_or(1, char::len_utf8)
        });
        let word = rest.get(word_start..).unwrap_or("");
        if !word.is_empty() && !is_metric_word(word) {
            break;
        }
        if !word.is_empty() {
            start = word_start;
        }
        let Some(before) = rest
            .get(..word_start)
            .and_then(|it| it.char_indices().next_back())
        else {
            break;
        };
        end = before.0;
    }
    start
}

/// Whether a word belongs to the metric's part of a name.
fn is_metric_word(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    WORDS.contains(&lower.as_str())
        || quantile(&lower).is_some()
        || lower.starts_with("retrans")
        || lower.starts_with("retans")
}

/// What divides the words of a name.
fn is_separator(c: char) -> bool {
    !c.is_alphanumeric()
}

/// The quantile in per cent: `p50`, `p95latency`, `p999`, `0.9`, `median`.
fn quantile(word: &str) -> Option<u8> {
    if matches!(word, "median" | "mean" | "avg" | "average") {
        return Some(50);
    }
    if let Some(share) = word.strip_prefix("0.") {
        let tenths: String = share.chars().chain("0".chars()).take(2).collect();
        return tenths.parse().ok();
    }
    let rest = word.strip_prefix(['p', 'P'])?;
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let tail = rest
        .get(digits..)?
        .trim_start_matches('.')
        .trim_start_matches(|c: char| c.is_ascii_digit());
    let known = tail.is_empty() || ["latency", "duration", "ms", "rt", "time"].contains(&tail);
    let number = rest.get(..digits.min(2))?;
    (digits >= 2 && known).then(|| number.parse().ok()).flatten()
}

/// The pairs of a label list; values lose their quotes.
fn labels(text: &str) -> Vec<(&str, &str)> {
    let mut quoted = false;
    text.split(move |c: char| {
        quoted ^= c == '"';
        c == ',' && !quoted
    })
    .take(64)
    .filter_map(|pair| pair.split_once('='))
    .map(|(key, value)| (key.trim(), value.trim().trim_matches('"')))
    .collect()
}
