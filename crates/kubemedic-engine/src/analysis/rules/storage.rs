//! Claims without a volume, and volumes that cannot be attached or mounted.

mod absent;
mod matching;

use kubemedic_model::{
    class::FailureClass,
    diagnosis::Fact,
    resource::Kind,
    snapshot::{event::ClusterEvent, storage::Claim},
};

use super::{
    super::{
        hypothesis::{Exhibit, Hypothesis, Standing},
        patterns::{self, first},
        view::{Presence, View, reference},
    },
    Claims,
};

/// Claims what pending claims and failed mounts show.
pub(super) fn claim(view: &View<'_>, claims: &mut Claims) {
    for it in &view.snapshot.claims {
        if matches!(it.phase.as_deref(), Some("Pending" | "Lost")) {
            claims.live.extend(pending(view, it));
        }
    }
    for pod in super::unhealthy(view) {
        claims.live.extend(absent::claim(view, pod));
    }
    for event in &view.snapshot.events {
        if let Some(claim) = provisioning(event) {
            let known = view
                .snapshot
                .claims
                .iter()
                .any(|it| Some(&it.meta.name) == event.object.as_ref().map(|it| &it.name));
            if !known {
                claims.judge(view, event, claim);
            }
        } else if let Some(claim) = mount(event) {
            claims.judge(view, event, claim);
        }
    }
}

/// Why a claim has no volume, and how likely that is.
struct Obstacle {
    cause: Option<&'static str>,
    why: String,
    likelihood: f64,
    exhibit: Option<Exhibit>,
}

/// What keeps a claim pending.
fn pending(view: &View<'_>, claim: &Claim) -> Option<Hypothesis> {
    let object = reference(Kind::PersistentVolumeClaim, &claim.meta);
    let events = view.events_of(&Kind::PersistentVolumeClaim, &claim.meta);
    let told = events
        .iter()
        .rev()
        .find(|event| event.warning && provisioning(event).is_some());
    let obstacle = missing_class(view, claim)
        .or_else(|| matching::unmatched(view, claim))
        .or_else(|| told.map(|event| told_obstacle(event)))
        .or_else(|| matching::inferred(view, claim, &events))
        .or_else(|| waiting(view, claim, &events))?;
    let name = &claim.meta.name;
    let row = format!("{name} {}", claim.phase.as_deref().unwrap_or("Pending"));
    let mut hypothesis = Hypothesis::new(FailureClass::PvcPending, Standing::Verified, obstacle.likelihood)
        .about(object.clone())
        .refined(obstacle.cause)
        .fact(Fact::Claim, Some(name))
        .fact(Fact::StorageClass, claim.class.as_deref())
        .because(
            format!(
                "PersistentVolumeClaim {name} (pvc) stays pending: {}",
                obstacle.why
            ),
            "A pod that mounts the claim cannot start before the claim is bound to a volume.",
        )
        .shown_by(obstacle.exhibit)
        .shown_by([Exhibit::state(
            object.clone(),
            &claim.meta.origin,
            "status.phase",
            row,
        )]);
    if let Some(workload) = view.workload_of(&object) {
        hypothesis = hypothesis.with(workload.resource);
    }
    Some(hypothesis)
}

/// The class does not exist.
fn missing_class(view: &View<'_>, claim: &Claim) -> Option<Obstacle> {
    let class = claim.class.as_deref().filter(|class| !class.is_empty())?;
    let static_class = view
        .snapshot
        .volumes
        .iter()
        .any(|it| it.class.as_deref() == Some(class));
    let missing = view.presence(&Kind::StorageClass, None, class) == Presence::Missing && !static_class;
    missing.then(|| Obstacle {
        cause: Some("pvc_storage_class_mismatch"),
        why: format!("its storage class {class} does not exist"),
        likelihood: 0.97,
        exhibit: None,
    })
}

/// What an event tells.
fn told_obstacle(event: &ClusterEvent) -> Obstacle {
    let message = &event.message;
    let lower = message.to_ascii_lowercase();
    let (cause, why, likelihood) = if let Some(class) = first(&patterns::CLASS_MISSING, message) {
        (
            Some("pvc_storage_class_mismatch"),
            format!("its storage class {class} does not exist"),
            0.95,
        )
    } else if lower.contains("no persistent volumes available") {
        (
            None,
            "no PersistentVolume matches it and no storage class provisions one".to_owned(),
            0.85,
        )
    } else if lower.contains("unauthorized")
        || lower.contains("not authorized")
        || lower.contains("accessdenied")
    {
        (
            None,
            "the provisioner is not authorized to create the volume (unauthorized)".to_owned(),
            0.93,
        )
    } else if lower.contains("exceeded")
        || lower.contains("quota")
        || lower.contains("exhausted")
        || lower.contains("not enough")
    {
        (
            None,
            "the provisioner has no capacity or quota left for the volume".to_owned(),
            0.9,
        )
    } else if lower.contains("waiting for a volume to be created") {
        (
            None,
            "its external provisioner does not create the volume".to_owned(),
            0.7,
        )
    } else {
        (
            None,
            "the provisioner fails to create the volume".to_owned(),
            0.88,
        )
    };
    Obstacle {
        cause,
        why,
        likelihood,
        exhibit: Some(Exhibit::event(event)),
    }
}

