//! ConfigMaps, Secrets and service accounts that pods refer to and that do not exist, or lack a key.

use kubemedic_model::{
    class::FailureClass,
    diagnosis::Fact,
    resource::{Kind, ResourceRef},
    snapshot::{
        pod::{ConfigReference, PodSpec, VolumeSource},
        workload::Workload,
    },
};

use super::{
    super::{
        hypothesis::{Exhibit, Hypothesis, Standing},
        patterns::{self, first, group},
        view::{Presence, View, containers, is_satisfied, pod_ref, workload_ref},
    },
    Claims, Subject, pod_exhibit,
};

/// Claims what waiting containers, mount events and references show.
pub(super) fn claim(view: &View<'_>, claims: &mut Claims) {
    for pod in super::unhealthy(view) {
        for (_, container) in containers(&pod.spec) {
            let Some(state) = &container.state else { continue };
            let subject = Subject { pod, container };
            let told = state.message.as_deref().and_then(Missing::read);
            if let Some(missing) = told {
                let claim = missing.claim(view, &pod_ref(pod), Standing::Verified, 0.96);
                let claim = claim.fact(Fact::Container, Some(&container.name));
                claims
                    .live
                    .push(claim.shown_by([subject.exhibit("state", state)]));
            }
        }
        claims
            .live
            .extend(dangling(view, &pod_ref(pod), &pod.spec).map(|it| it.shown_by([pod_exhibit(pod)])));
    }
    for workload in view.snapshot.workloads.iter().filter(|it| is_short(view, it)) {
        claims
            .live
            .extend(dangling(view, &workload_ref(workload), &workload.template));
    }
    for event in view
        .snapshot
        .events
        .iter()
        .filter(|event| event.warning || event.object.is_none())
    {
        let Some(missing) = Missing::read(&event.message) else {
            continue;
        };
        let object = super::event_object(event);
        let mut claim = match &object {
            Some(object) => missing.claim(view, object, Standing::Reported, 0.95),
            None => missing.claim(
                view,
                &ResourceRef::new(Kind::Pod, None, "a pod"),
                Standing::Reported,
                0.95,
            ),
        };
        claim.object = object;
        claims.judge(view, event, claim.shown_by([Exhibit::event(event)]));
    }
}

/// Whether a workload lacks pods that nothing else in the snapshot represents.
fn is_short(view: &View<'_>, workload: &Workload) -> bool {
    workload.kind != Kind::ReplicaSet
        && workload.ready.is_some()
        && !is_satisfied(workload)
        && view
            .selected(workload.meta.namespace.as_deref(), &workload.selector)
            .is_empty()
}

/// What is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Missing<'t> {
    kind: Kind,
    name: &'t str,
    key: Option<&'t str>,
}

impl<'t> Missing<'t> {
    /// Reads the kubelet's message.
    fn read(message: &'t str) -> Option<Self> {
        if let Some(key) = first(&patterns::CONFIG_KEY_MISSING, message) {
            return Some(Self {
                kind: Kind::parse(group(&patterns::CONFIG_KEY_MISSING, message, 2)?),
                name: group(&patterns::CONFIG_KEY_MISSING, message, 3)?,
                key: Some(key),
            });
        }
        Some(Self {
            kind: Kind::parse(first(&patterns::CONFIG_NOT_FOUND, message)?),
            name: group(&patterns::CONFIG_NOT_FOUND, message, 2)?,
            key: None,
        })
    }

    /// The claim about the object that needs it.
    fn claim(&self, view: &View<'_>, user: &ResourceRef, standing: Standing, likelihood: f64) -> Hypothesis {
        let secret = self.kind == Kind::Secret;
        let class = if secret {
            FailureClass::SecretMissing
        } else {
            FailureClass::ConfigmapMissing
        };
        let object = ResourceRef::new(self.kind.clone(), user.namespace.as_deref(), self.name);
        let missing = match self.key {
            Some(key) => format!(
                "the key {key} is missing in the {} {} (couldn't find it)",
                self.kind, self.name
            ),
            None => format!("the {} {} does not exist (not found)", self.kind, self.name),
        };
        let exists = view.presence(&self.kind, user.namespace.as_deref(), self.name) == Presence::Present;
        let likelihood = if exists && self.key.is_none() {
            likelihood * 0.6
        } else {
            likelihood
        };
        Hypothesis::new(class, standing, likelihood)
            .about(user.clone())
            .with(object)
            .refined(secret.then_some("missing_secret_binding"))
            .fact(if secret { Fact::Secret } else { Fact::ConfigMap }, Some(self.name))
            .fact(Fact::Key, self.key)
            .because(
                format!("{} {} cannot start: {missing}", user.kind, user.name),
                format!(
                    "The kubelet creates a container only when every ConfigMap and Secret that it refers to exists with its \
                     keys. Either the reference is wrong or the {} was deleted or never made.",
                    self.kind
                ),
            )
    }
}

/// References of a pod that does not run to objects or keys that the evidence shows to be missing.
fn dangling<'a>(
    view: &'a View<'_>,
    user: &'a ResourceRef,
    spec: &'a PodSpec,
) -> impl Iterator<Item = Hypothesis> {
    references(spec).filter_map(move |reference| {
        let key = missing_key(view, user, reference)?;
        let missing = Missing {
            kind: reference.kind.clone(),
            name: &reference.name,
            key,
        };
        let claim = missing.claim(view, user, Standing::Verified, 0.93);
        let quote = format!("{} refers to {} {}", user.name, reference.kind, reference.name);
        let exhibit = Exhibit::state(
            user.clone(),
            &kubemedic_model::evidence::Origin::default(),
            "spec",
            quote,
        );
        Some(claim.shown_by([exhibit]))
    })
}

/// `Some(None)`: the object is missing; `Some(Some(key))`: its key is; `None`: nothing is, or it does not matter.
#[expect(
    clippy::option_option,
    reason = "three outcomes of one look-up, consumed at once"
)]
fn missing_key<'r>(
    view: &View<'_>,
    user: &ResourceRef,
    reference: &'r ConfigReference,
) -> Option<Option<&'r str>> {
    let namespace = user.namespace.as_deref();
    if reference.optional {
        return None;
    }
    match view.presence(&reference.kind, namespace, &reference.name) {
        Presence::Missing => Some(None),
        Presence::Unknown => None,
        Presence::Present => {
            let key = reference.key.as_deref()?;
            let objects = view.snapshot.config_objects.iter();
            let mut named = objects.filter(|it| {
                it.kind == reference.kind
                    && it.meta.name == reference.name
                    && super::super::view::meets(&it.meta, namespace)
            });
            let keys = named.find_map(|it| it.keys.as_ref())?;
            (!keys.contains(key)).then_some(Some(key))
        }
    }
}

/// Every reference of a pod to configuration.
fn references(spec: &PodSpec) -> impl Iterator<Item = &ConfigReference> {
    let env = containers(spec).flat_map(|(_, it)| {
        it.env
            .iter()
            .filter_map(|env| env.from.as_ref())
            .chain(&it.env_from)
    });
    let volumes = spec.volumes.iter().filter_map(|volume| match &volume.source {
        VolumeSource::Config(reference) => Some(reference),
        _ => None,
    });
    env.chain(volumes)
}

/// Whether a pod waits for configuration that is missing, so that a mount failure is a symptom of that.
pub(super) fn is_missing_config(message: &str) -> bool {
    Missing::read(message).is_some() || patterns::matches(&patterns::CONFIG_ITEM_MISSING, message)
}
