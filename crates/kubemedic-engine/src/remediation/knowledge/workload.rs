//! What to do about jobs, autoscalers, budgets, deletions, rollouts and replicas.

use kubemedic_model::{class::FailureClass, plan::Strategy};

use crate::remediation::{
    look::{cluster, network, object, pod},
    playbook::{Playbook, Treatment},
    repair,
};

/// The playbook of a class of this group.
pub(super) fn playbook(class: FailureClass) -> Option<&'static Playbook> {
    Some(match class {
        FailureClass::JobBackoffLimit => &JOB_BACKOFF_LIMIT,
        FailureClass::JobDeadline => &JOB_DEADLINE,
        FailureClass::HpaNoMetrics => &HPA_NO_METRICS,
        FailureClass::CpuThrottling => &CPU_THROTTLING,
        FailureClass::PdbBlocked => &PDB_BLOCKED,
        FailureClass::StuckTerminating => &STUCK_TERMINATING,
        FailureClass::ConfigChangeRegression => &CONFIG_CHANGE_REGRESSION,
        FailureClass::ReplicasZero => &REPLICAS_ZERO,
        _ => return None,
    })
}

/// The job gave up: what made it fail is repaired, then it is made anew.
const JOB_BACKOFF_LIMIT: Playbook = Playbook {
    looks: &[object::job, object::job_pods, pod::logs, pod::events],
    treatments: &[
        Treatment::by_hand(
            Strategy::FixConfig,
            "Repair the cause, then run the job anew",
            &[
                "Read the log of the last failed pod of {object} and repair what it names",
                "Then run it anew from its manifest or CronJob under a new name; a failed job does not start again by itself",
            ],
        ),
        Treatment::by_hand(
            Strategy::DeleteRecreate,
            "Delete the failed job and apply it anew, after the cause is repaired",
            &["Only after the repair: keep its logs, delete {object} and apply it again"],
        ),
        Treatment::by_hand(
            Strategy::Escalate,
            "Ask the owners of the job",
            &["Hand the log to the owners of {object}"],
        ),
    ],
    verify: &[object::job, object::jobs],
    success: "The new run completes",
    prevention: &["Make jobs repeatable, and alert on failed ones"],
};

/// The job took too long or was not started.
const JOB_DEADLINE: Playbook = Playbook {
    looks: &[object::job, object::jobs, pod::logs, pod::events],
    treatments: &[
        Treatment::or_by_hand(
            Strategy::FixConfig,
            "Let the schedule run",
            repair::config::resume_schedule,
            &[
                "Compare deadline, schedule, concurrency policy and suspension of {object} with how long a run takes",
                "Correct the one that does not fit, with a merge patch of the CronJob; or make the run faster. The CronJob is not deleted",
            ],
        ),
        Treatment::by_hand(
            Strategy::DeleteRecreate,
            "Run the job once, by hand, from its CronJob",
            &["Run it once from its CronJob under a new name, if the missed run matters"],
        ),
        Treatment::by_hand(
            Strategy::PatchCpu,
            "Give the job more CPU, if it is only slow",
            &["If the run is slow for lack of CPU, raise the limit in the job template"],
        ),
        Treatment::by_hand(
            Strategy::Escalate,
            "Ask the owners of the job",
            &["Ask the owners of {object} how long a run may take"],
        ),
    ],
    verify: &[object::job, object::jobs],
    success: "The next run starts on time and completes in time",
    prevention: &["Alert on missed schedules and on runs near their deadline"],
};

/// The autoscaler has no numbers: a request is missing or the metrics API is down.
const HPA_NO_METRICS: Playbook = Playbook {
    looks: &[
        object::autoscaler,
        cluster::api_services,
        pod::top,
        cluster::system_pods,
    ],
    treatments: &[
        Treatment::by_hand(
            Strategy::FixConfig,
            "Bring the metrics back",
            &[
                "See whether metrics.k8s.io is available, and whether every container of {workload} has a request for the resource that is scaled by",
                "Repair or install metrics-server, or set the missing requests; the autoscaler is not deleted",
            ],
        ),
        Treatment::by_hand(
            Strategy::PatchCpu,
            "Give the containers the CPU request that utilisation is measured against",
            &["Measure what {workload} uses, and set it as CPU request of every container"],
        ),
        Treatment::or_by_hand(
            Strategy::ScaleOut,
            "Scale by hand meanwhile",
            repair::replicas::one_more,
            &["Scale {workload} by hand until the metrics are back"],
        ),
        Treatment::by_hand(
            Strategy::Escalate,
            "Ask the owners of the cluster's monitoring",
            &["Ask the owners of the cluster's monitoring"],
        ),
    ],
    verify: &[object::autoscaler, pod::top],
    success: "The autoscaler shows a current value and ScalingActive True",
    prevention: &["Require resource requests by policy, and alert when metrics.k8s.io is unavailable"],
};

/// The CPU limit is lower than what the container needs.
const CPU_THROTTLING: Playbook = Playbook {
    looks: &[pod::top, pod::describe, pod::workload, pod::history],
    treatments: &[
        Treatment::or_by_hand(
            Strategy::PatchCpu,
            "Raise the CPU limit of {container}",
            repair::resources::raise_cpu,
            &[
                "Find the CPU limit of {container} and how much of the time it is throttled, and raise the limit with kubectl set resources on {workload}, naming the container and the new limit",
            ],
        ),
        Treatment::or_by_hand(
            Strategy::ScaleOut,
            "Spread the load over one replica more",
            repair::replicas::one_more,
            &["Give {workload} more replicas"],
        ),
        Treatment::when_known(
            Strategy::Rollback,
            "Return {workload} to the revision before; it loses what that revision brought",
            repair::rollout::undo,
        ),
        Treatment::by_hand(
            Strategy::Escalate,
            "Have the owners of {workload} profile it",
            &["Have the owners of {workload} look for what burns CPU"],
        ),
    ],
    verify: &[pod::rollout_status, pod::list, pod::top],
    success: "{container} is hardly throttled under load",
    prevention: &["Set CPU requests from measured use, and limits well above them"],
};

