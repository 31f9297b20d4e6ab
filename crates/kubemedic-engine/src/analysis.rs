//! The Analysis Agent's decisions: findings and cluster state to a ranked diagnosis.

#[expect(dead_code, reason = "the ranking that reads it is written in parallel")]
mod catalogue;
mod hypothesis;
mod mentions;

use kubemedic_model::diagnosis::{Confidence, Diagnosis, Verdict};

use crate::{intake::Intake, monitoring::Monitoring};

/// Finds the causes.
pub fn diagnose(_intake: &Intake, _monitoring: &Monitoring) -> Diagnosis {
    Diagnosis {
        verdict: Verdict::Healthy,
        summary: String::new(),
        root_causes: Vec::new(),
        alternatives: Vec::new(),
        objects: Vec::new(),
        confidence: Confidence::new(0.0),
        evidence: Vec::new(),
        missing: Vec::new(),
    }
}
