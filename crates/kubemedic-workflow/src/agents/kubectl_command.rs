//! The Kubectl Command Agent's result.

use serde::Serialize;

use super::service_of;
use crate::machine::{Planned, ProposalState, State};

/// The result.
#[derive(Debug, Serialize)]
pub struct Report {
    status: &'static str,
    submissions: Vec<Submission>,
    total_submissions: usize,
    success_count: usize,
    error_count: usize,
}

#[derive(Debug, Serialize)]
struct Submission {
    service: String,
    status: &'static str,
    approval_id: Option<String>,
    error: Option<String>,
}

/// What was submitted, in the contract's shape.
pub fn report(state: &State) -> Report {
    let submissions: Vec<Submission> = state
        .planned
        .iter()
        .flat_map(|planned| submissions(state, planned))
        .collect();
    let error_count = submissions.iter().filter(|it| it.status == "error").count();
    let success_count = submissions.iter().filter(|it| it.status == "submitted").count();
    Report {
        status: status(submissions.len(), success_count, error_count),
        total_submissions: submissions.len(),
        success_count,
        error_count,
        submissions,
    }
}

fn status(total: usize, success: usize, errors: usize) -> &'static str {
    match () {
        () if total == 0 => "no_action",
        () if errors == total => "error",
        () if success == total => "submitted",
        () if errors == 0 && success == 0 => "queued",
        () => "partial",
    }
}

fn submissions<'a>(state: &'a State, planned: &'a Planned) -> impl Iterator<Item = Submission> + 'a {
    planned.positions().filter_map(move |position| {
        let service = service_of(&planned.plan(position)?.root_cause);
        Some(submission(service, state.proposals.get(&position)?))
    })
}

fn submission(service: String, proposal: &ProposalState) -> Submission {
    let (status, approval_id, error) = match proposal {
        ProposalState::Submitted { approval_id } => ("submitted", Some(approval_id.to_string()), None),
        ProposalState::Submitting => ("queued", None, None),
        ProposalState::Queued { error } => ("queued", None, Some(error.clone())),
        ProposalState::Refused { error } => ("error", None, Some(error.clone())),
    };
    Submission {
        service,
        status,
        approval_id,
        error,
    }
}

impl Report {
    /// The result in a few words.
    pub(crate) fn in_short(&self) -> String {
        let queued = self.total_submissions - self.success_count - self.error_count;
        format!(
            "{} submitted, {queued} queued, {} refused",
            self.success_count, self.error_count
        )
    }
}
