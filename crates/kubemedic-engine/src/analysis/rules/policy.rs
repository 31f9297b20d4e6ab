//! Requests that the API server refuses: quotas, limit ranges, admission policies, webhooks, missing service accounts, RBAC.

mod refused;

use kubemedic_model::{
    class::FailureClass,
    diagnosis::Fact,
    resource::{Kind, ResourceRef},
    snapshot::{event::ClusterEvent, workload::Workload},
};

use super::{
    super::{
        hypothesis::{Exhibit, Hypothesis, Standing},
        patterns::{self, first, group},
        view::{Presence, View, is_satisfied, workload_ref},
    },
    Claims,
};

/// Claims what refused creations show.
pub(super) fn claim(view: &View<'_>, claims: &mut Claims) {
    for event in view.snapshot.events.iter().filter(|event| may_refuse(event)) {
        let object = super::event_object(event);
        let Some(mut claim) = refusal(view, object.as_ref(), &event.message) else {
            continue;
        };
        claim.object = object;
        claims.judge(view, event, claim.shown_by([Exhibit::event(event)]));
    }
    for workload in view
        .snapshot
        .workloads
        .iter()
        .filter(|workload| !is_satisfied(workload))
    {
        let failing = workload.conditions.iter();
        let failing = failing.filter(|it| it.kind == "ReplicaFailure" && it.status == "True");
        for message in failing.filter_map(|it| it.message.as_deref()) {
            claims.live.extend(condition(view, workload, message));
        }
    }
}

/// Whether an event may tell of a refused request.
fn may_refuse(event: &ClusterEvent) -> bool {
    event.warning
        || event.object.is_none()
        || event.message.contains("forbidden")
        || event.message.contains("webhook")
}

/// What a workload's `ReplicaFailure` condition shows.
fn condition(view: &View<'_>, workload: &Workload, message: &str) -> Option<Hypothesis> {
    let object = workload_ref(workload);
    let mut claim = refusal(view, Some(&object), message)?;
    claim.standing = Standing::Verified;
    let exhibit = Exhibit::state(
        object.clone(),
        &workload.meta.origin,
        "status.conditions[ReplicaFailure].message",
        message.to_owned(),
    );
    Some(claim.about(object).shown_by([exhibit]))
}

/// The claim that a refusal's text makes.
fn refusal(view: &View<'_>, object: Option<&ResourceRef>, message: &str) -> Option<Hypothesis> {
    let name = object.map_or("a workload", |object| &object.name);
    let namespace = object.and_then(|object| object.namespace.as_deref());
    if let Some(quota) = first(&patterns::QUOTA, message) {
        return Some(quota_exceeded(view, namespace, name, (quota, message)));
    }
    if let Some(quota) = first(&patterns::QUOTA_DEMANDS, message) {
        let demands = group(&patterns::QUOTA_DEMANDS, message, 2).unwrap_or("limits");
        return Some(
            Hypothesis::new(FailureClass::QuotaExceeded, Standing::Reported, 0.93)
                .with(ResourceRef::new(Kind::ResourceQuota, namespace, quota))
                .fact(Fact::Quota, Some(quota))
                .because(
                    format!("{name} cannot create pods: the quota {quota} demands that every container sets {demands}"),
                    "Where a quota limits a resource, pods must say how much of it they want.",
                ),
        );
    }
    if let Some(bound) = first(&patterns::LIMIT_RANGE, message) {
        return Some(limit_range(view, namespace, name, (bound, message)));
    }
    account(view, namespace, name, message)
        .or_else(|| webhook(view, name, message))
        .or_else(|| denied(name, message))
        .or_else(|| refused::claim(name, message))
        .or_else(|| forbidden(message))
}

/// A quota that is used up.
fn quota_exceeded(
    view: &View<'_>,
    namespace: Option<&str>,
    name: &str,
    (quota, message): (&str, &str),
) -> Hypothesis {
    let part = |number| group(&patterns::QUOTA, message, number).unwrap_or("");
    let (requested, used, limited) = (part(2), part(3), part(4).trim_end_matches('.'));
    let resource = limited.split('=').next().unwrap_or("");
    let cause = match resource.rsplit('.').next().unwrap_or("") {
        "cpu" => Some("namespace_cpu_quota_exceeded"),
        "memory" => Some("namespace_memory_quota_exceeded"),
        "pods" => Some("namespace_pod_quota_exceeded"),
        "services" | "loadbalancers" | "nodeports" => Some("namespace_service_quota_exceeded"),
        "storage" | "persistentvolumeclaims" => Some("namespace_storage_quota_exceeded"),
        _ => None,
    };
    let known = view.snapshot.quotas.iter().any(|it| it.meta.name == quota);
    Hypothesis::new(FailureClass::QuotaExceeded, Standing::Reported, if known { 0.97 } else { 0.95 })
        .refined(cause)
        .with(ResourceRef::new(Kind::ResourceQuota, namespace, quota))
        .fact(Fact::Quota, Some(quota))
        .fact(Fact::Resource, Some(resource))
        .because(
            format!("{name} cannot create pods: the quota {quota} is used up (requested {requested}, used {used}, limit {limited})"),
            "The API server refuses every request that would exceed the namespace's quota.",
        )
}

