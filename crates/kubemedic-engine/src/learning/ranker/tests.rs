//! What the ranker promises: the knowledge base before it learnt, two heads, exact retraction, trust, caps, drift, and the
//! same state for the same labels.

use std::collections::BTreeMap;

use super::*;

fn context(team: &str) -> Context {
    Context {
        class: "oom-killed".into(),
        signature: "s1".into(),
        kind: "Deployment".into(),
        tier: Tier::Prod,
        team: team.into(),
        cluster: "c1".into(),
        ..Context::default()
    }
}

fn candidate(arm: Strategy, kb_approve: f64, kb_resolve: f64) -> Candidate {
    Candidate {
        arm,
        risk: if arm == Strategy::Rollback { 0.45 } else { 0.3 },
        disruptive: true,
        kb_approve,
        kb_resolve,
    }
}

fn pair() -> [Candidate; 2] {
    [
        candidate(Strategy::Restart, 0.7, 0.5),
        candidate(Strategy::Rollback, 0.6, 0.5),
    ]
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + second).unwrap()
}

fn approval(y: f64, rater: Option<&str>, second: i64) -> Label {
    Label {
        head: Head::Approve,
        y,
        weight: 1.0,
        at: at(second),
        signal: Signal::Approval,
        rater: rater.map(str::to_owned),
    }
}

fn outcome(y: f64, second: i64) -> Label {
    Label {
        head: Head::Resolve,
        weight: 1.5,
        signal: Signal::Outcome,
        ..approval(y, None, second)
    }
}

#[test]
fn before_it_learns_it_believes_the_knowledge_base() {
    let ranker = Ranker::default();
    for (approve, resolve) in [(0.9, 0.05), (0.5, 0.5), (0.2, 0.8)] {
        let prediction = ranker.predict(&context("a"), &candidate(Strategy::Restart, approve, resolve));
        // A tenth of the way to a half: the opinion is believed by 0.9.
        assert!(
            (prediction.p_resolve - resolve).abs() < 0.05,
            "{resolve} {prediction:?}"
        );
        assert_eq!((prediction.n_approve, prediction.n_outcome), (0, 0));
    }
}

#[test]
fn handing_over_is_never_learnt_to_resolve() {
    let mut ranker = Ranker::default();
    let escalate = candidate(Strategy::Escalate, 0.9, 0.05);
    let update = ranker.learn(&context("a"), &escalate, &outcome(1.0, 0));
    assert_eq!(update.site, None);
    assert!((ranker.predict(&context("a"), &escalate).p_resolve - 0.05).abs() < 1e-12);
}

#[test]
fn a_teams_rejections_change_its_own_order_and_hardly_that_of_others() {
    let mut ranker = Ranker::default();
    for second in 0..20 {
        ranker.learn(
            &context("payments"),
            &pair()[0],
            &approval(0.0, Some("ann"), second * 90_000),
        );
        ranker.learn(
            &context("shop"),
            &pair()[0],
            &approval(1.0, Some("bob"), second * 90_000),
        );
    }
    let first = |team: &str| ranker.choose(&context(team), &pair(), "d", 0)[0].arm;
    assert_eq!(
        (first("payments"), first("shop")),
        (Strategy::Rollback, Strategy::Restart)
    );
    let top = &ranker.explain(&context("payments"), &pair()[0])[0];
    assert_eq!(top.feature, "team payments x restart");
    assert!(top.learnt < -0.5 && top.n == 20, "{top:?}");
}

#[test]
fn a_label_that_is_taken_back_leaves_the_prior_to_the_last_bit() {
    let mut ranker = Ranker::default();
    let untouched = ranker.state_hash();
    let update = ranker.learn(&context("a"), &pair()[0], &outcome(0.0, 0));
    assert_ne!(ranker.state_hash(), untouched);
    assert!(ranker.retract(update.site.unwrap()));
    // The watch has seen a surprise; the weights have not.
    assert_eq!(ranker.learnt_features(), 0);
    assert!(!ranker.retract(update.site.unwrap()));
}

