//! Pods: what was asked for, and what is.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Condition, Labels, Meta, PortRef};
use crate::resource::Kind;

/// One pod.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Pod {
    /// Name, labels, owner.
    pub meta: Meta,
    /// What was asked for.
    pub spec: PodSpec,
    /// The phase: Pending, Running, Succeeded, Failed, Unknown.
    pub phase: Option<String>,
    /// The STATUS word that `kubectl get pods` prints, such as `CrashLoopBackOff` or `Init:0/1`.
    pub status: Option<String>,
    /// The status' reason, such as `Evicted`.
    pub reason: Option<String>,
    /// The status' message.
    pub message: Option<String>,
    /// Ready and all containers, from the READY column or the statuses.
    pub ready: Option<(u32, u32)>,
    /// Restarts of all containers together.
    pub restarts: Option<u32>,
    /// Seconds since the last restart, where a table tells (`5 (58s ago)`).
    pub last_restart_seconds: Option<u64>,
    /// The pod's IP.
    pub ip: Option<String>,
    /// Conditions.
    pub conditions: Vec<Condition>,
}

/// What a pod or a pod template asks for.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct PodSpec {
    /// The node that the pod is bound to.
    pub node: Option<String>,
    /// Labels that a node must have.
    pub node_selector: Labels,
    /// Tolerations.
    pub tolerations: Vec<Toleration>,
    /// Required node affinity, one text per expression (`disktype In [ssd]`).
    pub node_affinity: Vec<String>,
    /// Required pod anti-affinity, one text per term.
    pub pod_anti_affinity: Vec<String>,
    /// Service account.
    pub service_account: Option<String>,
    /// Image pull secrets.
    pub image_pull_secrets: Vec<String>,
    /// Whether it uses the node's network.
    pub host_network: bool,
    /// DNS policy.
    pub dns_policy: Option<String>,
    /// Name servers of its own.
    pub dns_servers: Vec<String>,
    /// Priority class.
    pub priority_class: Option<String>,
    /// User id that containers run as by default.
    pub run_as_user: Option<i64>,
    /// Group that volumes belong to.
    pub fs_group: Option<i64>,
    /// Init containers.
    pub init_containers: Vec<Container>,
    /// Containers.
    pub containers: Vec<Container>,
    /// Volumes.
    pub volumes: Vec<PodVolume>,
}

/// A toleration, `Exists` when `value` is `None`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Toleration {
    /// The taint's key; `None` tolerates every key.
    pub key: Option<String>,
    /// The taint's value.
    pub value: Option<String>,
    /// The effect; `None` tolerates every effect.
    pub effect: Option<String>,
}

/// One container and its status.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Container {
    /// The name.
    pub name: String,
    /// The image.
    pub image: Option<String>,
    /// The entrypoint.
    pub command: Vec<String>,
    /// Its arguments.
    pub args: Vec<String>,
    /// Declared ports.
    pub ports: Vec<ContainerPort>,
    /// Environment variables.
    pub env: Vec<EnvVar>,
    /// Objects whose keys all become environment variables.
    pub env_from: Vec<ConfigReference>,
    /// Requested resources, by name, in Kubernetes' quantity notation.
    pub requests: BTreeMap<String, String>,
    /// Limits.
    pub limits: BTreeMap<String, String>,
    /// Liveness probe.
    pub liveness: Option<Probe>,
    /// Readiness probe.
    pub readiness: Option<Probe>,
    /// Startup probe.
    pub startup: Option<Probe>,
    /// Mounted volumes.
    pub mounts: Vec<Mount>,
    /// Whether the root file system is read-only.
    pub read_only_root: Option<bool>,
    /// User id that it runs as.
    pub run_as_user: Option<i64>,
    /// Current state.
    pub state: Option<ContainerState>,
    /// State before the last restart.
    pub last_state: Option<ContainerState>,
    /// Whether it is ready.
    pub ready: Option<bool>,
    /// Restarts.
    pub restarts: Option<u32>,
}

/// What a container is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ContainerPhase {
    /// Not started.
    Waiting,
    /// Running.
    Running,
    /// Ended.
    Terminated,
}

/// The state of a container.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ContainerState {
    /// What it is doing.
    pub phase: ContainerPhase,
    /// Why, such as `CrashLoopBackOff`, `OOMKilled`, `Error`.
    pub reason: Option<String>,
    /// The message for people.
    pub message: Option<String>,
    /// Exit code.
    pub exit_code: Option<i32>,
    /// Start.
    pub started: Option<Timestamp>,
    /// End.
    pub finished: Option<Timestamp>,
}

/// A declared port.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContainerPort {
    /// Its name.
    pub name: Option<String>,
    /// Its number.
    pub number: u16,
    /// `TCP`, `UDP` or `SCTP`.
    pub protocol: Option<String>,
    /// The port taken on the node.
    pub host_port: Option<u16>,
}

/// An environment variable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnvVar {
    /// Its name.
    pub name: String,
    /// Its literal value, redacted.
    pub value: Option<String>,
    /// Where its value comes from.
    pub from: Option<ConfigReference>,
}

/// A reference to a ConfigMap or Secret, or to one key of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigReference {
    /// ConfigMap or Secret.
    pub kind: Kind,
    /// The object's name.
    pub name: String,
    /// The key.
    pub key: Option<String>,
    /// Whether the pod starts without it.
    pub optional: bool,
}

/// A mounted volume.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mount {
    /// The volume's name in the pod.
    pub volume: String,
    /// Where it is mounted.
    pub path: String,
    /// Whether it is read-only.
    pub read_only: bool,
}

/// A probe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Probe {
    /// What it does.
    pub handler: ProbeHandler,
    /// Seconds before the first try.
    pub delay_seconds: Option<u32>,
    /// Seconds that one try may take.
    pub timeout_seconds: Option<u32>,
    /// Seconds between tries.
    pub period_seconds: Option<u32>,
    /// Failures until it counts as failed.
    pub failure_threshold: Option<u32>,
}

/// What a probe does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProbeHandler {
    /// An HTTP request.
    Http {
        /// `http` or `https`.
        scheme: String,
        /// The path.
        path: String,
        /// The port.
        port: PortRef,
    },
    /// A TCP connection.
    Tcp {
        /// The port.
        port: PortRef,
    },
    /// A gRPC health check.
    Grpc {
        /// The port.
        port: PortRef,
    },
    /// A command inside the container.
    Exec {
        /// Its argv.
        command: Vec<String>,
    },
}

/// A volume of a pod.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PodVolume {
    /// Its name in the pod.
    pub name: String,
    /// What is behind it.
    pub source: VolumeSource,
}

/// What is behind a pod's volume.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VolumeSource {
    /// A ConfigMap or Secret.
    Config(ConfigReference),
    /// A claim, by name.
    Claim(String),
    /// Anything else, by its field name (`emptyDir`, `hostPath`).
    Other(String),
}
