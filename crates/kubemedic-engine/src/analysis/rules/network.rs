//! Services without pods behind them, ports that do not meet, routes that lead nowhere, policies that let nobody in.

use kubemedic_model::{
    class::FailureClass,
    diagnosis::Fact,
    resource::{Kind, ResourceRef},
    snapshot::{
        Labels, PortRef,
        network::{Ingress, NetworkPolicy, PolicyRule, Service, ServicePort},
        pod::Pod,
        workload::Workload,
    },
};

use super::{
    super::{
        hypothesis::{Exhibit, Hypothesis, Standing},
        view::{Presence, View, is_finished, meets, reference, selects},
    },
    Claims,
};

/// The likelihood of a fault that counts only where a symptom confirms it: below the floor of the verdict.
pub(super) const LATENT: f64 = 0.3;

/// Claims what services, routes and policies show.
pub(super) fn claim(view: &View<'_>, claims: &mut Claims) {
    for service in &view.snapshot.services {
        claims.live.extend(service_claims(view, service));
    }
    for ingress in &view.snapshot.ingresses {
        claims.live.extend(ingress_claim(view, ingress));
    }
    for policy in &view.snapshot.network_policies {
        claims.live.extend(policy_claim(view, policy));
    }
}

/// What is wrong with a service, if anything.
fn service_claims(view: &View<'_>, service: &Service) -> Option<Hypothesis> {
    let selector = service.selector.as_ref().filter(|it| !it.is_empty())?;
    let namespace = service.meta.namespace.as_deref();
    if service.kind.as_deref() == Some("ExternalName") {
        return None;
    }
    let pods = view.selected(namespace, selector);
    let pods: Vec<&Pod> = pods.into_iter().filter(|pod| !is_finished(pod)).collect();
    if pods.is_empty() {
        return view
            .snapshot
            .lists(&Kind::Pod, namespace)
            .then(|| selects_nothing(view, service, selector))
            .flatten();
    }
    port_mismatch(view, service, &pods)
}

/// A selector that no pod satisfies. Where nothing resembles it, the service is left over from something that was removed
/// or never installed: latent, until somebody fails to reach it.
fn selects_nothing(view: &View<'_>, service: &Service, selector: &Labels) -> Option<Hypothesis> {
    let namespace = service.meta.namespace.as_deref();
    let in_reach = |it: &&Workload| it.kind != Kind::ReplicaSet && meets(&it.meta, namespace);
    let mut workloads = view.snapshot.workloads.iter().filter(in_reach);
    if workloads.any(|it| selects(selector, &it.pod_labels)) {
        return None;
    }
    let near = nearest(view, service, selector);
    let shown = written(selector);
    let differing = near.and_then(|pod| differing(selector, &pod.meta.labels));
    let hint = match (&differing, near) {
        (Some((have, _)), Some(pod)) => format!(", while pod {} carries {have}", pod.meta.name),
        _ => String::new(),
    };
    let name = &service.meta.name;
    let object = reference(Kind::Service, &service.meta);
    let quote = format!("selector {shown}; endpoints <none>");
    let mut claim = Hypothesis::new(FailureClass::ServiceSelectorMismatch, Standing::Verified, if near.is_some() { 0.93 } else { LATENT })
        .about(object.clone())
        .refined(Some("service_selector_mismatch"))
        .fact(Fact::Service, Some(name))
        .fact(Fact::Label, Some(&shown))
        .fact(Fact::RightLabel, differing.as_ref().map(|(have, _)| have.as_str()))
        .because(
            format!("Service {name} has no endpoints: its selector {shown} matches the labels of no pod{hint}"),
            "A service sends traffic only to ready pods whose labels satisfy its selector, so every connection to it fails.",
        )
        .shown_by([Exhibit::state(object, &service.meta.origin, "spec.selector", quote)]);
    if let Some(workload) = near.and_then(|pod| view.workload_of(&super::super::view::pod_ref(pod))) {
        claim = claim.with(workload.resource);
    }
    Some(claim)
}

/// The pod that a service most likely means: one that shares a label with the selector, or the service's name.
fn nearest<'a>(view: &View<'a>, service: &Service, selector: &Labels) -> Option<&'a Pod> {
    let namespace = service.meta.namespace.as_deref();
    let name = &service.meta.name;
    let score = |pod: &Pod| {
        let shared = selector
            .iter()
            .filter(|(key, value)| pod.meta.labels.get(*key) == Some(value))
            .count();
        let owner = view.workload_of(&super::super::view::pod_ref(pod));
        let named = owner.is_some_and(|it| it.resource.name == *name);
        let labelled = pod.meta.labels.values().any(|value| value == name);
        shared + usize::from(named) * 4 + usize::from(labelled) * 3
    };
    let pods = view
        .snapshot
        .pods
        .iter()
        .filter(|pod| meets(&pod.meta, namespace) && !is_finished(pod));
    pods.map(|pod| (score(pod), pod))
        .filter(|(score, _)| *score > 0)
        .max_by_key(|(score, pod)| (*score, std::cmp::Reverse(&pod.meta.name)))
        .map(|(_, pod)| pod)
}