/// A rule of a limit range.
fn limit_range(
    view: &View<'_>,
    namespace: Option<&str>,
    name: &str,
    (bound, message): (&str, &str),
) -> Hypothesis {
    let part = |number| group(&patterns::LIMIT_RANGE, message, number).unwrap_or("");
    let (resource, scope, limit, asked) = (part(2), part(3), part(4), part(5));
    let mut claim = Hypothesis::new(FailureClass::QuotaExceeded, Standing::Reported, 0.95)
        .fact(Fact::Resource, Some(resource))
        .because(
            format!("{name} cannot create pods: the LimitRange's {bound} {resource} per {scope} is {limit}, but the pod asks for {asked}"),
            "A LimitRange bounds what each container or pod of the namespace may ask for.",
        );
    if let Some(range) = view
        .snapshot
        .limit_ranges
        .iter()
        .find(|it| super::super::view::meets(&it.meta, namespace))
    {
        claim = claim
            .fact(Fact::Quota, Some(&range.meta.name))
            .with(ResourceRef::new(
                Kind::LimitRange,
                namespace,
                range.meta.name.clone(),
            ));
    }
    claim
}

/// A missing service account.
fn account(view: &View<'_>, namespace: Option<&str>, name: &str, message: &str) -> Option<Hypothesis> {
    let account = group(&patterns::ACCOUNT_MISSING, message, 2)?;
    let present = view.presence(&Kind::ServiceAccount, namespace, account) == Presence::Present;
    let full = format!("{}/{account}", namespace.unwrap_or("default"));
    Some(
        Hypothesis::new(FailureClass::AdmissionDenied, Standing::Reported, if present { 0.5 } else { 0.95 })
            .refined(Some("missing_service_account"))
            .with(ResourceRef::new(Kind::ServiceAccount, namespace, account))
            .fact(Fact::ServiceAccount, Some(&full))
            .because(
                format!("{name} cannot create pods: admission denies them because the service account {account} does not exist"),
                "The ServiceAccount admission plugin refuses pods whose service account is not there.",
            ),
    )
}

/// A webhook that cannot be called.
fn webhook(view: &View<'_>, name: &str, message: &str) -> Option<Hypothesis> {
    let webhook = first(&patterns::WEBHOOK_FAILED, message)?;
    let service = first(&patterns::WEBHOOK_SERVICE, message);
    let namespace = group(&patterns::WEBHOOK_SERVICE, message, 2);
    let lower = message.to_ascii_lowercase();
    let how = if lower.contains("connection refused") {
        "refuses the connection"
    } else if lower.contains("no endpoints") {
        "has no endpoints"
    } else if lower.contains("not found") {
        "does not exist"
    } else if lower.contains("x509") || lower.contains("certificate") {
        "presents a certificate that is not trusted"
    } else {
        "does not answer in time"
    };
    let behind = service.map_or_else(
        || "its service".to_owned(),
        |service| format!("its service {service}"),
    );
    let mut claim = Hypothesis::new(FailureClass::WebhookUnavailable, Standing::Reported, 0.96)
        .fact(Fact::Webhook, Some(webhook))
        .fact(Fact::Service, service)
        .because(
            format!("The admission webhook {webhook} is unavailable: {behind} {how}, so requests for {name} are refused"),
            "The API server must ask the webhook before it admits the object; with failure policy Fail an unreachable webhook blocks every such request.",
        );
    if let Some(service) = service {
        claim = claim.with(ResourceRef::new(Kind::Service, namespace, service));
    }
    let configured = view
        .snapshot
        .webhooks
        .iter()
        .find(|it| it.webhooks.iter().any(|it| it.name == webhook));
    if let Some(configuration) = configured {
        claim = claim.with(ResourceRef::new(
            configuration.kind.clone(),
            None,
            configuration.meta.name.clone(),
        ));
    }
    Some(claim)
}

/// A policy that refuses.
fn denied(name: &str, message: &str) -> Option<Hypothesis> {
    let claim = |likelihood| Hypothesis::new(FailureClass::AdmissionDenied, Standing::Reported, likelihood);
    let explanation = "An admission policy of the cluster refuses the object; the manifest must satisfy the policy or the policy must change.";
    if let Some(webhook) = first(&patterns::WEBHOOK_DENIED, message) {
        let why: String = group(&patterns::WEBHOOK_DENIED, message, 2)
            .unwrap_or("")
            .chars()
            .take(90)
            .collect();
        return Some(claim(0.95).fact(Fact::Webhook, Some(webhook)).because(
            format!(
                "{name} is denied by the admission policy of {webhook}: {}",
                why.trim()
            ),
            explanation,
        ));
    }
    let lower = message.to_ascii_lowercase();
    if lower.contains("violates podsecurity") {
        let level = message.split_once("PodSecurity ").map(|(_, rest)| rest);
        let level = level
            .and_then(|rest| rest.split('"').nth(1))
            .unwrap_or("restricted");
        return Some(claim(0.95).because(
            format!("{name} is denied by Pod Security admission: its pods violate the level {level}"),
            explanation,
        ));
    }
    let policy = lower.contains("validatingadmissionpolicy")
        || lower.contains("denied request")
        || lower.contains("securitycontextconstraint");
    policy.then(|| claim(0.9).because(format!("{name} is denied by an admission policy"), explanation))
}

/// A permission that is missing.
fn forbidden(message: &str) -> Option<Hypothesis> {
    let user = first(&patterns::FORBIDDEN, message)?;
    let verb = group(&patterns::FORBIDDEN, message, 2);
    let resource = group(&patterns::FORBIDDEN, message, 3);
    let account = user
        .strip_prefix("system:serviceaccount:")
        .map(|it| it.replacen(':', "/", 1));
    Some(
        Hypothesis::new(FailureClass::RbacForbidden, Standing::Reported, 0.9)
            .fact(Fact::User, Some(user))
            .fact(Fact::ServiceAccount, account.as_deref())
            .fact(Fact::Verb, verb)
            .fact(Fact::RefusedResource, resource)
            .because(
                format!(
                    "RBAC forbids {user} to {} {}: the permission is missing",
                    verb.unwrap_or("use"),
                    resource.unwrap_or("a resource")
                ),
                "No Role or ClusterRole bound to that user grants the verb on the resource.",
            ),
    )
}
