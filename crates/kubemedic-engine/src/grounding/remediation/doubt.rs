//! What people and outcomes taught about the ways that a model chose: a way that is expected to do far worse than another is
//! questioned once. It forbids nothing: both ways are shown to the person who decides.

use kubemedic_model::{
    learning::ScoredArm,
    plan::{Plan, Strategy},
};

use crate::grounding::plain;

/// A way is questioned below this share of the best one's score (LEARNING.md 1.9).
const FAR_WORSE: f64 = 0.5;
/// The most features that are named as reasons, and the longest of them in characters.
const MAX_REASONS: usize = 2;
const MAX_REASON_CHARS: usize = 120;

/// What speaks against ways that a model chose in the place of the engine's; `merged` are the engine's plans with its choices.
pub fn doubts(engine: &[Plan], merged: &[Plan]) -> Vec<String> {
    let pairs = engine.iter().zip(merged).enumerate();
    let chosen = pairs.filter(|(_, (ours, theirs))| ours.strategy != theirs.strategy);
    chosen
        .filter_map(|(place, (ours, theirs))| doubt(place + 1, ours, theirs.strategy))
        .collect()
}

fn doubt(number: usize, plan: &Plan, chosen: Strategy) -> Option<String> {
    let arms = &plan.decision.as_deref()?.arms;
    let chosen = arms.iter().find(|it| it.candidate.arm == chosen)?;
    let best = arms.iter().max_by(|a, b| a.score.total_cmp(&b.score))?;
    (chosen.score < FAR_WORSE * best.score).then(|| {
        format!(
            "Plan {number}: the strategy {} is expected to do far worse here than {}.{} Choose again; the other way is shown beside it.",
            expected(chosen),
            expected(best),
            reasons(chosen)
        )
    })
}

/// A way with what is expected of it.
fn expected(arm: &ScoredArm) -> String {
    format!(
        "'{}' ({:.0} % approved, {:.0} % of those help; {} decisions, {} outcomes known)",
        arm.candidate.arm.as_str(),
        arm.p_approve * 100.0,
        arm.p_resolve * 100.0,
        arm.n_approve,
        arm.n_outcome
    )
}

/// What was learnt against a way.
fn reasons(arm: &ScoredArm) -> String {
    let against = arm.contributions.iter().filter(|it| it.learnt < 0.0);
    let named = against
        .take(MAX_REASONS)
        .map(|it| plain(&it.feature, MAX_REASON_CHARS));
    let named: Vec<String> = named.collect();
    if named.is_empty() {
        String::new()
    } else {
        format!(" Learnt against it: {}.", named.join("; "))
    }
}

#[cfg(test)]
mod tests;
