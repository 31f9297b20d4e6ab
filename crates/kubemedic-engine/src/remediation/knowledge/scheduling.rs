//! What to do when no node takes a pod.

use kubemedic_model::{class::FailureClass, plan::Strategy};

use crate::remediation::{
    look::{cluster, pod},
    playbook::{Playbook, Treatment},
    repair,
};

/// The playbook of a class of this group.
pub(super) fn playbook(class: FailureClass) -> Option<&'static Playbook> {
    Some(match class {
        FailureClass::UnschedulableResources => &UNSCHEDULABLE_RESOURCES,
        FailureClass::UnschedulableGpu => &UNSCHEDULABLE_GPU,
        FailureClass::UnschedulableTaint => &UNSCHEDULABLE_TAINT,
        FailureClass::UnschedulableAffinity => &UNSCHEDULABLE_AFFINITY,
        _ => return None,
    })
}

/// No node has the room: the request shrinks or the cluster grows.
const UNSCHEDULABLE_RESOURCES: Playbook = Playbook {
    looks: &[
        pod::describe,
        cluster::describe_nodes,
        cluster::top_nodes,
        pod::workload,
    ],
    treatments: &[
        Treatment::when_known(
            Strategy::FixSchedule,
            "Let pods back on a node that is cordoned",
            repair::node::uncordon,
        ),
        Treatment::when_known(
            Strategy::PatchMemory,
            "Lower a memory request that no node can hold",
            repair::resources::fit_memory_request,
        ),
        Treatment::when_known(
            Strategy::PatchCpu,
            "Lower a CPU request that no node can hold",
            repair::resources::fit_cpu_request,
        ),
        Treatment::when_known(
            Strategy::Rollback,
            "Return {workload} to the revision before; it loses what that revision brought",
            repair::rollout::undo_known_change,
        ),
        Treatment::by_hand(
            Strategy::FixSchedule,
            "Make room: lower the request to what is used, or add nodes",
            &[
                "Compare the requests of {workload} with what the nodes have left and with what its pods really use",
                "Either lower the request with kubectl set resources to a little above the measured use, or add nodes or raise the node autoscaler's maximum; other teams' pods stay",
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
            &["If {workload} can do with fewer replicas, scale it down to what fits, never to zero"],
        ),
        Treatment::by_hand(
            Strategy::Escalate,
            "Ask the owners of the cluster for nodes",
            &["Ask the owners of the cluster for more nodes"],
        ),
    ],
    verify: &[pod::list, pod::events],
    success: "{pod} is bound to a node and ready",
    prevention: &["Set requests from measured use, and alert when a node pool is nearly full"],
};

/// No node offers the extended resource.
const UNSCHEDULABLE_GPU: Playbook = Playbook {
    looks: &[
        pod::describe,
        cluster::describe_nodes,
        cluster::system_pods,
        pod::events,
    ],
    treatments: &[
        Treatment::when_known(
            Strategy::Rollback,
            "Return {workload} to the revision before; it loses what that revision brought",
            repair::rollout::undo_known_change,
        ),
        Treatment::by_hand(
            Strategy::FixSchedule,
            "Offer the resource on a node",
            &[
                "See whether any node offers {resource}: a node without it lacks the hardware or its device plugin",
                "Repair the device plugin, add a node that has it, or wait until another pod frees it",
            ],
        ),
        Treatment::when_known(
            Strategy::Rollback,
            "Return {workload} to the revision before; it loses what that revision brought",
            repair::rollout::undo,
        ),
        Treatment::by_hand(
            Strategy::FixConfig,
            "Ask for fewer of them",
            &["If {workload} can do with fewer of {resource}, lower its limit"],
        ),
        Treatment::by_hand(
            Strategy::Escalate,
            "Ask the owners of the cluster for nodes with it",
            &["Ask the owners of the cluster for a node with {resource}"],
        ),
    ],
    verify: &[pod::list, pod::events],
    success: "{pod} is bound to a node and ready",
    prevention: &["Alert when device plugins or their nodes go away"],
};

/// The nodes that would fit keep the pod away.
const UNSCHEDULABLE_TAINT: Playbook = Playbook {
    looks: &[
        pod::describe,
        cluster::describe_nodes,
        pod::workload,
        cluster::nodes,
    ],
    treatments: &[
        Treatment::or_by_hand(
            Strategy::FixSchedule,
            "Let pods back on the node, or tolerate its taint",
            repair::schedule::uncordon_or_tolerate,
            &[
                "Find out why the nodes carry {taint}: a taint of a dedicated pool wants a toleration, one that Kubernetes set wants the node repaired",
                "Add a toleration of exactly that taint to {workload}, or have the owners of the nodes remove it after review; control-plane nodes keep theirs",
            ],
        ),
        Treatment::when_known(
            Strategy::Rollback,
            "Return {workload} to the revision before; it loses what that revision brought",
            repair::rollout::undo,
        ),
        Treatment::by_hand(
            Strategy::CordonDrain,
            "Add nodes without the taint",
            &["Add nodes without {taint} for such pods"],
        ),
        Treatment::by_hand(
            Strategy::Escalate,
            "Ask the owners of the nodes",
            &["Ask the owners of the nodes whether {workload} belongs there"],
        ),
    ],
    verify: &[pod::list, pod::events],
    success: "{pod} is bound to a node and ready",
    prevention: &[
        "Write tolerations and node pools down together, and remove taints of maintenance when it ends",
    ],
};

/// No node has what selector, affinity or volume ask for.
const UNSCHEDULABLE_AFFINITY: Playbook = Playbook {
    looks: &[
        pod::describe,
        cluster::node_labels,
        pod::workload,
        cluster::volumes,
    ],
    treatments: &[
        Treatment::when_known(
            Strategy::FixSchedule,
            "Let pods back on the node, or select what nodes carry",
            repair::schedule::uncordon_or_select,
        ),
        Treatment::when_known(
            Strategy::Rollback,
            "Return {workload} to the revision before; it loses what that revision brought",
            repair::rollout::undo_known_change,
        ),
        Treatment::by_hand(
            Strategy::FixSchedule,
            "Correct the selector or affinity, or label the right node",
            &[
                "Compare {label} of {workload} with the labels of the nodes",
                "Correct the constraint in the manifest, or label the node that is meant, after its owners agree; a volume that is bound to a zone stays there",
            ],
        ),
        Treatment::when_known(
            Strategy::Rollback,
            "Return {workload} to the revision before; it loses what that revision brought",
            repair::rollout::undo,
        ),
        Treatment::by_hand(
            Strategy::ScaleOut,
            "Run at most as many replicas as there are nodes that fit",
            &[
                "With anti-affinity, run at most one replica of {workload} per fitting node, or prefer instead of require it",
            ],
        ),
        Treatment::by_hand(
            Strategy::Escalate,
            "Ask the owners of the nodes",
            &["Ask the owners of the nodes which label or zone is meant"],
        ),
    ],
    verify: &[pod::list, pod::events],
    success: "{pod} is bound to a node and ready",
    prevention: &["Prefer soft constraints where hard ones are not needed, and check node labels in CI"],
};
