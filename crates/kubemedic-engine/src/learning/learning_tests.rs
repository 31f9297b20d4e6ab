//! Learning from the journal: the order changes where it should and nowhere else, duplicates and order do not matter,
//! mistakes are taken back, and a poisoner stays within the cap.

use kubemedic_model::{
    approval::ApprovalStatus,
    feedback::{ApprovalReport, Edited, FeedbackEvent, Rating},
    id::{ApprovalId, FeedbackId},
    learning::{Correction, Head, RejectReason, Signal},
    outcome::Outcome,
    plan::Strategy,
};
use proptest::prelude::{ProptestConfig, any, prop, prop_assert, prop_assert_eq, proptest};

use super::{
    Ledger,
    fixtures::{Incident, apply, history},
    labels::Slot,
    learning_report, reason_of, why,
};

fn id(number: u64) -> FeedbackId {
    FeedbackId::new(format!("record-{number}")).unwrap()
}

fn approval(number: u64) -> ApprovalId {
    ApprovalId::new(format!("approval-{number}")).unwrap()
}

fn rejected(number: u64) -> ApprovalReport {
    ApprovalReport {
        status: ApprovalStatus::Rejected,
        rejected_count: Some(1),
        ..Incident::report(approval(number))
    }
}

#[test]
fn rejected_restarts_give_way_to_rollbacks_for_that_team_only_and_why_says_so() {
    let mut ledger = Ledger::new();
    let payments = Incident::of("payments");
    let chosen = history(&mut ledger, &payments, 30);
    assert_eq!(chosen[0], Strategy::Restart);
    assert!(
        chosen[20..].iter().all(|it| *it == Strategy::Rollback),
        "{chosen:?}"
    );
    let number = u64::try_from(ledger.records().count()).unwrap();
    payments.propose(&mut ledger, number);
    let found = why(&ledger, &id(number)).unwrap();
    let proposal = &found.proposals[0];
    assert!(proposal.is_changed_by_learning);
    assert_eq!(proposal.untaught_order, [Strategy::Restart, Strategy::Rollback]);
    let restart = proposal
        .arms
        .iter()
        .find(|it| it.arm == Strategy::Restart)
        .unwrap();
    let source = restart
        .contributions
        .iter()
        .flat_map(|it| &it.from)
        .find(|it| it.reason == Some("too_risky"))
        .unwrap();
    assert_eq!(source.words.as_deref(), Some("a restart is too risky here"));
    assert!(why(&ledger, &FeedbackId::new("nobody").unwrap()).is_none());
}

#[test]
fn saying_the_same_twice_changes_no_state() {
    let mut ledger = Ledger::new();
    let chosen = history(&mut ledger, &Incident::of("payments"), 5);
    let before = ledger.ranker().state_hash();
    for (number, chosen) in (0..).zip(chosen) {
        Incident::of("payments").judge(&mut ledger, number, chosen);
    }
    assert_eq!(ledger.ranker().state_hash(), before);
}

#[test]
fn a_revised_judgement_takes_the_earlier_label_back() {
    let mut ledger = Ledger::new();
    Incident::of("payments").propose(&mut ledger, 0);
    let say = |ledger: &mut Ledger, report: ApprovalReport| {
        apply(ledger, 1, FeedbackEvent::Approval(report));
    };
    say(
        &mut ledger,
        ApprovalReport {
            status: ApprovalStatus::Approved,
            approved_count: Some(1),
            ..Incident::report(approval(0))
        },
    );
    let label = |ledger: &Ledger| {
        let taught = ledger.taught_of(&id(0)).next().unwrap();
        taught
            .lessons
            .get(&Slot::Approval)
            .map(|it| (it.label.y, it.label.weight))
    };
    assert_eq!(label(&ledger), Some((1.0, 1.0)));
    say(&mut ledger, rejected(0));
    assert_eq!(label(&ledger), Some((0.0, 0.5)));
    // A late report of an earlier, smaller total is none.
    say(
        &mut ledger,
        ApprovalReport {
            status: ApprovalStatus::Pending,
            ..Incident::report(approval(0))
        },
    );
    assert_eq!(label(&ledger), Some((0.0, 0.5)));
}

