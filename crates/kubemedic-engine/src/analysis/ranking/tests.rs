//! Tests of merging, causes and effects, and confidence.

use kubemedic_model::{
    class::FailureClass,
    diagnosis::Fact,
    evidence::{EvidenceKind, Origin},
    resource::{Kind, ResourceRef},
    snapshot::{ClusterSnapshot, network::NetworkPolicy},
};

use super::{
    super::{
        fixtures::{deployment, labels, meta, pod, shop},
        hypothesis::{Exhibit, Hypothesis, Standing},
        rules,
        view::View,
    },
    Ranking, confidence, rank,
};

fn pod_ref(app: &str) -> ResourceRef {
    ResourceRef::new(Kind::Pod, Some("shop"), format!("{app}-6d8c9b7f54-2kzlq"))
}

/// What the catalogue claims of a log line.
fn logged(class: FailureClass, app: &str, likelihood: f64) -> Hypothesis {
    let exhibit = Exhibit {
        kind: EvidenceKind::Log,
        quote: format!("{app}: {class}"),
        origin: Origin::default(),
        object: None,
        field: None,
        timestamp: None,
        count: 1,
    };
    Hypothesis::new(class, Standing::Reported, likelihood)
        .about(pod_ref(app))
        .because(format!("{app} suffers {class}"), "")
        .shown_by([exhibit])
}

fn classes(causes: &[super::Cause]) -> Vec<&'static str> {
    causes.iter().map(|cause| cause.claim.class.id()).collect()
}

fn ranked(snapshot: &ClusterSnapshot, further: Vec<Hypothesis>) -> Ranking {
    let view = View::new(snapshot);
    let mut claims = rules::claims(&view).live;
    claims.extend(further);
    rank(&view, claims)
}

/// A shop in which `front` calls `web`.
fn two_tiers() -> ClusterSnapshot {
    let mut snapshot = shop(vec![pod("web"), pod("front")]);
    snapshot.workloads.push(deployment("front"));
    snapshot
}

#[test]
fn equal_claims_join_as_independent_signals() {
    let snapshot = two_tiers();
    let first = logged(FailureClass::DbAuthFailure, "web", 0.8);
    let second = Hypothesis {
        object: None,
        ..logged(FailureClass::DbAuthFailure, "web", 0.5)
    };
    let ranking = ranked(&snapshot, vec![first, second]);
    assert_eq!(classes(&ranking.causes), ["db-auth-failure"]);
    assert!((ranking.causes[0].claim.likelihood - 0.9).abs() < 1e-9);
}

#[test]
fn a_log_cause_explains_the_crash_that_follows() {
    let snapshot = two_tiers();
    let crash =
        Hypothesis::new(FailureClass::CrashloopAppException, Standing::Reported, 0.55).about(pod_ref("web"));
    let ranking = ranked(
        &snapshot,
        vec![crash, logged(FailureClass::AppConfigInvalid, "web", 0.8)],
    );
    assert_eq!(classes(&ranking.causes), ["app-config-invalid"]);
    assert_eq!(ranking.causes[0].effects.len(), 1);
    assert!(ranking.alternatives.is_empty());
}

#[test]
fn a_wrong_selector_explains_the_refused_connections_of_callers() {
    let mut snapshot = two_tiers();
    snapshot.services[0].selector = Some(labels(&[("app", "webb")]));
    for host in ["web:80", "10.96.0.10:80", "web.shop.svc.cluster.local"] {
        let refused =
            logged(FailureClass::ConnectionRefusedDependency, "front", 0.9).fact(Fact::Host, Some(host));
        let ranking = ranked(&snapshot, vec![refused]);
        assert_eq!(classes(&ranking.causes), ["service-selector-mismatch"], "{host}");
    }
}

#[test]
fn a_dependency_that_stands_elsewhere_stays_a_cause_of_its_own() {
    let mut snapshot = two_tiers();
    snapshot.services[0].selector = Some(labels(&[("app", "webb")]));
    let refused = logged(FailureClass::ConnectionRefusedDependency, "front", 0.95)
        .fact(Fact::Host, Some("db.data.svc:5432"));
    let ranking = ranked(&snapshot, vec![refused]);
    assert_eq!(
        classes(&ranking.causes),
        ["service-selector-mismatch", "connection-refused-dependency"]
    );
}

#[test]
fn a_policy_that_denies_everything_counts_only_with_a_symptom() {
    let mut snapshot = two_tiers();
    snapshot.network_policies.push(NetworkPolicy {
        meta: meta("deny-all"),
        pod_selector: Some(labels(&[("app", "web")])),
        ingress: true,
        ..NetworkPolicy::default()
    });
    assert!(ranked(&snapshot, Vec::new()).causes.is_empty());
    let timeout =
        logged(FailureClass::ConnectionTimeoutDependency, "front", 0.85).fact(Fact::Host, Some("10.96.0.10"));
    let ranking = ranked(&snapshot, vec![timeout]);
    assert_eq!(classes(&ranking.causes), ["network-policy-blocked"]);
    assert_eq!(
        ranking.causes[0]
            .workload
            .as_ref()
            .map(|it| it.resource.name.as_str()),
        Some("web")
    );
}

#[test]
fn a_weaker_claim_about_the_same_place_is_an_alternative() {
    let snapshot = two_tiers();
    let claims = vec![
        logged(FailureClass::DbAuthFailure, "web", 0.9),
        logged(FailureClass::TlsCertExpired, "web", 0.5),
    ];
    let ranking = ranked(&snapshot, claims);
    assert_eq!(classes(&ranking.causes), ["db-auth-failure"]);
    assert_eq!(classes(&ranking.alternatives), ["tls-cert-expired"]);
}

#[test]
fn rivals_lower_confidence_and_effects_raise_it() {
    let claim = logged(FailureClass::DbAuthFailure, "web", 0.9);
    let alone = confidence(&claim, 0, 0.0);
    assert!((alone - 0.81).abs() < 1e-9);
    assert!(confidence(&claim, 2, 0.0) > alone);
    assert!(confidence(&claim, 0, 0.6) < alone);
}

#[test]
fn the_order_of_claims_does_not_matter() {
    let snapshot = two_tiers();
    let claims = || {
        vec![
            logged(FailureClass::DbAuthFailure, "web", 0.9),
            logged(FailureClass::Upstream5xx, "front", 0.7).fact(Fact::Host, Some("web")),
            logged(FailureClass::CrashloopAppException, "web", 0.6),
        ]
    };
    let mut reversed = claims();
    reversed.reverse();
    let (one, other) = (ranked(&snapshot, claims()), ranked(&snapshot, reversed));
    assert_eq!(classes(&one.causes), classes(&other.causes));
    assert_eq!(classes(&one.causes), ["db-auth-failure"]);
}
