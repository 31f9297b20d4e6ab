//! The merged plan: the engine's, with accepted commands and harmless words added. What the review would remark is left out.

use kubemedic_model::{
    command::Risk,
    plan::{Alternative, Phase, Plan, PlannedCommand, Step},
    resource::ResourceRef,
};

use super::{Accepted, Case, Place, refuse};
use crate::{
    grounding::{
        DropKind, Dropped, Grounded, MAX_MODEL_SENTENCE_CHARS,
        reply::{PhaseReply, PlanReply},
        words,
    },
    policy, review,
};

/// The most reading commands that a model adds to a step.
const MAX_LOOKS: usize = 3;
/// The most changes that a model adds.
const MAX_CHANGES: usize = 2;
/// The most sentences of a kind that a model adds.
const MAX_SENTENCES: usize = 3;
/// What the review may say of a single command.
const OF_A_COMMAND: [&str; 7] = [
    "placeholder",
    "forbidden-command",
    "wrong-risk",
    "missing-namespace",
    "unknown-name",
    "change-without-inverse",
    "destructive-without-reason",
];

fn phase_of(phase: PhaseReply) -> Phase {
    match phase {
        PhaseReply::Investigate => Phase::Investigate,
        PhaseReply::Remediate => Phase::Remediate,
        PhaseReply::Verify => Phase::Verify,
    }
}

/// The accepted commands of which the review has nothing to say; the others are refused with its remark.
pub(super) fn without_remarks(
    accepted: Vec<Accepted>,
    engine: &Plan,
    case: Case<'_>,
    grounded: &mut Grounded<Vec<Plan>>,
) -> Vec<Accepted> {
    if accepted.is_empty() {
        return accepted;
    }
    let scratch = Plan {
        steps: accepted
            .iter()
            .map(|it| Step {
                phase: phase_of(it.phase),
                number: 1,
                description: String::new(),
                commands: vec![it.planned.clone()],
                success_criteria: String::new(),
            })
            .collect(),
        alternatives: Vec::new(),
        ..engine.clone()
    };
    let remarks: Vec<String> = review::lint_against(&scratch, case.diagnosis, case.snapshot)
        .into_iter()
        .filter(|it| OF_A_COMMAND.contains(&it.lint))
        .map(|it| it.message)
        .collect();
    let remark_of = |it: &PlannedCommand| {
        let lines = std::iter::once(&it.command).chain(&it.rollback);
        let quoted: Vec<String> = lines.map(|line| format!("`{line}`")).collect();
        remarks
            .iter()
            .find(|remark| quoted.iter().any(|line| remark.starts_with(line)))
    };
    let own: Vec<&PlannedCommand> = engine.commands().map(|(_, it)| it).collect();
    let mut sound = Vec::new();
    for it in accepted {
        match remark_of(&it.planned).filter(|_| !own.contains(&&it.planned)) {
            Some(remark) => refuse(it.number, &it.planned.command.to_string(), remark, grounded),
            None => sound.push(it),
        }
    }
    sound
}

/// The engine's plan with what a model adds.
pub(super) fn merged(
    reply: &PlanReply,
    accepted: &[Accepted],
    engine: &Plan,
    place: &Place<'_>,
    dropped: &mut Vec<Dropped>,
) -> Plan {
    let mut plan = engine.clone();
    choose(reply, &mut plan, place, dropped);
    for it in accepted {
        add(it, &mut plan, dropped);
    }
    explain(reply, &mut plan, dropped);
    let measures = words::harmless_list(
        &reply.preventive_measures,
        MAX_SENTENCES,
        MAX_MODEL_SENTENCE_CHARS,
        dropped,
    );
    extend(&mut plan.preventive_measures, measures);
    let by_hand = words::harmless_list(
        &reply.manual_steps,
        MAX_SENTENCES,
        MAX_MODEL_SENTENCE_CHARS,
        dropped,
    );
    extend(&mut plan.manual_steps, by_hand);
    for changed in changes(&plan) {
        if !plan.blast_radius.changes.contains(&changed) {
            plan.blast_radius.changes.push(changed);
        }
    }
    plan
}

fn extend(list: &mut Vec<String>, more: Vec<String>) {
    for text in more {
        if !list.contains(&text) {
            list.push(text);
        }
    }
}

