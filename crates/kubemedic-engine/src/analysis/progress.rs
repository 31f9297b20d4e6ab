//! Which event tells that a step of an object that failed before was done after all.
//! Crashes are not judged here: a container that crashes starts again each time.

use kubemedic_model::snapshot::event::ClusterEvent;

/// The reasons of the events that show the step done that an event tells to have failed; none: nothing shows it.
pub(super) fn steps_after(event: &ClusterEvent) -> &'static [&'static str] {
    match event.reason.as_str() {
        "FailedScheduling" => &["Scheduled", "Pulling", "Pulled", "Created", "Started"],
        "FailedMount"
        | "FailedAttachVolume"
        | "FailedMapVolume"
        | "FailedCreatePodSandBox"
        | "FailedCreatePodSandbox"
        | "NetworkNotReady" => &["Pulling", "Pulled", "Created", "Started"],
        "ErrImagePull" | "ImagePullBackOff" | "InspectFailed" => &["Pulled", "Created", "Started"],
        "Failed" | "BackOff" if is_pull(&event.message) => &["Pulled", "Created", "Started"],
        "Failed" => &["Started"],
        "ProvisioningFailed" => &["ProvisioningSucceeded"],
        "FailedCreate" => &["SuccessfulCreate", "Completed"],
        "FailedGetResourceMetric" | "FailedComputeMetricsReplicas" => &["SuccessfulRescale"],
        "NodeNotReady" => &["NodeReady"],
        _ => &[],
    }
}

/// Whether a message tells of an image's pull.
fn is_pull(message: &str) -> bool {
    let lower = message.to_ascii_lowercase();
    ["pull image", "pulling image", "errimagepull", "imagepullbackoff"]
        .iter()
        .any(|word| lower.contains(word))
}

/// Whether an event was last seen after another was; where neither tells when, the order of the input counts.
pub(super) fn follows(later: &ClusterEvent, earlier: &ClusterEvent) -> bool {
    if let (Some(later), Some(earlier)) = (later.last_seen, earlier.last_seen) {
        return later > earlier;
    }
    if let (Some(later), Some(earlier)) = (later.age_seconds, earlier.age_seconds) {
        return later < earlier;
    }
    let undated = |event: &ClusterEvent| event.last_seen.is_none() && event.age_seconds.is_none();
    undated(later) && undated(earlier) && later.origin > earlier.origin
}

#[cfg(test)]
mod tests;
