//! Tests of the verdict where no cause is ranked.

use kubemedic_model::diagnosis::Verdict;

use super::{Signs, judge, missing};
use crate::analysis::ranking::Ranking;

#[test]
fn without_a_cause_errors_weigh_more_than_healing() {
    let cases = [
        (false, false, Verdict::Healthy),
        (false, true, Verdict::Recovered),
        (true, false, Verdict::InsufficientEvidence),
        (true, true, Verdict::InsufficientEvidence),
    ];
    for (unexplained_errors, healed, verdict) in cases {
        assert_eq!(
            judge(
                &Ranking::default(),
                Signs {
                    unexplained_errors,
                    healed
                }
            ),
            verdict
        );
    }
}

#[test]
fn insufficient_evidence_always_asks_for_something() {
    assert_eq!(
        missing(Verdict::InsufficientEvidence, &Ranking::default()).len(),
        1
    );
    assert!(missing(Verdict::Healthy, &Ranking::default()).is_empty());
}
