//! The merge of a model's analysis with the engine's diagnosis: it may explain, add, and stand first only where the engine is
//! unsure and the evidence itself supports it. The engine's `explanation` of how it decided stays as it is.

mod causes;
mod merge;

use kubemedic_model::{
    diagnosis::{Author, Confidence, Diagnosis, RootCause, Verdict, explanation::Ground},
    evidence::Evidence,
};

use super::{
    Briefing, Chosen, Disagreement, DropKind, Dropped, Grounded, Opinion, reply::AnalysisReply, support,
    words,
};
use crate::intake::Intake;
use causes::GroundedCause;
use merge::Merge;

/// The confidence below which a supported cause of a model may stand before the engine's. It is calibrated: below it the engine
/// itself holds that it is more likely wrong than right. On the labelled texts no right first cause below it loses to a cause
/// that the words of the evidence support better.
pub const OVERRULED_BELOW: f64 = 0.4;
/// How sure a model must call itself to turn a missing answer into an incident.
const SURE_ENOUGH: f64 = 0.3;
/// How much more the words must speak of the model's class than of the engine's for the model to stand first.
const CLEARLY_MORE: f64 = 1.2;
/// The most things that a model may say are missing.
const MAX_MISSING: usize = 3;
/// The longest of them, in characters.
const MAX_MISSING_CHARS: usize = 240;
/// The longest reason for a disagreement, in characters.
const MAX_REASON_CHARS: usize = 400;

/// The engine's diagnosis with what of a model's analysis holds.
///
/// A healthy or recovered verdict stays; a clear incident keeps its first cause; where the engine is unsure or has no answer, a
/// cause whose cited words support it may stand first, with a confidence capped by that support.
#[expect(
    clippy::needless_pass_by_value,
    reason = "a reply is used once, as the siblings do"
)]
pub fn ground_analysis(
    reply: AnalysisReply,
    briefing: &Briefing,
    intake: &Intake,
    diagnosis: &Diagnosis,
) -> Grounded<Diagnosis> {
    let mut grounded = Grounded::unchanged(diagnosis.clone());
    let mut causes = causes::ground(&reply.causes, briefing, intake, diagnosis, &mut grounded);
    explain_first(&mut causes, &reply, diagnosis, &mut grounded.dropped);
    match diagnosis.verdict {
        Verdict::Healthy | Verdict::Recovered => calm(&causes, diagnosis, &mut grounded),
        Verdict::Incident => incident(causes, intake, diagnosis, &mut grounded),
        Verdict::InsufficientEvidence => insufficient(&causes, intake, diagnosis, &mut grounded),
    }
    if diagnosis.verdict != Verdict::Healthy {
        lack(&reply, &mut grounded);
    }
    if let Some(disagreement) = &mut grounded.disagreement {
        let reason = reply.disagreement_reason.as_deref().unwrap_or("");
        let reason = words::harmless(reason, MAX_REASON_CHARS, &mut grounded.dropped);
        disagreement.model_reason = Some(reason).filter(|it| !it.is_empty());
    }
    grounded
}

/// Gives the first cause of a reply the reply's explanation of it; a reply without causes explains the engine's.
fn explain_first(
    causes: &mut Vec<GroundedCause>,
    reply: &AnalysisReply,
    diagnosis: &Diagnosis,
    dropped: &mut Vec<Dropped>,
) {
    let words = words::harmless(&reply.explanation_of_first, words::MAX_PARAGRAPH_CHARS, dropped);
    if words.is_empty() {
        return;
    }
    if let Some(first) = causes.first_mut() {
        first.explanation = words;
    } else if let Some(first) = diagnosis.root_causes.first().filter(|_| reply.causes.is_empty()) {
        causes.push(GroundedCause::explaining(first, words));
    }
}

/// Nothing is wrong now: a model does not make an incident of that. What it suspects with support is noted.
fn calm(causes: &[GroundedCause], diagnosis: &Diagnosis, grounded: &mut Grounded<Diagnosis>) {
    for cause in causes {
        let what = format!("{} where the engine finds nothing wrong", cause.class);
        grounded.dropped.push(Dropped::new(DropKind::Verdict, what));
    }
    let Some(first) = causes.first() else { return };
    let reason = "the state and the logs show nothing wrong, and a model alone does not make an incident";
    grounded.disagreement = Some(disagreement(diagnosis, first, Chosen::Engine, reason));
    if diagnosis.verdict == Verdict::Recovered && first.support.words > 0.0 {
        let note = format!(
            "whether '{}' is really over, which a language model doubts",
            first.class.title()
        );
        grounded.value.missing.push(note);
    }
}

