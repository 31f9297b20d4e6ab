//! One diagnosis from input to answer without a server: what `diagnose` and `eval` share.

use std::sync::Arc;

use kubemedic_engine::{
    analysis,
    condense::Condensed,
    intake,
    intake::Intake,
    monitoring::{self, Monitoring},
    redaction::{Redactor, rules::Rules},
    remediation,
};
use kubemedic_model::{
    diagnosis::{Diagnosis, MAX_SENTENCE_CHARS, RootCause},
    evidence_object::WorkflowInput,
    plan::{KnowledgeBaseOrder, Phase, Plan, PlannedCommand},
};
use kubemedic_workflow::consult::examination::Answer;
use serde_json::{Value, json};

/// A diagnosis with its plans.
#[derive(Debug)]
pub struct Examination {
    /// The diagnosis.
    pub diagnosis: Diagnosis,
    /// A plan for each root cause.
    pub plans: Vec<Plan>,
}

/// What the engine read of an input.
#[derive(Debug, Clone)]
pub struct Read {
    /// Records and objects, redacted.
    pub intake: Arc<Intake>,
    /// Findings.
    pub monitoring: Arc<Monitoring>,
}

/// Redacts, also by the user's rules, and reads.
pub fn read(input: WorkflowInput, rules: &Arc<Rules>) -> Read {
    let mut redactor = Redactor::with_rules(Arc::clone(rules));
    Read::of(intake::read(&redactor.redact_input(input)))
}

/// Reads what is left of a long log, which was redacted on the way.
pub fn read_condensed(condensed: &Condensed) -> Read {
    Read::of(intake::read_condensed(condensed))
}

/// Redacts, reads, diagnoses and plans.
pub fn examine(input: WorkflowInput, rules: &Arc<Rules>) -> Examination {
    read(input, rules).examine()
}

impl Read {
    fn of(intake: Intake) -> Self {
        let monitoring = monitoring::monitor(&intake);
        Self {
            intake: Arc::new(intake),
            monitoring: Arc::new(monitoring),
        }
    }

    /// Diagnoses and plans.
    pub fn examine(&self) -> Examination {
        let diagnosis = analysis::diagnose(&self.intake, &self.monitoring);
        let plans = remediation::plan(&diagnosis, &self.intake.snapshot, &KnowledgeBaseOrder);
        Examination { diagnosis, plans }
    }
}

impl From<Answer> for Examination {
    fn from(answer: Answer) -> Self {
        Self {
            diagnosis: answer.diagnosis,
            plans: answer.plans,
        }
    }
}

impl Examination {
    /// Every command with its phase, in order.
    pub fn commands(&self) -> impl Iterator<Item = (Phase, &PlannedCommand)> {
        self.plans.iter().flat_map(Plan::commands)
    }

    /// The first root cause.
    pub fn first(&self) -> Option<&RootCause> {
        self.diagnosis.root_causes.first()
    }

    /// The contract's `root_cause`: the first cause's sentence, or as much of the summary where there is none.
    pub fn root_cause(&self) -> String {
        let told = self
            .first()
            .map_or(&self.diagnosis.summary, |cause| &cause.sentence);
        told.chars().take(MAX_SENTENCE_CHARS).collect()
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
