//! Looks at what leads traffic: Services, endpoints, routes, policies.

use kubemedic_model::{diagnosis::Fact, plan::PlannedCommand, resource::Kind};

use super::read;
use crate::remediation::{commands, site::Site};

/// The Service in full, else the Services and endpoints of the namespace.
pub(crate) fn service(site: &Site<'_>) -> Option<PlannedCommand> {
    let described = site.service().and_then(|service| {
        read(
            commands::describe(&service),
            "Shows the Service's selector, ports and endpoints",
            "Endpoints behind every port",
        )
    });
    described.or_else(|| services(site))
}

/// The Services and endpoints of the namespace.
pub(crate) fn services(site: &Site<'_>) -> Option<PlannedCommand> {
    read(
        commands::list("services,endpoints", site.namespace.as_deref()),
        "Shows the Services of the namespace and the addresses behind each",
        "Every Service that is called has endpoints",
    )
}

/// The Service's endpoints.
pub(crate) fn endpoints(site: &Site<'_>) -> Option<PlannedCommand> {
    let Some(service) = site.service() else {
        return services(site);
    };
    let target = crate::remediation::site::Target {
        kind: Kind::Endpoints,
        ..service
    };
    read(
        commands::get(&target),
        "Shows the addresses behind the Service",
        "At least one address with the right port",
    )
}

/// The network policy in full, else all of the namespace.
pub(crate) fn policies(site: &Site<'_>) -> Option<PlannedCommand> {
    let named = site
        .named(Kind::NetworkPolicy, Fact::NetworkPolicy)
        .and_then(|policy| {
            read(
                commands::describe(&policy),
                "Shows which pods the policy covers and which peers and ports it admits",
                "Whether the refused connection is admitted",
            )
        });
    named.or_else(|| {
        read(
            commands::list("networkpolicies", site.namespace.as_deref()),
            "Shows which network policies there are in the namespace",
            "The policies that cover the pods on either side",
        )
    })
}

/// The Ingress in full, else all of the namespace.
pub(crate) fn ingress(site: &Site<'_>) -> Option<PlannedCommand> {
    let named = site.involved(&Kind::Ingress).and_then(|ingress| {
        read(
            commands::describe(&ingress),
            "Shows the Ingress' class, routes, backends, TLS Secrets and events",
            "Every backend with endpoints, and an address",
        )
    });
    named.or_else(|| {
        read(
            commands::list("ingresses", site.namespace.as_deref()),
            "Shows the Ingresses of the namespace with class, hosts and address",
            "A class and an address for each",
        )
    })
}
