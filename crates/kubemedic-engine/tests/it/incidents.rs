//! The project's own incidents, one file each: class, cause, object and verdict must be right, and the answer within the contract.
//! What must hold for every one of them, whatever it is about, is in `incidents/properties.rs`.

mod alteration;
mod properties;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use kubemedic_engine::{analysis, intake, learning::Ledger, monitoring, policy, remediation};
use kubemedic_model::{
    class::FailureClass,
    command::Risk,
    diagnosis::{Diagnosis, MAX_OBJECTS, MAX_SENTENCE_CHARS, MAX_SUMMARY_CHARS, Verdict},
    evidence_object::{EvidenceObject, WorkflowInput},
    plan::Plan,
};
use serde::Deserialize;

/// The fewest files whose verdict is healthy or recovered.
const FEWEST_CALM: usize = 12;

/// One file.
#[derive(Debug, Clone, Deserialize)]
struct Incident {
    #[serde(skip)]
    name: String,
    #[serde(flatten)]
    evidence: EvidenceObject,
    expected: Expected,
}

/// What an incident's file expects.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    failure_class: Option<String>,
    cause: Option<String>,
    object: Option<String>,
    verdict: Verdict,
    /// What carries the fault: without it, the diagnosis must be another one.
    #[serde(default)]
    decisive: Decisive,
    /// What the author wants readers to know.
    #[expect(dead_code, reason = "for people who read the file")]
    note: Option<String>,
}

/// The parts of an evidence object that carry a fault.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Decisive {
    /// Commands whose output carries it.
    kubectl: Vec<String>,
    /// Services whose logs carry it; `*` is all logs.
    logs: Vec<String>,
    /// Objects that carry it, as `Kind/name`; `Event/NAME` is every event about that name.
    objects: Vec<String>,
    /// Words of the lines that carry it, in any log and any command's output.
    lines: Vec<String>,
    /// Whether alerts carry it.
    alerts: bool,
    /// Whether metrics carry it.
    metrics: bool,
}

impl Decisive {
    fn is_empty(&self) -> bool {
        let lists = [&self.kubectl, &self.logs, &self.objects, &self.lines];
        lists.iter().all(|it| it.is_empty()) && !self.alerts && !self.metrics
    }
}

/// The part of a diagnosis that must not depend on what is beside the point.
#[derive(Debug, Clone, PartialEq)]
struct Answer {
    verdict: Verdict,
    class: Option<String>,
    cause: Option<String>,
    object: Option<String>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/incidents")
}

/// All files, by name.
fn incidents() -> Vec<Incident> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder())
        .expect("the folder can be listed")
        .map(|entry| entry.expect("an entry can be read").path())
        .filter(|path| path.extension().is_some_and(|it| it == "json"))
        .collect();
    paths.sort();
    paths
        .iter()
        .map(|path| {
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            let text = fs::read_to_string(path).expect("a fixture can be read");
            let read: Result<Incident, _> = serde_json::from_str(&text);
            let mut incident = read
                .map_err(|error| format!("{name}.json: {error}"))
                .expect("a fixture is an evidence object with what is expected");
            incident.name = name.into_owned();
            incident
        })
        .collect()
}

/// One diagnosis with its plans.
fn run(input: &WorkflowInput) -> (Diagnosis, Vec<Plan>) {
    let intake = intake::read(input);
    let diagnosis = analysis::diagnose(&intake, &monitoring::monitor(&intake));
    let plans = remediation::plan(&diagnosis, &intake.snapshot, &Ledger::new());
    (diagnosis, plans)
}

fn answer(diagnosis: &Diagnosis) -> Answer {
    let first = diagnosis
        .root_causes
        .first()
        .filter(|_| diagnosis.verdict == Verdict::Incident);
    Answer {
        verdict: diagnosis.verdict,
        class: diagnosis.failure_class().map(|class| class.id().to_owned()),
        cause: first.and_then(|cause| cause.cause.clone()),
        object: first.and_then(|_| analysis::wire_object(diagnosis)),
    }
}

/// The answer to an evidence object.
fn answer_to(evidence: &EvidenceObject) -> Answer {
    answer(&run(&WorkflowInput::Evidence(Box::new(evidence.clone()))).0)
}

