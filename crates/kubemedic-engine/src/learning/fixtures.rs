//! Incidents for tests: proposed through the adviser, judged by an operator who rejects restarts as too risky and approves
//! rollbacks that then help.

use jiff::Timestamp;
use kubemedic_model::{
    approval::ApprovalStatus,
    class::FailureClass,
    command::Risk,
    feedback::{ApprovalReport, FeedbackEvent, Proposal, Proposed, RecordedFeedback},
    id::{ApprovalId, FeedbackId},
    learning::{Decided, Decision, RejectReason},
    outcome::Outcome,
    plan::{AdmittedWay, Strategy, StrategyOrder},
    snapshot::ClusterSnapshot,
};

use super::{Adviser, Ledger, Situation};
use crate::remediation::fixtures;

/// An incident of one class in one namespace.
#[derive(Debug, Clone)]
pub(crate) struct Incident {
    pub(crate) namespace: String,
    pub(crate) class: FailureClass,
    pub(crate) symptom: String,
    pub(crate) words: String,
    pub(crate) lessons_shown: Vec<String>,
}

const WAYS: [AdmittedWay; 2] = [
    AdmittedWay {
        strategy: Strategy::Restart,
        risk: Some(Risk::Disruptive),
    },
    AdmittedWay {
        strategy: Strategy::Rollback,
        risk: Some(Risk::Disruptive),
    },
];

impl Incident {
    pub(crate) fn of(namespace: &str) -> Self {
        Self {
            namespace: namespace.to_owned(),
            class: FailureClass::CrashloopAppException,
            symptom: "panic: <*> is nil in worker".to_owned(),
            words: "a restart is too risky here".to_owned(),
            lessons_shown: Vec::new(),
        }
    }

    /// The order of repairs as a ledger sees it now.
    pub(crate) fn decision(&self, ledger: &Ledger) -> Decision {
        let snapshot = ClusterSnapshot {
            cluster: Some("east".to_owned()),
            namespace: Some(self.namespace.clone()),
            ..ClusterSnapshot::default()
        };
        let situation = Situation {
            snapshot: &snapshot,
            symptoms: vec![self.symptom.clone()],
            at: Timestamp::from_second(1_772_600_000).unwrap(),
            decision: "d".to_owned(),
            is_frozen: false,
        };
        let cause = fixtures::bare(self.class);
        Adviser::new(ledger, situation).decide(&cause, &WAYS).unwrap()
    }

    /// Proposes the best repair. Returns it.
    pub(crate) fn propose(&self, ledger: &mut Ledger, number: u64) -> Strategy {
        let feedback_id = FeedbackId::new(format!("record-{number}")).unwrap();
        let decision = self.decision(ledger);
        let chosen = decision.arms[0].candidate.arm;
        let proposed = Proposed {
            feedback_id: feedback_id.clone(),
            workflow_id: format!("0192d0a0-0000-7000-8000-{number:012x}").parse().unwrap(),
            input_data: String::new(),
            output_data: String::new(),
            proposals: vec![Proposal {
                class: self.class,
                strategy: chosen,
                position: 0,
            }],
        };
        let decided = Decided {
            feedback_id: feedback_id.clone(),
            position: 0,
            chosen,
            chosen_propensity: Some(decision.arms[0].propensity),
            decision,
            examples_shown: Vec::new(),
            lessons_shown: self.lessons_shown.clone(),
            llm: None,
        };
        for event in [
            FeedbackEvent::Proposed(proposed),
            FeedbackEvent::Decided(Box::new(decided)),
            FeedbackEvent::Submitted {
                feedback_id,
                approval_id: ApprovalId::new(format!("approval-{number}")).unwrap(),
                position: 0,
            },
        ] {
            apply(ledger, number, event);
        }
        chosen
    }

    /// What the operator says.
    pub(crate) fn judge(&self, ledger: &mut Ledger, number: u64, chosen: Strategy) {
        let id = ApprovalId::new(format!("approval-{number}")).unwrap();
        let report = if chosen == Strategy::Restart {
            ApprovalReport {
                status: ApprovalStatus::Rejected,
                rejected_count: Some(1),
                rejection_reason: Some(self.words.clone()),
                reason_kind: Some(RejectReason::TooRisky),
                ..Self::report(id)
            }
        } else {
            ApprovalReport {
                status: ApprovalStatus::Approved,
                approved_count: Some(1),
                ..Self::report(id)
            }
        };
        let helped = report.status == ApprovalStatus::Approved;
        apply(ledger, number, FeedbackEvent::Approval(report));
        if helped {
            let event = FeedbackEvent::Outcome {
                feedback_id: FeedbackId::new(format!("record-{number}")).unwrap(),
                outcome: Outcome::Resolved,
                observed_at: None,
                is_provisional: false,
            };
            apply(ledger, number, event);
        }
    }

    /// A report that says nothing yet.
    pub(crate) fn report(approval_id: ApprovalId) -> ApprovalReport {
        ApprovalReport {
            approval_id,
            status: ApprovalStatus::Pending,
            approved_count: None,
            rejected_count: None,
            approved_changes: None,
            rejected_changes: None,
            rejection_reason: None,
            command_reasons: Vec::new(),
            approver: Some("ann".to_owned()),
            occurred_at: None,
            reason_kind: None,
            prefer: None,
            edited: None,
        }
    }
}

/// Folds an event in, an hour after the one of the number before.
pub(crate) fn apply(ledger: &mut Ledger, number: u64, event: FeedbackEvent) -> RecordedFeedback {
    let hours = i64::try_from(number).unwrap();
    let recorded = RecordedFeedback {
        sequence: ledger.sequence() + 1,
        recorded_at: Timestamp::from_second(1_772_600_000 + 3_600 * hours).unwrap(),
        event,
    };
    ledger.apply(&recorded);
    recorded
}

/// Proposes and judges an incident so often. Returns what was proposed.
pub(crate) fn history(ledger: &mut Ledger, incident: &Incident, times: u64) -> Vec<Strategy> {
    (0..times)
        .map(|_| {
            let number = u64::try_from(ledger.records().count()).unwrap();
            let chosen = incident.propose(ledger, number);
            incident.judge(ledger, number, chosen);
            chosen
        })
        .collect()
}
