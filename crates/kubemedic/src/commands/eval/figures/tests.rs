//! Tests of the figures on a handful of cases.

use super::*;

fn outcome(expected: &str, got: &str, confidence: f64) -> Outcome {
    Outcome {
        group: "network".to_owned(),
        expected: expected.to_owned(),
        got: got.to_owned(),
        correct: expected == got,
        innocent: expected == "healthy",
        alarm: got != "healthy",
        changes: usize::from(got != "healthy"),
        confidence,
        milliseconds: confidence * 10.0,
    }
}

fn figures() -> Figures {
    Figures::of(&[
        outcome("dns-failure", "dns-failure", 0.9),
        outcome("dns-failure", "upstream-5xx", 0.6),
        outcome("healthy", "healthy", 1.0),
        outcome("healthy", "upstream-5xx", 0.5),
    ])
}

#[test]
fn the_brier_score_is_the_mean_square_of_confidence_less_truth() {
    let expected = (0.1_f64.powi(2) + 0.6_f64.powi(2) + 0.0 + 0.5_f64.powi(2)) / 4.0;
    assert!((figures().brier - expected).abs() < 1e-12);
}

#[test]
fn the_last_bin_holds_certainty_too() {
    let figures = figures();
    let cases: Vec<usize> = figures.bins.iter().map(|bin| bin.cases).collect();
    assert_eq!(cases, [0, 0, 0, 0, 0, 1, 1, 0, 0, 2]);
    let last = figures.bins.last().expect("ten bins");
    assert!((last.mean_confidence - 0.95).abs() < 1e-12 && (last.share_right - 1.0).abs() < 1e-12);
    assert!((figures.calibration_error - (0.5 + 0.6 + 0.05 * 2.0) / 4.0).abs() < 1e-12);
}

#[test]
fn confusion_counts_what_was_said_instead() {
    let pair = |expected: &str| (expected.to_owned(), "upstream-5xx".to_owned(), 1);
    assert_eq!(figures().confusion, [pair("dns-failure"), pair("healthy")]);
}

#[test]
fn an_alarm_on_an_innocent_case_is_false_and_its_changes_are_counted() {
    let figures = figures();
    assert_eq!(
        (
            figures.innocent,
            figures.false_alarms,
            figures.changes_on_innocent
        ),
        (2, 1, 1)
    );
}

#[test]
fn a_class_tells_its_cases_and_how_often_it_was_the_answer() {
    let figures = figures();
    let of = |name: &str| figures.classes.get(name).copied().expect("a class");
    assert_eq!(
        (of("dns-failure").expected, of("dns-failure").answered),
        (Tally { cases: 2, correct: 1 }, 1)
    );
    assert_eq!(
        (of("upstream-5xx").expected, of("upstream-5xx").answered),
        (Tally::default(), 2)
    );
}

#[test]
fn times_are_told_by_nearest_rank() {
    let figures = figures();
    let times = [figures.median, figures.p95, figures.slowest].map(|time| format!("{time:.1}"));
    assert_eq!(times, ["6.0", "10.0", "10.0"]);
    assert!(Figures::of(&[]).median.abs() < 1e-12);
}
