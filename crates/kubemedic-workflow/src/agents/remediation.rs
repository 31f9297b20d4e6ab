//! The Remediation Agent's result and notes.

use jiff::Timestamp;
use kubemedic_model::{
    diagnosis::Diagnosis,
    event::{Agent, WorkflowEvent},
    id::FeedbackId,
    learning::{Contribution, ScoredArm},
    plan::{Alternative, Plan, PlannedCommand, Step},
};
use serde::Serialize;
use serde_json::json;

use super::{namespace_of, service_of, severity_word};
use crate::events::{info, thinking};

/// The proposed repair and two others.
const MAX_RANKED: usize = 3;

/// The result.
#[derive(Debug, Serialize)]
pub struct Report {
    remediation_summary: String,
    remediation_plans: Vec<PlanReport>,
    execution_order: Vec<String>,
}

#[derive(Debug, Serialize)]
struct PlanReport {
    timestamp: String,
    service: String,
    namespace: Option<String>,
    issue: String,
    root_cause: String,
    severity: &'static str,
    priority: &'static str,
    strategy: &'static str,
    estimated_time_minutes: u32,
    steps: Vec<StepReport>,
    alternative_solutions: Vec<String>,
    preventive_measures: Vec<String>,
    dependencies: Vec<String>,
    blast_radius: String,
    requires_manual_intervention: bool,
    manual_steps: String,
    /// The proposed repair and up to two others, with what is expected of them.
    ranking: Vec<RankedReport>,
}

/// What is expected of a repair, with what moved that most.
#[derive(Debug, Serialize)]
pub(crate) struct RankedReport {
    strategy: &'static str,
    p_approve: f64,
    p_resolve: f64,
    n_approve: u32,
    n_outcome: u32,
    contributions: Vec<Contribution>,
}

#[derive(Debug, Serialize)]
struct StepReport {
    phase: &'static str,
    step_number: u32,
    description: String,
    commands: Vec<CommandReport>,
    success_criteria: String,
    rollback_commands: Vec<String>,
}

#[derive(Debug, Serialize)]
struct CommandReport {
    command: String,
    explanation: String,
    safety_level: &'static str,
    expected_output: String,
    estimated_time_seconds: u32,
}

/// The plans in the contract's shape.
pub fn report(diagnosis: &Diagnosis, plans: &[Plan], now: Timestamp) -> Report {
    let order = plans
        .iter()
        .map(|plan| format!("{}: {}", service_of(&plan.root_cause), plan.strategy.as_str()));
    Report {
        remediation_summary: summary(diagnosis, plans),
        remediation_plans: plans.iter().map(|it| plan_report(it, now)).collect(),
        execution_order: order.collect(),
    }
}

fn summary(diagnosis: &Diagnosis, plans: &[Plan]) -> String {
    let verdict = diagnosis.verdict.as_str().replace('_', " ");
    match plans {
        [] => format!("Nothing is to be repaired ({verdict})"),
        plans => in_short(plans),
    }
}

/// The plans in a few words.
pub(crate) fn in_short(plans: &[Plan]) -> String {
    if plans.is_empty() {
        return "no plan: nothing is to be repaired".into();
    }
    let parts: Vec<String> = plans
        .iter()
        .map(|plan| {
            let commands = plan.commands().count();
            format!(
                "{} for {} ({commands} commands)",
                plan.strategy.as_str(),
                service_of(&plan.root_cause)
            )
        })
        .collect();
    parts.join("; ")
}

