//! Plans: what to look at, what to change and how to see that it helped.

use serde::{Deserialize, Serialize};

use crate::{
    command::{Command, Risk},
    diagnosis::RootCause,
    learning::Decision,
    resource::ResourceRef,
};

/// The phase of a step, on the wire `INVESTIGATE`, `REMEDIATE`, `VERIFY`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Phase {
    /// Look, change nothing.
    Investigate,
    /// Repair.
    Remediate,
    /// See whether it helped.
    Verify,
}

impl Phase {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Investigate => "INVESTIGATE",
            Self::Remediate => "REMEDIATE",
            Self::Verify => "VERIFY",
        }
    }
}

/// A way to repair, the arms of LEARNING.md section 1.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    /// Restart the workload.
    Restart,
    /// Return to the revision before.
    Rollback,
    /// More replicas.
    ScaleOut,
    /// Another memory limit or request.
    PatchMemory,
    /// Another CPU limit or request.
    PatchCpu,
    /// Another image.
    FixImage,
    /// Another configuration.
    FixConfig,
    /// Another secret or credential.
    FixSecret,
    /// Another probe.
    FixProbe,
    /// Empty a node.
    CordonDrain,
    /// A larger volume claim.
    ExpandPvc,
    /// Services, DNS, network policies.
    FixNetworkDns,
    /// Delete, so that a controller makes it anew.
    DeleteRecreate,
    /// Permissions.
    FixRbac,
    /// Taints, affinity, quota.
    FixSchedule,
    /// Undo a configuration change.
    RevertConfig,
    /// A person decides; nothing is changed.
    Escalate,
}

impl Strategy {
    /// All of them, in the order of LEARNING.md.
    pub const ALL: [Self; 17] = [
        Self::Restart,
        Self::Rollback,
        Self::ScaleOut,
        Self::PatchMemory,
        Self::PatchCpu,
        Self::FixImage,
        Self::FixConfig,
        Self::FixSecret,
        Self::FixProbe,
        Self::CordonDrain,
        Self::ExpandPvc,
        Self::FixNetworkDns,
        Self::DeleteRecreate,
        Self::FixRbac,
        Self::FixSchedule,
        Self::RevertConfig,
        Self::Escalate,
    ];

    /// What it does, for people: the beginning of a sentence that goes on with "of" or "for" and a name.
    pub fn title(self) -> &'static str {
        match self {
            Self::Restart => "Restart",
            Self::Rollback => "Return to the revision before",
            Self::ScaleOut => "Run more replicas",
            Self::PatchMemory => "Change the memory limit",
            Self::PatchCpu => "Change the CPU limit",
            Self::FixImage => "Change the image",
            Self::FixConfig => "Change the configuration",
            Self::FixSecret => "Change the secret or credential",
            Self::FixProbe => "Change the probe",
            Self::CordonDrain => "Take the node out of service",
            Self::ExpandPvc => "Enlarge the volume claim",
            Self::FixNetworkDns => "Repair the network path",
            Self::DeleteRecreate => "Delete, so that a controller makes it anew",
            Self::FixRbac => "Change the permissions",
            Self::FixSchedule => "Change what keeps the pods from being scheduled",
            Self::RevertConfig => "Undo the configuration change",
            Self::Escalate => "Find out more, change nothing",
        }
    }

    /// The word on the wire, such as `patch_memory`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Restart => "restart",
            Self::Rollback => "rollback",
            Self::ScaleOut => "scale_out",
            Self::PatchMemory => "patch_memory",
            Self::PatchCpu => "patch_cpu",
            Self::FixImage => "fix_image",
            Self::FixConfig => "fix_config",
            Self::FixSecret => "fix_secret",
            Self::FixProbe => "fix_probe",
            Self::CordonDrain => "cordon_drain",
            Self::ExpandPvc => "expand_pvc",
            Self::FixNetworkDns => "fix_network_dns",
            Self::DeleteRecreate => "delete_recreate",
            Self::FixRbac => "fix_rbac",
            Self::FixSchedule => "fix_schedule",
            Self::RevertConfig => "revert_config",
            Self::Escalate => "escalate",
        }
    }
}

