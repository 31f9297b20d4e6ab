//! What models make of the engine's diagnoses: an adversary that says the worst that the schema allows, and an oracle that knows
//! the labels. Both answer every labelled text through the public functions.

mod adversary;
mod oracle;
mod plans;

use kubemedic_engine::{
    analysis,
    grounding::{
        Briefing, Grounded, ground_analysis,
        reply::{AnalysisReply, CauseReply, ObjectReply},
    },
    intake::{self, Intake},
    monitoring::{self, Monitoring},
};
use kubemedic_model::{diagnosis::Diagnosis, evidence_object::WorkflowInput, resource::ResourceRef};
use serde::Deserialize;

use crate::shared;

/// Our own labelled texts.
const OWN: [&str; 7] = [
    include_str!("../../fixtures/incidents/blind.jsonl"),
    include_str!("../../fixtures/incidents/blind-second.jsonl"),
    include_str!("../../fixtures/incidents/blind-third.jsonl"),
    include_str!("../../fixtures/incidents/blind-fourth.jsonl"),
    include_str!("../../fixtures/incidents/blind-healthy.jsonl"),
    UNUSUAL,
    UNUSUAL_SECOND,
];
/// Faults in words that no rule knows. The vocabulary of the classes was written beside them.
const UNUSUAL: &str = include_str!("../../fixtures/incidents/unusual-wording.jsonl");
/// Further ones, written after the vocabulary and before they were run.
const UNUSUAL_SECOND: &str = include_str!("../../fixtures/incidents/unusual-wording-second.jsonl");

/// A labelled text.
#[derive(Debug, Deserialize)]
struct Case {
    id: String,
    input_text: String,
    #[serde(alias = "true_class")]
    failure_class: String,
    #[serde(default)]
    also_accept_classes: Vec<String>,
    #[serde(default)]
    affected_objects: Vec<Affected>,
}

#[derive(Debug, Deserialize)]
struct Affected {
    accept_names: Vec<String>,
}

/// A case as the engine sees it.
struct Seen {
    case: Case,
    intake: Intake,
    monitoring: Monitoring,
    diagnosis: Diagnosis,
    briefing: Briefing,
}

impl Seen {
    fn of(case: Case) -> Self {
        let intake = intake::read(&WorkflowInput::Text(case.input_text.clone()));
        let monitoring = monitoring::monitor(&intake);
        let diagnosis = analysis::diagnose(&intake, &monitoring);
        let briefing = Briefing::of(&intake, &monitoring, &diagnosis, 12_000);
        Self {
            case,
            intake,
            monitoring,
            diagnosis,
            briefing,
        }
    }

    fn ground(&self, reply: AnalysisReply) -> Grounded<Diagnosis> {
        ground_analysis(reply, &self.briefing, &self.intake, &self.diagnosis)
    }

    /// Whether a diagnosis has the labelled class first.
    fn has_class(&self, diagnosis: &Diagnosis) -> bool {
        let class = diagnosis.failure_class().map_or("", |it| it.id());
        class == self.case.failure_class || self.case.also_accept_classes.iter().any(|it| it == class)
    }

    /// Whether a diagnosis names every labelled object first.
    fn has_objects(&self, diagnosis: &Diagnosis) -> bool {
        let named: Vec<&str> = diagnosis.objects.iter().map(|it| it.name.as_str()).collect();
        let mut wanted = self.case.affected_objects.iter();
        wanted.all(|it| it.accept_names.iter().any(|name| named.contains(&name.as_str())))
    }

    /// Every id that may be cited.
    fn every_id(&self) -> Vec<String> {
        let evidence = self.diagnosis.evidence.iter().map(|it| it.id.to_string());
        let findings = self.monitoring.errors.len() + self.monitoring.warnings.len();
        let findings = (1..=findings).map(|it| format!("F{it}"));
        let records = (1..=self.intake.records.len()).map(|it| format!("R{it}"));
        let notes = (1..=self.intake.notes.len()).map(|it| format!("N{it}"));
        evidence.chain(findings).chain(records).chain(notes).collect()
    }
}

fn cases(lines: &str) -> impl Iterator<Item = Case> {
    let lines = lines.lines().filter(|line| !line.trim().is_empty());
    lines.map(|line| serde_json::from_str(line).expect("a case has the corpus' form"))
}

/// Every labelled text that there is here, or every so many of them.
fn every_case(step: usize) -> impl Iterator<Item = Seen> {
    let mut all: Vec<Case> = OWN.iter().flat_map(|it| cases(it)).collect();
    for file in ["diagnosis", "injections"] {
        if let Some(path) = shared::corpus(&format!("diagnosis-dev/{file}.jsonl")) {
            all.extend(cases(&shared::text(&path)));
        }
    }
    all.into_iter().step_by(step).map(Seen::of)
}

/// A reply with one cause.
fn reply(
    class: &str,
    object: Option<&ResourceRef>,
    claim: Option<String>,
    evidence: Vec<String>,
) -> AnalysisReply {
    AnalysisReply {
        reasoning: "It is plain.".to_owned(),
        causes: vec![CauseReply {
            failure_class: class.to_owned(),
            cause: None,
            object: object.map(|it| ObjectReply {
                kind: it.kind.to_string(),
                namespace: it.namespace.clone(),
                name: it.name.clone(),
            }),
            claim,
            explanation: "The cited lines show it.".to_owned(),
            contributing_factors: Vec::new(),
            evidence,
            confidence: 1.0,
        }],
        explanation_of_first: "The cited lines show it.".to_owned(),
        disagreement_reason: Some("The engine is wrong.".to_owned()),
        missing: Vec::new(),
    }
}
