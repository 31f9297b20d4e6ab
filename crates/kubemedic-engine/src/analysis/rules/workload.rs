//! Workloads as wholes: no replicas, failed jobs, autoscalers without metrics, blocked evictions, objects that do not go.

use kubemedic_model::{
    class::FailureClass,
    diagnosis::Fact,
    resource::{Kind, ResourceRef},
    snapshot::{
        Meta,
        event::ClusterEvent,
        policy::{DisruptionBudget, PodAutoscaler},
        workload::{Job, ScheduledJob, Workload},
    },
};

use super::{
    super::{
        hypothesis::{Exhibit, Hypothesis, Standing},
        patterns,
        view::{View, meets, reference, selects, workload_ref},
    },
    Claims,
    network::LATENT,
};

/// Claims what workloads, jobs, autoscalers and budgets show.
pub(super) fn claim(view: &View<'_>, claims: &mut Claims) {
    let snapshot = view.snapshot;
    claims.live.extend(
        snapshot
            .workloads
            .iter()
            .filter_map(|it| scaled_to_zero(view, it)),
    );
    claims
        .live
        .extend(snapshot.jobs.iter().filter_map(|it| failed_job(view, it)));
    claims
        .live
        .extend(snapshot.scheduled_jobs.iter().filter_map(suspended));
    for it in &snapshot.autoscalers {
        claims.live.extend(blind(view, it));
    }
    claims
        .live
        .extend(snapshot.disruption_budgets.iter().filter_map(exhausted_budget));
    claims.live.extend(terminating(view));
    for event in &snapshot.events {
        if let Some(mut claim) = told(view, event) {
            claim.object = claim.object.or_else(|| super::event_object(event));
            claims.judge(view, event, claim.shown_by([Exhibit::event(event)]));
        }
    }
}

/// A workload that wants no pods although something needs them.
fn scaled_to_zero(view: &View<'_>, workload: &Workload) -> Option<Hypothesis> {
    if workload.kind == Kind::ReplicaSet || workload.kind == Kind::DaemonSet || workload.desired != Some(0) {
        return None;
    }
    let namespace = workload.meta.namespace.as_deref();
    let service = view.snapshot.services.iter().find(|it| {
        let selector = it.selector.as_ref().filter(|selector| !selector.is_empty());
        meets(&it.meta, namespace) && selector.is_some_and(|selector| selects(selector, &workload.pod_labels))
    });
    let object = workload_ref(workload);
    let name = &workload.meta.name;
    let effect = service.map_or_else(String::new, |it| {
        format!(", so the service {} has no endpoints", it.meta.name)
    });
    let mut claim = Hypothesis::new(
        FailureClass::ReplicasZero,
        Standing::Verified,
        if service.is_some() { 0.85 } else { LATENT },
    )
    .about(object.clone())
    .refined((workload.kind == Kind::Deployment).then_some("deployment_zero_replicas"))
    .fact(Fact::Replicas, Some("0"))
    .because(
        format!("{} {name} is scaled to 0 replicas{effect}", workload.kind),
        "With 0 replicas no pod of the workload runs, so nothing serves its requests.",
    )
    .shown_by([Exhibit::state(
        object,
        &workload.meta.origin,
        "spec.replicas",
        "replicas 0".to_owned(),
    )]);
    if let Some(service) = service {
        claim = claim
            .fact(Fact::Service, Some(&service.meta.name))
            .with(reference(Kind::Service, &service.meta));
    }
    Some(claim)
}

/// A job that failed for good.
fn failed_job(view: &View<'_>, job: &Job) -> Option<Hypothesis> {
    let condition = job
        .conditions
        .iter()
        .find(|it| matches!(it.kind.as_str(), "Failed" | "FailureTarget") && it.status == "True")?;
    let reason = condition.reason.as_deref().unwrap_or("");
    let object = reference(Kind::Job, &job.meta);
    if superseded(view, job) {
        return None;
    }
    let quote = format!("Failed {reason}: {}", condition.message.as_deref().unwrap_or(""));
    let claim = job_words(reason, &job.meta.name, Some(job))?;
    Some(
        Hypothesis {
            standing: Standing::Verified,
            ..claim
        }
        .about(object.clone())
        .shown_by([Exhibit::state(
            object,
            &job.meta.origin,
            "status.conditions[Failed]",
            quote,
        )]),
    )
}