/// A command in its place in a plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlannedCommand {
    /// The command.
    pub command: Command,
    /// What it does and why, in one sentence.
    pub explanation: String,
    /// What the policy says of it.
    pub risk: Risk,
    /// What a person should see.
    pub expected_output: String,
    /// How long it takes, in seconds.
    pub estimated_time_seconds: u32,
    /// The command that undoes it.
    pub rollback: Option<Command>,
    /// Whether a name in it was derived by Kubernetes' naming rules and is read first.
    pub derived_names: bool,
}

/// One step of a plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Its phase.
    pub phase: Phase,
    /// Its number, counted from 1 in the plan.
    pub number: u32,
    /// What it is for.
    pub description: String,
    /// Its commands, in order.
    pub commands: Vec<PlannedCommand>,
    /// How a person sees that it succeeded.
    pub success_criteria: String,
}

/// Another way to repair that was not chosen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Alternative {
    /// The way.
    pub strategy: Strategy,
    /// What it would do, and its price.
    pub description: String,
    /// Its commands, if the evidence holds every name and value that they need.
    pub commands: Vec<PlannedCommand>,
}

/// How far a plan reaches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlastRadius {
    /// The objects that its commands change.
    pub changes: Vec<ResourceRef>,
    /// In words: what is interrupted, for whom.
    pub description: String,
}

/// The repair of one root cause.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The cause that it repairs.
    pub root_cause: RootCause,
    /// The chosen way.
    pub strategy: Strategy,
    /// Steps, in order: INVESTIGATE, REMEDIATE, VERIFY.
    pub steps: Vec<Step>,
    /// Ways that were not chosen, the best first.
    pub alternatives: Vec<Alternative>,
    /// What keeps it from happening again.
    pub preventive_measures: Vec<String>,
    /// What has to be there first.
    pub dependencies: Vec<String>,
    /// How far it reaches.
    pub blast_radius: BlastRadius,
    /// What a person has to do or to find out, because the evidence does not hold the name or value.
    pub manual_steps: Vec<String>,
    /// How long it takes, in minutes.
    pub estimated_time_minutes: u32,
    /// How the ways were ordered by what was learnt; `None` where nothing learns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<Box<Decision>>,
}

/// A way that the evidence admits, as far as its place in the order depends on it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AdmittedWay {
    /// The way.
    pub strategy: Strategy,
    /// The highest risk of its commands; `None` where a person goes it by hand.
    pub risk: Option<Risk>,
}

impl Plan {
    /// Its commands with their phases, in order.
    pub fn commands(&self) -> impl Iterator<Item = (Phase, &PlannedCommand)> {
        self.steps
            .iter()
            .flat_map(|step| step.commands.iter().map(move |command| (step.phase, command)))
    }
}

/// The order in which a class's ways to repair are tried, the best first. What is not named keeps its place behind.
pub trait StrategyOrder {
    /// The rank of a way for a class: lower is tried first; 0 when nothing is known.
    fn rank(&self, class: crate::class::FailureClass, strategy: Strategy) -> i64;

    /// The order of the ways that the evidence admits for a cause, given in the order of the knowledge base; `None`: by rank.
    /// It orders only: a way that is not given is not proposed.
    fn decide(&self, _cause: &RootCause, _ways: &[AdmittedWay]) -> Option<Decision> {
        None
    }
}

/// The order of the knowledge base, untouched by learning.
#[derive(Debug, Clone, Copy, Default)]
pub struct KnowledgeBaseOrder;

impl StrategyOrder for KnowledgeBaseOrder {
    fn rank(&self, _: crate::class::FailureClass, _: Strategy) -> i64 {
        0
    }
}
