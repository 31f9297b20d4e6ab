//! The Remediation Agent's decisions: a diagnosis to plans with checks and inverse commands.

use kubemedic_model::{
    diagnosis::Diagnosis,
    plan::{Plan, StrategyOrder},
    snapshot::ClusterSnapshot,
};

/// A plan for each root cause of an incident; none for any other verdict.
pub fn plan(_diagnosis: &Diagnosis, _snapshot: &ClusterSnapshot, _order: &dyn StrategyOrder) -> Vec<Plan> {
    Vec::new()
}
