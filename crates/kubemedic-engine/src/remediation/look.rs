//! The read-only commands that plans use to decide between hypotheses and to see whether a repair helped.

pub(crate) mod cluster;
pub(crate) mod network;
pub(crate) mod object;
pub(crate) mod pod;

use kubemedic_model::{
    command::{Command, Risk},
    plan::PlannedCommand,
};

use crate::policy;

/// How long a read takes, in seconds.
const READ_SECONDS: u32 = 5;

/// A read-only command in its place in a plan. What the policy does not call read-only is never looked at.
pub(crate) fn read(command: Option<Command>, explanation: &str, expected: &str) -> Option<PlannedCommand> {
    let command = command?;
    (policy::assess(&command).risk == Risk::ReadOnly).then(|| PlannedCommand {
        command,
        explanation: explanation.to_owned(),
        risk: Risk::ReadOnly,
        expected_output: expected.to_owned(),
        estimated_time_seconds: READ_SECONDS,
        rollback: None,
        derived_names: false,
    })
}

/// A read that names an object by a derived name.
fn marked(read: Option<PlannedCommand>, derived: bool) -> Option<PlannedCommand> {
    read.map(|it| PlannedCommand {
        derived_names: derived,
        ..it
    })
}

/// The warnings of all namespaces, where nothing else is known.
pub(crate) fn everywhere() -> Option<PlannedCommand> {
    cluster::all_warnings()
}
