//! Objects that own pods.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Condition, Labels, Meta, pod::PodSpec};
use crate::resource::Kind;

/// A Deployment, ReplicaSet, StatefulSet or DaemonSet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Workload {
    /// Which of them.
    pub kind: Kind,
    /// Name, labels, owner.
    pub meta: Meta,
    /// The selector of its pods.
    pub selector: Labels,
    /// The labels of its pods.
    pub pod_labels: Labels,
    /// What its pods ask for.
    pub template: PodSpec,
    /// Replicas asked for.
    pub desired: Option<u32>,
    /// Replicas that are ready.
    pub ready: Option<u32>,
    /// Replicas of the newest template.
    pub updated: Option<u32>,
    /// Replicas that are available.
    pub available: Option<u32>,
    /// Whether rollouts are paused.
    pub paused: bool,
    /// The revision that the annotation tells.
    pub revision: Option<u64>,
    /// `RollingUpdate`, `Recreate`, `OnDelete`.
    pub strategy: Option<String>,
    /// The Service that gives the pods of a StatefulSet their names.
    pub service_name: Option<String>,
    /// Conditions.
    pub conditions: Vec<Condition>,
}

/// A Job.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Job {
    /// Name, labels, owner.
    pub meta: Meta,
    /// What its pods ask for.
    pub template: PodSpec,
    /// Retries before it fails.
    pub backoff_limit: Option<u32>,
    /// Seconds that it may run.
    pub active_deadline_seconds: Option<u64>,
    /// Running pods.
    pub active: Option<u32>,
    /// Pods that succeeded.
    pub succeeded: Option<u32>,
    /// Pods that failed.
    pub failed: Option<u32>,
    /// Completions asked for.
    pub completions: Option<u32>,
    /// Whether it is suspended.
    pub suspended: bool,
    /// Conditions.
    pub conditions: Vec<Condition>,
}

/// A CronJob.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ScheduledJob {
    /// Name, labels, owner.
    pub meta: Meta,
    /// The schedule in cron notation.
    pub schedule: Option<String>,
    /// Whether it is suspended.
    pub suspended: bool,
    /// `Allow`, `Forbid`, `Replace`.
    pub concurrency: Option<String>,
    /// Running jobs.
    pub active: Option<u32>,
    /// Last start.
    pub last_schedule: Option<Timestamp>,
    /// What its pods ask for.
    pub template: PodSpec,
}
