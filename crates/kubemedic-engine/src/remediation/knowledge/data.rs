//! What to do about databases and brokers: a person decides, and nothing that holds data is deleted.

use kubemedic_model::{class::FailureClass, plan::Strategy};

use crate::remediation::{
    look::{network, object, pod},
    playbook::{Playbook, Treatment},
    repair,
};

/// The playbook of a class of this group.
pub(super) fn playbook(class: FailureClass) -> Option<&'static Playbook> {
    Some(match class {
        FailureClass::DbAuthFailure => &DB_AUTH_FAILURE,
        FailureClass::DbConnectionExhausted => &DB_CONNECTION_EXHAUSTED,
        FailureClass::DbQueryError => &DB_QUERY_ERROR,
        FailureClass::SlowDependency => &SLOW_DEPENDENCY,
        FailureClass::BrokerLagPartition => &BROKER_LAG_PARTITION,
        _ => return None,
    })
}

/// The credentials do not fit: their owner aligns them.
const DB_AUTH_FAILURE: Playbook = Playbook {
    looks: &[pod::logs, object::secrets, pod::workload, pod::history],
    treatments: &[
        Treatment::when_known(
            Strategy::Rollback,
            "Return {workload} to the revision before; it loses what that revision brought",
            repair::rollout::undo_known_change,
        ),
        Treatment::by_hand(
            Strategy::FixSecret,
            "Align the credentials",
            &[
                "Find which Secret gives {workload} its credentials ({secret}), and whether it or the account in {store} changed lately",
                "Have their owner align both; the value is never printed",
                "Then restart {workload}, if it reads the Secret only when it starts",
            ],
        ),
        Treatment::or_by_hand(
            Strategy::Restart,
            "Restart the client, after the Secret is right",
            repair::rollout::restart,
            &["Restart {workload} after the Secret is right"],
        ),
        Treatment::when_known(
            Strategy::Rollback,
            "Return {workload} to the revision before; it loses what that revision brought",
            repair::rollout::undo,
        ),
        Treatment::by_hand(
            Strategy::FixConfig,
            "Correct user, host or database name",
            &["If the password is right, correct user, host, port or database name of {workload}"],
        ),
        Treatment::by_hand(
            Strategy::Escalate,
            "Ask the owners of the database",
            &["Ask the owners of {host} whether the account is locked or was changed"],
        ),
    ],
    verify: &[pod::logs, pod::list],
    success: "{workload} logs in, and the errors have ended",
    prevention: &["Rotate credentials with an overlap, through a vault that updates both sides"],
};

/// Clients hold more connections than the server has: more clients make it worse.
const DB_CONNECTION_EXHAUSTED: Playbook = Playbook {
    looks: &[pod::logs, pod::list, pod::workload, pod::history],
    treatments: &[
        Treatment::when_known(
            Strategy::Rollback,
            "Return {workload} to the revision before; it loses what that revision brought",
            repair::rollout::undo_known_change,
        ),
        Treatment::by_hand(
            Strategy::FixConfig,
            "Let every client hold fewer connections",
            &[
                "Count the connections: replicas times pool size, against the maximum of {host}",
                "Lower the pool size of {workload}, or put a pooler in between; raise the server's maximum only with its memory in mind. Do not scale the client up",
            ],
        ),
        Treatment::or_by_hand(
            Strategy::Restart,
            "Restart the client, which frees leaked connections for a while",
            repair::rollout::restart,
            &["Restart {workload}, if it leaks connections, to win time"],
        ),
        Treatment::when_known(
            Strategy::Rollback,
            "Return {workload} to the revision before; it loses what that revision brought",
            repair::rollout::undo,
        ),
        Treatment::by_hand(
            Strategy::ScaleOut,
            "Run fewer replicas of the client",
            &["Scale the client down a little, never to zero"],
        ),
        Treatment::by_hand(
            Strategy::Escalate,
            "Ask the owners of the database",
            &["Ask the owners of {host} which clients hold connections"],
        ),
    ],
    verify: &[pod::logs, pod::list],
    success: "Connections stay clearly below the maximum, and the errors have ended",
    prevention: &[
        "Set pool sizes from the server's maximum divided by all replicas, and alert at 80 percent",
    ],
};

