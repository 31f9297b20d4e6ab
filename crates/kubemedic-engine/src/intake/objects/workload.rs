//! Deployments, ReplicaSets, StatefulSets, DaemonSets, Jobs and CronJobs.

use kubemedic_model::{
    resource::Kind,
    snapshot::{
        Meta,
        workload::{Job, ScheduledJob, Workload},
    },
};
use serde_json::Value;

use super::{
    field::{at, conditions, flag, list, map, number, selector, text, time},
    pod,
};

/// The annotation that counts rollouts.
const REVISION: &str = "deployment.kubernetes.io/revision";

/// Reads a workload.
pub(super) fn read(kind: Kind, meta: Meta, value: &Value) -> Workload {
    let counts = Counts::of(&kind, value);
    let old_selector = map(value, "spec/selector");
    Workload {
        selector: if kind == Kind::ReplicationController {
            old_selector
        } else {
            selector(value, "spec/selector")
        },
        pod_labels: map(value, "spec/template/metadata/labels"),
        template: at(value, "spec/template/spec").map(pod::spec).unwrap_or_default(),
        desired: counts.desired,
        ready: counts.ready,
        updated: counts.updated,
        available: counts.available,
        paused: flag(value, "spec/paused").unwrap_or(false),
        revision: meta.annotations.get(REVISION).and_then(|text| text.parse().ok()),
        strategy: text(value, "spec/strategy/type").or_else(|| text(value, "spec/updateStrategy/type")),
        service_name: text(value, "spec/serviceName").filter(|_| kind == Kind::StatefulSet),
        conditions: conditions(value),
        kind,
        meta,
    }
}

/// Replica counts; a status leaves zeros out.
struct Counts {
    desired: Option<u32>,
    ready: Option<u32>,
    updated: Option<u32>,
    available: Option<u32>,
}

impl Counts {
    fn of(kind: &Kind, value: &Value) -> Self {
        let has_status = at(value, "status").is_some();
        let count = |path: &str| number(value, path).or(has_status.then_some(0));
        if *kind == Kind::DaemonSet {
            return Self {
                desired: number(value, "status/desiredNumberScheduled"),
                ready: count("status/numberReady"),
                updated: count("status/updatedNumberScheduled"),
                available: count("status/numberAvailable"),
            };
        }
        let updates = matches!(kind, Kind::Deployment | Kind::StatefulSet);
        Self {
            desired: number(value, "spec/replicas").or(at(value, "spec").map(|_| 1)),
            ready: count("status/readyReplicas"),
            updated: count("status/updatedReplicas").filter(|_| updates),
            available: count("status/availableReplicas"),
        }
    }
}

/// Reads a Job.
pub(super) fn job(meta: Meta, value: &Value) -> Job {
    let has_status = at(value, "status").is_some();
    let count = |path: &str| number(value, path).or(has_status.then_some(0));
    Job {
        meta,
        template: at(value, "spec/template/spec").map(pod::spec).unwrap_or_default(),
        backoff_limit: number(value, "spec/backoffLimit"),
        active_deadline_seconds: number(value, "spec/activeDeadlineSeconds"),
        active: count("status/active"),
        succeeded: count("status/succeeded"),
        failed: count("status/failed"),
        completions: number(value, "spec/completions"),
        suspended: flag(value, "spec/suspend").unwrap_or(false),
        conditions: conditions(value),
    }
}

/// Reads a CronJob.
pub(super) fn scheduled_job(meta: Meta, value: &Value) -> ScheduledJob {
    ScheduledJob {
        meta,
        schedule: text(value, "spec/schedule"),
        suspended: flag(value, "spec/suspend").unwrap_or(false),
        concurrency: text(value, "spec/concurrencyPolicy"),
        active: at(value, "status")
            .map(|_| u32::try_from(list(value, "status/active").len()).unwrap_or(u32::MAX)),
        last_schedule: time(value, "status/lastScheduleTime"),
        template: at(value, "spec/jobTemplate/spec/template/spec")
            .map(pod::spec)
            .unwrap_or_default(),
    }
}
