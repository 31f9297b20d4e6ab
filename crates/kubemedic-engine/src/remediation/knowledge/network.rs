//! What to do when a call does not arrive or comes back with an error.

use kubemedic_model::{class::FailureClass, plan::Strategy};

use crate::remediation::{
    look::{cluster, network, object, pod},
    playbook::{Playbook, Treatment},
    repair,
};

/// The playbook of a class of this group.
pub(super) fn playbook(class: FailureClass) -> Option<&'static Playbook> {
    Some(match class {
        FailureClass::DnsFailure => &DNS_FAILURE,
        FailureClass::ConnectionRefusedDependency => &CONNECTION_REFUSED_DEPENDENCY,
        FailureClass::ConnectionTimeoutDependency => &CONNECTION_TIMEOUT_DEPENDENCY,
        FailureClass::NetworkPolicyBlocked => &NETWORK_POLICY_BLOCKED,
        FailureClass::ServiceSelectorMismatch => &SERVICE_SELECTOR_MISMATCH,
        FailureClass::ServicePortMismatch => &SERVICE_PORT_MISMATCH,
        FailureClass::IngressMisconfigured => &INGRESS_MISCONFIGURED,
        FailureClass::PortConflict => &PORT_CONFLICT,
        FailureClass::RateLimitedUpstream => &RATE_LIMITED_UPSTREAM,
        FailureClass::Upstream5xx => &UPSTREAM_5XX,
        _ => return None,
    })
}

/// A name does not resolve: the name is wrong or the servers are.
const DNS_FAILURE: Playbook = Playbook {
    looks: &[cluster::dns_pods, network::services, network::policies, pod::logs],
    treatments: &[
        Treatment::when_known(
            Strategy::FixConfig,
            "Name the Service that exists",
            repair::config::service_address,
        ),
        Treatment::when_known(
            Strategy::Rollback,
            "Return {workload} to the revision before; it loses what that revision brought",
            repair::rollout::undo_known_change,
        ),
        Treatment::by_hand(
            Strategy::FixNetworkDns,
            "Repair the name or the way to the DNS servers",
            &[
                "See whether {host} is the name of a Service that exists, in the right namespace and without a typing error",
                "If every name fails: see that the DNS servers run and that network policies admit UDP and TCP port 53; they are changed only with their owners' approval",
            ],
        ),
        Treatment::when_known(
            Strategy::Rollback,
            "Return {workload} to the revision before; it loses what that revision brought",
            repair::rollout::undo,
        ),
        Treatment::by_hand(
            Strategy::Restart,
            "Restart the DNS servers, with approval",
            &["With approval, restart the DNS servers one at a time, if they hang"],
        ),
        Treatment::by_hand(
            Strategy::Escalate,
            "Ask the owners of the cluster's DNS",
            &["Ask the owners of the cluster's DNS, or of the zone of {host}"],
        ),
    ],
    verify: &[cluster::dns_pods, pod::logs, pod::list],
    success: "{host} resolves from {pod}, and the errors have ended",
    prevention: &["Alert on DNS errors and latency, and check host names in configuration"],
};

