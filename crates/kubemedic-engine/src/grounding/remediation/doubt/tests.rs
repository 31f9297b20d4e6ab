//! A way that a model chose is questioned where it is expected to do far worse, and nowhere else.

use kubemedic_model::{
    class::FailureClass,
    diagnosis::Verdict,
    learning::{Candidate, Context, Contribution, Decision, Head, PolicyVersion},
    plan::KnowledgeBaseOrder,
};

use super::*;
use crate::remediation::{self, fixtures};

fn arm(strategy: Strategy, score: f64) -> ScoredArm {
    ScoredArm {
        candidate: Candidate {
            arm: strategy,
            risk: 0.3,
            disruptive: false,
            kb_approve: 0.5,
            kb_resolve: 0.5,
        },
        p_approve: score,
        p_resolve: 1.0,
        sd_approve: 0.1,
        sd_resolve: 0.1,
        score,
        propensity: 0.5,
        n_approve: 4,
        n_outcome: 2,
        contributions: vec![Contribution {
            head: Head::Approve,
            feature: "team payments, restart".to_owned(),
            value: -0.4,
            learnt: -0.4,
            sd: 0.1,
            n: 4,
        }],
    }
}

/// The plan of the engine, with what is expected of two ways.
fn engine(rollback: f64, restart: f64) -> Vec<Plan> {
    let diagnosis = fixtures::diagnosis(Verdict::Incident, vec![fixtures::rich(FailureClass::OomKilled)]);
    let mut plans = remediation::plan(&diagnosis, &fixtures::cluster(), &KnowledgeBaseOrder);
    plans.truncate(1);
    plans[0].strategy = Strategy::Rollback;
    plans[0].decision = Some(Box::new(Decision {
        context: Context::default(),
        arms: vec![arm(Strategy::Rollback, rollback), arm(Strategy::Restart, restart)],
        policy: PolicyVersion {
            algorithm: "test".to_owned(),
            version: 1,
            hyper_hash: String::new(),
        },
        state_hash: String::new(),
        log_offset: 0,
        symptoms: Vec::new(),
    }));
    plans
}

fn choosing(plans: &[Plan], strategy: Strategy) -> Vec<Plan> {
    let change = |it: &Plan| Plan {
        strategy,
        ..it.clone()
    };
    plans.iter().map(change).collect()
}

#[test]
fn a_far_worse_way_is_questioned_with_the_figures_and_what_was_learnt_against_it() {
    let ours = engine(0.8, 0.2);
    assert_eq!(
        doubts(&ours, &choosing(&ours, Strategy::Restart)),
        [
            "Plan 1: the strategy 'restart' (20 % approved, 100 % of those help; 4 decisions, 2 outcomes known) is expected to do far worse \
             here than 'rollback' (80 % approved, 100 % of those help; 4 decisions, 2 outcomes known). Learnt against it: team payments, \
             restart. Choose again; the other way is shown beside it."
        ]
    );
}

#[test]
fn the_engines_own_way_one_that_is_nearly_as_good_and_one_that_nothing_is_known_of_are_not_questioned() {
    let far = engine(0.2, 0.8);
    assert_eq!(doubts(&far, &far), Vec::<String>::new());
    let near = engine(0.8, 0.45);
    assert_eq!(
        doubts(&near, &choosing(&near, Strategy::Restart)),
        Vec::<String>::new()
    );
    let unknown = engine(0.8, 0.2);
    assert_eq!(
        doubts(&unknown, &choosing(&unknown, Strategy::ScaleOut)),
        Vec::<String>::new()
    );
}
