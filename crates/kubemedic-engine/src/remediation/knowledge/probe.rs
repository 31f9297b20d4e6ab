//! What to do when probes fail: repair the probe or what it checks, never remove it.

use kubemedic_model::{class::FailureClass, plan::Strategy};

use crate::remediation::{
    look::{network, pod},
    playbook::{Playbook, Treatment},
    repair,
};

/// The playbook of a class of this group.
pub(super) fn playbook(class: FailureClass) -> Option<&'static Playbook> {
    Some(match class {
        FailureClass::LivenessProbeFailing => &LIVENESS_PROBE_FAILING,
        FailureClass::ReadinessProbeFailing => &READINESS_PROBE_FAILING,
        _ => return None,
    })
}

/// The kubelet restarts a container that it believes dead.
const LIVENESS_PROBE_FAILING: Playbook = Playbook {
    looks: &[pod::describe, pod::previous_logs, pod::workload, pod::history],
    treatments: &[
        Treatment::when_known(
            Strategy::FixProbe,
            "Let the probe ask the right port, in the right protocol, with enough time",
            repair::probe::liveness,
        ),
        Treatment::when_known(
            Strategy::Rollback,
            "Return {workload} to the revision before; it loses what that revision brought",
            repair::rollout::undo_known_change,
        ),
        Treatment::by_hand(
            Strategy::FixProbe,
            "Correct the probe",
            &[
                "Compare path, port and protocol of the liveness or startup probe with what {container} serves, and its delays with the start-up time in the log",
                "Correct the probe in the manifest of {workload}, or with a strategic merge patch that names the container and the probe's fields; do not remove it",
            ],
        ),
        Treatment::when_known(
            Strategy::Rollback,
            "Return {workload} to the revision before; it loses what that revision brought",
            repair::rollout::undo,
        ),
        Treatment::or_by_hand(
            Strategy::PatchCpu,
            "Give a container that is too slow to answer more CPU",
            repair::resources::raise_cpu,
            &["If {container} is throttled, raise its CPU limit"],
        ),
        Treatment::by_hand(
            Strategy::Escalate,
            "Ask the owners of {workload} why it hangs",
            &["If the probe is right, hand the log of {pod} to the owners of {workload}: it hangs"],
        ),
    ],
    verify: &[pod::rollout_status, pod::list, pod::events],
    success: "Every pod of {workload} is Running and ready, and restarts no longer rise",
    prevention: &["Use a startup probe for slow starts, and keep the liveness probe free of dependencies"],
};

/// The pod runs but gets no traffic: the probe is wrong or what it checks is not there.
const READINESS_PROBE_FAILING: Playbook = Playbook {
    looks: &[pod::describe, pod::logs, network::services, pod::history],
    treatments: &[
        Treatment::when_known(
            Strategy::FixProbe,
            "Let the probe ask the right port, in the right protocol",
            repair::probe::readiness,
        ),
        Treatment::when_known(
            Strategy::Rollback,
            "Return {workload} to the revision before; it loses what that revision brought",
            repair::rollout::undo_known_change,
        ),
        Treatment::by_hand(
            Strategy::FixProbe,
            "Correct the probe, or repair the dependency that it checks",
            &[
                "Compare path, port and protocol of the readiness probe with what {container} serves",
                "If the probe is right, repair what the log of {pod} says is missing; do not remove the probe",
            ],
        ),
        Treatment::when_known(
            Strategy::Rollback,
            "Return {workload} to the revision before; it loses what that revision brought",
            repair::rollout::undo,
        ),
        Treatment::or_by_hand(
            Strategy::FixConfig,
            "Correct the address of a dependency that readiness waits for",
            repair::config::service_address,
            &["If readiness waits for a dependency, correct its address or repair it"],
        ),
        Treatment::by_hand(
            Strategy::Escalate,
            "Ask the owners of {workload} why it is not ready",
            &["Hand the log of {pod} to the owners of {workload}"],
        ),
    ],
    verify: &[pod::rollout_status, pod::list, network::endpoints],
    success: "{pod} is ready and listed in the endpoints of its Service",
    prevention: &["Test probes together with the image, and alert on pods that stay unready"],
};
