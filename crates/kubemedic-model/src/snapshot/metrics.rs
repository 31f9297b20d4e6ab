//! Metric series and alerts: what was measured about whom, and what a monitoring system says has changed.
//! They are told here as they were read; whether a change means anything is decided by the rules.

use serde::{Deserialize, Serialize};

use crate::{evidence::Origin, resource::Kind};

/// What a series or an alert measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// Processor use: cores of a workload, per cent of a node.
    CpuUsage,
    /// Time that the CFS quota kept the processes waiting, in seconds per second.
    CpuThrottling,
    /// Memory in use, in bytes or per cent.
    Memory,
    /// Requests per second.
    RequestRate,
    /// The share of requests that succeed, 0..=1 or per cent.
    SuccessRate,
    /// Errors per second, or the share of requests that fail.
    ErrorRate,
    /// A quantile of the time that a request takes, in milliseconds; the quantile in per cent (50 for a median or a mean).
    Latency(u8),
    /// What comes in over the network, in packets or bytes per second.
    NetworkReceive,
    /// What goes out over the network, in packets or bytes per second.
    NetworkTransmit,
    /// TCP segments that were sent again, per second.
    Retransmissions,
    /// Packets that were dropped, per second.
    Drops,
}

/// Whom a series or an alert is about, as its name tells it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Subject {
    /// The name: of a service, workload, pod or node.
    pub name: String,
    /// The kind, where a label or key tells it.
    pub kind: Option<Kind>,
    /// The namespace, where a label or key tells it.
    pub namespace: Option<String>,
}

/// One measured value.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// The time in seconds; without a time column, the number of the row.
    pub at: i64,
    /// The value, a finite number.
    pub value: f64,
}

/// The samples of one metric of one subject, in the order of time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// Whom it is about.
    pub subject: Subject,
    /// What it measures.
    pub metric: Metric,
    /// Its name as it was written.
    pub name: String,
    /// Its samples; a value that is absent is no sample.
    pub samples: Vec<Sample>,
    /// Where it was read.
    pub origin: Origin,
}

/// A change that an alert tells in numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// What changed.
    pub metric: Metric,
    /// The value that is normal, where the alert tells it.
    pub normal: Option<f64>,
    /// The value now.
    pub current: f64,
    /// The words of the alert.
    pub quote: String,
}

/// An alert that fires.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Alert {
    /// Its name, or its type where it has none.
    pub name: Option<String>,
    /// Its severity as written.
    pub severity: Option<String>,
    /// Whom it is about.
    pub subject: Option<Subject>,
    /// When it began, in seconds; on the clock of the series.
    pub starts: Option<i64>,
    /// When it ended or was last seen, in seconds.
    pub ends: Option<i64>,
    /// What it says in numbers.
    pub changes: Vec<Change>,
    /// Its summary or description.
    pub summary: Option<String>,
    /// Where it was read.
    pub origin: Origin,
}
