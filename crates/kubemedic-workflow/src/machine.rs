//! The state machine of a workflow: events fold into a state, and a state tells what is to be done next. Pure; the driver acts.

use std::collections::BTreeMap;

use kubemedic_model::{
    diagnosis::Diagnosis,
    event::{RecordedEvent, WorkflowEvent, WorkflowFact},
    id::{ApprovalId, FeedbackId},
    plan::Plan,
    usage::ModelSpending,
};

#[cfg(test)]
mod tests;

/// How far a workflow is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Nothing is in the journal yet.
    New,
    /// The input is durable.
    Monitor,
    /// Findings are there.
    Analyse,
    /// A diagnosis is there.
    Plan,
    /// Plans are there; commands are being submitted.
    Propose,
    /// Everything is submitted or queued; people decide.
    AwaitApproval,
    /// Something that was decided has not ended yet.
    Execute,
    /// Nothing more will happen.
    Closed,
}

/// How far the commands of one root cause are on their way to an approval server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProposalState {
    /// The delivery is in the journal; the first try is still to come or its result is not known.
    Submitting,
    /// The server could not be reached; the outbox goes on trying.
    Queued {
        /// Why.
        error: String,
    },
    /// They are there.
    Submitted {
        /// The approval.
        approval_id: ApprovalId,
    },
    /// They were refused for good.
    Refused {
        /// Why.
        error: String,
    },
}

/// How far an approval is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ApprovalProgress {
    /// A person decided, or the time ran out.
    pub decided: bool,
    /// Nothing of it will run any more.
    pub finished: bool,
}

/// What the Remediation Agent made.
#[derive(Debug, Clone, PartialEq)]
pub struct Planned {
    /// One plan for each root cause.
    pub plans: Vec<Plan>,
    /// The record under which they can be judged.
    pub feedback_id: Option<FeedbackId>,
}

impl Planned {
    /// The positions of the plans that have commands to submit; the others are manual work only.
    pub fn positions(&self) -> impl Iterator<Item = u32> {
        let plans = (0_u32..).zip(&self.plans);
        plans
            .filter(|(_, plan)| plan.commands().next().is_some())
            .map(|(position, _)| position)
    }

    /// The plan at a position.
    pub fn plan(&self, position: u32) -> Option<&Plan> {
        usize::try_from(position).ok().and_then(|at| self.plans.get(at))
    }
}

/// Everything that the events of a workflow say about what is next.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each fact of a workflow is there or not, by itself"
)]
#[derive(Debug, Clone, PartialEq, Default)]
pub struct State {
    /// The number of the newest event folded in.
    pub last_sequence: u64,
    /// The input is durable.
    pub started: bool,
    /// The Monitoring Agent is done.
    pub monitored: bool,
    /// The Analysis Agent's conclusion.
    pub diagnosis: Option<Box<Diagnosis>>,
    /// The Remediation Agent's plans.
    pub planned: Option<Planned>,
    /// Root causes on their way to approval, by position.
    pub proposals: BTreeMap<u32, ProposalState>,
    /// Approvals by id.
    pub approvals: BTreeMap<ApprovalId, ApprovalProgress>,
    /// The default stream has ended.
    pub plan_ready: bool,
    /// What language models have cost so far.
    pub spent: ModelSpending,
    /// Why it failed, if it did.
    pub failed: Option<String>,
    /// Nothing more will happen.
    pub closed: bool,
}

/// What is to be done next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Read the input and extract findings.
    Monitor,
    /// Find the causes.
    Analyse,
    /// Plan the repair.
    Plan,
    /// Bring a root cause's commands on their way to approval.
    Submit {
        /// Which root cause.
        position: u32,
    },
    /// Try for the first time to reach the other approval server.
    Deliver {
        /// Which root cause.
        position: u32,
    },
    /// Tell the plan's end: the default stream ends.
    Conclude,
    /// Run what was approved, or find that nothing is to run.
    Execute {
        /// The approval.
        approval_id: ApprovalId,
    },
    /// Close the workflow.
    Close,
}

