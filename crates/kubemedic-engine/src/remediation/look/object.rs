//! Looks at configuration, limits, storage claims, permissions and jobs.

use kubemedic_model::{diagnosis::Fact, plan::PlannedCommand, resource::Kind};

use super::read;
use crate::remediation::{
    commands::{self, Line},
    site::Site,
};

/// The names of the ConfigMaps of the namespace.
pub(crate) fn config_maps(site: &Site<'_>) -> Option<PlannedCommand> {
    read(
        commands::list("configmaps", site.namespace.as_deref()),
        "Shows which ConfigMaps there are, by name",
        "Whether the ConfigMap that is referred to exists, or one of a similar name",
    )
}

/// The names of the Secrets of the namespace, never their content.
pub(crate) fn secrets(site: &Site<'_>) -> Option<PlannedCommand> {
    read(
        commands::list("secrets", site.namespace.as_deref()),
        "Shows which Secrets there are, by name and type, without their content",
        "Whether the Secret that is referred to exists, or one of a similar name",
    )
}

/// The service account of the pod.
pub(crate) fn account(site: &Site<'_>) -> Option<PlannedCommand> {
    let named = site
        .named(Kind::ServiceAccount, Fact::ServiceAccount)
        .or_else(|| {
            let name = site.template()?.service_account.as_deref()?;
            site.target(Kind::ServiceAccount, name)
        });
    let described = named.and_then(|account| {
        read(
            commands::describe(&account),
            "Shows the service account and its image pull secrets, by name",
            "The names of the pull secrets that the account carries",
        )
    });
    described.or_else(|| {
        read(
            commands::list("serviceaccounts", site.namespace.as_deref()),
            "Shows which service accounts there are",
            "The account that the workload uses",
        )
    })
}

/// The quotas and limit ranges of the namespace.
pub(crate) fn quotas(site: &Site<'_>) -> Option<PlannedCommand> {
    read(
        Line::kubectl(&["describe", "resourcequotas,limitranges"])
            .namespace(site.namespace.as_deref())
            .finish(),
        "Shows what the namespace may use, what it uses, and the bounds per container",
        "The resource whose use has reached its limit",
    )
}

/// The namespace with its labels.
pub(crate) fn namespace(site: &Site<'_>) -> Option<PlannedCommand> {
    let name = site.namespace.as_deref()?;
    read(
        Line::kubectl(&["get", "namespace"])
            .name(name)
            .word("--show-labels")
            .finish(),
        "Shows the namespace's labels, among them the enforced pod security level",
        "The enforced level and version",
    )
}

/// The ReplicaSets of the namespace, whose events tell why pods are refused.
pub(crate) fn replica_sets(site: &Site<'_>) -> Option<PlannedCommand> {
    read(
        commands::list("replicasets", site.namespace.as_deref()),
        "Shows which ReplicaSets could not make their pods",
        "DESIRED equals CURRENT and READY",
    )
}

/// The claim in full, else all of the namespace.
pub(crate) fn claim(site: &Site<'_>) -> Option<PlannedCommand> {
    let named = site
        .named(Kind::PersistentVolumeClaim, Fact::Claim)
        .and_then(|claim| {
            read(
                commands::describe(&claim),
                "Shows the claim's class, size, modes, volume and events",
                "Bound, with the size that was asked for",
            )
        });
    named.or_else(|| {
        read(
            commands::list("persistentvolumeclaims", site.namespace.as_deref()),
            "Shows the claims of the namespace with state, size and class",
            "All claims Bound",
        )
    })
}

/// The role bindings of the namespace.
pub(crate) fn role_bindings(site: &Site<'_>) -> Option<PlannedCommand> {
    read(
        commands::list("roles,rolebindings", site.namespace.as_deref()),
        "Shows which roles and bindings there are in the namespace",
        "Whether a binding names the refused account",
    )
}

/// The certificates of the namespace.
pub(crate) fn certificates(site: &Site<'_>) -> Option<PlannedCommand> {
    read(
        commands::list("certificates", site.namespace.as_deref()),
        "Shows whether cert-manager looks after certificates here, and whether they are ready",
        "READY True; an error of kubectl where cert-manager is not installed",
    )
}

/// The job in full, else the jobs of the namespace.
pub(crate) fn job(site: &Site<'_>) -> Option<PlannedCommand> {
    let named = site
        .involved(&Kind::Job)
        .or_else(|| site.involved(&Kind::CronJob));
    let described = named.and_then(|job| {
        read(
            commands::describe(&job),
            "Shows the job's conditions, deadlines, retries and events",
            "The condition that ended the job",
        )
    });
    described.or_else(|| jobs(site))
}

/// The jobs of the namespace.
pub(crate) fn jobs(site: &Site<'_>) -> Option<PlannedCommand> {
    read(
        commands::list("jobs,cronjobs", site.namespace.as_deref()),
        "Shows the jobs and schedules of the namespace",
        "Completions as asked for, schedules not suspended",
    )
}

/// The pods of the job.
pub(crate) fn job_pods(site: &Site<'_>) -> Option<PlannedCommand> {
    let job = site.involved(&Kind::Job)?;
    let line = Line::kubectl(&["get", "pods"])
        .namespace(job.namespace.as_deref())
        .word("-l")
        .value(&format!("job-name={}", job.name));
    read(
        line.finish(),
        "Shows the pods of the job and how they ended",
        "The failed pods",
    )
}

/// The autoscaler in full, else all of the namespace.
pub(crate) fn autoscaler(site: &Site<'_>) -> Option<PlannedCommand> {
    let named = site
        .named(Kind::HorizontalPodAutoscaler, Fact::Budget)
        .and_then(|autoscaler| {
            read(
                commands::describe(&autoscaler),
                "Shows the autoscaler's target, metrics and conditions",
                "ScalingActive True with a current value",
            )
        });
    named.or_else(|| {
        read(
            commands::list("horizontalpodautoscalers", site.namespace.as_deref()),
            "Shows the autoscalers of the namespace with targets and replicas",
            "A current value instead of unknown",
        )
    })
}

/// The disruption budgets of the namespace.
pub(crate) fn budgets(site: &Site<'_>) -> Option<PlannedCommand> {
    read(
        commands::list("poddisruptionbudgets", site.namespace.as_deref()),
        "Shows how many disruptions each budget allows now",
        "ALLOWED DISRUPTIONS above 0 where pods have to move",
    )
}

/// The guilty object in full, whatever its kind.
pub(crate) fn guilty(site: &Site<'_>) -> Option<PlannedCommand> {
    let object = site.cause.object.as_ref()?;
    let target = site.involved(&object.kind)?;
    read(
        commands::describe(&target),
        "Shows the object's state, conditions, finalizers and events",
        "What explains the fault",
    )
}
