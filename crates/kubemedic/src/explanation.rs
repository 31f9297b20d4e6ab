//! Why a diagnosis came out as it did, in words: what `--explain` prints and the pages repeat.
//! Scores, edges and rivals are the engine's; nothing is computed anew.

use std::fmt::Write;

use kubemedic_model::{
    diagnosis::{
        Diagnosis, Verdict,
        explanation::{Claim, Explanation, Ground, Outcome, Weighing},
    },
    evidence::{Evidence, EvidenceKind},
};

use crate::examination::Examination;

/// The most claims that are listed.
const MAX_LISTED: usize = 20;
/// The longest quote of a line, in characters.
const MAX_QUOTE: usize = 200;

/// A verdict as a title.
pub fn title(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Incident => "INCIDENT",
        Verdict::Recovered => "RECOVERED",
        Verdict::Healthy => "HEALTHY",
        Verdict::InsufficientEvidence => "NOT ENOUGH EVIDENCE",
    }
}

/// What a piece of evidence is.
pub fn kind(kind: EvidenceKind) -> &'static str {
    match kind {
        EvidenceKind::Log => "log",
        EvidenceKind::Event => "event",
        EvidenceKind::State => "state",
        EvidenceKind::Signal => "signal",
    }
}

/// Where a piece of evidence stands in the input.
pub fn place(evidence: &Evidence) -> String {
    match (evidence.origin.part.as_str(), evidence.origin.line) {
        ("", Some(line)) => format!("line {line}"),
        (part, Some(line)) => format!("{part}, line {line}"),
        (part, None) => part.to_owned(),
    }
}

/// The first line of a quote.
pub fn quote(evidence: &Evidence, limit: usize) -> String {
    let first = evidence.quote.lines().next().unwrap_or_default();
    let safe = |c: char| if c.is_control() { ' ' } else { c };
    first.chars().take(limit).map(safe).collect()
}

/// Why the winner won, one sentence for each reason.
pub fn reasons(diagnosis: &Diagnosis) -> Vec<String> {
    let explained = &diagnosis.explanation;
    let Some(winner) = explained.winner.and_then(|id| explained.claim(id)) else {
        return vec![no_winner(diagnosis)];
    };
    let mut reasons = vec![rests_on(winner), score(winner)];
    reasons.push(explains(explained, winner));
    reasons.push(against(explained, winner));
    if let Some(weighing) = explained.weighing {
        reasons.push(certainty(diagnosis, weighing));
    }
    reasons
}

fn no_winner(diagnosis: &Diagnosis) -> String {
    match diagnosis.verdict {
        Verdict::Recovered => "What was claimed is over: the current state shows it healed.".to_owned(),
        Verdict::InsufficientEvidence => {
            "No claim is strong enough to be a cause; symptoms or unexplained errors remain.".to_owned()
        }
        Verdict::Healthy | Verdict::Incident => "No claim is strong enough to be a cause.".to_owned(),
    }
}

/// A claim by its id and cause.
fn named(claim: &Claim) -> String {
    let name = claim.cause.as_deref().unwrap_or(claim.class.id());
    match &claim.object {
        Some(object) => format!("{} {name} of {object}", claim.id),
        None => format!("{} {name}", claim.id),
    }
}

fn rests_on(winner: &Claim) -> String {
    let ground = match winner.ground {
        Ground::Verified => "the current state shows it",
        Ground::Reported => "words tell it, and the current state neither confirms nor denies it",
        Ground::Symptom => "it is a symptom only",
    };
    let cited: Vec<String> = winner.evidence.iter().map(ToString::to_string).collect();
    let shown = if cited.is_empty() {
        String::new()
    } else {
        format!("; shown by {}", cited.join(", "))
    };
    format!(
        "{} won: {ground} (claimed by {}{shown}).",
        named(winner),
        winner.rules.join(", ")
    )
}

