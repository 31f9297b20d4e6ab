//! Which cases are shown: the rules of LEARNING.md section 2, one by one.

use kubemedic_model::{
    feedback::{FeedbackEvent, Rating},
    learning::{Context, Signal, Tier},
    plan::Strategy,
};

use super::{
    super::Selection,
    world::{Told, apply, at, context, id, ledger, symptoms},
};
use crate::learning::Ledger;

fn asked(ledger: &Ledger, told: &Told) -> Selection {
    ledger.cases().select(&told.decision(), true, at(0))
}

fn good(selection: &Selection) -> Vec<Strategy> {
    selection.good.iter().map(|it| it.arm).collect()
}

fn bad(selection: &Selection) -> Vec<Strategy> {
    selection.bad.iter().map(|it| it.arm).collect()
}

#[test]
fn at_most_three_good_and_two_bad_cases_are_shown() {
    let told: Vec<Told> = Strategy::ALL[..10]
        .iter()
        .enumerate()
        .map(|(place, arm)| {
            if place % 2 == 0 {
                Told::good(*arm)
            } else {
                Told::bad(*arm)
            }
        })
        .collect();
    let shown = asked(&ledger(&told), &Told::good(Strategy::FixRbac));
    assert_eq!((shown.good.len(), shown.bad.len()), (3, 2));
}

#[test]
fn a_repair_is_shown_as_good_once_for_each_signature() {
    let elsewhere = |team: &str| {
        let mut told = Told::good(Strategy::Rollback);
        team.clone_into(&mut told.context.team);
        told
    };
    let told = [
        elsewhere("a"),
        elsewhere("b"),
        elsewhere("c").of_signature("other"),
    ];
    let shown = asked(&ledger(&told), &elsewhere("a"));
    let teams: Vec<&str> = shown.good.iter().map(|it| it.team.as_str()).collect();
    assert_eq!(teams, ["a", "c"]);
}

#[test]
fn what_is_shown_next_differs_from_what_is_shown_already() {
    let unlike = Told {
        symptoms: symptoms(&["java heap space in <*>", "liveness probe of <*> failed"]),
        ..Told::good(Strategy::PatchCpu)
    };
    let told = [
        Told::good(Strategy::PatchMemory),
        Told::good(Strategy::Restart),
        Told::good(Strategy::ScaleOut),
        unlike.of_signature("unlike"),
    ];
    let shown = asked(&ledger(&told), &Told::good(Strategy::PatchMemory));
    assert_eq!(
        good(&shown),
        [Strategy::PatchMemory, Strategy::PatchCpu, Strategy::Restart]
    );
}

#[test]
fn the_first_repairs_bad_case_is_shown_however_far_behind_it_is() {
    let mut far = Told::bad(Strategy::Restart);
    far.day = -900;
    far.context.cluster = "west".to_owned();
    far.context.tier = Tier::Dev;
    let mut told = vec![far];
    for number in 0..60 {
        told.push(Told::bad(Strategy::Rollback).of_signature(&format!("s{number}")));
    }
    let shown = asked(&ledger(&told), &Told::good(Strategy::Restart));
    assert_eq!(bad(&shown), [Strategy::Restart, Strategy::Rollback]);
}

#[test]
fn nearer_cases_count_more() {
    let place = |cluster: &str, team: &str, tier| {
        let mut told = Told::good(Strategy::Rollback);
        told.context = Context {
            cluster: cluster.to_owned(),
            team: team.to_owned(),
            tier,
            ..context()
        };
        let ledger = ledger(&[told]);
        let case = &ledger.cases().all[0];
        let names = &ledger.cases().names;
        let here = super::super::select::Place {
            class: None,
            cluster: names.find("east"),
            team: names.find("payments"),
        };
        super::super::select::nearness(case, &Told::good(Strategy::Rollback).decision(), &here)
    };
    let found = [
        place("east", "payments", Tier::Dev),
        place("east", "web", Tier::Prod),
        place("west", "payments", Tier::Prod),
        place("west", "web", Tier::Dev),
    ];
    assert_eq!(format!("{found:?}"), "[1.0, 0.85, 0.7, 0.5]");
}

#[test]
fn where_clusters_share_nothing_no_case_of_another_one_is_shown() {
    let mut told = Told::good(Strategy::Rollback);
    told.context.cluster = "west".to_owned();
    let ledger = ledger(&[told]);
    let decision = Told::good(Strategy::Rollback).decision();
    let shown = |shared| ledger.cases().select(&decision, shared, at(0)).good.len();
    assert_eq!((shown(true), shown(false)), (1, 0));
}

