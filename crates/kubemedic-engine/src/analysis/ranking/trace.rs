//! What the ranking decided, kept for the explanation: claims with their scores, edges with their reasons, winner and rival.
//! It decides nothing; ids and words are given in `analysis::explanation`.

use std::collections::BTreeMap;

use kubemedic_model::{
    diagnosis::explanation::{Connection, MAX_CLAIMS, MAX_EDGES, Outcome, Score, Weighing},
    resource::ResourceRef,
};

use super::{
    super::{hypothesis::Hypothesis, view::View},
    FLOOR, Node, Ranking, Root, confidence, connection, is_same_place, rival, score, strength,
};

/// A claim as it was ranked.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Traced {
    /// The claim, with the evidence of all that were merged into it.
    pub(crate) claim: Hypothesis,
    /// The workload behind its object.
    pub(crate) workload: Option<ResourceRef>,
    /// What became of it.
    pub(crate) outcome: Outcome,
    /// Its score.
    pub(crate) score: Score,
}

/// How a ranking came about. Claims are named by their place in the list.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Trace {
    /// Causes and alternatives in their order, then what follows from them.
    pub(crate) claims: Vec<Traced>,
    /// Cause, effect, and why they are connected.
    pub(crate) edges: Vec<(usize, usize, Connection)>,
    /// The claim that competes with the first.
    pub(crate) rival: Option<usize>,
    /// What the first claim's confidence is computed from, where it is a cause.
    pub(crate) weighing: Option<Weighing>,
}

/// Keeps what a ranking decided.
pub(super) fn of(
    view: &View<'_>,
    nodes: &[Node],
    edges: &[(usize, usize)],
    roots: &[Root],
    ranking: &Ranking,
) -> Trace {
    let order = order(nodes, edges, roots);
    let explained: BTreeMap<usize, usize> = roots.iter().map(|root| (root.at, root.effects.len())).collect();
    let claims = order.iter().filter_map(|at| {
        let node = nodes.get(*at)?;
        let effects = explained.get(at).copied();
        Some(Traced {
            claim: node.claim.clone(),
            workload: node.workload.as_ref().map(|it| it.resource.clone()),
            outcome: effects.map_or(Outcome::Effect, |_| outcome(ranking, &node.claim)),
            score: score(&node.claim, effects.unwrap_or(0)),
        })
    });
    let place: BTreeMap<usize, usize> = order.iter().enumerate().map(|(place, at)| (*at, place)).collect();
    let kept = edges.iter().filter_map(|(cause, effect)| {
        let connected = connection(view, nodes.get(*cause)?, nodes.get(*effect)?)?;
        Some((*place.get(cause)?, *place.get(effect)?, connected))
    });
    Trace {
        claims: claims.collect(),
        edges: kept.take(MAX_EDGES).collect(),
        rival: competitor(nodes, roots).and_then(|root| place.get(&root.at).copied()),
        weighing: ranking.causes.first().map(|cause| cause.weighing),
    }
}

/// The claims to keep: the roots in their order, then what follows from each.
fn order(nodes: &[Node], edges: &[(usize, usize)], roots: &[Root]) -> Vec<usize> {
    let mut order: Vec<usize> = Vec::new();
    let of_roots = roots.iter().map(|root| root.at);
    let of_effects = roots.iter().flat_map(|root| root.effects.iter().copied());
    // A ring of claims that explain each other has no root.
    let of_rings = edges.iter().map(|(cause, _)| *cause);
    for at in of_roots.take(MAX_CLAIMS / 2).chain(of_effects).chain(of_rings) {
        if order.len() < MAX_CLAIMS && at < nodes.len() && !order.contains(&at) {
            order.push(at);
        }
    }
    order
}

/// What became of a claim that nothing explains.
fn outcome(ranking: &Ranking, claim: &Hypothesis) -> Outcome {
    if ranking.causes.iter().any(|it| it.claim == *claim) {
        Outcome::Cause
    } else if ranking.alternatives.iter().any(|it| it.claim == *claim) {
        Outcome::Alternative
    } else {
        Outcome::Weak
    }
}

/// The claim that competes with the first: the strongest about the same or an unknown place, else the next anywhere.
fn competitor<'a>(nodes: &[Node], roots: &'a [Root]) -> Option<&'a Root> {
    let (first, others) = roots.split_first()?;
    let best = nodes.get(first.at)?;
    let near = others
        .iter()
        .filter_map(|root| Some((root, nodes.get(root.at)?)))
        .filter(|(_, node)| is_same_place(best, node) && strength(&node.claim) >= FLOOR / 2.0)
        .max_by(|(_, left), (_, right)| strength(&left.claim).total_cmp(&strength(&right.claim)));
    near.map(|(root, _)| root).or_else(|| others.first())
}

/// What the confidence of a root is computed from. Only the first, which has won, has a rival and a margin to speak of.
pub(super) fn weigh(view: &View<'_>, nodes: &[Node], roots: &[Root], order: usize) -> Weighing {
    let mut others = roots.iter().enumerate().filter(|(at, _)| *at != order);
    let Some((root, node)) = roots
        .get(order)
        .and_then(|root| Some((root, nodes.get(root.at)?)))
    else {
        return Weighing::default();
    };
    let total = |root: &Root| {
        nodes
            .get(root.at)
            .map(|it| score(&it.claim, root.effects.len()).total)
    };
    let strong = |root: &Root| nodes.get(root.at).is_some_and(|it| strength(&it.claim) >= FLOOR);
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let first = order == 0;
    let rival = if first { rival(nodes, roots, node) } else { 0.0 };
    let unexplained = others.clone().filter(|(_, root)| strong(root)).count();
    let next = others.next().and_then(|(_, root)| total(root)).unwrap_or(0.0);
    Weighing {
        ground: node.claim.standing.ground(),
        state_seen: !view.snapshot.pods.is_empty(),
        refined: node.claim.cause.is_some(),
        strength: strength(&node.claim),
        evidence: count(node.claim.evidence.len()),
        explained: count(root.effects.len()),
        rival,
        margin: total(root).unwrap_or(0.0) - next,
        unexplained: count(unexplained),
        raw: confidence(&node.claim, root.effects.len(), rival),
    }
}

#[cfg(test)]
mod tests;
