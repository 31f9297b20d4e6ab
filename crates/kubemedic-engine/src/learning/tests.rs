//! The rows of LEARNING.md section 3, each a case; then order, statistics and ranking.

use jiff::Timestamp;
use kubemedic_model::{
    approval::ApprovalStatus::{self, Approved, Expired, PartiallyApproved, Pending, Rejected},
    class::FailureClass,
    feedback::{ApprovalReport, FeedbackEvent, Proposal, Proposed, Rating, RecordedFeedback},
    id::{ApprovalId, FeedbackId, WorkflowId},
    outcome::Outcome,
    plan::{Strategy, StrategyOrder},
};

use super::*;

/// What happens in a row.
#[derive(Clone, Copy)]
enum Said {
    Report(ApprovalStatus, Option<(u32, u32)>),
    Rate(&'static str, Option<u8>, Option<bool>),
    Comment,
    CameOut(Outcome),
}

use Said::{CameOut, Comment, Rate, Report};

fn feedback_id() -> FeedbackId {
    let workflow: WorkflowId = "0192d0a0-0000-7000-8000-000000000001".parse().unwrap();
    FeedbackId::for_workflow(workflow, 1)
}

fn approval_id() -> ApprovalId {
    ApprovalId::new("approval_1").unwrap()
}

fn proposed(strategy: Strategy) -> FeedbackEvent {
    FeedbackEvent::Proposed(Proposed {
        feedback_id: feedback_id(),
        workflow_id: "0192d0a0-0000-7000-8000-000000000001".parse().unwrap(),
        input_data: String::new(),
        output_data: String::new(),
        proposals: vec![Proposal {
            class: FailureClass::OomKilled,
            strategy,
            position: 0,
        }],
    })
}

fn report(status: ApprovalStatus, counts: Option<(u32, u32)>) -> ApprovalReport {
    ApprovalReport {
        approval_id: approval_id(),
        status,
        approved_count: counts.map(|it| it.0),
        rejected_count: counts.map(|it| it.1),
        approved_changes: None,
        rejected_changes: None,
        rejection_reason: None,
        command_reasons: Vec::new(),
        approver: None,
        occurred_at: None,
        reason_kind: None,
        prefer: None,
        edited: None,
    }
}

fn event(said: Said) -> FeedbackEvent {
    let rated = |rater: &str, rating, was_helpful, comments| {
        let rater = rater.to_owned();
        FeedbackEvent::Rated(Rating {
            feedback_id: feedback_id(),
            rater,
            rating,
            was_helpful,
            comments,
            improvements: None,
        })
    };
    match said {
        Report(status, counts) => FeedbackEvent::Approval(report(status, counts)),
        Rate(rater, rating, helpful) => rated(rater, rating, helpful, None),
        Comment => rated("a", None, None, Some("words".to_owned())),
        CameOut(outcome) => FeedbackEvent::Outcome {
            feedback_id: feedback_id(),
            outcome,
            observed_at: None,
            is_provisional: false,
        },
    }
}

fn folded(events: impl IntoIterator<Item = FeedbackEvent>) -> Ledger {
    let submitted = FeedbackEvent::Submitted {
        feedback_id: feedback_id(),
        approval_id: approval_id(),
        position: 0,
    };
    let mut ledger = Ledger::new();
    let all = [proposed(Strategy::PatchMemory), submitted]
        .into_iter()
        .chain(events);
    for (sequence, event) in (1..).zip(all) {
        let recorded_at = Timestamp::from_second(1_000).unwrap();
        ledger.apply(&RecordedFeedback {
            sequence,
            recorded_at,
            event,
        });
    }
    ledger
}

/// Row number, what was said, and the reward.
type Row = (u32, &'static [Said], Option<f64>);

const R: fn(u32, u32) -> Option<(u32, u32)> = |approved, rejected| Some((approved, rejected));

fn rows() -> Vec<Row> {
    let leak = |said: Vec<Said>| -> &'static [Said] { Box::leak(said.into_boxed_slice()) };
    let row = |number, said, reward| (number, leak(said), reward);
    let stars = |stars| Rate("a", Some(stars), None);
    let both = |stars, helpful| Rate("a", Some(stars), Some(helpful));
    let five = Report(Approved, R(5, 0));
    let three_two = Report(PartiallyApproved, R(3, 2));
    vec![
        row(1, vec![five], Some(1.0)),
        row(2, vec![Report(Rejected, R(0, 3))], Some(0.0)),
        row(3, vec![three_two], Some(0.6)),
        row(4, vec![five, both(5, true)], Some(1.0)),
        row(5, vec![five, both(1, false)], Some(0.8)),
        row(6, vec![Report(Rejected, R(0, 4)), both(5, true)], Some(0.2)),
        row(7, vec![three_two, stars(4)], Some(0.63)),
        row(8, vec![stars(4)], Some(0.75)),
        row(9, vec![Rate("a", None, Some(true))], Some(1.0)),
        row(10, vec![both(3, true)], Some(0.75)),
        row(11, vec![five, both(5, false)], Some(0.9)),
        row(12, vec![], None),
        row(13, vec![Report(Approved, None)], Some(1.0)),
        row(14, vec![Report(Rejected, None)], Some(0.0)),
        row(15, vec![Report(PartiallyApproved, None)], Some(0.5)),
        row(16, vec![Report(Expired, R(0, 0)), stars(2)], Some(0.25)),
        row(17, vec![five, five], Some(1.0)),
        row(18, vec![Report(PartiallyApproved, R(2, 0)), three_two], Some(0.6)),
        row(19, vec![three_two, Report(PartiallyApproved, R(2, 0))], Some(0.6)),
        row(20, vec![five, Report(Rejected, R(0, 5))], Some(0.0)),
        row(
            21,
            vec![five, Rate("a", Some(5), None), Rate("b", Some(2), None)],
            Some(0.925),
        ),
        row(22, vec![five, stars(2), stars(5)], Some(1.0)),
        row(23, vec![stars(2), five], Some(0.85)),
        row(24, vec![Comment], None),
        row(25, vec![Report(Approved, R(0, 3))], Some(0.0)),
        row(26, vec![Report(Approved, R(0, 0))], Some(1.0)),
        row(27, vec![five, CameOut(Outcome::Unchanged)], Some(1.0)),
        row(28, vec![Report(PartiallyApproved, R(1, 3)), stars(3)], Some(0.3)),
    ]
}

/// Row 29 (values out of range) is refused before an event is made: a test of the server's edge.
#[test]
fn every_row_of_the_specification_has_its_reward() {
    for (number, said, expected) in rows() {
        let ledger = folded(said.iter().map(|said| event(*said)));
        let got = ledger.record(&feedback_id()).unwrap().reward_score;
        let close = match (got, expected) {
            (Some(got), Some(expected)) => (got - expected).abs() < 1e-12,
            (got, expected) => got == expected,
        };
        assert!(close, "row {number}: {got:?} is not {expected:?}");
    }
}

#[test]
fn an_outcome_moves_only_the_extended_reward() {
    let ledger = folded([
        event(Report(Approved, R(5, 0))),
        event(CameOut(Outcome::Unchanged)),
    ]);
    let record = ledger.record(&feedback_id()).unwrap();
    assert_eq!(
        (record.reward_score, record.reward_extended),
        (Some(1.0), Some(0.5))
    );
}

#[test]
fn a_revised_judgement_is_marked_and_a_status_that_counts_deny_is_warned_of() {
    let revised = folded([event(Report(Approved, R(5, 0))), event(Report(Rejected, R(0, 5)))]);
    assert!(revised.record(&feedback_id()).unwrap().contradicted);
    let denied = folded([event(Report(Approved, R(0, 3)))]);
    assert_eq!(
        denied.record(&feedback_id()).unwrap().warnings,
        ["status_mismatch"]
    );
    let fine = folded([event(Report(Approved, R(3, 0)))]);
    let fine = fine.record(&feedback_id()).unwrap();
    assert!(!fine.contradicted && fine.warnings.is_empty());
}

#[test]
fn total_weight_is_the_sum_of_what_is_present() {
    let weight = |approval, rating| {
        reward(Signals {
            approval,
            rating,
            outcome: Some(1.0),
        })
        .total_weight
    };
    let weights = [
        weight(None, None),
        weight(None, Some(0.0)),
        weight(Some(0.0), None),
        weight(Some(1.0), Some(1.0)),
    ];
    assert_eq!(weights.map(|it| it.to_string()), ["0", "1", "4", "5"]);
}

#[test]
fn a_record_is_pending_until_every_proposal_is_decided() {
    let status = |said: &[Said]| {
        folded(said.iter().map(|it| event(*it)))
            .record(&feedback_id())
            .unwrap()
            .approval_status
    };
    assert_eq!(status(&[]), Pending);
    assert_eq!(status(&[Report(Approved, R(2, 0))]), Approved);
    assert_eq!(status(&[Report(PartiallyApproved, R(2, 1))]), Approved);
    assert_eq!(status(&[Report(Rejected, R(0, 1))]), Rejected);
    assert_eq!(status(&[Report(Expired, None)]), Expired);
}

#[test]
fn a_rejected_strategy_falls_even_when_its_reads_were_approved() {
    let mut rejected = report(PartiallyApproved, R(4, 1));
    rejected.approved_changes = Some(0);
    rejected.rejected_changes = Some(1);
    let ledger = folded([FeedbackEvent::Approval(rejected)]);
    assert!(ledger.rank(FailureClass::OomKilled, Strategy::PatchMemory) > 0);
    let other = ledger.rank(FailureClass::OomKilled, Strategy::Rollback);
    assert!(other < ledger.rank(FailureClass::OomKilled, Strategy::PatchMemory));
    assert_eq!(Ledger::new().rank(FailureClass::OomKilled, Strategy::Rollback), 0);
    let elsewhere = ledger.rank(FailureClass::DiskFull, Strategy::PatchMemory);
    assert!(elsewhere < ledger.rank(FailureClass::OomKilled, Strategy::PatchMemory));
    let approved = folded([event(Report(Approved, R(5, 0)))]);
    assert!(approved.rank(FailureClass::OomKilled, Strategy::PatchMemory) < 0);
}

#[test]
fn statistics_of_nothing_are_zero_and_count_commands_and_records() {
    assert_eq!(Ledger::new().statistics(), Statistics::default());
    let ledger = folded([
        event(Report(PartiallyApproved, R(3, 2))),
        event(Rate("a", Some(4), None)),
    ]);
    let expected = Statistics {
        total_outputs: 1,
        approved_count: 3,
        rejected_count: 2,
        pending_count: 0,
        approval_rate: 0.6,
        average_reward: 0.63,
        learning_examples: 0,
        rated_count: 1,
        average_rating: 4.0,
    };
    let got = ledger.statistics();
    assert!((got.average_reward - expected.average_reward).abs() < 1e-12);
    assert_eq!(
        Statistics {
            average_reward: 0.63,
            ..got
        },
        expected
    );
}

#[test]
fn suggestions_and_reasons_become_lessons_once() {
    let mut rejected = report(Rejected, R(0, 2));
    rejected.rejection_reason = Some("too risky".to_owned());
    rejected.command_reasons = vec!["too risky".to_owned(), "wrong pod".to_owned()];
    let ledger = folded([FeedbackEvent::Approval(rejected)]);
    assert_eq!(ledger.improvements(), ["Avoid: too risky", "Avoid: wrong pod"]);
}
