//! Pods and pod templates.

use kubemedic_model::{
    resource::Kind,
    snapshot::{
        Meta,
        pod::{
            ConfigReference, Container, ContainerPhase, ContainerPort, ContainerState, EnvVar, Mount, Pod,
            PodSpec, PodVolume, Probe, ProbeHandler, Toleration, VolumeSource,
        },
    },
};
use serde_json::Value;

use super::field::{
    at, conditions, expression, flag, list, map, number, port, selector, text, texts, texts_of, time,
};

/// Reads a pod.
pub(super) fn read(meta: Meta, value: &Value) -> Pod {
    let mut spec = at(value, "spec").map(spec).unwrap_or_default();
    apply_statuses(
        &mut spec.init_containers,
        list(value, "status/initContainerStatuses"),
    );
    apply_statuses(&mut spec.containers, list(value, "status/containerStatuses"));
    let mut pod = Pod {
        phase: text(value, "status/phase"),
        reason: text(value, "status/reason"),
        message: text(value, "status/message"),
        ip: text(value, "status/podIP"),
        conditions: conditions(value),
        meta,
        spec,
        ..Pod::default()
    };
    if pod.phase.is_some() && list(value, "status/containerStatuses").is_empty() {
        pod.ready = Some((0, bounded(pod.spec.containers.len())));
        pod.restarts = Some(0);
    }
    summarise(&mut pod);
    pod
}

/// Ready, restarts and the STATUS word, as `kubectl get pods` computes them (printPod in kubernetes/pkg/printers).
pub(in crate::intake) fn summarise(pod: &mut Pod) {
    let containers = &pod.spec.containers;
    if containers.iter().any(|container| container.ready.is_some()) {
        let ready = containers
            .iter()
            .filter(|container| container.ready == Some(true))
            .count();
        pod.ready = pod.ready.or(Some((bounded(ready), bounded(containers.len()))));
    }
    let all = || pod.spec.init_containers.iter().chain(&pod.spec.containers);
    if all().any(|container| container.restarts.is_some()) {
        let sum = all()
            .filter_map(|container| container.restarts)
            .fold(0, u32::saturating_add);
        pod.restarts = pod.restarts.or(Some(sum));
    }
    if pod.status.is_none() {
        pod.status = status_word(pod);
    }
}

