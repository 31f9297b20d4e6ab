//! Plans of every class, with nothing known, with names only and with everything known.

use kubemedic_model::{
    class::FailureClass,
    command::Risk,
    diagnosis::{Fact, RootCause, Verdict},
    plan::{KnowledgeBaseOrder, Phase, Plan, Strategy, StrategyOrder},
    resource::{Kind, ResourceRef},
    snapshot::ClusterSnapshot,
};

use proptest::prelude::*;

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
fn a_plan_is_the_same_every_time() {
    for class in fixtures::failures() {
        let make = || one(fixtures::rich(class), &fixtures::cluster());
        assert_eq!(make(), make());
    }
}

#[test]
fn nothing_wrong_has_no_plan() {
    for verdict in [Verdict::Healthy, Verdict::Recovered] {
        let diagnosis = fixtures::diagnosis(verdict, vec![fixtures::rich(FailureClass::OomKilled)]);
        assert_eq!(
            plan(&diagnosis, &fixtures::cluster(), &KnowledgeBaseOrder),
            Vec::new()
        );
    }
}

#[test]
fn insufficient_evidence_has_a_plan_that_only_looks_at_the_suspect() {
    let mut diagnosis = fixtures::diagnosis(Verdict::InsufficientEvidence, Vec::new());
    assert_eq!(
        plan(&diagnosis, &fixtures::cluster(), &KnowledgeBaseOrder),
        Vec::new()
    );
    diagnosis.alternatives = vec![fixtures::named(FailureClass::CrashloopAppException)];
    let plans = plan(&diagnosis, &ClusterSnapshot::default(), &KnowledgeBaseOrder);
    let [only] = plans.as_slice() else {
        panic!("{plans:?}")
    };
    assert!(only.commands().count() > 0);
    assert!(
        only.commands()
            .all(|(phase, it)| phase == Phase::Investigate && it.risk == Risk::ReadOnly)
    );
    assert_eq!(
        (only.strategy, review::lint(only)),
        (Strategy::Escalate, Vec::new())
    );
}

#[test]
fn every_class_but_healthy_has_a_playbook_with_three_ways_and_escalation_or_more() {
    for class in fixtures::failures() {
        let playbook = knowledge::playbook(class).unwrap();
        let ways: std::collections::BTreeSet<&str> = playbook
            .treatments
            .iter()
            .map(|it| it.strategy.as_str())
            .collect();
        assert!(ways.len() >= 3, "{class}");
        assert!(ways.contains("escalate"), "{class}");
        assert!(!playbook.prevention.is_empty(), "{class}");
    }
    assert!(knowledge::playbook(FailureClass::Healthy).is_none());
}

#[test]
fn no_sentence_of_the_knowledge_base_keeps_a_gap() {
    for class in fixtures::failures() {
        for plan in [
            one(fixtures::bare(class), &ClusterSnapshot::default()),
            one(fixtures::rich(class), &fixtures::cluster()),
        ] {
            let texts = plan
                .manual_steps
                .iter()
                .chain(plan.alternatives.iter().map(|it| &it.description))
                .chain(
                    plan.steps
                        .iter()
                        .flat_map(|it| [&it.description, &it.success_criteria]),
                );
            for text in texts {
                assert!(!text.contains(['{', '}']) && !text.contains("  "), "{text}");
            }
        }
    }
}

#[test]
fn a_memory_limit_is_raised_by_half_and_the_old_one_is_the_inverse() {
    let plan = one(fixtures::rich(FailureClass::OomKilled), &fixtures::cluster());
    let (_, change) = plan.commands().find(|(it, _)| *it == Phase::Remediate).unwrap();
    assert_eq!(
        (
            change.command.to_string().as_str(),
            change.rollback.as_ref().unwrap().to_string().as_str()
        ),
        (
            "kubectl set resources deployment/cart -n shop --containers=app --limits=memory=384Mi",
            "kubectl set resources deployment/cart -n shop --containers=app --limits=memory=256Mi",
        )
    );
    assert_eq!(
        plan.blast_radius.changes,
        [ResourceRef::new(Kind::Deployment, Some("shop"), "cart")]
    );
    assert_eq!(plan.manual_steps, Vec::<String>::new());
}