#[test]
fn what_is_taken_back_is_as_if_it_was_never_said_and_is_not_learnt_again() {
    let mut ledger = Ledger::new();
    Incident::of("payments").propose(&mut ledger, 0);
    apply(&mut ledger, 1, FeedbackEvent::Approval(rejected(0)));
    assert!(ledger.ranker().learnt_features() > 0);
    let retract = FeedbackEvent::Retracted {
        feedback_id: id(0),
        signal: Some(Signal::Approval),
    };
    apply(&mut ledger, 2, retract);
    assert_eq!(ledger.ranker().learnt_features(), 0);
    apply(&mut ledger, 3, FeedbackEvent::Approval(rejected(0)));
    assert_eq!(ledger.ranker().learnt_features(), 0);
    assert!(
        ledger
            .cases()
            .tally("team payments", Strategy::Restart)
            .is_none_or(|it| it.n == 0)
    );
}

#[test]
fn reasons_teach_the_head_that_they_are_about() {
    let slots = |kind: RejectReason| {
        let mut ledger = Ledger::new();
        Incident::of("payments").propose(&mut ledger, 0);
        let report = ApprovalReport {
            reason_kind: Some(kind),
            ..rejected(0)
        };
        apply(&mut ledger, 1, FeedbackEvent::Approval(report));
        let taught = ledger.taught_of(&id(0)).next().unwrap();
        let found: Vec<_> = taught
            .lessons
            .values()
            .map(|it| (it.label.head, it.label.weight))
            .collect();
        found
    };
    let both = vec![(Head::Approve, 1.0), (Head::Resolve, 0.4)];
    assert_eq!(slots(RejectReason::Ineffective), both);
    assert_eq!(slots(RejectReason::WrongDiagnosis), both);
    assert_eq!(slots(RejectReason::TooRisky), [(Head::Approve, 1.0)]);
    assert_eq!(slots(RejectReason::NotNow), [(Head::Approve, 0.3)]);
    assert_eq!(slots(RejectReason::Duplicate), []);
}

#[test]
fn a_preferred_repair_is_learnt_for_and_the_proposed_one_against() {
    let mut ledger = Ledger::new();
    let incident = Incident::of("payments");
    assert_eq!(incident.propose(&mut ledger, 0), Strategy::Restart);
    let correction = Correction {
        feedback_id: id(0),
        position: 0,
        prefer: Strategy::Rollback,
        rater: "ann".to_owned(),
    };
    apply(&mut ledger, 1, FeedbackEvent::Corrected(correction));
    assert_eq!(
        incident.decision(&ledger).arms[0].candidate.arm,
        Strategy::Rollback
    );
}

/// Slot, repair, how far it was a yes, and the weight of all that the first record taught.
fn taught(ledger: &Ledger) -> Vec<(Slot, Strategy, f64, f64)> {
    let taught = ledger.taught_of(&id(0)).next().unwrap();
    let lesson = |(slot, it): (&Slot, &super::Lesson)| (*slot, it.arm, it.label.y, it.label.weight);
    taught.lessons.iter().map(lesson).collect()
}

fn came_out(outcome: Outcome, is_provisional: bool) -> FeedbackEvent {
    FeedbackEvent::Outcome {
        feedback_id: id(0),
        outcome,
        observed_at: None,
        is_provisional,
    }
}

/// A restart of which a person approved another form.
fn edited(into: Option<Strategy>) -> Ledger {
    let mut ledger = Ledger::new();
    assert_eq!(
        Incident::of("payments").propose(&mut ledger, 0),
        Strategy::Restart
    );
    let report = ApprovalReport {
        status: ApprovalStatus::PartiallyApproved,
        approved_count: Some(3),
        rejected_count: Some(1),
        approved_changes: Some(0),
        rejected_changes: Some(1),
        edited: Some(Edited { changes: 1, into }),
        ..Incident::report(approval(0))
    };
    apply(&mut ledger, 1, FeedbackEvent::Approval(report));
    ledger
}

