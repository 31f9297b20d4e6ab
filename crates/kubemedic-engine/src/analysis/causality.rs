//! Which failure brings about which other: a table of classes and how far each effect reaches.
//! It knows classes only; whether two claims are about connected objects is decided in `ranking`.

use kubemedic_model::class::FailureClass as Class;

/// How far an effect reaches from its cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reach {
    /// The same pod or workload.
    Same,
    /// The same, and whoever calls it.
    Callers,
    /// The same, and every pod on the node or everywhere.
    Node,
}

/// Faults by which the pods of a workload do not run or do not stay.
const PODS_DOWN: &[Class] = &[
    Class::CrashloopAppException,
    Class::BadCommand,
    Class::ExecFormatError,
    Class::AppConfigInvalid,
    Class::OomKilled,
    Class::AppHeapExhausted,
    Class::InitContainerFailing,
    Class::ImagePullNotFound,
    Class::ImagePullAuth,
    Class::ImagePullRateLimited,
    Class::ImagePullNetwork,
    Class::ConfigmapMissing,
    Class::SecretMissing,
    Class::LivenessProbeFailing,
    Class::UnschedulableResources,
    Class::UnschedulableGpu,
    Class::UnschedulableTaint,
    Class::UnschedulableAffinity,
    Class::QuotaExceeded,
    Class::AdmissionDenied,
    Class::WebhookUnavailable,
    Class::PvcPending,
    Class::VolumeMountFailed,
    Class::DiskFull,
    Class::ReadOnlyFs,
    Class::PermissionDeniedFs,
    Class::SandboxNetwork,
    Class::TooManyOpenFiles,
    Class::PortConflict,
    Class::ReplicasZero,
    Class::EvictedNodePressure,
    Class::NodeNotReady,
];
/// What callers see of a workload that does not serve.
const UNSERVED: &[Class] = &[
    Class::ConnectionRefusedDependency,
    Class::ConnectionTimeoutDependency,
    Class::Upstream5xx,
    Class::SlowDependency,
    Class::ReadinessProbeFailing,
    Class::BrokerLagPartition,
];
/// What a pod that cannot reach or use something does in the end.
const BREAKDOWN: &[Class] = &[
    Class::CrashloopAppException,
    Class::ReadinessProbeFailing,
    Class::Upstream5xx,
];
/// Faults in the use of something else, told by logs.
const DEPENDENCY: &[Class] = &[
    Class::DnsFailure,
    Class::ConnectionRefusedDependency,
    Class::ConnectionTimeoutDependency,
    Class::RateLimitedUpstream,
    Class::DbAuthFailure,
    Class::DbConnectionExhausted,
    Class::DbQueryError,
    Class::BrokerLagPartition,
    Class::TlsCertExpired,
    Class::TlsTrustFailure,
    Class::ExternalAuthFailure,
    Class::RbacForbidden,
    Class::SlowDependency,
];
/// Faults of the program's own surroundings, told by logs.
const SURROUNDINGS: &[Class] = &[
    Class::AppConfigInvalid,
    Class::DiskFull,
    Class::ReadOnlyFs,
    Class::PermissionDeniedFs,
    Class::TooManyOpenFiles,
    Class::PortConflict,
    Class::AppHeapExhausted,
    Class::BadCommand,
    Class::ExecFormatError,
];
/// Words about the network that a failed pull, mount or webhook call carries.
const WIRE_WORDS: &[Class] = &[
    Class::DnsFailure,
    Class::ConnectionRefusedDependency,
    Class::ConnectionTimeoutDependency,
    Class::RateLimitedUpstream,
    Class::TlsCertExpired,
    Class::TlsTrustFailure,
    Class::ExternalAuthFailure,
    Class::RbacForbidden,
    Class::SlowDependency,
    Class::Upstream5xx,
    Class::PermissionDeniedFs,
];

/// One row: any of the causes brings about any of the effects within the reach.
type Row = (&'static [Class], Reach, &'static [Class]);

