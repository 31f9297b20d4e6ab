//! Feedback events in any order, number and size: what is learnt stays within its bounds, and folding twice gives the same.

use jiff::Timestamp;
use kubemedic_engine::learning::Ledger;
use kubemedic_model::{
    approval::ApprovalStatus,
    class::FailureClass,
    feedback::{ApprovalReport, Edited, FeedbackEvent, Proposal, Proposed, Rating, RecordedFeedback},
    id::{ApprovalId, FeedbackId},
    outcome::Outcome,
    plan::{Strategy as Repair, StrategyOrder},
};
use proptest::prelude::*;

use super::cases;

const STATUSES: [ApprovalStatus; 5] = [
    ApprovalStatus::Pending,
    ApprovalStatus::Approved,
    ApprovalStatus::Rejected,
    ApprovalStatus::PartiallyApproved,
    ApprovalStatus::Expired,
];

fn feedback_id(number: u8) -> FeedbackId {
    FeedbackId::new(format!("record-{number}")).expect("an id")
}

fn approval_id(number: u8) -> ApprovalId {
    ApprovalId::new(format!("approval-{number}")).expect("an id")
}

/// Few ids, so that events meet; numbers at both ends of their range.
fn number() -> impl Strategy<Value = Option<u32>> {
    prop::option::of(prop_oneof![0_u32..4, Just(u32::MAX), any::<u32>()])
}

fn report() -> impl Strategy<Value = FeedbackEvent> {
    (
        0_u8..4,
        prop::sample::select(&STATUSES[..]),
        (number(), number(), number(), number()),
        prop::option::of("[a-z ]{0,8}"),
        prop::option::of(-9_i64..9),
        prop::option::of((number(), any::<bool>())),
    )
        .prop_map(|(approval, status, counts, reason, at, edited)| {
            FeedbackEvent::Approval(ApprovalReport {
                approval_id: approval_id(approval),
                status,
                approved_count: counts.0,
                rejected_count: counts.1,
                approved_changes: counts.2,
                rejected_changes: counts.3,
                command_reasons: reason.iter().cloned().collect(),
                rejection_reason: reason,
                approver: None,
                occurred_at: at.map(|second| Timestamp::from_second(second).expect("a time")),
                reason_kind: None,
                prefer: None,
                edited: edited.map(|(changes, is_another)| Edited {
                    changes: changes.unwrap_or(1),
                    into: is_another.then_some(Repair::Rollback),
                }),
            })
        })
}

fn event() -> impl Strategy<Value = FeedbackEvent> {
    prop_oneof![
        (0_u8..3).prop_map(|id| FeedbackEvent::Proposed(Proposed {
            feedback_id: feedback_id(id),
            workflow_id: uuid(id),
            input_data: String::new(),
            output_data: String::new(),
            proposals: vec![Proposal {
                class: FailureClass::OomKilled,
                strategy: Repair::PatchMemory,
                position: u32::from(id),
            }],
        })),
        (0_u8..3, 0_u8..4, 0_u32..3).prop_map(|(id, approval, position)| FeedbackEvent::Submitted {
            feedback_id: feedback_id(id),
            approval_id: approval_id(approval),
            position,
        }),
        (0_u8..3, 0_u32..3).prop_map(|(id, position)| FeedbackEvent::Withdrawn {
            feedback_id: feedback_id(id),
            position,
        }),
        report(),
        report(),
        (
            0_u8..3,
            "[ab]",
            prop::option::of(any::<u8>()),
            prop::option::of(any::<bool>()),
            prop::option::of("[a-z ]{0,8}")
        )
            .prop_map(
                |(id, rater, rating, was_helpful, words)| FeedbackEvent::Rated(Rating {
                    feedback_id: feedback_id(id),
                    rater,
                    rating,
                    was_helpful,
                    comments: words.clone(),
                    improvements: words,
                })
            ),
        (
            0_u8..3,
            prop::sample::select(
                &[
                    Outcome::Resolved,
                    Outcome::Improved,
                    Outcome::Unchanged,
                    Outcome::Worsened
                ][..]
            ),
            any::<bool>(),
        )
            .prop_map(|(id, outcome, is_provisional)| FeedbackEvent::Outcome {
                feedback_id: feedback_id(id),
                outcome,
                observed_at: None,
                is_provisional,
            }),
    ]
}

fn uuid(number: u8) -> kubemedic_model::id::WorkflowId {
    format!("0192d0a0-0000-7000-8000-0000000000{number:02x}")
        .parse()
        .expect("a UUID")
}

fn folded(events: &[FeedbackEvent]) -> Ledger {
    let mut ledger = Ledger::new();
    for (sequence, event) in (1..).zip(events) {
        ledger.apply(&RecordedFeedback {
            sequence,
            recorded_at: Timestamp::UNIX_EPOCH,
            event: event.clone(),
        });
    }
    ledger
}

proptest! {
    #![proptest_config(cases(600))]

    #[test]
    fn what_is_learnt_stays_in_its_bounds(events in prop::collection::vec(event(), 0..40)) {
        let ledger = folded(&events);
        let figures = ledger.statistics();
        prop_assert!((0.0..=1.0).contains(&figures.approval_rate), "{figures:?}");
        prop_assert!((0.0..=1.0).contains(&figures.average_reward), "{figures:?}");
        prop_assert!(figures.pending_count <= figures.total_outputs && figures.rated_count <= figures.total_outputs, "{figures:?}");
        for record in ledger.records() {
            for reward in [record.reward_score, record.reward_extended].into_iter().flatten() {
                prop_assert!((0.0..=1.0).contains(&reward), "{record:?}");
            }
            prop_assert_eq!(ledger.record(&record.feedback_id), Some(record));
            // A record is stored and read again whole.
            let line = serde_json::to_string(record).expect("a record is JSON");
            prop_assert_eq!(&serde_json::from_str::<kubemedic_model::feedback::FeedbackRecord>(&line).expect("a record is read again"), record);
        }
        let _ = ledger.rank(FailureClass::OomKilled, Repair::PatchMemory);
        prop_assert!(ledger.top_examples(5, 0.7).len() <= 5);
        prop_assert_eq!(format!("{ledger:?}"), format!("{:?}", folded(&events)));
    }

    #[test]
    fn a_report_that_is_told_twice_changes_nothing_more(events in prop::collection::vec(event(), 0..20), again in report()) {
        let mut twice = events;
        twice.push(again.clone());
        let once = folded(&twice).statistics();
        twice.push(again);
        prop_assert_eq!(folded(&twice).statistics(), once);
    }
}
