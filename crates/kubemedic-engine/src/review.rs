//! Lints a plan before a person sees it.

use kubemedic_model::plan::Plan;

/// What a lint found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// The lint's name.
    pub lint: &'static str,
    /// What is wrong, and where.
    pub message: String,
}

/// Everything that is wrong with a plan; empty when a person may see it.
pub fn lint(_plan: &Plan) -> Vec<Remark> {
    Vec::new()
}
