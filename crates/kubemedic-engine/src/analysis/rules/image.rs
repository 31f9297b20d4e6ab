//! Images that cannot be pulled: missing, refused, rate-limited, unreachable.

use kubemedic_model::{
    class::FailureClass,
    diagnosis::Fact,
    resource::{Kind, ResourceRef},
    snapshot::{event::ClusterEvent, pod::Pod},
};

use super::{
    super::{
        hypothesis::{Exhibit, Hypothesis, Standing},
        patterns::{self, first},
        view::{Presence, View, containers, pod_ref},
    },
    Claims, Subject, pod_exhibit,
};

/// The waiting reasons that mean a failed pull.
const PULL_REASONS: [&str; 5] = [
    "ErrImagePull",
    "ImagePullBackOff",
    "InvalidImageName",
    "ErrImageNeverPull",
    "RegistryUnavailable",
];

/// Claims what failed pulls show.
pub(super) fn claim(view: &View<'_>, claims: &mut Claims) {
    for pod in super::unhealthy(view) {
        if let Some(claim) = failing_pull(view, pod) {
            claims.live.push(claim);
        }
    }
    for event in view.snapshot.events.iter().filter(|event| is_pull_failure(event)) {
        let Some(found) = classify(&event.message) else {
            continue;
        };
        let mut claim = worded(
            found,
            super::event_name(event),
            first(&patterns::PULLED_IMAGE, &event.message),
        )
        .shown_by([Exhibit::event(event)]);
        claim.object = super::event_object(event);
        claims.judge(view, event, claim);
    }
}

/// Whether an event tells why a pull failed.
fn is_pull_failure(event: &ClusterEvent) -> bool {
    let lower = event.message.to_ascii_lowercase();
    lower.contains("pull") && (lower.contains("failed to") || lower.contains("error"))
        || event.reason == "InspectFailed"
}

/// A pod of which a container waits for its image.
fn failing_pull(view: &View<'_>, pod: &Pod) -> Option<Hypothesis> {
    let events = view.pod_events(pod);
    let told = events.iter().rev().filter(|event| is_pull_failure(event));
    let mut told = told.filter_map(|event| Some((classify(&event.message)?, *event)));
    let waiting = containers(&pod.spec).find_map(|(_, container)| {
        let state = container.state.as_ref()?;
        let reason = state.reason.as_deref()?;
        PULL_REASONS.contains(&reason).then_some((container, state))
    });
    let Some((container, state)) = waiting else {
        let status = pod.status.as_deref()?;
        let status = status.strip_prefix("Init:").unwrap_or(status);
        return PULL_REASONS
            .contains(&status)
            .then(|| from_table(pod, status, told.next()));
    };
    let subject = Subject { pod, container };
    let invalid = state.reason.as_deref() == Some("InvalidImageName");
    let message = state.message.as_deref().unwrap_or("");
    let found = classify(message)
        .or_else(|| invalid.then_some((FailureClass::ImagePullNotFound, 0.95, Reason::Invalid)))
        .map(|found| (found, None))
        .or_else(|| told.next().map(|(found, event)| (found, Some(event))));
    let image = container.image.as_deref();
    let exhibits = [subject.exhibit("state", state)];
    let Some((found, event)) = found else {
        return Some(
            unexplained(
                subject.claim(FailureClass::ImagePullNotFound, Standing::Symptom, 0.4),
                &pod.meta.name,
                image,
            )
            .shown_by(exhibits),
        );
    };
    let mut claim = worded(found, &pod.meta.name, image)
        .about(pod_ref(pod))
        .fact(Fact::Container, Some(&container.name));
    claim.standing = Standing::Verified;
    if found.0 == FailureClass::ImagePullAuth {
        claim = with_pull_secrets(view, pod, claim);
    }
    Some(claim.shown_by(event.map(Exhibit::event)).shown_by(exhibits))
}

/// A failing pull of which only the status word and perhaps an event are known.
fn from_table(
    pod: &Pod,
    status: &str,
    told: Option<((FailureClass, f64, Reason), &ClusterEvent)>,
) -> Hypothesis {
    let exhibit = pod_exhibit(pod);
    match told {
        Some((found, event)) => {
            let mut claim = worded(
                found,
                &pod.meta.name,
                first(&patterns::PULLED_IMAGE, &event.message),
            );
            claim.standing = Standing::Verified;
            claim
                .about(pod_ref(pod))
                .shown_by([Exhibit::event(event), exhibit])
        }
        None if status == "InvalidImageName" => {
            let mut claim = worded(
                (FailureClass::ImagePullNotFound, 0.9, Reason::Invalid),
                &pod.meta.name,
                None,
            );
            claim.standing = Standing::Verified;
            claim.about(pod_ref(pod)).shown_by([exhibit])
        }
        None => unexplained(
            Hypothesis::new(FailureClass::ImagePullNotFound, Standing::Symptom, 0.4),
            &pod.meta.name,
            None,
        )
        .about(pod_ref(pod))
        .shown_by([exhibit]),
    }
}

/// Words for a pull that fails nobody knows why.
fn unexplained(claim: Hypothesis, pod: &str, image: Option<&str>) -> Hypothesis {
    let image = image.unwrap_or("its image");
    claim.because(
        format!("Pod {pod} cannot pull {image}"),
        "The pull fails; the evidence does not tell what the registry answered.".to_owned(),
    )
}

/// Why a pull failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reason {
    Missing,
    Invalid,
    Refused,
    Limited,
    NoSuchHost,
    Untrusted,
    Unreachable,
}