/// Takes the engine's alternative that the model prefers, where it is no riskier than what stands there and complete.
fn choose(reply: &PlanReply, plan: &mut Plan, place: &Place<'_>, dropped: &mut Vec<Dropped>) {
    let word = reply.strategy.trim();
    if word == plan.strategy.as_str() {
        return;
    }
    let wanted = plan
        .alternatives
        .iter()
        .position(|it| it.strategy.as_str() == word);
    let present = plan.steps.iter().position(|it| it.phase == Phase::Remediate);
    let limit = riskiest(plan.commands().map(|(_, it)| it)).max(Risk::Reversible);
    let fits = |it: &Alternative| !it.commands.is_empty() && riskiest(it.commands.iter()) <= limit;
    let chosen = wanted.filter(|at| place.may_change && plan.alternatives.get(*at).is_some_and(fits));
    let (Some(at), Some(step)) = (chosen, present.and_then(|at| plan.steps.get_mut(at))) else {
        let what = format!(
            "the strategy '{}', which the engine's plan does not offer",
            crate::grounding::plain(word, 40)
        );
        dropped.push(Dropped::new(DropKind::UnknownWord, what));
        return;
    };
    let taken = plan.alternatives.remove(at);
    let left = Alternative {
        strategy: plan.strategy,
        description: step.description.clone(),
        commands: std::mem::replace(&mut step.commands, taken.commands),
    };
    step.description = taken.description;
    plan.strategy = taken.strategy;
    plan.alternatives.insert(0, left);
    plan.blast_radius.changes = changes(plan);
}

fn riskiest<'a>(commands: impl Iterator<Item = &'a PlannedCommand>) -> Risk {
    commands.map(|it| it.risk).max().unwrap_or(Risk::ReadOnly)
}

/// Adds an accepted command to the step of its phase, or its explanation to the same command of the engine.
fn add(accepted: &Accepted, plan: &mut Plan, dropped: &mut Vec<Dropped>) {
    let phase = phase_of(accepted.phase);
    let known = plan
        .commands()
        .any(|(_, it)| it.command == accepted.planned.command);
    let Some(step) = plan.steps.iter_mut().find(|it| it.phase == phase) else {
        return;
    };
    if known {
        return;
    }
    let limit = if accepted.planned.risk == Risk::ReadOnly {
        MAX_LOOKS
    } else {
        MAX_CHANGES
    };
    let added = step
        .commands
        .iter()
        .filter(|it| it.expected_output.is_empty())
        .count();
    if added >= limit {
        let what = format!("C{} beyond {limit} further commands of a step", accepted.number);
        dropped.push(Dropped::new(DropKind::TooMuch, what));
        return;
    }
    step.commands.push(accepted.planned.clone());
}

/// Adds the model's success criteria behind the engine's.
fn explain(reply: &PlanReply, plan: &mut Plan, dropped: &mut Vec<Dropped>) {
    for told in reply.steps.iter().take(8) {
        let phase = phase_of(told.phase);
        let criteria = words::harmless(&told.success_criteria, MAX_MODEL_SENTENCE_CHARS, dropped);
        let Some(step) = plan.steps.iter_mut().find(|it| it.phase == phase) else {
            continue;
        };
        let length = step.success_criteria.chars().count() + criteria.chars().count();
        if !criteria.is_empty()
            && !step.success_criteria.contains(&criteria)
            && length < 2 * MAX_MODEL_SENTENCE_CHARS
        {
            let ours = step.success_criteria.trim_end_matches('.');
            step.success_criteria = if ours.is_empty() {
                criteria
            } else {
                format!("{ours}. {criteria}")
            };
        }
    }
}

/// The objects that the changes of a plan name.
fn changes(plan: &Plan) -> Vec<ResourceRef> {
    let mut found: Vec<ResourceRef> = Vec::new();
    for (_, it) in plan.commands().filter(|(_, it)| it.risk > Risk::ReadOnly) {
        let Ok(invocation) = policy::invocation(&it.command) else {
            continue;
        };
        for target in &invocation.targets {
            let Some(name) = &target.name else { continue };
            let object = ResourceRef::new(target.kind.clone(), invocation.namespace.as_deref(), name.clone());
            if !found.contains(&object) {
                found.push(object);
            }
        }
    }
    found
}

/// Whether the review says nothing of a merged plan that it does not say of the engine's.
pub(super) fn is_sound(merged: &Plan, engine: &Plan, case: Case<'_>) -> bool {
    let commands = |plan: &Plan| {
        plan.commands()
            .map(|(_, it)| it.command.clone())
            .collect::<Vec<_>>()
    };
    if commands(merged) == commands(engine) {
        return true;
    }
    let known = review::lint_against(engine, case.diagnosis, case.snapshot);
    review::lint_against(merged, case.diagnosis, case.snapshot)
        .iter()
        .all(|remark| known.contains(remark))
}
