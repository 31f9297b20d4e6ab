//! What the journal in memory holds, and how a transaction changes it: on a copy that replaces the state only when all of it held.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jiff::Timestamp;
use kubemedic_model::{
    approval::Approval,
    event::{RecordedEvent, WorkflowEvent},
    evidence_object::WorkflowInput,
    feedback::{FeedbackEvent, RecordedFeedback},
    id::WorkflowId,
    workflow::WorkflowSummary,
};
use kubemedic_ports::journal::{Committed, Delivery, JournalError, Transaction, Write};

#[derive(Debug, Clone)]
pub(super) struct StoredWorkflow {
    pub(super) summary: WorkflowSummary,
    pub(super) input: Option<WorkflowInput>,
    pub(super) events: Vec<RecordedEvent>,
}

#[derive(Debug, Clone, Default)]
pub(super) struct State {
    /// In the order of creation. Shared, because every transaction works on a copy of the whole state.
    pub(super) workflows: Vec<Arc<StoredWorkflow>>,
    /// In the order of creation.
    pub(super) approvals: Vec<Arc<Approval>>,
    pub(super) deliveries: BTreeMap<String, Delivery>,
    pub(super) feedback: Vec<Arc<RecordedFeedback>>,
    pub(super) feedback_keys: BTreeSet<String>,
}

impl State {
    pub(super) fn workflow(&self, id: WorkflowId) -> Option<&StoredWorkflow> {
        self.workflows
            .iter()
            .map(AsRef::as_ref)
            .find(|it| it.summary.id == id)
    }

    pub(super) fn summary(&self, id: WorkflowId) -> Option<&WorkflowSummary> {
        self.workflow(id).map(|it| &it.summary)
    }

    pub(super) fn commit(&mut self, transaction: Transaction) -> Result<Committed, JournalError> {
        let mut next = self.clone();
        let mut committed = Committed::default();
        for write in transaction.writes {
            next.write(write, transaction.at, &mut committed)?;
        }
        *self = next;
        Ok(committed)
    }

    fn write(&mut self, write: Write, at: Timestamp, committed: &mut Committed) -> Result<(), JournalError> {
        match write {
            Write::CreateWorkflow { summary, input } => self.create(*summary, input),
            Write::AppendEvents {
                workflow_id,
                after,
                events,
            } => {
                let newest = self.append(workflow_id, after, events, at)?;
                committed.events.retain(|(id, _)| *id != workflow_id);
                committed.events.push((workflow_id, newest));
                Ok(())
            }
            Write::UpdateWorkflow(summary) => self.update(*summary),
            Write::PutApproval(approval) => self.put_approval(*approval),
            Write::PutDelivery(delivery) => {
                self.deliveries.insert(delivery.id.clone(), delivery);
                Ok(())
            }
            Write::RemoveDelivery { id } => {
                self.deliveries.remove(&id);
                Ok(())
            }
            Write::AppendFeedback { key, event } => {
                committed.feedback.push(self.append_feedback(&key, event, at)?);
                Ok(())
            }
        }
    }

    fn create(&mut self, mut summary: WorkflowSummary, input: WorkflowInput) -> Result<(), JournalError> {
        if self.summary(summary.id).is_some() {
            return Err(duplicate(format!("workflow {}", summary.id)));
        }
        summary.last_sequence = 0;
        self.workflows.push(Arc::new(StoredWorkflow {
            summary,
            input: Some(input),
            events: Vec::new(),
        }));
        Ok(())
    }

    fn stored(&mut self, id: WorkflowId) -> Result<&mut StoredWorkflow, JournalError> {
        let found = self.workflows.iter_mut().find(|it| it.summary.id == id);
        found
            .map(Arc::make_mut)
            .ok_or_else(|| conflict(format!("workflow {id}")))
    }

    fn append(
        &mut self,
        id: WorkflowId,
        after: u64,
        events: Vec<WorkflowEvent>,
        at: Timestamp,
    ) -> Result<u64, JournalError> {
        let stored = self.stored(id)?;
        if stored.summary.last_sequence != after {
            return Err(conflict(format!("workflow {id}")));
        }
        for (event, sequence) in events.into_iter().zip(after + 1..) {
            stored.events.push(RecordedEvent {
                sequence,
                recorded_at: at,
                event,
            });
            stored.summary.last_sequence = sequence;
        }
        Ok(stored.summary.last_sequence)
    }

    fn update(&mut self, summary: WorkflowSummary) -> Result<(), JournalError> {
        let stored = self.stored(summary.id)?;
        stored.summary = WorkflowSummary {
            last_sequence: stored.summary.last_sequence,
            ..summary
        };
        Ok(())
    }

    fn put_approval(&mut self, approval: Approval) -> Result<(), JournalError> {
        if approval.revision == 1 {
            let key_taken = |it: &Approval| {
                it.idempotency_key.is_some() && it.idempotency_key == approval.idempotency_key
            };
            if self
                .approvals
                .iter()
                .any(|it| it.id == approval.id || key_taken(it.as_ref()))
            {
                return Err(duplicate(format!("approval {}", approval.id)));
            }
            self.approvals.push(Arc::new(approval));
            return Ok(());
        }
        let before = approval.revision.saturating_sub(1);
        let stored = self.approvals.iter_mut();
        match stored
            .into_iter()
            .find(|it| it.id == approval.id && it.revision == before)
        {
            Some(stored) => {
                *stored = Arc::new(approval);
                Ok(())
            }
            None => Err(conflict(format!("approval {}", approval.id))),
        }
    }

    fn append_feedback(
        &mut self,
        key: &str,
        event: FeedbackEvent,
        at: Timestamp,
    ) -> Result<u64, JournalError> {
        if !self.feedback_keys.insert(key.to_owned()) {
            return Err(duplicate(format!("feedback event {key}")));
        }
        let sequence = self.feedback.last().map_or(0, |it| it.sequence) + 1;
        self.feedback.push(Arc::new(RecordedFeedback {
            sequence,
            recorded_at: at,
            event,
        }));
        Ok(sequence)
    }

    pub(super) fn retire(&mut self, closed_before: Timestamp) -> u64 {
        let mut retired = 0;
        for stored in &mut self.workflows {
            let stored = Arc::make_mut(stored);
            let closed = stored.summary.closed_at.is_some_and(|at| at < closed_before);
            if closed && stored.summary.status.is_final() && !stored.summary.retired {
                stored.summary.retired = true;
                stored.input = None;
                stored.events.clear();
                retired += 1;
            }
        }
        retired
    }
}

/// Clones of the first `limit` items; 0 is no limit.
pub(super) fn capped<'a, T: Clone + 'a>(items: impl Iterator<Item = &'a T>, limit: u32) -> Vec<T> {
    let limit = if limit == 0 {
        usize::MAX
    } else {
        usize::try_from(limit).unwrap_or(usize::MAX)
    };
    items.take(limit).cloned().collect()
}

fn duplicate(what: String) -> JournalError {
    JournalError::Duplicate { what }
}

fn conflict(what: String) -> JournalError {
    JournalError::Conflict { what }
}
