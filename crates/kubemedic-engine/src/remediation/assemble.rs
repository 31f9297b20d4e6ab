//! Assembles a plan: chooses the way to repair, and puts looks, changes and checks in order around it.

use std::collections::BTreeSet;

use kubemedic_model::{
    command::Risk,
    diagnosis::Diagnosis,
    learning::Decision,
    plan::{
        AdmittedWay, Alternative, BlastRadius, Phase, Plan, PlannedCommand, Step, Strategy, StrategyOrder,
    },
    resource::{Kind, ResourceRef},
    snapshot::ClusterSnapshot,
};

use super::{
    commands,
    look::{self, cluster, pod, read},
    phrase::phrase,
    planned,
    playbook::{Look, Playbook, Treatment},
    site::Site,
};

/// The most read-only commands of a step.
const MAX_LOOKS: usize = 4;
/// The most alternatives of a plan.
const MAX_ALTERNATIVES: usize = 4;
/// What a person's part takes, in minutes: reading, deciding, asking.
const MANUAL_MINUTES: u32 = 15;

/// A way to repair with the commands that the evidence allows.
struct Way<'a> {
    treatment: &'a Treatment,
    commands: Vec<PlannedCommand>,
    changes: Vec<ResourceRef>,
    interruptions: Vec<String>,
    in_system: bool,
}

/// The plan for the cause at a site.
pub(crate) fn assemble(site: &Site<'_>, playbook: &Playbook, order: &dyn StrategyOrder) -> Plan {
    let (options, decision) = options(site, playbook, order);
    let chosen = options.iter().find(|it| it.is_admitted());
    let strategy = chosen.map_or(Strategy::Escalate, |it| it.treatment.strategy);
    let changes: &[PlannedCommand] = chosen.map_or(&[], |it| &it.commands);
    let alternatives = alternatives(site, &options, strategy);
    let check = verify(site, playbook);
    let derived = changes
        .iter()
        .chain(&check.commands)
        .chain(alternatives.iter().flat_map(|it| &it.commands))
        .any(|it| it.derived_names);
    let steps = vec![
        investigate(site, playbook, strategy, derived),
        remediate(site, chosen),
        check,
    ];
    let manual_steps = manual_steps(site, chosen);
    Plan {
        root_cause: site.cause.clone(),
        strategy,
        estimated_time_minutes: minutes(&steps, &manual_steps),
        steps,
        alternatives,
        preventive_measures: prevention(site, playbook, changes),
        dependencies: dependencies(site, changes),
        blast_radius: blast_radius(chosen),
        manual_steps,
        decision: decision.map(Box::new),
    }
}

/// Adds what the looks give at a site, each command once, up to a number.
pub(crate) fn gather(commands: &mut Vec<PlannedCommand>, site: &Site<'_>, looks: &[Look], most: usize) {
    for look in looks {
        if commands.len() >= most {
            return;
        }
        if let Some(found) = look(site)
            && !commands.iter().any(|it| it.command == found.command)
        {
            commands.push(found);
        }
    }
}

/// What to look at where no cause is suspected: the objects that the diagnosis names, else the cluster's warnings.
pub(crate) fn look_around(diagnosis: &Diagnosis, snapshot: &ClusterSnapshot) -> Vec<PlannedCommand> {
    let named = diagnosis.objects.iter().take(MAX_LOOKS).filter_map(|object| {
        let target = super::site::Target {
            kind: object.kind.clone(),
            namespace: object.namespace.clone().or_else(|| snapshot.namespace.clone()),
            name: object.name.clone(),
            derived: false,
        };
        let command = commands::describe(&target).or_else(|| commands::locate(&object.kind, &object.name));
        read(
            command,
            "Shows the object's state and events",
            "What explains the fault",
        )
    });
    let mut found: Vec<PlannedCommand> = named.collect();
    let namespace = snapshot.namespace.as_deref();
    let lists = [
        commands::list("pods", namespace),
        commands::list("events", namespace),
    ];
    found.extend(lists.into_iter().filter_map(|command| {
        read(
            command,
            "Shows the namespace's current state",
            "Pods that are not ready, and the warnings about them",
        )
    }));
    if found.is_empty() {
        found.extend(look::everywhere());
    }
    found
}