#[test]
fn a_limit_that_would_pass_the_limit_range_is_left_to_a_person() {
    let mut snapshot = fixtures::cluster();
    snapshot
        .limit_ranges
        .push(kubemedic_model::snapshot::policy::LimitRange {
            meta: fixtures::meta("bounds"),
            limits: vec![kubemedic_model::snapshot::policy::LimitRule {
                kind: "Container".to_owned(),
                max: [("memory".to_owned(), "300Mi".to_owned())].into(),
                ..Default::default()
            }],
        });
    let plan = one(fixtures::rich(FailureClass::OomKilled), &snapshot);
    assert!(
        !lines(&plan, Phase::Remediate)
            .iter()
            .any(|line| line.contains("memory"))
    );
    assert!(
        plan.alternatives
            .iter()
            .all(|it| it.strategy != Strategy::PatchMemory || it.commands.is_empty())
    );
}

#[test]
fn an_unknown_limit_becomes_a_manual_step() {
    let plan = one(
        fixtures::named(FailureClass::OomKilled),
        &ClusterSnapshot::default(),
    );
    assert_eq!(plan.strategy, Strategy::PatchMemory);
    assert_eq!(lines(&plan, Phase::Remediate), Vec::<String>::new());
    assert_eq!(plan.manual_steps.len(), 1);
}

#[test]
fn a_derived_workload_is_read_before_it_is_rolled_back() {
    let plan = one(
        fixtures::named(FailureClass::BadCommand),
        &ClusterSnapshot::default(),
    );
    assert_eq!(
        lines(&plan, Phase::Investigate).first().map(String::as_str),
        Some("kubectl describe deployment cart -n shop")
    );
    let (_, change) = plan.commands().find(|(it, _)| *it == Phase::Remediate).unwrap();
    assert_eq!(
        change.command.to_string(),
        "kubectl rollout undo deployment/cart -n shop"
    );
    assert!(change.derived_names);
    assert_eq!(
        lines(&plan, Phase::Verify).first().map(String::as_str),
        Some("kubectl rollout status deployment/cart -n shop --timeout=300s")
    );
}

#[test]
fn a_first_revision_is_not_rolled_back() {
    let mut snapshot = fixtures::cluster();
    snapshot.workloads[0].revision = Some(1);
    let mut cause = fixtures::rich(FailureClass::BadCommand);
    cause.facts.remove(&Fact::Revision);
    assert_eq!(one(cause, &snapshot).strategy, Strategy::FixConfig);
}

#[test]
fn a_pod_without_an_owner_gets_no_rollout() {
    let mut snapshot = fixtures::cluster();
    snapshot.workloads.clear();
    snapshot.pods[0].meta.owner = None;
    for class in fixtures::failures() {
        let mut cause = fixtures::rich(class);
        cause.workload = None;
        let plan = one(cause, &snapshot);
        assert!(
            !plan
                .commands()
                .any(|(_, it)| it.command.to_string().contains("rollout")),
            "{class}"
        );
    }
}

#[test]
fn without_a_namespace_nothing_namespaced_is_changed() {
    for class in fixtures::failures() {
        let mut cause = fixtures::named(class);
        cause.object = Some(ResourceRef::new(Kind::Pod, None, "cart-6c8d9b7f54-2kzql"));
        cause.workload.as_mut().unwrap().resource.namespace = None;
        let plan = one(cause, &ClusterSnapshot::default());
        assert_eq!(lines(&plan, Phase::Remediate), Vec::<String>::new(), "{class}");
        assert_eq!(
            lines(&plan, Phase::Investigate).first().map(String::as_str),
            Some("kubectl get pod -A --field-selector=metadata.name=cart-6c8d9b7f54-2kzql")
        );
        assert!(plan.manual_steps[0].starts_with("Find the namespace of Pod cart-6c8d9b7f54-2kzql"));
    }
}

#[test]
fn a_workload_at_zero_gets_its_former_replicas_back() {
    let mut snapshot = fixtures::cluster();
    snapshot.workloads[0].desired = Some(0);
    let plan = one(fixtures::rich(FailureClass::ReplicasZero), &snapshot);
    assert_eq!(
        lines(&plan, Phase::Remediate),
        ["kubectl scale deployment/cart -n shop --replicas=3"]
    );
    let mut cause = fixtures::rich(FailureClass::ReplicasZero);
    cause.facts.remove(&Fact::Replicas);
    let plan = one(cause, &snapshot);
    assert_eq!(
        lines(&plan, Phase::Remediate),
        ["kubectl scale deployment/cart -n shop --replicas=2"]
    );
}

