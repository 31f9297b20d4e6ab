//! Talk that means nothing is wrong: test names, zero counts, and failures that the same source overcame later.

use std::sync::LazyLock;

use kubemedic_model::{evidence::EvidenceKind, log::Severity};
use regex::Regex;

use super::utterance::Utterance;

/// How far behind a failure its recovery is looked for, in utterances.
const LOOK_AHEAD: usize = 400;

/// The compiled patterns.
struct Patterns {
    harmless: Regex,
    only_once: Regex,
    success: Regex,
    settled: Regex,
    failure: Regex,
    attempt: Regex,
}

impl Patterns {
    fn compile() -> Option<Self> {
        let regex = |pattern: &str| Regex::new(pattern).ok();
        Some(Self {
            harmless: regex(
                r"(?i)^\s*(?:(?:---\s*)?pass\b|ok\s+\d*\s*-?|\x{2713}|\x{2714}|test\s+\S+\s+\.\.\.\s+ok)|\btest_[a-z0-9_]+.*\b(?:passed|ok)\b|\b(?:no|0|zero|without) (?:errors?|failures?|problems?|warnings?|issues?)\b|\bno (?:actionable )?(?:error|failure|problem)s? (?:found|detected)\b",
            )?,
            only_once: regex(
                r"(?i)\b(?:no|0|zero|without) (?:errors?|failures?|problems?|issues?) (?:\w+ )?(?:before|until|prior|yesterday|earlier)\b",
            )?,
            success: regex(
                r"(?i)\b(?:re-?connected|connected|recovered|connection (?:is )?(?:re-?)?established|restored|succeeded|successfully|resumed|back online|back to normal|reachable again|resolved|renewed|healthy again|became leader|elected leader|caught up)\b",
            )?,
            settled: regex(
                r"(?i)\b(?:ready|ok|healthy|done|completed?|listening|started|success|accepted|up|available)\b",
            )?,
            failure: regex(
                r"(?i)\b(?:not|never|un\w+|fail\w*|error|cannot|could ?n.t|unable|retry\w*|dis(?:connected)?|no longer|giving up)\b",
            )?,
            attempt: regex(
                r"(?i)\b(?:retry\w*|attempt|will try again|try again|waiting|backing off|re-?connecting)\b",
            )?,
        })
    }
}

static PATTERNS: LazyLock<Option<Patterns>> = LazyLock::new(Patterns::compile);

/// Whether the words report success although they hold words of failure.
pub(super) fn is_harmless(text: &str) -> bool {
    // That there were no errors before some moment tells of errors since then.
    PATTERNS
        .as_ref()
        .is_some_and(|it| it.harmless.is_match(text) && !it.only_once.is_match(text))
}

/// Whether the source of a failure reports success later, and no graver entry than the failure's follows.
pub(super) fn recovered_after(failure: &Utterance<'_>, later: &[Utterance<'_>]) -> bool {
    let (EvidenceKind::Log, Some(patterns)) = (failure.kind, PATTERNS.as_ref()) else {
        return false;
    };
    if failure.severity == Severity::Unknown {
        return false;
    }
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
    match (name(a), name(b)) {
        (Some(a), Some(b)) => a == b,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_pattern_compiles() {
        assert!(super::PATTERNS.is_some());
    }
}
