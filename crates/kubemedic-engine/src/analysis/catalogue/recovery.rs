//! Talk that means nothing is wrong: test names, zero counts, and failures that the same source overcame later.

use std::sync::LazyLock;

use super::utterance::Utterance;
use crate::analysis::expression::Expression;
use kubemedic_model::{evidence::EvidenceKind, log::Severity};

/// How far behind a failure its recovery is looked for, in utterances.
const LOOK_AHEAD: usize = 400;

/// The patterns, each compiled when it is first needed.
struct Patterns {
    harmless: Expression,
    only_once: Expression,
    success: Expression,
    settled: Expression,
    failure: Expression,
    attempt: Expression,
}

impl Patterns {
    fn new() -> Self {
        let regex = |pattern: &'static str| Expression::new(pattern);
        Self {
            harmless: regex(
                r"(?i)^\s*(?:(?:---\s*)?pass\b|ok\s+\d*\s*-?|✓|✔|test\s+\S+\s+\.\.\.\s+ok)|\btest_[a-z0-9_]+.*\b(?:passed|ok)\b|\b(?:no|0|zero|without) (?:errors?|failures?|problems?|warnings?|issues?)\b|\bno (?:actionable )?(?:error|failure|problem)s? (?:found|detected)\b",
            ),
            only_once: regex(
                r"(?i)\b(?:no|0|zero|without) (?:errors?|failures?|problems?|issues?) (?:\w+ )?(?:before|until|prior|yesterday|earlier)\b",
            ),
            success: regex(
                r"(?i)\b(?:re-?connected|connected|recovered|connection (?:is )?(?:re-?)?established|restored|succeeded|successfully|resumed|back online|back to normal|reachable again|resolved|renewed|healthy again|became leader|elected leader|caught up)\b",
            ),
            settled: regex(
                r"(?i)\b(?:ready|ok|healthy|done|completed?|listening|started|success|accepted|up|available)\b",
            ),
            failure: regex(
                r"(?i)\b(?:not|never|un\w+|fail\w*|error|cannot|could ?n.t|unable|retry\w*|dis(?:connected)?|no longer|giving up)\b",
            ),
            attempt: regex(
                r"(?i)\b(?:retry(?:ing)?(?:[\s.,;:)]|$)|retries|attempt|will try again|try again|waiting|backing off|re-?connecting)\b",
            ),
        }
    }
}

static PATTERNS: LazyLock<Patterns> = LazyLock::new(Patterns::new);

/// Compiles what most inputs need.
pub(super) fn warm_up() {
    let all = &*PATTERNS;
    for expression in [&all.harmless, &all.failure, &all.success] {
        expression.is_valid();
    }
}

/// Whether the words report success although they hold words of failure.
pub(super) fn is_harmless(text: &str) -> bool {
    // That there were no errors before some moment tells of errors since then.
    PATTERNS.harmless.is_match(text) && !PATTERNS.only_once.is_match(text)
}

/// Whether the source of a failure reports success later, and no graver entry than the failure's follows.
pub(super) fn recovered_after(failure: &Utterance<'_>, later: &[Utterance<'_>]) -> bool {
    if failure.kind != EvidenceKind::Log || failure.severity == Severity::Unknown {
        return false;
    }
    let patterns = &*PATTERNS;
    let retried = patterns.attempt.is_match(&failure.text);
    let later = later
        .iter()
        .take(LOOK_AHEAD)
        .filter(|it| it.kind == EvidenceKind::Log);
    let mut recovered = false;
    for utterance in later {
        if utterance.severity.is_error() {
            return false;
        }
        let calm = matches!(utterance.severity, Severity::Info | Severity::Debug);
        if !calm || patterns.failure.is_match(&utterance.text) || !same_source(failure, utterance) {
            continue;
        }
        recovered |= patterns.success.is_match(&utterance.text)
            || (retried && patterns.settled.is_match(&utterance.text));
    }
    recovered
}

/// Whether two entries come from one place, as far as they tell.
fn same_source(a: &Utterance<'_>, b: &Utterance<'_>) -> bool {
    let name = |it: &Utterance<'_>| {
        it.source
            .and_then(|source| source.pod.clone().or_else(|| source.container.clone()))
    };
    a.origin.part == b.origin.part
        && match (name(a), name(b)) {
            (Some(a), Some(b)) => a == b,
            _ => true,
        }
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_pattern_compiles() {
        let all = &*super::PATTERNS;
        let expressions = [
            &all.harmless,
            &all.only_once,
            &all.success,
            &all.settled,
            &all.failure,
            &all.attempt,
        ];
        assert!(expressions.iter().all(|it| it.is_valid()));
    }
}
