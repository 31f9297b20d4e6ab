//! The lints of a plan's form.

use kubemedic_model::{
    command::{Command, Risk},
    plan::{Phase, Plan, PlannedCommand},
    resource::ResourceRef,
};

use crate::policy;

/// A lint: what is wrong, one message each.
type Check = fn(&Plan) -> Vec<String>;

/// Every lint by name.
pub(super) const LINTS: [(&str, Check); 10] = [
    ("change-without-inverse", change_without_inverse),
    ("change-without-check", change_without_check),
    ("change-outside-remediate", change_outside_remediate),
    ("placeholder", placeholder),
    ("forbidden-command", forbidden_command),
    ("wrong-risk", wrong_risk),
    ("destructive-without-reason", destructive_without_reason),
    ("missing-namespace", missing_namespace),
    ("derived-name-not-read", derived_name_not_read),
    ("nothing-to-do", nothing_to_do),
];
/// What stands for something that nobody filled in.
const PLACEHOLDERS: [&str; 8] = ["<", ">", "...", "…", "YOUR_", "YOUR-", "CHANGEME", "REPLACE_"];
/// Subcommands that name nothing inside a namespace.
const WITHOUT_NAMESPACE: [&str; 7] = [
    "cordon",
    "uncordon",
    "drain",
    "taint",
    "api-resources",
    "version",
    "cluster-info",
];

/// A change has an inverse command or says why there is none.
fn change_without_inverse(plan: &Plan) -> Vec<String> {
    let is_silent = |it: &&PlannedCommand| {
        let text = it.explanation.to_ascii_lowercase();
        it.risk > Risk::ReadOnly
            && it.rollback.is_none()
            && !["no inverse", "cannot be undone", "nothing to undo"]
                .iter()
                .any(|words| text.contains(words))
    };
    all_commands(plan)
        .filter(is_silent)
        .map(|it| format!("`{}` has no inverse and does not say why", it.command))
        .collect()
}

/// What is changed is looked at afterwards.
fn change_without_check(plan: &Plan) -> Vec<String> {
    let last_change = plan
        .steps
        .iter()
        .rposition(|step| step.phase == Phase::Remediate && !step.commands.is_empty());
    let last_check = plan
        .steps
        .iter()
        .rposition(|step| step.phase == Phase::Verify && !step.commands.is_empty());
    match (last_change, last_check) {
        (Some(change), check) if check.is_none_or(|check| check < change) => {
            vec!["no VERIFY step with a command follows the last REMEDIATE step".to_owned()]
        }
        _ => Vec::new(),
    }
}

/// Looking changes nothing.
fn change_outside_remediate(plan: &Plan) -> Vec<String> {
    plan.commands()
        .filter(|(phase, it)| {
            *phase != Phase::Remediate && policy::assess(&it.command).risk != Risk::ReadOnly
        })
        .map(|(phase, it)| format!("`{}` in {} is not read-only", it.command, phase.as_str()))
        .collect()
}

/// No word of a command waits to be filled in.
fn placeholder(plan: &Plan) -> Vec<String> {
    lines(plan)
        .filter(|command| command.argv().iter().any(|word| has_gap(word)))
        .map(|command| format!("`{command}` holds a placeholder"))
        .collect()
}

/// Nothing forbidden, and nothing that the policy does not understand.
fn forbidden_command(plan: &Plan) -> Vec<String> {
    lines(plan)
        .filter_map(|command| {
            let assessment = policy::assess(command);
            (assessment.risk == Risk::Forbidden).then(|| format!("`{command}`: {}", assessment.reason))
        })
        .collect()
}

/// A command's risk is at least what the policy says.
fn wrong_risk(plan: &Plan) -> Vec<String> {
    all_commands(plan)
        .filter(|it| it.risk < policy::assess(&it.command).risk)
        .map(|it| format!("`{}` is riskier than the plan says", it.command))
        .collect()
}

