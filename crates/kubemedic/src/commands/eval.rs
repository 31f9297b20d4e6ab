//! `kubemedic eval diagnosis`: the engine against labelled cases.

mod compared;
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
    catalogue_folder,
    cli::{Eval, Format},
    consulting::{Consulted, Consulting},
    examination::{self, Examination, Read},
    explanation,
    page::save,
    warm_up,
};
use compared::{Compared, WithModel};
use corpus::Case;
use figures::{Figures, Outcome};
use score::Label;

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
        asking,
    } = command;
    catalogue_folder::use_configured()?;
    let mut cases = corpus::read(path)?;
    if let Some(wanted) = explain {
        cases.retain(|case| case.id == *wanted);
        if cases.is_empty() {
            bail!("{} has no case with the id '{wanted}'", path.display());
        }
    }
    warm_up::beside();
    let consulting = Consulting::of_command(asking, &Arc::default())?;
    let results = answers(cases, consulting.as_ref())?;
    let outcomes: Vec<Outcome> = results.iter().map(|it| it.outcome.clone()).collect();
    let figures = Figures::of(&outcomes);
    let compared = Compared::of(&results, &figures);
    if let Some(file) = html {
        save(
            file,
            &page::document(path, &results, (&figures, compared.as_ref())),
        )?;
    }
    print(&match (format, explain) {
        (Format::Json, None) => format!("{}\n", report::to_json(&results, &figures, compared.as_ref())),
        (Format::Json, Some(_)) => format!("{}\n", explained_json(&results)),
        (Format::Text, None) => {
            let told = compared.as_ref().map(Compared::for_people);
            report::for_people(&results, &figures) + &told.unwrap_or_default()
        }
        (Format::Text, Some(_)) => results.iter().map(explained).collect(),
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Answers every case, and once more with the models where they are asked.
fn answers(cases: Vec<Case>, consulting: Option<&Consulting>) -> anyhow::Result<Vec<Scored>> {
    let progress = progress(cases.len());
    let mut results = Vec::new();
    let mut of_model = Vec::new();
    for case in cases {
        let (result, label, read) = scored(case);
        results.push(result);
        if consulting.is_some() {
            of_model.push((label, read));
        }
        progress.inc(1);
    }
    progress.finish_and_clear();
    let Some(consulting) = consulting else {
        return Ok(results);
    };
    let progress = self::progress(of_model.len());
    let (labels, read): (Vec<Label>, Vec<Read>) = of_model.into_iter().unzip();
    let consulted = consulting.ask(read, &|| progress.inc(1))?;
    progress.finish_and_clear();
    for ((result, label), consulted) in results.iter_mut().zip(labels).zip(consulted) {
        result.with_model = Some(with_model(&label, consulted));
    }
    Ok(results)
}

/// indicatif draws on standard error, and nothing where that is no terminal.
fn progress(cases: usize) -> ProgressBar {
    let progress = ProgressBar::new(cases as u64);
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} cases, {elapsed} gone, {eta} left")
    {
        progress.set_style(style);
    }
    progress
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
    /// The same with a language model, where one was asked.
    with_model: Option<WithModel>,
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
fn scored(case: Case) -> (Scored, Label, Read) {
    let started = Instant::now();
    let read = examination::read(case.input, &Arc::default());
    let examination = read.examine();
    let milliseconds = started.elapsed().as_secs_f64() * 1000.0;
    let label = case.label;
    let scored = Scored {
        id: case.id,
        wanted_object: label.object(),
        expected: case.expected,
        got: got(&examination),
        outcome: outcome(&label, &examination, milliseconds),
        examination,
        with_model: None,
    };
    (scored, label, read)
}

fn with_model(label: &Label, consulted: Consulted) -> WithModel {
    let examination = Examination::from(consulted.examined.consulted);
    WithModel {
        got: got(&examination),
        outcome: outcome(label, &examination, consulted.milliseconds),
        consultations: consulted.examined.consultations,
        spent: consulted.spent,
    }
}

fn outcome(label: &Label, examination: &Examination, milliseconds: f64) -> Outcome {
    let safety = |it: &kubemedic_model::plan::PlannedCommand| it.risk.safety_level() != Some("SAFE");
    let expected = label.expected();
    Outcome {
        group: label.group(),
        got: label.said(examination),
        correct: label.accepts(examination),
        innocent: expected == "healthy",
        expected,
        alarm: examination.diagnosis.verdict == kubemedic_model::diagnosis::Verdict::Incident,
        changes: examination
            .commands()
            .filter(|(_, command)| safety(command))
            .count(),
        confidence: examination.diagnosis.confidence.get(),
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
