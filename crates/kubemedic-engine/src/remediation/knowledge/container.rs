//! What to do when a container does not start or does not stay up.

use kubemedic_model::{class::FailureClass, plan::Strategy};

use crate::remediation::{
    look::{cluster, network, object, pod},
    playbook::{Playbook, Treatment},
    repair,
};

/// The playbook of a class of this group.
pub(super) fn playbook(class: FailureClass) -> Option<&'static Playbook> {
    Some(match class {
        FailureClass::CrashloopAppException => &CRASHLOOP_APP_EXCEPTION,
        FailureClass::BadCommand => &BAD_COMMAND,
        FailureClass::ExecFormatError => &EXEC_FORMAT_ERROR,
        FailureClass::AppConfigInvalid => &APP_CONFIG_INVALID,
        FailureClass::OomKilled => &OOM_KILLED,
        FailureClass::AppHeapExhausted => &APP_HEAP_EXHAUSTED,
        FailureClass::InitContainerFailing => &INIT_CONTAINER_FAILING,
        _ => return None,
    })
}

/// The program ends by an error of its own: return to what worked, else hand the error to its owners.
const CRASHLOOP_APP_EXCEPTION: Playbook = Playbook {
    looks: &[pod::previous_logs, pod::describe, pod::history, pod::events],
    treatments: &[
        Treatment::when_known(
            Strategy::Rollback,
            "Return {workload} to the revision before; it loses what that revision brought",
            repair::rollout::undo,
        ),
        Treatment::or_by_hand(
            Strategy::FixImage,
            "Run an image that is known to work",
            repair::image::known_good,
            &[
                "Find the last image tag of {container} that worked (registry, deployment history) and set it on {workload} with kubectl set image, naming container and full image reference",
            ],
        ),
        Treatment::by_hand(
            Strategy::Escalate,
            "Hand {exception} to the owners of {workload}; restarting alone repeats it",
            &[
                "Read {exception} in the previous log of {pod} and hand it with its stack trace to the owners of {workload}",
                "If it names a setting or a dependency, repair that; deleting the pod only repeats the loop",
            ],
        ),
        Treatment::by_hand(
            Strategy::FixConfig,
            "Correct the setting or input that the exception names",
            &["Find the setting that the exception names and correct it in the manifest of {workload}"],
        ),
    ],
    verify: &[pod::rollout_status, pod::list, pod::logs],
    success: "Every pod of {workload} is Running and ready, and restarts no longer rise",
    prevention: &[
        "Let a readiness probe gate rollouts, so that a crashing revision never replaces a working one",
        "Run the start-up path in CI with the production configuration",
    ],
};

/// Command or arguments are wrong: only another template helps.
const BAD_COMMAND: Playbook = Playbook {
    looks: &[pod::describe, pod::workload, pod::history, pod::previous_logs],
    treatments: &[
        Treatment::when_known(
            Strategy::Rollback,
            "Return {workload} to the revision before; it loses what that revision brought",
            repair::rollout::undo,
        ),
        Treatment::by_hand(
            Strategy::FixConfig,
            "Correct command or args of {container} in the template",
            &[
                "Find the right command for {container} of {workload}: it fails to run {command}",
                "Correct command and args in the manifest, or with a strategic merge patch of spec.template.spec.containers that names the container and the right command",
            ],
        ),
        Treatment::or_by_hand(
            Strategy::FixImage,
            "Run an image that contains the command",
            repair::image::known_good,
            &[
                "Find an image of {container} that contains {command} and set it on {workload} with kubectl set image",
            ],
        ),
        Treatment::by_hand(
            Strategy::Escalate,
            "Ask the owners of {workload} which command is right",
            &["Ask the owners of {workload} which command its image expects"],
        ),
    ],
    verify: &[pod::rollout_status, pod::list],
    success: "Every pod of {workload} is Running and ready, and restarts no longer rise",
    prevention: &["Check command and args against the image in CI (run the image once with them)"],
};

