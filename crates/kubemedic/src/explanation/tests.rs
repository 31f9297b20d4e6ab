//! Tests of the words on a small outage.

use std::sync::Arc;

use kubemedic_model::evidence_object::WorkflowInput;

use super::*;
use crate::examination::examine;

const PODS: &str = "$ kubectl get pods -n shop
NAME                    READY   STATUS             RESTARTS   AGE
cart-7c9d8f6b5d-x2k4q   0/1     CrashLoopBackOff   9          21m
front-5f7d9c8b6c-p9z2m  1/1     Running            0          2d

$ kubectl logs cart-7c9d8f6b5d-x2k4q -n shop --previous
2026-03-01T10:00:01Z ERROR FATAL: password authentication failed for user \"cart\"
2026-03-01T10:00:01Z ERROR cannot start, exiting
";

fn examined(text: &str) -> Examination {
    examine(WorkflowInput::Text(text.to_owned()), &Arc::default())
}

#[test]
fn the_winner_its_score_and_its_confidence_are_told() {
    let examination = examined(PODS);
    let told = reasons(&examination.diagnosis);
    assert!(
        told[0].starts_with("H1 ") && told[0].contains(" won: "),
        "{told:?}"
    );
    assert!(told[1].starts_with("Its score is "), "{told:?}");
    assert!(told.last().unwrap().starts_with("Confidence 0."), "{told:?}");
}

#[test]
fn every_evidence_that_a_hypothesis_cites_is_listed() {
    let examination = examined(PODS);
    let page = for_people(&examination);
    for claim in &examination.diagnosis.explanation.claims {
        assert!(page.contains(&claim.sentence), "{page}");
        for id in &claim.evidence {
            assert!(page.contains(&format!("  [{id}] ")), "{id} in {page}");
        }
    }
}

#[test]
fn where_nothing_is_wrong_nothing_won() {
    let examination = examined("2026-03-01T10:00:01Z INFO started\n");
    assert_eq!(
        reasons(&examination.diagnosis),
        ["No claim is strong enough to be a cause."]
    );
}
