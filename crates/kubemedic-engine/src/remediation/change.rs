//! The changes that plans may make, each with its kubectl form, what a person sees and how long it takes.
//! Whether a change is wise is decided in `repair`, whether it is allowed in `policy`.

use std::collections::BTreeMap;

use kubemedic_model::{command::Command, resource::ResourceRef};
use serde_json::Value;

use super::{commands::Line, site::Target};

/// How a patch is merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Merge {
    /// RFC 7386: lists are replaced.
    Json,
    /// Kubernetes' own: containers, volumes and ports are merged by their key.
    Strategic,
}

/// One change of one object.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Change {
    /// `rollout undo`, to a revision or to the one before.
    Undo(Target, Option<u64>),
    /// `rollout restart`.
    Restart(Target),
    /// `scale --replicas`.
    Scale(Target, u32),
    /// `set image` of a container.
    Image(Target, String, String),
    /// `set resources` of one container, or of all.
    Resources(Target, Option<String>, Amounts),
    /// `set env` of one container, or of all.
    Env(Target, Option<String>, String),
    /// `patch` of a pod template or of another object.
    Patch(Target, Merge, Value),
    /// `cordon`.
    Cordon(Target),
    /// `uncordon`.
    Uncordon(Target),
    /// `create serviceaccount`.
    CreateAccount(Target),
    /// `delete serviceaccount`: only ever the inverse of its creation.
    DeleteAccount(Target),
}

/// Limits and requests to set, by resource name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Amounts {
    /// Limits.
    pub(crate) limits: BTreeMap<String, String>,
    /// Requests.
    pub(crate) requests: BTreeMap<String, String>,
}

impl Change {
    /// The object that changes.
    pub(crate) fn target(&self) -> &Target {
        match self {
            Self::Undo(target, _)
            | Self::Restart(target)
            | Self::Scale(target, _)
            | Self::Image(target, _, _)
            | Self::Resources(target, _, _)
            | Self::Env(target, _, _)
            | Self::Patch(target, _, _)
            | Self::Cordon(target)
            | Self::Uncordon(target)
            | Self::CreateAccount(target)
            | Self::DeleteAccount(target) => target,
        }
    }

    /// The object that changes, as a reference.
    pub(crate) fn object(&self) -> ResourceRef {
        self.target().resource()
    }

    /// Whether it changes a pod template, so that a new revision is rolled out.
    pub(crate) fn is_template(&self) -> bool {
        match self {
            Self::Undo(..) | Self::Restart(_) | Self::Image(..) | Self::Resources(..) | Self::Env(..) => true,
            Self::Patch(target, _, body) => target.rolls_out() && body.pointer("/spec/template").is_some(),
            _ => false,
        }
    }

    /// Its kubectl command; none when a name or a value in it is refused.
    pub(crate) fn command(&self) -> Option<Command> {
        match self {
            Self::Undo(target, revision) => undo(target, *revision),
            Self::Restart(target) => Line::kubectl(&["rollout", "restart"]).slashed(target).finish(),
            Self::Scale(target, count) => Line::kubectl(&["scale"])
                .slashed(target)
                .option("--replicas", &count.to_string())
                .finish(),
            Self::Image(target, container, image) => Line::kubectl(&["set", "image"])
                .slashed(target)
                .value(&format!("{container}={image}"))
                .finish(),
            Self::Resources(target, container, amounts) => resources(target, container.as_deref(), amounts),
            Self::Env(target, container, pair) => {
                let line = Line::kubectl(&["set", "env"]).slashed(target);
                on_container(line, container.as_deref()).value(pair).finish()
            }
            Self::Patch(target, merge, body) => patch(target, *merge, body),
            Self::Cordon(node) => Line::kubectl(&["cordon"]).name(&node.name).finish(),
            Self::Uncordon(node) => Line::kubectl(&["uncordon"]).name(&node.name).finish(),
            Self::CreateAccount(account) => Line::kubectl(&["create"]).object(account).finish(),
            Self::DeleteAccount(account) => Line::kubectl(&["delete"]).object(account).finish(),
        }
    }

    /// What kubectl prints when it worked.
    pub(crate) fn expected_output(&self) -> String {
        let kind = self.target().kind.kubectl_name();
        let name = &self.target().name;
        let done = match self {
            Self::Undo(..) => "rolled back",
            Self::Restart(_) => "restarted",
            Self::Scale(..) => "scaled",
            Self::Image(..) => "image updated",
            Self::Resources(..) => "resource requirements updated",
            Self::Env(..) => "env updated",
            Self::Patch(..) => "patched",
            Self::Cordon(_) => "cordoned",
            Self::Uncordon(_) => "uncordoned",
            Self::CreateAccount(_) => "created",
            Self::DeleteAccount(_) => "deleted",
        };
        format!("{kind}/{name} {done}")
    }

    /// What is interrupted while it takes effect.
    pub(crate) fn interruption(&self) -> String {
        let object = self.object();
        match self {
            Self::Cordon(_) => format!("{object} takes no new pods; those that run there stay"),
            Self::Uncordon(_) => format!("{object} takes new pods again; nothing is interrupted"),
            Self::Scale(..) => format!("{object} gets other replicas; running pods stay"),
            Self::CreateAccount(_) | Self::DeleteAccount(_) => {
                format!("{object} itself; running pods are not touched")
            }
            _ if self.is_template() => {
                format!("the pods of {object} are replaced by its update strategy, one group after the other")
            }
            Self::Patch(..) => format!("{object} itself; pods are not restarted"),
            _ => format!("{object}"),
        }
    }
}

/// `rollout undo`.
fn undo(target: &Target, revision: Option<u64>) -> Option<Command> {
    let line = Line::kubectl(&["rollout", "undo"]).slashed(target);
    match revision {
        Some(revision) => line.option("--to-revision", &revision.to_string()).finish(),
        None => line.finish(),
    }
}

/// `set resources`.
fn resources(target: &Target, container: Option<&str>, amounts: &Amounts) -> Option<Command> {
    let mut line = on_container(Line::kubectl(&["set", "resources"]).slashed(target), container);
    if !amounts.limits.is_empty() {
        line = line.option("--limits", &pairs(&amounts.limits));
    }
    if !amounts.requests.is_empty() {
        line = line.option("--requests", &pairs(&amounts.requests));
    }
    line.finish()
}

/// `patch`.
fn patch(target: &Target, merge: Merge, body: &Value) -> Option<Command> {
    let line = Line::kubectl(&["patch"]).object(target);
    match merge {
        Merge::Json => line.word("--type=merge"),
        Merge::Strategic => line.word("--type=strategic"),
    }
    .patch(body)
    .finish()
}

/// `--containers=NAME`, where the container is known.
fn on_container(line: Line, container: Option<&str>) -> Line {
    match container {
        Some(name) => line.option("--containers", name),
        None => line,
    }
}

/// `a=1,b=2`.
fn pairs(amounts: &BTreeMap<String, String>) -> String {
    amounts
        .iter()
        .map(|(name, amount)| format!("{name}={amount}"))
        .collect::<Vec<_>>()
        .join(",")
}
