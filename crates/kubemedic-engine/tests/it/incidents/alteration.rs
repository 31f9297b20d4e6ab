//! Changes to an evidence object that tests make: healthy strangers, another order, and the fault's evidence taken out.

use kubemedic_model::evidence_object::{EvidenceObject, Logs};
use proptest::{prelude::*, test_runner::RngAlgorithm};
use serde_json::{Value, json};

use super::Decisive;

/// The namespace of the strangers.
const ELSEWHERE: &str = "orchard";

/// A healthy Deployment with its ReplicaSet, pod, Service, Endpoints and ConfigMap, unrelated to everything.
pub(super) fn stranger(name: &str) -> Vec<Value> {
    let meta = |suffix: &str, owner: Option<(&str, String)>| {
        let owners: Vec<Value> = owner
            .into_iter()
            .map(|(kind, name)| {
                json!({"apiVersion": "apps/v1", "kind": kind, "name": name, "uid": format!("uid-{name}"), "controller": true})
            })
            .collect();
        json!({"name": format!("{name}{suffix}"), "namespace": ELSEWHERE, "labels": {"app": name}, "ownerReferences": owners,
            "creationTimestamp": "2025-01-05T08:00:00Z"})
    };
    let container = json!({"name": name, "image": format!("registry.test/{name}:3.2"), "ports": [{"containerPort": 8080}],
        "resources": {"requests": {"cpu": "50m", "memory": "64Mi"}, "limits": {"memory": "128Mi"}}});
    let template = json!({"metadata": {"labels": {"app": name}}, "spec": {"containers": [container]}});
    let replicas = json!({"replicas": 1, "readyReplicas": 1, "availableReplicas": 1, "updatedReplicas": 1});
    let spec = json!({"replicas": 1, "selector": {"matchLabels": {"app": name}}, "template": template});
    let port = json!({"name": "http", "port": 80, "targetPort": 8080, "protocol": "TCP"});
    let address = json!({"ip": "10.250.9.9", "targetRef": {"kind": "Pod", "name": format!("{name}-5b6c7d8f94-x2v7k"), "namespace": ELSEWHERE}});
    vec![
        json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta("", None), "spec": spec, "status": replicas}),
        json!({"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": meta("-5b6c7d8f94", Some(("Deployment", name.to_owned()))),
            "spec": spec, "status": replicas}),
        json!({"apiVersion": "v1", "kind": "Pod",
            "metadata": meta("-5b6c7d8f94-x2v7k", Some(("ReplicaSet", format!("{name}-5b6c7d8f94")))),
            "spec": {"containers": [container], "nodeName": "orchard-node"},
            "status": {"phase": "Running", "podIP": "10.250.9.9", "conditions": [{"type": "Ready", "status": "True"}],
                "containerStatuses": [{"name": name, "ready": true, "restartCount": 0, "image": format!("registry.test/{name}:3.2"),
                    "state": {"running": {"startedAt": "2025-01-05T08:00:03Z"}}}]}}),
        json!({"apiVersion": "v1", "kind": "Service", "metadata": meta("", None),
            "spec": {"selector": {"app": name}, "ports": [port], "clusterIP": "10.251.0.9"}}),
        json!({"apiVersion": "v1", "kind": "Endpoints", "metadata": meta("", None),
            "subsets": [{"addresses": [address], "ports": [{"name": "http", "port": 8080, "protocol": "TCP"}]}]}),
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta("-settings", None), "data": {"mode": "plain"}}),
    ]
}

/// Adds the strangers of a name.
pub(super) fn add_strangers(evidence: &mut EvidenceObject, names: &[String]) {
    let objects = evidence.objects.get_or_insert_default();
    objects.extend(names.iter().flat_map(|name| stranger(name)));
}

/// Whether the evidence has objects whose order could matter.
pub(super) fn shuffle_objects(evidence: &mut EvidenceObject, seed: [u8; 32]) {
    if let Some(objects) = &mut evidence.objects {
        shuffle(objects, seed);
    }
}

/// The kubectl output and the logs as one text, the sections in the order that the seed gives.
pub(super) fn pasted(evidence: &EvidenceObject, seed: Option<[u8; 32]>) -> String {
    let mut sections: Vec<String> = Vec::new();
    for (command, output) in evidence.kubectl.iter().flatten() {
        sections.push(format!("$ {command}\n{}\n", output.trim_end()));
    }
    match &evidence.logs {
        Some(Logs::ByService(logs)) => {
            let namespace = evidence.namespace.as_deref().unwrap_or("default");
            sections.extend(logs.iter().map(|(service, lines)| {
                format!("$ kubectl logs {service} -n {namespace}\n{}\n", lines.join("\n"))
            }));
        }
        Some(Logs::Text(_)) | None => {}
    }
    if let Some(seed) = seed {
        shuffle(&mut sections, seed);
    }
    sections.join("\n")
}

fn shuffle<T>(items: &mut [T], seed: [u8; 32]) {
    let mut random = proptest::test_runner::TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    for place in (1..items.len()).rev() {
        let other = usize::try_from(random.next_u64() % (place as u64 + 1)).unwrap_or_default();
        items.swap(place, other);
    }
}

/// The evidence without what carries the fault.
pub(super) fn without(evidence: &EvidenceObject, decisive: &Decisive) -> EvidenceObject {
    let mut rest = evidence.clone();
    if let Some(kubectl) = &mut rest.kubectl {
        kubectl.retain(|command, _| !decisive.kubectl.contains(command));
        for output in kubectl.values_mut() {
            *output = lines_without(output, &decisive.lines);
        }
    }
    rest.logs = match rest.logs {
        Some(_) if decisive.logs.iter().any(|it| it == "*") => None,
        Some(Logs::Text(text)) => Some(Logs::Text(lines_without(&text, &decisive.lines))),
        Some(Logs::ByService(mut logs)) => {
            logs.retain(|service, _| !decisive.logs.contains(service));
            for lines in logs.values_mut() {
                lines.retain(|line| !decisive.lines.iter().any(|words| line.contains(words)));
            }
            Some(Logs::ByService(logs))
        }
        None => None,
    };
    if let Some(objects) = &mut rest.objects {
        objects.retain(|object| !decisive.objects.contains(&label(object)));
    }
    if decisive.alerts {
        rest.alerts = None;
    }
    if decisive.metrics {
        rest.metrics_csv = None;
    }
    rest
}

/// `Kind/name`; of an event, the name that it is about.
fn label(object: &Value) -> String {
    let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or("");
    match text("/kind") {
        "Event" => format!("Event/{}", text("/involvedObject/name")),
        kind => format!("{kind}/{}", text("/metadata/name")),
    }
}

fn lines_without(text: &str, words: &[String]) -> String {
    let kept: Vec<&str> = text
        .lines()
        .filter(|line| !words.iter().any(|it| line.contains(it)))
        .collect();
    kept.join("\n")
}