/// Nothing listens where the client calls: the dependency is down or elsewhere.
const CONNECTION_REFUSED_DEPENDENCY: Playbook = Playbook {
    looks: &[network::service, network::endpoints, pod::list, pod::logs],
    treatments: &[
        Treatment::when_known(
            Strategy::FixConfig,
            "Call the address that exists",
            repair::config::service_address,
        ),
        Treatment::when_known(
            Strategy::ScaleOut,
            "Bring the dependency back from zero",
            repair::replicas::scale_back,
        ),
        Treatment::when_known(
            Strategy::Rollback,
            "Return {workload} to the revision before; it loses what that revision brought",
            repair::rollout::undo_known_change,
        ),
        Treatment::by_hand(
            Strategy::FixNetworkDns,
            "Repair the dependency, or call it where it listens",
            &[
                "See whether {host} has endpoints for {port}, and whether its pods run, are ready and listen on that port",
                "Repair the dependency first; correct the client's address if it listens elsewhere. Restarting the client alone does not help",
            ],
        ),
        Treatment::when_known(
            Strategy::Rollback,
            "Return {workload} to the revision before; it loses what that revision brought",
            repair::rollout::undo,
        ),
        Treatment::by_hand(
            Strategy::Restart,
            "Restart the dependency, if it hangs",
            &["Restart the workload behind {host}, if its pods run but do not listen"],
        ),
        Treatment::by_hand(
            Strategy::Escalate,
            "Ask the owners of the dependency",
            &["Ask the owners of {host}"],
        ),
    ],
    verify: &[network::endpoints, pod::list, pod::logs],
    success: "{host} has endpoints and accepts connections, and the errors have ended",
    prevention: &["Retry with back-off in the client, and alert on Services without endpoints"],
};

/// The dependency does not answer in time, or packets are lost.
const CONNECTION_TIMEOUT_DEPENDENCY: Playbook = Playbook {
    looks: &[network::service, network::policies, pod::list, pod::logs],
    treatments: &[
        Treatment::when_known(
            Strategy::FixConfig,
            "Call the address that exists",
            repair::config::service_address,
        ),
        Treatment::when_known(
            Strategy::ScaleOut,
            "Bring the dependency back from zero",
            repair::replicas::scale_back,
        ),
        Treatment::when_known(
            Strategy::Rollback,
            "Return {workload} to the revision before; it loses what that revision brought",
            repair::rollout::undo_known_change,
        ),
        Treatment::by_hand(
            Strategy::FixNetworkDns,
            "Find where the way to the dependency ends",
            &[
                "See whether {host} has endpoints for {port}, whether its pods are overloaded, and whether a network policy or firewall lies between",
                "Repair the dependency or the way to it; longer timeouts only hide it",
            ],
        ),
        Treatment::when_known(
            Strategy::Rollback,
            "Return {workload} to the revision before; it loses what that revision brought",
            repair::rollout::undo,
        ),
        Treatment::by_hand(
            Strategy::ScaleOut,
            "Give an overloaded dependency more replicas",
            &["If the dependency is overloaded, scale its workload up"],
        ),
        Treatment::by_hand(
            Strategy::Escalate,
            "Ask the owners of the dependency or of the network",
            &["Ask the owners of {host}, with the times of the failures"],
        ),
    ],
    verify: &[network::endpoints, pod::list, pod::logs],
    success: "Calls to {host} are answered in time, and the errors have ended",
    prevention: &[
        "Set timeouts, retries with back-off and a circuit breaker, and watch the dependency's latency",
    ],
};

/// A policy drops the traffic: it is widened by a rule, not removed.
const NETWORK_POLICY_BLOCKED: Playbook = Playbook {
    looks: &[network::policies, pod::list_labels, network::services, pod::logs],
    treatments: &[
        Treatment::by_hand(
            Strategy::FixNetworkDns,
            "Admit the flow by a rule of its own",
            &[
                "Find which policy covers the pods on either side, and which peers and ports it admits: {network_policy}, if it is that one",
                "Have its owner admit exactly this flow (peer labels, port) in version control, or label the client's pods as the policy expects; no policy is deleted",
            ],
        ),
        Treatment::by_hand(
            Strategy::RevertConfig,
            "Return the policy to its last version",
            &["If {network_policy} changed lately, apply its version before"],
        ),
        Treatment::when_known(
            Strategy::Rollback,
            "Return {workload} to the revision before; it loses what that revision brought",
            repair::rollout::undo,
        ),
        Treatment::by_hand(
            Strategy::Escalate,
            "Ask the policy's owner",
            &["Ask the owner of {network_policy} whether the flow is meant to be blocked"],
        ),
    ],
    verify: &[network::policies, pod::logs, pod::list],
    success: "The connection is accepted, and the errors have ended",
    prevention: &["Test network policies with the flows that must pass"],
};

