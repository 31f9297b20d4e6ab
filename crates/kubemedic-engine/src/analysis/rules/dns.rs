//! Pods that ask other name servers than the cluster's, so that names of Services do not resolve for them.
//! Broken cluster DNS itself is told by its pods and by words, not here.

use kubemedic_model::{
    class::FailureClass,
    diagnosis::Fact,
    resource::{Kind, ResourceRef},
    snapshot::{Meta, pod::PodSpec},
};

use super::{
    super::{
        hypothesis::{Exhibit, Hypothesis, Standing},
        view::{View, is_healthy, is_satisfied, pod_ref, workload_ref},
    },
    Claims,
    network::LATENT,
};

/// The likelihood where the workload does not get ready.
const FAILING: f64 = 0.95;

/// Claims what DNS settings of pods show.
pub(super) fn claim(view: &View<'_>, claims: &mut Claims) {
    for workload in view
        .snapshot
        .workloads
        .iter()
        .filter(|it| it.kind != Kind::ReplicaSet)
    {
        let failing = !is_satisfied(workload) && workload.desired != Some(0);
        claims.live.extend(foreign_servers(
            view,
            (workload_ref(workload), &workload.meta),
            &workload.template,
            failing,
        ));
    }
    for pod in &view.snapshot.pods {
        let owner = view.workload_of(&pod_ref(pod)).filter(|it| !it.derived);
        let told = owner.is_some_and(|it| {
            let owner = it.resource;
            view.workload(&owner.kind, owner.namespace.as_deref(), &owner.name)
                .is_some_and(|it| it.template.dns_policy.is_some())
        });
        if !told {
            claims.live.extend(foreign_servers(
                view,
                (pod_ref(pod), &pod.meta),
                &pod.spec,
                !is_healthy(pod),
            ));
        }
    }
}

/// The claim that a pod's own name servers do not know the cluster's names.
fn foreign_servers(
    view: &View<'_>,
    (object, meta): (ResourceRef, &Meta),
    spec: &PodSpec,
    failing: bool,
) -> Option<Hypothesis> {
    let foreign =
        !spec.dns_servers.is_empty() && !spec.dns_servers.iter().any(|server| is_cluster_dns(view, server));
    if spec.dns_policy.as_deref() != Some("None") || !foreign {
        return None;
    }
    let servers = super::listing(spec.dns_servers.iter().map(String::as_str), 3);
    let name = &object.name;
    let quote = format!("dnsPolicy None; dnsConfig.nameservers {servers}");
    let exhibit = Exhibit::state(
        object.clone(),
        &meta.origin,
        "spec.template.spec.dnsConfig",
        quote,
    );
    Some(
        Hypothesis::new(
            FailureClass::DnsFailure,
            Standing::Verified,
            if failing { FAILING } else { LATENT },
        )
        .refined(Some("service_dns_resolution_failure"))
        .fact(Fact::Key, Some("dnsPolicy"))
        .because(
            format!("{name} cannot resolve names of Services (DNS): its dnsPolicy None asks only {servers}, which is not the cluster's DNS"),
            "With dnsPolicy None a pod asks only the servers of its dnsConfig; names of Services are known to the cluster's own DNS alone.",
        )
        .about(object)
        .shown_by([exhibit]),
    )
}

/// Whether a server is the cluster's DNS: the address of its Service, or of the cache on the node (link-local).
fn is_cluster_dns(view: &View<'_>, server: &str) -> bool {
    let of_service = view.snapshot.services.iter().any(|it| {
        it.cluster_ip.as_deref() == Some(server)
            && (it.meta.namespace.as_deref() == Some("kube-system")
                || it.ports.iter().any(|port| port.port == 53))
    });
    of_service || server.starts_with("169.254.") || server.starts_with("fe80:")
}

#[cfg(test)]
mod tests;
