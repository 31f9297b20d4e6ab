//! Budgets refuse in whole sentences, reserve, settle and begin anew at midnight.

use std::sync::Arc;

use kubemedic_model::usage::ModelUsage;
use kubemedic_testkit::manual_clock::{ManualClock, START};

use super::*;

fn spending(tokens: u64, micro_dollars: u64) -> ModelSpending {
    ModelSpending {
        calls: 1,
        usage: ModelUsage {
            input_tokens: tokens,
            ..ModelUsage::default()
        },
        micro_dollars,
    }
}

fn meter(spent: ModelSpending) -> Meter {
    Meter::new(spent, Arc::new(ManualClock::default()))
}

fn estimate(tokens: u64, micro_dollars: u64) -> Estimate {
    Estimate {
        tokens,
        micro_dollars,
    }
}

#[test]
fn each_budget_refuses_in_a_sentence_that_names_its_setting_and_when_it_begins_anew() {
    let none = Budget::default();
    let table = [
        (
            Budget {
                workflow_tokens: Some(1000),
                ..none
            },
            "the budget of this workflow for language models does not suffice: 950 tokens of 1000 tokens are used and the next question takes about 51 tokens; MODEL_WORKFLOW_TOKENS sets it, the next workflow has its own",
        ),
        (
            Budget {
                day_tokens: Some(1000),
                ..none
            },
            "the budget of today (UTC) for language models does not suffice: 950 tokens of 1000 tokens are used and the next question takes about 51 tokens; MODEL_DAY_TOKENS sets it, it starts anew at 2026-01-03T00:00:00Z",
        ),
        (
            Budget {
                workflow_micro_dollars: Some(2_000_000),
                ..none
            },
            "the budget of this workflow for language models does not suffice: $1.999500 of $2.000000 are used and the next question takes about $0.000600; MODEL_WORKFLOW_COST_USD sets it, the next workflow has its own",
        ),
        (
            Budget {
                day_micro_dollars: Some(2_000_000),
                ..none
            },
            "the budget of today (UTC) for language models does not suffice: $1.999500 of $2.000000 are used and the next question takes about $0.000600; MODEL_DAY_COST_USD sets it, it starts anew at 2026-01-03T00:00:00Z",
        ),
    ];
    for (budget, sentence) in table {
        let spent = spending(950, 1_999_500);
        let day = DayBook::new(START);
        day.add(START, spent);
        let meter = meter(spent);
        let refused = Reservation::take(&budget, &day, (&meter, START), estimate(51, 600)).unwrap_err();
        assert_eq!(refused.to_string(), sentence);
        let fits = Reservation::take(&budget, &day, (&meter, START), estimate(50, 500));
        assert!(fits.is_ok(), "{budget:?}");
    }
}

#[test]
fn what_is_under_way_counts_until_it_is_settled() {
    let budget = Budget {
        day_tokens: Some(100),
        ..Budget::default()
    };
    let day = DayBook::new(START);
    let (one, two) = (meter(ModelSpending::default()), meter(ModelSpending::default()));
    let first = Reservation::take(&budget, &day, (&one, START), estimate(60, 0)).unwrap();
    let refused = Reservation::take(&budget, &day, (&two, START), estimate(60, 0)).unwrap_err();
    assert_eq!((refused.spent, refused.needed), (60, 60));
    first.settle(START, spending(30, 5));
    assert_eq!(
        (day.spent(START), one.spent()),
        (spending(30, 5), spending(30, 5))
    );
    let second = Reservation::take(&budget, &day, (&two, START), estimate(60, 0)).unwrap();
    drop(second);
    assert_eq!(two.spent(), spending(60, 0));
    assert_eq!(day.spent(START), spending(30, 5).plus(spending(60, 0)));
}

#[test]
fn a_day_begins_anew_at_midnight_and_a_clock_that_goes_back_does_not_undo_it() {
    let clock = ManualClock::default();
    let budget = Budget {
        day_tokens: Some(100),
        ..Budget::default()
    };
    let day = DayBook::new(START);
    let meter = meter(ModelSpending::default());
    let now = || kubemedic_ports::clock::Clock::now(&clock);
    let take = || Reservation::take(&budget, &day, (&meter, now()), estimate(80, 0));
    take().unwrap().settle(now(), spending(80, 1));
    let to_midnight = 86_400 - (3 * 3600 + 4 * 60 + 5);
    clock.advance_seconds(to_midnight - 1);
    assert!(take().is_err());
    clock.advance_seconds(1);
    take().unwrap().settle(now(), spending(70, 1));
    assert_eq!(day.spent(now()), spending(70, 1));
    clock.advance_seconds(-10);
    assert_eq!(day.spent(now()), spending(70, 1));
}

#[test]
fn a_request_over_midnight_counts_for_the_day_on_which_it_ends() {
    let clock = ManualClock::default();
    let day = DayBook::new(START);
    let meter = meter(ModelSpending::default());
    let tomorrow = Timestamp::constant(START.as_second() + 86_400, 0);
    let reserved = Reservation::take(
        &Budget::default(),
        &day,
        (&meter, clock_now(&clock)),
        estimate(80, 0),
    )
    .unwrap();
    reserved.settle(tomorrow, spending(90, 2));
    assert_eq!(day.spent(tomorrow), spending(90, 2));
    assert_eq!(lock(&day.state).1.reserved, Estimate::default());
}

fn clock_now(clock: &ManualClock) -> Timestamp {
    kubemedic_ports::clock::Clock::now(clock)
}

#[test]
fn what_is_free_fits_into_a_money_budget_that_is_just_used_up() {
    let budget = Budget {
        workflow_micro_dollars: Some(10),
        ..Budget::default()
    };
    let day = DayBook::new(START);
    let meter = meter(spending(1, 10));
    assert!(Reservation::take(&budget, &day, (&meter, START), estimate(5, 1)).is_err());
    assert!(Reservation::take(&budget, &day, (&meter, START), estimate(5, 0)).is_ok());
}