impl State {
    /// The state that events in order lead to.
    pub fn fold<'a>(events: impl IntoIterator<Item = &'a RecordedEvent>) -> Self {
        events.into_iter().fold(Self::default(), apply)
    }

    /// How far the workflow is.
    pub fn stage(&self) -> Stage {
        match () {
            () if self.closed => Stage::Closed,
            () if !self.started => Stage::New,
            () if !self.monitored => Stage::Monitor,
            () if self.diagnosis.is_none() => Stage::Analyse,
            () if self.planned.is_none() => Stage::Plan,
            () if !self.plan_ready => Stage::Propose,
            () if self.approvals.values().any(|it| it.decided && !it.finished) => Stage::Execute,
            () => Stage::AwaitApproval,
        }
    }

    /// Whether the other approval server has still to take something.
    pub fn has_queued(&self) -> bool {
        let open =
            |it: &ProposalState| matches!(it, ProposalState::Queued { .. } | ProposalState::Submitting);
        self.proposals.values().any(open)
    }

    /// Approvals that nobody has decided.
    pub fn undecided(&self) -> impl Iterator<Item = &ApprovalId> {
        self.approvals
            .iter()
            .filter(|(_, it)| !it.decided)
            .map(|(id, _)| id)
    }
}

/// The state after one more event.
pub fn apply(state: State, event: &RecordedEvent) -> State {
    apply_event(state, event.sequence, &event.event)
}

/// The state after one more event, which has a number.
pub fn apply_event(mut state: State, sequence: u64, event: &WorkflowEvent) -> State {
    state.last_sequence = sequence;
    let Some(fact) = &event.fact else {
        return state;
    };
    match fact {
        WorkflowFact::Started => state.started = true,
        WorkflowFact::Monitored => state.monitored = true,
        WorkflowFact::Consulted { consultation } => state.spent = state.spent.plus(consultation.spending),
        WorkflowFact::Analysed { diagnosis } => state.diagnosis = Some(diagnosis.clone()),
        WorkflowFact::Planned { plans, feedback_id } => {
            state.planned = Some(Planned {
                plans: plans.clone(),
                feedback_id: feedback_id.clone(),
            });
        }
        WorkflowFact::Proposed
        | WorkflowFact::ExecutionStarted { .. }
        | WorkflowFact::ExecutionEnded { .. } => {}
        WorkflowFact::PlanReady => state.plan_ready = true,
        WorkflowFact::Failed { error } => state.failed = Some(error.clone()),
        WorkflowFact::Closed { .. } => state.closed = true,
        WorkflowFact::Submitted { .. } | WorkflowFact::Queued { .. } | WorkflowFact::Refused { .. } => {
            apply_proposal(&mut state, fact);
        }
        WorkflowFact::Decided { approval_id } => {
            state.approvals.entry(approval_id.clone()).or_default().decided = true;
        }
        WorkflowFact::ApprovalFinished { approval_id } => {
            state.approvals.entry(approval_id.clone()).or_default().finished = true;
        }
    }
    state
}

fn apply_proposal(state: &mut State, fact: &WorkflowFact) {
    let (position, proposal) = match fact {
        WorkflowFact::Submitted {
            position,
            approval_id,
        } => {
            state.approvals.entry(approval_id.clone()).or_default();
            let approval_id = approval_id.clone();
            (position, ProposalState::Submitted { approval_id })
        }
        WorkflowFact::Queued { position, error } if error.is_empty() => (position, ProposalState::Submitting),
        WorkflowFact::Queued { position, error } => {
            let error = error.clone();
            (position, ProposalState::Queued { error })
        }
        WorkflowFact::Refused { position, error } => {
            let error = error.clone();
            (position, ProposalState::Refused { error })
        }
        _ => return,
    };
    state.proposals.insert(*position, proposal);
}

/// What is to be done next. Empty when the workflow waits for a person or another server, or is closed.
pub fn next(state: &State) -> Vec<Action> {
    if state.closed || !state.started {
        return Vec::new();
    }
    if state.failed.is_some() {
        return vec![Action::Close];
    }
    if !state.monitored {
        return vec![Action::Monitor];
    }
    if state.diagnosis.is_none() {
        return vec![Action::Analyse];
    }
    let Some(planned) = &state.planned else {
        return vec![Action::Plan];
    };
    if let Some(action) = next_proposal(state, planned) {
        return vec![action];
    }
    if !state.plan_ready {
        return vec![Action::Conclude];
    }
    after_the_plan(state)
}

fn next_proposal(state: &State, planned: &Planned) -> Option<Action> {
    planned
        .positions()
        .find_map(|position| match state.proposals.get(&position) {
            None => Some(Action::Submit { position }),
            Some(ProposalState::Submitting) => Some(Action::Deliver { position }),
            Some(_) => None,
        })
}

fn after_the_plan(state: &State) -> Vec<Action> {
    let decided = state
        .approvals
        .iter()
        .filter(|(_, it)| it.decided && !it.finished);
    let actions: Vec<Action> = decided
        .map(|(id, _)| Action::Execute {
            approval_id: id.clone(),
        })
        .collect();
    let over = !state.has_queued() && state.approvals.values().all(|it| it.finished);
    if over { vec![Action::Close] } else { actions }
}
