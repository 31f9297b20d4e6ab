//! `kubemedic diagnose`: one diagnosis, for people or as JSON.

use std::{fmt::Write, process::ExitCode};

use kubemedic_model::{
    diagnosis::{RootCause, Verdict},
    plan::Plan,
};

use anyhow::Context;
use serde_json::{Value, json};

use super::{print, verify::models::dollars};
use crate::{
    catalogue_folder,
    cli::{Diagnose, FailOn, Format},
    consulting::{self, Consulted, Consulting},
    examination::{Examination, read, read_condensed},
    explanation,
    input::{self, Subject},
    page, redaction_rules, warm_up,
};

/// The most pieces of evidence beside a cause.
const SHOWN: usize = 3;

/// Runs the command.
///
/// # Errors
/// When the input cannot be read.
pub fn run(arguments: &Diagnose) -> anyhow::Result<ExitCode> {
    catalogue_folder::use_configured()?;
    warm_up::beside();
    let rules = redaction_rules::of_command(arguments.rules.as_deref())?;
    let consulting = Consulting::of_command(&arguments.asking, &rules)?;
    let read = match input::subject(&arguments.input.file, &rules)? {
        Subject::Whole(input) => read(input, &rules),
        Subject::Condensed(condensed) => read_condensed(&condensed),
    };
    let (examination, asked) = match consulting {
        None => (read.examine(), None),
        Some(consulting) => {
            let asked = consulting.ask(vec![read], &|| ())?;
            let asked = asked.into_iter().next().context("the input was not examined")?;
            (Examination::from(asked.examined.consulted.clone()), Some(asked))
        }
    };
    if let Some(file) = &arguments.html {
        page::save(
            file,
            &page::document("kubemedic diagnosis", &page::case::page(&examination)),
        )?;
    }
    match arguments.format {
        Format::Json => {
            let mut answer = answer(&examination, arguments.explain);
            if let (Some(fields), Some(asked)) = (answer.as_object_mut(), &asked) {
                fields.insert("model".to_owned(), model(asked));
            }
            print(&format!("{answer}\n"))?;
        }
        Format::Text => {
            print(&for_people(&examination, arguments.explain))?;
            print(&asked.as_ref().map(model_for_people).unwrap_or_default())?;
        }
    }
    Ok(if fails(examination.diagnosis.verdict, &arguments.fail_on) {
        ExitCode::from(1)
    } else {
        ExitCode::SUCCESS
    })
}

/// The contract's JSON; the explanation beside it where it is asked for.
fn answer(examination: &Examination, explain: bool) -> Value {
    let mut answer = examination.to_json();
    if let Some(fields) = answer.as_object_mut().filter(|_| explain) {
        let explanation = serde_json::to_value(&examination.diagnosis.explanation);
        fields.insert("explanation".to_owned(), explanation.unwrap_or(Value::Null));
    }
    answer
}

/// What the models said and cost, and what the engine says alone.
fn model(asked: &Consulted) -> Value {
    let alone = Examination::from(asked.examined.alone.clone()).to_json();
    let of_engine = |key: &str| alone.get(key).cloned().unwrap_or(Value::Null);
    json!({
        "consultations": asked.examined.consultations,
        "spending": consulting::spending(&asked.spent),
        "engine": {
            "verdict": of_engine("verdict"),
            "failure_class": of_engine("failure_class"),
            "cause": of_engine("cause"),
            "object": of_engine("object"),
            "root_cause": of_engine("root_cause"),
            "confidence": of_engine("confidence"),
        },
    })
}

fn model_for_people(asked: &Consulted) -> String {
    let mut page = String::from("\nLanguage model:\n");
    for consultation in &asked.examined.consultations {
        let _ = writeln!(page, "  {}", consulting::told(consultation));
    }
    let (engine, both) = (
        &asked.examined.alone.diagnosis,
        &asked.examined.consulted.diagnosis,
    );
    if engine.failure_class() != both.failure_class() || engine.verdict != both.verdict {
        let class = engine.failure_class().map_or("", |class| class.title());
        let _ = writeln!(
            page,
            "  the engine alone says {}: {class}",
            explanation::title(engine.verdict)
        );
    }
    let usage = asked.spent.usage;
    let _ = writeln!(
        page,
        "  {} calls, {} tokens in, {} out, ${}",
        asked.spent.calls,
        usage.input_tokens,
        usage.output_tokens,
        dollars(asked.spent.micro_dollars)
    );
    page
}

/// Whether the verdict is one of those to fail on.
fn fails(verdict: Verdict, fail_on: &[FailOn]) -> bool {
    fail_on.iter().any(|fail_on| {
        matches!(
            (fail_on, verdict),
            (FailOn::Incident, Verdict::Incident)
                | (FailOn::Recovered, Verdict::Recovered)
                | (FailOn::InsufficientEvidence, Verdict::InsufficientEvidence)
        )
    })
}

/// The answer as a page of text.
pub(super) fn for_people(examination: &Examination, explain: bool) -> String {
    let diagnosis = &examination.diagnosis;
    let mut page = String::new();
    let class = diagnosis.failure_class().map_or("", |class| class.title());
    let percent = diagnosis.confidence.get() * 100.0;
    let _ = writeln!(
        page,
        "{}: {class} ({percent:.0} % sure)\n\n{}",
        explanation::title(diagnosis.verdict),
        diagnosis.summary
    );
    for cause in &diagnosis.root_causes {
        tell_cause(&mut page, examination, cause, explain);
    }
    for plan in &examination.plans {
        tell_plan(&mut page, plan);
    }
    if (explain || diagnosis.verdict == Verdict::InsufficientEvidence) && !diagnosis.missing.is_empty() {
        page.push_str("\nWould make it firmer:\n");
        for missing in &diagnosis.missing {
            let _ = writeln!(page, "  - {missing}");
        }
    }
    if explain {
        page.push_str(&explanation::for_people(examination));
    }
    page
}

fn tell_cause(page: &mut String, examination: &Examination, cause: &RootCause, explain: bool) {
    let _ = writeln!(page, "\nRoot cause: {}", cause.sentence);
    if explain {
        let _ = writeln!(page, "  {}", cause.explanation);
    }
    // The explanation lists all evidence after the plan.
    let cited = cause.evidence.iter().take(SHOWN);
    for evidence in cited.filter_map(|id| examination.diagnosis.evidence.iter().find(|it| it.id == *id)) {
        let (quote, place) = (explanation::quote(evidence, 160), explanation::place(evidence));
        let _ = writeln!(page, "  [{}] {quote}  ({place})", evidence.id);
    }
    for effect in &cause.effects {
        let _ = writeln!(page, "  so: {}", effect.sentence);
    }
}

fn tell_plan(page: &mut String, plan: &Plan) {
    let _ = writeln!(page, "\nPlan ({}):", plan.strategy.as_str());
    for (phase, command) in plan.commands() {
        let safety = command.risk.safety_level().unwrap_or("FORBIDDEN");
        let _ = writeln!(page, "  {:<11} {safety:<11} {}", phase.as_str(), command.command);
        let _ = writeln!(page, "{:26}{}", "", command.explanation);
        if let Some(rollback) = &command.rollback {
            let _ = writeln!(page, "{:26}undo: {rollback}", "");
        }
    }
    for step in &plan.manual_steps {
        let _ = writeln!(page, "  by hand     {step}");
    }
}
