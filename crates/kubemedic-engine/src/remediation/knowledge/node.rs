//! What to do when a node or the control plane is at fault: keep pods away, and let its owners repair it.

use kubemedic_model::{class::FailureClass, plan::Strategy};

use crate::remediation::{
    look::{cluster, pod},
    playbook::{Playbook, Treatment},
    repair,
};

/// The playbook of a class of this group.
pub(super) fn playbook(class: FailureClass) -> Option<&'static Playbook> {
    Some(match class {
        FailureClass::NodeNotReady => &NODE_NOT_READY,
        FailureClass::EvictedNodePressure => &EVICTED_NODE_PRESSURE,
        FailureClass::SandboxNetwork => &SANDBOX_NETWORK,
        FailureClass::TooManyOpenFiles => &TOO_MANY_OPEN_FILES,
        FailureClass::ControlplaneDegraded => &CONTROLPLANE_DEGRADED,
        _ => return None,
    })
}

/// The node's kubelet does not report: pods stay away until it is repaired.
const NODE_NOT_READY: Playbook = Playbook {
    looks: &[
        cluster::nodes,
        cluster::describe_node,
        cluster::pods_on_node,
        cluster::system_events,
    ],
    treatments: &[
        Treatment::or_by_hand(
            Strategy::CordonDrain,
            "Keep new pods away from the node; its pods move by themselves when it stays away",
            repair::node::cordon,
            &["Find which node is not ready, cordon it, and repair it"],
        ),
        Treatment::by_hand(
            Strategy::Escalate,
            "Repair or replace the node",
            &[
                "On {node}, look at kubelet, container runtime, disk, memory and network, and restart the service that failed",
                "If it cannot be repaired soon: have its pods moved (drain, after review) and the node replaced; it is not deleted before",
            ],
        ),
        Treatment::by_hand(
            Strategy::DeleteRecreate,
            "Replace the node through its provider",
            &["Have {node} replaced by its provider or node group, after its pods have moved"],
        ),
    ],
    verify: &[cluster::nodes, cluster::pods_on_node],
    success: "{node} is Ready, or its pods run elsewhere",
    prevention: &[
        "Watch kubelet and runtime on every node, and let node groups replace nodes that stay away",
    ],
};

/// The node ran short: what fills it goes, and pods ask for what they need.
const EVICTED_NODE_PRESSURE: Playbook = Playbook {
    looks: &[
        cluster::describe_nodes,
        pod::list,
        pod::describe,
        cluster::top_nodes,
    ],
    treatments: &[
        Treatment::by_hand(
            Strategy::FixSchedule,
            "Relieve the node",
            &[
                "Find what fills {node}: images, logs, emptyDir volumes, or pods above their requests ({resource})",
                "Clean up images and logs, or give the node more; set requests and limits for that resource where they are missing, so that the guilty pod is evicted first",
            ],
        ),
        Treatment::or_by_hand(
            Strategy::CordonDrain,
            "Keep new pods away from the node until the pressure is gone",
            repair::node::cordon,
            &["Cordon {node} until the pressure is gone"],
        ),
        Treatment::by_hand(
            Strategy::PatchMemory,
            "Give the pods requests that match their use",
            &["Set the requests of {workload} to its measured use, so that it is placed where there is room"],
        ),
        Treatment::by_hand(
            Strategy::DeleteRecreate,
            "Clear away the evicted pods, after their messages are kept",
            &[
                "Delete pods that are Failed with reason Evicted one by one, once their messages are kept; their controllers have replaced them",
            ],
        ),
        Treatment::by_hand(
            Strategy::Escalate,
            "Ask the owners of the nodes",
            &["Ask the owners of {node} for a larger disk or more memory"],
        ),
    ],
    verify: &[cluster::nodes, pod::list],
    success: "{node} reports no pressure and {workload} has all its replicas",
    prevention: &[
        "Set ephemeral-storage and memory requests and limits, and let the kubelet collect images early",
    ],
};

