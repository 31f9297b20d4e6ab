//! The Kubectl Command Agent: each root cause's commands become an approval of the built-in server, or a delivery to another one.

use kubemedic_model::{
    approval::Approval,
    digest::sha256,
    event::{Agent, AgentStatus, WorkflowEvent, WorkflowFact},
    feedback::FeedbackEvent,
    id::{ApprovalId, FeedbackId, WorkflowId},
    plan::{Phase, Plan},
    workflow::{WorkflowStatus, WorkflowSummary},
};
use kubemedic_ports::journal::{Delivery, Destination, Write};
use serde_json::{Map, Value, json};

use crate::{
    agents::{
        analysis::quotes, kubectl_command, namespace_of, remediation::ranking, service_of, severity_word,
    },
    approvals::assembly::{self, Draft, DraftCommand},
    core::{Core, Standing},
    driver::{Run, StepError, as_json},
    events::{approval, completed, event, info},
    machine::Planned,
    outbox,
};

/// How long the driver has for its first try before the outbox takes a delivery up, in seconds.
const FIRST_TRY_SECONDS: i64 = 60;

/// Brings the commands of one root cause on their way.
pub(crate) async fn submit(
    core: &Core,
    run: &mut Run,
    standing: Standing,
    position: u32,
) -> Result<Standing, StepError> {
    let planned = planned(&standing)?.clone();
    let plan = planned
        .plan(position)
        .ok_or_else(|| StepError::Impossible("a plan is gone".into()))?;
    let draft = draft(&standing, &planned, plan, position);
    let drafted = match assembly::assemble(core, draft) {
        Ok(drafted) => drafted,
        Err(refused) => return refuse(core, standing, position, &refused.to_string()).await,
    };
    if core.ports.gateway.is_some() {
        run.fresh.push(position);
        return queue(core, standing, position, &drafted).await;
    }
    let (events, others) = submitted(&planned, position, &drafted.id, &service_of(&plan.root_cause));
    let mut writes = vec![Write::PutApproval(Box::new(drafted))];
    writes.extend(others);
    Ok(core.append(standing, events, writes).await?)
}

fn planned(standing: &Standing) -> Result<&Planned, StepError> {
    let planned = standing.state.planned.as_ref();
    planned.ok_or_else(|| StepError::Impossible("it has no plan".into()))
}

/// The events and writes of a proposal that is at its approval server.
pub(crate) fn submitted(
    planned: &Planned,
    position: u32,
    id: &ApprovalId,
    service: &str,
) -> (Vec<WorkflowEvent>, Vec<Write>) {
    let fact = WorkflowFact::Submitted {
        position,
        approval_id: id.clone(),
    };
    let told = approval(
        "approval.submitted",
        format!("Submitted the commands for {service}. Approval ID: {id}"),
        fact,
    );
    let feedback = planned
        .feedback_id
        .clone()
        .map(|feedback_id| Write::AppendFeedback {
            key: format!("submitted:{id}"),
            event: FeedbackEvent::Submitted {
                feedback_id,
                approval_id: id.clone(),
                position,
            },
        });
    (vec![told], feedback.into_iter().collect())
}

/// The commands of a root cause as a proposal to an approval server.
fn draft(standing: &Standing, planned: &Planned, plan: &Plan, position: u32) -> Draft {
    let summary = &standing.summary;
    let cause = &plan.root_cause;
    let commands = plan.commands().map(|(_, planned)| DraftCommand {
        command: planned.command.clone(),
        explanation: planned.explanation.clone(),
        rollback: planned.rollback.clone(),
    });
    let key = proposal_key(summary.id, position);
    Draft {
        workflow_id: Some(summary.id),
        action: format!("{} ({})", plan.strategy.title(), service_of(cause)),
        commands: commands.collect(),
        metadata: metadata(standing, planned, plan, position),
        cluster: summary.cluster.clone(),
        body_digest: sha256(key.as_bytes()),
        idempotency_key: Some(format!("workflow:{key}")),
    }
}

/// The key under which a root cause's proposal is known to another approval server.
pub(crate) fn proposal_key(id: WorkflowId, position: u32) -> String {
    format!("{id}/{position}")
}