/// The image is built for another architecture, or its script has no interpreter line.
const EXEC_FORMAT_ERROR: Playbook = Playbook {
    looks: &[pod::describe, cluster::node_labels, pod::history, pod::workload],
    treatments: &[
        Treatment::when_known(
            Strategy::FixImage,
            "Run an image for the nodes' architecture",
            repair::image::known_good,
        ),
        Treatment::when_known(
            Strategy::Rollback,
            "Return {workload} to the revision before; it loses what that revision brought",
            repair::rollout::undo,
        ),
        Treatment::by_hand(
            Strategy::FixImage,
            "Run an image for the nodes' architecture",
            &[
                "Find an image of {container} that is built for the nodes' architecture (compare the registry's manifest list with the label kubernetes.io/arch), or build one, and set it on {workload} with kubectl set image",
            ],
        ),
        Treatment::by_hand(
            Strategy::FixSchedule,
            "Keep the pods on nodes of the image's architecture",
            &[
                "If the cluster has nodes of the image's architecture, add a nodeSelector on kubernetes.io/arch to {workload}",
            ],
        ),
        Treatment::by_hand(
            Strategy::Escalate,
            "Ask the owners of {workload} for a multi-architecture image",
            &["Ask the owners of {workload} for an image of every architecture that the cluster has"],
        ),
    ],
    verify: &[pod::rollout_status, pod::list],
    success: "Every pod of {workload} is Running and ready, and restarts no longer rise",
    prevention: &[
        "Build multi-architecture images, or pin kubernetes.io/arch in the manifest",
        "Begin every entrypoint script with an interpreter line",
    ],
};

/// A setting is missing or wrong: return to the configuration that worked, or find the right value.
const APP_CONFIG_INVALID: Playbook = Playbook {
    looks: &[
        pod::previous_logs,
        pod::describe,
        object::config_maps,
        pod::history,
    ],
    treatments: &[
        Treatment::when_known(
            Strategy::FixConfig,
            "Set the address of the Service that exists",
            repair::config::service_address,
        ),
        Treatment::when_known(
            Strategy::Rollback,
            "Return {workload} to the revision before; it loses what that revision brought",
            repair::rollout::undo_known_change,
        ),
        Treatment::by_hand(
            Strategy::FixConfig,
            "Set the missing or wrong setting",
            &[
                "Find the right value of {key} for {workload} (its documentation, a working environment, its owners)",
                "Set it in the manifest or ConfigMap, or with kubectl set env on {workload}, naming variable and value; then wait for the rollout",
            ],
        ),
        Treatment::when_known(
            Strategy::Rollback,
            "Return {workload} to the revision before; it loses what that revision brought",
            repair::rollout::undo,
        ),
        Treatment::by_hand(
            Strategy::RevertConfig,
            "Return the ConfigMap or manifest to its last working version",
            &["Return {configmap} to its last working version from version control, then restart {workload}"],
        ),
        Treatment::by_hand(
            Strategy::Escalate,
            "Ask the owners of {workload} for the right setting",
            &["Ask the owners of {workload} which value {key} must have"],
        ),
    ],
    verify: &[pod::rollout_status, pod::list, pod::logs],
    success: "Every pod of {workload} is Running and ready, and restarts no longer rise",
    prevention: &[
        "Validate configuration at start-up and in CI, naming the setting",
        "Keep configuration in version control and change it by review",
    ],
};

