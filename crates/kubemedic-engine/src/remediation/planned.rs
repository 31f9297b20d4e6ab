//! Puts a change in its place in a plan: judged by the policy, with its inverse or the reason why there is none.

use kubemedic_model::{
    command::{Command, Risk},
    plan::PlannedCommand,
};

use super::{
    change::Change,
    inverse::{self, Inverse},
    playbook::Act,
    site::Site,
};
use crate::policy;

/// How an explanation begins its reason for a change without an inverse.
pub(crate) const NO_INVERSE: &str = "No inverse:";
/// How an explanation begins the reason of a destructive change.
pub(crate) const DESTRUCTIVE: &str = "Destructive because";
/// How long kubectl takes for a change, in seconds; the rollout that follows is waited for in VERIFY.
const CHANGE_SECONDS: u32 = 5;
/// The namespaces of the cluster itself.
const SYSTEM_NAMESPACES: [&str; 3] = ["kube-system", "kube-public", "kube-node-lease"];

/// A change as a command of a plan; none where a name is refused, the policy forbids it, or it would change the
/// cluster's own namespaces although the fault is not there.
pub(crate) fn change(site: &Site<'_>, act: &Act) -> Option<PlannedCommand> {
    let command = act.change.command()?;
    let assessment = policy::assess(&command);
    let in_system = is_system(&act.change);
    if assessment.risk == Risk::Forbidden || in_system && !is_guilty_namespace(site, &act.change) {
        return None;
    }
    let risk = if in_system {
        assessment.risk.max(Risk::Destructive)
    } else {
        assessment.risk
    };
    let (rollback, note) = undo(site, act);
    let mut explanation = format!("{}.", act.why);
    if let Some(note) = note {
        explanation = format!("{explanation} {NO_INVERSE} {note}.");
    }
    if risk == Risk::Destructive {
        let reason = if in_system {
            "it changes the cluster's own namespace"
        } else {
            assessment.reason.trim_end_matches('.')
        };
        explanation = format!("{explanation} {DESTRUCTIVE} {reason}.");
    }
    Some(PlannedCommand {
        command,
        explanation,
        risk,
        expected_output: act.change.expected_output(),
        estimated_time_seconds: CHANGE_SECONDS,
        rollback,
        derived_names: act.change.target().derived,
    })
}

/// Whether a change reaches into the cluster's own namespaces.
pub(crate) fn is_system(change: &Change) -> bool {
    change
        .target()
        .namespace
        .as_deref()
        .is_some_and(|namespace| SYSTEM_NAMESPACES.contains(&namespace))
}

/// Whether the guilty object itself is in the namespace that a change reaches into.
fn is_guilty_namespace(site: &Site<'_>, change: &Change) -> bool {
    let guilty = site.cause.object.as_ref().and_then(|it| it.namespace.as_ref());
    guilty.is_some() && guilty == change.target().namespace.as_ref()
}

/// The inverse command, or why there is none.
fn undo(site: &Site<'_>, act: &Act) -> (Option<Command>, Option<&'static str>) {
    let inverse = match &act.undo {
        Some(undo) => Inverse::By(undo.clone()),
        None => inverse::of(&act.change, site),
    };
    match inverse {
        Inverse::By(change) => match change.command().filter(is_allowed) {
            Some(command) => (Some(command), None),
            None => (None, Some("the present value cannot stand in a command")),
        },
        Inverse::None(reason) => (None, Some(reason)),
    }
}

/// Whether the policy lets a command be proposed at all.
fn is_allowed(command: &Command) -> bool {
    policy::assess(command).risk != Risk::Forbidden
}
