//! Pairs of classes whose direction depends on what the claims rest on: memory, and probes against dependencies.
//! The table of `causality` says what may follow from what; places are compared in `ranking`.

use kubemedic_model::{class::FailureClass, evidence::EvidenceKind};

use super::{super::causality, Node, is_same_place};

/// The likelihood from which a memory claim rests on the runtime's own message.
const EXHAUSTED: f64 = 0.75;

/// A heap that the runtime calls exhausted explains a kill at the limit; words about high usage alone are explained by it.
pub(super) fn fits_memory(cause: &Node, effect: &Node) -> bool {
    match (cause.claim.class, effect.claim.class) {
        (FailureClass::AppHeapExhausted, FailureClass::OomKilled) => is_exhausted(cause),
        (FailureClass::OomKilled, FailureClass::AppHeapExhausted) => !is_exhausted(effect),
        _ => true,
    }
}

/// Whether a memory claim rests on more than usage.
fn is_exhausted(node: &Node) -> bool {
    node.claim.likelihood >= EXHAUSTED
}

/// A dependency explains a failing probe only if a log tells of it; a probe explains the network words of its own events.
pub(super) fn fits_probe(cause: &Node, effect: &Node) -> bool {
    let logged = |node: &Node| {
        let logs = node
            .claim
            .evidence
            .iter()
            .filter(|it| it.kind == EvidenceKind::Log);
        logs.into_iter().any(|it| {
            let quote = it.quote.to_ascii_lowercase();
            !["probe", "liveness", "readiness"]
                .iter()
                .any(|word| quote.contains(word))
        })
    };
    if causality::is_misdirected(effect.claim.cause.as_deref()) {
        return false;
    }
    if causality::is_dependency(cause.claim.class) && causality::is_probe(effect.claim.class) {
        return logged(cause);
    }
    let own = causality::is_probe(cause.claim.class) && causality::is_dependency(effect.claim.class);
    !(own
        && logged(effect)
        && is_same_place(cause, effect)
        && cause.place().is_some()
        && effect.place().is_some())
}