#[test]
fn taking_back_the_newest_label_gives_the_predictions_before_it() {
    let mut ranker = Ranker::default();
    for second in 0..9 {
        ranker.learn(
            &context("a"),
            &pair()[0],
            &outcome(f64::from(u8::from(second % 3 == 0)), second * 86_400),
        );
    }
    let before = ranker.predict(&context("a"), &pair()[0]);
    let update = ranker.learn(&context("a"), &pair()[0], &outcome(1.0, 8 * 86_400));
    assert!(ranker.predict(&context("a"), &pair()[0]).score > before.score);
    ranker.retract(update.site.unwrap());
    let after = ranker.predict(&context("a"), &pair()[0]);
    assert!((after.score - before.score).abs() < 1e-12);
    assert!((after.sd - before.sd).abs() < 1e-12);
}

#[test]
fn production_explores_nothing_and_elsewhere_propensities_sum_to_one() {
    let ranker = Ranker::default();
    let prod = ranker.choose(&context("a"), &pair(), "d", 0);
    assert_eq!(
        prod.iter().map(|it| it.propensity).collect::<Vec<_>>(),
        [1.0, 0.0]
    );
    let dev = Context {
        tier: Tier::Dev,
        ..context("a")
    };
    let mut firsts = BTreeMap::new();
    for offset in 0..400 {
        let ranked = ranker.choose(&dev, &pair(), "d", offset);
        let sum: f64 = ranked.iter().map(|it| it.propensity).sum();
        assert!((sum - 1.0).abs() < 1e-12 && ranked.iter().all(|it| it.propensity > 0.0));
        *firsts.entry(ranked[0].arm).or_insert(0.0) += 1.0 / 400.0;
        let expected = ranked
            .iter()
            .find(|it| it.arm == Strategy::Restart)
            .unwrap()
            .propensity;
        assert_eq!(ranked, ranker.choose(&dev, &pair(), "d", offset));
        if offset == 399 {
            let share: f64 = firsts[&Strategy::Restart];
            assert!((share - expected).abs() < 0.07, "{share} {expected}");
        }
    }
}

#[test]
fn what_was_learnt_fades_with_event_time() {
    let learnt = |gap: i64| {
        let mut ranker = Ranker::default();
        ranker.learn(&context("a"), &pair()[0], &outcome(0.0, 0));
        let other = Context {
            class: "other".into(),
            signature: "other".into(),
            ..context("a")
        };
        // The arm's weight is touched again, much later; the class' weight is not.
        ranker.learn(
            &other,
            &pair()[0],
            &Label {
                weight: 1e-9,
                ..outcome(0.0, gap)
            },
        );
        ranker.explain(&context("a"), &pair()[0])
    };
    let of = |found: &[Contribution], name: &str| {
        found
            .iter()
            .find(|it| it.head == Head::Resolve && it.feature == name)
            .unwrap()
            .learnt
    };
    let (soon, late) = (learnt(1), learnt(120 * 86_400));
    let ratio = of(&late, "restart") / of(&soon, "restart");
    assert!((ratio - 0.5).abs() < 0.03, "{ratio}");
    let class = "class oom-killed x restart";
    assert!((of(&late, class) - of(&soon, class)).abs() < 1e-9);
}

#[test]
fn who_always_contradicts_loses_trust_and_then_counts_nothing() {
    let mut ranker = Ranker::default();
    let mut last = 1.0;
    for round in 0..200 {
        let (arm, honest) = if round % 2 == 0 {
            (pair()[0], 1.0)
        } else {
            (pair()[1], 0.0)
        };
        for rater in ["ann", "bob", "cleo"] {
            ranker.learn(
                &context("a"),
                &arm,
                &approval(honest, Some(rater), round * 90_000),
            );
        }
        let lie = ranker.learn(
            &context("a"),
            &arm,
            &approval(1.0 - honest, Some("mallory"), round * 90_000),
        );
        last = lie.weight;
    }
    assert!(last < 1e-9, "{last}");
    let weights: BTreeMap<&str, f64> = ranker.raters().map(|(rater, it)| (rater, it.weight())).collect();
    assert!(weights["ann"] > 0.9 && weights["mallory"] < 0.05, "{weights:?}");
}