#[test]
fn a_selector_is_patched_to_the_labels_of_the_pods() {
    let plan = one(
        fixtures::rich(FailureClass::ServiceSelectorMismatch),
        &fixtures::cluster(),
    );
    let (_, change) = plan.commands().find(|(it, _)| *it == Phase::Remediate).unwrap();
    assert_eq!(
        (
            change.command.to_string(),
            change.rollback.as_ref().unwrap().to_string()
        ),
        (
            r#"kubectl patch service cart -n shop --type=merge -p '{"spec":{"selector":{"app":"cart"}}}'"#
                .to_owned(),
            r#"kubectl patch service cart -n shop --type=merge -p '{"spec":{"selector":{"app":"kart"}}}'"#
                .to_owned(),
        )
    );
}

#[test]
fn a_cluster_namespace_is_changed_only_where_the_fault_is_and_as_destructive() {
    let mut cause = fixtures::named(FailureClass::BadCommand);
    cause.object = Some(ResourceRef::new(Kind::Deployment, Some("kube-system"), "agent"));
    cause.workload = None;
    let plan = one(cause.clone(), &ClusterSnapshot::default());
    let (_, change) = plan.commands().find(|(it, _)| *it == Phase::Remediate).unwrap();
    assert_eq!(change.risk, Risk::Destructive);
    assert_eq!(plan.manual_steps.len(), 1);

    cause.object = Some(ResourceRef::new(Kind::Node, None, "worker-1"));
    cause.related = vec![ResourceRef::new(Kind::Deployment, Some("kube-system"), "agent")];
    let plan = one(cause, &ClusterSnapshot::default());
    assert_eq!(lines(&plan, Phase::Remediate), Vec::<String>::new());
}

#[test]
fn a_taint_that_kubernetes_sets_is_never_tolerated() {
    for taint in [
        "node.kubernetes.io/not-ready:NoSchedule",
        "node-role.kubernetes.io/control-plane:NoSchedule",
    ] {
        let mut cause = fixtures::rich(FailureClass::UnschedulableTaint);
        cause.facts.insert(Fact::Taint, taint.to_owned());
        assert_eq!(
            lines(&one(cause, &fixtures::cluster()), Phase::Remediate),
            Vec::<String>::new()
        );
    }
}

/// An order that has learnt to reject one way.
struct Rejects(Strategy);

impl StrategyOrder for Rejects {
    fn rank(&self, _: FailureClass, strategy: Strategy) -> i64 {
        i64::from(strategy == self.0)
    }
}

#[test]
fn a_rejected_way_falls_behind_the_others() {
    let cause = fixtures::rich(FailureClass::OomKilled);
    let diagnosis = fixtures::diagnosis(Verdict::Incident, vec![cause]);
    let plan = plan(&diagnosis, &fixtures::cluster(), &Rejects(Strategy::PatchMemory)).remove(0);
    assert_eq!(plan.strategy, Strategy::Rollback);
    assert_eq!(
        plan.alternatives.last().map(|it| it.strategy),
        Some(Strategy::PatchMemory)
    );
}

#[test]
fn the_commands_of_a_plan_are_classified_as_its_own_way() {
    for class in fixtures::failures() {
        let plan = one(fixtures::rich(class), &fixtures::cluster());
        let changes: Vec<_> = plan
            .commands()
            .filter(|(phase, _)| *phase == Phase::Remediate)
            .map(|(_, it)| it.command.clone())
            .collect();
        if !changes.is_empty() {
            assert_eq!(strategy_of(&changes), plan.strategy, "{class}");
        }
        for alternative in plan.alternatives.iter().filter(|it| !it.commands.is_empty()) {
            let changes: Vec<_> = alternative.commands.iter().map(|it| it.command.clone()).collect();
            assert_eq!(strategy_of(&changes), alternative.strategy, "{class}");
        }
    }
}