/// The class of a failed pull's message.
fn classify(message: &str) -> Option<(FailureClass, f64, Reason)> {
    let lower = message.to_ascii_lowercase();
    let any = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    let found = if any(&["toomanyrequests", "too many requests", "rate limit", "429"]) {
        (FailureClass::ImagePullRateLimited, 0.96, Reason::Limited)
    } else if any(&["no such host", "server misbehaving", "name resolution", "lookup "]) {
        (FailureClass::ImagePullNetwork, 0.95, Reason::NoSuchHost)
    } else if any(&["x509", "tls:", "certificate"]) {
        (FailureClass::ImagePullNetwork, 0.95, Reason::Untrusted)
    } else if any(&[
        "i/o timeout",
        "connection refused",
        "connection reset",
        "deadline exceeded",
        "tls handshake timeout",
        "no route to host",
        "network is unreachable",
        "timeout awaiting",
    ]) {
        (FailureClass::ImagePullNetwork, 0.94, Reason::Unreachable)
    } else if any(&["repository does not exist or may require"])
        && !any(&["no basic auth", "authentication required", "401", "403"])
    {
        (FailureClass::ImagePullNotFound, 0.7, Reason::Missing)
    } else if any(&[
        "401",
        "unauthorized",
        "403",
        "forbidden",
        "no basic auth",
        "authentication required",
        "authorization failed",
        "access denied",
        "denied:",
        "pull secret",
    ]) {
        (FailureClass::ImagePullAuth, 0.94, Reason::Refused)
    } else if any(&[
        "invalid reference format",
        "couldn't parse image",
        "invalidimagename",
    ]) {
        (FailureClass::ImagePullNotFound, 0.94, Reason::Invalid)
    } else if any(&[
        "not found",
        "manifest unknown",
        "name unknown",
        "does not exist",
        "no such image",
        "no matching manifest",
    ]) {
        (FailureClass::ImagePullNotFound, 0.95, Reason::Missing)
    } else {
        return None;
    };
    Some(found)
}

/// The claim of a class with its words.
fn worded(
    (class, likelihood, reason): (FailureClass, f64, Reason),
    pod: &str,
    image: Option<&str>,
) -> Hypothesis {
    let shown = image.unwrap_or("its image");
    let registry = image.and_then(registry_of);
    let host = registry.unwrap_or("the registry");
    let tag = image
        .and_then(|image| image.rsplit_once(':'))
        .map_or("", |(_, tag)| tag);
    let (cause, sentence, explanation) = match reason {
        Reason::Missing => (
            Some("incorrect_image_reference"),
            format!(
                "Pod {pod} cannot pull {shown}: the registry has no such repository or tag (manifest {tag} not found)"
            ),
            "The reference names an image that does not exist: a wrong tag, a misspelt name, or an image that was never pushed.",
        ),
        Reason::Invalid => (
            Some("incorrect_image_reference"),
            format!("Pod {pod} cannot pull {shown}: it is not a valid image reference, so no image is found"),
            "The reference cannot be parsed, so the kubelet never asks a registry.",
        ),
        Reason::Refused => (
            Some("missing_image_pull_secret"),
            format!(
                "Pod {pod} cannot pull {shown}: {host} refuses the pull as unauthorized, valid credentials are missing"
            ),
            "The registry wants credentials; the pull secret is missing, wrong or expired.",
        ),
        Reason::Limited => (
            None,
            format!(
                "Pod {pod} cannot pull {shown}: {host} answers 429 toomanyrequests, its pull rate limit is used up"
            ),
            "The registry counts pulls per address or account and refuses further ones for a while.",
        ),
        Reason::NoSuchHost => (
            Some("image_registry_dns_failure"),
            format!("Pod {pod} cannot pull {shown}: the registry host {host} does not resolve in DNS"),
            "The node cannot resolve the registry's name.",
        ),
        Reason::Untrusted => (
            None,
            format!("Pod {pod} cannot pull {shown}: the node does not trust the TLS certificate of {host}"),
            "The TLS handshake with the registry fails.",
        ),
        Reason::Unreachable => (
            None,
            format!(
                "Pod {pod} cannot pull {shown}: the registry {host} does not answer (connection timeout or refusal)"
            ),
            "The node cannot reach the registry: network, proxy, firewall or an outage.",
        ),
    };
    Hypothesis::new(class, Standing::Reported, likelihood)
        .refined(cause)
        .fact(Fact::Image, image)
        .fact(Fact::Registry, registry)
        .because(sentence, explanation)
}

/// The host part of an image reference, if it has one.
fn registry_of(image: &str) -> Option<&str> {
    let (host, _) = image.split_once('/')?;
    (host.contains(['.', ':']) || host == "localhost").then_some(host)
}

/// Names the pull secrets that a pod uses, and those that do not exist.
fn with_pull_secrets(view: &View<'_>, pod: &Pod, mut claim: Hypothesis) -> Hypothesis {
    let namespace = pod.meta.namespace.as_deref();
    for secret in &pod.spec.image_pull_secrets {
        claim = claim.fact(Fact::Secret, Some(secret)).with(ResourceRef::new(
            Kind::Secret,
            namespace,
            secret.clone(),
        ));
        if view.presence(&Kind::Secret, namespace, secret) == Presence::Missing {
            claim.sentence = format!(
                "Pod {} cannot pull its image: the pull secret {secret} does not exist, so the registry refuses it as unauthorized",
                pod.meta.name
            );
        }
    }
    claim
}