/// Something is wrong and the engine names a cause.
fn incident(
    causes: Vec<GroundedCause>,
    intake: &Intake,
    diagnosis: &Diagnosis,
    grounded: &mut Grounded<Diagnosis>,
) {
    let mut merge = Merge::of(intake, diagnosis);
    let Some(engine) = diagnosis.root_causes.first() else {
        return;
    };
    let mut causes = causes.into_iter();
    let Some(first) = causes.next() else { return };
    if first.agrees_with(engine) {
        merge.explain(&first);
    } else {
        let (chosen, reason) = decide(engine, &first, diagnosis);
        grounded.disagreement = Some(disagreement(diagnosis, &first, chosen, reason));
        match chosen {
            Chosen::Engine => merge.consider(&first),
            Chosen::Model => merge.put_first(&first),
        }
    }
    causes.for_each(|cause| merge.consider(&cause));
    grounded.value = merge.finish(&mut grounded.dropped);
}

/// Whose first cause stands first, and the rule that says so. Ties go to the engine.
fn decide(engine: &RootCause, model: &GroundedCause, diagnosis: &Diagnosis) -> (Chosen, &'static str) {
    let sure = diagnosis.confidence.get();
    if sure >= OVERRULED_BELOW {
        return (Chosen::Engine, "the engine is sure enough of its first cause");
    }
    let ground = diagnosis.explanation.weighing.map(|it| it.ground);
    if ground == Some(Ground::Verified) {
        return (
            Chosen::Engine,
            "the current state of objects shows the engine's first cause",
        );
    }
    if model.class == engine.class {
        return (
            Chosen::Engine,
            "both name one class, and the engine's object stands where it names one",
        );
    }
    if model.support.words <= 0.0 {
        return (
            Chosen::Engine,
            "the words that the model cites do not speak of its cause",
        );
    }
    let quotes = engine
        .evidence
        .iter()
        .filter_map(|id| diagnosis.evidence.iter().find(|it| it.id == *id));
    let cited = model.cited.iter().map(|it| &it.evidence);
    let all: Vec<&Evidence> = quotes.chain(cited).collect();
    let for_engine = support::most_words(engine.class, all.iter().map(|it| it.quote.as_str()));
    if model.support.words < for_engine * CLEARLY_MORE {
        return (
            Chosen::Engine,
            "the words of the evidence do not speak clearly more of the model's cause",
        );
    }
    if model.confidence <= sure {
        return (Chosen::Engine, "the model is not surer than the engine");
    }
    (
        Chosen::Model,
        "the engine is unsure, and the cited words speak clearly more of the model's cause",
    )
}

/// The engine has no answer.
fn insufficient(
    causes: &[GroundedCause],
    intake: &Intake,
    diagnosis: &Diagnosis,
    grounded: &mut Grounded<Diagnosis>,
) {
    let mut merge = Merge::of(intake, diagnosis);
    let Some(first) = causes.iter().find(|it| it.support.words > 0.0).or(causes.first()) else {
        return;
    };
    let tells = first.support.error_words || first.support.claim && first.cites_error();
    let (chosen, reason) = if !tells {
        (
            Chosen::Engine,
            "no error that the model cites speaks of its cause: it stays a hypothesis",
        )
    } else if first.confidence < SURE_ENOUGH {
        (
            Chosen::Engine,
            "the model is not sure enough of its cause: it stays a hypothesis",
        )
    } else {
        (
            Chosen::Model,
            "the engine has no answer, and an error that it left unexplained speaks of the model's cause",
        )
    };
    grounded.disagreement = Some(disagreement(diagnosis, first, chosen, reason));
    if chosen == Chosen::Model {
        merge.put_first(first);
    }
    for cause in causes
        .iter()
        .filter(|it| chosen == Chosen::Engine || *it != first)
    {
        merge.consider(cause);
    }
    grounded.value = merge.finish(&mut grounded.dropped);
}

/// Adds what the model says is missing, behind what the engine misses.
fn lack(reply: &AnalysisReply, grounded: &mut Grounded<Diagnosis>) {
    let asked = words::harmless_list(
        &reply.missing,
        MAX_MISSING,
        MAX_MISSING_CHARS,
        &mut grounded.dropped,
    );
    for missing in asked {
        if !grounded.value.missing.contains(&missing) {
            grounded.value.missing.push(missing);
        }
    }
}

/// Both opinions, and who stands first.
fn disagreement(
    diagnosis: &Diagnosis,
    model: &GroundedCause,
    decided_for: Chosen,
    reason: &str,
) -> Disagreement {
    let first = diagnosis.root_causes.first();
    Disagreement {
        engine: Opinion {
            verdict: diagnosis.verdict,
            class: first.map(|it| it.class),
            object: first.and_then(|it| it.object.clone()),
            confidence: diagnosis.confidence,
        },
        model: Opinion {
            verdict: Verdict::Incident,
            class: Some(model.class),
            object: model.object.clone(),
            confidence: Confidence::new(model.confidence),
        },
        decided_for,
        reason: reason.to_owned(),
        model_reason: None,
    }
}

/// Marks a cause of the engine as also the model's.
fn shared(cause: &mut RootCause) {
    if cause.author == Author::Engine {
        cause.author = Author::Both;
    }
}

#[cfg(test)]
mod tests;