/// A destructive command says why it is one, and what for.
fn destructive_without_reason(plan: &Plan) -> Vec<String> {
    all_commands(plan)
        .filter(|it| it.risk == Risk::Destructive && !it.explanation.to_ascii_lowercase().contains("because"))
        .map(|it| format!("`{}` is destructive and does not say why it must be", it.command))
        .collect()
}

/// A command on a namespaced object says in which namespace: the default one is whatever the person's context says.
fn missing_namespace(plan: &Plan) -> Vec<String> {
    lines(plan)
        .filter(|command| lacks_namespace(command))
        .map(|command| format!("`{command}` names no namespace"))
        .collect()
}

/// A derived name is read before it is changed.
fn derived_name_not_read(plan: &Plan) -> Vec<String> {
    let read: Vec<ResourceRef> = plan
        .commands()
        .filter(|(phase, _)| *phase == Phase::Investigate)
        .flat_map(|(_, it)| objects(&it.command))
        .collect();
    all_commands(plan)
        .filter(|it| it.derived_names && it.risk > Risk::ReadOnly)
        .filter(|it| !objects(&it.command).iter().all(|object| read.contains(object)))
        .map(|it| {
            format!(
                "`{}` relies on a derived name that INVESTIGATE does not read",
                it.command
            )
        })
        .collect()
}

/// A plan looks at something, and either changes something or says what a person does.
fn nothing_to_do(plan: &Plan) -> Vec<String> {
    let mut remarks = Vec::new();
    if !plan.commands().any(|(phase, _)| phase == Phase::Investigate) {
        remarks.push("INVESTIGATE holds no command".to_owned());
    }
    if !plan.commands().any(|(phase, _)| phase == Phase::Remediate) && plan.manual_steps.is_empty() {
        remarks.push("neither a command nor a manual step repairs anything".to_owned());
    }
    remarks
}

/// The commands of steps and alternatives.
fn all_commands(plan: &Plan) -> impl Iterator<Item = &PlannedCommand> {
    plan.commands()
        .map(|(_, it)| it)
        .chain(plan.alternatives.iter().flat_map(|it| &it.commands))
}

/// All command lines, inverses included.
fn lines(plan: &Plan) -> impl Iterator<Item = &Command> {
    all_commands(plan).flat_map(|it| std::iter::once(&it.command).chain(&it.rollback))
}

/// Whether a word holds a placeholder. Braces are one unless the word is JSON.
fn has_gap(word: &str) -> bool {
    let is_json = serde_json::from_str::<serde_json::Value>(word).is_ok();
    PLACEHOLDERS.iter().any(|mark| word.contains(mark)) || !is_json && word.contains(['{', '}'])
}

/// Whether a command names namespaced objects without saying where.
fn lacks_namespace(command: &Command) -> bool {
    let Ok(invocation) = policy::invocation(command) else {
        return false;
    };
    if invocation.namespace.is_some()
        || invocation.all_namespaces
        || WITHOUT_NAMESPACE.contains(&invocation.verb.as_str())
    {
        return false;
    }
    let reads_nodes = invocation.verb == "top" && invocation.path().contains("node");
    let cluster_kinds = !invocation.targets.is_empty()
        && invocation
            .targets
            .iter()
            .all(|target| is_of_cluster(&target.kind));
    let raw = invocation.has("raw");
    !(reads_nodes || cluster_kinds || raw)
}

/// Whether objects of a kind live in no namespace; kinds that extend the cluster itself included.
fn is_of_cluster(kind: &kubemedic_model::resource::Kind) -> bool {
    kind.is_cluster_scoped()
        || [
            "apiservice",
            "volumeattachment",
            "runtimeclass",
            "csidriver",
            "csinode",
        ]
        .iter()
        .any(|known| kind.kubectl_name().starts_with(known))
}

/// The objects that a command names.
fn objects(command: &Command) -> Vec<ResourceRef> {
    let Ok(invocation) = policy::invocation(command) else {
        return Vec::new();
    };
    let namespace = invocation.namespace.as_deref();
    invocation
        .targets
        .iter()
        .filter_map(|target| {
            Some(ResourceRef::new(
                target.kind.clone(),
                namespace,
                target.name.clone()?,
            ))
        })
        .collect()
}
