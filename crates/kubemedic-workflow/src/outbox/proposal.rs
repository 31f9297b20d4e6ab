//! Proposals to another approval server. Once there, the workflow learns the approval's id in the same transaction that ends the delivery.

use kubemedic_model::{
    event::WorkflowFact,
    id::{ApprovalId, WorkflowId},
};
use kubemedic_ports::{
    approval_gateway::{ApprovalGateway, ApprovalGatewayError, ForeignApproval},
    journal::{Delivery, JournalError, Write},
};
use serde_json::Value;

use super::postponed;
use crate::{
    agents::service_of,
    core::{Core, Standing},
    events::approval,
    machine::{self, ProposalState},
    proposing,
    queue::Job,
};

/// What came of a try.
enum Tried {
    /// It is there.
    There(ApprovalId),
    /// Another try may help.
    Later(String),
    /// No other try helps.
    Never(String),
}

/// Tries once, unless somebody in this process is trying, or it is there already. Only when nobody can have tried before (`fresh`)
/// it is not looked for first.
pub(crate) async fn deliver_proposal(
    core: &Core,
    delivery: Delivery,
    (workflow_id, position): (WorkflowId, u32),
    fresh: bool,
) -> Result<(), JournalError> {
    let Some(_claim) = core.outbox.claim(&delivery.id) else {
        return Ok(());
    };
    let Some(standing) = core.standing(workflow_id, machine::State::default()).await? else {
        return drop_delivery(core, delivery).await;
    };
    let waits = match standing.state.proposals.get(&position) {
        Some(ProposalState::Queued { .. } | ProposalState::Submitting) => !standing.state.closed,
        _ => false,
    };
    if !waits {
        return drop_delivery(core, delivery).await;
    }
    let Some(gateway) = core.ports.gateway.clone() else {
        let later = postponed(core, delivery, "MCP_SERVER_URL is not set any more", Some(300));
        return core.commit(vec![later]).await.map(|_| ());
    };
    let tried = try_once(gateway.as_ref(), &delivery, &standing, fresh).await;
    record(core, delivery, (workflow_id, position), &tried).await?;
    core.queue.wake(Job::Workflow(workflow_id));
    Ok(())
}

async fn drop_delivery(core: &Core, delivery: Delivery) -> Result<(), JournalError> {
    let remove = Write::RemoveDelivery { id: delivery.id };
    core.commit(vec![remove]).await.map(|_| ())
}

async fn try_once(
    gateway: &dyn ApprovalGateway,
    delivery: &Delivery,
    standing: &Standing,
    fresh: bool,
) -> Tried {
    if !fresh {
        match gateway.pending().await {
            Ok(pending) => {
                if let Some(found) = pending.iter().find(|it| is_ours(it, delivery, standing)) {
                    return Tried::There(found.id.clone());
                }
            }
            Err(error @ ApprovalGatewayError::Unavailable { .. }) => return Tried::Later(error.to_string()),
            // A server that cannot list: its idempotency keys are all there is.
            Err(error) => tracing::warn!(%error, "the approval server does not list what is pending"),
        }
    }
    match gateway.propose(&delivery.id, &delivery.body).await {
        Ok(id) => Tried::There(id),
        Err(error @ ApprovalGatewayError::Unavailable { .. }) => Tried::Later(error.to_string()),
        Err(error) => Tried::Never(error.to_string()),
    }
}

/// Whether a pending approval there is this delivery's: by our key, or, where the server dropped it, by everything that it kept.
fn is_ours(found: &ForeignApproval, delivery: &Delivery, standing: &Standing) -> bool {
    let known = standing.state.approvals.contains_key(&found.id);
    let Some(sent) = delivery.body.get("metadata").and_then(Value::as_object) else {
        return false;
    };
    let Some(kept) = found.metadata.as_object() else {
        return false;
    };
    if let Some(key) = kept.get("proposal_key") {
        return sent.get("proposal_key") == Some(key);
    }
    let same = |(key, value): (&String, &Value)| sent.get(key).is_none_or(|sent| sent == value);
    !known
        && kept.get("workflow_id") == sent.get("workflow_id")
        && kept.contains_key("workflow_id")
        && kept.iter().all(same)
}

/// Writes what came of a try, as often as the workflow moves on meanwhile.
async fn record(
    core: &Core,
    delivery: Delivery,
    (workflow_id, position): (WorkflowId, u32),
    tried: &Tried,
) -> Result<(), JournalError> {
    loop {
        let Some(standing) = core.standing(workflow_id, machine::State::default()).await? else {
            return Ok(());
        };
        let writes = outcome(core, standing, position, (&delivery, tried));
        match core.commit(writes).await {
            Err(JournalError::Conflict { .. }) => {}
            other => return other.map(|_| ()),
        }
    }
}

fn outcome(
    core: &Core,
    standing: Standing,
    position: u32,
    (delivery, tried): (&Delivery, &Tried),
) -> Vec<Write> {
    let Standing { summary, state } = standing;
    let remove = Write::RemoveDelivery {
        id: delivery.id.clone(),
    };
    match tried {
        Tried::There(id) => {
            let Some(planned) = state.planned else {
                return vec![remove];
            };
            let service = planned.plan(position).map(|plan| service_of(&plan.root_cause));
            let (events, mut others) =
                proposing::submitted(&planned, position, id, &service.unwrap_or_default());
            others.push(remove);
            crate::core::change(summary, events, others)
        }
        Tried::Never(error) => {
            let Some(planned) = state.planned else {
                return vec![remove];
            };
            let (events, mut others) = proposing::refused(&planned, position, error);
            others.push(remove);
            crate::core::change(summary, events, others)
        }
        Tried::Later(error) => {
            let later = postponed(core, delivery.clone(), error, None);
            // Only the first failure is told; the others are in the delivery.
            if state.proposals.get(&position) != Some(&ProposalState::Submitting) {
                return vec![later];
            }
            let fact = WorkflowFact::Queued {
                position,
                error: error.clone(),
            };
            let told = approval(
                "approval.queued",
                format!("The approval server is down; the commands are queued and tried again: {error}"),
                fact,
            );
            crate::core::change(summary, vec![told], vec![later])
        }
    }
}
