//! Hypotheses: what one rule or one catalogue entry claims, before all claims are ranked against each other.

use std::{borrow::Cow, panic::Location};

use jiff::Timestamp;
use kubemedic_model::{
    class::FailureClass,
    diagnosis::{Fact, Facts, explanation::Ground},
    evidence::{EvidenceKind, Origin},
    resource::ResourceRef,
    snapshot::event::ClusterEvent,
};

/// What kind of claim it is. Causal ranking never lets a symptom win over a cause that explains it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Standing {
    /// It shows that something is wrong, not what (`CrashLoopBackOff`, `0/1 ready`, `HTTP 503 from our side`).
    Symptom,
    /// It names a cause by words alone: a log line or an event that the current state neither confirms nor denies.
    Reported,
    /// The current state of objects shows it.
    Verified,
}

impl Standing {
    /// The same in the words of the model.
    pub(crate) fn ground(self) -> Ground {
        match self {
            Self::Symptom => Ground::Symptom,
            Self::Reported => Ground::Reported,
            Self::Verified => Ground::Verified,
        }
    }
}

/// One claim with what shows it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Hypothesis {
    /// The class claimed.
    pub(crate) class: FailureClass,
    /// A finer cause (TAXONOMY.md, last section), if the rule knows one.
    pub(crate) cause: Option<String>,
    /// The guilty object, if the rule knows it.
    pub(crate) object: Option<ResourceRef>,
    /// Other objects that take part.
    pub(crate) related: Vec<ResourceRef>,
    /// How likely the class is given these signals alone, 0..=1.
    pub(crate) likelihood: f64,
    /// What kind of claim it is.
    pub(crate) standing: Standing,
    /// One sentence of our own words with the decisive names and values (`resizer is OOM-killed at its memory limit of 256Mi`).
    pub(crate) sentence: String,
    /// Why these signals mean that, in one to three sentences.
    pub(crate) explanation: String,
    /// Names and values that plans use, verbatim from the evidence.
    pub(crate) facts: Facts,
    /// What shows it, the most telling first.
    pub(crate) evidence: Vec<Exhibit>,
    /// What claims it: a rule family (`probe`) or an entry of the catalogue (`catalogue/ID`), and what joined it later.
    pub(crate) rules: Vec<Cow<'static, str>>,
}

/// A quoted fact before it has an id.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Exhibit {
    /// What it is.
    pub(crate) kind: EvidenceKind,
    /// The words, whole (they are cut when they become evidence).
    pub(crate) quote: String,
    /// Where they stand.
    pub(crate) origin: Origin,
    /// The object they are about.
    pub(crate) object: Option<ResourceRef>,
    /// The object's field.
    pub(crate) field: Option<String>,
    /// When it last happened.
    pub(crate) timestamp: Option<Timestamp>,
    /// How often.
    pub(crate) count: u64,
}

impl Hypothesis {
    /// A claim without object, words or evidence yet, in the name of the rule family whose file makes it.
    #[track_caller]
    pub(crate) fn new(class: FailureClass, standing: Standing, likelihood: f64) -> Self {
        Self {
            class,
            cause: None,
            object: None,
            related: Vec::new(),
            likelihood,
            standing,
            sentence: String::new(),
            explanation: String::new(),
            facts: Facts::new(),
            evidence: Vec::new(),
            rules: vec![Cow::Borrowed(family(Location::caller().file()))],
        }
    }

    /// Names the guilty object.
    pub(crate) fn about(mut self, object: ResourceRef) -> Self {
        self.object = Some(object);
        self
    }

    /// Names another object that takes part, once.
    pub(crate) fn with(mut self, related: ResourceRef) -> Self {
        if !self.related.contains(&related) && self.object.as_ref() != Some(&related) {
            self.related.push(related);
        }
        self
    }

    /// Says what is wrong, and why the signals mean that.
    pub(crate) fn because(mut self, sentence: impl Into<String>, explanation: impl Into<String>) -> Self {
        self.sentence = sentence.into();
        self.explanation = explanation.into();
        self
    }

    /// Names the finer cause.
    pub(crate) fn refined(mut self, cause: Option<&str>) -> Self {
        self.cause = cause.map(str::to_owned);
        self
    }

    /// Keeps a detail by name, if there is one.
    pub(crate) fn fact(mut self, fact: Fact, value: Option<&str>) -> Self {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            self.facts.insert(fact, value.to_owned());
        }
        self
    }

    /// Adds what shows it.
    pub(crate) fn shown_by(mut self, exhibits: impl IntoIterator<Item = Exhibit>) -> Self {
        self.evidence.extend(exhibits);
        self
    }
}

impl Exhibit {
    /// A field of an object's current state.
    pub(crate) fn state(
        object: ResourceRef,
        origin: &Origin,
        field: impl Into<String>,
        quote: String,
    ) -> Self {
        Self {
            kind: EvidenceKind::State,
            quote,
            origin: origin.clone(),
            object: Some(object),
            field: Some(field.into()),
            timestamp: None,
            count: 1,
        }
    }

    /// A Kubernetes event.
    pub(crate) fn event(event: &ClusterEvent) -> Self {
        Self {
            kind: EvidenceKind::Event,
            quote: format!("{}: {}", event.reason, event.message),
            origin: event.origin.clone(),
            object: event.object.clone(),
            field: None,
            timestamp: event.last_seen,
            count: event.count.max(1),
        }
    }
}

/// The rule family that a source file holds: its path below the rules, else below the analysis, without the ending.
fn family(file: &'static str) -> &'static str {
    let below = |folder: &str| file.rsplit_once(folder).map(|(_, rest)| rest);
    let path = below("/rules/").or_else(|| below("/analysis/")).unwrap_or(file);
    path.strip_suffix(".rs").unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_family_is_the_file_below_the_rules() {
        assert_eq!(
            family("crates/kubemedic-engine/src/analysis/rules/probe.rs"),
            "probe"
        );
        assert_eq!(
            family("crates/kubemedic-engine/src/analysis/rules/network/route.rs"),
            "network/route"
        );
        assert_eq!(family("crates/kubemedic-engine/src/analysis/slow.rs"), "slow");
    }

    #[test]
    fn a_claim_names_the_file_that_made_it() {
        let claim = Hypothesis::new(FailureClass::OomKilled, Standing::Symptom, 0.5);
        assert_eq!(claim.rules, ["hypothesis"]);
    }
}