/// The label of the pod that differs from the selector, as the pod has it and as the selector wants it.
fn differing(selector: &Labels, labels: &Labels) -> Option<(String, String)> {
    selector.iter().find_map(|(key, want)| {
        let have = labels.get(key)?;
        (have != want).then(|| (format!("{key}={have}"), format!("{key}={want}")))
    })
}

/// Labels as `key=value` pairs.
fn written(labels: &Labels) -> String {
    labels
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect::<Vec<_>>()
        .join(",")
}

/// A target port that the pods do not declare.
fn port_mismatch(view: &View<'_>, service: &Service, pods: &[&Pod]) -> Option<Hypothesis> {
    let declared = |pod: &Pod| {
        pod.spec
            .containers
            .iter()
            .flat_map(|it| it.ports.clone())
            .collect::<Vec<_>>()
    };
    let ports: Vec<_> = pods.iter().flat_map(|pod| declared(pod)).collect();
    if ports.is_empty() {
        return None;
    }
    // `describe` prints ports without their names: only where some name is told is a missing one a fact.
    let names_told = ports.iter().any(|it| it.name.is_some());
    let meets_port = |port: &&ServicePort| match target(port) {
        PortRef::Number(number) => ports.iter().any(|it| it.number == number),
        PortRef::Name(name) => !names_told || ports.iter().any(|it| it.name.as_deref() == Some(&name)),
    };
    let wrong = service.ports.iter().find(|port| !meets_port(port))?;
    let target = target(wrong);
    let others_meet = service.ports.iter().any(|port| meets_port(&port));
    let named = matches!(target, PortRef::Name(_));
    let likelihood = match (named, others_meet) {
        (true, _) => 0.94,
        (false, false) => 0.86,
        (false, true) => LATENT,
    };
    let right = ports.first()?;
    let list = ports
        .iter()
        .map(|it| it.number)
        .collect::<std::collections::BTreeSet<_>>();
    let list = list
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(", ");
    let name = &service.meta.name;
    let object = reference(Kind::Service, &service.meta);
    let lack = if named {
        format!("the named port {target}, which is not found in its pods: none defines that name")
    } else {
        format!("targetPort {target}")
    };
    let mut claim = Hypothesis::new(FailureClass::ServicePortMismatch, Standing::Verified, likelihood)
        .about(object.clone())
        .refined(Some("service_port_mapping_mismatch"))
        .fact(Fact::Service, Some(name))
        .fact(Fact::Port, Some(&target.to_string()))
        .fact(Fact::RightPort, Some(&right.number.to_string()))
        .because(
            format!(
                "Service {name} forwards port {} to {lack}; its pods listen on {list}",
                wrong.port
            ),
            "Connections to the service reach the pods on a port where nothing listens and are refused.",
        )
        .shown_by([Exhibit::state(
            object,
            &service.meta.origin,
            "spec.ports",
            format!(
                "port {} -> targetPort {target}; containerPorts {list}",
                wrong.port
            ),
        )]);
    if let Some(workload) = view.workload_of(&reference(Kind::Service, &service.meta)) {
        claim = claim.with(workload.resource);
    }
    Some(claim)
}

/// The port on the pods that a service port means.
fn target(port: &ServicePort) -> PortRef {
    match &port.target {
        Some(PortRef::Number(0)) | None => PortRef::Number(port.port),
        Some(target) => target.clone(),
    }
}

