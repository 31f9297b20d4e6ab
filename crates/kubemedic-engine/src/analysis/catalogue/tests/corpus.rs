//! How the catalogue alone does on the labelled corpus, where it is there.

use std::path::Path;

use kubemedic_model::{class::FailureClass, diagnosis::MAX_SENTENCE_CHARS};
use serde::Deserialize;

use super::{catalogue, claims, intake_of, matches};
use crate::analysis::{hypothesis::Standing, mentions::Mentions};

/// The share of cases whose class, words and objects must be right.
const FLOOR: f64 = 0.9;

#[derive(Deserialize)]
struct Case {
    id: String,
    input_text: Option<String>,
    failure_class: FailureClass,
    also_accept_classes: Vec<FailureClass>,
    affected_objects: Vec<Affected>,
    root_cause_keywords: Vec<Vec<String>>,
    expect_actionable: bool,
}

#[derive(Deserialize)]
struct Affected {
    accept_names: Vec<String>,
}

fn has(text: &str, word: &str) -> bool {
    let (text, word) = (text.to_lowercase(), word.to_lowercase());
    if word.len() > 3 {
        return text.contains(&word);
    }
    text.split(|c: char| !c.is_ascii_alphanumeric())
        .any(|it| it == word)
}

#[test]
fn the_catalogue_alone_is_right_on_the_corpus() {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpora/diagnosis-dev/diagnosis.jsonl");
    let Ok(text) = std::fs::read_to_string(&path) else {
        #[expect(
            clippy::print_stderr,
            reason = "the reader of the test's output must know that nothing was measured"
        )]
        {
            eprintln!("the diagnosis corpus is absent: nothing is measured");
        }
        return;
    };
    let catalogue = catalogue();
    let (mut right, mut report) = (0_u32, Vec::<String>::new());
    let cases: Vec<Case> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    for case in &cases {
        let intake = intake_of(case.input_text.as_deref().unwrap_or(""));
        let mentions = Mentions::read(&intake);
        let found = claims(catalogue, matches(catalogue, &intake), &mentions);
        let best = found.first();
        let good = match best {
            None => !case.expect_actionable,
            Some((id, claim)) => {
                let class =
                    claim.class == case.failure_class || case.also_accept_classes.contains(&claim.class);
                let words = case
                    .root_cause_keywords
                    .iter()
                    .all(|group| group.iter().any(|word| has(&claim.sentence, word)));
                let objects = case.affected_objects.iter().all(|it| {
                    let named = std::iter::once(&claim.object).flatten().chain(&claim.related);
                    let all: Vec<_> = named.map(|it| it.name.clone()).collect();
                    let said = format!("{} {}", claim.sentence, all.join(" "));
                    it.accept_names.iter().any(|name| has(&said, name))
                });
                let good =
                    case.expect_actionable && class && words && objects && claim.standing > Standing::Symptom;
                assert!(claim.sentence.chars().count() <= MAX_SENTENCE_CHARS);
                if !good {
                    report.push(format!(
                        "  class {class} words {words} objects {objects} by {id}: {}\n",
                        claim.sentence
                    ));
                }
                good
            }
        };
        if good {
            right += 1;
        } else {
            let ids: Vec<_> = found
                .iter()
                .map(|(id, claim)| format!("{id} {}", claim.likelihood))
                .collect();
            report.push(format!(
                "^ {} wants {} {:?}; found {ids:?}\n\n",
                case.id, case.failure_class, case.root_cause_keywords
            ));
        }
    }
    let share = f64::from(right) / f64::from(u32::try_from(cases.len()).unwrap());
    #[expect(clippy::print_stderr, reason = "the figures are what the test is for")]
    {
        eprintln!(
            "{}\n{right} of {} right ({share:.2})",
            report.concat(),
            cases.len()
        );
    }
    assert!(share >= FLOOR, "only {share:.2} of the corpus are right");
}
