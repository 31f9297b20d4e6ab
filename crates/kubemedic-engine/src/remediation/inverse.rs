//! The inverse of a change, from the values that the snapshot and the facts hold now.
//! Where the present value is unknown it says so instead of guessing.

use std::collections::BTreeMap;

use kubemedic_model::{diagnosis::Fact, resource::Kind, snapshot::pod::Container};

use super::{
    change::{Amounts, Change},
    site::Site,
};

/// How to undo a change.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Inverse {
    /// By another change.
    By(Change),
    /// Not at all, with the reason.
    None(&'static str),
}

/// The inverse of a change at a site.
pub(crate) fn of(change: &Change, site: &Site<'_>) -> Inverse {
    match change {
        Change::Undo(target, _) => {
            let revision = site.workload_state().and_then(|workload| workload.revision);
            Inverse::By(Change::Undo(target.clone(), revision))
        }
        Change::Restart(_) => {
            Inverse::None("a restart leaves the template as it was, so there is nothing to undo")
        }
        Change::Scale(target, _) => match present_replicas(site) {
            Some(count) => Inverse::By(Change::Scale(target.clone(), count)),
            None => Inverse::None("the evidence does not tell how many replicas there are now"),
        },
        Change::Image(target, container, _) => match present_image(site) {
            Some(image) => Inverse::By(Change::Image(target.clone(), container.clone(), image.to_owned())),
            None => Inverse::By(Change::Undo(target.clone(), None)),
        },
        Change::Resources(target, container, amounts) => match present_amounts(site, amounts) {
            Some(old) => Inverse::By(Change::Resources(target.clone(), container.clone(), old)),
            None => Inverse::By(Change::Undo(target.clone(), None)),
        },
        Change::Env(target, ..) => Inverse::By(Change::Undo(target.clone(), None)),
        Change::Patch(target, ..) if change.is_template() => Inverse::By(Change::Undo(target.clone(), None)),
        Change::Patch(target, ..) if target.kind == Kind::PersistentVolumeClaim => {
            Inverse::None("a volume never shrinks")
        }
        Change::Patch(..) => Inverse::None("the evidence does not hold the present value"),
        Change::Cordon(node) => Inverse::By(Change::Uncordon(node.clone())),
        Change::Uncordon(node) => Inverse::By(Change::Cordon(node.clone())),
        Change::CreateAccount(account) => Inverse::By(Change::DeleteAccount(account.clone())),
        Change::DeleteAccount(account) => Inverse::By(Change::CreateAccount(account.clone())),
    }
}

/// The replicas that the workload asks for now.
fn present_replicas(site: &Site<'_>) -> Option<u32> {
    site.workload_state()?.desired
}

/// The image that the container at fault has now.
fn present_image<'a>(site: &Site<'a>) -> Option<&'a str> {
    site.container_spec()
        .and_then(|container| container.image.as_deref())
        .or_else(|| site.fact(Fact::Image))
}

/// The present values of exactly the amounts that change; none when one of them is unknown or unset.
fn present_amounts(site: &Site<'_>, new: &Amounts) -> Option<Amounts> {
    let container = site.container_spec();
    let limits = present(&new.limits, |name| {
        amount(container.map(|it| &it.limits), name).or_else(|| limit_fact(site, name))
    })?;
    let requests = present(&new.requests, |name| {
        amount(container.map(|it: &Container| &it.requests), name).or_else(|| request_fact(site, name))
    })?;
    Some(Amounts { limits, requests })
}

/// Looks up every name.
fn present(
    names: &BTreeMap<String, String>,
    find: impl Fn(&str) -> Option<String>,
) -> Option<BTreeMap<String, String>> {
    names
        .keys()
        .map(|name| find(name).map(|amount| (name.clone(), amount)))
        .collect()
}

/// One amount of a container.
fn amount(amounts: Option<&BTreeMap<String, String>>, name: &str) -> Option<String> {
    amounts?.get(name).cloned()
}

/// A limit that the facts tell.
fn limit_fact(site: &Site<'_>, name: &str) -> Option<String> {
    let fact = match name {
        "memory" => Fact::MemoryLimit,
        "cpu" => Fact::CpuLimit,
        _ => return None,
    };
    site.fact(fact).map(str::to_owned)
}

/// A request that the facts tell.
fn request_fact(site: &Site<'_>, name: &str) -> Option<String> {
    let fact = match name {
        "memory" => Fact::MemoryRequest,
        "cpu" => Fact::CpuRequest,
        _ => return None,
    };
    site.fact(fact).map(str::to_owned)
}