#[test]
fn other_values_of_a_change_approve_its_strategy_though_the_command_counts_as_rejected() {
    let mut ledger = edited(None);
    assert_eq!(taught(&ledger), [(Slot::Approval, Strategy::Restart, 1.0, 1.0)]);
    let record = ledger.record(&id(0)).unwrap();
    assert_eq!(
        (record.rejected_commands_count, record.reward_score),
        (1, Some(0.75))
    );
    apply(&mut ledger, 2, came_out(Outcome::Resolved, false));
    assert_eq!(taught(&ledger)[1].0, Slot::Outcome);
}

#[test]
fn an_edit_into_another_repair_prefers_that_one_and_what_came_of_it_is_its_own() {
    let mut ledger = edited(Some(Strategy::Rollback));
    let rejected = (Slot::Approval, Strategy::Restart, 0.0, 1.0);
    let preferred = (Slot::PreferredApproved, Strategy::Rollback, 1.0, 1.0);
    assert_eq!(
        taught(&ledger),
        [
            rejected,
            preferred,
            (Slot::PreferredHelps, Strategy::Rollback, 1.0, 0.3)
        ]
    );
    apply(&mut ledger, 2, came_out(Outcome::Unchanged, false));
    let found = taught(&ledger);
    assert_eq!(found[..2], [rejected, preferred]);
    assert_eq!(found.len(), 3);
    assert_eq!(
        (found[2].0, found[2].1, found[2].2),
        (Slot::OutcomeInstead, Strategy::Rollback, 0.0)
    );
}

#[test]
fn a_first_look_counts_half_until_a_later_one_replaces_it_and_never_replaces_that() {
    let mut ledger = Ledger::new();
    Incident::of("payments").propose(&mut ledger, 0);
    let mut look = |outcome, is_provisional| {
        apply(&mut ledger, 1, came_out(outcome, is_provisional));
        let found = taught(&ledger);
        assert_eq!(found.len(), 1);
        (found[0].2, found[0].3, ledger.record(&id(0)).unwrap().outcome)
    };
    let first = look(Outcome::Resolved, true);
    let last = look(Outcome::Resolved, false);
    assert_eq!((first.0, last.0), (1.0, 1.0));
    assert!((first.1 * 2.0 - last.1).abs() < 1e-12, "{first:?} {last:?}");
    assert_eq!(look(Outcome::Unchanged, true), last);
    let recurred = look(Outcome::Unchanged, false);
    assert_eq!((recurred.0, recurred.2), (0.0, Some(Outcome::Unchanged)));
    assert!((look(Outcome::Improved, false).0 - 0.5).abs() < 1e-12);
}

#[test]
fn words_tell_a_reason_where_they_tell_one_only() {
    for (text, reason) in [
        ("Too risky during peak", Some(RejectReason::TooRisky)),
        ("that won't help at all", Some(RejectReason::Ineffective)),
        ("this is not the root cause", Some(RejectReason::WrongDiagnosis)),
        ("not now, change freeze", Some(RejectReason::NotNow)),
        ("Already handled by bob", Some(RejectReason::Duplicate)),
        ("too risky, and it won't help", Some(RejectReason::Other)),
        ("Rejected by user", Some(RejectReason::Other)),
        ("  ", None),
    ] {
        assert_eq!(reason_of(text), reason, "{text}");
    }
}

#[test]
fn many_names_and_an_anonymous_crowd_move_a_score_no_further_than_the_cap() {
    let mut ledger = Ledger::new();
    let incident = Incident::of("payments");
    incident.propose(&mut ledger, 0);
    let p_approve = |ledger: &Ledger| {
        let arms = incident.decision(ledger).arms;
        let restart = arms.iter().find(|it| it.candidate.arm == Strategy::Restart);
        restart.unwrap().p_approve
    };
    let before = p_approve(&ledger);
    let mut after = Vec::new();
    for rater in 0..200 {
        let rating = Rating {
            feedback_id: id(0),
            rater: format!("sock-puppet-{rater}"),
            rating: Some(1),
            was_helpful: Some(false),
            comments: None,
            improvements: None,
        };
        apply(&mut ledger, 1, FeedbackEvent::Rated(rating));
        after.push(p_approve(&ledger));
    }
    // All ratings of a record are one label of a quarter of a decision's weight.
    assert!(before - after[0] < 0.08, "{before} {}", after[0]);
    assert!(
        (after[0] - after[199]).abs() < 1e-9,
        "{} {}",
        after[0],
        after[199]
    );
}

