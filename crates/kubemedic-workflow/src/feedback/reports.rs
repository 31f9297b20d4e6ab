//! Reports of other approval servers: feedback once for each, and the workflow learns that a person decided. They authorise nothing.

use kubemedic_model::{
    approval::ApprovalStatus,
    digest::sha256,
    event::{WorkflowEvent, WorkflowFact},
    feedback::{ApprovalReport, FeedbackEvent},
    id::{ApprovalId, WorkflowId},
    plan::Plan,
};
use kubemedic_ports::journal::{JournalError, Write};
use serde_json::json;

use super::{FeedbackError, Novelty, WebhookReport, edits};
use crate::{
    core::{Core, Standing, change},
    events::{self, cut},
    machine::{self, ProposalState},
    queue::Job,
};

/// The longest reason that is kept, in bytes.
const MAX_REASON_BYTES: usize = 4096;

/// Records a report.
pub(crate) async fn record(core: &Core, report: WebhookReport) -> Result<Novelty, FeedbackError> {
    let id = report.report.approval_id.clone();
    let workflow = core.with_ledger(|ledger| ledger.record_of_approval(&id).map(|it| it.workflow_id));
    let workflow_id = workflow.ok_or_else(|| FeedbackError::UnknownApproval(cut(id.as_str(), 200)))?;
    let key = format!(
        "webhook:{}",
        report.key.clone().unwrap_or_else(|| digest(&report.report))
    );
    let report = WebhookReport {
        report: redacted(core, report.report),
        ..report
    };
    loop {
        let writes = writes(core, &report, &key, workflow_id).await?;
        match core.commit(writes).await {
            Ok(_) => {
                core.queue.wake(Job::Workflow(workflow_id));
                return Ok(Novelty::Recorded);
            }
            Err(JournalError::Duplicate { .. }) => return Ok(Novelty::Duplicate),
            Err(JournalError::Conflict { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// The key of a report that has none: the same report twice is one event.
fn digest(report: &ApprovalReport) -> String {
    let parts = json!([
        report.approval_id,
        report.status,
        report.approved_count,
        report.rejected_count,
        report.rejection_reason,
        report.command_reasons,
        report.occurred_at,
    ]);
    // Reports of servers that do not know these have the digest that they always had.
    let hint = (report.reason_kind.is_some() || report.prefer.is_some())
        .then(|| json!([report.reason_kind, report.prefer]));
    let parts = hint.map_or(parts.clone(), |hint| json!([parts, hint]));
    sha256(parts.to_string().as_bytes())
}

fn redacted(core: &Core, report: ApprovalReport) -> ApprovalReport {
    let clean = |text: String| {
        let text = if core.config.redact {
            core.redactor().redact(&text).into_owned()
        } else {
            text
        };
        cut(&text, MAX_REASON_BYTES)
    };
    ApprovalReport {
        rejection_reason: report.rejection_reason.map(clean),
        command_reasons: report.command_reasons.into_iter().take(100).map(clean).collect(),
        approver: report.approver.map(clean),
        ..report
    }
}

async fn writes(
    core: &Core,
    report: &WebhookReport,
    key: &str,
    workflow_id: WorkflowId,
) -> Result<Vec<Write>, JournalError> {
    let standing = core.standing(workflow_id, machine::State::default()).await?;
    let told_of = report.report.clone();
    let learnt = match standing.as_ref().and_then(|it| plan_of(it, &told_of.approval_id)) {
        Some(plan) => edits::compared(core.engine.parse, told_of, &report.decisions, plan),
        None => told_of,
    };
    let feedback = Write::AppendFeedback {
        key: key.to_owned(),
        event: FeedbackEvent::Approval(learnt),
    };
    let ours = core
        .journal()
        .approval(&report.report.approval_id)
        .await?
        .is_some();
    Ok(match standing.filter(|it| !ours && is_news(it, &report.report)) {
        Some(standing) => change(standing.summary, told(report), vec![feedback]),
        None => vec![feedback],
    })
}

/// The plan that an approval is of.
fn plan_of<'a>(standing: &'a Standing, id: &ApprovalId) -> Option<&'a Plan> {
    let submitted =
        |it: &ProposalState| matches!(it, ProposalState::Submitted { approval_id } if approval_id == id);
    let mut proposals = standing.state.proposals.iter();
    let (position, _) = proposals.find(|(_, it)| submitted(it))?;
    standing.state.planned.as_ref()?.plan(*position)
}

/// Whether the workflow still waits for this decision. What the built-in server decides, it tells itself.
fn is_news(standing: &Standing, report: &ApprovalReport) -> bool {
    let progress = standing.state.approvals.get(&report.approval_id);
    !standing.state.closed
        && report.status != ApprovalStatus::Pending
        && progress.is_some_and(|progress| !progress.decided)
}

fn told(report: &WebhookReport) -> Vec<WorkflowEvent> {
    let ApprovalReport {
        approval_id,
        status,
        rejection_reason,
        ..
    } = &report.report;
    let reason = rejection_reason
        .as_ref()
        .map(|it| format!(". Reason: {it}"))
        .unwrap_or_default();
    let word = status.as_str().replace('_', " ");
    let fact = WorkflowFact::Decided {
        approval_id: approval_id.clone(),
    };
    let decided = events::approval(
        "approval.decided",
        format!("Approval {approval_id} is {word} on the other approval server{reason}"),
        fact,
    );
    let executions = report.executions.iter().map(|(index, execution)| {
        let fact = WorkflowFact::ExecutionEnded {
            approval_id: approval_id.clone(),
            index: u32::try_from(*index).unwrap_or(u32::MAX),
            execution: execution.clone(),
        };
        let text = format!(
            "Command {index} of approval {approval_id}, as the other server tells: {:?}",
            execution.state
        );
        events::approval("execution.reported", text, fact)
    });
    std::iter::once(decided).chain(executions).collect()
}
