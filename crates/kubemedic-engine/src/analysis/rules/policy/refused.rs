//! Requests that the API server's own admission and validation refuse: classes that do not exist, specs that are not valid.
//! Quotas, service accounts, webhooks and policies are read by the parent.

use kubemedic_model::class::FailureClass;

use super::super::super::{
    hypothesis::{Hypothesis, Standing},
    patterns::{self, first, group},
};

/// The longest quote of a refusal in a sentence, in characters.
const MAX_WHY: usize = 110;

/// The claim that a refusal's text makes.
pub(super) fn claim(name: &str, message: &str) -> Option<Hypothesis> {
    let said = |cause: &str, likelihood: f64, why: String, explanation: &str| {
        Hypothesis::new(FailureClass::AdmissionDenied, Standing::Reported, likelihood)
            .refined(Some(cause))
            .because(format!("{name} cannot create pods: {why}"), explanation)
    };
    if let Some(class) = first(&patterns::PRIORITY_CLASS_MISSING, message) {
        return Some(said(
            "priority_class_missing",
            0.95,
            format!("admission denies them because the PriorityClass {class} does not exist"),
            "The Priority admission plugin refuses pods that name a PriorityClass that is not there.",
        ));
    }
    if let Some(class) = first(&patterns::RUNTIME_CLASS_MISSING, message) {
        return Some(said(
            "runtime_class_missing",
            0.95,
            format!("admission denies them because the RuntimeClass {class} does not exist"),
            "The RuntimeClass admission plugin refuses pods that name a RuntimeClass that is not there.",
        ));
    }
    let field = first(&patterns::OBJECT_INVALID, message)?;
    let why: String = group(&patterns::OBJECT_INVALID, message, 2)
        .unwrap_or("")
        .chars()
        .take(MAX_WHY)
        .collect();
    Some(said(
        "pod_spec_invalid",
        0.9,
        format!("the API server denies them as invalid, {field}: {}", why.trim()),
        "The API server validates every pod that a controller creates; the template must be mended.",
    ))
}
