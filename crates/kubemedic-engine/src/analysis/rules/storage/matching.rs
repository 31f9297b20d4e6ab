//! Pending claims against the volumes that are there: class, labels, access modes, size, and who holds them.
//! Volumes that a provisioner makes on demand are not matched here.

use kubemedic_model::{
    resource::Kind,
    snapshot::{
        event::ClusterEvent,
        storage::{Claim, Volume},
    },
};

use super::{
    super::super::{
        hypothesis::Exhibit,
        quantity,
        view::{View, reference, selects},
    },
    Obstacle,
};

/// A claim's class, or a volume's; an empty one is none.
fn class_of(class: Option<&String>) -> &str {
    class.map_or("", String::as_str)
}

/// The volumes of the claim's class, where volumes are listed completely and nothing makes them on demand.
fn candidates<'v>(view: &View<'v>, claim: &Claim) -> Option<Vec<&'v Volume>> {
    let class = class_of(claim.class.as_ref());
    let mut classes = view.snapshot.storage_classes.iter();
    let provisioner = classes
        .find(|it| it.meta.name == class)
        .and_then(|it| it.provisioner.as_deref());
    let on_demand = provisioner.is_some_and(|it| !it.contains("no-provisioner"));
    if on_demand || !view.snapshot.lists(&Kind::PersistentVolume, None) {
        return None;
    }
    let volumes = view.snapshot.volumes.iter();
    Some(
        volumes
            .filter(|it| class_of(it.class.as_ref()) == class)
            .collect(),
    )
}

/// Whether a volume has the labels, the modes and the size that a claim asks for, as far as it tells.
fn fits(claim: &Claim, volume: &Volume) -> [bool; 3] {
    let size = match (claim.request.as_deref(), volume.capacity.as_deref()) {
        (Some(request), Some(capacity)) => quantity::exceeds(request, capacity) != Some(true),
        _ => true,
    };
    let mut modes = claim.access_modes.iter();
    [
        selects(&claim.selector, &volume.meta.labels),
        modes.all(|mode| volume.access_modes.contains(mode)),
        size,
    ]
}

/// Whether no other claim holds a volume.
fn is_free(claim: &Claim, volume: &Volume) -> bool {
    let own = format!(
        "{}/{}",
        claim.meta.namespace.as_deref().unwrap_or(""),
        claim.meta.name
    );
    volume.claim.as_deref().is_none_or(|held| held == own)
}

/// No volume matches a claim whose volumes are not made on demand.
pub(super) fn unmatched(view: &View<'_>, claim: &Claim) -> Option<Obstacle> {
    let volumes = candidates(view, claim)?;
    let passing = |upto: usize| {
        let passes = |it: &&&Volume| fits(claim, it).iter().take(upto).all(|ok| *ok);
        volumes.iter().filter(passes).count()
    };
    let others = view.snapshot.volumes.len();
    let (cause, why) = if volumes.is_empty() {
        (others > 0).then(|| no_class(view, claim))?
    } else if passing(1) == 0 {
        ("pvc_selector_mismatch", labels_words(claim, &volumes))
    } else if passing(2) == 0 {
        ("pvc_access_mode_mismatch", modes_words(claim, &volumes))
    } else if passing(3) == 0 {
        ("pvc_capacity_mismatch", size_words(claim, &volumes))
    } else {
        let fitting = || volumes.iter().filter(|it| fits(claim, it).iter().all(|ok| *ok));
        if fitting().any(|it| is_free(claim, it)) {
            return None;
        }
        let holder = fitting().find_map(|it| Some((&it.meta.name, it.claim.as_deref()?)))?;
        let (volume, held) = holder;
        (
            "pv_binding_occupied",
            format!(
                "every PersistentVolume that fits is already bound to another claim ({volume} to {held})"
            ),
        )
    };
    Some(Obstacle {
        cause: Some(cause),
        why,
        likelihood: 0.92,
        exhibit: volumes.first().map(|it| shown(it)),
    })
}

/// What a volume offers, as an exhibit.
fn shown(volume: &Volume) -> Exhibit {
    let mut quote = offer(volume);
    if let Some(held) = &volume.claim {
        quote.push_str(" claim ");
        quote.push_str(held);
    }
    Exhibit::state(
        reference(Kind::PersistentVolume, &volume.meta),
        &volume.meta.origin,
        "spec",
        quote,
    )
}