#[test]
fn the_report_counts_what_was_learnt() {
    let mut ledger = Ledger::new();
    history(&mut ledger, &Incident::of("payments"), 30);
    let report = learning_report(&ledger);
    assert_eq!((report.decisions, report.cases), (30, 2));
    assert_eq!(report.teams[0].name, "payments");
    assert_eq!(report.calibration_approve.n, 30);
    assert!(
        report
            .speaks_against
            .iter()
            .any(|it| it.feature.contains("restart")),
        "{report:?}"
    );
    assert!(report.speaks_for.iter().any(|it| it.feature.contains("rollback")));
    // Production explores nothing: what the untaught order would have brought is not known.
    let value = serde_json::to_value(&report.value_untaught).unwrap();
    assert!(
        value["reason"]
            .as_str()
            .is_some_and(|it| it.starts_with("not enough overlap")),
        "{value}"
    );
}

/// Records and what is said of them.
fn steps(count: u64) -> impl proptest::strategy::Strategy<Value = Vec<(u64, u8)>> {
    prop::collection::vec((0..count, 0_u8..4), 0..30)
}

/// What may be said of an incident.
fn said((number, kind): (u64, u8)) -> FeedbackEvent {
    match kind {
        0 => FeedbackEvent::Approval(rejected(number)),
        1 => FeedbackEvent::Approval(ApprovalReport {
            status: ApprovalStatus::Approved,
            approved_count: Some(1),
            ..Incident::report(approval(number))
        }),
        2 => FeedbackEvent::Outcome {
            feedback_id: id(number),
            outcome: Outcome::Resolved,
            observed_at: None,
            is_provisional: false,
        },
        _ => FeedbackEvent::Rated(Rating {
            feedback_id: id(number),
            rater: "anonymous".to_owned(),
            rating: Some(1),
            was_helpful: None,
            comments: None,
            improvements: None,
        }),
    }
}

fn four() -> Ledger {
    let mut ledger = Ledger::new();
    for number in 0..4 {
        Incident::of("payments").propose(&mut ledger, number);
    }
    ledger
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn a_duplicate_never_changes_what_was_learnt(events in steps(4), last in (0_u64..4, 0_u8..3)) {
        let mut ledger = four();
        for event in events.into_iter().chain([last]) {
            apply(&mut ledger, 9, said(event));
        }
        let once = ledger.ranker().state_hash();
        apply(&mut ledger, 12, said(last));
        prop_assert_eq!(ledger.ranker().state_hash(), once);
    }

    #[test]
    fn independent_events_may_come_in_any_order(order in any::<bool>(), others in steps(3)) {
        // A decision teaches one head, an outcome of another record the other one.
        let outcome = said((3, 2));
        let decision = said((0, 0));
        let scores = |swap: bool| {
            let mut ledger = four();
            let mut events: Vec<FeedbackEvent> = others.iter().map(|it| said(*it)).collect();
            events.extend(if swap { [outcome.clone(), decision.clone()] } else { [decision.clone(), outcome.clone()] });
            for event in events {
                apply(&mut ledger, 9, event);
            }
            Incident::of("payments").decision(&ledger).arms.iter().map(|it| it.score).collect::<Vec<_>>()
        };
        for (a, b) in scores(order).into_iter().zip(scores(!order)) {
            prop_assert!((a - b).abs() < 1e-9, "{a} {b}");
        }
    }

    #[test]
    fn folding_the_same_events_again_gives_the_same_hash(events in steps(4)) {
        let fold = || {
            let mut ledger = four();
            for event in &events {
                apply(&mut ledger, 9, said(*event));
            }
            ledger.ranker().state_hash()
        };
        prop_assert_eq!(fold(), fold());
    }
}
