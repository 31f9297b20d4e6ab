//! What to do when the API server refuses an object.

use kubemedic_model::{class::FailureClass, plan::Strategy};

use crate::remediation::{
    look::{cluster, network, object, pod},
    playbook::{Playbook, Treatment},
    repair,
};

/// The playbook of a class of this group.
pub(super) fn playbook(class: FailureClass) -> Option<&'static Playbook> {
    Some(match class {
        FailureClass::QuotaExceeded => &QUOTA_EXCEEDED,
        FailureClass::AdmissionDenied => &ADMISSION_DENIED,
        FailureClass::WebhookUnavailable => &WEBHOOK_UNAVAILABLE,
        _ => return None,
    })
}

/// The namespace may not use more, or a container is out of bounds; quotas are not removed.
const QUOTA_EXCEEDED: Playbook = Playbook {
    looks: &[object::quotas, object::replica_sets, pod::workload, pod::events],
    treatments: &[
        Treatment::when_known(
            Strategy::FixSchedule,
            "Bring the container within the limit range",
            repair::resources::fit_limit_range,
        ),
        Treatment::when_known(
            Strategy::Rollback,
            "Return {workload} to the revision before; it loses what that revision brought",
            repair::rollout::undo_known_change,
        ),
        Treatment::by_hand(
            Strategy::FixSchedule,
            "Use less, or have the quota raised",
            &[
                "See which resource of {quota} is used up, and by whom",
                "Lower the requests or replicas of what can do with less in {namespace}, set requests and limits where they are missing, or have the owner of the quota raise it",
            ],
        ),
        Treatment::when_known(
            Strategy::Rollback,
            "Return {workload} to the revision before; it loses what that revision brought",
            repair::rollout::undo,
        ),
        Treatment::by_hand(
            Strategy::ScaleOut,
            "Run fewer replicas",
            &["Scale {workload} down to what the quota holds, never to zero"],
        ),
        Treatment::by_hand(
            Strategy::Escalate,
            "Ask the owner of the quota",
            &["Ask the owner of {quota} to raise it, with the numbers"],
        ),
    ],
    verify: &[object::quotas, pod::list],
    success: "All replicas of {workload} exist and are ready",
    prevention: &["Alert at 80 percent of every quota, and check manifests against limit ranges in CI"],
};

/// A policy refuses the object: the object complies or its owner grants an exception.
const ADMISSION_DENIED: Playbook = Playbook {
    looks: &[
        object::replica_sets,
        object::namespace,
        cluster::webhooks,
        pod::workload,
    ],
    treatments: &[
        Treatment::when_known(
            Strategy::FixRbac,
            "Create the service account that the pods refer to",
            repair::config::create_account,
        ),
        Treatment::when_known(
            Strategy::Rollback,
            "Return {workload} to the revision before; it loses what that revision brought",
            repair::rollout::undo_known_change,
        ),
        Treatment::by_hand(
            Strategy::FixConfig,
            "Make the object comply",
            &[
                "Read which rule {workload} breaks, and on which field",
                "Correct that field in its manifest (securityContext, labels, image source, service account); the policy and the namespace's level stay",
            ],
        ),
        Treatment::when_known(
            Strategy::Rollback,
            "Return {workload} to the revision before; it loses what that revision brought",
            repair::rollout::undo,
        ),
        Treatment::by_hand(
            Strategy::Escalate,
            "Ask the policy's owner for an exception",
            &["Ask the owners of {webhook} for an exception, if the object cannot comply"],
        ),
    ],
    verify: &[pod::rollout_status, pod::list],
    success: "All replicas of {workload} exist and are ready",
    prevention: &["Run the same policies in CI, against the rendered manifests"],
};

/// The webhook's own pods do not answer, and so nothing is admitted.
const WEBHOOK_UNAVAILABLE: Playbook = Playbook {
    looks: &[cluster::webhooks, network::endpoints, pod::list, pod::logs],
    treatments: &[
        Treatment::when_known(
            Strategy::ScaleOut,
            "Bring the webhook's pods back from zero",
            repair::replicas::scale_back,
        ),
        Treatment::by_hand(
            Strategy::FixNetworkDns,
            "Make the webhook's Service answer",
            &[
                "Find the Service behind {webhook} and see that its pods run, are ready and serve its port with a valid certificate",
                "Repair those pods; the webhook's configuration stays",
            ],
        ),
        Treatment::or_by_hand(
            Strategy::Restart,
            "Restart the webhook's pods",
            repair::rollout::restart,
            &["Restart the pods behind {webhook}, if they hang"],
        ),
        Treatment::by_hand(
            Strategy::Escalate,
            "Have the webhook's owner decide about its failure policy",
            &[
                "Only if the repair takes long: have the owner of {webhook} decide whether failures may be ignored for that time",
            ],
        ),
    ],
    verify: &[network::endpoints, pod::list],
    success: "The webhook's Service has endpoints, and new pods are admitted",
    prevention: &[
        "Run webhooks with several replicas and a disruption budget, and leave their own namespace out of their scope",
    ],
};