/// The memory limit is too low for what the container needs, or it leaks.
const OOM_KILLED: Playbook = Playbook {
    looks: &[pod::describe, pod::top, pod::previous_logs, pod::history],
    treatments: &[
        Treatment::or_by_hand(
            Strategy::PatchMemory,
            "Raise the memory limit of {container}; a leak only takes longer",
            repair::resources::raise_memory,
            &[
                "Find the memory limit of {container} and what it uses before it is killed, and raise the limit by about half with kubectl set resources on {workload}, naming the container and the new limit",
            ],
        ),
        Treatment::when_known(
            Strategy::Rollback,
            "Return {workload} to the revision before; it loses what that revision brought",
            repair::rollout::undo,
        ),
        Treatment::or_by_hand(
            Strategy::ScaleOut,
            "Spread the load over one replica more",
            repair::replicas::one_more,
            &["If memory grows with load, give {workload} more replicas"],
        ),
        Treatment::by_hand(
            Strategy::Escalate,
            "Have the owners of {workload} profile its memory",
            &["Have the owners of {workload} look for a leak with a heap profile"],
        ),
    ],
    verify: &[pod::rollout_status, pod::list, pod::top],
    success: "{container} is not OOM-killed any more and uses clearly less than its limit under load",
    prevention: &[
        "Set memory requests and limits from measured use, and alert at 90 percent of the limit",
        "Tell the runtime its limit (GOMEMLIMIT, MaxRAMPercentage, max-old-space-size)",
    ],
};

/// The runtime's own heap is full: its flag and the container's limit belong together.
const APP_HEAP_EXHAUSTED: Playbook = Playbook {
    looks: &[pod::previous_logs, pod::top, pod::describe, pod::history],
    treatments: &[
        Treatment::when_known(
            Strategy::Rollback,
            "Return {workload} to the revision before; it loses what that revision brought",
            repair::rollout::undo_known_change,
        ),
        Treatment::or_by_hand(
            Strategy::PatchMemory,
            "Raise the memory limit of {container}, so that a heap sized from it grows; a fixed heap flag must follow",
            repair::resources::raise_memory,
            &["Find the heap flag and the memory limit of {container} and raise both together on {workload}"],
        ),
        Treatment::by_hand(
            Strategy::FixConfig,
            "Raise the heap flag (JAVA_TOOL_OPTIONS, NODE_OPTIONS) within the memory limit",
            &[
                "Find where {workload} sets its heap size and raise it to at most three quarters of the memory limit",
            ],
        ),
        Treatment::or_by_hand(
            Strategy::Restart,
            "Restart the pods; it frees memory for a while and cures nothing",
            repair::rollout::restart,
            &["Restart {workload} to win time"],
        ),
        Treatment::by_hand(
            Strategy::Escalate,
            "Have the owners of {workload} take and read a heap dump",
            &["Have the owners of {workload} take a heap dump before the next restart"],
        ),
    ],
    verify: &[pod::rollout_status, pod::list, pod::top],
    success: "No heap errors in the log, and memory use levels off under load",
    prevention: &[
        "Size the heap from the container's limit (MaxRAMPercentage, max-old-space-size)",
        "Alert on heap use after garbage collection",
    ],
};

/// An init container fails or waits: what it needs has to come.
const INIT_CONTAINER_FAILING: Playbook = Playbook {
    looks: &[pod::describe, pod::logs, network::services, pod::history],
    treatments: &[
        Treatment::when_known(
            Strategy::Rollback,
            "Return {workload} to the revision before; it loses what that revision brought",
            repair::rollout::undo_known_change,
        ),
        Treatment::by_hand(
            Strategy::FixConfig,
            "Repair what the init container needs",
            &[
                "Read the log of the init container of {pod} and find what it waits for or fails on ({host})",
                "Repair that; the pod goes on by itself as soon as the init container ends with 0",
            ],
        ),
        Treatment::when_known(
            Strategy::Rollback,
            "Return {workload} to the revision before; it loses what that revision brought",
            repair::rollout::undo,
        ),
        Treatment::by_hand(
            Strategy::FixNetworkDns,
            "Make the Service that it waits for reachable",
            &["If it waits for {host}, see that the Service exists, has endpoints and resolves"],
        ),
        Treatment::by_hand(
            Strategy::Escalate,
            "Ask the owners of {workload} what its init container needs",
            &["Ask the owners of {workload} what its init container needs"],
        ),
    ],
    verify: &[pod::list, pod::events],
    success: "The init container has ended with 0 and {pod} is ready",
    prevention: &["Give init containers a time limit and a log line that names what they wait for"],
};