fn score(winner: &Claim) -> String {
    let score = winner.score;
    format!(
        "Its score is {:.2}: likelihood {:.2}, which counts {:.2}, and {:.2} because the state shows it, and {:.2} for what it explains.",
        score.total, score.likelihood, score.strength, score.state_bonus, score.effects_bonus
    )
}

fn explains(explained: &Explanation, winner: &Claim) -> String {
    let effects: Vec<String> = explained
        .effects_of(winner.id)
        .filter_map(|edge| Some((edge, explained.claim(edge.effect)?)))
        .map(|(edge, effect)| format!("{} ({})", named(effect), edge.connection.reason()))
        .collect();
    if effects.is_empty() {
        "It explains no other claim.".to_owned()
    } else {
        format!("It explains {}.", effects.join("; "))
    }
}

fn against(explained: &Explanation, winner: &Claim) -> String {
    let Some(rival) = explained.rival.and_then(|id| explained.claim(id)) else {
        return "No other claim competes with it.".to_owned();
    };
    let beside = if rival.outcome == Outcome::Cause {
        "It stands beside it as a cause of its own"
    } else {
        "It was rejected"
    };
    format!(
        "Its rival is {}: score {:.2}, {:.2} behind. {beside}.",
        named(rival),
        rival.score.total,
        winner.score.total - rival.score.total
    )
}

fn certainty(diagnosis: &Diagnosis, weighing: Weighing) -> String {
    format!(
        "Confidence {:.2}: {:.2} before calibration, from a strength of {:.2}, evidence ({}), claims explained ({}) and not ({}), and a rival of {:.2}.",
        diagnosis.confidence.get(),
        weighing.raw,
        weighing.strength,
        weighing.evidence,
        weighing.explained,
        weighing.unexplained,
        weighing.rival
    )
}

/// Reasons, claims, edges and evidence as text.
pub fn for_people(examination: &Examination) -> String {
    let diagnosis = &examination.diagnosis;
    let explained = &diagnosis.explanation;
    let mut page = String::from("\nWhy:\n");
    for reason in reasons(diagnosis) {
        let _ = writeln!(page, "  - {reason}");
    }
    if !explained.claims.is_empty() {
        page.push_str("\nHypotheses (score = strength + state + effects):\n");
    }
    for claim in explained.claims.iter().take(MAX_LISTED) {
        hypothesis(&mut page, claim);
    }
    if !explained.edges.is_empty() {
        page.push_str("\nCausal edges:\n");
    }
    for edge in explained.edges.iter().take(2 * MAX_LISTED) {
        let sure = if edge.connection.is_proven() { "->" } else { "~>" };
        let _ = writeln!(
            page,
            "  {} {sure} {}  {}",
            edge.cause,
            edge.effect,
            edge.connection.reason()
        );
    }
    if !diagnosis.evidence.is_empty() {
        page.push_str("\nEvidence:\n");
    }
    for it in &diagnosis.evidence {
        let _ = writeln!(
            page,
            "  [{}] {:<6} {}  ({})",
            it.id,
            kind(it.kind),
            quote(it, MAX_QUOTE),
            place(it)
        );
    }
    page
}

fn hypothesis(page: &mut String, claim: &Claim) {
    let score = claim.score;
    let _ = writeln!(
        page,
        "  {:<4} {:<11} {:>5.2} = {:.2} + {:.2} + {:.2}  {:<8} {}",
        claim.id.to_string(),
        claim.outcome.as_str(),
        score.total,
        score.strength,
        score.state_bonus,
        score.effects_bonus,
        claim.ground.as_str(),
        named(claim).trim_start_matches(&format!("{} ", claim.id)),
    );
    let cited: Vec<String> = claim.evidence.iter().map(ToString::to_string).collect();
    let _ = writeln!(
        page,
        "       {} [{}; {}]",
        claim.sentence,
        claim.rules.join(", "),
        cited.join(" ")
    );
}

#[cfg(test)]
mod tests;
