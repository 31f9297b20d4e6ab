//! Recorded clusters with one injected fault each: the finer cause and the object must both be exactly right.

use std::collections::BTreeMap;

use kubemedic_engine::analysis;
use kubemedic_model::evidence_object::{EvidenceObject, WorkflowInput};
use serde::Deserialize;

use crate::shared;

#[derive(Debug, Deserialize)]
struct Recording {
    #[serde(flatten)]
    evidence: EvidenceObject,
    expected: Expected,
}

#[derive(Debug, Deserialize)]
struct Expected {
    root_cause: String,
    fault_object: String,
}

/// Every how many cases one is looked at: all of them take minutes in a debug build, and `kubemedic eval diagnosis` measures them.
const STEP: usize = 6;
/// The share that must be right.
const FLOOR: f64 = 0.93;

#[test]
fn recorded_faults_are_found_with_their_finer_cause_and_object() {
    let Some(folder) = shared::corpus("cloud-opsbench-dev") else {
        return;
    };
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("the folder can be listed")
        .map(|entry| entry.expect("an entry can be read").path())
        .collect();
    files.sort();
    let mut by_cause: BTreeMap<String, (u32, u32)> = BTreeMap::new();
    for file in files
        .iter()
        .filter(|file| file.extension().is_some_and(|it| it == "gz"))
        .step_by(STEP)
    {
        let recording: Recording =
            serde_json::from_str(&shared::text(file)).expect("a recording has the corpus' form");
        let diagnosis = shared::diagnose(&WorkflowInput::Evidence(Box::new(recording.evidence)));
        let first = diagnosis.root_causes.first();
        let cause = first.and_then(|it| it.cause.clone()).unwrap_or_default();
        let class = first.map_or(diagnosis.verdict.as_str(), |it| it.class.id());
        let object = analysis::wire_object(&diagnosis).unwrap_or_default();
        let expected = recording.expected;
        let right = cause == expected.root_cause && object == expected.fault_object;
        let figures = by_cause.entry(expected.root_cause.clone()).or_default();
        figures.0 += u32::from(right);
        figures.1 += 1;
        if !right {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            println!(
                "{name}: {} {} but {class} {cause} {object}: {}",
                expected.root_cause, expected.fault_object, diagnosis.summary
            );
        }
    }
    let (right, all) = by_cause
        .values()
        .fold((0, 0), |sum, it| (sum.0 + it.0, sum.1 + it.1));
    for (cause, (right, all)) in &by_cause {
        println!("  {cause}: {right}/{all}");
    }
    println!("cloud-opsbench-dev: {right}/{all}");
    assert!(
        f64::from(right) >= FLOOR * f64::from(all),
        "{right} of {all} are right"
    );
}
