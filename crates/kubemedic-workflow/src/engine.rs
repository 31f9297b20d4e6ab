//! The engine's decisions as one value, so that a test can put hand-made answers in their place.

use kubemedic_engine::{
    analysis,
    intake::{self, Intake},
    monitoring::{self, Monitoring},
    policy::{self, ParseError},
    remediation,
};
use kubemedic_model::{
    command::{Assessment, Command},
    diagnosis::Diagnosis,
    evidence_object::WorkflowInput,
    plan::{Plan, StrategyOrder},
    snapshot::ClusterSnapshot,
};

/// The decisions that a workflow consists of.
#[derive(Debug, Clone, Copy)]
pub struct Engine {
    /// Input to records and objects.
    pub read: fn(&WorkflowInput) -> Intake,
    /// Records to findings.
    pub monitor: fn(&Intake) -> Monitoring,
    /// Findings to causes.
    pub diagnose: fn(&Intake, &Monitoring) -> Diagnosis,
    /// Causes to plans.
    pub plan: fn(&Diagnosis, &ClusterSnapshot, &dyn StrategyOrder) -> Vec<Plan>,
    /// A command line to a command.
    pub parse: fn(&str) -> Result<Command, ParseError>,
    /// A command to its risk.
    pub assess: fn(&Command) -> Assessment,
}

impl Default for Engine {
    fn default() -> Self {
        Self {
            read: intake::read,
            monitor: monitoring::monitor,
            diagnose: analysis::diagnose,
            plan: remediation::plan,
            parse: policy::parse,
            assess: policy::assess,
        }
    }
}