/// Code and schema do not fit: one of them changed.
const DB_QUERY_ERROR: Playbook = Playbook {
    looks: &[pod::logs, pod::history, pod::workload, object::jobs],
    treatments: &[
        Treatment::when_known(
            Strategy::Rollback,
            "Return {workload} to the revision before; it loses what that revision brought",
            repair::rollout::undo_known_change,
        ),
        Treatment::by_hand(
            Strategy::FixConfig,
            "Bring schema and code together",
            &[
                "Read which statement fails on {store}, and whether a migration or a release came just before",
                "Run the missing migration, or release the corrected statement; a server that is read-only is made writable by its owners",
            ],
        ),
        Treatment::when_known(
            Strategy::Rollback,
            "Return {workload} to the revision before; it loses what that revision brought",
            repair::rollout::undo,
        ),
        Treatment::by_hand(
            Strategy::Escalate,
            "Ask the owners of the schema",
            &["Hand the failing statement to the owners of {workload} and of its schema"],
        ),
        Treatment::by_hand(
            Strategy::RevertConfig,
            "Revert the migration, with its owners",
            &["Have the owners of the schema decide whether the migration is reverted"],
        ),
    ],
    verify: &[pod::logs, pod::list],
    success: "The statement succeeds, and the errors have ended",
    prevention: &[
        "Release migrations before the code that needs them, and keep both compatible with the version before",
    ],
};

/// A dependency is slow: find out which and why before anything is scaled.
const SLOW_DEPENDENCY: Playbook = Playbook {
    looks: &[pod::logs, pod::top, network::service, pod::list],
    treatments: &[
        Treatment::when_known(
            Strategy::CordonDrain,
            "Keep new pods away from {node}, whose network is slow or loses packets",
            repair::node::cordon_guilty,
        ),
        Treatment::when_known(
            Strategy::PatchCpu,
            "Give a dependency at its CPU limit more",
            repair::resources::raise_cpu_of_busy,
        ),
        Treatment::when_known(
            Strategy::Rollback,
            "Return {workload} to the revision before; it loses what that revision brought",
            repair::rollout::undo_known_change,
        ),
        Treatment::by_hand(
            Strategy::ScaleOut,
            "Relieve the slow dependency",
            &[
                "Find which call is slow ({host}), and what it waits for: CPU, locks, disk, or a network in between",
                "Relieve that: an index or a cheaper query, more CPU or replicas for the dependency, or a repair of the node's network; a restart only hides it",
            ],
        ),
        Treatment::when_known(
            Strategy::Rollback,
            "Return {workload} to the revision before; it loses what that revision brought",
            repair::rollout::undo,
        ),
        Treatment::or_by_hand(
            Strategy::CordonDrain,
            "Keep new pods away from a node whose network is slow",
            repair::node::cordon,
            &["If only pods on {node} are slow, cordon it"],
        ),
        Treatment::by_hand(
            Strategy::Escalate,
            "Ask the owners of the dependency",
            &["Ask the owners of {host}, with the slow calls and their times"],
        ),
    ],
    verify: &[pod::top, pod::logs, pod::list],
    success: "Latency is back to its former level",
    prevention: &["Watch latency per dependency, and set timeouts and budgets"],
};

/// The broker has no leader or its consumers fall behind: no data is deleted, no broker is forced.
const BROKER_LAG_PARTITION: Playbook = Playbook {
    looks: &[pod::list, pod::logs, pod::workload, object::claim],
    treatments: &[
        Treatment::by_hand(
            Strategy::Escalate,
            "Have the broker's owners bring leader and replicas back",
            &[
                "See which brokers are up, which partitions of {store} have no leader, and which consumers fall behind",
                "Bring missing brokers back one at a time, with approval; claims and StatefulSets stay",
            ],
        ),
        Treatment::by_hand(
            Strategy::ScaleOut,
            "Give lagging consumers more replicas, up to the number of partitions",
            &["If only consumers lag, scale them up to at most the number of partitions"],
        ),
        Treatment::by_hand(
            Strategy::Restart,
            "Restart one broker at a time, with approval",
            &["With approval, restart the one broker that hangs, while the others have quorum"],
        ),
        Treatment::by_hand(
            Strategy::FixConfig,
            "Correct the brokers' or consumers' settings",
            &["Compare the settings of {workload} with those of its peers"],
        ),
    ],
    verify: &[pod::list, pod::logs],
    success: "Every partition has a leader, and the lag shrinks",
    prevention: &["Alert on under-replicated partitions and consumer lag"],
};
