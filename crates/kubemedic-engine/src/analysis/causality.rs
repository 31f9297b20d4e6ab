//! Which failure brings about which other: a table of classes and how far each effect reaches.
//! It knows classes only; whether two claims are about connected objects is decided in `ranking`.

#[expect(
    clippy::enum_glob_use,
    reason = "the table names nearly every class; without their prefix it can be read"
)]
use kubemedic_model::class::FailureClass::{self, *};

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
const PODS_DOWN: &[FailureClass] = &[
    CrashloopAppException,
    BadCommand,
    ExecFormatError,
    AppConfigInvalid,
    OomKilled,
    AppHeapExhausted,
    InitContainerFailing,
    ImagePullNotFound,
    ImagePullAuth,
    ImagePullRateLimited,
    ImagePullNetwork,
    ConfigmapMissing,
    SecretMissing,
    LivenessProbeFailing,
    UnschedulableResources,
    UnschedulableGpu,
    UnschedulableTaint,
    UnschedulableAffinity,
    QuotaExceeded,
    AdmissionDenied,
    WebhookUnavailable,
    PvcPending,
    VolumeMountFailed,
    DiskFull,
    ReadOnlyFs,
    PermissionDeniedFs,
    SandboxNetwork,
    TooManyOpenFiles,
    PortConflict,
    ReplicasZero,
    EvictedNodePressure,
    NodeNotReady,
];
/// What callers see of a workload that does not serve.
const UNSERVED: &[FailureClass] = &[
    ConnectionRefusedDependency,
    ConnectionTimeoutDependency,
    Upstream5xx,
    SlowDependency,
    ReadinessProbeFailing,
    BrokerLagPartition,
];
/// What a pod that cannot reach or use something does in the end.
const BREAKDOWN: &[FailureClass] = &[CrashloopAppException, ReadinessProbeFailing, Upstream5xx];
/// Faults in the use of something else, told by logs.
const DEPENDENCY: &[FailureClass] = &[
    DnsFailure,
    ConnectionRefusedDependency,
    ConnectionTimeoutDependency,
    RateLimitedUpstream,
    DbAuthFailure,
    DbConnectionExhausted,
    DbQueryError,
    BrokerLagPartition,
    TlsCertExpired,
    TlsTrustFailure,
    ExternalAuthFailure,
    RbacForbidden,
    SlowDependency,
];
/// Faults of the program's own surroundings, told by logs.
const SURROUNDINGS: &[FailureClass] = &[
    AppConfigInvalid,
    DiskFull,
    ReadOnlyFs,
    PermissionDeniedFs,
    TooManyOpenFiles,
    PortConflict,
    AppHeapExhausted,
    BadCommand,
    ExecFormatError,
];
/// Words about the network that a failed pull, mount or webhook call carries.
const WIRE_WORDS: &[FailureClass] = &[
    DnsFailure,
    ConnectionRefusedDependency,
    ConnectionTimeoutDependency,
    RateLimitedUpstream,
    TlsCertExpired,
    TlsTrustFailure,
    ExternalAuthFailure,
    RbacForbidden,
    SlowDependency,
    Upstream5xx,
    PermissionDeniedFs,
];

/// One row: any of the causes brings about any of the effects within the reach.
type Row = (&'static [FailureClass], Reach, &'static [FailureClass]);

