//! The breaker's states, step by step.

use super::*;

const GO: Admission = Admission::Go { probe: false };
const PROBE: Admission = Admission::Go { probe: true };

fn overloaded(after: Option<u64>) -> ChatError {
    ChatError::Overloaded {
        after: after.map(Duration::from_secs),
        reason: "503".into(),
    }
}

/// A breaker that has seen so many failures that pass, at the time given.
fn after_failures(count: u32, now: Instant) -> Breaker {
    let mut breaker = Breaker::default();
    (0..count).for_each(|_| breaker.learn(Some(&overloaded(None)), false, now));
    breaker
}

fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

#[test]
fn five_failures_in_a_row_open_it_and_an_answer_between_them_does_not() {
    let now = Instant::now();
    let mut breaker = after_failures(4, now);
    assert_eq!(breaker.state(now), BreakerState::Closed);
    breaker.learn(None, false, now);
    (0..4).for_each(|_| breaker.learn(Some(&overloaded(None)), false, now));
    assert_eq!(breaker.admit(now), GO);
    breaker.learn(Some(&overloaded(None)), false, now);
    assert_eq!(breaker.state(now), BreakerState::Open);
    assert_eq!(breaker.admit(now), Admission::Rest);
    assert_eq!(breaker.rests_for(now), Some(seconds(30)));
}

#[test]
fn after_the_rest_one_probe_passes_and_its_answer_closes_it() {
    let now = Instant::now();
    let mut breaker = after_failures(5, now);
    let later = now + seconds(30);
    assert_eq!(breaker.admit(later - Duration::from_millis(1)), Admission::Rest);
    assert_eq!(breaker.state(later), BreakerState::HalfOpen);
    assert_eq!(
        [breaker.admit(later), breaker.admit(later)],
        [PROBE, Admission::Rest]
    );
    breaker.learn(None, true, later);
    assert_eq!([breaker.admit(later), breaker.admit(later)], [GO, GO]);
    assert_eq!(breaker.state(later), BreakerState::Closed);
}

#[test]
fn a_probe_that_fails_doubles_the_rest_up_to_ten_minutes() {
    let mut now = Instant::now();
    let mut breaker = after_failures(5, now);
    let mut rests = Vec::new();
    for _ in 0..7 {
        let rest = breaker.rests_for(now).unwrap();
        rests.push(rest.as_secs());
        now += rest;
        assert_eq!(breaker.admit(now), PROBE);
        breaker.learn(Some(&overloaded(None)), true, now);
    }
    assert_eq!(rests, [30, 60, 120, 240, 480, 600, 600]);
}

#[test]
fn a_probe_that_is_given_up_lets_the_next_one_look() {
    let now = Instant::now();
    let mut breaker = after_failures(5, now);
    let later = now + seconds(30);
    assert_eq!(breaker.admit(later), PROBE);
    breaker.give_back();
    assert_eq!(breaker.admit(later), PROBE);
}

#[test]
fn what_cannot_pass_opens_it_at_once_and_for_longer() {
    let reason = || "no".to_owned();
    let table = [
        (ChatError::Auth { reason: reason() }, 600),
        (ChatError::QuotaExhausted { reason: reason() }, 900),
        (ChatError::ModelGone { reason: reason() }, 3600),
    ];
    for (error, rest) in table {
        let now = Instant::now();
        let mut breaker = Breaker::default();
        breaker.learn(Some(&error), false, now);
        assert_eq!(breaker.rests_for(now), Some(seconds(rest)), "{error:?}");
    }
}

#[test]
fn a_refused_request_is_the_requests_fault_and_never_opens_it() {
    let reason = || "no".to_owned();
    let alive = [
        ChatError::BadRequest { reason: reason() },
        ChatError::Blocked { reason: reason() },
        ChatError::Truncated { by: CutBy::Tokens },
    ];
    let now = Instant::now();
    for error in alive {
        let mut breaker = after_failures(4, now);
        (0..20).for_each(|_| breaker.learn(Some(&error), false, now));
        assert_eq!(
            (breaker.state(now), breaker.failures),
            (BreakerState::Closed, 0),
            "{error:?}"
        );
    }
}

#[test]
fn a_provider_that_asks_to_be_left_alone_is_left_alone_by_everybody() {
    let now = Instant::now();
    let mut breaker = Breaker::default();
    breaker.learn(Some(&overloaded(Some(7))), false, now);
    breaker.learn(Some(&overloaded(Some(3))), false, now);
    assert_eq!(breaker.admit(now), Admission::Hold(now + seconds(7)));
    assert_eq!(breaker.admit(now + seconds(7)), GO);
    let mut breaker = after_failures(4, now);
    breaker.learn(Some(&overloaded(Some(50))), false, now);
    assert_eq!(breaker.rests_for(now), Some(seconds(50)));
}

#[test]
fn results_of_requests_from_before_the_rest_do_not_end_it() {
    let now = Instant::now();
    let mut breaker = after_failures(5, now);
    breaker.learn(None, false, now);
    breaker.learn(Some(&overloaded(None)), false, now + seconds(1));
    assert_eq!(breaker.rests_for(now + seconds(1)), Some(seconds(29)));
}