/// What is wrong with the answer to an incident.
fn faults(incident: &Incident) -> Vec<String> {
    let (diagnosis, plans) = run(&WorkflowInput::Evidence(Box::new(incident.evidence.clone())));
    let expected = &incident.expected;
    let got = answer(&diagnosis);
    let mut faults = Vec::new();
    if got.verdict != expected.verdict {
        faults.push(format!(
            "verdict {} not {}",
            got.verdict.as_str(),
            expected.verdict.as_str()
        ));
    }
    if got.class != expected.failure_class {
        faults.push(format!("class {:?} not {:?}", got.class, expected.failure_class));
    }
    if expected.cause.is_some() && got.cause != expected.cause {
        faults.push(format!("cause {:?} not {:?}", got.cause, expected.cause));
    }
    if expected.object.is_some() && got.object != expected.object {
        faults.push(format!("object {:?} not {:?}", got.object, expected.object));
    }
    faults.extend(lengths(&diagnosis));
    faults.extend(plans.iter().flat_map(|plan| unsound(plan, diagnosis.verdict)));
    if !faults.is_empty() {
        faults.push(diagnosis.summary);
    }
    faults
}

/// Texts and lists that are longer than the contract says (CONTRACT.md section 4).
fn lengths(diagnosis: &Diagnosis) -> Vec<String> {
    let causes = diagnosis.root_causes.iter().chain(&diagnosis.alternatives);
    let mut long: Vec<String> = causes
        .filter(|cause| cause.sentence.chars().count() > MAX_SENTENCE_CHARS)
        .map(|cause| format!("overlong root cause: {}", cause.sentence))
        .collect();
    if diagnosis.summary.chars().count() > MAX_SUMMARY_CHARS {
        long.push("overlong summary".to_owned());
    }
    if diagnosis.objects.len() > MAX_OBJECTS {
        long.push(format!("{} objects", diagnosis.objects.len()));
    }
    long
}

/// Commands that the policy reads otherwise or forbids, and changes where nothing is wrong.
fn unsound(plan: &Plan, verdict: Verdict) -> Vec<String> {
    let mut wrong = Vec::new();
    let others = plan.alternatives.iter().flat_map(|it| &it.commands);
    for planned in plan.commands().map(|(_, planned)| planned).chain(others) {
        let line = planned.command.to_string();
        let judged = policy::assess(&planned.command);
        if policy::parse(&line).as_ref() != Ok(&planned.command) {
            wrong.push(format!("the policy does not read '{line}'"));
        }
        if judged.risk != planned.risk || judged.risk == Risk::Forbidden {
            wrong.push(format!(
                "'{line}' is {:?}, the plan says {:?}",
                judged.risk, planned.risk
            ));
        }
        if verdict != Verdict::Incident && judged.risk != Risk::ReadOnly {
            wrong.push(format!(
                "'{line}' changes the state, but nothing is known to be wrong"
            ));
        }
        if let Some(back) = &planned.rollback
            && policy::check(&back.to_string()).risk == Risk::Forbidden
        {
            wrong.push(format!("the inverse '{back}' is forbidden"));
        }
    }
    wrong
}

#[test]
fn every_incident_is_diagnosed_within_the_contract_and_planned_soundly() {
    let wrong: Vec<String> = incidents()
        .iter()
        .map(|incident| (incident, faults(incident)))
        .filter(|(_, faults)| !faults.is_empty())
        .map(|(incident, faults)| format!("{}.json: {}", incident.name, faults.join("; ")))
        .collect();
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_failure_class_has_an_incident_and_peace_has_a_dozen() {
    let mut files: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for incident in incidents() {
        let class = incident.expected.failure_class.unwrap_or_default();
        files.entry(class).or_default().insert(incident.name);
    }
    let calm = files.get("healthy").map_or(0, BTreeSet::len);
    assert!(calm >= FEWEST_CALM, "only {calm} files are healthy or recovered");
    let missing: Vec<&str> = FailureClass::ALL
        .iter()
        .map(|class| class.id())
        .filter(|class| !files.contains_key(*class))
        .collect();
    assert_eq!(missing, Vec::<&str>::new());
}
