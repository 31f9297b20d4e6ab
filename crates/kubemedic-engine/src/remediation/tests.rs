//! Plans of every class, with nothing known, with names only and with everything known.

use kubemedic_model::{
    class::FailureClass,
    command::Risk,
    diagnosis::{Fact, RootCause, Verdict},
    plan::{KnowledgeBaseOrder, Phase, Plan, Strategy, StrategyOrder},
    resource::{Kind, ResourceRef},
    snapshot::ClusterSnapshot,
};

use super::{fixtures, investigation, knowledge, plan, strategy_of};
use crate::review;

fn one(cause: RootCause, snapshot: &ClusterSnapshot) -> Plan {
    let diagnosis = fixtures::diagnosis(Verdict::Incident, vec![cause]);
    plan(&diagnosis, snapshot, &KnowledgeBaseOrder).remove(0)
}

fn lines(plan: &Plan, phase: Phase) -> Vec<String> {
    plan.commands()
        .filter(|(it, _)| *it == phase)
        .map(|(_, it)| it.command.to_string())
        .collect()
}

fn assert_sound(cause: RootCause, snapshot: &ClusterSnapshot) {
    let diagnosis = fixtures::diagnosis(Verdict::Incident, vec![cause]);
    for plan in plan(&diagnosis, snapshot, &KnowledgeBaseOrder) {
        let remarks = review::lint_against(&plan, &diagnosis, snapshot);
        assert_eq!(remarks, Vec::new(), "{:?}", plan.root_cause.class);
        assert_eq!(plan.steps.len(), 3);
        assert!(
            (2..=4).contains(&plan.alternatives.len()),
            "{:?}",
            plan.root_cause.class
        );
        let looks = lines(&plan, Phase::Investigate).len();
        assert!((1..=4).contains(&looks), "{:?}", plan.root_cause.class);
        assert!(
            !lines(&plan, Phase::Verify).is_empty(),
            "{:?}",
            plan.root_cause.class
        );
    }
}

#[test]
fn every_class_has_a_sound_plan_with_nothing_known() {
    for class in fixtures::failures() {
        assert_sound(fixtures::bare(class), &ClusterSnapshot::default());
    }
}

#[test]
fn every_class_has_a_sound_plan_with_a_derived_workload() {
    for class in fixtures::failures() {
        assert_sound(fixtures::named(class), &ClusterSnapshot::default());
    }
}

#[test]
fn every_class_has_a_sound_plan_with_everything_known() {
    for class in fixtures::failures() {
        assert_sound(fixtures::rich(class), &fixtures::cluster());
    }
}

#[test]
#[ignore = "prints"]
fn show() {
    for class in fixtures::failures() {
        for (cause, snapshot) in [
            (fixtures::named(class), ClusterSnapshot::default()),
            (fixtures::rich(class), fixtures::cluster()),
        ] {
            let plan = one(cause, &snapshot);
            println!("== {class} {:?}", plan.strategy);
            for (phase, it) in plan.commands() {
                println!(
                    "  {} {} [{}] undo {:?}",
                    phase.as_str(),
                    it.command,
                    it.risk.verdict(),
                    it.rollback.as_ref().map(ToString::to_string)
                );
                if phase == Phase::Remediate {
                    println!("     {}", it.explanation);
                }
            }
            for text in &plan.manual_steps {
                println!("  - {text}");
            }
            for it in &plan.alternatives {
                println!(
                    "  ALT {:?} {} {:?}",
                    it.strategy,
                    it.description,
                    it.commands
                        .iter()
                        .map(|c| c.command.to_string())
                        .collect::<Vec<_>>()
                );
            }
        }
    }
}
