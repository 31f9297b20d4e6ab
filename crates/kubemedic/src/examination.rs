//! One diagnosis from input to answer without a server: what `diagnose` and `eval` share.

use kubemedic_engine::{analysis, intake, intake::Intake, monitoring, redaction::Redactor, remediation};
use kubemedic_model::{
    diagnosis::{Diagnosis, RootCause, Verdict},
    evidence_object::WorkflowInput,
    plan::{KnowledgeBaseOrder, Phase, Plan, PlannedCommand, Step},
};
use serde_json::{Value, json};

/// A diagnosis with its plans.
#[derive(Debug)]
pub struct Examination {
    /// The diagnosis.
    pub diagnosis: Diagnosis,
    /// A plan for each root cause.
    pub plans: Vec<Plan>,
    /// What to look at when the evidence is not enough.
    pub investigation: Vec<Step>,
}

/// Redacts, reads, diagnoses and plans.
pub fn examine(input: WorkflowInput) -> Examination {
    let read: Intake = intake::read(&Redactor::new().redact_input(input));
    let diagnosis = analysis::diagnose(&read, &monitoring::monitor(&read));
    let plans = remediation::plan(&diagnosis, &read.snapshot, &KnowledgeBaseOrder);
    let investigation = match diagnosis.verdict {
        Verdict::InsufficientEvidence => remediation::investigation(&diagnosis, &read.snapshot),
        Verdict::Incident | Verdict::Healthy | Verdict::Recovered => Vec::new(),
    };
    Examination {
        diagnosis,
        plans,
        investigation,
    }
}

impl Examination {
    /// Every command with its phase, in order.
    pub fn commands(&self) -> impl Iterator<Item = (Phase, &PlannedCommand)> {
        let investigation = self
            .investigation
            .iter()
            .flat_map(|step| step.commands.iter().map(|command| (step.phase, command)));
        self.plans.iter().flat_map(Plan::commands).chain(investigation)
    }

    /// The first root cause.
    pub fn first(&self) -> Option<&RootCause> {
        self.diagnosis.root_causes.first()
    }

    /// The contract's `root_cause`: the first cause's sentence, or the summary where nothing is wrong.
    pub fn root_cause(&self) -> &str {
        self.first()
            .map_or(self.diagnosis.summary.as_str(), |cause| cause.sentence.as_str())
    }

    /// The contract's JSON of a diagnosis.
    pub fn to_json(&self) -> Value {
        let diagnosis = &self.diagnosis;
        let steps: Vec<Value> = self
            .commands()
            .map(|(phase, command)| command_json(phase, command))
            .collect();
        let manual: Vec<&String> = self.plans.iter().flat_map(|plan| &plan.manual_steps).collect();
        json!({
            "verdict": diagnosis.verdict,
            "failure_class": diagnosis.failure_class(),
            "cause": self.first().and_then(|cause| cause.cause.as_ref()),
            "object": analysis::wire_object(diagnosis),
            "root_cause": self.root_cause(),
            "summary": diagnosis.summary,
            "objects": diagnosis.objects,
            "confidence": diagnosis.confidence,
            "evidence": diagnosis.evidence,
            "hypotheses": self.hypotheses(),
            "missing": diagnosis.missing,
            "plan": {"steps": steps, "manual_steps": manual},
        })
    }

    /// Everything that was considered, the accepted causes first.
    fn hypotheses(&self) -> Vec<Value> {
        let told = |accepted: bool| {
            move |cause: &RootCause| {
                json!({
                    "failure_class": cause.class,
                    "cause": cause.cause,
                    "object": cause.object,
                    "root_cause": cause.sentence,
                    "explanation": cause.explanation,
                    "confidence": cause.confidence,
                    "evidence": cause.evidence.iter().map(ToString::to_string).collect::<Vec<_>>(),
                    "accepted": accepted,
                })
            }
        };
        let accepted = self.diagnosis.root_causes.iter().map(told(true));
        accepted
            .chain(self.diagnosis.alternatives.iter().map(told(false)))
            .collect()
    }
}

/// A step of the contract's plan.
fn command_json(phase: Phase, command: &PlannedCommand) -> Value {
    let mut step = json!({
        "phase": phase,
        "command": command.command.to_string(),
        "safety_level": command.risk.safety_level(),
        "explanation": command.explanation,
    });
    if let (Some(step), Some(rollback)) = (step.as_object_mut(), &command.rollback) {
        step.insert("rollback".to_owned(), Value::String(rollback.to_string()));
    }
    step
}
