//! Our own incidents: several wordings of each class, each with the words and names that its sentence must hold.

use kubemedic_model::{class::FailureClass, evidence::Origin};

use super::{catalogue, claims, intake_of, matches};
use crate::{
    analysis::{hypothesis::Standing, mentions::Mentions},
    intake::Intake,
};

const VARIANTS: &str = include_str!("../../../../fixtures/incidents/variants.txt");

struct Case<'a> {
    class: FailureClass,
    words: Vec<Vec<&'a str>>,
    object: &'a str,
    text: &'a str,
}

fn cases() -> Vec<Case<'static>> {
    VARIANTS
        .strip_prefix("=== ")
        .unwrap()
        .split("\n=== ")
        .map(|part| {
            let (head, text) = part.split_once('\n').unwrap();
            let fields: Vec<&str> = head.split('|').map(str::trim).collect();
            Case {
                class: fields[0].parse().unwrap(),
                words: fields[1]
                    .split(';')
                    .map(|group| {
                        group
                            .split('/')
                            .map(str::trim)
                            .filter(|it| !it.is_empty())
                            .collect()
                    })
                    .filter(|group: &Vec<&str>| !group.is_empty())
                    .collect(),
                object: fields[2],
                text,
            }
        })
        .collect()
}

/// What is wrong with the best claim about a text, if anything is.
fn fault(case: &Case<'_>, intake: &Intake) -> Option<String> {
    let catalogue = catalogue();
    let mentions = Mentions::read(intake);
    let found = claims(catalogue, matches(catalogue, intake), &mentions);
    let ids: Vec<_> = found
        .iter()
        .map(|(id, it)| format!("{id} {}", it.likelihood))
        .collect();
    if case.class == FailureClass::Healthy {
        return (!found.is_empty()).then(|| format!("false alarm {ids:?}: {:?}", found[0].1.sentence));
    }
    let Some((_, best)) = found.first() else {
        return Some("no claim".to_owned());
    };
    let said = best.sentence.to_lowercase();
    let objects = best.object.iter().chain(&best.related).map(|it| it.name.clone());
    let names = format!("{said} {}", objects.collect::<Vec<_>>().join(" "));
    let missing: Vec<_> = case
        .words
        .iter()
        .filter(|group| !group.iter().any(|word| said.contains(&word.to_lowercase())))
        .collect();
    let good = best.class == case.class
        && best.standing > Standing::Symptom
        && missing.is_empty()
        && names.contains(case.object);
    (!good).then(|| {
        format!(
            "{ids:?} misses {missing:?} object {:?}: {}",
            best.object, best.sentence
        )
    })
}

#[test]
fn every_variant_is_understood_line_by_line() {
    let wrong: Vec<String> = cases()
        .iter()
        .filter_map(|case| {
            Some(format!(
                "{} {:?}\n   {}",
                case.class,
                case.text.lines().next(),
                fault(case, &intake_of(case.text))?
            ))
        })
        .collect();
    assert!(
        wrong.is_empty(),
        "{} of {} wrong\n{}",
        wrong.len(),
        cases().len(),
        wrong.join("\n")
    );
}

#[test]
fn claims_cite_lines_that_exist() {
    let catalogue = catalogue();
    for case in cases() {
        let intake = intake_of(case.text);
        let lines = u64::try_from(case.text.lines().count()).unwrap();
        for (id, claim) in claims(catalogue, matches(catalogue, &intake), &Mentions::read(&intake)) {
            assert!(!claim.evidence.is_empty(), "{id}");
            for exhibit in claim.evidence {
                let Origin { line, .. } = exhibit.origin;
                assert!(line.is_some_and(|line| (1..=lines).contains(&line)), "{id}");
            }
        }
    }
}
