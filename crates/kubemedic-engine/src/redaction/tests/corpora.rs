//! The shared corpora, measured with floors; figures are printed.
#![expect(
    clippy::print_stdout,
    reason = "measured figures are for whoever runs the test"
)]

use std::{collections::BTreeMap, fs, path::PathBuf};

use serde_json::Value;

use crate::redaction::Redactor;

fn corpus(name: &str) -> Option<Vec<Value>> {
    let path = PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../shared/corpora/redaction"
    ))
    .join(name);
    let Ok(text) = fs::read_to_string(&path) else {
        println!("the shared corpus {name} is not here: nothing was measured");
        return None;
    };
    Some(
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect(),
    )
}

fn changes(text: &str) -> bool {
    Redactor::new().redact(text) != text
}

fn field<'a>(case: &'a Value, name: &str) -> &'a str {
    case.get(name).and_then(Value::as_str).unwrap_or("")
}

#[test]
fn identifiers_of_the_must_survive_corpus_are_never_touched() {
    let Some(cases) = corpus("k8s_must_survive.jsonl") else {
        return;
    };
    let changed: Vec<String> = cases
        .iter()
        .map(|case| field(case, "line"))
        .filter(|line| changes(line))
        .map(|line| format!("{line} -> {}", Redactor::new().redact(line)))
        .collect();
    println!("must survive: {} of {} changed", changed.len(), cases.len());
    assert_eq!(changed, Vec::<String>::new());
}

#[test]
fn secrets_of_the_rule_corpus_are_found_and_the_rest_is_left() {
    let Some(cases) = corpus("gitleaks_rule_cases.jsonl") else {
        return;
    };
    let cases: Vec<&Value> = cases
        .iter()
        .filter(|case| field(case, "path").is_empty())
        .collect();
    let (secrets, others): (Vec<&Value>, Vec<&Value>) = cases
        .into_iter()
        .partition(|case| case.get("secret") == Some(&Value::Bool(true)));
    let mut missed: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for case in &secrets {
        if !changes(field(case, "text")) {
            missed
                .entry(field(case, "rule"))
                .or_default()
                .push(field(case, "text"));
        }
    }
    let count: usize = missed.values().map(Vec::len).sum();
    let contradictory = |text: &str| secrets.iter().any(|case| field(case, "text") == text);
    let changed: Vec<&&Value> = others
        .iter()
        .filter(|case| changes(field(case, "text")))
        .collect();
    // A text that is a secret of one rule and none of another is a secret.
    let disputed = changed
        .iter()
        .filter(|case| contradictory(field(case, "text")))
        .count();
    let undisputed = others
        .iter()
        .filter(|case| !contradictory(field(case, "text")))
        .count();
    for (rule, texts) in &missed {
        println!("missed: {rule} {} {:?}", texts.len(), texts.first());
    }
    for case in &changed {
        println!(
            "changed: {} {:?}",
            field(case, "rule"),
            Redactor::new().redact(field(case, "text"))
        );
    }
    let found = secrets.len() - count;
    println!("must detect: {found} of {}", secrets.len());
    println!(
        "must not: {} of {} changed, {disputed} of them secrets of another rule",
        changed.len(),
        others.len()
    );
    assert!(
        found * 1000 >= secrets.len() * 990,
        "{found} of {}",
        secrets.len()
    );
    assert!(
        (changed.len() - disputed) * 50 <= undisputed,
        "{} of {undisputed} that are no secret of any rule are changed",
        changed.len() - disputed
    );
}
