//! One command of a model: parsed, judged, and held to the place of the fault. The reasons for refusing it are words for the model.

use std::collections::BTreeSet;

use kubemedic_model::{
    command::{Command, Risk},
    diagnosis::{Diagnosis, Verdict},
    plan::{Plan, PlannedCommand},
    resource::{Kind, ResourceRef},
};

use crate::{
    grounding::{
        MAX_MODEL_SENTENCE_CHARS,
        reply::{PhaseReply, PlannedCommandReply},
        words,
    },
    policy::{self, Invocation},
    redaction::Redactor,
};

/// The longest command line, in bytes.
const MAX_LINE_BYTES: usize = 1_000;
/// How long a reading command takes, in seconds.
const READ_SECONDS: u32 = 5;
/// The commands that only read.
const READING: [&str; 9] = [
    "get", "describe", "logs", "top", "events", "rollout", "auth", "explain", "version",
];
/// Flags by which a command does not end, or reads past the objects.
const ENDLESS: [&str; 5] = ["watch", "watch-only", "follow", "raw", "all-namespaces"];

/// Where the fault is: what commands may reach.
pub(super) struct Place<'a> {
    /// The engine's plan.
    pub(super) engine: &'a Plan,
    /// The root cause's object and its workload.
    pub(super) guilty: Vec<ResourceRef>,
    /// Whether a name among them was derived.
    pub(super) derived: bool,
    /// Whether anything may be changed.
    pub(super) may_change: bool,
    namespaces: BTreeSet<String>,
}

impl<'a> Place<'a> {
    /// The place of a plan's root cause.
    pub(super) fn of(engine: &'a Plan, diagnosis: &Diagnosis) -> Self {
        let cause = &engine.root_cause;
        let workload = cause.workload.as_ref();
        let guilty: Vec<ResourceRef> = cause
            .object
            .iter()
            .chain(workload.map(|it| &it.resource))
            .cloned()
            .collect();
        let objects = guilty.iter().chain(&cause.related).chain(&diagnosis.objects);
        let mut namespaces: BTreeSet<String> = objects.filter_map(|it| it.namespace.clone()).collect();
        for (_, it) in engine.commands() {
            namespaces.extend(policy::invocation(&it.command).ok().and_then(|it| it.namespace));
        }
        Self {
            engine,
            guilty,
            derived: workload.is_some_and(|it| it.derived),
            may_change: diagnosis.verdict == Verdict::Incident,
            namespaces,
        }
    }

    /// The engine's own command with these words, and whether it is in the steps or only in an alternative.
    fn own(&self, command: &Command) -> Option<(&PlannedCommand, bool)> {
        let alternatives = self.engine.alternatives.iter().flat_map(|it| &it.commands);
        let chosen = self.engine.commands().map(|(_, it)| (it, true));
        let mut all = chosen.chain(alternatives.map(|it| (it, false)));
        all.find(|(it, _)| it.command == *command)
    }
}

/// A command that may stand in a plan.
pub(super) fn check(
    asked: &PlannedCommandReply,
    phase: PhaseReply,
    place: &Place<'_>,
) -> Result<PlannedCommand, String> {
    let command = read(&asked.command)?;
    let assessment = policy::assess(&command);
    if assessment.risk == Risk::Forbidden {
        return Err(assessment.reason);
    }
    let invocation = policy::invocation(&command).map_err(|error| error.reason)?;
    let explanation = words::harmless(&asked.explanation, MAX_MODEL_SENTENCE_CHARS, &mut Vec::new());
    if let Some((own, chosen)) = place.own(&command)
        && (own.risk == Risk::ReadOnly
            || phase == PhaseReply::Remediate && place.may_change && (chosen || own.risk <= Risk::Disruptive))
    {
        let mut own = own.clone();
        own.risk = own.risk.max(assessment.risk);
        return Ok(own);
    }
    in_place(&invocation, place)?;
    let planned = PlannedCommand {
        command,
        explanation,
        risk: assessment.risk,
        expected_output: String::new(),
        estimated_time_seconds: READ_SECONDS,
        rollback: None,
        derived_names: place.derived && is_about(&invocation, &place.guilty),
    };
    if assessment.risk == Risk::ReadOnly {
        reads(&invocation)?;
        return Ok(planned);
    }
    if phase != PhaseReply::Remediate {
        return Err(format!(
            "it changes something, and {} only looks",
            phase_word(phase)
        ));
    }
    changes(asked, planned, &invocation, place)
}

