//! Cases in a snapshot.

use kubemedic_model::{
    feedback::{FeedbackEvent, Rating},
    learning::{RejectReason, Signal, Tier},
    outcome::Outcome,
    plan::Strategy,
};

use super::{
    super::Cases,
    world::{Told, apply, at, id, ledger, symptoms},
};

/// Incidents of many kinds in many places, more of one template than its list holds.
fn mixed(number: usize) -> Told {
    let arm = Strategy::ALL[number % 5];
    let told = if number.is_multiple_of(3) {
        Told::bad(arm)
    } else {
        Told::good(arm)
    };
    let rare = format!("handler{} of <*> gave up", ["a", "b", "c", "d"][number % 4]);
    let mut told = Told {
        symptoms: symptoms(&["java heap space in <*>", &rare]),
        reason: (number.is_multiple_of(6)).then(|| RejectReason::ALL[number % 6]),
        outcome: (number.is_multiple_of(2)).then_some([Outcome::Improved, Outcome::Worsened][number / 2 % 2]),
        day: i64::try_from(number % 97).unwrap(),
        ..told
    };
    told.context.team = format!("team{}", number % 80);
    told.context.cluster = format!("cluster{}", number % 3);
    told.context.tier = [Tier::Prod, Tier::Dev][number % 2];
    told.of_signature(&format!("s{}", number % 7))
}

#[test]
fn cases_return_from_json_as_they_were_after_any_history() {
    let told: Vec<Told> = (0..700).map(mixed).collect();
    let mut ledger = ledger(&told);
    for number in (0..700).step_by(11) {
        apply(
            &mut ledger,
            100,
            FeedbackEvent::Approval(mixed(number + 1).report(number)),
        );
        apply(
            &mut ledger,
            100,
            FeedbackEvent::Rated(Rating {
                feedback_id: id(number + 3),
                rater: "bob".to_owned(),
                rating: Some(2),
                was_helpful: None,
                comments: Some("no".to_owned()),
                improvements: None,
            }),
        );
        apply(
            &mut ledger,
            100,
            FeedbackEvent::Retracted {
                feedback_id: id(number + 5),
                signal: (number.is_multiple_of(2)).then_some(Signal::Approval),
            },
        );
    }
    let cases = ledger.cases();
    assert_eq!(cases.index.lengths().1, 256);
    let text = serde_json::to_string(cases).unwrap();
    let returned: Cases = serde_json::from_str(&text).unwrap();
    assert_eq!(returned, *cases);
    assert_eq!(serde_json::to_string(&returned).unwrap(), text);
    let decision = mixed(1).decision();
    assert_eq!(
        returned.select(&decision, true, at(100)),
        cases.select(&decision, true, at(100))
    );
}
