//! `kubemedic diagnose`: one diagnosis, for people or as JSON.

use std::{fmt::Write, process::ExitCode};

use kubemedic_model::{
    diagnosis::{RootCause, Verdict},
    plan::Plan,
};

use super::print;
use crate::{
    catalogue_folder,
    cli::{Diagnose, FailOn, Format},
    examination::{Examination, examine, examine_condensed},
    input::{self, Subject},
    redaction_rules, warm_up,
};

/// Runs the command.
///
/// # Errors
/// When the input cannot be read.
pub fn run(arguments: &Diagnose) -> anyhow::Result<ExitCode> {
    catalogue_folder::use_configured()?;
    warm_up::beside();
    let rules = redaction_rules::of_command(arguments.rules.as_deref())?;
    let examination = match input::subject(&arguments.input.file, &rules)? {
        Subject::Whole(input) => examine(input, &rules),
        Subject::Condensed(condensed) => examine_condensed(&condensed),
    };
    match arguments.format {
        Format::Json => print(&format!("{}\n", examination.to_json()))?,
        Format::Text => print(&for_people(&examination, arguments.explain))?,
    }
    Ok(if fails(examination.diagnosis.verdict, &arguments.fail_on) {
        ExitCode::from(1)
    } else {
        ExitCode::SUCCESS
    })
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
        title(diagnosis.verdict),
        diagnosis.summary
    );
    for cause in &diagnosis.root_causes {
        tell_cause(&mut page, examination, cause, explain);
    }
    for plan in &examination.plans {
        tell_plan(&mut page, plan);
    }
    if explain && !diagnosis.alternatives.is_empty() {
        page.push_str("\nAlso considered:\n");
        for other in &diagnosis.alternatives {
            let _ = writeln!(
                page,
                "  {:.0} % {}: {}",
                other.confidence.get() * 100.0,
                other.class,
                other.sentence
            );
        }
    }
    if (explain || diagnosis.verdict == Verdict::InsufficientEvidence) && !diagnosis.missing.is_empty() {
        page.push_str("\nWould make it firmer:\n");
        for missing in &diagnosis.missing {
            let _ = writeln!(page, "  - {missing}");
        }
    }
    page
}

fn title(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Incident => "INCIDENT",
        Verdict::Recovered => "RECOVERED",
        Verdict::Healthy => "HEALTHY",
        Verdict::InsufficientEvidence => "NOT ENOUGH EVIDENCE",
    }
}

fn tell_cause(page: &mut String, examination: &Examination, cause: &RootCause, explain: bool) {
    let _ = writeln!(page, "\nRoot cause: {}", cause.sentence);
    if explain {
        let _ = writeln!(page, "  {}", cause.explanation);
    }
    let shown = if explain { usize::MAX } else { 3 };
    let cited = cause.evidence.iter().take(shown);
    for evidence in cited.filter_map(|id| examination.diagnosis.evidence.iter().find(|it| it.id == *id)) {
        let place = match (evidence.origin.part.as_str(), evidence.origin.line) {
            ("", Some(line)) => format!("line {line}"),
            (part, Some(line)) => format!("{part}, line {line}"),
            ("", None) => String::new(),
            (part, None) => part.to_owned(),
        };
        let quote: String = evidence
            .quote
            .lines()
            .next()
            .unwrap_or("")
            .chars()
            .take(160)
            .collect();
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