impl Way<'_> {
    /// Whether the evidence admits it: it has commands, or a person knows what to do by hand.
    fn is_admitted(&self) -> bool {
        !self.commands.is_empty() || !self.treatment.by_hand.is_empty()
    }
}

/// The ways of a playbook with their commands, best first: by what was learnt, then in the knowledge base's order; and why.
fn options<'a>(
    site: &Site<'_>,
    playbook: &'a Playbook,
    order: &dyn StrategyOrder,
) -> (Vec<Way<'a>>, Option<Decision>) {
    let mut options: Vec<Way<'a>> = playbook
        .treatments
        .iter()
        .map(|treatment| option(site, treatment))
        .collect();
    let decision = order.decide(site.cause, &admitted(&options));
    match &decision {
        Some(decision) => options.sort_by_key(|it| {
            let place = decision
                .arms
                .iter()
                .position(|arm| arm.candidate.arm == it.treatment.strategy);
            (!it.is_admitted(), place.unwrap_or(usize::MAX))
        }),
        None => options.sort_by_key(|it| order.rank(site.cause.class, it.treatment.strategy)),
    }
    (options, decision)
}

/// The strategies of the ways that the evidence admits, each once.
fn admitted(options: &[Way<'_>]) -> Vec<AdmittedWay> {
    let mut ways: Vec<AdmittedWay> = Vec::new();
    for option in options.iter().filter(|it| it.is_admitted()) {
        let strategy = option.treatment.strategy;
        if !ways.iter().any(|it| it.strategy == strategy) {
            let risk = option.commands.iter().map(|it| it.risk).max();
            ways.push(AdmittedWay { strategy, risk });
        }
    }
    ways
}

/// One way with its commands: all of its changes, or none where one of them is refused.
fn option<'a>(site: &Site<'_>, treatment: &'a Treatment) -> Way<'a> {
    let acts = (treatment.build)(site);
    let commands: Option<Vec<_>> = acts.iter().map(|act| planned::change(site, act)).collect();
    let acts = if commands.is_some() { acts } else { Vec::new() };
    Way {
        treatment,
        commands: commands.unwrap_or_default(),
        changes: acts.iter().map(|act| act.change.object()).collect(),
        interruptions: acts.iter().map(|act| act.change.interruption()).collect(),
        in_system: acts.iter().any(|act| planned::is_system(&act.change)),
    }
}

/// The ways that were not chosen, one per strategy, in order. A way with commands stands for its strategy.
fn alternatives(site: &Site<'_>, options: &[Way<'_>], chosen: Strategy) -> Vec<Alternative> {
    let mut seen = BTreeSet::from([chosen.as_str()]);
    let mut found = Vec::new();
    for first in options {
        if !seen.insert(first.treatment.strategy.as_str()) {
            continue;
        }
        let same = || {
            options
                .iter()
                .filter(|it| it.treatment.strategy == first.treatment.strategy)
        };
        let best = same().find(|it| !it.commands.is_empty()).unwrap_or(first);
        found.push(Alternative {
            strategy: best.treatment.strategy,
            description: phrase(site, best.treatment.summary),
            commands: best.commands.clone(),
        });
    }
    found.truncate(MAX_ALTERNATIVES);
    found
}

/// The step that decides between the hypotheses. What a change relies on is read first.
fn investigate(site: &Site<'_>, playbook: &Playbook, strategy: Strategy, derived: bool) -> Step {
    let mut commands = Vec::new();
    if derived {
        gather(&mut commands, site, &[pod::workload], MAX_LOOKS);
    }
    if strategy == Strategy::Rollback {
        gather(&mut commands, site, &[pod::history], MAX_LOOKS);
    }
    if is_lost(site) {
        gather(&mut commands, site, &[cluster::locate], MAX_LOOKS);
    }
    gather(&mut commands, site, playbook.looks, MAX_LOOKS);
    gather(&mut commands, site, &[cluster::locate], 1);
    Step {
        phase: Phase::Investigate,
        number: 1,
        description: format!("Confirm: {}", site.cause.sentence),
        commands,
        success_criteria: "The output agrees with the diagnosis; otherwise stop here".to_owned(),
    }
}

