//! Incidents that are told to a ledger with all that was said of them.

use kubemedic_model::{
    approval::ApprovalStatus,
    class::FailureClass,
    feedback::{ApprovalReport, FeedbackEvent, Proposal, Proposed, RecordedFeedback},
    id::{ApprovalId, FeedbackId},
    learning::{Candidate, Context, Decided, Decision, PolicyVersion, RejectReason, ScoredArm},
    outcome::Outcome,
    plan::Strategy,
};

use crate::learning::{Ledger, fixtures::Incident};
use jiff::Timestamp;

/// A proposal and what was said of it.
#[derive(Debug, Clone)]
pub(super) struct Told {
    pub(super) context: Context,
    pub(super) symptoms: Vec<String>,
    pub(super) arm: Strategy,
    pub(super) approved: bool,
    pub(super) reason: Option<RejectReason>,
    pub(super) outcome: Option<Outcome>,
    pub(super) day: i64,
}

pub(super) fn at(day: i64) -> Timestamp {
    Timestamp::from_second(1_772_600_000 + 86_400 * day).unwrap()
}

pub(super) fn id(number: usize) -> FeedbackId {
    FeedbackId::new(format!("record-{number}")).unwrap()
}

pub(super) fn symptoms(of: &[&str]) -> Vec<String> {
    of.iter().map(|it| (*it).to_owned()).collect()
}

pub(super) fn context() -> Context {
    Context {
        class: "oom-killed".to_owned(),
        signature: "s".to_owned(),
        team: "payments".to_owned(),
        cluster: "east".to_owned(),
        ..Context::default()
    }
}

impl Told {
    /// A repair that was approved and helped.
    pub(super) fn good(arm: Strategy) -> Self {
        Self {
            context: context(),
            symptoms: symptoms(&["java heap space in <*>", "worker <*> was killed"]),
            arm,
            approved: true,
            reason: None,
            outcome: Some(Outcome::Resolved),
            day: 0,
        }
    }

    /// A repair that was rejected as too risky.
    pub(super) fn bad(arm: Strategy) -> Self {
        Self {
            approved: false,
            reason: Some(RejectReason::TooRisky),
            outcome: None,
            ..Self::good(arm)
        }
    }

    pub(super) fn of_signature(mut self, signature: &str) -> Self {
        signature.clone_into(&mut self.context.signature);
        self
    }

    pub(super) fn decision(&self) -> Decision {
        Decision {
            context: self.context.clone(),
            arms: vec![ScoredArm {
                candidate: Candidate {
                    arm: self.arm,
                    risk: 0.3,
                    disruptive: false,
                    kb_approve: 0.5,
                    kb_resolve: 0.5,
                },
                p_approve: 0.5,
                p_resolve: 0.5,
                sd_approve: 0.1,
                sd_resolve: 0.1,
                score: 0.25,
                propensity: 1.0,
                n_approve: 0,
                n_outcome: 0,
                contributions: Vec::new(),
            }],
            policy: PolicyVersion {
                algorithm: "test".to_owned(),
                version: 1,
                hyper_hash: String::new(),
            },
            state_hash: String::new(),
            log_offset: 0,
            symptoms: self.symptoms.clone(),
        }
    }

    pub(super) fn report(&self, number: usize) -> ApprovalReport {
        ApprovalReport {
            status: if self.approved {
                ApprovalStatus::Approved
            } else {
                ApprovalStatus::Rejected
            },
            approved_count: Some(u32::from(self.approved)),
            rejected_count: Some(u32::from(!self.approved)),
            reason_kind: self.reason,
            ..Incident::report(ApprovalId::new(format!("approval-{number}")).unwrap())
        }
    }

    /// Tells it as the record of a number.
    pub(super) fn tell(&self, ledger: &mut Ledger, number: usize) {
        let feedback_id = id(number);
        let report = self.report(number);
        let mut events = vec![
            FeedbackEvent::Proposed(Proposed {
                feedback_id: feedback_id.clone(),
                workflow_id: format!("0192d0a0-0000-7000-8000-{number:012x}").parse().unwrap(),
                input_data: String::new(),
                output_data: String::new(),
                proposals: vec![Proposal {
                    class: FailureClass::OomKilled,
                    strategy: self.arm,
                    position: 0,
                }],
            }),
            FeedbackEvent::Decided(Box::new(Decided {
                feedback_id: feedback_id.clone(),
                position: 0,
                decision: self.decision(),
                chosen: self.arm,
                chosen_propensity: Some(1.0),
                examples_shown: Vec::new(),
                lessons_shown: vec!["approve: team payments x restart".to_owned()],
                llm: None,
            })),
            FeedbackEvent::Submitted {
                feedback_id: feedback_id.clone(),
                approval_id: report.approval_id.clone(),
                position: 0,
            },
            FeedbackEvent::Approval(report),
        ];
        events.extend(self.outcome.map(|outcome| FeedbackEvent::Outcome {
            feedback_id,
            outcome,
            observed_at: None,
            is_provisional: false,
        }));
        for event in events {
            apply(ledger, self.day, event);
        }
    }
}

pub(super) fn apply(ledger: &mut Ledger, day: i64, event: FeedbackEvent) {
    ledger.apply(&RecordedFeedback {
        sequence: ledger.sequence() + 1,
        recorded_at: at(day),
        event,
    });
}

/// A ledger to which these were told in order.
pub(super) fn ledger(told: &[Told]) -> Ledger {
    let mut ledger = Ledger::new();
    for (number, it) in told.iter().enumerate() {
        it.tell(&mut ledger, number);
    }
    ledger
}
