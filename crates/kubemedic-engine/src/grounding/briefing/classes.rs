//! The failure classes for the fixed part of a prompt.

use kubemedic_model::class::FailureClass;
use serde::Serialize;

/// A failure class as a model is told it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct BriefClass {
    /// The id that a reply uses.
    pub id: &'static str,
    /// The group of the taxonomy.
    pub group: &'static str,
    /// What it means.
    pub title: &'static str,
}

/// Every failure class, in the order of the taxonomy.
pub fn classes() -> Vec<BriefClass> {
    FailureClass::ALL
        .iter()
        .filter(|class| **class != FailureClass::Healthy)
        .map(|class| BriefClass {
            id: class.id(),
            group: class.group(),
            title: class.title(),
        })
        .collect()
}
