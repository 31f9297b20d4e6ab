//! The first three agents: input to findings, findings to causes, causes to plans. Each result is one transaction.

use std::sync::Arc;

use kubemedic_engine::{
    intake::Intake,
    learning::{Adviser, Situation},
    monitoring::Monitoring,
};
use kubemedic_model::{
    digest::sha256,
    event::{Agent, WorkflowFact},
    feedback::{FeedbackEvent, Proposal, Proposed},
    id::FeedbackId,
    plan::Plan,
};
use kubemedic_ports::journal::Write;

use super::{
    Run, StepError,
    consulting::{self, Told},
    decisions::{self, Planner},
};
use crate::{
    agents::{analysis, monitoring, remediation},
    consult::{Case, Draft, Experience, examination::is_worth_asking},
    core::{Core, Standing},
    events::{completed, cut, working},
    past,
};

/// The most bytes of input and output that a feedback record keeps.
const MAX_RECORD_BYTES: usize = 16 * 1024;
/// The length of the word around quoted data.
const BOUNDARY_CHARS: usize = 16;

/// What planning works with, read once in a run.
struct Bench {
    intake: Arc<Intake>,
    monitoring: Arc<Monitoring>,
}

impl Bench {
    /// The case as models are asked about it.
    fn case(&self, standing: &Standing) -> Case {
        Case {
            intake: self.intake.clone(),
            monitoring: self.monitoring.clone(),
            boundary: boundary(standing),
            past: Vec::new(),
        }
    }
}

/// A word that nobody who wrote the evidence could know, and that a replay of the workflow finds again.
fn boundary(standing: &Standing) -> String {
    let digest = sha256(format!("boundary of {}", standing.summary.id).as_bytes());
    digest.chars().rev().take(BOUNDARY_CHARS).collect()
}

/// Reads the input, unless this run has; waits until there is room for one more input in memory.
async fn bench(core: &Arc<Core>, run: &mut Run, standing: &Standing) -> Result<Bench, StepError> {
    if let (Some(intake), Some(monitoring)) = (&run.intake, &run.monitoring) {
        return Ok(Bench {
            intake: intake.clone(),
            monitoring: monitoring.clone(),
        });
    }
    let entered = core
        .planning
        .enter(core.journal().input(standing.summary.id))
        .await?;
    let (input, permit) = entered.ok_or_else(|| StepError::Impossible("its input is gone".into()))?;
    run.permit = permit;
    let engine = core.engine;
    let work = move || {
        let intake = (engine.read)(&input);
        let monitoring = (engine.monitor)(&intake);
        (Arc::new(intake), Arc::new(monitoring))
    };
    let (intake, monitoring) = core.planning.compute(&core.scope, work).await?;
    run.intake = Some(intake.clone());
    run.monitoring = Some(monitoring.clone());
    Ok(Bench { intake, monitoring })
}

/// The Monitoring Agent.
pub(super) async fn monitor(
    core: &Arc<Core>,
    run: &mut Run,
    mut standing: Standing,
) -> Result<Standing, StepError> {
    let bench = bench(core, run, &standing).await?;
    let summary = &mut standing.summary;
    let snapshot = &bench.intake.snapshot;
    summary.cluster = summary.cluster.take().or_else(|| snapshot.cluster.clone());
    summary.namespace = summary.namespace.take().or_else(|| snapshot.namespace.clone());
    let likeness = core.compare_findings(summary, &bench.monitoring).await?;
    summary.top_templates = past::top_templates(&bench.monitoring);
    let mut report =
        monitoring::report(&bench.monitoring, core.now()).with_likeness(&bench.monitoring, &likeness);
    let mut events = monitoring::notes(&bench.intake, &bench.monitoring);
    events.extend(monitoring::likeness::notes(
        &bench.monitoring,
        &likeness,
        summary.cluster.as_deref(),
    ));
    let output = report.in_short();
    let agent = Agent::MonitoringAgent;
    if core.consultant.has_model(agent) && !bench.monitoring.is_empty() {
        let (case, meter) = (bench.case(&standing), consulting::meter(core, run, &standing));
        let ask = |told: Told| async {
            core.consultant
                .read_findings(&case, &meter, &mut told.on_delta())
                .await
        };
        let insights;
        (insights, standing, events) = consulting::narrated(core, (standing, events), agent, ask).await?;
        report.annotate(
            &bench.monitoring,
            &insights.unwrap_or_default(),
            &mut core.redactor(),
        );
    }
    metrics::counter!("kubemedic_findings_total", "level" => "error")
        .increment(bench.monitoring.errors.len() as u64);
    metrics::counter!("kubemedic_findings_total", "level" => "warning")
        .increment(bench.monitoring.warnings.len() as u64);
    events.push(completed(
        Agent::MonitoringAgent,
        &output,
        as_json(&report),
        WorkflowFact::Monitored,
    ));
    events.push(working(
        Agent::AnalysisAgent,
        output,
        "Looking for the root cause",
    ));
    Ok(core.append(standing, events, Vec::new()).await?)
}