/// Whether a later job of the same schedule succeeded.
fn superseded(view: &View<'_>, job: &Job) -> bool {
    let Some(owner) = &job.meta.owner else {
        return false;
    };
    view.snapshot.jobs.iter().any(|it| {
        it.meta.owner.as_ref() == Some(owner)
            && it.succeeded.unwrap_or(0) > 0
            && it
                .meta
                .created
                .zip(job.meta.created)
                .is_some_and(|(later, failed)| later > failed)
    })
}

/// Words for a failed job.
fn job_words(reason: &str, name: &str, job: Option<&Job>) -> Option<Hypothesis> {
    match reason {
        "BackoffLimitExceeded" | "PodFailurePolicy" => {
            let limit = job.and_then(|job| job.backoff_limit).map(|it| it.to_string());
            let of = limit
                .as_deref()
                .map_or_else(String::new, |it| format!(" of {it}"));
            Some(
                Hypothesis::new(FailureClass::JobBackoffLimit, Standing::Reported, 0.88)
                    .fact(Fact::Replicas, limit.as_deref())
                    .because(
                        format!(
                            "Job {name} failed: its pods kept failing until it reached its backoff limit{of}"
                        ),
                        "Kubernetes retries a job's pods up to the backoff limit and then gives up.",
                    ),
            )
        }
        "DeadlineExceeded" => {
            let seconds = job
                .and_then(|job| job.active_deadline_seconds)
                .map(|it| it.to_string());
            let of = seconds
                .as_deref()
                .map_or_else(String::new, |it| format!(" of {it} seconds"));
            Some(
                Hypothesis::new(FailureClass::JobDeadline, Standing::Reported, 0.93)
                    .fact(Fact::Duration, seconds.as_deref())
                    .because(
                        format!("Job {name} was stopped: it ran longer than its active deadline{of}"),
                        "Kubernetes ends a job's pods when its active deadline has passed.",
                    ),
            )
        }
        _ => None,
    }
}

/// A schedule that is switched off. Latent: it may be on purpose.
fn suspended(job: &ScheduledJob) -> Option<Hypothesis> {
    if !job.suspended {
        return None;
    }
    let object = reference(Kind::CronJob, &job.meta);
    Some(
        Hypothesis::new(FailureClass::JobDeadline, Standing::Verified, LATENT)
            .about(object.clone())
            .refined(Some("cronjob_suspended"))
            .because(
                format!(
                    "CronJob {} is suspended, so it misses every schedule",
                    job.meta.name
                ),
                "A suspended CronJob starts no jobs.",
            )
            .shown_by([Exhibit::state(
                object,
                &job.meta.origin,
                "spec.suspend",
                "suspend true".to_owned(),
            )]),
    )
}

/// An autoscaler that cannot read its metrics.
fn blind(view: &View<'_>, autoscaler: &PodAutoscaler) -> Option<Hypothesis> {
    let inactive = autoscaler.conditions.iter().find(|it| {
        let metrics = it
            .reason
            .as_deref()
            .is_some_and(|reason| reason.contains("Metric"));
        it.kind == "ScalingActive" && it.status == "False" && metrics
    });
    let unknown = autoscaler
        .targets
        .as_deref()
        .is_some_and(|it| it.contains("<unknown>"));
    let events = view.events_of(&Kind::HorizontalPodAutoscaler, &autoscaler.meta);
    let event = events.iter().rev().find(|event| is_blind(event));
    if inactive.is_none()
        && !(unknown && (event.is_some() || autoscaler.meta.age_seconds.is_some_and(|age| age > 300)))
    {
        return None;
    }
    let message = inactive
        .and_then(|it| it.message.as_deref())
        .or(event.map(|it| it.message.as_str()))
        .unwrap_or("");
    let object = reference(Kind::HorizontalPodAutoscaler, &autoscaler.meta);
    let quote = format!(
        "targets {} {message}",
        autoscaler.targets.as_deref().unwrap_or("<unknown>")
    );
    let mut claim = blind_words(&autoscaler.meta.name, message)
        .about(object.clone())
        .shown_by([Exhibit::state(
            object,
            &autoscaler.meta.origin,
            "status.conditions[ScalingActive]",
            quote,
        )]);
    if let Some((kind, name)) = &autoscaler.target {
        claim = claim.with(ResourceRef::new(
            kind.clone(),
            autoscaler.meta.namespace.as_deref(),
            name.clone(),
        ));
    }
    Some(Hypothesis {
        standing: Standing::Verified,
        ..claim
    })
}

