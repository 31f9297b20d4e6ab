//! `kubemedic eval diagnosis`: the engine against labelled cases.

mod corpus;
mod figures;
mod page;
mod report;
mod score;

use std::{process::ExitCode, sync::Arc, time::Instant};

use anyhow::bail;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Map, Value, json};

use super::print;
use crate::{
    cli::{Eval, Format},
    examination::{Examination, examine},
    explanation,
    page::save,
    warm_up,
};
use corpus::Case;
use figures::{Figures, Outcome};

/// Runs the command.
///
/// # Errors
/// When the corpus cannot be read, a case of it has no label, no case has the asked id, or the page cannot be written.
pub fn run(command: &Eval) -> anyhow::Result<ExitCode> {
    let Eval::Diagnosis {
        path,
        format,
        explain,
        html,
    } = command;
    let mut cases = corpus::read(path)?;
    if let Some(wanted) = explain {
        cases.retain(|case| case.id == *wanted);
        if cases.is_empty() {
            bail!("{} has no case with the id '{wanted}'", path.display());
        }
    }
    warm_up::beside();
    let results = answers(cases);
    let outcomes: Vec<Outcome> = results.iter().map(|it| it.outcome.clone()).collect();
    let figures = Figures::of(&outcomes);
    if let Some(file) = html {
        save(file, &page::document(path, &results, &figures))?;
    }
    print(&match (format, explain) {
        (Format::Json, None) => format!("{}\n", report::to_json(&results, &figures)),
        (Format::Json, Some(_)) => format!("{}\n", explained_json(&results)),
        (Format::Text, None) => report::for_people(&results, &figures),
        (Format::Text, Some(_)) => results.iter().map(explained).collect(),
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Answers every case. indicatif draws on standard error, and nothing where that is no terminal.
fn answers(cases: Vec<Case>) -> Vec<Scored> {
    let progress = ProgressBar::new(cases.len() as u64);
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} cases, {elapsed} gone, {eta} left")
    {
        progress.set_style(style);
    }
    let results = cases
        .into_iter()
        .map(scored)
        .inspect(|_| progress.inc(1))
        .collect();
    progress.finish_and_clear();
    results
}

/// A case with its answer.
struct Scored {
    id: String,
    expected: Value,
    /// The object that was expected, in the contract's form, if the label names one.
    wanted_object: Option<String>,
    got: Value,
    examination: Examination,
    outcome: Outcome,
}

impl Scored {
    /// A word of the answer.
    fn said(&self, key: &str) -> &str {
        self.got.get(key).and_then(Value::as_str).unwrap_or("-")
    }

    /// The class or cause and the object that were expected.
    fn wanted(&self) -> String {
        let object = self.wanted_object.as_deref().unwrap_or("");
        format!("{} {object}", self.outcome.expected)
            .trim_end()
            .to_owned()
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "measuring the engine is what the command is for"
)]
fn scored(case: Case) -> Scored {
    let started = Instant::now();
    let examination = examine(case.input, &Arc::default());
    let milliseconds = started.elapsed().as_secs_f64() * 1000.0;
    let label = &case.label;
    let safety = |it: &kubemedic_model::plan::PlannedCommand| it.risk.safety_level() != Some("SAFE");
    let expected = label.expected();
    let outcome = Outcome {
        group: label.group(),
        got: label.said(&examination),
        correct: label.accepts(&examination),
        innocent: expected == "healthy",
        expected,
        alarm: examination.diagnosis.verdict == kubemedic_model::diagnosis::Verdict::Incident,
        changes: examination
            .commands()
            .filter(|(_, command)| safety(command))
            .count(),
        confidence: examination.diagnosis.confidence.get(),
        milliseconds,
    };
    Scored {
        id: case.id,
        wanted_object: label.object(),
        expected: case.expected,
        got: got(&examination),
        examination,
        outcome,
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

/// One case for people: what was expected, what was said, and why.
fn explained(it: &Scored) -> String {
    let right = if it.outcome.correct { "right" } else { "wrong" };
    format!(
        "{}: {right}\nexpected  {}\ngot       {} {} (confidence {:.2})\n          {}\n{}\n",
        it.id,
        it.wanted(),
        it.outcome.got,
        it.said("object"),
        it.outcome.confidence,
        it.said("root_cause"),
        explanation::for_people(&it.examination)
    )
}

/// The same as JSON: an object for each case of the id.
fn explained_json(results: &[Scored]) -> Value {
    let cases = results.iter().map(|it| {
        json!({"id": it.id, "expected": it.expected, "got": it.got, "correct": it.outcome.correct,
            "evidence": it.examination.diagnosis.evidence, "explanation": it.examination.diagnosis.explanation})
    });
    json!({"results": cases.collect::<Vec<_>>()})
}