/// The Service selects no pods although they run.
const SERVICE_SELECTOR_MISMATCH: Playbook = Playbook {
    looks: &[
        network::service,
        network::endpoints,
        pod::list_labels,
        pod::workload,
    ],
    treatments: &[
        Treatment::or_by_hand(
            Strategy::FixNetworkDns,
            "Let the selector match the pods' labels",
            repair::network::match_selector,
            &[
                "Compare the selector of {service} with the labels of the pods that should serve it",
                "Patch the selector of {service} to those labels, with a merge patch of spec.selector; the Service is not deleted",
            ],
        ),
        Treatment::when_known(
            Strategy::Rollback,
            "Return {workload} to the revision before; it loses what that revision brought",
            repair::rollout::undo,
        ),
        Treatment::by_hand(
            Strategy::RevertConfig,
            "Return the Service to its last version",
            &["Apply the last version of {service} from version control"],
        ),
        Treatment::by_hand(
            Strategy::Escalate,
            "Ask the owners of {service}",
            &["Ask the owners of {service} which pods are meant"],
        ),
    ],
    verify: &[network::endpoints, network::service],
    success: "{service} has the pods' addresses as endpoints",
    prevention: &["Take selector and labels from one template, and alert on Services without endpoints"],
};

/// The Service sends traffic to a port on which nothing listens.
const SERVICE_PORT_MISMATCH: Playbook = Playbook {
    looks: &[network::service, network::endpoints, pod::workload, pod::list],
    treatments: &[
        Treatment::or_by_hand(
            Strategy::FixNetworkDns,
            "Send to the port that the container listens on",
            repair::network::match_port,
            &[
                "Find on which port {container} listens, and compare it with the target port of {service}",
                "Patch the target port of {service}, with a strategic merge patch of spec.ports that names the Service's port; the Service is not deleted",
            ],
        ),
        Treatment::or_by_hand(
            Strategy::FixConfig,
            "Call the port that the Service has",
            repair::config::service_address,
            &["If the client calls the wrong port, correct its address"],
        ),
        Treatment::when_known(
            Strategy::Rollback,
            "Return {workload} to the revision before; it loses what that revision brought",
            repair::rollout::undo,
        ),
        Treatment::by_hand(
            Strategy::Escalate,
            "Ask the owners of {service}",
            &["Ask the owners of {service} which port and protocol are right"],
        ),
    ],
    verify: &[network::endpoints, network::service, pod::logs],
    success: "Calls to {service} are answered",
    prevention: &["Name container ports and refer to them by name"],
};

/// The route leads nowhere: class, backend or certificate is missing.
const INGRESS_MISCONFIGURED: Playbook = Playbook {
    looks: &[
        network::ingress,
        cluster::ingress_classes,
        network::services,
        object::secrets,
    ],
    treatments: &[
        Treatment::by_hand(
            Strategy::FixNetworkDns,
            "Complete the route",
            &[
                "Compare class, backend Service and port, and TLS Secret of {object} with what exists",
                "Correct the field that names nothing, or provide what it names; the Ingress is not deleted",
            ],
        ),
        Treatment::by_hand(
            Strategy::RevertConfig,
            "Return the Ingress to its last version",
            &["Apply the last version of {object} from version control"],
        ),
        Treatment::by_hand(
            Strategy::FixSecret,
            "Provide the TLS Secret",
            &["Have the certificate's owner provide {secret}"],
        ),
        Treatment::by_hand(
            Strategy::Escalate,
            "Ask the owners of the ingress controller",
            &["Ask the owners of the ingress controller which class is right"],
        ),
    ],
    verify: &[network::ingress, network::endpoints],
    success: "{object} has an address, and its hosts answer",
    prevention: &["Check backends, classes and Secrets of routes in CI"],
};

