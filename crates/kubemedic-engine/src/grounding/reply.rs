//! The form of every answer that a model is asked for, its JSON Schema, and the strict reading of it.
//! What a reply claims is checked elsewhere; here it is only known to have the form.

mod parse;
mod schema;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use parse::{ReplyError, parse};
pub use schema::schema_of;

/// What part a finding plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum InsightKind {
    /// It is or names the fault itself.
    Fault,
    /// It follows from another fault.
    Consequence,
    /// It tells of a change: a rollout, a configuration, a restart.
    Change,
    /// It tells that something is over.
    Recovery,
    /// It means nothing.
    Noise,
}

/// What a model makes of the findings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MonitoringReply {
    /// A few sentences: what stands out in these findings and how they hang together.
    pub reasoning: String,
    /// Only findings about which there is something to say that their text does not say itself.
    pub insights: Vec<InsightReply>,
}

/// What a model makes of one finding.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InsightReply {
    /// The id of the finding, such as F3.
    pub finding: String,
    /// What it means for the person on call, in one or two sentences.
    pub meaning: String,
    /// What part it plays.
    pub kind: InsightKind,
    /// P0, P1, P2 or P3, only where the finding is more urgent than stated; else null.
    pub priority: Option<String>,
}

/// What a model takes to be the causes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AnalysisReply {
    /// A few sentences: what the evidence shows, step by step, from symptom to cause.
    pub reasoning: String,
    /// Root causes, the most likely first; empty where nothing is wrong or the evidence does not tell.
    pub causes: Vec<CauseReply>,
    /// Why the first cause is the cause, for the person on call, in two to five sentences; empty without a cause.
    pub explanation_of_first: String,
    /// Where the first cause is not the engine's: why the engine is wrong. Else null.
    pub disagreement_reason: Option<String>,
    /// What would have to be known for a firmer answer.
    pub missing: Vec<String>,
}

/// One cause of a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CauseReply {
    /// The id of the failure class.
    #[schemars(schema_with = "schema::failure_class")]
    pub failure_class: String,
    /// A finer cause as a claim writes it; else null.
    pub cause: Option<String>,
    /// The guilty object; null where the evidence names none.
    pub object: Option<ObjectReply>,
    /// The id of the engine's claim that says the same, such as H2; null where none does.
    pub claim: Option<String>,
    /// Why the cited evidence means this, in one to three sentences.
    pub explanation: String,
    /// What adds to it, one short sentence each.
    pub contributing_factors: Vec<String>,
    /// The ids that show it, the most telling first: E1, F3, L2.
    pub evidence: Vec<String>,
    /// How likely this is a root cause, from 0 to 1.
    pub confidence: f64,
}

/// An object that a model names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ObjectReply {
    /// The kind, such as Pod or Deployment.
    pub kind: String,
    /// The namespace; null where the kind has none or it is not known.
    pub namespace: Option<String>,
    /// The name, exactly as the evidence has it.
    pub name: String,
}

/// How a model would change the plans.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RemediationReply {
    /// A few sentences: what the repair must achieve and what could go wrong.
    pub reasoning: String,
    /// One for each plan that is to be improved.
    pub plans: Vec<PlanReply>,
}

/// How a model would change one plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanReply {
    /// The number of the root cause, counted from 1, or its failure class.
    pub root_cause: String,
    /// The way to repair: the plan's own or one of its alternatives.
    #[schemars(schema_with = "schema::strategy")]
    pub strategy: String,
    /// Steps, in the order INVESTIGATE, REMEDIATE, VERIFY.
    pub steps: Vec<StepReply>,
    /// What keeps it from happening again, one sentence each.
    pub preventive_measures: Vec<String>,
    /// What a person has to do or find out, because no command can, one sentence each.
    pub manual_steps: Vec<String>,
}

/// The phase of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum PhaseReply {
    /// Look, change nothing.
    Investigate,
    /// Repair.
    Remediate,
    /// See whether it helped.
    Verify,
}

/// One step of a model's plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StepReply {
    /// Its phase.
    pub phase: PhaseReply,
    /// What it is for, in one sentence.
    pub description: String,
    /// Its commands; empty where only the words are to be improved.
    pub commands: Vec<PlannedCommandReply>,
    /// How a person sees that it succeeded, in one sentence.
    pub success_criteria: String,
}

/// One command of a model's plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlannedCommandReply {
    /// One kubectl command line, without pipes, substitutions or placeholders, with its namespace.
    pub command: String,
    /// What it does and why, in one sentence.
    pub explanation: String,
    /// The kubectl command line that undoes it; null for a command that changes nothing.
    pub rollback: Option<String>,
}

/// The second and last try for commands that were refused.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CommandReply {
    /// One or two sentences: what was wrong with the refused commands.
    pub reasoning: String,
    /// One for each refused command.
    pub commands: Vec<RepairReply>,
}

/// What stands in the place of one refused command.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RepairReply {
    /// The id of the refused command, such as C2.
    pub refused: String,
    /// The corrected kubectl command line; null to leave it out.
    pub command: Option<String>,
    /// What it does and why, in one sentence.
    pub explanation: String,
    /// The kubectl command line that undoes it; null for a command that changes nothing.
    pub rollback: Option<String>,
}

#[cfg(test)]
mod tests;