/// Whether an event tells that an autoscaler cannot read metrics.
fn is_blind(event: &ClusterEvent) -> bool {
    matches!(
        event.reason.as_str(),
        "FailedGetResourceMetric"
            | "FailedComputeMetricsReplicas"
            | "FailedGetPodsMetric"
            | "FailedGetExternalMetric"
            | "FailedGetObjectMetric"
            | "FailedGetScale"
            | "FailedGetContainerResourceMetric"
    )
}

/// Words for an autoscaler without metrics.
fn blind_words(name: &str, message: &str) -> Hypothesis {
    let lower = message.to_ascii_lowercase();
    let resource = if lower.contains("memory") { "memory" } else { "cpu" };
    let container = message
        .split_once("in container ")
        .and_then(|(_, rest)| rest.split_whitespace().next());
    let why = if lower.contains("missing request") {
        let of = container.map_or_else(|| "its pods".to_owned(), |it| format!("container {it}"));
        format!("{of} has no {resource} request, so no {resource} utilisation can be computed")
    } else if lower.contains("metrics.k8s.io") || lower.contains("unable to fetch metrics") {
        "the metrics API (metrics-server) does not answer".to_owned()
    } else if lower.contains("no metrics returned") || lower.contains("did not receive metrics") {
        "no metrics of its pods are there".to_owned()
    } else {
        format!("its {resource} metric cannot be read")
    };
    Hypothesis::new(FailureClass::HpaNoMetrics, Standing::Reported, 0.94)
        .fact(Fact::Budget, Some(name))
        .fact(Fact::Container, container)
        .fact(Fact::Resource, Some(resource))
        .because(
            format!("The autoscaler (HPA) {name} cannot scale: {why}"),
            "A HorizontalPodAutoscaler without a readable metric keeps the replica count as it is.",
        )
}

/// A budget that allows no disruption. Latent: it matters when an eviction is refused.
fn exhausted_budget(budget: &DisruptionBudget) -> Option<Hypothesis> {
    if budget.allowed != Some(0) {
        return None;
    }
    let name = &budget.meta.name;
    let demand = match (&budget.min_available, &budget.max_unavailable) {
        (Some(min), _) => format!(" (minAvailable {min})"),
        (None, Some(max)) => format!(" (maxUnavailable {max})"),
        (None, None) => String::new(),
    };
    let object = reference(Kind::PodDisruptionBudget, &budget.meta);
    Some(
        Hypothesis::new(FailureClass::PdbBlocked, Standing::Verified, LATENT)
            .about(object.clone())
            .fact(Fact::Budget, Some(name))
            .because(
                format!("PodDisruptionBudget {name} allows 0 disruptions{demand}, so evictions and drains are refused"),
                "An eviction goes through only while the budget allows one more disruption.",
            )
            .shown_by([Exhibit::state(object, &budget.meta.origin, "status.disruptionsAllowed", "disruptionsAllowed 0".to_owned())]),
    )
}

