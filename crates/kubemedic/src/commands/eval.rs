//! `kubemedic eval diagnosis`: the engine against labelled cases.

mod corpus;
mod score;

use std::{fmt::Write, process::ExitCode, sync::Arc, time::Instant};

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Map, Value, json};

use super::print;
use crate::{
    cli::{Eval, Format},
    examination::{Examination, examine},
};
use corpus::Case;

/// Runs the command.
///
/// # Errors
/// When the corpus cannot be read, or a case of it has no label.
pub fn run(command: &Eval) -> anyhow::Result<ExitCode> {
    let Eval::Diagnosis { path, format } = command;
    crate::catalogue_folder::use_configured()?;
    let cases = corpus::read(path)?;
    // indicatif draws on standard error, and nothing where that is no terminal.
    let progress = ProgressBar::new(cases.len() as u64);
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} cases, {elapsed} gone, {eta} left")
    {
        progress.set_style(style);
    }
    let results: Vec<Scored> = cases
        .into_iter()
        .map(scored)
        .inspect(|_| progress.inc(1))
        .collect();
    progress.finish_and_clear();
    print(&match format {
        Format::Json => format!("{}\n", report(&results)),
        Format::Text => for_people(&results),
    })?;
    Ok(ExitCode::SUCCESS)
}

/// A case with its answer.
struct Scored {
    id: String,
    group: String,
    expected: Value,
    got: Value,
    correct: bool,
    milliseconds: f64,
}

#[expect(
    clippy::disallowed_methods,
    reason = "measuring the engine is what the command is for"
)]
fn scored(case: Case) -> Scored {
    let started = Instant::now();
    let examination = examine(case.input, &Arc::default());
    let milliseconds = started.elapsed().as_secs_f64() * 1000.0;
    let correct = case.label.accepts(&examination);
    let (id, group, expected) = (case.id, case.label.group(), case.expected);
    Scored {
        id,
        group,
        expected,
        got: got(&examination),
        correct,
        milliseconds,
    }
}

/// The contract's `got`.
fn got(examination: &Examination) -> Value {
    let whole = examination.to_json();
    let commands: Vec<Value> = examination
        .commands()
        .map(|(phase, command)| {
            json!({
                "command": command.command.to_string(),
                "safety_level": command.risk.safety_level(),
                "phase": phase,
            })
        })
        .collect();
    let mut got = Map::new();
    for key in [
        "verdict",
        "failure_class",
        "cause",
        "object",
        "objects",
        "root_cause",
        "summary",
        "confidence",
    ] {
        got.insert(key.to_owned(), whole.get(key).cloned().unwrap_or(Value::Null));
    }
    got.insert("commands".to_owned(), Value::Array(commands));
    Value::Object(got)
}

/// Cases and right answers of each group, in order of their names.
fn groups(results: &[Scored]) -> Vec<(&str, usize, usize)> {
    let mut groups: std::collections::BTreeMap<&str, (usize, usize)> = std::collections::BTreeMap::new();
    for result in results {
        let (cases, correct) = groups.entry(&result.group).or_default();
        *cases += 1;
        *correct += usize::from(result.correct);
    }
    groups
        .into_iter()
        .map(|(name, (cases, correct))| (name, cases, correct))
        .collect()
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a corpus has far fewer than 2^52 cases"
)]
fn accuracy(cases: usize, correct: usize) -> f64 {
    if cases == 0 {
        0.0
    } else {
        correct as f64 / cases as f64
    }
}

fn report(results: &[Scored]) -> Value {
    let correct = results.iter().filter(|result| result.correct).count();
    let by_group: Map<String, Value> = groups(results)
        .into_iter()
        .map(|(name, cases, correct)| (name.to_owned(), json!({"cases": cases, "correct": correct})))
        .collect();
    let each: Vec<Value> = results
        .iter()
        .map(|it| {
            json!({"id": it.id, "expected": it.expected, "got": it.got, "correct": it.correct,
                "milliseconds": it.milliseconds})
        })
        .collect();
    json!({"cases": results.len(), "correct": correct, "accuracy": accuracy(results.len(), correct),
        "groups": by_group, "results": each})
}

fn for_people(results: &[Scored]) -> String {
    let correct = results.iter().filter(|result| result.correct).count();
    let mut page = String::new();
    for (name, cases, correct) in groups(results) {
        let _ = writeln!(page, "{name:<40} {correct:>4} of {cases:<4}");
    }
    for wrong in results.iter().filter(|result| !result.correct) {
        let said = |key: &str| {
            wrong
                .got
                .get(key)
                .and_then(Value::as_str)
                .unwrap_or("-")
                .to_owned()
        };
        let _ = writeln!(
            page,
            "wrong  {}  got {} {}: {}",
            wrong.id,
            said("failure_class"),
            said("object"),
            said("root_cause")
        );
    }
    let share = accuracy(results.len(), correct) * 100.0;
    let _ = writeln!(page, "{correct} of {} right ({share:.1} %)", results.len());
    page
}
