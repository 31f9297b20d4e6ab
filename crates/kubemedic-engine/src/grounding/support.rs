//! What supports a model's cause: the words of what it cites, a claim of the engine, or a place in the chain of causes.
//! A model's own confidence is never trusted: each kind of support caps it.

use kubemedic_model::{
    class::FailureClass,
    diagnosis::{
        Diagnosis,
        explanation::{Claim, Ground, Outcome},
    },
    resource::ResourceRef,
};

use super::{citation::Cited, profile};
use crate::analysis;

/// The cap where words alone support: the words of a quote are right about its class in most labelled texts, but whether the
/// quote is the cause they do not tell.
const WORDS_CAP: f64 = 0.55;
/// The cap where the engine claims the same, weaker than its first cause.
const CLAIM_CAP: f64 = 0.45;
/// The cap where the class could bring about what the engine claims: a hypothesis.
const CONNECTED_CAP: f64 = 0.3;
/// The cap where nothing supports: an idea about an error that the engine has no answer to.
const IDEA_CAP: f64 = 0.2;
/// The cap where words and a claim support: two readers agree.
const BOTH_CAP: f64 = 0.65;

/// What supports a cause.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Support {
    /// How much the cited words speak of the class; 0 where they do not.
    pub(super) words: f64,
    /// Whether an error that is cited speaks of the class.
    pub(super) error_words: bool,
    /// Whether the engine claims the class there, by words or by state.
    pub(super) claim: bool,
    /// Whether the class may bring about what the engine claims there.
    pub(super) connected: bool,
}

impl Support {
    /// What supports a class at an object.
    pub(super) fn of(
        class: FailureClass,
        object: Option<&ResourceRef>,
        cited: &[Cited],
        diagnosis: &Diagnosis,
    ) -> Self {
        let readings = cited
            .iter()
            .map(|it| (it.is_error, profile::read(&it.evidence.quote)));
        let (mut words, mut error_words) = (0.0_f64, false);
        for (is_error, reading) in readings {
            if reading.speaks_of(class) {
                words = words.max(reading.score(class));
                error_words |= is_error;
            }
        }
        let claims = || {
            let claims = diagnosis.explanation.claims.iter();
            claims.filter(|it| it.outcome != Outcome::Healed && is_near(it, object))
        };
        Self {
            words,
            error_words,
            claim: claims().any(|it| it.class == class && it.ground != Ground::Symptom),
            connected: claims().any(|it| analysis::brings_about(class, it.class)),
        }
    }

    /// Whether anything supports it.
    pub(super) fn is_some(&self) -> bool {
        self.words > 0.0 || self.claim || self.connected
    }

    /// How sure a model may be: its own word, at most the cap of its support.
    pub(super) fn confidence(&self, stated: f64) -> f64 {
        let cap = match (self.words > 0.0, self.claim) {
            (true, true) => BOTH_CAP,
            (true, false) => WORDS_CAP,
            (false, true) => CLAIM_CAP,
            (false, false) if self.connected => CONNECTED_CAP,
            (false, false) => IDEA_CAP,
        };
        if stated.is_finite() {
            stated.clamp(0.0, cap)
        } else {
            0.0
        }
    }
}

/// Whether a claim is about an object or its workload; where one of them is not known, it may be.
fn is_near(claim: &Claim, object: Option<&ResourceRef>) -> bool {
    let Some(object) = object else { return true };
    let Some(accused) = &claim.object else { return true };
    let workload = claim.workload.as_ref();
    accused.name == object.name
        || workload.is_some_and(|it| it.name == object.name)
        || object
            .name
            .strip_prefix(&accused.name)
            .is_some_and(|it| it.starts_with('-'))
        || accused
            .name
            .strip_prefix(&object.name)
            .is_some_and(|it| it.starts_with('-'))
}

/// How much quotes speak of a class, the most telling one.
pub(super) fn most_words<'a>(class: FailureClass, quotes: impl Iterator<Item = &'a str>) -> f64 {
    quotes
        .map(|quote| profile::read(quote).score(class))
        .fold(0.0, f64::max)
}
