//! The Remediation Agent's decisions: a diagnosis to plans with checks and inverse commands.
//! A command never holds a name or a value that neither the evidence nor Kubernetes' naming rules give: what is
//! unknown becomes a manual step. Nothing here runs a command, and risk is judged by `policy` alone.

mod assemble;
mod change;
mod commands;
#[cfg(test)]
pub(crate) mod fixtures;
mod inverse;
mod knowledge;
mod look;
mod phrase;
mod planned;
mod playbook;
mod quantity;
mod repair;
mod site;
mod strategy;

use kubemedic_model::{
    diagnosis::{Diagnosis, Verdict},
    plan::{BlastRadius, Phase, Plan, PlannedCommand, Step, Strategy, StrategyOrder},
    snapshot::ClusterSnapshot,
};

use site::Site;
pub use strategy::strategy_of;

/// The most read-only commands of an investigation.
const MAX_INVESTIGATION: usize = 6;
/// How long a person takes to read what an investigation shows, in minutes.
const LOOKING_MINUTES: u32 = 5;
/// How many rejected causes an investigation looks at.
const MAX_SUSPECTS: usize = 3;

/// A plan for each root cause of an incident, in the order of the causes. Where the evidence is not sufficient, one plan
/// that only looks at the likeliest suspect; none where nothing is wrong.
pub fn plan(diagnosis: &Diagnosis, snapshot: &ClusterSnapshot, order: &dyn StrategyOrder) -> Vec<Plan> {
    if diagnosis.verdict == Verdict::InsufficientEvidence {
        return looking_plan(diagnosis, snapshot).into_iter().collect();
    }
    if diagnosis.verdict != Verdict::Incident {
        return Vec::new();
    }
    diagnosis
        .root_causes
        .iter()
        .filter_map(|cause| {
            let playbook = knowledge::playbook(cause.class)?;
            Some(assemble::assemble(&Site::of(cause, snapshot), playbook, order))
        })
        .collect()
}

/// A plan that changes nothing: its output is what the diagnosis lacks. None without a suspect or without a name to look at.
fn looking_plan(diagnosis: &Diagnosis, snapshot: &ClusterSnapshot) -> Option<Plan> {
    let suspect = diagnosis.alternatives.first()?;
    let steps = investigation(diagnosis, snapshot);
    let commands = steps.iter().map(|step| step.commands.len()).sum::<usize>();
    if commands == 0 {
        return None;
    }
    Some(Plan {
        root_cause: suspect.clone(),
        strategy: Strategy::Escalate,
        steps,
        alternatives: Vec::new(),
        preventive_measures: Vec::new(),
        dependencies: Vec::new(),
        blast_radius: BlastRadius {
            changes: Vec::new(),
            description: "nothing is changed: every command only reads".to_owned(),
        },
        manual_steps: diagnosis
            .missing
            .iter()
            .map(|missing| format!("Find out {missing}"))
            .collect(),
        estimated_time_minutes: LOOKING_MINUTES,
        decision: None,
    })
}

/// Read-only steps that find out what a diagnosis lacks: for a diagnosis without sufficient evidence, and of use for an
/// incident whose cause is uncertain. None where nothing is wrong.
fn investigation(diagnosis: &Diagnosis, snapshot: &ClusterSnapshot) -> Vec<Step> {
    if matches!(diagnosis.verdict, Verdict::Healthy | Verdict::Recovered) {
        return Vec::new();
    }
    let suspects = diagnosis.root_causes.iter().chain(&diagnosis.alternatives);
    let mut commands: Vec<PlannedCommand> = Vec::new();
    for suspect in suspects.take(MAX_SUSPECTS) {
        let site = Site::of(suspect, snapshot);
        let looks = knowledge::playbook(suspect.class).map_or(&[][..], |it| it.looks);
        assemble::gather(&mut commands, &site, looks, MAX_INVESTIGATION);
    }
    if commands.is_empty() {
        commands = assemble::look_around(diagnosis, snapshot);
    }
    if commands.is_empty() {
        return Vec::new();
    }
    let missing = diagnosis.missing.first().map(String::as_str);
    vec![Step {
        phase: Phase::Investigate,
        number: 1,
        description: missing.map_or_else(
            || "Find out what is wrong, without changing anything".to_owned(),
            |it| format!("Find out what the evidence lacks: {it}"),
        ),
        commands,
        success_criteria: "The output shows which object is at fault and why".to_owned(),
    }]
}

#[cfg(test)]
mod tests;
