//! Tests of what is kept of a ranking: scores, edges with their reasons, the rival.

use kubemedic_model::{
    class::FailureClass,
    diagnosis::{
        Fact,
        explanation::{Connection, Outcome},
    },
    resource::{Kind, ResourceRef},
    snapshot::ClusterSnapshot,
};

use super::{
    super::{
        super::{
            fixtures::{deployment, pod, shop},
            hypothesis::Standing,
            view::View,
        },
        rank,
    },
    *,
};

fn claim(class: FailureClass, app: &str, likelihood: f64) -> Hypothesis {
    let pod = ResourceRef::new(Kind::Pod, Some("shop"), format!("{app}-6d8c9b7f54-2kzlq"));
    Hypothesis::new(class, Standing::Reported, likelihood)
        .about(pod)
        .because(format!("{app} suffers {class}"), "")
}

fn traced(snapshot: &ClusterSnapshot, claims: Vec<Hypothesis>) -> Trace {
    rank(&View::new(snapshot), claims).trace
}

fn two_tiers() -> ClusterSnapshot {
    let mut snapshot = shop(vec![pod("web"), pod("front")]);
    snapshot.workloads.push(deployment("front"));
    snapshot
}

/// Class and outcome of each claim.
fn outline(trace: &Trace) -> Vec<(&'static str, Outcome)> {
    let claims = trace.claims.iter();
    claims.map(|it| (it.claim.class.id(), it.outcome)).collect()
}

#[test]
fn an_edge_tells_what_connects_its_claims() {
    let claims = vec![
        claim(FailureClass::AppConfigInvalid, "web", 0.9),
        claim(FailureClass::CrashloopAppException, "web", 0.6),
        claim(FailureClass::ConnectionRefusedDependency, "front", 0.8).fact(Fact::Host, Some("web:80")),
    ];
    let trace = traced(&two_tiers(), claims);
    assert_eq!(
        outline(&trace),
        [
            ("app-config-invalid", Outcome::Cause),
            ("connection-refused-dependency", Outcome::Effect),
            ("crashloop-app-exception", Outcome::Effect),
        ]
    );
    assert_eq!(
        trace.edges,
        [
            (0, 1, Connection::Address),
            (0, 2, Connection::SamePlace),
            (2, 1, Connection::Address),
        ]
    );
    assert_eq!(trace.rival, None);
}

#[test]
fn a_score_is_the_sum_of_its_parts() {
    let claims = vec![
        claim(FailureClass::AppConfigInvalid, "web", 0.9),
        claim(FailureClass::CrashloopAppException, "web", 0.6),
    ];
    let trace = traced(&two_tiers(), claims);
    let score = trace.claims.first().expect("a claim").score;
    assert!((score.strength - 0.81).abs() < 1e-9);
    assert!((score.effects_bonus - 0.03).abs() < 1e-9);
    assert!((score.total - (score.strength + score.state_bonus + score.effects_bonus)).abs() < 1e-9);
}

#[test]
fn the_rival_is_the_best_claim_about_the_same_place() {
    let claims = vec![
        claim(FailureClass::DbAuthFailure, "web", 0.9),
        claim(FailureClass::RateLimitedUpstream, "front", 0.8),
        claim(FailureClass::TlsCertExpired, "web", 0.5),
    ];
    let trace = traced(&two_tiers(), claims);
    let rival = trace.rival.and_then(|at| trace.claims.get(at));
    assert_eq!(rival.map(|it| it.claim.class), Some(FailureClass::TlsCertExpired));
    let weighing = trace.weighing.expect("there is a cause");
    assert!((weighing.rival - 0.45).abs() < 1e-9);
    assert_eq!((weighing.explained, weighing.unexplained), (0, 2));
}

#[test]
fn where_nothing_is_claimed_nothing_is_kept() {
    assert_eq!(traced(&two_tiers(), Vec::new()), Trace::default());
}
