//! What to do when an image cannot be pulled.

use kubemedic_model::{class::FailureClass, plan::Strategy};

use crate::remediation::{
    look::{cluster, object, pod},
    playbook::{Playbook, Treatment},
    repair,
};

/// The playbook of a class of this group.
pub(super) fn playbook(class: FailureClass) -> Option<&'static Playbook> {
    Some(match class {
        FailureClass::ImagePullNotFound => &IMAGE_PULL_NOT_FOUND,
        FailureClass::ImagePullAuth => &IMAGE_PULL_AUTH,
        FailureClass::ImagePullRateLimited => &IMAGE_PULL_RATE_LIMITED,
        FailureClass::ImagePullNetwork => &IMAGE_PULL_NETWORK,
        _ => return None,
    })
}

/// The reference is wrong: the old pods, if any, still run.
const IMAGE_PULL_NOT_FOUND: Playbook = Playbook {
    looks: &[pod::describe, pod::workload, pod::history, pod::events],
    treatments: &[
        Treatment::when_known(
            Strategy::FixImage,
            "Set the image that is known to work",
            repair::image::known_good,
        ),
        Treatment::when_known(
            Strategy::Rollback,
            "Return {workload} to the revision before; it loses what that revision brought",
            repair::rollout::undo,
        ),
        Treatment::by_hand(
            Strategy::FixImage,
            "Set an image that exists",
            &[
                "Find the right tag in the registry: it has no {image}",
                "Set it on {workload} with kubectl set image, naming {container} and the full image reference",
            ],
        ),
        Treatment::by_hand(
            Strategy::Escalate,
            "Ask whoever releases {workload} which image was meant",
            &["Ask whoever releases {workload} which image was meant and whether it was pushed"],
        ),
        Treatment::by_hand(
            Strategy::FixConfig,
            "Push the missing image under the name that is asked for",
            &["Have the build pushed again, if the reference is right and the image was deleted"],
        ),
    ],
    verify: &[pod::rollout_status, pod::list],
    success: "Every pod of {workload} is Running and ready, and restarts no longer rise",
    prevention: &["Deploy by digest, and check in CI that the image exists before the manifest changes"],
};

/// The registry wants credentials: a pull secret is missing, wrong or not referred to.
const IMAGE_PULL_AUTH: Playbook = Playbook {
    looks: &[pod::describe, object::account, object::secrets, pod::events],
    treatments: &[
        Treatment::or_by_hand(
            Strategy::FixSecret,
            "Refer to a pull secret with valid credentials",
            repair::image::refer_to_pull_secret,
            &[
                "Get valid credentials of {registry} from its owner",
                "Create or renew a Secret of type docker-registry in {namespace} with them, and refer to it from the service account of {workload} or from its imagePullSecrets",
            ],
        ),
        Treatment::when_known(
            Strategy::Rollback,
            "Return {workload} to the revision before; it loses what that revision brought",
            repair::rollout::undo,
        ),
        Treatment::by_hand(
            Strategy::FixImage,
            "Pull from a registry that needs no credentials",
            &["Pull the image of {container} from a registry to which the nodes have access"],
        ),
        Treatment::by_hand(
            Strategy::Escalate,
            "Ask the owners of {registry} for access",
            &["Ask the owners of {registry} whether the account still has access to {image}"],
        ),
    ],
    verify: &[pod::rollout_status, pod::list, pod::events],
    success: "{pod} has pulled {image} and is ready",
    prevention: &[
        "Attach pull secrets to the service account, and renew registry credentials before they expire",
    ],
};

/// The registry throttles anonymous pulls: restarts make it worse.
const IMAGE_PULL_RATE_LIMITED: Playbook = Playbook {
    looks: &[pod::describe, pod::events, object::secrets, object::account],
    treatments: &[
        Treatment::or_by_hand(
            Strategy::FixSecret,
            "Pull with an account, which has a higher limit",
            repair::image::refer_to_pull_secret,
            &[
                "Create a Secret of type docker-registry with an account of {registry} in {namespace} and refer to it from the imagePullSecrets of {workload}",
                "Until then wait: the kubelet tries again by itself, and every restart costs another pull",
            ],
        ),
        Treatment::by_hand(
            Strategy::FixImage,
            "Pull from a mirror",
            &["Pull the image of {container} through a mirror or pull-through cache"],
        ),
        Treatment::by_hand(
            Strategy::FixConfig,
            "Pull only what a node does not have (imagePullPolicy IfNotPresent)",
            &["Set imagePullPolicy to IfNotPresent for {container} where tags are immutable"],
        ),
        Treatment::by_hand(
            Strategy::Escalate,
            "Wait until the limit resets",
            &["Wait until the registry's limit resets; the kubelet tries again by itself"],
        ),
    ],
    verify: &[pod::list, pod::events],
    success: "{pod} has pulled its image and is ready",
    prevention: &["Use a pull-through cache, and pull with credentials"],
};

/// The node does not reach the registry, or does not trust it.
const IMAGE_PULL_NETWORK: Playbook = Playbook {
    looks: &[
        pod::describe,
        cluster::describe_nodes,
        pod::events,
        cluster::nodes,
    ],
    treatments: &[
        Treatment::by_hand(
            Strategy::FixNetworkDns,
            "Let the node reach and trust the registry",
            &[
                "On {node}, test name resolution, route, proxy and certificate trust towards {registry}",
                "Repair what fails there: resolver, proxy settings of the container runtime, firewall, or the registry's CA certificate",
            ],
        ),
        Treatment::or_by_hand(
            Strategy::CordonDrain,
            "Keep new pods away from the node, if others reach the registry",
            repair::node::cordon,
            &["If other nodes reach {registry}, cordon the one that does not"],
        ),
        Treatment::by_hand(
            Strategy::FixImage,
            "Pull from a registry that the nodes reach",
            &["Pull the image of {container} from a mirror that the nodes reach"],
        ),
        Treatment::by_hand(
            Strategy::Escalate,
            "Ask the owners of the network or of {registry}",
            &["Ask the owners of {registry} whether it is down"],
        ),
    ],
    verify: &[pod::list, pod::events],
    success: "{pod} has pulled its image and is ready",
    prevention: &["Mirror images inside the network, and watch pulls from a canary"],
};