/// Objects that wait for finalizers.
fn terminating(view: &View<'_>) -> Vec<Hypothesis> {
    let snapshot = view.snapshot;
    let pods = snapshot.pods.iter().map(|it| (Kind::Pod, &it.meta));
    let claims = snapshot
        .claims
        .iter()
        .map(|it| (Kind::PersistentVolumeClaim, &it.meta));
    let volumes = snapshot
        .volumes
        .iter()
        .map(|it| (Kind::PersistentVolume, &it.meta));
    let workloads = snapshot.workloads.iter().map(|it| (it.kind.clone(), &it.meta));
    let jobs = snapshot.jobs.iter().map(|it| (Kind::Job, &it.meta));
    let services = snapshot.services.iter().map(|it| (Kind::Service, &it.meta));
    let others = snapshot.others.iter().map(|it| (it.kind.clone(), &it.meta));
    pods.chain(claims)
        .chain(volumes)
        .chain(workloads)
        .chain(jobs)
        .chain(services)
        .chain(others)
        .filter_map(|(kind, meta)| stuck(view, &kind, meta))
        .collect()
}

/// An object that is being deleted and cannot go.
fn stuck(view: &View<'_>, kind: &Kind, meta: &Meta) -> Option<Hypothesis> {
    if !meta.terminating || (meta.finalizers.is_empty() && *kind != Kind::Namespace) {
        return None;
    }
    let object = reference(kind.clone(), meta);
    let finalizers = meta.finalizers.join(", ");
    let claim = view
        .snapshot
        .claims
        .iter()
        .find(|it| *kind == Kind::PersistentVolumeClaim && it.meta.name == meta.name);
    let users = claim.map(|it| it.used_by.join(", ")).filter(|it| !it.is_empty());
    let used = users.map_or_else(String::new, |it| format!(" and it is still in use by {it}"));
    let waits = if finalizers.is_empty() {
        "finalizers of its content".to_owned()
    } else {
        format!("the finalizer {finalizers}")
    };
    Some(
        Hypothesis::new(FailureClass::StuckTerminating, Standing::Verified, 0.88)
            .about(object.clone())
            .fact(Fact::Finalizer, meta.finalizers.first().map(String::as_str))
            .because(
                format!(
                    "{kind} {} is stuck terminating: its deletion waits for {waits}{used}",
                    meta.name
                ),
                "An object goes only when every finalizer was removed by the controller that put it there.",
            )
            .shown_by([Exhibit::state(
                object,
                &meta.origin,
                "metadata.finalizers",
                format!("deletionTimestamp set; finalizers [{finalizers}]"),
            )]),
    )
}

/// What an event tells about a workload as a whole.
fn told(view: &View<'_>, event: &ClusterEvent) -> Option<Hypothesis> {
    let name = event.object.as_ref().map_or("a job", |object| &object.name);
    if let Some(claim) = job_words(&event.reason, name, None) {
        let job = view.snapshot.jobs.iter().find(|it| it.meta.name == name);
        let known = job.is_some_and(|job| !job.conditions.is_empty());
        let pod = event.object.as_ref().is_some_and(|it| it.kind == Kind::Pod);
        return (!known && !pod).then_some(claim);
    }
    if is_blind(event) {
        let known = view
            .snapshot
            .autoscalers
            .iter()
            .any(|it| it.meta.name == name && !it.conditions.is_empty());
        let name = event.object.as_ref().map_or("", |object| &object.name);
        return (!known).then(|| blind_words(name, &event.message));
    }
    if matches!(
        event.reason.as_str(),
        "TooManyMissedTimes" | "FailedNeedsStart" | "MissSchedule"
    ) {
        return Some(
            Hypothesis::new(FailureClass::JobDeadline, Standing::Reported, 0.9).because(
                format!("CronJob {name} missed its schedule"),
                "The controller could not start the job in time.",
            ),
        );
    }
    patterns::matches(&patterns::EVICTION_REFUSED, &event.message).then(|| {
        Hypothesis::new(FailureClass::PdbBlocked, Standing::Reported, 0.92).because(
            format!("Evicting {name} is refused: it would violate its PodDisruptionBudget"),
            "The budget allows no further disruption, so the drain waits.",
        )
    })
}
