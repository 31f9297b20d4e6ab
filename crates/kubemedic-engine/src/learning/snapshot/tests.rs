//! A snapshot continues where the ledger was, and what is not one of this ledger, program and journal is refused.

use kubemedic_model::{
    feedback::{FeedbackEvent, RecordedFeedback},
    id::FeedbackId,
    learning::Correction,
    plan::Strategy,
};
use proptest::prelude::{ProptestConfig, prop, prop_assert_eq, proptest};

use super::*;
use crate::learning::fixtures::{Incident, apply, history};

/// A ledger with a history, and its newest event.
fn taught() -> (Ledger, RecordedFeedback) {
    let mut ledger = Ledger::with(few());
    for namespace in ["payments", "shop"] {
        history(&mut ledger, &Incident::of(namespace), 6);
    }
    let newest = correct(&mut ledger, 3);
    (ledger, newest)
}

/// Constants under which old labels are soon learnt anew.
fn few() -> Hyper {
    Hyper {
        retractable: 5,
        ..Hyper::default()
    }
}

fn correct(ledger: &mut Ledger, number: u64) -> RecordedFeedback {
    let correction = Correction {
        feedback_id: FeedbackId::new(format!("record-{number}")).unwrap(),
        position: 0,
        prefer: Strategy::FixImage,
        rater: "bob".to_owned(),
    };
    apply(ledger, 30, FeedbackEvent::Corrected(correction))
}

fn retract(ledger: &mut Ledger, number: u64) -> RecordedFeedback {
    let event = FeedbackEvent::Retracted {
        feedback_id: FeedbackId::new(format!("record-{number}")).unwrap(),
        signal: None,
    };
    apply(ledger, 31, event)
}

fn returned(ledger: &Ledger, newest: &RecordedFeedback) -> Ledger {
    let bytes = snapshot(ledger, newest).unwrap();
    Snapshot::read(&bytes)
        .unwrap()
        .open(&few(), Some(newest))
        .unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 25, ..ProptestConfig::default() })]

    #[test]
    fn a_snapshot_continues_as_the_ledger_does(steps in prop::collection::vec((0_u8..4, 0_u64..8), 1..12)) {
        let (mut ledger, newest) = taught();
        let mut other = returned(&ledger, &newest);
        prop_assert_eq!(&other, &ledger);
        for (kind, number) in steps {
            let newest = [&mut ledger, &mut other].map(|it| match kind {
                0 => retract(it, number),
                1 => correct(it, number),
                _ => {
                    history(it, &Incident::of("payments"), 1);
                    correct(it, number)
                }
            });
            prop_assert_eq!(&other, &ledger);
            prop_assert_eq!(other.ranker().state_hash(), ledger.ranker().state_hash());
            other = returned(&other, &newest[0]);
        }
    }
}

#[test]
fn what_is_damaged_or_of_another_ledger_is_refused() {
    let (mut ledger, newest) = taught();
    let bytes = snapshot(&ledger, &newest).unwrap();
    let open = |bytes: &[u8], hyper: &Hyper, newest: Option<&RecordedFeedback>| {
        Snapshot::read(bytes)
            .and_then(|it| it.open(hyper, newest))
            .err()
            .map(|it| it.to_string())
    };
    assert_eq!(open(&bytes, &few(), Some(&newest)), None);
    assert_eq!(
        open(&bytes, &Hyper::default(), Some(&newest)).as_deref(),
        Some("the snapshot was written with other settings of learning")
    );
    for other in [None, Some(&retract(&mut ledger, 2))] {
        assert_eq!(
            open(&bytes, &few(), other).as_deref(),
            Some("the snapshot is of another journal")
        );
    }
    assert!(matches!(
        snapshot(&ledger, &newest),
        Err(SnapshotError::OtherJournal)
    ));
    let cut = open(&bytes[..bytes.len() - 1], &few(), Some(&newest)).unwrap();
    assert_eq!(cut, "the snapshot is damaged: its digest is another one");
    let text = String::from_utf8(bytes).unwrap();
    let other = text.replacen(SOURCES, "0000000000000000", 1);
    assert_eq!(
        open(other.as_bytes(), &few(), Some(&newest)).as_deref(),
        Some("the snapshot was written by another version of the program")
    );
    for nothing in ["", "{}", "{}\n", "\n\n"] {
        let told = open(nothing.as_bytes(), &few(), Some(&newest)).unwrap();
        assert!(told.starts_with("the snapshot is damaged: "), "{told}");
    }
}
