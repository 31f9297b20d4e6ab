//! The labelled texts: class, words of the root cause and objects must all be right (the reference scorer's JOINT).

use std::fmt::Write;

use kubemedic_model::{class::FailureClass, diagnosis::Diagnosis, evidence_object::WorkflowInput};
use serde::Deserialize;

use crate::shared;

/// The least share of actionable cases with class, words and objects right.
const JOINT_FLOOR: f64 = 0.70;

#[derive(Debug, Deserialize)]
struct Case {
    id: String,
    input_text: String,
    failure_class: String,
    also_accept_classes: Vec<String>,
    root_cause_keywords: Vec<Vec<String>>,
    affected_objects: Vec<Affected>,
    expect_actionable: bool,
}

#[derive(Debug, Deserialize)]
struct Affected {
    accept_names: Vec<String>,
}

/// Whether a text has a word: short words whole, longer ones anywhere.
fn has(text: &str, word: &str) -> bool {
    let (text, word) = (text.to_lowercase(), word.to_lowercase());
    if word.len() > 3 {
        return text.contains(&word);
    }
    text.match_indices(&word).any(|(at, found)| {
        let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        let before = text[..at].chars().next_back().is_some_and(inner);
        let after = text[at + found.len()..].chars().next().is_some_and(inner);
        !before && !after
    })
}

/// The generated words of a diagnosis: root cause and summary, no quotes.
fn words(diagnosis: &Diagnosis) -> String {
    let sentence = diagnosis.root_causes.first().map_or("", |cause| &cause.sentence);
    format!("{sentence} {}", diagnosis.summary)
}

/// What is wrong with an answer; empty where it is right.
fn faults(case: &Case, diagnosis: &Diagnosis) -> String {
    let class = diagnosis
        .failure_class()
        .map(FailureClass::id)
        .unwrap_or_default();
    let text = words(diagnosis);
    let mut faults = String::new();
    if class != case.failure_class && !case.also_accept_classes.iter().any(|it| it == class) {
        let _ = write!(faults, "class {class:?} not {:?}; ", case.failure_class);
    }
    if !case.expect_actionable {
        return faults;
    }
    for group in &case.root_cause_keywords {
        if !group.iter().any(|word| has(&text, word)) {
            let _ = write!(faults, "no word of {group:?}; ");
        }
    }
    for object in &case.affected_objects {
        if !object.accept_names.iter().any(|name| has(&text, name)) {
            let _ = write!(faults, "no object of {:?}; ", object.accept_names);
        }
    }
    faults
}

#[test]
fn most_labelled_texts_are_diagnosed_and_no_healthy_one_alarms() {
    let Some(path) = shared::corpus("diagnosis-dev/diagnosis.jsonl") else {
        return;
    };
    let (mut right, mut actionable, mut alarms) = (0_u32, 0_u32, 0_u32);
    for line in shared::text(&path).lines().filter(|line| !line.trim().is_empty()) {
        let case: Case = serde_json::from_str(line).expect("a case has the corpus' form");
        let diagnosis = shared::diagnose(&WorkflowInput::Text(case.input_text.clone()));
        let faults = faults(&case, &diagnosis);
        if !faults.is_empty() {
            println!("{}: {faults}\n    {}", case.id, words(&diagnosis));
        }
        if case.expect_actionable {
            actionable += 1;
            right += u32::from(faults.is_empty());
        } else {
            alarms += u32::from(!faults.is_empty());
        }
    }
    let joint = f64::from(right) / f64::from(actionable);
    println!("diagnosis-dev: JOINT {right}/{actionable} = {joint:.3}, false alarms {alarms}");
    assert_eq!(alarms, 0, "a healthy text raised an alarm");
    assert!(joint >= JOINT_FLOOR, "JOINT {joint:.3} is below {JOINT_FLOOR}");
}