/// The network plugin gives pods no network.
const SANDBOX_NETWORK: Playbook = Playbook {
    looks: &[
        pod::describe,
        cluster::describe_nodes,
        cluster::system_pods,
        cluster::system_events,
    ],
    treatments: &[
        Treatment::when_known(
            Strategy::CordonDrain,
            "Keep new pods away from the node that cannot start them",
            repair::node::cordon,
        ),
        Treatment::by_hand(
            Strategy::FixNetworkDns,
            "Repair the network plugin",
            &[
                "See whether the network plugin's pod runs on {node} and has its configuration, and whether addresses are left in the node's range",
                "Repair or restart that pod with its owners' approval, or give the node more addresses; pods are retried by themselves",
            ],
        ),
        Treatment::by_hand(
            Strategy::Restart,
            "Restart the network plugin on the node",
            &["With approval, delete the network plugin's pod on {node} only; its DaemonSet makes it anew"],
        ),
        Treatment::by_hand(
            Strategy::Escalate,
            "Ask the owners of the cluster's network",
            &["Ask the owners of the cluster's network"],
        ),
    ],
    verify: &[pod::list, pod::events, cluster::system_pods],
    success: "New pods on {node} start and have addresses",
    prevention: &["Alert on free pod addresses per node and on the network plugin's pods"],
};

/// A process or a node has no file handles or watches left.
const TOO_MANY_OPEN_FILES: Playbook = Playbook {
    looks: &[pod::describe, pod::logs, cluster::describe_node, pod::top],
    treatments: &[
        Treatment::when_known(
            Strategy::Rollback,
            "Return {workload} to the revision before; it loses what that revision brought",
            repair::rollout::undo_known_change,
        ),
        Treatment::by_hand(
            Strategy::FixConfig,
            "Raise the limit on the node, or close what leaks",
            &[
                "Find which limit is reached: open files of the process (nofile) or inotify watches of {node}",
                "Raise nofile in the container runtime or fs.inotify on the nodes by their owners; a count that grows without load is a leak in {workload}",
            ],
        ),
        Treatment::or_by_hand(
            Strategy::Restart,
            "Restart the pods, which frees handles for a while",
            repair::rollout::restart,
            &["Restart {workload} to win time"],
        ),
        Treatment::when_known(
            Strategy::Rollback,
            "Return {workload} to the revision before; it loses what that revision brought",
            repair::rollout::undo,
        ),
        Treatment::or_by_hand(
            Strategy::CordonDrain,
            "Keep new pods away from the node",
            repair::node::cordon,
            &["Cordon {node}, if its watches are used up"],
        ),
        Treatment::by_hand(
            Strategy::Escalate,
            "Have the owners of {workload} look for the leak",
            &["Have the owners of {workload} list the open files of the process"],
        ),
    ],
    verify: &[pod::list, pod::logs],
    success: "No more errors about open files under load",
    prevention: &["Watch open files per process, and set node limits by configuration management"],
};

/// etcd or the API server is slow: nothing is restarted blindly.
const CONTROLPLANE_DEGRADED: Playbook = Playbook {
    looks: &[
        cluster::system_pods,
        cluster::system_events,
        cluster::nodes,
        cluster::api_services,
    ],
    treatments: &[
        Treatment::by_hand(
            Strategy::Escalate,
            "Have the owners of the control plane look at etcd's disks, quorum and clocks",
            &[
                "Look at etcd's disk latency, leader, database size and clock, and at what floods the API server",
                "Repair disk, quorum or clock by the owners of the control plane; a snapshot is restored or etcd restarted only with their approval",
            ],
        ),
        Treatment::by_hand(
            Strategy::FixConfig,
            "Slow down or stop the client that floods the API server",
            &["If one client floods the API server, slow it down"],
        ),
        Treatment::by_hand(
            Strategy::Restart,
            "Restart the component that hangs, one member at a time, with approval",
            &["Restart the one member that hangs, while the others have quorum"],
        ),
    ],
    verify: &[cluster::nodes, cluster::system_pods],
    success: "All control-plane pods are ready and requests are answered quickly",
    prevention: &["Keep etcd on fast disks of its own, and alert on fsync latency and leader changes"],
};