/// The table.
const TABLE: &[Row] = &[
    (PODS_DOWN, Reach::Callers, UNSERVED),
    (
        PODS_DOWN,
        Reach::Same,
        &[
            Class::HpaNoMetrics,
            Class::ServiceSelectorMismatch,
            Class::CrashloopAppException,
            Class::PdbBlocked,
        ],
    ),
    (DEPENDENCY, Reach::Same, BREAKDOWN),
    (DEPENDENCY, Reach::Same, &[Class::LivenessProbeFailing]),
    (SURROUNDINGS, Reach::Same, BREAKDOWN),
    (
        SURROUNDINGS,
        Reach::Same,
        &[Class::LivenessProbeFailing, Class::InitContainerFailing],
    ),
    (&[Class::AppHeapExhausted], Reach::Same, &[Class::OomKilled]),
    // Which of the two it is, the ranking decides: a runtime that ran out explains the kill, mere usage does not.
    (&[Class::OomKilled], Reach::Same, &[Class::AppHeapExhausted]),
    (
        &[Class::LivenessProbeFailing],
        Reach::Same,
        &[
            Class::OomKilled,
            Class::ConnectionTimeoutDependency,
            Class::ConnectionRefusedDependency,
        ],
    ),
    (
        &[Class::ReadinessProbeFailing],
        Reach::Callers,
        &[
            Class::ConnectionTimeoutDependency,
            Class::ConnectionRefusedDependency,
            Class::Upstream5xx,
            Class::ServiceSelectorMismatch,
        ],
    ),
    (
        &[Class::InitContainerFailing, Class::JobBackoffLimit],
        Reach::Same,
        DEPENDENCY,
    ),
    (
        &[
            Class::ImagePullNotFound,
            Class::ImagePullAuth,
            Class::ImagePullRateLimited,
            Class::ImagePullNetwork,
            Class::ConfigmapMissing,
            Class::SecretMissing,
            Class::OomKilled,
            Class::BadCommand,
            Class::ExecFormatError,
        ],
        Reach::Same,
        &[
            Class::InitContainerFailing,
            Class::JobBackoffLimit,
            Class::JobDeadline,
        ],
    ),
    (
        &[Class::JobBackoffLimit, Class::JobDeadline],
        Reach::Same,
        &[
            Class::CrashloopAppException,
            Class::OomKilled,
            Class::SlowDependency,
        ],
    ),
    (
        &[
            Class::ImagePullNotFound,
            Class::ImagePullAuth,
            Class::ImagePullRateLimited,
            Class::ImagePullNetwork,
        ],
        Reach::Same,
        WIRE_WORDS,
    ),
    (
        &[
            Class::SandboxNetwork,
            Class::WebhookUnavailable,
            Class::PvcPending,
            Class::VolumeMountFailed,
            Class::HpaNoMetrics,
            Class::AdmissionDenied,
        ],
        Reach::Same,
        WIRE_WORDS,
    ),
    (
        &[Class::ConfigmapMissing, Class::SecretMissing],
        Reach::Same,
        &[Class::VolumeMountFailed, Class::AppConfigInvalid],
    ),
    (
        &[Class::PvcPending, Class::VolumeMountFailed],
        Reach::Same,
        &[
            Class::UnschedulableAffinity,
            Class::UnschedulableResources,
            Class::UnschedulableTaint,
            Class::SandboxNetwork,
        ],
    ),
    (
        &[Class::DiskFull],
        Reach::Same,
        &[
            Class::ReadOnlyFs,
            Class::DbQueryError,
            Class::BrokerLagPartition,
            Class::EvictedNodePressure,
        ],
    ),
    (
        &[Class::NodeNotReady],
        Reach::Node,
        &[
            Class::ReadinessProbeFailing,
            Class::LivenessProbeFailing,
            Class::UnschedulableTaint,
            Class::UnschedulableResources,
            Class::UnschedulableAffinity,
            Class::StuckTerminating,
            Class::SandboxNetwork,
            Class::VolumeMountFailed,
            Class::ImagePullNetwork,
            Class::ConnectionRefusedDependency,
            Class::ConnectionTimeoutDependency,
            Class::Upstream5xx,
            Class::SlowDependency,
            Class::DnsFailure,
            Class::EvictedNodePressure,
            Class::BrokerLagPartition,
        ],
    ),
    (
        &[Class::EvictedNodePressure],
        Reach::Node,
        &[
            Class::UnschedulableTaint,
            Class::UnschedulableResources,
            Class::DiskFull,
            Class::OomKilled,
            Class::ImagePullNetwork,
            Class::ReadinessProbeFailing,
        ],
    ),
    (
        &[Class::SandboxNetwork],
        Reach::Node,
        &[Class::ReadinessProbeFailing, Class::NodeNotReady],
    ),
    (
        &[Class::ControlplaneDegraded],
        Reach::Node,
        &[
            Class::ConnectionTimeoutDependency,
            Class::ConnectionRefusedDependency,
            Class::SlowDependency,
            Class::WebhookUnavailable,
            Class::BrokerLagPartition,
            Class::Upstream5xx,
            Class::NodeNotReady,
            Class::ReadinessProbeFailing,
            Class::LivenessProbeFailing,
        ],
    ),
    (
        &[Class::DnsFailure],
        Reach::Same,
        &[
            Class::ConnectionTimeoutDependency,
            Class::ConnectionRefusedDependency,
            Class::Upstream5xx,
            Class::DbAuthFailure,
        ],
    ),
    (
        &[Class::NetworkPolicyBlocked],
        Reach::Callers,
        &[
            Class::ConnectionTimeoutDependency,
            Class::ConnectionRefusedDependency,
            Class::DnsFailure,
            Class::Upstream5xx,
            Class::SlowDependency,
            Class::ReadinessProbeFailing,
            Class::CrashloopAppException,
            Class::InitContainerFailing,
            Class::BrokerLagPartition,
        ],
    ),
    (
        &[Class::ServiceSelectorMismatch, Class::ServicePortMismatch],
        Reach::Callers,
        &[
            Class::ConnectionRefusedDependency,
            Class::ConnectionTimeoutDependency,
            Class::Upstream5xx,
            Class::IngressMisconfigured,
            Class::ReadinessProbeFailing,
            Class::CrashloopAppException,
            Class::InitContainerFailing,
            Class::DnsFailure,
            Class::SlowDependency,
        ],
    ),
    (
        &[Class::ReplicasZero],
        Reach::Callers,
        &[
            Class::ServiceSelectorMismatch,
            Class::InitContainerFailing,
            Class::CrashloopAppException,
            Class::IngressMisconfigured,
            Class::HpaNoMetrics,
        ],
    ),
    (
        &[Class::IngressMisconfigured],
        Reach::Callers,
        &[
            Class::Upstream5xx,
            Class::SecretMissing,
            Class::ConnectionRefusedDependency,
            Class::TlsTrustFailure,
        ],
    ),
    (
        &[Class::DbConnectionExhausted],
        Reach::Callers,
        &[
            Class::ConnectionTimeoutDependency,
            Class::ConnectionRefusedDependency,
            Class::SlowDependency,
            Class::Upstream5xx,
            Class::CrashloopAppException,
            Class::ReadinessProbeFailing,
        ],
    ),
    (
        &[Class::CpuThrottling],
        Reach::Callers,
        &[
            Class::SlowDependency,
            Class::ConnectionTimeoutDependency,
            Class::LivenessProbeFailing,
            Class::ReadinessProbeFailing,
            Class::Upstream5xx,
        ],
    ),
    (
        &[
            Class::TooManyOpenFiles,
            Class::DiskFull,
            Class::BrokerLagPartition,
        ],
        Reach::Callers,
        &[
            Class::ConnectionTimeoutDependency,
            Class::ConnectionRefusedDependency,
            Class::SlowDependency,
            Class::Upstream5xx,
        ],
    ),
    (
        &[Class::TlsCertExpired],
        Reach::Callers,
        &[
            Class::TlsTrustFailure,
            Class::ConnectionRefusedDependency,
            Class::ExternalAuthFailure,
            Class::WebhookUnavailable,
            Class::ImagePullNetwork,
        ],
    ),
    (
        &[Class::TlsTrustFailure],
        Reach::Same,
        &[Class::ConnectionRefusedDependency, Class::ExternalAuthFailure],
    ),
    (
        &[
            Class::ConnectionRefusedDependency,
            Class::ConnectionTimeoutDependency,
        ],
        Reach::Callers,
        &[Class::Upstream5xx],
    ),
    (
        &[Class::SlowDependency],
        Reach::Callers,
        &[Class::ConnectionTimeoutDependency, Class::Upstream5xx],
    ),
    // A Service that cannot be made or a wrong address is a name that does not resolve.
    (
        &[
            Class::QuotaExceeded,
            Class::AppConfigInvalid,
            Class::ControlplaneDegraded,
        ],
        Reach::Callers,
        &[Class::DnsFailure, Class::CrashloopAppException],
    ),
    (&[Class::StuckTerminating], Reach::Same, &[Class::PvcPending]),
    (
        &[Class::ConfigChangeRegression],
        Reach::Same,
        &[
            Class::CrashloopAppException,
            Class::Upstream5xx,
            Class::ReadinessProbeFailing,
            Class::DbQueryError,
        ],
    ),
    (
        &[Class::RateLimitedUpstream, Class::ExternalAuthFailure],
        Reach::Same,
        &[Class::Upstream5xx],
    ),
];

/// How far the effect `effect` reaches from the cause `cause`; `None`: it does not follow from it.
pub(crate) fn reach(cause: Class, effect: Class) -> Option<Reach> {
    if cause == effect {
        return None;
    }
    TABLE
        .iter()
        .filter(|(causes, _, effects)| causes.contains(&cause) && effects.contains(&effect))
        .map(|(_, reach, _)| *reach)
        .max()
}

/// Whether the class is a fault in the use of something else, as logs tell it.
pub(crate) fn is_dependency(class: Class) -> bool {
    DEPENDENCY.contains(&class)
}

/// Whether the class is a failing probe.
pub(crate) fn is_probe(class: Class) -> bool {
    matches!(class, Class::ReadinessProbeFailing | Class::LivenessProbeFailing)
}

/// Whether a finer cause is a probe's own wrong port or protocol: no fault elsewhere brings that about.
pub(crate) fn is_misdirected(cause: Option<&str>) -> bool {
    cause.is_some_and(|it| it.contains("_probe_incorrect_") && !it.ends_with("_timing"))
}

#[cfg(test)]
mod tests;
