//! Every lint speaks where it should, and not of a sound plan.

use kubemedic_model::{
    class::FailureClass,
    command::{Command, Risk},
    diagnosis::{Diagnosis, Verdict},
    plan::{KnowledgeBaseOrder, Phase, Plan, PlannedCommand},
    snapshot::ClusterSnapshot,
};

use super::{lint, lint_against, lints::LINTS};
use crate::remediation::{self, fixtures};

fn sound() -> (Diagnosis, Plan) {
    let diagnosis = fixtures::diagnosis(Verdict::Incident, vec![fixtures::named(FailureClass::BadCommand)]);
    let plan = remediation::plan(&diagnosis, &ClusterSnapshot::default(), &KnowledgeBaseOrder).remove(0);
    (diagnosis, plan)
}

fn change(plan: &mut Plan) -> &mut PlannedCommand {
    &mut plan.steps[1].commands[0]
}

fn command(line: &str) -> Command {
    Command::from_argv(shlex::split(line).unwrap())
}

/// The lints that speak of the sound plan after an edit.
fn after(edit: impl FnOnce(&mut Plan)) -> Vec<&'static str> {
    let (_, mut plan) = sound();
    edit(&mut plan);
    let mut names: Vec<_> = lint(&plan).into_iter().map(|it| it.lint).collect();
    names.dedup();
    names
}

#[test]
fn a_sound_plan_has_no_remarks() {
    let (diagnosis, plan) = sound();
    assert_eq!(
        lint_against(&plan, &diagnosis, &ClusterSnapshot::default()),
        Vec::new()
    );
}

#[test]
fn a_change_without_an_inverse_has_to_say_why() {
    assert_eq!(
        after(|plan| change(plan).rollback = None),
        ["change-without-inverse"]
    );
    let explained = after(|plan| {
        change(plan).rollback = None;
        change(plan).explanation = "No inverse: the old value is unknown.".to_owned();
    });
    assert_eq!(explained, Vec::<&str>::new());
}

#[test]
fn a_change_has_to_be_checked() {
    assert_eq!(
        after(|plan| {
            plan.steps.pop();
        }),
        ["change-without-check"]
    );
    assert_eq!(
        after(|plan| plan.steps[2].commands.clear()),
        ["change-without-check"]
    );
}

#[test]
fn looking_must_not_change_anything() {
    let names = after(|plan| {
        plan.steps[2].commands[0].command = command("kubectl rollout restart deployment/cart -n shop");
    });
    assert_eq!(names, ["change-outside-remediate", "wrong-risk"]);
}

#[test]
fn a_placeholder_is_found_in_any_word() {
    for image in ["app=<image>", "app={image}", "app=YOUR_IMAGE", "app=v1..."] {
        let names = after(|plan| {
            change(plan).command = Command::from_argv(
                ["kubectl", "set", "image", "deployment/cart", image, "-n", "shop"]
                    .map(str::to_owned)
                    .into(),
            );
        });
        assert!(names.contains(&"placeholder"), "{image}: {names:?}");
    }
}

#[test]
fn a_forbidden_command_is_found_also_among_the_inverses() {
    let names = after(|plan| {
        change(plan).rollback = Some(command("kubectl delete pods --all -n shop --kubeconfig=/x"));
    });
    assert_eq!(names, ["forbidden-command"]);
}

#[test]
fn a_risk_must_not_be_played_down() {
    assert!(after(|plan| change(plan).risk = Risk::ReadOnly).contains(&"wrong-risk"));
}

#[test]
fn a_destructive_command_says_why() {
    assert_eq!(
        after(|plan| change(plan).risk = Risk::Destructive),
        ["destructive-without-reason"]
    );
}

#[test]
fn a_namespaced_object_needs_its_namespace() {
    let names = after(|plan| plan.steps[0].commands[1].command = command("kubectl describe pod cart-0"));
    assert_eq!(names, ["missing-namespace"]);
}

#[test]
fn a_derived_name_is_read_before_it_is_changed() {
    assert!(
        after(|plan| plan.steps[0]
            .commands
            .retain(|it| !it.command.to_string().contains("deployment")))
        .contains(&"derived-name-not-read")
    );
}

#[test]
fn a_plan_that_does_nothing_is_no_plan() {
    let names = after(|plan| plan.steps.retain(|step| step.phase == Phase::Verify));
    assert_eq!(names, ["nothing-to-do"]);
}

#[test]
fn a_name_that_nothing_gives_is_invented() {
    let (diagnosis, mut plan) = sound();
    change(&mut plan).command = command("kubectl rollout undo deployment/basket -n shop");
    let remarks = lint_against(&plan, &diagnosis, &ClusterSnapshot::default());
    assert!(
        remarks
            .iter()
            .any(|it| it.lint == "unknown-name" && it.message.contains("`basket`")),
        "{remarks:?}"
    );
}

#[test]
fn every_lint_has_a_name_of_its_own() {
    let names: std::collections::BTreeSet<_> = LINTS.iter().map(|(name, _)| name).collect();
    assert_eq!(names.len(), LINTS.len());
}