/// The Analysis Agent.
pub(super) async fn analyse(
    core: &Arc<Core>,
    run: &mut Run,
    mut standing: Standing,
) -> Result<Standing, StepError> {
    let bench = bench(core, run, &standing).await?;
    let now = core.now();
    let diagnose = core.engine.diagnose;
    let mut case = bench.case(&standing);
    let monitoring = bench.monitoring.clone();
    let work = move || diagnose(&bench.intake, &bench.monitoring);
    let mut diagnosis = core.planning.compute(&core.scope, work).await?;
    let similar = core.similar_incidents(&standing.summary, &diagnosis).await?;
    case.past = similar
        .iter()
        .filter_map(|it| serde_json::to_value(it).ok())
        .collect();
    let mut events = analysis::notes(&diagnosis);
    let agent = Agent::AnalysisAgent;
    if core.consultant.has_model(agent) && is_worth_asking(&diagnosis, &case) {
        let meter = consulting::meter(core, run, &standing);
        let ask = |told: Told| async {
            core.consultant
                .analyse(&case, &meter, &diagnosis, &mut told.on_delta())
                .await
        };
        let merged;
        (merged, standing, events) = consulting::narrated(core, (standing, events), agent, ask).await?;
        diagnosis = merged.unwrap_or(diagnosis);
    }
    let work = move || {
        let report = analysis::report(&diagnosis, &monitoring, now).with_similar(similar);
        (diagnosis, as_json(&report))
    };
    let (diagnosis, report) = core.planning.compute(&core.scope, work).await?;
    let summary = &mut standing.summary;
    summary.verdict = Some(diagnosis.verdict);
    summary.failure_class = diagnosis.failure_class();
    summary.root_cause = diagnosis.root_causes.first().map(|cause| cause.sentence.clone());
    let output = analysis::in_short(&diagnosis);
    let fact = WorkflowFact::Analysed {
        diagnosis: Box::new(diagnosis),
    };
    events.push(completed(Agent::AnalysisAgent, &output, report, fact));
    events.push(working(Agent::RemediationAgent, output, "Planning the repair"));
    let standing = core.append(standing, events, Vec::new()).await?;
    core.past.remember(&standing.summary);
    Ok(standing)
}

/// The Remediation Agent.
pub(super) async fn plan(
    core: &Arc<Core>,
    run: &mut Run,
    mut standing: Standing,
) -> Result<Standing, StepError> {
    let bench = bench(core, run, &standing).await?;
    let Some(diagnosis) = standing.state.diagnosis.clone() else {
        return Err(StepError::Impossible("it has no diagnosis".into()));
    };
    let shared = core.clone();
    let case = bench.case(&standing);
    let (decision, began) = (standing.summary.id.to_string(), core.now());
    let work = move || {
        let ledger = shared.ledger.read();
        let snapshot = &bench.intake.snapshot;
        let situation = Situation::of(snapshot, &bench.monitoring, decision, began);
        let plans = (shared.engine.plan)(&diagnosis, snapshot, &Adviser::new(&ledger, situation));
        let experience = Experience::of(&ledger, &plans, began);
        (plans, diagnosis, experience)
    };
    let (mut plans, diagnosis, experience) = core.planning.compute(&core.scope, work).await?;
    let mut events = Vec::new();
    let mut model = None;
    let agent = Agent::RemediationAgent;
    if core.consultant.has_model(agent) && !plans.is_empty() {
        let meter = consulting::meter(core, run, &standing);
        let draft = Draft {
            diagnosis: &diagnosis,
            plans: &plans,
            experience: &experience,
        };
        let ask = |told: Told| async {
            core.consultant
                .improve(&case, &meter, draft, &mut told.on_delta())
                .await
        };
        let improved;
        (improved, standing, events) = consulting::narrated(core, (standing, events), agent, ask).await?;
        if let Some(improved) = improved {
            plans = improved;
            model = consulting::answered_by(&events, agent);
        }
    }
    let now = core.now();
    let report = as_json(&remediation::report(&diagnosis, &plans, now));
    let summary = &standing.summary;
    let feedback_id = (!plans.is_empty()).then(|| FeedbackId::for_workflow(summary.id, now.as_second()));
    let record = feedback_id.as_ref().map_or_else(Vec::new, |id| {
        let proposed = Proposed {
            feedback_id: id.clone(),
            workflow_id: summary.id,
            input_data: cut(&remediation::input(&diagnosis), MAX_RECORD_BYTES),
            output_data: cut(&report, MAX_RECORD_BYTES),
            proposals: proposals(&plans),
        };
        let proposed = Write::AppendFeedback {
            key: format!("proposed:{}", summary.id),
            event: FeedbackEvent::Proposed(proposed),
        };
        let planner = model.as_deref().map(|model| Planner {
            model,
            shown: &experience,
        });
        std::iter::once(proposed)
            .chain(decisions::writes(id, &plans, planner))
            .collect()
    });
    let output = remediation::in_short(&plans);
    events.extend(remediation::notes(&diagnosis, &plans, feedback_id.as_ref()));
    let fact = WorkflowFact::Planned { plans, feedback_id };
    events.push(completed(Agent::RemediationAgent, &output, report, fact));
    events.push(working(
        Agent::KubectlCommandAgent,
        output,
        "Checking the commands and submitting them for approval",
    ));
    Ok(core.append(standing, events, record).await?)
}

fn proposals(plans: &[Plan]) -> Vec<Proposal> {
    // A plan without commands is nothing that a person could approve or reject.
    let plans = (0_u32..)
        .zip(plans)
        .filter(|(_, plan)| plan.commands().next().is_some());
    plans
        .map(|(position, plan)| Proposal {
            class: plan.root_cause.class,
            strategy: plan.strategy,
            position,
        })
        .collect()
}

/// The result of an agent as JSON text. These values have string keys only, so that it cannot fail.
pub(crate) fn as_json<T: serde::Serialize>(result: &T) -> String {
    serde_json::to_string(result).unwrap_or_default()
}