/// A route to a service that is not there, or a certificate that is not there.
fn ingress_claim(view: &View<'_>, ingress: &Ingress) -> Option<Hypothesis> {
    let namespace = ingress.meta.namespace.as_deref();
    let missing = |kind: &Kind, name: &str| view.presence(kind, namespace, name) == Presence::Missing;
    let name = &ingress.meta.name;
    let object = reference(Kind::Ingress, &ingress.meta);
    let claim = |likelihood: f64, why: String, quote: String| {
        Hypothesis::new(FailureClass::IngressMisconfigured, Standing::Verified, likelihood)
            .about(object.clone())
            .because(
                format!("Ingress {name} is misconfigured: {why}"),
                "Requests that the ingress should route get an error from the ingress controller instead.",
            )
            .shown_by([Exhibit::state(
                object.clone(),
                &ingress.meta.origin,
                "spec",
                quote,
            )])
    };
    if let Some(route) = ingress
        .routes
        .iter()
        .find(|it| !it.service.is_empty() && missing(&Kind::Service, &it.service))
    {
        let why = format!("its backend service {} does not exist", route.service);
        return Some(
            claim(0.93, why, format!("backend {}", route.service))
                .refined(Some("gateway_misroute"))
                .fact(Fact::Service, Some(&route.service))
                .fact(Fact::Host, route.host.as_deref())
                .with(ResourceRef::new(Kind::Service, namespace, route.service.clone())),
        );
    }
    for route in &ingress.routes {
        let Some(service) = view.service(namespace, &route.service) else {
            continue;
        };
        let Some(port) = &route.port else { continue };
        let known = service.ports.iter().any(|it| match port {
            PortRef::Number(number) => it.port == *number,
            PortRef::Name(name) => it.name.as_ref() == Some(name),
        });
        if !known && !service.ports.is_empty() {
            let why = format!(
                "it routes to port {port} of service {}, which has no such port",
                route.service
            );
            let right = service.ports.first().map(|it| it.port.to_string());
            return Some(
                claim(0.92, why, format!("backend {}:{port}", route.service))
                    .fact(Fact::Service, Some(&route.service))
                    .fact(Fact::Port, Some(&port.to_string()))
                    .fact(Fact::RightPort, right.as_deref())
                    .with(ResourceRef::new(Kind::Service, namespace, route.service.clone())),
            );
        }
    }
    if let Some(secret) = ingress
        .tls_secrets
        .iter()
        .find(|secret| missing(&Kind::Secret, secret))
    {
        return Some(
            claim(
                0.85,
                format!("its TLS secret {secret} does not exist (not found)"),
                format!("tls secret {secret}"),
            )
            .fact(Fact::Secret, Some(secret))
            .with(ResourceRef::new(Kind::Secret, namespace, secret.clone())),
        );
    }
    let class = ingress.class.as_deref()?;
    missing(&Kind::IngressClass, class).then(|| {
        claim(
            0.85,
            format!("its ingress class {class} does not exist"),
            format!("class {class}"),
        )
        .with(ResourceRef::new(Kind::IngressClass, None, class))
    })
}

/// A policy that lets no existing pod in. Latent: only a symptom makes it a fault.
fn policy_claim(view: &View<'_>, policy: &NetworkPolicy) -> Option<Hypothesis> {
    let selector = policy.pod_selector.as_ref()?;
    let namespace = policy.meta.namespace.as_deref();
    let pods = view.selected(namespace, selector);
    if pods.is_empty() {
        return None;
    }
    let blocks_in = policy.ingress
        && !policy
            .ingress_rules
            .iter()
            .any(|rule| admits(view, namespace, rule));
    let blocks_out = policy.egress
        && !policy
            .egress_rules
            .iter()
            .any(|rule| admits(view, namespace, rule));
    let opened = |ingress: bool| others_admit(view, policy, pods.first().copied(), ingress);
    let direction = match (blocks_in && !opened(true), blocks_out && !opened(false)) {
        (true, true) => "no incoming and no outgoing traffic",
        (true, false) => "no incoming traffic from any pod",
        (false, true) => "no outgoing traffic",
        (false, false) => return None,
    };
    let name = &policy.meta.name;
    let object = reference(Kind::NetworkPolicy, &policy.meta);
    let covered = if selector.is_empty() {
        "all pods of its namespace".to_owned()
    } else {
        format!("pods with {}", written(selector))
    };
    let mut claim = Hypothesis::new(FailureClass::NetworkPolicyBlocked, Standing::Verified, LATENT)
        .about(object.clone())
        .fact(Fact::NetworkPolicy, Some(name))
        .because(
            format!("NetworkPolicy {name} allows {direction} for {covered}, so connections to them are dropped"),
            "Once a policy selects a pod, only what its rules name may pass; packets that no rule allows are dropped without an answer.",
        )
        .shown_by([Exhibit::state(object, &policy.meta.origin, "spec", format!("podSelector {}; allows {direction}", written(selector)))]);
    for pod in pods.iter().take(3) {
        if let Some(workload) = view.workload_of(&super::super::view::pod_ref(pod)) {
            claim = claim.with(workload.resource);
        }
    }
    Some(claim)
}

/// Whether a rule lets some existing or outside peer pass.
fn admits(view: &View<'_>, namespace: Option<&str>, rule: &PolicyRule) -> bool {
    let open = rule.peer_pods.is_empty() && rule.peer_namespaces.is_empty() && rule.peer_blocks.is_empty();
    open || !rule.peer_blocks.is_empty()
        || !rule.peer_namespaces.is_empty()
        || rule
            .peer_pods
            .iter()
            .any(|labels| !view.selected(namespace, labels).is_empty())
}

/// Whether another policy that covers the pod lets traffic pass: policies add up.
fn others_admit(view: &View<'_>, policy: &NetworkPolicy, pod: Option<&Pod>, ingress: bool) -> bool {
    let Some(pod) = pod else { return false };
    let namespace = policy.meta.namespace.as_deref();
    let others = view
        .snapshot
        .network_policies
        .iter()
        .filter(|it| it.meta.name != policy.meta.name && meets(&it.meta, namespace));
    others
        .filter(|it| {
            it.pod_selector
                .as_ref()
                .is_some_and(|selector| selects(selector, &pod.meta.labels))
        })
        .any(|it| {
            let rules = if ingress {
                &it.ingress_rules
            } else {
                &it.egress_rules
            };
            rules.iter().any(|rule| admits(view, namespace, rule))
        })
}
