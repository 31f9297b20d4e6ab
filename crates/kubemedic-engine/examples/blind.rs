//! Workbench (never committed): JOINT on jsonl files.
use kubemedic_engine::{
    analysis, intake, monitoring,
    redaction::{Redactor, rules::Rules},
};
use kubemedic_model::evidence_object::WorkflowInput;
use serde_json::Value;
fn has(text: &str, word: &str) -> bool {
    let (text, word) = (text.to_lowercase(), word.to_lowercase());
    if word.len() > 3 {
        return text.contains(&word);
    }
    text.match_indices(&word).any(|(at, found)| {
        let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        !text[..at].chars().next_back().is_some_and(inner)
            && !text[at + found.len()..].chars().next().is_some_and(inner)
    })
}
fn main() {
    let verbose = std::env::args().any(|a| a == "-v");
    let filter = std::env::args()
        .skip_while(|a| a != "-f")
        .nth(1)
        .unwrap_or_default();
    for file in std::env::args().skip(1).filter(|a| a.ends_with(".jsonl")) {
        let (mut n, mut right, mut healthy, mut alarms) = (0, 0, 0, 0);
        for line in std::fs::read_to_string(&file).unwrap().lines() {
            let c: Value = serde_json::from_str(line).unwrap();
            if !c["id"].as_str().unwrap().contains(&filter) {
                continue;
            }
            let mut r = Redactor::with_rules(std::sync::Arc::<Rules>::default());
            let read =
                intake::read(&r.redact_input(WorkflowInput::Text(c["input_text"].as_str().unwrap().into())));
            let d = analysis::diagnose(&read, &monitoring::monitor(&read));
            let class = d.failure_class().map(|c| c.id().to_owned()).unwrap_or_default();
            let text = format!(
                "{} {}",
                d.root_causes.first().map_or("", |c| c.sentence.as_str()),
                d.summary
            );
            let mut wrong = String::new();
            if class != c["failure_class"].as_str().unwrap()
                && !c["also_accept_classes"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .any(|x| x == &class)
            {
                wrong += &format!("class {class} not {}; ", c["failure_class"]);
            }
            if c["expect_actionable"] == true {
                n += 1;
                for g in c["root_cause_keywords"].as_array().unwrap() {
                    if !g
                        .as_array()
                        .unwrap()
                        .iter()
                        .any(|w| has(&text, w.as_str().unwrap()))
                    {
                        wrong += &format!("no word {g}; ");
                    }
                }
                for o in c["affected_objects"].as_array().unwrap() {
                    if !o["accept_names"]
                        .as_array()
                        .unwrap()
                        .iter()
                        .any(|w| has(&text, w.as_str().unwrap()))
                    {
                        wrong += &format!("no object {}; ", o["accept_names"]);
                    }
                }
                right += i32::from(wrong.is_empty());
            } else {
                healthy += 1;
                alarms += i32::from(!wrong.is_empty());
            }
            if !wrong.is_empty() || verbose {
                println!("{}: {wrong}\n    {text}", c["id"]);
                if verbose {
                    for x in d.root_causes.iter().chain(&d.alternatives) {
                        println!(
                            "      {:?} {} {:?}: {}",
                            x.confidence,
                            x.class.id(),
                            x.object.as_ref().map(|o| o.name.clone()),
                            x.sentence
                        );
                    }
                }
            }
        }
        println!("{file}: JOINT {right} of {n}; false alarms {alarms} of {healthy}");
    }
}
