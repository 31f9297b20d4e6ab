//! When an answer is right: the class, the words of the root cause and the objects, or the exact cause and object.

use anyhow::Context;
use kubemedic_engine::analysis;
use serde::Deserialize;
use serde_json::Value;

use crate::examination::Examination;

/// Words of at most this many characters must stand alone, so that `pdb` is not found in `updb`.
const SHORT_WORD_CHARS: usize = 3;

/// The label of a pasted input: JOINT of class, root-cause words and objects.
#[derive(Debug, Deserialize)]
pub(super) struct PasteLabel {
    failure_class: String,
    #[serde(default)]
    also_accept_classes: Vec<String>,
    #[serde(default)]
    affected_objects: Vec<AffectedObject>,
    #[serde(default)]
    root_cause_keywords: Vec<Vec<String>>,
    #[serde(default = "yes")]
    expect_actionable: bool,
}

fn yes() -> bool {
    true
}

#[derive(Debug, Deserialize)]
struct AffectedObject {
    #[serde(default)]
    accept_names: Vec<String>,
}

/// The label of an evidence object.
#[derive(Debug, Deserialize)]
pub(super) struct EvidenceLabel {
    failure_class: Option<String>,
    #[serde(default)]
    also_accept_classes: Vec<String>,
    object: Option<String>,
    verdict: Option<String>,
    fault_taxonomy: Option<String>,
    fault_object: Option<String>,
    root_cause: Option<String>,
}

/// What is right.
#[derive(Debug)]
pub(super) enum Label {
    Paste(PasteLabel),
    Evidence(Box<EvidenceLabel>),
}

impl Label {
    pub(super) fn of_paste(case: &Value) -> anyhow::Result<Self> {
        Ok(Self::Paste(
            PasteLabel::deserialize(case).context("the case has no usable label")?,
        ))
    }

    pub(super) fn of_evidence(expected: &Value) -> anyhow::Result<Self> {
        Ok(Self::Evidence(Box::new(
            EvidenceLabel::deserialize(expected).context("'expected' is no label")?,
        )))
    }

    /// The group whose figures the case goes into.
    pub(super) fn group(&self) -> String {
        match self {
            Self::Paste(label) => label.failure_class.clone(),
            Self::Evidence(label) => {
                let group = label
                    .fault_taxonomy
                    .clone()
                    .or_else(|| label.failure_class.clone());
                group.unwrap_or_else(|| "(none)".to_owned())
            }
        }
    }

    /// The class or cause that is right; `healthy` where nothing is wrong now.
    pub(super) fn expected(&self) -> String {
        let (finer, class) = match self {
            Self::Paste(label) if !label.expect_actionable => return "healthy".to_owned(),
            Self::Paste(label) => (None, Some(&label.failure_class)),
            Self::Evidence(label) => (
                label
                    .root_cause
                    .as_ref()
                    .filter(|_| label.fault_taxonomy.is_some()),
                label.failure_class.as_ref(),
            ),
        };
        finer.or(class).cloned().unwrap_or_else(|| "(none)".to_owned())
    }

    /// The object that is right, in the contract's form, if the label names one alone.
    pub(super) fn object(&self) -> Option<String> {
        match self {
            Self::Paste(_) => None,
            Self::Evidence(label) => label.fault_object.clone().or_else(|| label.object.clone()),
        }
    }

    /// What the answer says, as finely as the label does; the same class about another object is told so.
    pub(super) fn said(&self, examination: &Examination) -> String {
        let finer = matches!(self, Self::Evidence(label) if label.fault_taxonomy.is_some());
        let cause = examination
            .first()
            .filter(|_| finer)
            .and_then(|it| it.cause.as_deref());
        let verdict = examination.diagnosis.verdict.as_str();
        let said = cause.or_else(|| class(examination)).unwrap_or(verdict);
        if said == self.expected() && !self.accepts(examination) {
            return format!("{said} (other object or words)");
        }
        said.to_owned()
    }

    /// Whether the answer is right.
    pub(super) fn accepts(&self, examination: &Examination) -> bool {
        match self {
            Self::Paste(label) => label.accepts(examination),
            Self::Evidence(label) => label.accepts(examination),
        }
    }
}

fn class(examination: &Examination) -> Option<&'static str> {
    examination
        .diagnosis
        .failure_class()
        .map(kubemedic_model::class::FailureClass::id)
}

/// Whether a class is the expected one or also accepted.
fn accepted(class: Option<&str>, expected: &str, also: &[String]) -> bool {
    class.is_some_and(|class| class == expected || also.iter().any(|it| it == class))
}

impl PasteLabel {
    fn accepts(&self, examination: &Examination) -> bool {
        if !self.expect_actionable {
            return class(examination) == Some("healthy") && examination.commands().next().is_none();
        }
        let told = format!("{} {}", examination.root_cause(), examination.diagnosis.summary).to_lowercase();
        let mut shown = told.clone();
        for (_, command) in examination.commands() {
            shown.push(' ');
            shown.push_str(&command.command.to_string().to_lowercase());
        }
        for object in &examination.diagnosis.objects {
            shown.push(' ');
            shown.push_str(&object.name.to_lowercase());
        }
        accepted(class(examination), &self.failure_class, &self.also_accept_classes)
            && self
                .root_cause_keywords
                .iter()
                .all(|group| group.iter().any(|word| has(&told, word)))
            && self
                .affected_objects
                .iter()
                .all(|object| object.accept_names.iter().any(|name| has(&shown, name)))
    }
}

impl EvidenceLabel {
    fn accepts(&self, examination: &Examination) -> bool {
        let object = analysis::wire_object(&examination.diagnosis);
        if self.fault_taxonomy.is_some() {
            let cause = examination.first().and_then(|cause| cause.cause.clone());
            return cause == self.root_cause && object == self.fault_object;
        }
        let same_object = self.object.is_none() || object == self.object;
        let same_verdict = self
            .verdict
            .as_deref()
            .is_none_or(|verdict| verdict == examination.diagnosis.verdict.as_str());
        let expected = self.failure_class.as_deref().unwrap_or_default();
        accepted(class(examination), expected, &self.also_accept_classes) && same_object && same_verdict
    }
}

/// Whether lower-case text has a word: a short one alone, a longer one anywhere.
fn has(text: &str, word: &str) -> bool {
    let word = word.to_lowercase();
    if word.chars().count() > SHORT_WORD_CHARS {
        return text.contains(&word);
    }
    let part_of_word = |c: Option<char>| c.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    text.match_indices(&word).any(|(place, found)| {
        let before = text.get(..place).and_then(|text| text.chars().next_back());
        let after = text
            .get(place + found.len()..)
            .and_then(|text| text.chars().next());
        !part_of_word(before) && !part_of_word(after)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_word_must_stand_alone_and_a_long_one_need_not() {
        assert!(has("the pdb api-pdb allows", "PDB"));
        assert!(!has("the updb allows", "pdb"));
        assert!(has("cannot authenticate", "auth"));
    }
}
