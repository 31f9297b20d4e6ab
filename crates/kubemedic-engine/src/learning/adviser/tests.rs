//! What the evidence tells of a context, and that the knowledge base's order holds until something is learnt.

use kubemedic_model::plan::KnowledgeBaseOrder;

use super::*;
use crate::remediation::{self, fixtures};

fn adviser<'a>(ledger: &'a Ledger, snapshot: &'a ClusterSnapshot) -> Adviser<'a> {
    let situation = Situation {
        snapshot,
        symptoms: vec!["boom <*>".to_owned()],
        // A Wednesday at noon.
        at: "2026-03-04T12:00:00Z".parse().unwrap(),
        decision: "w".to_owned(),
        is_frozen: false,
    };
    Adviser::new(ledger, situation)
}

#[test]
fn untaught_the_order_is_the_knowledge_bases_for_every_class() {
    let ledger = Ledger::new();
    let snapshot = fixtures::cluster();
    for class in fixtures::failures() {
        let cause = fixtures::rich(class);
        let diagnosis = fixtures::diagnosis(kubemedic_model::diagnosis::Verdict::Incident, vec![cause]);
        let ways = |order: &dyn StrategyOrder| {
            let plans = remediation::plan(&diagnosis, &snapshot, order);
            plans
                .first()
                .map(|it| (it.strategy, it.steps.clone(), it.alternatives.clone()))
        };
        let (learnt, known) = (ways(&adviser(&ledger, &snapshot)), ways(&KnowledgeBaseOrder));
        assert_eq!(
            learnt.as_ref().map(|it| (it.0, &it.1)),
            known.as_ref().map(|it| (it.0, &it.1)),
            "{class}"
        );
    }
}

#[test]
fn a_decision_tells_context_arms_policy_and_state() {
    let ledger = Ledger::new();
    let snapshot = fixtures::cluster();
    let cause = fixtures::rich(FailureClass::OomKilled);
    let adviser = adviser(&ledger, &snapshot);
    let ways = [
        AdmittedWay {
            strategy: Strategy::PatchMemory,
            risk: Some(Risk::Reversible),
        },
        AdmittedWay {
            strategy: Strategy::Rollback,
            risk: Some(Risk::Disruptive),
        },
    ];
    let decision = adviser.decide(&cause, &ways).unwrap();
    assert_eq!(
        (
            decision.context.tier,
            decision.context.window,
            decision.context.class.as_str()
        ),
        (Tier::Prod, Window::Business, "oom-killed")
    );
    assert_eq!(
        decision
            .arms
            .iter()
            .map(|it| it.candidate.arm)
            .collect::<Vec<_>>(),
        [Strategy::PatchMemory, Strategy::Rollback]
    );
    assert_eq!(decision.state_hash, ledger.ranker().state_hash());
    assert!(adviser.decide(&cause, &[]).is_none());
}

#[test]
fn environments_are_told_by_words_and_are_production_otherwise() {
    for (namespace, tier) in [
        ("payments", Tier::Prod),
        ("shop-dev", Tier::Dev),
        ("preprod", Tier::Staging),
        ("team-a-staging", Tier::Staging),
        ("prod-test", Tier::Prod),
        ("developer-portal", Tier::Prod),
    ] {
        assert_eq!(super::tier(&[], Some(namespace)), tier, "{namespace}");
    }
    assert_eq!(tier(&[], None), Tier::Prod);
    let labels = Labels::from([("env".to_owned(), "staging".to_owned())]);
    assert_eq!(tier(&[&labels], Some("prod")), Tier::Staging);
}
