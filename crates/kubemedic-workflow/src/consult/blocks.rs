//! The blocks of data that prompts are given: each part of a briefing as JSON lines between marks that the data cannot hold.

use kubemedic_engine::grounding::{Briefing, fence};
use kubemedic_model::{
    diagnosis::{Diagnosis, RootCause, explanation::Ground},
    plan::Plan,
};
use serde_json::{Value, json};

use super::Case;
use crate::prompts::Given;

/// What is fenced around a case that a model is briefed about.
pub(super) fn given(case: &Case, diagnosis: &Diagnosis, briefing: &Briefing) -> Given {
    let mut parts = serde_json::to_value(briefing).unwrap_or_default();
    let mut take = |key: &str| parts.as_object_mut().and_then(|parts| parts.remove(key));
    let boundary = &case.boundary;
    let mut block = |key: &str, title: &str| block(boundary, title, take(key).unwrap_or_default());
    let claims = block("claims", "what the engine considered");
    let evidence = block("evidence", "evidence");
    let findings = block("findings", "further findings");
    let objects = block("objects", "objects that exist");
    let question = block("query", "what the person asks");
    Given {
        boundary: boundary.clone(),
        claims,
        evidence,
        findings,
        objects,
        question,
        // What is left is the case itself: cluster, namespace, verdict, what is missing, what was left out.
        case: self::block(boundary, "the case", parts),
        past: self::block(
            boundary,
            "earlier incidents that are alike",
            case.past.clone().into(),
        ),
        certainty: certainty(diagnosis),
        ..Given::default()
    }
}

/// Values as JSON lines in a block; nothing where there is nothing.
pub(super) fn block(boundary: &str, title: &str, value: Value) -> String {
    let lines = match value {
        Value::Null => return String::new(),
        Value::Array(values) if values.is_empty() => return String::new(),
        Value::Array(values) => values.iter().map(Value::to_string).collect::<Vec<_>>().join("\n"),
        other => other.to_string(),
    };
    fence(boundary, title, &lines)
}

/// Root causes, as the agent that repairs them is given them.
pub(super) fn causes(boundary: &str, causes: &[RootCause]) -> String {
    let told = causes.iter().enumerate().map(|(position, cause)| {
        json!({
            "root_cause": position + 1, "failure_class": cause.class.id(), "cause": cause.cause, "sentence": cause.sentence,
            "explanation": cause.explanation, "object": cause.object.as_ref().map(ToString::to_string),
            "workload": cause.workload.as_ref().map(|it| it.resource.to_string()), "evidence": names(&cause.evidence),
            "facts": cause.facts,
        })
    });
    block(boundary, "root causes", told.collect())
}

/// Plans in the form in which the agent answers.
pub(super) fn plans(boundary: &str, plans: &[Plan]) -> String {
    let told = plans.iter().enumerate().map(|(position, plan)| {
        let steps = plan.steps.iter().map(|step| {
            let commands = step.commands.iter().map(|it| {
                json!({"command": it.command.to_string(), "explanation": it.explanation,
                    "rollback": it.rollback.as_ref().map(ToString::to_string)})
            });
            json!({"phase": step.phase.as_str(), "description": step.description,
                "commands": commands.collect::<Vec<_>>(), "success_criteria": step.success_criteria})
        });
        let others = plan.alternatives.iter();
        let others = others.map(|it| json!({"strategy": it.strategy.as_str(), "description": it.description}));
        json!({
            "root_cause": position + 1, "strategy": plan.strategy.as_str(), "steps": steps.collect::<Vec<_>>(),
            "other_ways": others.collect::<Vec<_>>(), "manual_steps": plan.manual_steps,
            "preventive_measures": plan.preventive_measures,
        })
    });
    block(boundary, "the engine's plans", told.collect())
}

fn names<T: ToString>(ids: &[T]) -> Vec<String> {
    ids.iter().map(ToString::to_string).collect()
}

/// How far the model may go, in words.
fn certainty(diagnosis: &Diagnosis) -> String {
    let verified = diagnosis
        .explanation
        .weighing
        .is_some_and(|it| it.ground == Ground::Verified);
    let percent = diagnosis.confidence.get() * 100.0;
    let verdict = diagnosis.verdict.as_str().replace('_', " ");
    match (diagnosis.root_causes.first(), verified) {
        (None, _) => format!("its verdict is `{verdict}`."),
        (Some(_), true) => format!("the current state of objects shows its first cause ({percent:.0} %)."),
        (Some(_), false) => format!("its first cause rests on words, not on state ({percent:.0} %)."),
    }
}