/// A count as a number of the model.
fn bounded(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// The STATUS word.
fn status_word(pod: &Pod) -> Option<String> {
    if pod.meta.terminating {
        return Some("Terminating".to_owned());
    }
    if let Some(word) = init_word(pod) {
        return Some(word);
    }
    let waiting = pod.spec.containers.iter().rev().find_map(|container| {
        let state = container.state.as_ref()?;
        match state.phase {
            ContainerPhase::Waiting => state.reason.clone(),
            ContainerPhase::Terminated => state
                .reason
                .clone()
                .or_else(|| state.exit_code.map(|code| format!("ExitCode:{code}"))),
            ContainerPhase::Running => None,
        }
    });
    waiting
        .or_else(|| pod.reason.clone())
        .or_else(|| pod.phase.clone())
}

/// `Init:...` while an init container is not done.
fn init_word(pod: &Pod) -> Option<String> {
    let total = pod.spec.init_containers.len();
    for (index, container) in pod.spec.init_containers.iter().enumerate() {
        let state = container.state.as_ref()?;
        match state.phase {
            ContainerPhase::Terminated if state.exit_code == Some(0) => {}
            ContainerPhase::Running if container.ready == Some(true) => {}
            ContainerPhase::Running => return Some(format!("Init:{index}/{total}")),
            ContainerPhase::Terminated => {
                let reason = state.reason.clone().unwrap_or_else(|| "Error".to_owned());
                return Some(format!("Init:{reason}"));
            }
            ContainerPhase::Waiting => {
                let reason = state
                    .reason
                    .as_deref()
                    .filter(|reason| *reason != "PodInitializing");
                return Some(reason.map_or_else(
                    || format!("Init:{index}/{total}"),
                    |reason| format!("Init:{reason}"),
                ));
            }
        }
    }
    None
}

/// Reads a pod's specification.
pub(super) fn spec(value: &Value) -> PodSpec {
    PodSpec {
        node: text(value, "nodeName"),
        node_selector: map(value, "nodeSelector"),
        tolerations: list(value, "tolerations").iter().map(toleration).collect(),
        node_affinity: node_affinity(value),
        pod_anti_affinity: list(
            value,
            "affinity/podAntiAffinity/requiredDuringSchedulingIgnoredDuringExecution",
        )
        .iter()
        .map(anti_affinity)
        .collect(),
        service_account: text(value, "serviceAccountName").or_else(|| text(value, "serviceAccount")),
        image_pull_secrets: texts_of(value, "imagePullSecrets", "name"),
        host_network: flag(value, "hostNetwork").unwrap_or(false),
        dns_policy: text(value, "dnsPolicy"),
        dns_servers: texts(value, "dnsConfig/nameservers"),
        priority_class: text(value, "priorityClassName"),
        run_as_user: number(value, "securityContext/runAsUser"),
        fs_group: number(value, "securityContext/fsGroup"),
        init_containers: list(value, "initContainers").iter().map(container).collect(),
        containers: list(value, "containers").iter().map(container).collect(),
        volumes: list(value, "volumes").iter().filter_map(volume).collect(),
    }
}

fn toleration(value: &Value) -> Toleration {
    Toleration {
        key: text(value, "key"),
        value: text(value, "value"),
        effect: text(value, "effect"),
    }
}

/// Required node affinity, one text per expression.
fn node_affinity(value: &Value) -> Vec<String> {
    list(
        value,
        "affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution/nodeSelectorTerms",
    )
    .iter()
    .flat_map(|term| {
        list(term, "matchExpressions")
            .iter()
            .chain(list(term, "matchFields"))
    })
    .map(expression)
    .collect()
}

/// One required anti-affinity term: `app=web per kubernetes.io/hostname`.
fn anti_affinity(term: &Value) -> String {
    let labels: Vec<String> = selector(term, "labelSelector")
        .into_iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    format!(
        "{} per {}",
        labels.join(","),
        text(term, "topologyKey").unwrap_or_default()
    )
}

fn container(value: &Value) -> Container {
    Container {
        name: text(value, "name").unwrap_or_default(),
        image: text(value, "image"),
        command: texts(value, "command"),
        args: texts(value, "args"),
        ports: list(value, "ports").iter().filter_map(container_port).collect(),
        env: list(value, "env").iter().filter_map(env).collect(),
        env_from: list(value, "envFrom").iter().filter_map(env_from).collect(),
        requests: map(value, "resources/requests"),
        limits: map(value, "resources/limits"),
        liveness: at(value, "livenessProbe").and_then(probe),
        readiness: at(value, "readinessProbe").and_then(probe),
        startup: at(value, "startupProbe").and_then(probe),
        mounts: list(value, "volumeMounts").iter().filter_map(mount).collect(),
        read_only_root: flag(value, "securityContext/readOnlyRootFilesystem"),
        run_as_user: number(value, "securityContext/runAsUser"),
        ..Container::default()
    }
}

fn container_port(value: &Value) -> Option<ContainerPort> {
    Some(ContainerPort {
        name: text(value, "name"),
        number: number(value, "containerPort")?,
        protocol: text(value, "protocol"),
        host_port: number(value, "hostPort"),
    })
}

fn mount(value: &Value) -> Option<Mount> {
    Some(Mount {
        volume: text(value, "name")?,
        path: text(value, "mountPath")?,
        read_only: flag(value, "readOnly").unwrap_or(false),
    })
}

fn env(value: &Value) -> Option<EnvVar> {
    let reference =
        |path: &str, kind: Kind| at(value, path).and_then(|from| config_reference(kind, from, "name", "key"));
    Some(EnvVar {
        name: text(value, "name")?,
        value: text(value, "value"),
        from: reference("valueFrom/configMapKeyRef", Kind::ConfigMap)
            .or_else(|| reference("valueFrom/secretKeyRef", Kind::Secret)),
    })
}

fn env_from(value: &Value) -> Option<ConfigReference> {
    at(value, "configMapRef")
        .and_then(|from| config_reference(Kind::ConfigMap, from, "name", "key"))
        .or_else(|| {
            at(value, "secretRef").and_then(|from| config_reference(Kind::Secret, from, "name", "key"))
        })
}

fn config_reference(kind: Kind, value: &Value, name: &str, key: &str) -> Option<ConfigReference> {
    Some(ConfigReference {
        kind,
        name: text(value, name)?,
        key: text(value, key),
        optional: flag(value, "optional").unwrap_or(false),
    })
}

fn probe(value: &Value) -> Option<Probe> {
    let handler = if let Some(http) = at(value, "httpGet") {
        ProbeHandler::Http {
            scheme: text(http, "scheme")
                .unwrap_or_else(|| "http".to_owned())
                .to_ascii_lowercase(),
            path: text(http, "path").unwrap_or_else(|| "/".to_owned()),
            port: port(http, "port")?,
        }
    } else if let Some(tcp) = at(value, "tcpSocket") {
        ProbeHandler::Tcp {
            port: port(tcp, "port")?,
        }
    } else if let Some(grpc) = at(value, "grpc") {
        ProbeHandler::Grpc {
            port: port(grpc, "port")?,
        }
    } else {
        ProbeHandler::Exec {
            command: texts(at(value, "exec")?, "command"),
        }
    };
    Some(Probe {
        handler,
        delay_seconds: number(value, "initialDelaySeconds"),
        timeout_seconds: number(value, "timeoutSeconds"),
        period_seconds: number(value, "periodSeconds"),
        failure_threshold: number(value, "failureThreshold"),
    })
}

fn volume(value: &Value) -> Option<PodVolume> {
    let source = if let Some(from) = at(value, "configMap") {
        VolumeSource::Config(config_reference(Kind::ConfigMap, from, "name", "key")?)
    } else if let Some(from) = at(value, "secret") {
        VolumeSource::Config(config_reference(Kind::Secret, from, "secretName", "key")?)
    } else if let Some(claim) = text(value, "persistentVolumeClaim/claimName") {
        VolumeSource::Claim(claim)
    } else {
        let kind = value.as_object()?.keys().find(|key| *key != "name");
        VolumeSource::Other(kind.cloned().unwrap_or_default())
    };
    Some(PodVolume {
        name: text(value, "name")?,
        source,
    })
}

/// Puts the status of containers into those of the specification, by name.
fn apply_statuses(containers: &mut Vec<Container>, statuses: &[Value]) {
    for status in statuses.iter().take(1000) {
        let Some(name) = text(status, "name") else {
            continue;
        };
        let known = containers.iter().position(|container| container.name == name);
        if known.is_none() {
            containers.push(Container {
                name: name.clone(),
                image: text(status, "image"),
                ..Container::default()
            });
        }
        let Some(container) = containers.iter_mut().find(|container| container.name == name) else {
            continue;
        };
        container.ready = flag(status, "ready");
        container.restarts = number(status, "restartCount");
        container.state = at(status, "state").and_then(state);
        container.last_state = at(status, "lastState").and_then(state);
    }
}

fn state(value: &Value) -> Option<ContainerState> {
    let (phase, inner) = [
        (ContainerPhase::Waiting, "waiting"),
        (ContainerPhase::Running, "running"),
        (ContainerPhase::Terminated, "terminated"),
    ]
    .into_iter()
    .find_map(|(phase, key)| Some((phase, at(value, key)?)))?;
    Some(ContainerState {
        phase,
        reason: text(inner, "reason"),
        message: text(inner, "message"),
        exit_code: number(inner, "exitCode"),
        started: time(inner, "startedAt"),
        finished: time(inner, "finishedAt"),
    })
}
