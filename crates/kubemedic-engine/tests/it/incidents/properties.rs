//! What holds for every incident: strangers and order change nothing, and without the fault's evidence there is another diagnosis.

use kubemedic_model::evidence_object::WorkflowInput;
use proptest::{
    prelude::*,
    test_runner::{Config, RngSeed, TestRunner},
};

use super::{Answer, Incident, alteration, answer, answer_to, incidents, run};

/// How often each incident is changed.
const CHANGES: u32 = 3;
/// The seed: a change of the code, and not luck, decides whether the test passes.
const SEED: u64 = 20_261_122;

/// Runs a property a few times on every incident; says what is wrong with which.
fn on_every_incident<S: Strategy + Clone>(
    change: &S,
    wrong: impl Fn(&Incident, &Answer, S::Value) -> Option<String>,
) where
    S::Value: Clone,
{
    let mut report = Vec::new();
    let mut runner = TestRunner::new(Config {
        cases: CHANGES,
        rng_seed: RngSeed::Fixed(SEED),
        failure_persistence: None,
        ..Config::default()
    });
    for incident in &incidents() {
        let told = answer_to(&incident.evidence);
        let outcome = runner.run(change, |value| match wrong(incident, &told, value) {
            Some(fault) => Err(TestCaseError::fail(fault)),
            None => Ok(()),
        });
        if let Err(error) = outcome {
            report.push(format!("{}.json: {error}", incident.name));
        }
    }
    assert!(report.is_empty(), "{} wrong\n{}", report.len(), report.join("\n"));
}

/// What is wrong where an answer should have stayed as it was.
fn differs(before: &Answer, after: &Answer) -> Option<String> {
    (before != after).then(|| format!("{before:?} became {after:?}"))
}

#[test]
fn healthy_strangers_never_change_the_diagnosis() {
    let names = prop::collection::vec("(larch|maple|rowan|alder)-(api|web|sync)", 1..4);
    on_every_incident(&names, |incident, told, names| {
        let mut evidence = incident.evidence.clone();
        alteration::add_strangers(&mut evidence, &names);
        differs(told, &answer_to(&evidence))
    });
}

#[test]
fn the_order_of_objects_never_changes_the_diagnosis() {
    on_every_incident(&any::<[u8; 32]>(), |incident, told, seed| {
        let mut evidence = incident.evidence.clone();
        alteration::shuffle_objects(&mut evidence, seed);
        differs(told, &answer_to(&evidence))
    });
}

#[test]
fn the_order_of_pasted_sections_never_changes_the_diagnosis() {
    let paste = |text: String| answer(&run(&WorkflowInput::Text(text)).0);
    on_every_incident(&any::<[u8; 32]>(), |incident, _, seed| {
        let sorted = paste(alteration::pasted(&incident.evidence, None));
        let shuffled = paste(alteration::pasted(&incident.evidence, Some(seed)));
        differs(&sorted, &shuffled)
    });
}

#[test]
fn without_its_evidence_no_fault_is_diagnosed() {
    let kept: Vec<String> = incidents()
        .iter()
        .filter(|incident| !incident.expected.decisive.is_empty())
        .filter_map(|incident| {
            let rest = alteration::without(&incident.evidence, &incident.expected.decisive);
            assert_ne!(
                rest, incident.evidence,
                "{}.json: its decisive parts are not in it",
                incident.name
            );
            let (told, after) = (answer_to(&incident.evidence), answer_to(&rest));
            (told == after).then(|| format!("{}.json: still {after:?}", incident.name))
        })
        .collect();
    assert!(kept.is_empty(), "{} kept\n{}", kept.len(), kept.join("\n"));
}
