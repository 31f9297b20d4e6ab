//! How well a case is attested.

use super::*;

fn tally(yes: u32, no: u32) -> Tally {
    let mut tally = Tally::default();
    for number in 0..yes + no {
        tally.add(&share(Some(f64::from(u8::from(number < yes)))));
    }
    tally
}

fn share(resolved: Option<f64>) -> Share {
    Share {
        case: 0,
        at: Timestamp::UNIX_EPOCH,
        approved: Some(resolved.unwrap_or(0.0)),
        resolved,
        reward: Some(1.0),
        reason: None,
        words: None,
        remarks: Vec::new(),
    }
}

#[test]
fn the_lower_bound_is_that_of_the_beta_distribution() {
    // 10 % quantiles: Beta(n + 1, 1) has 0.1^(1 / (n + 1)); the others from tables.
    for (yes, no, exact) in [
        (0.0, 0.0, 0.1),
        (1.0, 0.0, 0.316),
        (3.0, 0.0, 0.562),
        (10.0, 0.0, 0.811),
        (100.0, 0.0, 0.977),
        (1.0, 1.0, 0.196),
    ] {
        let bound = lower_bound(yes, no);
        assert!((bound - exact).abs() < 0.05, "{yes} {no}: {bound}");
    }
}

#[test]
fn more_of_the_same_attests_better_and_what_speaks_against_it_worse() {
    let quality = |yes, no| tally(yes, no).quality().unwrap();
    assert!(quality(8, 0) > quality(2, 0));
    assert!(quality(8, 2) < quality(8, 0));
    assert!(tally(1, 4).is_bad() && quality(1, 12) > quality(1, 4));
}

#[test]
fn a_rejection_without_a_reason_and_without_an_outcome_attests_nothing() {
    let mut tally = Tally::default();
    tally.add(&share(None));
    assert_eq!(tally.quality(), None);
    tally.add(&Share {
        reason: Some(RejectReason::TooRisky),
        ..share(None)
    });
    assert!(tally.quality().is_some());
}

#[test]
fn what_is_taken_back_leaves_nothing_behind_in_any_order() {
    let shares: Vec<Share> = (1..50_u32)
        .map(|number| Share {
            approved: Some(1.0 / f64::from(number)),
            reward: Some(0.1 * f64::from(number % 7)),
            reason: RejectReason::ALL
                .get(usize::try_from(number % 7).unwrap())
                .copied(),
            ..share(Some(0.5))
        })
        .collect();
    let mut forth = Tally::default();
    for it in &shares {
        forth.add(it);
    }
    let mut back = Tally::default();
    for it in shares.iter().rev() {
        back.add(it);
    }
    assert_eq!(forth, back);
    for it in &shares {
        forth.take(it);
    }
    assert_eq!(forth, Tally::default());
}

#[test]
fn age_halves_a_case_each_90_days_down_to_a_fifth() {
    let case = Case {
        key: CaseKey {
            signature: 0,
            arm: Strategy::Restart,
            cluster: 0,
            tier: Tier::Prod,
            team: 0,
        },
        class: 0,
        templates: [NO_TEMPLATE; MAX_TEMPLATES],
        groups: [0; 3],
        tally: Tally::default(),
        last: Timestamp::UNIX_EPOCH,
        quality: None,
        members: Vec::new(),
    };
    let after = |days: i64| case.recency(Timestamp::from_second(86_400 * days).unwrap());
    assert_eq!((after(0), after(90), after(900)), (1.0, 0.5, 0.2));
}
