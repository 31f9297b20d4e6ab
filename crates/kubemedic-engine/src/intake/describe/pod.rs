//! Pods, and the pod templates of workloads.

use std::collections::BTreeMap;

use kubemedic_model::{
    resource::Kind,
    snapshot::{
        Meta, PortRef,
        pod::{
            ConfigReference, Container, ContainerPhase, ContainerPort, ContainerState, EnvVar, Mount, Pod,
            PodSpec, PodVolume, Probe, ProbeHandler, Toleration, VolumeSource,
        },
    },
};

use super::{Block, block::DescribedEntry, conditions, labels};
use crate::intake::{
    cells::{cells, told, told_owned},
    objects, timestamp,
};

/// Reads the description of a pod, or the piece of one.
pub(super) fn read(mut meta: Meta, block: &Block<'_>) -> Pod {
    let status = block.value("Status").unwrap_or("");
    let phase = told(status.split(" (").next().unwrap_or("")).map(str::to_owned);
    meta.terminating |= status.starts_with("Terminating");
    let mut pod = Pod {
        meta,
        spec: spec(block),
        phase: phase.filter(|phase| phase != "Terminating"),
        reason: block.value("Reason").and_then(told_owned),
        message: block.value("Message").and_then(told_owned),
        ip: block.value("IP").and_then(told_owned),
        conditions: conditions(block),
        ..Pod::default()
    };
    pod.spec.node = block.value("Node").and_then(told).map(|text| {
        let name = text.split('/').next().unwrap_or(text);
        name.to_owned()
    });
    objects::summarise(&mut pod);
    pod
}

/// Reads what a pod or template asks for.
pub(super) fn spec(block: &Block<'_>) -> PodSpec {
    let mut spec = PodSpec {
        node_selector: labels(block, "Node-Selectors", '='),
        tolerations: block.values("Tolerations").into_iter().map(toleration).collect(),
        service_account: block.value("Service Account").and_then(told_owned),
        priority_class: block.value("Priority Class Name").and_then(told_owned),
        init_containers: containers(block, "Init Containers"),
        containers: containers(block, "Containers"),
        volumes: volumes(block),
        ..PodSpec::default()
    };
    if spec.containers.is_empty()
        && ["State", "Last State", "Limits", "Requests"]
            .iter()
            .any(|key| block.has(key))
    {
        spec.containers.push(container("", block));
    }
    spec
}

/// The containers below a key.
fn containers(block: &Block<'_>, key: &str) -> Vec<Container> {
    let Some(entry) = block.entry(key) else {
        return Vec::new();
    };
    entry
        .children
        .entries()
        .filter(|entry| entry.value.is_empty() && !entry.key.contains("  "))
        .map(|entry| container(entry.key, &entry.children))
        .collect()
}

/// One container.
fn container(name: &str, block: &Block<'_>) -> Container {
    Container {
        name: name.to_owned(),
        image: block.value("Image").and_then(told_owned),
        command: texts(block, "Command"),
        args: texts(block, "Args"),
        ports: ports(block),
        env: block
            .entry("Environment")
            .map(|entry| entry.children.entries().filter_map(|entry| env(&entry)).collect())
            .unwrap_or_default(),
        env_from: block
            .entry("Environment Variables from")
            .map(|entry| {
                entry
                    .children
                    .lines()
                    .iter()
                    .filter_map(|line| env_from(line.text))
                    .collect()
            })
            .unwrap_or_default(),
        requests: amounts(block, "Requests"),
        limits: amounts(block, "Limits"),
        liveness: block.value("Liveness").and_then(probe),
        readiness: block.value("Readiness").and_then(probe),
        startup: block.value("Startup").and_then(probe),
        mounts: block.values("Mounts").into_iter().filter_map(mount).collect(),
        state: block.entry("State").and_then(|entry| state(&entry)),
        last_state: block.entry("Last State").and_then(|entry| state(&entry)),
        ready: block.value("Ready").and_then(|text| match text {
            "True" => Some(true),
            "False" => Some(false),
            _ => None,
        }),
        restarts: block.value("Restart Count").and_then(|text| text.parse().ok()),
        ..Container::default()
    }
}

/// The lines of a command.
fn texts(block: &Block<'_>, key: &str) -> Vec<String> {
    block.values(key).into_iter().map(str::to_owned).collect()
}