/// Two listen on one port, in a pod or on a node.
const PORT_CONFLICT: Playbook = Playbook {
    looks: &[pod::describe, pod::previous_logs, pod::workload, pod::history],
    treatments: &[
        Treatment::when_known(
            Strategy::Rollback,
            "Return {workload} to the revision before; it loses what that revision brought",
            repair::rollout::undo_known_change,
        ),
        Treatment::by_hand(
            Strategy::FixConfig,
            "Give one of them another port",
            &[
                "Find who holds {port}: another container of the pod, another process, or a hostPort or host network pod on the node",
                "Give one of them another port in the manifest of {workload}, and correct its Service and probes too; another team's pod stays",
            ],
        ),
        Treatment::when_known(
            Strategy::Rollback,
            "Return {workload} to the revision before; it loses what that revision brought",
            repair::rollout::undo,
        ),
        Treatment::by_hand(
            Strategy::FixSchedule,
            "Keep pods with the same host port on different nodes",
            &["Keep pods that need the same host port apart by anti-affinity, or do without the host port"],
        ),
        Treatment::by_hand(
            Strategy::Escalate,
            "Ask the owners of {workload} which port is right",
            &["Ask the owners of {workload} which of its containers may move"],
        ),
    ],
    verify: &[pod::rollout_status, pod::list],
    success: "Every pod of {workload} is Running and ready, and restarts no longer rise",
    prevention: &["Write ports down per pod, and avoid host ports"],
};

/// An upstream throttles: more replicas or restarts make it worse.
const RATE_LIMITED_UPSTREAM: Playbook = Playbook {
    looks: &[pod::logs, pod::list, pod::top, pod::history],
    treatments: &[
        Treatment::by_hand(
            Strategy::FixConfig,
            "Call less",
            &[
                "Find how often {workload} calls {host}, and against which limit",
                "Lower the rate: cache, batch, back off as Retry-After says; do not scale the client up and do not restart it",
            ],
        ),
        Treatment::by_hand(
            Strategy::ScaleOut,
            "Run fewer replicas of the client",
            &["Scale {workload} down a little, never to zero, if each replica calls on its own"],
        ),
        Treatment::when_known(
            Strategy::Rollback,
            "Return {workload} to the revision before; it loses what that revision brought",
            repair::rollout::undo,
        ),
        Treatment::by_hand(
            Strategy::Escalate,
            "Ask the provider for a higher limit",
            &["Ask the owners of {host} for a higher limit"],
        ),
    ],
    verify: &[pod::logs, pod::list],
    success: "No more 429 answers from {host}",
    prevention: &["Budget calls per client, and watch the upstream's quota"],
};

/// A called service answers with errors of its own: that service is repaired, not its client.
const UPSTREAM_5XX: Playbook = Playbook {
    looks: &[network::service, pod::list, pod::logs, pod::history],
    treatments: &[
        Treatment::when_known(
            Strategy::ScaleOut,
            "Bring the upstream back from zero",
            repair::replicas::scale_back,
        ),
        Treatment::when_known(
            Strategy::Rollback,
            "Return {workload} to the revision before; it loses what that revision brought",
            repair::rollout::undo_known_change,
        ),
        Treatment::by_hand(
            Strategy::FixNetworkDns,
            "Repair the upstream",
            &[
                "Find which service answers {host} with the error, and read its log at that time",
                "Repair or roll back that service; restarting the client alone does not help",
            ],
        ),
        Treatment::when_known(
            Strategy::Rollback,
            "Return {workload} to the revision before; it loses what that revision brought",
            repair::rollout::undo,
        ),
        Treatment::by_hand(
            Strategy::ScaleOut,
            "Give an overloaded upstream more replicas",
            &["If the upstream is overloaded, scale it up"],
        ),
        Treatment::by_hand(
            Strategy::Escalate,
            "Ask the owners of the upstream",
            &["Ask the owners of {host}, with the times and paths of the errors"],
        ),
    ],
    verify: &[network::endpoints, pod::list, pod::logs],
    success: "{host} answers without errors",
    prevention: &["Alert on the error rate per upstream, and use retries with a budget"],
};