/// The budget allows no disruption now: a replica more makes room, the budget stays.
const PDB_BLOCKED: Playbook = Playbook {
    looks: &[object::budgets, pod::list, pod::workload, cluster::nodes],
    treatments: &[
        Treatment::or_by_hand(
            Strategy::ScaleOut,
            "One replica more, so that one may go",
            repair::replicas::one_more,
            &[
                "See which budget refuses ({budget}), how many pods it wants, and why some are not ready",
                "Repair pods that are not ready, or scale the covered workload up by one; then the eviction goes on",
            ],
        ),
        Treatment::by_hand(
            Strategy::FixSchedule,
            "Have the budget's owner allow one disruption",
            &["Have the owner of {budget} allow one disruption; the budget is not deleted"],
        ),
        Treatment::when_known(
            Strategy::Rollback,
            "Return {workload} to the revision before; it loses what that revision brought",
            repair::rollout::undo,
        ),
        Treatment::by_hand(
            Strategy::Escalate,
            "Ask the owners of {workload}",
            &["Ask the owners of {workload} when its pods may move"],
        ),
    ],
    verify: &[object::budgets, pod::list],
    success: "The budget allows a disruption, and the eviction succeeds",
    prevention: &["Run at least one replica more than the budget demands"],
};

/// Something that must clean up does not: that is repaired, finalizers stay.
const STUCK_TERMINATING: Playbook = Playbook {
    looks: &[
        object::guilty,
        pod::describe,
        cluster::api_services,
        cluster::nodes,
    ],
    treatments: &[
        Treatment::by_hand(
            Strategy::Escalate,
            "Repair the controller that owns the finalizer",
            &[
                "Find what deletion waits for: {finalizer} and the controller that owns it, an extension API that is away, or a node that is gone",
                "Repair that controller, API or node: it then finishes the deletion by itself. A finalizer is removed only by its owner, after the outside resource is known to be gone",
            ],
        ),
        Treatment::by_hand(
            Strategy::DeleteRecreate,
            "Confirm a lost node as gone, so that its pods are released",
            &["If {node} is gone for good, have it confirmed down by its owners; its pods are then released"],
        ),
        Treatment::by_hand(
            Strategy::FixConfig,
            "Repair the extension API or controller",
            &["Repair the extension API or controller that does not answer"],
        ),
        Treatment::by_hand(
            Strategy::Restart,
            "Restart the controller that owns the finalizer",
            &["Restart the controller that owns {finalizer}, if it hangs"],
        ),
    ],
    verify: &[object::guilty, pod::list],
    success: "{object} is gone",
    prevention: &["Remove controllers only after the objects that they have to clean up"],
};

/// Errors began with a change: it is undone.
const CONFIG_CHANGE_REGRESSION: Playbook = Playbook {
    looks: &[pod::history, pod::workload, pod::logs, object::config_maps],
    treatments: &[
        Treatment::when_known(
            Strategy::Rollback,
            "Return {workload} to the revision before; it loses what that revision brought",
            repair::rollout::undo,
        ),
        Treatment::by_hand(
            Strategy::RevertConfig,
            "Return the configuration to its last working version",
            &[
                "Find what changed just before the errors began ({configmap})",
                "Return it to its last working version from version control, then restart {workload}, if it reads it only when it starts",
            ],
        ),
        Treatment::or_by_hand(
            Strategy::Restart,
            "Restart the pods, after the configuration is back",
            repair::rollout::restart,
            &["Restart {workload} after the configuration is back; alone it keeps the bad one"],
        ),
        Treatment::by_hand(
            Strategy::Escalate,
            "Ask whoever made the change",
            &["Ask whoever made the change"],
        ),
    ],
    verify: &[pod::rollout_status, pod::list, pod::logs],
    success: "The errors that began with the change have ended",
    prevention: &["Roll out changes gradually, and watch errors before going on"],
};

/// Nothing serves because nothing runs.
const REPLICAS_ZERO: Playbook = Playbook {
    looks: &[pod::workload, pod::events, object::autoscaler, pod::history],
    treatments: &[
        Treatment::or_by_hand(
            Strategy::ScaleOut,
            "Bring the replicas back",
            repair::replicas::scale_back,
            &[
                "Find out who scaled {workload} to zero, and why, and how many replicas it had",
                "Scale it back to that number",
            ],
        ),
        Treatment::when_known(
            Strategy::Rollback,
            "Return {workload} to the revision before; it loses what that revision brought",
            repair::rollout::undo,
        ),
        Treatment::by_hand(
            Strategy::FixSchedule,
            "Repair what keeps replicas from being made",
            &[
                "If replicas are asked for but not made, look at the events of {workload}: quota, admission, controller",
            ],
        ),
        Treatment::by_hand(
            Strategy::Escalate,
            "Ask whoever scaled it down",
            &["Ask whoever scaled {workload} down whether it was meant"],
        ),
    ],
    verify: &[pod::rollout_status, pod::list, network::endpoints],
    success: "{workload} has all its replicas ready",
    prevention: &[
        "Alert on workloads without replicas, and keep counts in version control or with an autoscaler",
    ],
};