/// The table.
const TABLE: &[Row] = &[
    (PODS_DOWN, Reach::Callers, UNSERVED),
    (
        PODS_DOWN,
        Reach::Same,
        &[
            HpaNoMetrics,
            ServiceSelectorMismatch,
            CrashloopAppException,
            PdbBlocked,
        ],
    ),
    (DEPENDENCY, Reach::Same, BREAKDOWN),
    (DEPENDENCY, Reach::Same, &[LivenessProbeFailing]),
    (SURROUNDINGS, Reach::Same, BREAKDOWN),
    (
        SURROUNDINGS,
        Reach::Same,
        &[LivenessProbeFailing, InitContainerFailing],
    ),
    (&[AppHeapExhausted], Reach::Same, &[OomKilled]),
    (
        &[LivenessProbeFailing],
        Reach::Same,
        &[
            OomKilled,
            ConnectionTimeoutDependency,
            ConnectionRefusedDependency,
        ],
    ),
    (
        &[ReadinessProbeFailing],
        Reach::Callers,
        &[
            ConnectionTimeoutDependency,
            ConnectionRefusedDependency,
            Upstream5xx,
            ServiceSelectorMismatch,
        ],
    ),
    (&[InitContainerFailing, JobBackoffLimit], Reach::Same, DEPENDENCY),
    (
        &[
            ImagePullNotFound,
            ImagePullAuth,
            ImagePullRateLimited,
            ImagePullNetwork,
            ConfigmapMissing,
            SecretMissing,
            OomKilled,
            BadCommand,
            ExecFormatError,
        ],
        Reach::Same,
        &[InitContainerFailing, JobBackoffLimit, JobDeadline],
    ),
    (
        &[JobBackoffLimit, JobDeadline],
        Reach::Same,
        &[CrashloopAppException, OomKilled, SlowDependency],
    ),
    (
        &[
            ImagePullNotFound,
            ImagePullAuth,
            ImagePullRateLimited,
            ImagePullNetwork,
        ],
        Reach::Same,
        WIRE_WORDS,
    ),
    (
        &[
            SandboxNetwork,
            WebhookUnavailable,
            PvcPending,
            VolumeMountFailed,
            HpaNoMetrics,
            AdmissionDenied,
        ],
        Reach::Same,
        WIRE_WORDS,
    ),
    (
        &[ConfigmapMissing, SecretMissing],
        Reach::Same,
        &[VolumeMountFailed, AppConfigInvalid],
    ),
    (
        &[PvcPending, VolumeMountFailed],
        Reach::Same,
        &[
            UnschedulableAffinity,
            UnschedulableResources,
            UnschedulableTaint,
            SandboxNetwork,
        ],
    ),
    (
        &[DiskFull],
        Reach::Same,
        &[ReadOnlyFs, DbQueryError, BrokerLagPartition, EvictedNodePressure],
    ),
    (
        &[NodeNotReady],
        Reach::Node,
        &[
            ReadinessProbeFailing,
            LivenessProbeFailing,
            UnschedulableTaint,
            UnschedulableResources,
            UnschedulableAffinity,
            StuckTerminating,
            SandboxNetwork,
            VolumeMountFailed,
            ImagePullNetwork,
            ConnectionRefusedDependency,
            ConnectionTimeoutDependency,
            Upstream5xx,
            SlowDependency,
            DnsFailure,
            EvictedNodePressure,
            BrokerLagPartition,
        ],
    ),
    (
        &[EvictedNodePressure],
        Reach::Node,
        &[
            UnschedulableTaint,
            UnschedulableResources,
            DiskFull,
            OomKilled,
            ImagePullNetwork,
            ReadinessProbeFailing,
        ],
    ),
    (
        &[SandboxNetwork],
        Reach::Node,
        &[ReadinessProbeFailing, NodeNotReady],
    ),
    (
        &[ControlplaneDegraded],
        Reach::Node,
        &[
            ConnectionTimeoutDependency,
            ConnectionRefusedDependency,
            SlowDependency,
            WebhookUnavailable,
            BrokerLagPartition,
            Upstream5xx,
            NodeNotReady,
            ReadinessProbeFailing,
            LivenessProbeFailing,
        ],
    ),
    (
        &[DnsFailure],
        Reach::Same,
        &[
            ConnectionTimeoutDependency,
            ConnectionRefusedDependency,
            Upstream5xx,
            DbAuthFailure,
        ],
    ),
    (
        &[NetworkPolicyBlocked],
        Reach::Callers,
        &[
            ConnectionTimeoutDependency,
            ConnectionRefusedDependency,
            DnsFailure,
            Upstream5xx,
            SlowDependency,
            ReadinessProbeFailing,
            CrashloopAppException,
            InitContainerFailing,
            BrokerLagPartition,
        ],
    ),
    (
        &[ServiceSelectorMismatch, ServicePortMismatch],
        Reach::Callers,
        &[
            ConnectionRefusedDependency,
            ConnectionTimeoutDependency,
            Upstream5xx,
            IngressMisconfigured,
            ReadinessProbeFailing,
            CrashloopAppException,
            InitContainerFailing,
            DnsFailure,
            SlowDependency,
        ],
    ),
    (
        &[ReplicasZero],
        Reach::Callers,
        &[
            ServiceSelectorMismatch,
            InitContainerFailing,
            CrashloopAppException,
            IngressMisconfigured,
            HpaNoMetrics,
        ],
    ),
    (
        &[IngressMisconfigured],
        Reach::Callers,
        &[
            Upstream5xx,
            SecretMissing,
            ConnectionRefusedDependency,
            TlsTrustFailure,
        ],
    ),
    (
        &[DbConnectionExhausted],
        Reach::Callers,
        &[
            ConnectionTimeoutDependency,
            ConnectionRefusedDependency,
            SlowDependency,
            Upstream5xx,
            CrashloopAppException,
            ReadinessProbeFailing,
        ],
    ),
    (
        &[CpuThrottling],
        Reach::Callers,
        &[
            SlowDependency,
            ConnectionTimeoutDependency,
            LivenessProbeFailing,
            ReadinessProbeFailing,
            Upstream5xx,
        ],
    ),
    (
        &[TooManyOpenFiles, DiskFull, BrokerLagPartition],
        Reach::Callers,
        &[
            ConnectionTimeoutDependency,
            ConnectionRefusedDependency,
            SlowDependency,
            Upstream5xx,
        ],
    ),
    (
        &[TlsCertExpired],
        Reach::Callers,
        &[
            TlsTrustFailure,
            ConnectionRefusedDependency,
            ExternalAuthFailure,
            WebhookUnavailable,
            ImagePullNetwork,
        ],
    ),
    (
        &[TlsTrustFailure],
        Reach::Same,
        &[ConnectionRefusedDependency, ExternalAuthFailure],
    ),
    (
        &[ConnectionRefusedDependency, ConnectionTimeoutDependency],
        Reach::Callers,
        &[Upstream5xx],
    ),
    (
        &[SlowDependency],
        Reach::Callers,
        &[ConnectionTimeoutDependency, Upstream5xx],
    ),
    (&[StuckTerminating], Reach::Same, &[PvcPending]),
    (
        &[ConfigChangeRegression],
        Reach::Same,
        &[
            CrashloopAppException,
            Upstream5xx,
            ReadinessProbeFailing,
            DbQueryError,
        ],
    ),
    (
        &[RateLimitedUpstream, ExternalAuthFailure],
        Reach::Same,
        &[Upstream5xx],
    ),
];

/// How far the effect `effect` reaches from the cause `cause`; `None`: it does not follow from it.
pub(crate) fn reach(cause: FailureClass, effect: FailureClass) -> Option<Reach> {
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
pub(crate) fn is_dependency(class: FailureClass) -> bool {
    DEPENDENCY.contains(&class)
}

/// Whether the class is a failing probe.
pub(crate) fn is_probe(class: FailureClass) -> bool {
    matches!(class, ReadinessProbeFailing | LivenessProbeFailing)
}

#[cfg(test)]
mod tests;
