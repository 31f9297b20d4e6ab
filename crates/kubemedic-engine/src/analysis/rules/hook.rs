//! Admission webhooks that are configured to refuse when they cannot be asked, and that nobody can ask.
//! Calls that failed are read from refusals in `policy`.

use kubemedic_model::{
    class::FailureClass,
    diagnosis::Fact,
    resource::{Kind, ResourceRef},
    snapshot::policy::{Webhook, WebhookConfiguration},
};

use super::{
    super::{
        hypothesis::{Exhibit, Hypothesis, Standing},
        view::{Presence, View, is_healthy, reference},
    },
    Claims,
    network::LATENT,
};

/// Claims what webhooks without a backend show.
pub(super) fn claim(view: &View<'_>, claims: &mut Claims) {
    for configuration in &view.snapshot.webhooks {
        let hooks = configuration.webhooks.iter();
        claims.live.extend(
            hooks
                .filter_map(|hook| abandoned(view, configuration, hook))
                .take(1),
        );
    }
}

/// A webhook whose Service does not exist or has no pod that is ready.
fn abandoned(view: &View<'_>, configuration: &WebhookConfiguration, hook: &Webhook) -> Option<Hypothesis> {
    let (namespace, service) = hook.service.as_deref()?.split_once('/')?;
    let why = match view.presence(&Kind::Service, Some(namespace), service) {
        Presence::Missing => "does not exist",
        Presence::Present => {
            let selector = view.service(Some(namespace), service)?.selector.as_ref()?;
            let known = !selector.is_empty() && view.snapshot.lists(&Kind::Pod, Some(namespace));
            let pods = view.selected(Some(namespace), selector);
            if !known || pods.iter().any(|pod| is_healthy(pod)) {
                return None;
            }
            "has no endpoints, none of its pods is ready"
        }
        Presence::Unknown => return None,
    };
    let blocks = hook.failure_policy.as_deref() != Some("Ignore");
    let object = reference(configuration.kind.clone(), &configuration.meta);
    Some(
        Hypothesis::new(
            FailureClass::WebhookUnavailable,
            Standing::Verified,
            if blocks { 0.8 } else { LATENT },
        )
        .about(object.clone())
        .with(ResourceRef::new(Kind::Service, Some(namespace), service))
        .fact(Fact::Webhook, Some(&hook.name))
        .fact(Fact::Service, Some(service))
        .because(
            format!("The admission webhook {} is unavailable: its service {service} {why}", hook.name),
            "With failure policy Fail the API server refuses every request that it cannot show to the webhook.",
        )
        .shown_by([Exhibit::state(
            object,
            &configuration.meta.origin,
            format!("webhooks[{}].clientConfig.service", hook.name),
            format!("{namespace}/{service} failurePolicy {}", hook.failure_policy.as_deref().unwrap_or("Fail")),
        )]),
    )
}