/// `Port:  8080/TCP`, `Ports:  8080/TCP (http), 9090/TCP (metrics)`, with the host ports in the same order.
fn ports(block: &Block<'_>) -> Vec<ContainerPort> {
    let told_ports = block.value("Ports").or_else(|| block.value("Port")).unwrap_or("");
    let host = block
        .value("Host Ports")
        .or_else(|| block.value("Host Port"))
        .unwrap_or("");
    let mut hosts = host
        .split(", ")
        .map(|text| port_number(text).filter(|port| *port != 0));
    told_ports
        .split(", ")
        .filter_map(|text| {
            let host_port = hosts.next().flatten();
            let protocol = text
                .split_once('/')
                .map(|(_, rest)| rest.split(' ').next().unwrap_or(rest));
            let name = text
                .split_once('(')
                .map(|(_, rest)| rest.trim_end_matches(')').to_owned());
            Some(ContainerPort {
                name,
                number: port_number(text)?,
                protocol: protocol.map(str::to_owned),
                host_port,
            })
        })
        .collect()
}

fn port_number(text: &str) -> Option<u16> {
    text.trim().split('/').next()?.parse().ok()
}

/// Resources below a key.
fn amounts(block: &Block<'_>, key: &str) -> BTreeMap<String, String> {
    let Some(entry) = block.entry(key) else {
        return BTreeMap::new();
    };
    entry
        .children
        .entries()
        .filter(|entry| !entry.value.is_empty())
        .map(|entry| (entry.key.to_owned(), entry.value.to_owned()))
        .collect()
}

/// One variable: a literal, a field, or a key of a ConfigMap or Secret.
fn env(entry: &DescribedEntry<'_>) -> Option<EnvVar> {
    if entry.key.contains(' ') || entry.text == "<none>" {
        return None;
    }
    let from = entry.value.strip_prefix("<set to the key '").and_then(|rest| {
        let (key, rest) = rest.split_once('\'')?;
        let (kind, name) = if let Some((_, rest)) = rest.split_once("in secret '") {
            (Kind::Secret, rest)
        } else {
            (Kind::ConfigMap, rest.split_once("of config map '")?.1)
        };
        Some(ConfigReference {
            kind,
            name: name.split('\'').next()?.to_owned(),
            key: Some(key.to_owned()),
            optional: entry.value.contains("Optional: true"),
        })
    });
    let literal = from.is_none() && !entry.value.starts_with("<set to the key") && !entry.value.is_empty();
    Some(EnvVar {
        name: entry.key.to_owned(),
        value: literal.then(|| entry.value.to_owned()),
        from,
    })
}

/// `cashier-rules  ConfigMap  Optional: false`.
fn env_from(text: &str) -> Option<ConfigReference> {
    let found = cells(text);
    let [name, kind, rest @ ..] = found.as_slice() else {
        return None;
    };
    let kind = Kind::parse(kind.text.split(' ').next()?);
    matches!(kind, Kind::ConfigMap | Kind::Secret).then(|| ConfigReference {
        kind,
        name: name.text.to_owned(),
        key: None,
        optional: rest
            .iter()
            .any(|cell| matches!(cell.text, "Optional: true" | "Optional")),
    })
}

/// `/etc/tariffs from tariffs (rw,path="x")`.
fn mount(text: &str) -> Option<Mount> {
    let (path, rest) = text.split_once(" from ")?;
    let (volume, flags) = rest.split_once(" (").unwrap_or((rest, ""));
    Some(Mount {
        volume: volume.to_owned(),
        path: path.to_owned(),
        read_only: flags.starts_with("ro"),
    })
}

/// A state with what is below it.
fn state(entry: &DescribedEntry<'_>) -> Option<ContainerState> {
    let phase = match entry.value.split_whitespace().next()? {
        "Waiting" => ContainerPhase::Waiting,
        "Running" => ContainerPhase::Running,
        "Terminated" => ContainerPhase::Terminated,
        _ => return None,
    };
    let inner = entry.children;
    Some(ContainerState {
        phase,
        reason: inner.value("Reason").and_then(told_owned),
        message: inner.entry("Message").and_then(|entry| {
            let lines: Vec<&str> = std::iter::once(entry.value)
                .chain(entry.children.lines().iter().map(|line| line.text))
                .collect();
            told_owned(&lines.join("\n"))
        }),
        exit_code: inner.value("Exit Code").and_then(|text| text.parse().ok()),
        started: inner.value("Started").and_then(timestamp::whole),
        finished: inner.value("Finished").and_then(timestamp::whole),
    })
}

