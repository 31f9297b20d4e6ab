//! From the ranking's trace to the explanation of a diagnosis: ids, words within the contract's limits, evidence that was kept.
//! It recomputes nothing: what won and why was decided in `ranking`.

use kubemedic_model::{
    diagnosis::explanation::{CausalEdge, Claim, ClaimId, Explanation, MAX_CLAIMS, Outcome, Score},
    evidence::EvidenceId,
};

use super::{hypothesis::Hypothesis, ranking::trace::Trace};

/// Makes the explanation. `cite` gives a claim's evidence ids, and `cut` shortens its sentence.
pub(crate) fn explain(
    trace: &Trace,
    healed: &[Hypothesis],
    mut cite: impl FnMut(&Hypothesis) -> Vec<EvidenceId>,
    cut: impl Fn(&str) -> String,
) -> Explanation {
    let over = healed
        .iter()
        .map(|claim| (claim, None, Outcome::Healed, Score::default()));
    let ranked = trace
        .claims
        .iter()
        .map(|it| (&it.claim, it.workload.as_ref(), it.outcome, it.score));
    let mut claims: Vec<Claim> = Vec::new();
    for (place, (claim, workload, outcome, score)) in ranked.chain(over).take(MAX_CLAIMS).enumerate() {
        claims.push(Claim {
            id: id(place),
            class: claim.class,
            cause: claim.cause.clone(),
            object: claim.object.clone(),
            workload: workload.cloned(),
            sentence: cut(&claim.sentence),
            rules: claim.rules.iter().map(|it| it.clone().into_owned()).collect(),
            ground: claim.standing.ground(),
            outcome,
            score,
            evidence: cite(claim),
        });
    }
    let edges = trace.edges.iter().map(|(cause, effect, connection)| CausalEdge {
        cause: id(*cause),
        effect: id(*effect),
        connection: *connection,
    });
    let winner = claims.first().filter(|claim| claim.outcome == Outcome::Cause);
    Explanation {
        winner: winner.map(|claim| claim.id),
        rival: winner.and(trace.rival).map(id),
        weighing: trace.weighing,
        edges: edges.collect(),
        claims,
    }
}

/// The id of the claim at a place of the list.
fn id(place: usize) -> ClaimId {
    ClaimId(u32::try_from(place).unwrap_or(u32::MAX - 1) + 1)
}
