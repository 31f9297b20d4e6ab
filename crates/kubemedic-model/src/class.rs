//! The failure classes of TAXONOMY.md: the most specific cause that evidence supports, never the symptom.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A word is not the id of a failure class.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown failure class '{0}'")]
pub struct UnknownClass(pub String);

macro_rules! classes {
    ($($variant:ident $id:literal $group:literal $title:literal),* $(,)?) => {
        /// A failure class, or `Healthy`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum FailureClass {
            $(#[doc = $title] $variant,)*
        }

        impl FailureClass {
            /// Every class, in the order of the taxonomy; `Healthy` last.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The id on the wire, such as `oom-killed`.
            pub const fn id(self) -> &'static str {
                match self { $(Self::$variant => $id,)* }
            }

            /// The group of the taxonomy, such as `container`.
            pub const fn group(self) -> &'static str {
                match self { $(Self::$variant => $group,)* }
            }

            /// The title for people.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)* }
            }
        }
    };
}

classes! {
    CrashloopAppException "crashloop-app-exception" "container" "CrashLoopBackOff: application exception",
    BadCommand "bad-command" "container" "Container start failed: bad command / entrypoint / script",
    ExecFormatError "exec-format-error" "container" "exec format error (wrong CPU architecture or missing shebang)",
    AppConfigInvalid "app-config-invalid" "container" "Application configuration missing or invalid",
    OomKilled "oom-killed" "container" "OOMKilled",
    AppHeapExhausted "app-heap-exhausted" "container" "Application-level memory exhaustion",
    InitContainerFailing "init-container-failing" "container" "Init container failing or waiting",
    ImagePullNotFound "image-pull-not-found" "image" "Image or tag not found",
    ImagePullAuth "image-pull-auth" "image" "Image pull unauthorized",
    ImagePullRateLimited "image-pull-rate-limited" "image" "Image pull rate limited",
    ImagePullNetwork "image-pull-network" "image" "Registry unreachable or TLS error",
    ConfigmapMissing "configmap-missing" "config" "ConfigMap (or key) missing",
    SecretMissing "secret-missing" "config" "Secret (or key) missing",
    LivenessProbeFailing "liveness-probe-failing" "probe" "Liveness/startup probe failing",
    ReadinessProbeFailing "readiness-probe-failing" "probe" "Readiness probe failing",
    UnschedulableResources "unschedulable-resources" "scheduling" "Unschedulable: insufficient CPU or memory",
    UnschedulableGpu "unschedulable-gpu" "scheduling" "Unschedulable: extended resource (GPU) missing",
    UnschedulableTaint "unschedulable-taint" "scheduling" "Unschedulable: untolerated taint",
    UnschedulableAffinity "unschedulable-affinity" "scheduling" "Unschedulable: node selector / affinity / topology / volume zone",
    QuotaExceeded "quota-exceeded" "policy" "ResourceQuota or LimitRange rejects the pod",
    AdmissionDenied "admission-denied" "policy" "Admission denied by policy",
    WebhookUnavailable "webhook-unavailable" "policy" "Admission webhook unreachable",
    PvcPending "pvc-pending" "storage" "PVC pending / cannot be provisioned",
    VolumeMountFailed "volume-mount-failed" "storage" "Volume attach or mount failed",
    DiskFull "disk-full" "storage" "Disk or volume full",
    ReadOnlyFs "read-only-fs" "storage" "Read-only file system",
    PermissionDeniedFs "permission-denied-fs" "storage" "Permission denied on files",
    NodeNotReady "node-not-ready" "node" "Node NotReady",
    EvictedNodePressure "evicted-node-pressure" "node" "Evicted / node under pressure",
    SandboxNetwork "sandbox-network" "node" "Pod sandbox / CNI failure",
    TooManyOpenFiles "too-many-open-files" "node" "Too many open files / inotify",
    ControlplaneDegraded "controlplane-degraded" "node" "etcd / API server degraded",
    DnsFailure "dns-failure" "network" "DNS resolution failure",
    ConnectionRefusedDependency "connection-refused-dependency" "network" "Dependency refuses connections",
    ConnectionTimeoutDependency "connection-timeout-dependency" "network" "Dependency times out",
    NetworkPolicyBlocked "network-policy-blocked" "network" "Blocked by NetworkPolicy",
    ServiceSelectorMismatch "service-selector-mismatch" "network" "Service has no endpoints (selector mismatch)",
    ServicePortMismatch "service-port-mismatch" "network" "Service port / targetPort wrong",
    IngressMisconfigured "ingress-misconfigured" "network" "Ingress misconfigured",
    PortConflict "port-conflict" "network" "Port already in use",
    RateLimitedUpstream "rate-limited-upstream" "network" "Rate limited (429)",
    Upstream5xx "upstream-5xx" "network" "Upstream returns 5xx",
    DbAuthFailure "db-auth-failure" "data" "Database/broker authentication failure",
    DbConnectionExhausted "db-connection-exhausted" "data" "Connection pool or server connections exhausted",
    DbQueryError "db-query-error" "data" "Query, schema or constraint error",
    SlowDependency "slow-dependency" "data" "Latency: slow queries or slow dependency",
    BrokerLagPartition "broker-lag-partition" "data" "Message broker: lag, partition, no leader",
    TlsCertExpired "tls-cert-expired" "security" "TLS certificate expired",
    TlsTrustFailure "tls-trust-failure" "security" "TLS trust failure",
    RbacForbidden "rbac-forbidden" "security" "RBAC forbidden",
    ExternalAuthFailure "external-auth-failure" "security" "Credential/token rejected by external API",
    JobBackoffLimit "job-backoff-limit" "workload" "Job failed: backoff limit",
    JobDeadline "job-deadline" "workload" "Job deadline / CronJob missed schedule",
    HpaNoMetrics "hpa-no-metrics" "workload" "HPA cannot read metrics",
    CpuThrottling "cpu-throttling" "workload" "CPU throttling",
    PdbBlocked "pdb-blocked" "workload" "Eviction/drain blocked by PodDisruptionBudget",
    StuckTerminating "stuck-terminating" "workload" "Stuck Terminating (finalizers/node gone)",
    ConfigChangeRegression "config-change-regression" "workload" "Regression after a configuration change or rollout",
    ReplicasZero "replicas-zero" "workload" "Scaled to zero / no replicas",
    Healthy "healthy" "healthy" "No actionable error",
}

impl fmt::Display for FailureClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

impl FromStr for FailureClass {
    type Err = UnknownClass;

    fn from_str(id: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .iter()
            .copied()
            .find(|class| class.id() == id)
            .ok_or_else(|| UnknownClass(id.to_owned()))
    }
}

impl Serialize for FailureClass {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}

impl<'de> Deserialize<'de> for FailureClass {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}
