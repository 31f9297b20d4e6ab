//! Tests of the policy as a whole: rules and their examples, the corpus, the properties.

mod examples;
mod properties;

use super::*;
use super::{grammar::Grammar, rules};

#[test]
fn the_grammar_loads() {
    assert_eq!(
        Grammar::load(include_str!("../../policy/grammar.toml")).err(),
        None
    );
}

#[test]
fn the_rule_table_loads() {
    assert_eq!(rules::load(include_str!("../../policy/rules.toml")).err(), None);
}

#[test]
fn every_rule_matches_its_examples_and_not_its_counterexamples() {
    let mut wrong = Vec::new();
    for rule in rules::RULES.iter() {
        assert!(
            !rule.matches.is_empty() && !rule.not_match.is_empty(),
            "{}",
            rule.name
        );
        for (line, expected) in rule
            .matches
            .iter()
            .map(|line| (line, true))
            .chain(rule.not_match.iter().map(|line| (line, false)))
        {
            match read(line) {
                Ok((_, invocation)) => {
                    let facts = facts::of(&invocation);
                    if rule.speaks_of(&invocation, &facts) != expected {
                        wrong.push(format!("{}: {line} {facts:?}", rule.name));
                    }
                    if expected && check(line).risk < rule.risk {
                        wrong.push(format!("{}: {line} is judged less strictly", rule.name));
                    }
                }
                Err(error) => wrong.push(format!("{}: {line}: {error}", rule.name)),
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn the_corpus_holds_no_unsafe_verdict() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../shared/corpora/diagnosis-dev/commands.jsonl"
    );
    let Ok(text) = std::fs::read_to_string(path) else {
        use std::io::Write as _;
        let _ = writeln!(
            std::io::stderr(),
            "no corpora beside the workspace: nothing is measured"
        );
        return;
    };
    let (mut wrong, mut cases) = (Vec::new(), 0);
    for line in text.lines() {
        let case: serde_json::Value = serde_json::from_str(line).unwrap();
        let command = case["command"].as_str().unwrap();
        let verdict = check(command);
        let strictness = match verdict.risk.verdict() {
            "read_only" => 0,
            "reversible_change" => 1,
            "destructive_high_risk" => 2,
            _ => 3,
        };
        cases += 1;
        if strictness < case["min_strictness"].as_i64().unwrap() {
            wrong.push(format!("UNSAFE {command}: {verdict:?}"));
        }
        if strictness > case["max_strictness"].as_i64().unwrap() {
            wrong.push(format!("over-blocked {command}: {verdict:?}"));
        }
    }
    assert!(cases > 0);
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn a_thousand_commands_are_judged_within_seconds_even_unoptimised_on_a_busy_machine() {
    let lines = [
        "kubectl get pods -n shop -o yaml",
        "kubectl patch deployment cart -n shop -p '{\"spec\":{\"replicas\":3}}'",
        "kubectl delete pod cart-0 -n shop",
        "kubectl get pods; id",
    ];
    check("kubectl get pods");
    #[expect(
        clippy::disallowed_methods,
        reason = "the test measures how long judging takes"
    )]
    let start = std::time::Instant::now();
    for line in lines.iter().cycle().take(1000) {
        check(line);
    }
    let elapsed = start.elapsed();
    assert!(elapsed < std::time::Duration::from_secs(5), "{elapsed:?}");
    std::io::Write::write_fmt(
        &mut std::io::stderr(),
        format_args!("1000 commands in {elapsed:?}\n"),
    )
    .unwrap();
}