fn phase_word(phase: PhaseReply) -> &'static str {
    match phase {
        PhaseReply::Investigate => "INVESTIGATE",
        PhaseReply::Remediate => "REMEDIATE",
        PhaseReply::Verify => "VERIFY",
    }
}

/// A command line as a command, without secrets.
fn read(line: &str) -> Result<Command, String> {
    let line = line.trim();
    if line.len() > MAX_LINE_BYTES {
        return Err(format!("it is longer than {MAX_LINE_BYTES} bytes"));
    }
    if line.chars().any(|c| c.is_control() || !c.is_ascii()) {
        return Err("it holds characters that no kubectl command needs".to_owned());
    }
    let command = policy::parse(line).map_err(|error| error.reason)?;
    if Redactor::new().redact(line) != line {
        return Err("it holds a secret value".to_owned());
    }
    Ok(command)
}

/// Whether it stays in the cluster and the namespaces of the evidence.
fn in_place(invocation: &Invocation, place: &Place<'_>) -> Result<(), String> {
    if !invocation.smuggled.is_empty() {
        return Err("it chooses another cluster or identity".to_owned());
    }
    match &invocation.namespace {
        Some(namespace) if !place.namespaces.contains(namespace) => Err(format!(
            "namespace '{namespace}' is not where the fault is: use {}",
            place.namespaces.iter().cloned().collect::<Vec<_>>().join(" or ")
        )),
        _ => Ok(()),
    }
}

/// Whether it only reads, ends, and shows no secrets.
fn reads(invocation: &Invocation) -> Result<(), String> {
    if !READING.contains(&invocation.verb.as_str()) {
        return Err(format!("'{}' is not among the reading commands", invocation.verb));
    }
    if ENDLESS.iter().any(|flag| invocation.has(flag)) || invocation.all_namespaces {
        return Err("it does not end by itself or reads more than the place of the fault".to_owned());
    }
    let shows_secret = invocation.targets.iter().any(|it| it.kind == Kind::Secret);
    if shows_secret && invocation.output.is_some() {
        return Err("it would show the content of a Secret: use kubectl describe".to_owned());
    }
    Ok(())
}

/// A change: reversible, on the root cause's object or its workload, with an inverse of the same kind.
fn changes(
    asked: &PlannedCommandReply,
    planned: PlannedCommand,
    invocation: &Invocation,
    place: &Place<'_>,
) -> Result<PlannedCommand, String> {
    if !place.may_change {
        return Err("the evidence does not tell the cause: only reading is allowed".to_owned());
    }
    if planned.risk.verdict() != "reversible_change" {
        return Err("it is destructive, and the engine's plan does not hold it".to_owned());
    }
    if !is_about(invocation, &place.guilty) || invocation.all || invocation.selector.is_some() {
        let names: Vec<String> = place.guilty.iter().map(ToString::to_string).collect();
        return Err(format!("it changes something else than {}", names.join(" or ")));
    }
    if planned.explanation.is_empty() {
        return Err("its explanation is missing or not plain words".to_owned());
    }
    let line = asked
        .rollback
        .as_deref()
        .map(str::trim)
        .filter(|it| !it.is_empty());
    let line = line.ok_or("it changes something and names no inverse in rollback")?;
    let inverse = read(line).map_err(|reason| format!("its rollback: {reason}"))?;
    let undoes = policy::invocation(&inverse).map_err(|error| error.reason)?;
    in_place(&undoes, place)?;
    let risk = policy::assess(&inverse).risk;
    if risk.verdict() != "reversible_change"
        || !is_about(&undoes, &place.guilty)
        || inverse == planned.command
    {
        return Err("its rollback does not undo it: it must change the same object back".to_owned());
    }
    Ok(PlannedCommand {
        rollback: Some(inverse),
        ..planned
    })
}

/// Whether every target is one of the objects, in their namespace.
fn is_about(invocation: &Invocation, objects: &[ResourceRef]) -> bool {
    let is_one = |kind: &Kind, name: &str| {
        objects.iter().any(|it| {
            it.kind == *kind
                && it.name == name
                && (it.kind.is_cluster_scoped()
                    || it.namespace.is_none()
                    || it.namespace == invocation.namespace)
        })
    };
    !invocation.targets.is_empty()
        && invocation
            .targets
            .iter()
            .all(|it| it.name.as_deref().is_some_and(|name| is_one(&it.kind, name)))
}
