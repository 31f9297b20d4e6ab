//! Every example command of `policy/examples.toml` gets a verdict within its range.

use std::collections::BTreeSet;

use kubemedic_model::command::Risk;
use serde::Deserialize;

use super::super::check;

#[derive(Deserialize)]
struct Document {
    category: Vec<Category>,
}

#[derive(Deserialize)]
struct Category {
    name: String,
    at_least: String,
    at_most: String,
    commands: Vec<String>,
}

fn strictness(verdict: &str) -> usize {
    [
        "read_only",
        "reversible_change",
        "destructive_high_risk",
        "forbidden",
    ]
    .iter()
    .position(|known| *known == verdict)
    .unwrap()
}

#[test]
fn every_example_gets_a_verdict_within_its_range() {
    let document: Document = toml::from_str(include_str!("../../../policy/examples.toml")).unwrap();
    let (mut wrong, mut seen) = (Vec::new(), BTreeSet::new());
    for category in &document.category {
        for command in &category.commands {
            let got = check(command);
            let verdict = strictness(got.risk.verdict());
            if verdict < strictness(&category.at_least) || verdict > strictness(&category.at_most) {
                wrong.push(format!("{}: {command:?}: {got:?}", category.name));
            }
            assert!(seen.insert(command.clone()), "{command} is there twice");
        }
    }
    assert!(seen.len() > 600, "{}", seen.len());
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn a_reason_is_one_short_sentence_about_the_command() {
    let got = check("kubectl get pods --kubeconfig /tmp/x");
    assert_eq!(
        (got.risk, got.reason.as_str(), got.rule.as_str()),
        (
            Risk::Forbidden,
            "--kubeconfig chooses another cluster, identity or place on this machine than the configured one",
            "flag-smuggling"
        )
    );
    let got = check("kubectl get p\u{f6}ds");
    assert_eq!(got.rule, "unparsable");
    assert!(got.reason.contains("U+00F6"), "{}", got.reason);
}