#[test]
fn a_case_that_shares_only_words_is_found_by_them() {
    let told = Told {
        symptoms: symptoms(&["JavaHeapSpace exhausted: worker was killed"]),
        ..Told::good(Strategy::PatchMemory)
    };
    let other = Told {
        symptoms: symptoms(&["certificate of <*> has expired"]),
        ..Told::good(Strategy::FixSecret)
    };
    let ledger = ledger(&[told.of_signature("words"), other.of_signature("other")]);
    let query = Told {
        symptoms: symptoms(&["killed worker, exhausted java heap space"]),
        ..Told::good(Strategy::PatchMemory)
    };
    let shown = asked(&ledger, &query.of_signature("new"));
    assert_eq!(good(&shown), [Strategy::PatchMemory]);
    assert!(shown.good[0].likeness > 0.25, "{shown:?}");
}

#[test]
fn a_judgement_that_is_turned_round_turns_its_case_round() {
    let approved = Told {
        outcome: None,
        ..Told::good(Strategy::Rollback)
    };
    let mut ledger = ledger(std::slice::from_ref(&approved));
    assert_eq!(good(&asked(&ledger, &approved)), [Strategy::Rollback]);
    let revised = Told::bad(Strategy::Rollback).report(0);
    apply(&mut ledger, 0, FeedbackEvent::Approval(revised));
    let shown = asked(&ledger, &approved);
    assert_eq!((good(&shown), bad(&shown)), (vec![], vec![Strategy::Rollback]));
    assert_eq!((shown.bad[0].n, shown.bad[0].approved), (1, 0.0));
}

#[test]
fn a_case_of_which_all_was_taken_back_is_no_case_and_in_no_list() {
    let told = Told::good(Strategy::Rollback);
    let mut ledger = ledger(std::slice::from_ref(&told));
    let retract = |signal| FeedbackEvent::Retracted {
        feedback_id: id(0),
        signal,
    };
    apply(&mut ledger, 0, retract(Some(Signal::Approval)));
    let shown = asked(&ledger, &told);
    assert_eq!((shown.good[0].approved, shown.good[0].resolved), (0.0, 1.0));
    apply(&mut ledger, 0, retract(None));
    assert!(ledger.cases().is_empty());
    assert_eq!(asked(&ledger, &told), Selection::default());
    assert_eq!(ledger.cases().tally("team payments", Strategy::Rollback), None);
    assert!(ledger.cases().index.is_empty());
}

#[test]
fn a_rating_alone_makes_a_case() {
    let told = Told {
        outcome: None,
        ..Told::good(Strategy::Rollback)
    };
    let mut ledger = ledger(std::slice::from_ref(&told));
    apply(
        &mut ledger,
        0,
        FeedbackEvent::Retracted {
            feedback_id: id(0),
            signal: Some(Signal::Approval),
        },
    );
    assert!(ledger.cases().is_empty());
    apply(
        &mut ledger,
        0,
        FeedbackEvent::Rated(Rating {
            feedback_id: id(0),
            rater: "bob".to_owned(),
            rating: Some(5),
            was_helpful: Some(true),
            comments: Some("this was right".to_owned()),
            improvements: None,
        }),
    );
    let shown = asked(&ledger, &told);
    assert_eq!(shown.good[0].words.as_deref(), Some("this was right"));
    let tally = &ledger.cases().all[0].tally;
    assert_eq!((tally.n, tally.reward), (1, 1.0));
}

#[test]
fn the_newest_proposal_that_tells_most_stands_for_its_case() {
    let good = Told::good(Strategy::Rollback);
    let rejected = Told {
        day: 2,
        ..Told::bad(Strategy::Rollback)
    };
    let newer = Told {
        day: 1,
        ..good.clone()
    };
    let shown = asked(&ledger(&[good.clone(), newer, rejected]), &good);
    assert_eq!(shown.good[0].feedback_id, "record-1");
}

#[test]
fn no_list_is_longer_than_its_cap_and_the_weightiest_cases_stay() {
    let told: Vec<Told> = (0..300)
        .map(|number| {
            let mut told = Told::good(Strategy::Rollback);
            told.context.team = format!("team{number}");
            told.day = number;
            told
        })
        .collect();
    let ledger = ledger(&told);
    let lists = ledger.cases().index.lengths();
    assert_eq!(lists, (64, 256));
    let newest: Vec<u32> = (44..300).rev().collect();
    assert_eq!(ledger.cases().index.of_template(0), newest);
}
