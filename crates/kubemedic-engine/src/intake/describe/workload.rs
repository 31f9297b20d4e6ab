//! Deployments, ReplicaSets, StatefulSets, DaemonSets, Jobs and CronJobs.

use kubemedic_model::{
    resource::Kind,
    snapshot::{
        Meta,
        pod::PodSpec,
        workload::{Job, ScheduledJob, Workload},
    },
};

use super::{Block, conditions, labels, pod};
use crate::intake::{cells::told_owned, timestamp};

/// Reads the description of a workload.
pub(super) fn read(kind: Kind, meta: Meta, block: &Block<'_>) -> Workload {
    let replicas = block.value("Replicas").unwrap_or("");
    let nodes = |key: &str| block.value(key).and_then(|text| text.parse().ok());
    let revision = meta.annotations.get("deployment.kubernetes.io/revision");
    let template = block.entry("Pod Template");
    let running = block
        .value("Pods Status")
        .and_then(|text| amount(text, " / ", "Running"));
    Workload {
        selector: labels(block, "Selector", '='),
        pod_labels: template
            .map(|entry| labels(&entry.children, "Labels", '='))
            .unwrap_or_default(),
        template: template
            .map(|entry| pod::spec(&entry.children))
            .unwrap_or_default(),
        desired: amount(replicas, " | ", "desired")
            .or_else(|| amount(replicas, " / ", "desired"))
            .or_else(|| nodes("Desired Number of Nodes Scheduled")),
        ready: running.filter(|running| *running == 0),
        updated: amount(replicas, " | ", "updated")
            .or_else(|| nodes("Number of Nodes Scheduled with Up-to-date Pods")),
        available: amount(replicas, " | ", "available")
            .or_else(|| nodes("Number of Nodes Scheduled with Available Pods")),
        paused: conditions(block)
            .iter()
            .any(|it| it.reason.as_deref() == Some("DeploymentPaused")),
        revision: revision.and_then(|text| text.parse().ok()),
        strategy: block
            .value("StrategyType")
            .or_else(|| block.value("Update Strategy"))
            .and_then(told_owned),
        service_name: None,
        conditions: conditions(block),
        kind,
        meta,
    }
}

/// The number before a word in `2 desired | 1 updated | 3 total`.
fn amount(text: &str, mark: &str, word: &str) -> Option<u32> {
    text.split(mark).find_map(|part| {
        let (number, name) = part.trim().split_once(' ')?;
        (name.trim() == word).then(|| number.parse().ok())?
    })
}

/// Reads the description of a Job.
pub(super) fn job(meta: Meta, block: &Block<'_>) -> Job {
    let statuses = block.value("Pods Statuses").unwrap_or("");
    let count = |word: &str| {
        amount(statuses, " / ", word).or_else(|| {
            statuses
                .split(" / ")
                .find(|part| part.contains(word))
                .and_then(|part| part.split(' ').next()?.parse().ok())
        })
    };
    let seconds = block.value("Active Deadline Seconds").unwrap_or("");
    Job {
        template: template(block),
        backoff_limit: block.value("Backoff Limit").and_then(|text| text.parse().ok()),
        active_deadline_seconds: seconds.trim_end_matches('s').parse().ok(),
        active: count("Active"),
        succeeded: count("Succeeded"),
        failed: count("Failed"),
        completions: block.value("Completions").and_then(|text| text.parse().ok()),
        suspended: block.value("Suspend") == Some("true"),
        conditions: conditions(block),
        meta,
    }
}

/// Reads the description of a CronJob.
pub(super) fn scheduled_job(meta: Meta, block: &Block<'_>) -> ScheduledJob {
    ScheduledJob {
        meta,
        schedule: block.value("Schedule").and_then(told_owned),
        suspended: block
            .value("Suspend")
            .is_some_and(|text| text.eq_ignore_ascii_case("true")),
        concurrency: block.value("Concurrency Policy").and_then(told_owned),
        active: block.value("Active Jobs").map(|text| {
            let jobs = text.split(", ").filter(|job| *job != "<none>").count();
            u32::try_from(jobs).unwrap_or(u32::MAX)
        }),
        last_schedule: block.value("Last Schedule Time").and_then(timestamp::whole),
        template: template(block),
    }
}

/// The pod template, if it is told.
fn template(block: &Block<'_>) -> PodSpec {
    block
        .entry("Pod Template")
        .map(|entry| pod::spec(&entry.children))
        .unwrap_or_default()
}
