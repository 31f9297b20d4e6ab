//! What follows from a decided approval: the workflow's event, the feedback and the webhook, all in the decision's transaction.

use kubemedic_model::{
    approval::{Approval, ApprovalStatus, CommandDecision},
    event::{WorkflowEvent, WorkflowFact},
    feedback::{ApprovalReport, FeedbackEvent},
    learning::RejectReason,
    plan::Strategy,
};
use kubemedic_ports::journal::{Delivery, Destination, JournalError, Write};
use metrics::counter;
use serde_json::{Value, json};

use crate::{
    core::{Core, change},
    events,
    feedback::edits::{Judged, with_changes},
    queue::Job,
};

/// Writes a decided or expired approval of the revision after the stored one.
///
/// # Errors
/// [`JournalError::Conflict`] when somebody else changed the approval meanwhile.
pub(crate) async fn record(core: &Core, approval: Approval) -> Result<(), JournalError> {
    let event_id = core.ports.ids.fresh().to_string();
    // Even when the client that decided is gone before it is answered.
    let workflow = approval.workflow_id.map(Job::Workflow);
    let _woken = workflow.map(|job| core.queue.wake_at_end(job));
    loop {
        let job = match core.commit(writes(core, &approval, &event_id).await?).await {
            Ok(_) => job_of(core, &approval).await,
            Err(JournalError::Conflict { what }) => {
                let stored = core.journal().approval(&approval.id).await?;
                if stored.is_some_and(|it| it.revision + 1 == approval.revision) {
                    continue; // Only the workflow moved on.
                }
                return Err(JournalError::Conflict { what });
            }
            Err(error) => return Err(error),
        };
        let status = approval.status.as_str();
        counter!("kubemedic_approvals_decided_total", "status" => status).increment(1);
        core.queue.wake(job);
        return Ok(());
    }
}

async fn writes(core: &Core, approval: &Approval, event_id: &str) -> Result<Vec<Write>, JournalError> {
    let mut others = vec![Write::PutApproval(Box::new(approval.clone()))];
    if approval.workflow_id.is_some() {
        others.push(Write::AppendFeedback {
            key: format!("webhook:{event_id}"),
            event: FeedbackEvent::Approval(report(approval)),
        });
    }
    if core.ports.notifier.is_some() {
        others.push(Write::PutDelivery(webhook(core, approval, event_id)));
    }
    let summary = match approval.workflow_id {
        Some(id) => core.journal().workflow(id).await?,
        None => None,
    };
    Ok(match summary.filter(|it| !it.status.is_final()) {
        Some(summary) => change(summary, vec![told(approval)], others),
        None => others,
    })
}

/// Who executes: the workflow, or the approval by itself where no workflow goes on.
async fn job_of(core: &Core, approval: &Approval) -> Job {
    let alone = || Job::Approval(approval.id.clone());
    let Some(id) = approval.workflow_id else {
        return alone();
    };
    match core.journal().workflow(id).await {
        Ok(Some(summary)) if summary.status.is_final() => alone(),
        _ => Job::Workflow(id),
    }
}

fn told(approval: &Approval) -> WorkflowEvent {
    let (approved, rejected) = approval.counts();
    let status = approval.status.as_str().replace('_', " ");
    let text = match (&approval.approver, approval.status) {
        (_, ApprovalStatus::Expired) => format!("Approval {} expired: nobody decided in time", approval.id),
        (Some(approver), _) => {
            format!(
                "Approval {} is {status} by {approver}: {approved} approved, {rejected} rejected",
                approval.id
            )
        }
        (None, _) => format!(
            "Approval {} is {status}: {approved} approved, {rejected} rejected",
            approval.id
        ),
    };
    let text = match &approval.rejection_reason {
        Some(reason) => format!("{text}. Reason: {reason}"),
        None => text,
    };
    events::approval(
        "approval.decided",
        text,
        WorkflowFact::Decided {
            approval_id: approval.id.clone(),
        },
    )
}

/// The decision as feedback: cumulative totals.
fn report(approval: &Approval) -> ApprovalReport {
    let (approved, rejected) = approval.counts();
    let decisions = approval.commands.iter().filter_map(|it| it.decision.as_ref());
    let report = ApprovalReport {
        approval_id: approval.id.clone(),
        status: approval.status,
        approved_count: Some(approved),
        rejected_count: Some(rejected),
        approved_changes: None,
        rejected_changes: None,
        rejection_reason: approval.rejection_reason.clone(),
        command_reasons: decisions
            .filter_map(CommandDecision::reason)
            .map(str::to_owned)
            .collect(),
        approver: approval.approver.clone(),
        occurred_at: approval.decided_at,
        reason_kind: approval.hint.reason_kind,
        prefer: approval.hint.prefer,
        edited: None,
    };
    let judged: Vec<Judged> = approval.commands.iter().filter_map(Judged::here).collect();
    with_changes(report, &judged)
}

fn webhook(core: &Core, approval: &Approval, event_id: &str) -> Delivery {
    let (approved, rejected) = approval.counts();
    let mut body = json!({
        "type": "approval.decided",
        "approval_id": approval.id,
        "status": approval.status,
        "approved_count": approved,
        "rejected_count": rejected,
        "decisions": decisions(approval),
        "approver": approval.approver,
        "event_id": event_id,
        "occurred_at": approval.decided_at,
    });
    if let Some(map) = body.as_object_mut() {
        let hint = approval.hint;
        let told = [
            ("rejection_reason", approval.rejection_reason.as_deref()),
            ("reason_kind", hint.reason_kind.map(RejectReason::as_str)),
            ("prefer", hint.prefer.map(Strategy::as_str)),
        ];
        for (key, value) in told {
            if let Some(value) = value {
                map.insert(key.into(), Value::from(value));
            }
        }
    }
    Delivery {
        id: event_id.to_owned(),
        destination: Destination::Webhook,
        body,
        attempts: 0,
        next_attempt_at: core.now(),
        last_error: None,
    }
}

fn decisions(approval: &Approval) -> Vec<Value> {
    let commands = approval.commands.iter().enumerate();
    commands
        .filter_map(|(index, command)| {
            let decision = command.decision.as_ref()?;
            let mut entry = json!({"index": index, "decision": decision.as_str()});
            let map = entry.as_object_mut()?;
            if let Some(reason) = decision.reason() {
                map.insert("reason".into(), Value::from(reason));
            }
            if let CommandDecision::Edit { command, .. } = decision {
                map.insert("command".into(), Value::from(command.to_string()));
            }
            Some(entry)
        })
        .collect()
}
