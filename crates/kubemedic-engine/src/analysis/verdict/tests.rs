//! Tests of the verdict where no cause is ranked.

use kubemedic_model::{diagnosis::Verdict, snapshot::ClusterSnapshot};

use super::{Signs, judge, missing};
use crate::analysis::{ranking::Ranking, view::View};

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
    let snapshot = ClusterSnapshot::default();
    let view = View::new(&snapshot);
    let asked = missing(&view, Verdict::InsufficientEvidence, &Ranking::default());
    assert_eq!(asked.len(), 1);
    assert!(missing(&view, Verdict::Healthy, &Ranking::default()).is_empty());
}
