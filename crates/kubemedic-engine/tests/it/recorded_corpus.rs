//! Recorded cluster states: class, object and verdict must be right.

use kubemedic_engine::analysis;
use kubemedic_model::{
    diagnosis::{Diagnosis, Verdict},
    evidence_object::{EvidenceObject, WorkflowInput},
};
use serde::Deserialize;

use crate::shared;

/// The least share of recordings with verdict, class and object right.
const RECORDED_FLOOR: f64 = 0.90;

#[derive(Debug, Deserialize)]
struct Recording {
    #[serde(flatten)]
    evidence: EvidenceObject,
    expected: Expected,
}

#[derive(Debug, Deserialize)]
struct Expected {
    failure_class: Option<String>,
    #[serde(default)]
    also_accept_classes: Vec<String>,
    cause: Option<String>,
    object: Option<String>,
    verdict: Verdict,
}

/// What is wrong with an answer; empty where it is right.
fn faults(expected: &Expected, diagnosis: &Diagnosis) -> String {
    let mut faults = Vec::new();
    let class = diagnosis.failure_class().map(|class| class.id().to_owned());
    let accepted = class
        .as_ref()
        .is_some_and(|class| expected.also_accept_classes.contains(class));
    if diagnosis.verdict != expected.verdict {
        faults.push(format!(
            "verdict {} not {}",
            diagnosis.verdict.as_str(),
            expected.verdict.as_str()
        ));
    }
    if class != expected.failure_class && !accepted {
        faults.push(format!("class {class:?} not {:?}", expected.failure_class));
    }
    let object = analysis::wire_object(diagnosis);
    if object != expected.object {
        faults.push(format!("object {object:?} not {:?}", expected.object));
    }
    faults.join("; ")
}

#[test]
fn most_recorded_clusters_are_diagnosed() {
    let Some(folder) = shared::corpus("kubectl-real-dev") else {
        return;
    };
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("the folder can be listed")
        .map(|entry| entry.expect("an entry can be read").path())
        .collect();
    files.sort();
    let (mut right, mut causes, mut with_cause) = (0_u32, 0_u32, 0_u32);
    let mut all = 0_u32;
    for file in files
        .iter()
        .filter(|file| file.extension().is_some_and(|it| it == "gz"))
    {
        let recording: Recording =
            serde_json::from_str(&shared::text(file)).expect("a recording has the corpus' form");
        let diagnosis = shared::diagnose(&WorkflowInput::Evidence(Box::new(recording.evidence)));
        let faults = faults(&recording.expected, &diagnosis);
        let cause = diagnosis.root_causes.first().and_then(|it| it.cause.clone());
        all += 1;
        right += u32::from(faults.is_empty());
        with_cause += u32::from(recording.expected.cause.is_some());
        causes += u32::from(recording.expected.cause.is_some() && cause == recording.expected.cause);
        if !faults.is_empty() || cause != recording.expected.cause {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            println!(
                "{name}: {faults} (cause {cause:?} of {:?})\n    {}",
                recording.expected.cause, diagnosis.summary
            );
        }
    }
    let share = f64::from(right) / f64::from(all);
    println!("kubectl-real-dev: {right}/{all} = {share:.3}; finer causes {causes}/{with_cause}");
    assert!(share >= RECORDED_FLOOR, "{share:.3} is below {RECORDED_FLOOR}");
}
