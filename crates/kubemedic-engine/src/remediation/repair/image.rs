//! Images and pull secrets that the evidence names.

use kubemedic_model::{diagnosis::Fact, resource::Kind};
use serde_json::json;

use super::called;
use crate::remediation::{
    change::{Change, Merge},
    playbook::Act,
    site::Site,
};

/// Sets the image that is known to have worked.
pub(crate) fn known_good(site: &Site<'_>) -> Vec<Act> {
    let (Some(workload), Some(container), Some(image)) =
        (site.rollout(), site.container(), site.fact(Fact::KnownGoodImage))
    else {
        return Vec::new();
    };
    if site.fact(Fact::Image) == Some(image) {
        return Vec::new();
    }
    let why = format!(
        "Sets container {container} of {} to {image}, which the evidence shows to have worked",
        called(workload)
    );
    vec![Act::new(
        Change::Image(workload.clone(), container.to_owned(), image.to_owned()),
        why,
    )]
}

/// Refers to the one pull secret of the namespace, where the pods name none.
pub(crate) fn refer_to_pull_secret(site: &Site<'_>) -> Vec<Act> {
    let Some(workload) = site.rollout() else {
        return Vec::new();
    };
    let Some(secret) = only_pull_secret(site) else {
        return Vec::new();
    };
    if site
        .template()
        .is_none_or(|template| !template.image_pull_secrets.is_empty())
    {
        return Vec::new();
    }
    let body = json!({"spec": {"template": {"spec": {"imagePullSecrets": [{"name": secret}]}}}});
    let why = format!(
        "Lets the pods of {} pull with Secret {secret}, the only pull secret of the namespace, which they do not refer to",
        called(workload)
    );
    vec![Act::new(
        Change::Patch(workload.clone(), Merge::Strategic, body),
        why,
    )]
}

/// The only Secret of the namespace that holds registry credentials.
fn only_pull_secret<'a>(site: &Site<'a>) -> Option<&'a str> {
    let mut secrets = site.snapshot.config_objects.iter().filter(|object| {
        object.kind == Kind::Secret
            && object.meta.namespace == site.namespace
            && object
                .secret_type
                .as_deref()
                .is_some_and(|it| it == "kubernetes.io/dockerconfigjson" || it == "kubernetes.io/dockercfg")
    });
    let only = secrets.next()?;
    secrets.next().is_none().then_some(only.meta.name.as_str())
}
