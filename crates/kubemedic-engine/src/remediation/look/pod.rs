//! Looks at pods and at the workloads that own them.

use kubemedic_model::{plan::PlannedCommand, resource::Kind};

use super::{marked, read};
use crate::remediation::{
    commands::{self, Line},
    site::{Site, Target},
};

/// How many log lines a look takes: enough for a stack trace and what led to it.
const TAIL: &str = "200";

/// Describes the pod, else the workload.
pub(crate) fn describe(site: &Site<'_>) -> Option<PlannedCommand> {
    let Some(pod) = &site.pod else {
        return workload(site);
    };
    read(
        commands::describe(pod),
        "Shows the containers' states, exit codes, probes, limits and the pod's events",
        "The state and events that the diagnosis cites",
    )
}

/// The log of the run before the last restart, else the current log.
pub(crate) fn previous_logs(site: &Site<'_>) -> Option<PlannedCommand> {
    let Some(pod) = &site.pod else {
        return logs(site);
    };
    let line = with_container(Line::kubectl(&["logs"]).name(&pod.name), site)
        .namespace(pod.namespace.as_deref())
        .word("--previous")
        .option("--tail", TAIL);
    read(
        line.finish(),
        "Shows what the container wrote before it ended last",
        "The error that ended the container; an error message of kubectl when it never ran",
    )
}

/// The current log of the pod, else of the workload.
pub(crate) fn logs(site: &Site<'_>) -> Option<PlannedCommand> {
    let (line, derived) = match (&site.pod, &site.workload) {
        (Some(pod), _) => (
            with_container(Line::kubectl(&["logs"]).name(&pod.name), site)
                .namespace(pod.namespace.as_deref()),
            false,
        ),
        (None, Some(workload)) if workload.kind != Kind::CronJob => (
            with_container(Line::kubectl(&["logs"]).slashed(workload), site),
            workload.derived,
        ),
        _ => return None,
    };
    let found = read(
        line.option("--tail", TAIL).finish(),
        "Shows what the application reports now",
        "Whether the errors that the diagnosis cites are still written",
    );
    marked(found, derived)
}

/// The workload itself: replicas, template, conditions.
pub(crate) fn workload(site: &Site<'_>) -> Option<PlannedCommand> {
    let target = site.workload.as_ref()?;
    let explanation = if target.derived {
        "Reads the workload, whose name follows from its pod's name, before anything changes it"
    } else {
        "Shows the workload's template, replicas and conditions"
    };
    let expected = "The workload with its containers, images and conditions";
    marked(
        read(commands::describe(target), explanation, expected),
        target.derived,
    )
}

/// The revisions to which the workload could return.
pub(crate) fn history(site: &Site<'_>) -> Option<PlannedCommand> {
    let target = site.rollout()?;
    let line = Line::kubectl(&["rollout", "history"]).slashed(target);
    let found = read(
        line.finish(),
        "Shows which revisions there are, so that a change before the incident can be seen and undone",
        "The list of revisions; more than one when there is something to return to",
    );
    marked(found, target.derived)
}

/// Waits until the workload is rolled out.
pub(crate) fn rollout_status(site: &Site<'_>) -> Option<PlannedCommand> {
    let target = site.rollout()?;
    let line = Line::kubectl(&["rollout", "status"])
        .slashed(target)
        .word("--timeout=300s");
    let found = read(
        line.finish(),
        "Waits until the new pods are ready",
        "successfully rolled out",
    );
    marked(found, target.derived).map(|it| PlannedCommand {
        estimated_time_seconds: 300,
        ..it
    })
}

/// The pods of the namespace.
pub(crate) fn list(site: &Site<'_>) -> Option<PlannedCommand> {
    let line = Line::kubectl(&["get", "pods"])
        .namespace(site.namespace.as_deref())
        .word("-o")
        .word("wide");
    read(
        line.finish(),
        "Shows every pod of the namespace with readiness, restarts and node",
        "All pods Running and ready, restarts no longer rising",
    )
}

/// The pods of the namespace with their labels.
pub(crate) fn list_labels(site: &Site<'_>) -> Option<PlannedCommand> {
    let line = Line::kubectl(&["get", "pods"])
        .namespace(site.namespace.as_deref())
        .word("--show-labels");
    read(
        line.finish(),
        "Shows the pods' labels, to compare with selectors",
        "The labels that selectors have to match",
    )
}

/// What the pod's containers use.
pub(crate) fn top(site: &Site<'_>) -> Option<PlannedCommand> {
    let line = match &site.pod {
        Some(pod) => Line::kubectl(&["top", "pod"])
            .name(&pod.name)
            .namespace(pod.namespace.as_deref())
            .word("--containers"),
        None => Line::kubectl(&["top", "pods"]).namespace(site.namespace.as_deref()),
    };
    read(
        line.finish(),
        "Shows what the containers use, to compare with their limits",
        "CPU and memory per container",
    )
}

/// The events about the pod, else about the guilty object.
pub(crate) fn events(site: &Site<'_>) -> Option<PlannedCommand> {
    let told = site
        .cause
        .object
        .as_ref()
        .filter(|it| !it.kind.is_cluster_scoped() && it.kind != Kind::Pod);
    let name = site
        .pod
        .as_ref()
        .map(|pod: &Target| pod.name.as_str())
        .or_else(|| told.map(|object| object.name.as_str()));
    let line = Line::kubectl(&["get", "events"]).namespace(site.namespace.as_deref());
    let line = match name {
        Some(name) => line.option("--field-selector", &format!("involvedObject.name={name}")),
        None => line.word("--sort-by=.lastTimestamp"),
    };
    read(
        line.finish(),
        "Shows what the cluster reported about it, in order",
        "The warnings that the diagnosis cites, with their last occurrence",
    )
}

/// Names the container, where it is known.
fn with_container(line: Line, site: &Site<'_>) -> Line {
    match site.container() {
        Some(name) => line.word("-c").name(name),
        None => line,
    }
}