fn plan_report(plan: &Plan, now: Timestamp) -> PlanReport {
    let cause = &plan.root_cause;
    PlanReport {
        timestamp: now.to_string(),
        service: service_of(cause),
        namespace: namespace_of(cause),
        issue: cause.class.title().to_owned(),
        root_cause: cause.sentence.clone(),
        severity: severity_word(cause.priority),
        priority: cause.priority.as_str(),
        strategy: plan.strategy.as_str(),
        estimated_time_minutes: plan.estimated_time_minutes,
        steps: plan.steps.iter().map(step).collect(),
        alternative_solutions: plan.alternatives.iter().map(alternative).collect(),
        preventive_measures: plan.preventive_measures.clone(),
        dependencies: plan.dependencies.clone(),
        blast_radius: plan.blast_radius.description.clone(),
        requires_manual_intervention: !plan.manual_steps.is_empty(),
        manual_steps: plan.manual_steps.join("\n"),
        ranking: ranking(plan),
    }
}

/// The repairs that were ordered by what was learnt, the proposed one first.
pub(crate) fn ranking(plan: &Plan) -> Vec<RankedReport> {
    let arms = plan.decision.iter().flat_map(|it| &it.arms);
    let mut arms: Vec<&ScoredArm> = arms.collect();
    arms.sort_by_key(|it| it.candidate.arm != plan.strategy);
    let shown = arms.into_iter().take(MAX_RANKED).map(|it| RankedReport {
        strategy: it.candidate.arm.as_str(),
        p_approve: it.p_approve,
        p_resolve: it.p_resolve,
        n_approve: it.n_approve,
        n_outcome: it.n_outcome,
        contributions: it.contributions.clone(),
    });
    shown.collect()
}

fn step(step: &Step) -> StepReport {
    let rollbacks = step.commands.iter().filter_map(|it| it.rollback.as_ref());
    StepReport {
        phase: step.phase.as_str(),
        step_number: step.number,
        description: step.description.clone(),
        commands: step.commands.iter().map(command).collect(),
        success_criteria: step.success_criteria.clone(),
        rollback_commands: rollbacks.map(ToString::to_string).collect(),
    }
}

fn command(planned: &PlannedCommand) -> CommandReport {
    CommandReport {
        command: planned.command.to_string(),
        explanation: planned.explanation.clone(),
        safety_level: planned.risk.safety_level().unwrap_or("DESTRUCTIVE"),
        expected_output: planned.expected_output.clone(),
        estimated_time_seconds: planned.estimated_time_seconds,
    }
}

fn alternative(alternative: &Alternative) -> String {
    format!("{}: {}", alternative.strategy.as_str(), alternative.description)
}

/// What the agent was given, as the feedback record keeps it.
pub(crate) fn input(diagnosis: &Diagnosis) -> String {
    let causes: Vec<_> = diagnosis
        .root_causes
        .iter()
        .map(|cause| json!({"failure_class": cause.class.id(), "service": service_of(cause), "root_cause": cause.sentence}))
        .collect();
    json!({"summary": diagnosis.summary, "root_causes": causes}).to_string()
}

/// What was chosen and why, and under which id it can be judged.
pub fn notes(diagnosis: &Diagnosis, plans: &[Plan], feedback_id: Option<&FeedbackId>) -> Vec<WorkflowEvent> {
    let agent = Agent::RemediationAgent;
    let mut notes = Vec::new();
    if plans.is_empty() {
        notes.push(info(agent, summary(diagnosis, plans)));
    }
    for plan in plans.iter().take(5) {
        let service = service_of(&plan.root_cause);
        let others: Vec<&str> = plan.alternatives.iter().map(|it| it.strategy.as_str()).collect();
        let others = if others.is_empty() {
            "none".to_owned()
        } else {
            others.join(", ")
        };
        notes.push(thinking(
            agent,
            format!(
                "{service}: chose {} because {} Other ways: {others}. Reach: {}",
                plan.strategy.as_str(),
                plan.root_cause.sentence,
                plan.blast_radius.description,
            ),
        ));
        for manual in plan.manual_steps.iter().take(5) {
            notes.push(info(agent, format!("{service}: by hand: {manual}")));
        }
    }
    if let Some(id) = feedback_id {
        notes.push(info(agent, format!("Feedback ID: {id}")));
    }
    notes
}