#[test]
fn an_investigation_only_reads_and_always_finds_something_to_read() {
    for verdict in [Verdict::InsufficientEvidence, Verdict::Incident] {
        let mut diagnosis = fixtures::diagnosis(verdict, Vec::new());
        diagnosis.objects = vec![ResourceRef::new(Kind::Pod, Some("shop"), "cart-6c8d9b7f54-2kzql")];
        let steps = investigation(&diagnosis, &ClusterSnapshot::default());
        assert_eq!(
            steps[0].commands[0].command.to_string(),
            "kubectl describe pod cart-6c8d9b7f54-2kzql -n shop"
        );
        diagnosis.objects.clear();
        let steps = investigation(&diagnosis, &ClusterSnapshot::default());
        assert!(steps[0].commands.iter().all(|it| it.risk == Risk::ReadOnly));
        diagnosis.alternatives = vec![fixtures::named(FailureClass::OomKilled)];
        assert!(
            !investigation(&diagnosis, &ClusterSnapshot::default())[0]
                .commands
                .is_empty()
        );
    }
    let healthy = fixtures::diagnosis(Verdict::Healthy, Vec::new());
    assert_eq!(investigation(&healthy, &ClusterSnapshot::default()), Vec::new());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn no_fact_however_hostile_makes_an_unsound_plan(
        class in 0..FailureClass::ALL.len() - 1,
        keys in proptest::collection::vec(0..fixtures::every_fact().len(), 0..8),
        values in proptest::collection::vec(
            prop_oneof![
                "\\PC{0,40}",
                "[a-z0-9./:=<>{}$;&|`' -]{0,60}",
                Just("--all".to_owned()),
                Just("x; kubectl delete ns shop".to_owned()),
                Just("<your-image>".to_owned()),
                Just("kube-system/coredns".to_owned()),
                Just("..".to_owned()),
            ],
            8,
        ),
        known in any::<bool>(),
    ) {
        let class = FailureClass::ALL[class];
        let mut cause = if known { fixtures::rich(class) } else { fixtures::named(class) };
        let names: Vec<Fact> = fixtures::every_fact().into_keys().collect();
        for (key, value) in keys.iter().zip(&values) {
            cause.facts.insert(names[*key], value.clone());
        }
        let snapshot = if known { fixtures::cluster() } else { ClusterSnapshot::default() };
        assert_sound(cause, &snapshot);
    }
}

/// One labelled case of the corpus.
#[derive(serde::Deserialize)]
struct Case {
    #[serde(rename = "input_text")]
    input: String,
}

#[test]
#[expect(clippy::print_stderr, reason = "a skipped test says so")]
fn plans_for_the_development_corpus_are_sound() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../shared/corpora/diagnosis-dev/diagnosis.jsonl"
    );
    let Ok(text) = std::fs::read_to_string(path) else {
        eprintln!("skipped: the corpus is not here");
        return;
    };
    for line in text.lines() {
        let case: Case = serde_json::from_str(line).unwrap();
        let intake = crate::intake::read_text(&case.input);
        let diagnosis = crate::analysis::diagnose(&intake, &crate::monitoring::monitor(&intake));
        let plans = plan(&diagnosis, &intake.snapshot, &KnowledgeBaseOrder);
        assert_eq!(plans.is_empty(), diagnosis.root_causes.is_empty());
        for plan in plans {
            let remarks = review::lint_against(&plan, &diagnosis, &intake.snapshot);
            assert_eq!(remarks, Vec::new(), "{}", plan.root_cause.sentence);
        }
    }
}

#[test]
fn a_node_that_is_not_ready_is_cordoned_unless_it_is_the_only_one() {
    let mut cause = fixtures::bare(FailureClass::NodeNotReady);
    cause.object = Some(ResourceRef::new(Kind::Node, None, "worker-1"));
    let mut snapshot = ClusterSnapshot {
        nodes: vec![fixtures::cluster().nodes.remove(0)],
        ..ClusterSnapshot::default()
    };
    let cordoned = one(cause.clone(), &snapshot);
    assert_eq!(lines(&cordoned, Phase::Remediate), ["kubectl cordon worker-1"]);
    snapshot.listed.insert((Kind::Node, None));
    assert_eq!(
        lines(&one(cause, &snapshot), Phase::Remediate),
        Vec::<String>::new()
    );
}

#[test]
fn a_plain_word_is_not_taken_for_a_node() {
    let mut cause = fixtures::bare(FailureClass::EvictedNodePressure);
    cause.facts.insert(Fact::Node, "was".to_owned());
    let plan = one(cause, &ClusterSnapshot::default());
    assert!(
        plan.commands()
            .all(|(_, it)| !it.command.argv().iter().any(|word| word == "was"))
    );
}