/// Name, size, modes and labels of a volume.
fn offer(volume: &Volume) -> String {
    let labels: Vec<String> = volume
        .meta
        .labels
        .iter()
        .take(3)
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    let labels = if labels.is_empty() {
        "no labels".to_owned()
    } else {
        format!("labels {}", labels.join(","))
    };
    let size = volume.capacity.as_deref().unwrap_or("unknown size");
    format!(
        "{} ({size} {}, {labels})",
        volume.meta.name,
        volume.access_modes.join("+")
    )
}

fn no_class(view: &View<'_>, claim: &Claim) -> (&'static str, String) {
    let offered: Vec<&str> = view
        .snapshot
        .volumes
        .iter()
        .map(|it| class_of(it.class.as_ref()))
        .collect();
    let wanted = match class_of(claim.class.as_ref()) {
        "" => "no storage class".to_owned(),
        class => format!("storage class {class}"),
    };
    let offered = offered.first().map_or_else(String::new, |class| {
        format!(
            ", the volumes have {}",
            if class.is_empty() { "none" } else { class }
        )
    });
    (
        "pvc_storage_class_mismatch",
        format!("it asks for {wanted}, and no PersistentVolume has its storage class{offered}"),
    )
}

fn labels_words(claim: &Claim, volumes: &[&Volume]) -> String {
    let selector: Vec<String> = claim
        .selector
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    let first = volumes
        .first()
        .map_or_else(String::new, |it| format!("; {}", offer(it)));
    format!(
        "its selector {} matches the labels of no PersistentVolume{first}",
        selector.join(",")
    )
}

fn modes_words(claim: &Claim, volumes: &[&Volume]) -> String {
    let first = volumes
        .first()
        .map_or_else(String::new, |it| format!("; {}", offer(it)));
    format!(
        "no PersistentVolume offers its access mode {}{first}",
        claim.access_modes.join(", ")
    )
}

fn size_words(claim: &Claim, volumes: &[&Volume]) -> String {
    let size = |it: &&&Volume| it.capacity.as_deref().and_then(quantity::parse).unwrap_or(0.0);
    let largest = volumes
        .iter()
        .max_by(|left, right| size(left).total_cmp(&size(right)));
    let largest = largest.map_or_else(String::new, |it| format!("; the largest is {}", offer(it)));
    format!(
        "no PersistentVolume is as large as the {} that it asks for{largest}",
        claim.request.as_deref().unwrap_or("size")
    )
}

/// What is left where the binder finds no volume, a free one of the class is there, and the claim's own wishes are not
/// told (`kubectl describe` prints neither the size nor the selector of a pending claim). Labels of a volume serve
/// nothing but selectors, so a labelled one points at the selector; else the size is the usual difference.
pub(super) fn inferred(view: &View<'_>, claim: &Claim, events: &[&ClusterEvent]) -> Option<Obstacle> {
    let refused = events
        .iter()
        .find(|it| it.message.contains("no persistent volumes available"))?;
    let untold = claim.request.is_none() && claim.access_modes.is_empty() && claim.selector.is_empty();
    if !untold {
        return None;
    }
    let free: Vec<&Volume> = candidates(view, claim)?
        .into_iter()
        .filter(|it| is_free(claim, it) && it.phase.as_deref() == Some("Available"))
        .collect();
    let volume = free.first()?;
    let labelled = free.iter().all(|it| it.meta.labels.keys().any(|key| is_own(key)));
    let (cause, wish) = if labelled {
        ("pvc_selector_mismatch", "its selector does not match the labels")
    } else {
        ("pvc_capacity_mismatch", "it asks for another size or access mode")
    };
    Some(Obstacle {
        cause: Some(cause),
        why: format!(
            "the free PersistentVolume {} does not suit it, probably {wish}",
            offer(volume)
        ),
        likelihood: 0.85,
        exhibit: Some(Exhibit::event(refused)),
    })
}

/// Whether a label was put on by a person: Kubernetes' own and those of charts serve other purposes.
fn is_own(key: &str) -> bool {
    let foreign = ["kubernetes.io/", "k8s.io/", "helm.sh/"];
    !foreign.iter().any(|domain| key.contains(domain)) && !matches!(key, "chart" | "release" | "heritage")
}

#[cfg(test)]
mod tests;
