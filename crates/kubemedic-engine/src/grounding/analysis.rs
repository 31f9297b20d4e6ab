//! The merge of a model's analysis with the engine's diagnosis: it may explain, add, and stand first only where the engine is
//! unsure and the evidence itself supports it.

use kubemedic_model::diagnosis::Diagnosis;

use super::{Briefing, Grounded, reply::AnalysisReply};
use crate::intake::Intake;

/// The engine's diagnosis with what of a model's analysis holds.
pub fn ground_analysis(
    _reply: AnalysisReply,
    _briefing: &Briefing,
    _intake: &Intake,
    diagnosis: &Diagnosis,
) -> Grounded<Diagnosis> {
    Grounded::unchanged(diagnosis.clone())
}
