//! What is remembered: bounded, whatever the order, and never of a workflow that was not analysed.

use jiff::Timestamp;
use kubemedic_engine::similarity::Incident;
use kubemedic_model::{
    class::FailureClass,
    diagnosis::Verdict,
    id::WorkflowId,
    workflow::{WorkflowStatus, WorkflowSummary},
};
use uuid::Uuid;

use super::{Known, MAX_WORKFLOWS, PastKeeper};

fn summary(number: u32) -> WorkflowSummary {
    WorkflowSummary {
        id: WorkflowId::new(Uuid::from_u128(u128::from(number))),
        status: WorkflowStatus::Running,
        created_at: Timestamp::from_second(i64::from(number)).unwrap(),
        closed_at: None,
        cluster: Some("prod".into()),
        namespace: None,
        verdict: None,
        failure_class: None,
        root_cause: None,
        last_sequence: 0,
        retired: false,
        attempts: 0,
        top_templates: Vec::new(),
    }
}

fn analysed(number: u32) -> WorkflowSummary {
    WorkflowSummary {
        verdict: Some(Verdict::Incident),
        failure_class: Some(FailureClass::OomKilled),
        root_cause: Some(format!("checkout{number} is OOM-killed at its memory limit.")),
        top_templates: vec![
            format!("worker {} lost", letters(number)),
            "heap exhausted".into(),
        ],
        ..summary(number)
    }
}

/// A number as a word, since numbers are no words.
fn letters(number: u32) -> String {
    number
        .to_string()
        .bytes()
        .map(|digit| char::from(b'a' + (digit - b'0')))
        .collect()
}

fn known(numbers: impl Iterator<Item = u32>) -> Known {
    let mut known = Known::default();
    for number in numbers {
        known.remember(&analysed(number));
    }
    known
}

#[test]
fn the_order_of_remembering_does_not_matter() {
    let (forth, back) = (known(0..50), known((0..50).rev()));
    assert_eq!(forth.workflows, back.workflows);
    assert_eq!(forth.places, back.places);
    assert_eq!(forth.lines.len(), back.lines.len());
    let query = Incident::new(
        &["heap exhausted".into()],
        "checkout is OOM-killed",
        Some(FailureClass::OomKilled),
    );
    assert_eq!(
        forth.incidents.pool(&query, |_| true),
        back.incidents.pool(&query, |_| true)
    );
    let line = "worker bc was lost";
    assert_eq!(
        forth.lines.candidates("prod", line),
        back.lines.candidates("prod", line)
    );
}

#[test]
fn a_workflow_is_remembered_once_and_only_when_it_was_analysed() {
    let mut known = Known::default();
    known.remember(&summary(1));
    assert!(known.workflows.is_empty());
    known.remember(&analysed(1));
    known.remember(&analysed(1));
    assert_eq!(known.workflows.len(), 1);
    assert_eq!(known.lines.len(), 2);
}

#[test]
fn the_oldest_is_forgotten_where_there_are_too_many() {
    let mut known = known(0..MAX_WORKFLOWS + 5);
    assert_eq!(known.workflows.len(), MAX_WORKFLOWS as usize);
    assert_eq!(known.incidents.len(), MAX_WORKFLOWS as usize);
    assert_eq!(known.lines.len(), MAX_WORKFLOWS as usize + 1);
    while !known.workflows.is_empty() {
        known.forget_oldest();
    }
    assert!(known.lines.is_empty() && known.incidents.is_empty() && known.places.is_empty());
}

#[test]
#[ignore = "a figure, not a check: cargo nextest run -p kubemedic-workflow --run-ignored only --no-capture figures_of_the_past"]
#[expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a measurement that is printed"
)]
fn figures_of_the_past() {
    let keeper = PastKeeper::default();
    let start = std::time::Instant::now();
    for number in 0..MAX_WORKFLOWS {
        keeper.remember(&analysed(number));
    }
    println!("10,000 workflows are folded in {:?}", start.elapsed());
    let known = keeper.read();
    let mut times: Vec<_> = (0..1000)
        .map(|number| {
            let summary = analysed(number * 7);
            let sentence = summary.root_cause.unwrap_or_default();
            let query = Incident::new(&summary.top_templates, &sentence, summary.failure_class);
            let start = std::time::Instant::now();
            let pool = known.incidents.pool(&query, |_| true);
            let hits = known.incidents.nearest(&query, &pool, None, 3);
            assert_eq!(hits.len(), 3);
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    println!("nearest of 10,000: p50 {:?}, p99 {:?}", times[500], times[990]);
}
