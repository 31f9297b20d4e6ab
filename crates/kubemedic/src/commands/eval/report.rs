//! The forms of an evaluation: the contract's JSON with the figures beside it, and text for people.
//! Nothing is counted here.

use std::fmt::Write;

use serde_json::{Map, Value, json};

use super::{Scored, compared::Compared, figures::Figures};

/// The most confusion pairs as text.
const MAX_PAIRS: usize = 30;

/// The contract's JSON, with the figures as further fields.
pub(super) fn to_json(results: &[Scored], figures: &Figures, compared: Option<&Compared<'_>>) -> Value {
    let groups: Map<String, Value> = figures
        .groups
        .iter()
        .map(|(name, it)| (name.clone(), json!({"cases": it.cases, "correct": it.correct})))
        .collect();
    let each: Vec<Value> = results
        .iter()
        .map(|it| {
            let mut each = json!({"id": it.id, "expected": it.expected, "got": it.got, "correct": it.outcome.correct,
                "milliseconds": it.outcome.milliseconds,
                "weighing": it.examination.diagnosis.explanation.weighing});
            if let (Some(fields), Some(with)) = (each.as_object_mut(), &it.with_model) {
                let with_model = json!({"got": with.got, "correct": with.outcome.correct,
                    "milliseconds": with.outcome.milliseconds, "consultations": with.consultations});
                fields.insert("with_model".to_owned(), with_model);
            }
            each
        })
        .collect();
    let mut report = Map::new();
    report.insert("cases".to_owned(), json!(figures.all.cases));
    report.insert("correct".to_owned(), json!(figures.all.correct));
    report.insert("accuracy".to_owned(), json!(figures.all.share()));
    report.insert("groups".to_owned(), Value::Object(groups));
    report.extend(figures.to_json());
    if let Some(compared) = compared {
        report.insert("model".to_owned(), compared.to_json());
    }
    report.insert("results".to_owned(), Value::Array(each));
    Value::Object(report)
}

/// The figures as text.
pub(super) fn for_people(results: &[Scored], figures: &Figures) -> String {
    let mut page = String::new();
    for (name, it) in &figures.groups {
        let _ = writeln!(page, "{name:<40} {:>4} of {:<4}", it.correct, it.cases);
    }
    classes(&mut page, figures);
    confusion(&mut page, figures);
    calibration(&mut page, figures);
    for wrong in results.iter().filter(|result| !result.outcome.correct) {
        let _ = writeln!(
            page,
            "wrong  {}  expected {}, got {} {}: {}",
            wrong.id,
            wrong.wanted(),
            wrong.outcome.got,
            wrong.said("object"),
            wrong.said("root_cause")
        );
    }
    let _ = writeln!(
        page,
        "nothing wrong: {} cases, {} false alarms, {} state-changing commands",
        figures.innocent, figures.false_alarms, figures.changes_on_innocent
    );
    let _ = writeln!(
        page,
        "time: median {:.1} ms, p95 {:.1} ms, max {:.1} ms",
        figures.median, figures.p95, figures.slowest
    );
    let share = figures.all.share() * 100.0;
    let _ = writeln!(
        page,
        "{} of {} right ({share:.1} %)",
        figures.all.correct, figures.all.cases
    );
    page
}

/// Classes and causes that are not all right, or that were said too often.
fn classes(page: &mut String, figures: &Figures) {
    let flawed = figures
        .classes
        .iter()
        .filter(|(_, it)| it.expected.correct < it.expected.cases || it.answered > it.expected.correct);
    let mut heading = "\nclasses and causes with errors: right of expected, how often answered\n";
    for (name, it) in flawed {
        let _ = writeln!(
            page,
            "{heading}{name:<40} {:>4} of {:<4} {:>4}",
            it.expected.correct, it.expected.cases, it.answered
        );
        heading = "";
    }
}

fn confusion(page: &mut String, figures: &Figures) {
    let mut heading = "\nconfusion: expected -> got\n";
    for (expected, got, count) in figures.confusion.iter().take(MAX_PAIRS) {
        let _ = writeln!(page, "{heading}{count:>4}  {expected} -> {got}");
        heading = "";
    }
}

fn calibration(page: &mut String, figures: &Figures) {
    let _ = writeln!(
        page,
        "\ncalibration: Brier score {:.4}, mean distance {:.4}\nconfidence      n   mean  right",
        figures.brier, figures.calibration_error
    );
    for bin in figures.bins.iter().filter(|bin| bin.cases > 0) {
        let _ = writeln!(
            page,
            "{:.1} to {:.1}  {:>5}  {:.3}  {:.3}",
            bin.from, bin.to, bin.cases, bin.mean_confidence, bin.share_right
        );
    }
    page.push('\n');
}