/// `http-get http://:8300/healthz delay=0s timeout=2s period=5s #success=1 #failure=3`.
pub(super) fn probe(text: &str) -> Option<Probe> {
    let (kind, rest) = text.split_once(' ')?;
    let handler = match kind {
        "http-get" => http(rest.split(' ').next()?)?,
        "tcp-socket" => ProbeHandler::Tcp {
            port: port_after_colon(rest)?,
        },
        "grpc" => ProbeHandler::Grpc {
            port: port_after_colon(rest)?,
        },
        "exec" => {
            let inner = rest.split_once('[').map_or("", |(_, rest)| rest);
            let command = inner
                .split(" delay=")
                .next()
                .unwrap_or(inner)
                .trim_end()
                .trim_end_matches(']');
            ProbeHandler::Exec {
                command: command.split(' ').filter_map(told_owned).collect(),
            }
        }
        _ => return None,
    };
    let seconds = |key: &str| setting(text, key).and_then(|text| text.trim_end_matches('s').parse().ok());
    Some(Probe {
        handler,
        delay_seconds: seconds(" delay="),
        timeout_seconds: seconds(" timeout="),
        period_seconds: seconds(" period="),
        failure_threshold: seconds(" #failure="),
    })
}

/// The text after a key up to the next space.
fn setting<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(key)?;
    rest.split(' ').next()
}

/// `http://:8300/healthz`, `https://host:https/`.
fn http(url: &str) -> Option<ProbeHandler> {
    let (scheme, rest) = url.split_once("://")?;
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let port = authority.rsplit_once(':').map_or("80", |(_, port)| port);
    Some(ProbeHandler::Http {
        scheme: scheme.to_owned(),
        path: format!("/{path}"),
        port: PortRef::parse(port),
    })
}

/// The port of `:6379` or `<pod>:5050`.
fn port_after_colon(text: &str) -> Option<PortRef> {
    let address = text.split(' ').next()?;
    address.rsplit_once(':').map(|(_, port)| PortRef::parse(port))
}

/// `dedicated=batch:NoSchedule`, `node.kubernetes.io/not-ready:NoExecute op=Exists for 300s`, `op=Exists`.
fn toleration(text: &str) -> Toleration {
    let head = text.split(' ').next().unwrap_or(text);
    if head.starts_with("op=") {
        return Toleration::default();
    }
    let (key_value, effect) = match head.rsplit_once(':') {
        Some((key_value, effect)) => (key_value, Some(effect)),
        None => (head, None),
    };
    let (key, value) = match key_value.split_once('=') {
        Some((key, value)) => (key, Some(value)),
        None => (key_value, None),
    };
    Toleration {
        key: told_owned(key),
        value: value.map(str::to_owned),
        effect: effect.and_then(told_owned),
    }
}

/// The volumes.
fn volumes(block: &Block<'_>) -> Vec<PodVolume> {
    let Some(entry) = block.entry("Volumes") else {
        return Vec::new();
    };
    entry
        .children
        .entries()
        .filter(|entry| entry.text != "<none>" && !entry.children.lines().is_empty())
        .map(|entry| PodVolume {
            name: entry.key.to_owned(),
            source: volume_source(&entry.children),
        })
        .collect()
}

/// What is behind a volume.
fn volume_source(block: &Block<'_>) -> VolumeSource {
    let kind = block.value("Type").unwrap_or("").split(' ').next().unwrap_or("");
    let optional = block.value("Optional") == Some("true");
    let reference = |kind: Kind, key: &str| {
        block.value(key).map(|name| {
            VolumeSource::Config(ConfigReference {
                kind,
                name: name.to_owned(),
                key: None,
                optional,
            })
        })
    };
    let found = match kind {
        "ConfigMap" => reference(Kind::ConfigMap, "Name"),
        "Secret" => reference(Kind::Secret, "SecretName"),
        "PersistentVolumeClaim" => block
            .value("ClaimName")
            .map(|name| VolumeSource::Claim(name.to_owned())),
        _ => None,
    };
    found.unwrap_or_else(|| VolumeSource::Other(field_name(kind)))
}

/// The API's field name of a type: `EmptyDir` is `emptyDir`.
fn field_name(kind: &str) -> String {
    let mut chars = kind.chars();
    chars
        .next()
        .map(|first| first.to_ascii_lowercase().to_string() + chars.as_str())
        .unwrap_or_default()
}
