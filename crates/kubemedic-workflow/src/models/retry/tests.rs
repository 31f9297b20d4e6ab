//! The rules of trying again, row by row.

use kubemedic_testkit::scripted_model::request;

use super::*;

fn reason() -> String {
    "because".to_owned()
}

fn first(error: &ChatError) -> Next {
    let tried = Tried {
        tries: 1,
        longer: false,
    };
    next(error, tried, (&request("q"), "seed"), 2)
}

#[test]
fn every_failure_has_its_rule() {
    let after = Some(Duration::from_secs(37));
    let wait = Next::Again(backoff(1, "seed"));
    let told = Next::Again(Duration::from_secs(37));
    let table = [
        (
            ChatError::RateLimited {
                after,
                reason: reason(),
            },
            told,
        ),
        (
            ChatError::RateLimited {
                after: None,
                reason: reason(),
            },
            wait,
        ),
        (
            ChatError::RateLimited {
                after: Some(Duration::ZERO),
                reason: reason(),
            },
            wait,
        ),
        (
            ChatError::Overloaded {
                after,
                reason: reason(),
            },
            told,
        ),
        (
            ChatError::Overloaded {
                after: None,
                reason: reason(),
            },
            wait,
        ),
        (
            ChatError::Timeout {
                waited: Duration::from_secs(9),
            },
            wait,
        ),
        (ChatError::Transport { reason: reason() }, wait),
        (ChatError::Malformed { reason: reason() }, wait),
        (
            ChatError::Truncated {
                by: CutBy::Connection,
            },
            wait,
        ),
        (ChatError::Truncated { by: CutBy::Tokens }, Next::Longer),
        (ChatError::Blocked { reason: reason() }, Next::GiveUp),
        (ChatError::Auth { reason: reason() }, Next::GiveUp),
        (ChatError::BadRequest { reason: reason() }, Next::GiveUp),
        (ChatError::ModelGone { reason: reason() }, Next::GiveUp),
        (ChatError::QuotaExhausted { reason: reason() }, Next::GiveUp),
    ];
    for (error, expected) in table {
        assert_eq!(first(&error), expected, "{error:?}");
    }
}

#[test]
fn nothing_is_tried_more_often_than_the_setting_says() {
    let error = ChatError::Overloaded {
        after: None,
        reason: reason(),
    };
    let again = |tries| {
        let tried = Tried { tries, longer: false };
        next(&error, tried, (&request("q"), "seed"), 2) != Next::GiveUp
    };
    assert_eq!([1, 2, 3, 4].map(again), [true, true, false, false]);
}

#[test]
fn a_longer_answer_is_asked_for_once_with_less_thinking_and_within_what_models_give() {
    let cut = ChatError::Truncated { by: CutBy::Tokens };
    let tried = |longer| Tried { tries: 1, longer };
    let sized = |max_tokens, effort| ChatRequest {
        max_tokens,
        effort,
        ..request("q")
    };
    let once = longer(&sized(8192, Effort::Default));
    assert_eq!(once, sized(16_384, Effort::Low));
    assert_eq!(next(&cut, tried(true), (&once, "s"), 2), Next::GiveUp);
    assert_eq!(
        longer(&sized(40_000, Effort::Default)),
        sized(65_536, Effort::Low)
    );
    let less_thinking = sized(65_536, Effort::Default);
    assert_eq!(next(&cut, tried(false), (&less_thinking, "s"), 2), Next::Longer);
    assert_eq!(longer(&less_thinking), sized(65_536, Effort::Low));
    let nothing_left = sized(65_536, Effort::Low);
    assert_eq!(next(&cut, tried(false), (&nothing_left, "s"), 2), Next::GiveUp);
}

#[test]
fn waits_are_spread_over_a_doubling_span_above_the_shortest() {
    let ceilings = [1000, 2000, 4000, 8000, 16_000, 20_000, 20_000];
    for (tries, ceiling) in (1..).zip(ceilings) {
        let waits: Vec<u128> = (0..500)
            .map(|n| backoff(tries, &format!("seed {n}")).as_millis())
            .collect();
        assert!(waits.iter().all(|it| (200..=ceiling).contains(it)), "{tries}");
        let mean = waits.iter().sum::<u128>() / 500;
        let middle = u128::midpoint(200, ceiling);
        assert!(mean.abs_diff(middle) < middle / 5, "{tries}: {mean} for {middle}");
    }
    assert_eq!(backoff(3, "a"), backoff(3, "a"));
    assert_eq!(backoff(u32::MAX, "a"), backoff(u32::MAX, "a"));
}

#[test]
fn retries_of_the_process_are_a_burst_and_a_fifth_of_the_questions() {
    let bucket = RetryBucket::default();
    let burst = (0..100).filter(|_| bucket.take()).count();
    assert_eq!(burst, 20);
    let retries = (0..100)
        .filter(|_| {
            bucket.question();
            bucket.take()
        })
        .count();
    assert_eq!(retries, 20);
    (0..10_000).for_each(|_| bucket.question());
    assert_eq!((0..100).filter(|_| bucket.take()).count(), 20);
}