/// A claim that waits although a pod uses it.
fn waiting(view: &View<'_>, claim: &Claim, events: &[&ClusterEvent]) -> Option<Obstacle> {
    let first_consumer = events.iter().any(|event| event.reason == "WaitForFirstConsumer")
        || view.snapshot.storage_classes.iter().any(|it| {
            Some(it.meta.name.as_str()) == claim.class.as_deref()
                && it.binding_mode.as_deref() == Some("WaitForFirstConsumer")
        });
    if first_consumer {
        return None;
    }
    let lost = claim.phase.as_deref() == Some("Lost");
    Some(Obstacle {
        cause: None,
        why: if lost {
            "its volume no longer exists".to_owned()
        } else {
            "no volume was bound or provisioned for it".to_owned()
        },
        likelihood: if lost { 0.9 } else { 0.6 },
        exhibit: None,
    })
}

/// A provisioning failure that an event tells.
fn provisioning(event: &ClusterEvent) -> Option<Hypothesis> {
    let failed = matches!(
        event.reason.as_str(),
        "ProvisioningFailed" | "FailedBinding" | "VolumeMismatch" | "ClaimLost"
    );
    if !failed
        && !event
            .message
            .to_ascii_lowercase()
            .contains("failed to provision volume")
    {
        return None;
    }
    let obstacle = told_obstacle(event);
    let name = event.object.as_ref().map_or("a claim", |object| &object.name);
    let mut claim = Hypothesis::new(FailureClass::PvcPending, Standing::Reported, obstacle.likelihood)
        .refined(obstacle.cause)
        .because(
            format!(
                "PersistentVolumeClaim {name} (pvc) stays pending: {}",
                obstacle.why
            ),
            "A pod that mounts the claim cannot start before the claim is bound to a volume.",
        )
        .shown_by([Exhibit::event(event)]);
    claim.object = super::event_object(event);
    Some(claim)
}

/// A failed attach or mount that an event tells.
fn mount(event: &ClusterEvent) -> Option<Hypothesis> {
    let message = &event.message;
    let reason = matches!(
        event.reason.as_str(),
        "FailedMount" | "FailedAttachVolume" | "FailedMapVolume"
    );
    let lower = message.to_ascii_lowercase();
    let words = lower.contains("multi-attach error")
        || lower.contains("mountvolume.")
        || lower.contains("unable to attach or mount");
    if !(reason || words) || super::config::is_missing_config(message) {
        return None;
    }
    let volume = first(&patterns::VOLUME_NAME, message);
    let shown = volume.unwrap_or("a volume");
    let name = super::event_name(event);
    let (cause, likelihood, why) = if lower.contains("multi-attach")
        || lower.contains("already used by")
        || lower.contains("already exclusively attached")
    {
        (
            None,
            0.95,
            format!(
                "Multi-Attach, the volume {shown} (ReadWriteOnce) is already used by another pod or node"
            ),
        )
    } else if lower.contains("permission denied")
        || lower.contains("access denied")
        || lower.contains("operation not permitted")
    {
        (
            Some("volume_mount_permission_denied"),
            0.93,
            format!("permission to mount the volume {shown} is denied"),
        )
    } else if lower.contains("wrong fs type") || lower.contains("bad superblock") {
        (
            None,
            0.93,
            format!("the volume {shown} has another or a broken file system"),
        )
    } else if lower.contains("no such file or directory")
        || lower.contains("does not exist")
        || lower.contains("not found")
    {
        (
            None,
            0.9,
            format!("what the volume {shown} points to does not exist"),
        )
    } else if lower.contains("timed out") || lower.contains("timeout") {
        (None, 0.75, format!("mounting the volume {shown} times out"))
    } else {
        (
            None,
            0.85,
            format!("the volume {shown} cannot be attached or mounted"),
        )
    };
    let mut claim = Hypothesis::new(FailureClass::VolumeMountFailed, Standing::Reported, likelihood)
        .refined(cause)
        .fact(Fact::Volume, volume)
        .because(
            format!("Pod {name} cannot start: {why}"),
            "The kubelet starts the containers of a pod only when all of its volumes are attached and mounted.",
        )
        .shown_by([Exhibit::event(event)]);
    claim.object = super::event_object(event);
    Some(claim)
}
