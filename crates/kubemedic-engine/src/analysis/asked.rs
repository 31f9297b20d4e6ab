//! What the person's question adds: a fault that may be on purpose counts where somebody misses that very object.
//! The question never makes a claim of its own and never weakens one.

use kubemedic_model::{class::FailureClass, evidence::EvidenceKind, naming::is_object_name, resource::Kind};

use super::{
    hypothesis::{Hypothesis, Standing},
    ranking::{FLOOR, strength},
};

/// The likelihood of a latent fault of an object that the question complains about.
const MISSED: f64 = 0.7;
/// Words by which a question complains, in lower case.
const COMPLAINTS: [&str; 22] = [
    " not ", "n't ", " no ", " never ", "missing", "misses", "missed", "fail", "error", "stuck", "hang",
    "broken", "wrong", "stopped", "stops", "stale", "old", "late", "outdated", "down", "refused", "since",
];
/// Classes whose latent claims say that an object is switched off or shut.
const SWITCHED: [FailureClass; 3] = [
    FailureClass::JobDeadline,
    FailureClass::ReplicasZero,
    FailureClass::PdbBlocked,
];

/// Raises the latent claims about objects that a complaining question names.
pub(super) fn confirm(query: Option<&str>, live: &mut [Hypothesis]) {
    let Some(query) = query else { return };
    let lower = format!(" {} ", query.to_lowercase());
    if !COMPLAINTS.iter().any(|word| lower.contains(word)) {
        return;
    }
    let names: Vec<&str> = lower
        .split(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '.'))
        .map(|word| word.trim_matches(['.', '-']))
        .filter(|word| is_object_name(word))
        .collect();
    let latent = |claim: &&mut Hypothesis| {
        SWITCHED.contains(&claim.class)
            && claim.standing == Standing::Verified
            && strength(claim) < FLOOR
            && claim
                .object
                .as_ref()
                .is_some_and(|object| names.contains(&object.name.as_str()))
    };
    for claim in live.iter_mut().filter(latent) {
        claim.likelihood = MISSED;
    }
}

/// Whether a claim of the catalogue only reads a workload's 0 replicas off its state, which the state's own rule has
/// judged to be no fault.
pub(super) fn repeats(live: &[Hypothesis], claim: &Hypothesis) -> bool {
    let from_state = || claim.evidence.iter().all(|it| it.kind == EvidenceKind::State);
    let judged = || {
        live.iter().any(|it| {
            let same = it.object.as_ref().zip(claim.object.as_ref());
            it.class == claim.class
                && strength(it) < FLOOR
                && same.is_some_and(|(one, other)| one.name == other.name && one.kind != Kind::Pod)
        })
    };
    claim.class == FailureClass::ReplicasZero && from_state() && judged()
}

#[cfg(test)]
mod tests;
