//! Proves the reading of whole inputs, on texts of our own and, where they are there, on the shared corpora.

use std::path::PathBuf;

use kubemedic_model::{log::Severity, resource::Kind};
use serde_json::Value;

use super::*;

/// The shared corpora, if they are there.
#[expect(clippy::print_stdout, reason = "a test that checks nothing says so")]
fn corpus(name: &str) -> Option<PathBuf> {
    let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/corpora")).join(name);
    if path.exists() {
        return Some(path);
    }
    // The project may be checked out one level deeper.
    let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../../shared/corpora")).join(name);
    if path.exists() {
        return Some(path);
    }
    println!("the corpus {name} is not here: nothing was checked");
    None
}

/// The values of a file of JSON lines.
fn json_lines(path: &std::path::Path) -> Vec<Value> {
    std::fs::read_to_string(path)
        .expect("a corpus file")
        .lines()
        .map(|line| serde_json::from_str(line).expect("a JSON line"))
        .collect()
}

/// The value of a compressed JSON file.
fn gunzip(path: &std::path::Path) -> Value {
    let file = std::fs::File::open(path).expect("a corpus file");
    serde_json::from_reader(flate2::read::GzDecoder::new(file)).expect("JSON")
}

/// The evidence files of a folder.
fn evidence_files(folder: &std::path::Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("a corpus folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "gz"))
        .collect();
    files.sort();
    files
}

#[test]
fn every_labelled_line_of_the_corpora_has_its_severity() {
    for name in ["severity_cases_coroot.jsonl", "severity_cases_lnav.jsonl"] {
        let Some(path) = corpus("log-formats").map(|folder| folder.join(name)) else {
            return;
        };
        let mut missed = Vec::new();
        for case in json_lines(&path) {
            let Some(level) = case["level"].as_str() else {
                continue;
            };
            let expected = match level {
                "unknown" => Severity::Unknown,
                "notice" => Severity::Info,
                "critical" => Severity::Fatal,
                // Here a request that the client got wrong is a warning.
                "error" if case["format"] == "access_log" => Severity::Warn,
                word => severity::of_word(word).expect("a severity"),
            };
            let line = case["line"].as_str().expect("a line");
            let found = log_records(line).first().map(|record| record.severity);
            if found != Some(expected) {
                missed.push(format!("{expected} but {found:?}: {line}"));
            }
        }
        assert!(missed.is_empty(), "{name}: {missed:#?}");
    }
}

#[test]
fn every_case_of_the_diagnosis_corpus_is_read_and_no_line_is_lost() {
    let Some(path) = corpus("diagnosis-dev/diagnosis.jsonl") else {
        return;
    };
    for case in json_lines(&path) {
        let Some(text) = case["input_text"].as_str() else {
            continue;
        };
        assert_covered(text);
    }
}

#[test]
fn objects_of_a_real_cluster_are_all_found() {
    let Some(folder) = corpus("kubectl-real-dev") else {
        return;
    };
    for path in evidence_files(&folder) {
        let value = gunzip(&path);
        let evidence = parse_evidence_object(&value.to_string()).expect("an evidence object");
        let only_objects = EvidenceObject {
            objects: evidence.objects.clone(),
            ..EvidenceObject::default()
        };
        let objects = value["objects"].as_array().expect("objects");
        let count = |kind: &str| objects.iter().filter(|it| it["kind"] == kind).count();
        let read = read_evidence(&only_objects).snapshot;
        assert_eq!(read.pods.len(), count("Pod"), "{path:?}");
        let deployments = read
            .workloads
            .iter()
            .filter(|it| it.kind == Kind::Deployment)
            .count();
        assert_eq!(deployments, count("Deployment"), "{path:?}");
        assert_eq!(read.services.len(), count("Service"), "{path:?}");
        let counted: u64 = read.events.iter().map(|event| event.count).sum();
        assert!(
            read.events.len() <= count("Event") && counted >= read.events.len() as u64,
            "{path:?}"
        );
        // What kubectl prints adds events that are told by tables only, but no object that does not exist.
        let whole = read_evidence(&evidence).snapshot;
        assert_eq!(whole.pods.len(), read.pods.len(), "{path:?}");
        assert_eq!(whole.workloads.len(), read.workloads.len(), "{path:?}");
        assert_eq!(whole.services.len(), read.services.len(), "{path:?}");
        assert_eq!(whole.nodes.len(), read.nodes.len(), "{path:?}");
        assert_eq!(whole.quotas.len(), read.quotas.len(), "{path:?}");
    }
}

#[test]
fn text_of_kubectl_tells_the_same_as_the_objects() {
    let Some(folder) = corpus("kubectl-real-dev") else {
        return;
    };
    for path in evidence_files(&folder) {
        let value = gunzip(&path);
        let evidence = parse_evidence_object(&value.to_string()).expect("an evidence object");
        let objects = EvidenceObject {
            objects: evidence.objects.clone(),
            ..EvidenceObject::default()
        };
        let text = EvidenceObject {
            kubectl: evidence.kubectl.clone(),
            ..EvidenceObject::default()
        };
        let (objects, text) = (read_evidence(&objects).snapshot, read_evidence(&text).snapshot);
        assert_eq!(text.pods.len(), objects.pods.len(), "{path:?}");
        for pod in &text.pods {
            let known = objects
                .pod(pod.meta.namespace.as_deref(), &pod.meta.name)
                .expect("the pod");
            assert_eq!(pod.ready, known.ready, "{path:?} {}", pod.meta.name);
            assert_eq!(pod.meta.labels, known.meta.labels, "{path:?} {}", pod.meta.name);
        }
        for service in &text.services {
            let known = objects
                .services
                .iter()
                .find(|it| it.meta.name == service.meta.name)
                .expect("the service");
            assert_eq!(service.selector, known.selector, "{path:?}");
            assert_eq!(service.cluster_ip, known.cluster_ip, "{path:?}");
            assert_eq!(
                service
                    .ports
                    .iter()
                    .map(|port| (port.port, port.target.clone()))
                    .collect::<Vec<_>>(),
                known
                    .ports
                    .iter()
                    .map(|port| (port.port, port.target.clone()))
                    .collect::<Vec<_>>(),
                "{path:?} {}",
                service.meta.name
            );
        }
        for node in &text.nodes {
            let known = objects
                .nodes
                .iter()
                .find(|it| it.meta.name == node.meta.name)
                .expect("the node");
            assert_eq!(
                (&node.taints, node.ready, &node.allocatable),
                (&known.taints, known.ready, &known.allocatable)
            );
        }
    }
}

/// Every line that is not blank without its colour codes is in a record, an object, an event or a note.
pub(super) fn assert_covered(text: &str) {
    let intake = read_text(text);
    let snapshot = &intake.snapshot;
    let mut covered: std::collections::BTreeSet<u64> = intake.notes.iter().map(|note| note.line).collect();
    for it in &intake.records {
        covered.extend(it.record.line..it.record.line + u64::from(it.record.line_count));
    }
    covered.extend(snapshot.events.iter().filter_map(|event| event.origin.line));
    let told_objects = *snapshot != ClusterSnapshot::default();
    for (number, line) in (1_u64..).zip(text.lines()) {
        assert!(
            lines::strip_ansi(line).trim().is_empty() || covered.contains(&number) || told_objects,
            "line {number} is lost: {line:?}"
        );
    }
}