fn metadata(standing: &Standing, planned: &Planned, plan: &Plan, position: u32) -> Map<String, Value> {
    let (summary, cause) = (&standing.summary, &plan.root_cause);
    let phases: Vec<&str> = plan.commands().map(|(phase, _)| phase.as_str()).collect();
    let expected: Vec<&str> = plan
        .commands()
        .map(|(_, it)| it.expected_output.as_str())
        .collect();
    let evidence = standing
        .state
        .diagnosis
        .as_ref()
        .map(|it| quotes(it, &cause.evidence));
    let known = json!({
        "severity": severity_word(cause.priority),
        "priority": cause.priority.as_str(),
        "service": service_of(cause),
        "namespace": namespace_of(cause).or_else(|| summary.namespace.clone()).unwrap_or_default(),
        "issue": cause.class.title(),
        "root_cause": cause.sentence,
        "phase": Phase::Remediate.as_str(),
        "workflow_id": summary.id,
        "proposal_key": proposal_key(summary.id, position),
        "feedback_id": planned.feedback_id,
        "failure_class": cause.class.id(),
        "strategy": plan.strategy.as_str(),
        "alternative_strategies": plan.alternatives.iter().map(|it| it.strategy.as_str()).collect::<Vec<_>>(),
        "ranking": ranking(plan),
        "confidence": cause.confidence.get(),
        "explanation": cause.explanation,
        "evidence": evidence.unwrap_or_default(),
        "blast_radius": plan.blast_radius.description,
        "manual_steps": plan.manual_steps,
        "phases": phases,
        "expected_outputs": expected,
        "cluster": summary.cluster,
    });
    match known {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

async fn refuse(core: &Core, standing: Standing, position: u32, error: &str) -> Result<Standing, StepError> {
    let (events, writes) = refused(planned(&standing)?, position, error);
    Ok(core.append(standing, events, writes).await?)
}

/// The events and writes of a proposal that was refused for good.
pub(crate) fn refused(planned: &Planned, position: u32, error: &str) -> (Vec<WorkflowEvent>, Vec<Write>) {
    let fact = WorkflowFact::Refused {
        position,
        error: error.to_owned(),
    };
    let told = approval(
        "approval.refused",
        format!("The commands were refused: {error}"),
        fact,
    );
    let withdrawn = planned
        .feedback_id
        .clone()
        .map(|feedback_id| Write::AppendFeedback {
            key: format!("withdrawn:{feedback_id}/{position}"),
            event: FeedbackEvent::Withdrawn {
                feedback_id,
                position,
            },
        });
    (vec![told], withdrawn.into_iter().collect())
}

/// Puts a proposal to another approval server into the journal, before anybody tries to deliver it.
async fn queue(
    core: &Core,
    standing: Standing,
    position: u32,
    drafted: &Approval,
) -> Result<Standing, StepError> {
    let id = proposal_key(standing.summary.id, position);
    let now = core.now();
    let first_try = jiff::SignedDuration::from_secs(FIRST_TRY_SECONDS);
    let delivery = Delivery {
        id,
        destination: Destination::Proposal {
            workflow_id: standing.summary.id,
            position,
        },
        body: body(drafted),
        attempts: 0,
        next_attempt_at: now.checked_add(first_try).unwrap_or(now),
        last_error: None,
    };
    let fact = WorkflowFact::Queued {
        position,
        error: String::new(),
    };
    let url = core.ports.gateway.as_ref().map_or("", |gateway| gateway.url());
    let told = approval(
        "approval.submitting",
        format!("Submitting {} commands to {url}", drafted.commands.len()),
        fact,
    );
    let delivers = vec![Write::PutDelivery(delivery)];
    Ok(core.append(standing, vec![told], delivers).await?)
}

/// The proposal in the original's form, which every approval server understands.
fn body(drafted: &Approval) -> Value {
    let commands: Vec<Value> = drafted
        .commands
        .iter()
        .map(|it| {
            json!({
                "command": it.command.to_string(),
                "explanation": it.explanation,
                "safety_level": it.risk.safety_level(),
                "rollback": it.rollback.as_ref().map(ToString::to_string),
            })
        })
        .collect();
    json!({"action": drafted.action, "commands": commands, "metadata": drafted.metadata})
}

/// The first try to deliver a proposal.
pub(crate) async fn deliver(
    core: &Core,
    run: &mut Run,
    standing: Standing,
    position: u32,
) -> Result<(), StepError> {
    let planned = planned(&standing)?.clone();
    let plan = planned
        .plan(position)
        .ok_or_else(|| StepError::Impossible("a plan is gone".into()))?;
    let fresh = run.fresh.contains(&position);
    run.fresh.retain(|it| *it != position);
    let drafted = assembly::assemble(core, draft(&standing, &planned, plan, position))
        .map_err(|refused| StepError::Impossible(refused.to_string()))?;
    let delivery = Delivery {
        id: proposal_key(standing.summary.id, position),
        destination: Destination::Proposal {
            workflow_id: standing.summary.id,
            position,
        },
        body: body(&drafted),
        attempts: 0,
        next_attempt_at: core.now(),
        last_error: None,
    };
    outbox::deliver_proposal(core, delivery, (standing.summary.id, position), fresh).await?;
    Ok(())
}

/// Tells the plan's end: the Kubectl Command Agent's result, then the orchestrator's.
pub(crate) async fn conclude(core: &Core, mut standing: Standing) -> Result<Standing, StepError> {
    let Standing { summary, state } = &mut standing;
    let report = kubectl_command::report(state);
    let feedback_id = state.planned.as_ref().and_then(|it| it.feedback_id.clone());
    let output = report.in_short();
    let waits = state.has_queued() || !state.approvals.is_empty();
    if waits {
        summary.status = WorkflowStatus::AwaitingApproval;
    }
    let seconds = core.now().duration_since(summary.created_at).as_secs_f64();
    metrics::histogram!("kubemedic_plan_seconds").record(seconds);
    let mut events = Vec::new();
    if state.proposals.is_empty() {
        events.push(info(Agent::KubectlCommandAgent, "No command is to be submitted"));
    }
    events.push(completed(
        Agent::KubectlCommandAgent,
        &output,
        as_json(&report),
        WorkflowFact::Proposed,
    ));
    events.push(plan_ready(summary, feedback_id.as_ref(), &output));
    Ok(core.append(standing, events, Vec::new()).await?)
}

fn plan_ready(summary: &WorkflowSummary, feedback_id: Option<&FeedbackId>, output: &str) -> WorkflowEvent {
    let result = json!({
        "workflow_id": summary.id,
        "verdict": summary.verdict,
        "failure_class": summary.failure_class,
        "root_cause": summary.root_cause,
        "feedback_id": feedback_id,
        "status": summary.status,
    });
    WorkflowEvent {
        output: output.to_owned(),
        fact: Some(WorkflowFact::PlanReady),
        ..event(
            "workflow.plan_ready",
            Agent::OrchestratorAgent,
            AgentStatus::Completed,
            result.to_string(),
        )
    }
}
