//! Autoscalers without a target, schedules that cannot be read, StatefulSets whose Service is missing.
//! Metrics of autoscalers, suspended schedules and failed jobs are judged in `workload`.

use kubemedic_model::{
    class::FailureClass,
    diagnosis::Fact,
    resource::{Kind, ResourceRef},
    snapshot::{
        policy::PodAutoscaler,
        workload::{ScheduledJob, Workload},
    },
};

use super::{
    super::{
        hypothesis::{Exhibit, Hypothesis, Standing},
        view::{Presence, View, reference, workload_ref},
    },
    Claims,
    network::LATENT,
};

/// Claims what autoscalers, schedules and StatefulSets refer to in vain.
pub(super) fn claim(view: &View<'_>, claims: &mut Claims) {
    let snapshot = view.snapshot;
    claims
        .live
        .extend(snapshot.autoscalers.iter().filter_map(|it| aimless(view, it)));
    claims
        .live
        .extend(snapshot.scheduled_jobs.iter().filter_map(unreadable));
    claims
        .live
        .extend(snapshot.workloads.iter().filter_map(|it| nameless(view, it)));
}

/// An autoscaler whose target does not exist.
fn aimless(view: &View<'_>, autoscaler: &PodAutoscaler) -> Option<Hypothesis> {
    let (kind, name) = autoscaler.target.as_ref()?;
    let namespace = autoscaler.meta.namespace.as_deref();
    let told = autoscaler.conditions.iter().any(|it| {
        let lost = it.reason.as_deref() == Some("FailedGetScale") && it.status == "False";
        lost && it
            .message
            .as_deref()
            .is_some_and(|text| text.contains("not found"))
    });
    let missing = kind.is_workload() && view.presence(kind, namespace, name) == Presence::Missing;
    if !(told || missing) {
        return None;
    }
    let object = reference(Kind::HorizontalPodAutoscaler, &autoscaler.meta);
    Some(
        Hypothesis::new(FailureClass::HpaNoMetrics, Standing::Verified, 0.96)
            .about(object.clone())
            .refined(Some("hpa_target_missing"))
            .with(ResourceRef::new(kind.clone(), namespace, name.clone()))
            .fact(Fact::Budget, Some(&autoscaler.meta.name))
            .because(
                format!(
                    "The autoscaler (HPA) {} cannot scale: its target {kind} {name} does not exist",
                    autoscaler.meta.name
                ),
                "A HorizontalPodAutoscaler reads metrics of the pods of its target; without the target it does nothing.",
            )
            .shown_by([Exhibit::state(
                object,
                &autoscaler.meta.origin,
                "spec.scaleTargetRef",
                format!("{kind}/{name}"),
            )]),
    )
}

/// The most of each field of a schedule: minute, hour, day, month, weekday.
const FIELD_LIMITS: [u32; 5] = [59, 23, 31, 12, 7];

/// Whether a schedule is one that the controller reads: five fields in range, or a word with `@`.
fn is_readable(schedule: &str) -> bool {
    let schedule = schedule.trim();
    let rest = match schedule.split_once(' ') {
        Some((zone, rest)) if zone.starts_with("TZ=") || zone.starts_with("CRON_TZ=") => rest.trim(),
        _ => schedule,
    };
    if rest.starts_with('@') {
        return true;
    }
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let in_range = |(field, most): (&&str, &u32)| {
        let numbers = field.split(|c: char| !c.is_ascii_digit());
        let steps = field.matches('/').count();
        let bounds = numbers.filter(|it| !it.is_empty());
        let count = bounds.clone().count();
        bounds
            .take(count.saturating_sub(steps))
            .all(|it| it.parse::<u32>().is_ok_and(|number| number <= *most))
    };
    fields.len() == FIELD_LIMITS.len() && fields.iter().zip(&FIELD_LIMITS).all(in_range)
}

/// A CronJob whose schedule cannot be read.
fn unreadable(job: &ScheduledJob) -> Option<Hypothesis> {
    let schedule = job.schedule.as_deref().filter(|it| !is_readable(it))?;
    let object = reference(Kind::CronJob, &job.meta);
    Some(
        Hypothesis::new(FailureClass::JobDeadline, Standing::Verified, 0.9)
            .about(object.clone())
            .refined(Some("cronjob_schedule_invalid"))
            .because(
                format!(
                    "CronJob {} never runs: its schedule \"{schedule}\" is not valid",
                    job.meta.name
                ),
                "The controller cannot compute a next start from such a schedule, so it starts no jobs.",
            )
            .shown_by([Exhibit::state(
                object,
                &job.meta.origin,
                "spec.schedule",
                schedule.to_owned(),
            )]),
    )
}

/// A StatefulSet whose governing Service does not exist. Latent: it matters only to whoever resolves its pods' names.
fn nameless(view: &View<'_>, workload: &Workload) -> Option<Hypothesis> {
    let service = workload.service_name.as_deref().filter(|it| !it.is_empty())?;
    let namespace = workload.meta.namespace.as_deref();
    if view.presence(&Kind::Service, namespace, service) != Presence::Missing {
        return None;
    }
    let object = workload_ref(workload);
    let name = &workload.meta.name;
    Some(
        Hypothesis::new(FailureClass::DnsFailure, Standing::Verified, LATENT)
            .about(object.clone())
            .refined(Some("statefulset_service_missing"))
            .with(ResourceRef::new(Kind::Service, namespace, service))
            .fact(Fact::Service, Some(service))
            .fact(Fact::Host, Some(service))
            .because(
                format!("StatefulSet {name} names the service {service}, which does not exist, so the names of its pods do not resolve"),
                "The pods of a StatefulSet get DNS names only below the Service that its serviceName names.",
            )
            .shown_by([Exhibit::state(
                object,
                &workload.meta.origin,
                "spec.serviceName",
                service.to_owned(),
            )]),
    )
}

#[cfg(test)]
mod tests;
