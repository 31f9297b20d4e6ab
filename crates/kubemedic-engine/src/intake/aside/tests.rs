//! Traces below debug entries and below others.

use kubemedic_model::{evidence_object::WorkflowInput, log::Severity};

use crate::intake;

fn severities(head: &str, trace: &str) -> Vec<Severity> {
    let text = format!(
        "2025-06-01 11:00:00.000 {head} c.a.Cache : default\n{trace}\n\tat c.a.Cache.load(Cache.java:4)\n"
    );
    let records = intake::read(&WorkflowInput::Text(text)).records;
    records.iter().map(|it| it.record.severity).collect()
}

#[test]
fn a_trace_below_a_debug_entry_is_as_quiet_as_the_entry() {
    let trace = "java.io.FileNotFoundException: a.png";
    assert_eq!(severities("DEBUG", trace), vec![Severity::Debug; 2]);
}

#[test]
fn an_uncaught_exception_below_a_debug_entry_stays_loud() {
    let trace = "Exception in thread \"main\" java.io.IOException: a";
    assert!(
        severities("DEBUG", trace)
            .iter()
            .any(|severity| severity.is_error())
    );
}