#[test]
fn a_rater_counts_for_at_most_the_cap_a_day_on_one_class_and_repair() {
    let mut ranker = Ranker::new(Hyper {
        trust: false,
        ..Hyper::default()
    });
    let mut total = |rater: Option<&str>, from: i64| -> f64 {
        (0..100)
            .map(|it| {
                ranker
                    .learn(&context("a"), &pair()[0], &approval(0.0, rater, from + it))
                    .weight
            })
            .sum()
    };
    assert!((total(Some("anonymous"), 0) - 5.0).abs() < 1e-9);
    assert!((total(Some("anonymous"), 86_400) - 5.0).abs() < 1e-9);
    for rater in [Some("ann"), None] {
        let named = total(rater, 0);
        assert!((5.0..25.0).contains(&named), "{rater:?} {named}");
    }
}

#[test]
fn a_team_that_changes_its_mind_raises_an_alarm_and_is_learnt_anew_faster() {
    let learn = |detect_drift: bool| {
        let mut ranker = Ranker::new(Hyper {
            detect_drift,
            trust: false,
            ..Hyper::default()
        });
        for round in 0..420 {
            // Three of four are approved for long, then none: a habit that is known well, and its end.
            let y = f64::from(u8::from(round < 400 && round % 4 != 0));
            ranker.learn(&context("a"), &pair()[0], &approval(y, None, round * 3_600));
        }
        ranker
    };
    let (with, without) = (learn(true), learn(false));
    let alarms: Vec<&Scope> = with.alarms().map(|it| &it.scope).collect();
    assert_eq!(alarms.first(), Some(&&Scope::Team("a".into())));
    let p = |ranker: &Ranker| ranker.predict(&context("a"), &pair()[0]).p_approve;
    assert!(p(&with) < p(&without), "{} {}", p(&with), p(&without));
}

#[test]
fn the_same_labels_give_the_same_hash_and_names_do_not_depend_on_their_order() {
    let fold = |order: &[(&str, i64)]| {
        let mut ranker = Ranker::default();
        for (team, second) in order {
            ranker.learn(&context(team), &pair()[0], &approval(1.0, Some("ann"), *second));
        }
        ranker.state_hash()
    };
    assert_eq!(fold(&[("a", 0), ("b", 1)]), fold(&[("a", 0), ("b", 1)]));
    assert_ne!(fold(&[("a", 0), ("b", 1)]), fold(&[("b", 0), ("a", 1)]));
    // The digest of weights is by name: numbers that were given in another order are no difference.
    let mut one = Ranker::default();
    let mut other = Ranker::default();
    let names = |ranker: &mut Ranker, first: &str, second: &str| {
        ranker.names.intern(first);
        ranker.names.intern(second);
        ranker.learn(&context("a"), &pair()[0], &approval(1.0, Some("ann"), 0));
    };
    names(&mut one, "x", "y");
    names(&mut other, "y", "x");
    assert_eq!(one.state_hash(), other.state_hash());
}

#[test]
fn labels_that_no_person_could_give_change_nothing_that_is_not_finite() {
    let mut ranker = Ranker::default();
    for (y, weight) in [
        (f64::NAN, 1.0),
        (f64::INFINITY, 1.0),
        (1.0, f64::NAN),
        (1.0, f64::INFINITY),
        (0.5, -1.0),
    ] {
        let label = Label {
            weight,
            ..outcome(y, 0)
        };
        ranker.learn(&context("a"), &pair()[0], &label);
        let prediction = ranker.predict(&context("a"), &pair()[0]);
        assert!(
            prediction.score.is_finite() && prediction.sd.is_finite(),
            "{y} {weight} {prediction:?}"
        );
    }
}
