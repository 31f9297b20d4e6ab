//! Lints a plan before a person sees it: one small function per lint, each with a name.
//! It judges form (inverse, checks, known names), not whether the repair suits the cause.

mod lints;
mod names;

use kubemedic_model::{diagnosis::Diagnosis, plan::Plan, snapshot::ClusterSnapshot};

/// What a lint found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// The lint's name.
    pub lint: &'static str,
    /// What is wrong, and where.
    pub message: String,
}

/// Everything that is wrong with a plan's form; empty when a person may see it.
pub fn lint(plan: &Plan) -> Vec<Remark> {
    lints::LINTS
        .iter()
        .flat_map(|(name, check)| {
            check(plan)
                .into_iter()
                .map(move |message| Remark { lint: name, message })
        })
        .collect()
}

/// Everything that is wrong with a plan, names included: a name that neither the evidence nor Kubernetes' naming rules
/// give is invented. Plans that a language model wrote pass through here.
pub fn lint_against(plan: &Plan, diagnosis: &Diagnosis, snapshot: &ClusterSnapshot) -> Vec<Remark> {
    let known = names::Known::of(plan, diagnosis, snapshot);
    let mut remarks = lint(plan);
    remarks.extend(known.unknown_names(plan).into_iter().map(|message| Remark {
        lint: "unknown-name",
        message,
    }));
    remarks
}

#[cfg(test)]
mod tests;