/// The step that repairs, or says what a person does.
fn remediate(site: &Site<'_>, chosen: Option<&Way<'_>>) -> Step {
    let summary = chosen.map_or("Hand it to the owners of {workload}", |it| it.treatment.summary);
    let commands = chosen.map(|it| it.commands.clone()).unwrap_or_default();
    let (prefix, success_criteria) = if commands.is_empty() {
        ("By hand: ", "The manual steps are done")
    } else {
        ("", "Every command ends with 0")
    };
    Step {
        phase: Phase::Remediate,
        number: 2,
        description: format!("{prefix}{}", phrase(site, summary)),
        commands,
        success_criteria: success_criteria.to_owned(),
    }
}

/// The step that shows whether it helped.
fn verify(site: &Site<'_>, playbook: &Playbook) -> Step {
    let mut commands = Vec::new();
    let after = site.after_repair();
    gather(&mut commands, &after, playbook.verify, MAX_LOOKS);
    gather(
        &mut commands,
        &after,
        &[pod::list, cluster::node, cluster::locate],
        1,
    );
    Step {
        phase: Phase::Verify,
        number: 3,
        description: "See whether it helped".to_owned(),
        commands,
        success_criteria: phrase(site, playbook.success),
    }
}

/// Whether the guilty object is in a namespace that the evidence does not tell.
fn is_lost(site: &Site<'_>) -> bool {
    let namespaced = |kind: &Kind| !kind.is_cluster_scoped();
    site.namespace.is_none()
        && site
            .cause
            .object
            .as_ref()
            .map_or_else(|| site.node().is_none(), |object| namespaced(&object.kind))
}

/// What a person has to do or to find out.
fn manual_steps(site: &Site<'_>, chosen: Option<&Way<'_>>) -> Vec<String> {
    let mut steps = Vec::new();
    if is_lost(site) {
        steps.push(phrase(
            site,
            "Find the namespace of {object}: the evidence does not tell it, and every change needs it",
        ));
    }
    if let Some(chosen) = chosen {
        if chosen.commands.is_empty() {
            steps.extend(chosen.treatment.by_hand.iter().map(|text| phrase(site, text)));
        } else if chosen.in_system {
            steps.push(
                "Get the approval of the cluster's owners: the change is in the cluster's own namespace"
                    .to_owned(),
            );
        }
    }
    steps
}

/// What keeps it from happening again.
fn prevention(site: &Site<'_>, playbook: &Playbook, changes: &[PlannedCommand]) -> Vec<String> {
    let mut measures: Vec<String> = playbook.prevention.iter().map(|&text| text.to_owned()).collect();
    if !changes.is_empty() && site.workload.is_some() {
        measures.push(phrase(
            site,
            "Make the same change where {workload} is declared (manifest, chart, GitOps), or the next deployment reverts it",
        ));
    }
    measures
}

/// What has to be there before the changes.
fn dependencies(site: &Site<'_>, changes: &[PlannedCommand]) -> Vec<String> {
    let mut needed = Vec::new();
    if changes.iter().any(|it| it.derived_names) {
        needed.push(phrase(
            site,
            "{workload} exists: its name follows from its pod's name only, and is read first",
        ));
    }
    let rolls_back = |it: &PlannedCommand| it.command.argv().get(2).is_some_and(|word| word == "undo");
    if changes.iter().any(rolls_back) {
        needed.push(phrase(site, "{workload} has an earlier revision that worked"));
    }
    if changes.iter().any(|it| it.risk > Risk::ReadOnly) {
        needed.push("A person has approved every change".to_owned());
    }
    needed
}

/// How far the chosen way reaches.
fn blast_radius(chosen: Option<&Way<'_>>) -> BlastRadius {
    match chosen.filter(|it| !it.commands.is_empty()) {
        Some(chosen) => BlastRadius {
            changes: chosen.changes.clone(),
            description: chosen.interruptions.join("; "),
        },
        None => BlastRadius {
            changes: Vec::new(),
            description: "No command changes anything; the manual steps decide".to_owned(),
        },
    }
}

/// How long all of it takes, rounded up to minutes.
fn minutes(steps: &[Step], manual_steps: &[String]) -> u32 {
    let seconds: u32 = steps
        .iter()
        .flat_map(|step| &step.commands)
        .map(|it| it.estimated_time_seconds)
        .sum();
    let by_hand = if manual_steps.is_empty() {
        0
    } else {
        MANUAL_MINUTES
    };
    seconds.div_ceil(60).max(1) + by_hand
}
