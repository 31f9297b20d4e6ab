//! The merge of a model's plans with the engine's: its words, its looking, and its changes where policy, names and place allow.
//! A command of a model is text from outside until the parser, the policy, the lints and the evidence have accepted it.

mod command;
mod doubt;
mod merge;

use std::collections::BTreeSet;

use kubemedic_model::{
    diagnosis::{Diagnosis, Verdict},
    plan::{Plan, PlannedCommand},
    snapshot::ClusterSnapshot,
};

use super::{
    DropKind, Dropped, Grounded, plain,
    reply::{CommandReply, PhaseReply, PlanReply, RemediationReply},
};
use command::Place;
pub use doubt::doubts;

/// The most plans of a reply that are looked at.
const MAX_PLANS: usize = 8;
/// The most commands of a reply that are looked at.
const MAX_COMMANDS: usize = 60;
/// How much of a refused command is quoted, in characters.
const MAX_QUOTED_CHARS: usize = 200;

/// What plans are about.
#[derive(Debug, Clone, Copy)]
struct Case<'a> {
    diagnosis: &'a Diagnosis,
    snapshot: &'a ClusterSnapshot,
}

/// A command of a reply that the checks accepted so far.
#[derive(Debug, Clone, PartialEq)]
struct Accepted {
    /// Its number in the reply, counted from 1.
    number: usize,
    phase: PhaseReply,
    planned: PlannedCommand,
}

/// The engine's plans with what of a model's holds. `repair` names refused commands as `C1`, `C2`, ..., counted over the reply.
///
/// There is no plan where nothing is wrong, and only reading where the evidence is not sufficient.
pub fn ground_remediation(
    reply: RemediationReply,
    diagnosis: &Diagnosis,
    snapshot: &ClusterSnapshot,
    plans: &[Plan],
) -> Grounded<Vec<Plan>> {
    let case = Case { diagnosis, snapshot };
    let mut grounded = Grounded::unchanged(plans.to_vec());
    let mut done: BTreeSet<usize> = BTreeSet::new();
    let mut number = 0_usize;
    for plan in reply.plans {
        let first = number + 1;
        number += plan.steps.iter().map(|step| step.commands.len()).sum::<usize>();
        let target = target(&plan, diagnosis, plans).and_then(|place| {
            if done.insert(place) && done.len() <= MAX_PLANS {
                return Ok(place);
            }
            let what = "a second plan for one root cause".to_owned();
            Err(Dropped::new(DropKind::Duplicate, what))
        });
        match target {
            Ok(place) => {
                let engine = plans.get(place);
                let merged = engine.map(|engine| one(&plan, first, engine, case, &mut grounded));
                if let (Some(merged), Some(slot)) = (merged, grounded.value.get_mut(place)) {
                    *slot = merged;
                }
            }
            Err(dropped) => grounded.dropped.push(dropped),
        }
    }
    grounded
}

/// The place of the plan that a reply is about: by the number of its root cause or by its class.
fn target(plan: &PlanReply, diagnosis: &Diagnosis, plans: &[Plan]) -> Result<usize, Dropped> {
    if matches!(diagnosis.verdict, Verdict::Healthy | Verdict::Recovered) {
        let what = "a plan where nothing is wrong".to_owned();
        return Err(Dropped::new(DropKind::Verdict, what));
    }
    let word = plan.root_cause.trim();
    let by_number = word.parse::<usize>().ok().and_then(|it| it.checked_sub(1));
    let by_class = || plans.iter().position(|it| it.root_cause.class.id() == word);
    by_number
        .filter(|place| *place < plans.len())
        .or_else(by_class)
        .ok_or_else(|| {
            let what = format!("'{}' is no root cause with a plan", plain(word, 60));
            Dropped::new(DropKind::UnknownWord, what)
        })
}

/// One plan merged; where the merge has a flaw that the engine's plan has not, the engine's plan.
fn one(
    reply: &PlanReply,
    first: usize,
    engine: &Plan,
    case: Case<'_>,
    grounded: &mut Grounded<Vec<Plan>>,
) -> Plan {
    let place = Place::of(engine, case.diagnosis);
    let mut accepted: Vec<Accepted> = Vec::new();
    let mut number = first;
    for step in &reply.steps {
        for asked in &step.commands {
            let id = number;
            number += 1;
            if id >= first + MAX_COMMANDS {
                grounded
                    .dropped
                    .push(Dropped::new(DropKind::TooMuch, format!("C{id}")));
                continue;
            }
            match command::check(asked, step.phase, &place) {
                Ok(planned) => accepted.push(Accepted {
                    number: id,
                    phase: step.phase,
                    planned,
                }),
                Err(reason) => refuse(id, &asked.command, &reason, grounded),
            }
        }
    }
    let accepted = merge::without_remarks(accepted, engine, case, grounded);
    let merged = merge::merged(reply, &accepted, engine, &place, &mut grounded.dropped);
    if merge::is_sound(&merged, engine, case) {
        return merged;
    }
    let what = "a plan that would not pass the review as a whole".to_owned();
    grounded.dropped.push(Dropped::new(DropKind::Command, what));
    engine.clone()
}

/// Counts a refused command and tells the model why.
fn refuse(number: usize, line: &str, reason: &str, grounded: &mut Grounded<Vec<Plan>>) {
    let line = plain(line, MAX_QUOTED_CHARS);
    let reason = plain(reason, MAX_QUOTED_CHARS);
    let what = format!("C{number} `{line}`: {reason}");
    let repair = format!("C{number} `{line}` was refused: {reason}. Correct it or leave it out.");
    grounded.dropped.push(Dropped::new(DropKind::Command, what));
    grounded.repair.push(repair);
}

/// The reply with the refused commands replaced or left out, to be grounded once more. `reply` is the one whose grounding
/// gave the ids.
pub fn repaired(reply: RemediationReply, repair: &CommandReply) -> RemediationReply {
    let mut reply = reply;
    let steps = reply.plans.iter_mut().flat_map(|plan| &mut plan.steps);
    let mut number = 0_usize;
    for step in steps {
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

#[cfg(test)]
mod tests;
