//! The merged diagnosis: the engine's causes with a model's words, its causes in their place, and what it cites as evidence.
//! Sentences and summary stay ours; a model's words stand in explanations and contributing factors.

use kubemedic_model::{
    diagnosis::{
        Author, Confidence, Diagnosis, Facts, MAX_OBJECTS, MAX_SENTENCE_CHARS, MAX_SUMMARY_CHARS, RootCause,
        Verdict,
    },
    evidence::{Evidence, EvidenceId},
    finding::Priority,
    resource::{Kind, ResourceRef},
};

use super::{GroundedCause, shared};
use crate::{
    analysis::workload_of,
    grounding::{DropKind, Dropped, briefing::shorten, citation::Cited},
    intake::Intake,
};

/// The most causes that a model adds to the alternatives.
const MAX_ADDED: usize = 3;
/// The most pieces of evidence that one cause cites, as in the engine.
const MAX_CITED: usize = 8;
/// The most contributing factors of a cause.
const MAX_FACTORS: usize = 8;
/// The most pieces of evidence that a model adds.
const MAX_NEW_EVIDENCE: usize = 24;

/// A diagnosis on its way.
pub(super) struct Merge<'a> {
    intake: &'a Intake,
    diagnosis: Diagnosis,
    /// How many causes of the model stand among the alternatives.
    added: usize,
    /// How much evidence was the engine's.
    own_evidence: usize,
    dropped: Vec<Dropped>,
}

impl<'a> Merge<'a> {
    /// Begins with the engine's.
    pub(super) fn of(intake: &'a Intake, diagnosis: &Diagnosis) -> Self {
        Self {
            intake,
            diagnosis: diagnosis.clone(),
            added: 0,
            own_evidence: diagnosis.evidence.len(),
            dropped: Vec::new(),
        }
    }

    /// Adds a model's words to the engine's first cause, with which it agrees.
    pub(super) fn explain(&mut self, model: &GroundedCause) {
        let ids = self.cite(&model.cited);
        if let Some(first) = self.diagnosis.root_causes.first_mut() {
            add_words(first, model, &ids);
        }
    }

    /// Puts a model's cause among the alternatives, or its words beside a cause that says the same.
    pub(super) fn consider(&mut self, model: &GroundedCause) {
        let ids = self.cite(&model.cited);
        let known = self.diagnosis.root_causes.iter_mut();
        let mut known = known.chain(&mut self.diagnosis.alternatives);
        if let Some(cause) = known.find(|it| model.agrees_with(it)) {
            add_words(cause, model, &ids);
            return;
        }
        if self.added >= MAX_ADDED {
            let what = format!("{} beyond {MAX_ADDED} further hypotheses", model.class);
            self.dropped.push(Dropped::new(DropKind::TooMuch, what));
            return;
        }
        let mut cause = self.root_cause(model, ids);
        if self.diagnosis.verdict == Verdict::Incident {
            let left = 1.0 - self.diagnosis.confidence.get();
            cause.confidence = Confidence::new(cause.confidence.get().min(left));
        }
        self.added += 1;
        self.diagnosis.alternatives.push(cause);
    }

    /// Puts a model's cause first; the engine's first cause becomes the first alternative.
    pub(super) fn put_first(&mut self, model: &GroundedCause) {
        let ids = self.cite(&model.cited);
        let same = self
            .diagnosis
            .alternatives
            .iter()
            .position(|it| model.agrees_with(it));
        let mut first = match same {
            Some(place) => {
                let mut promoted = self.diagnosis.alternatives.remove(place);
                add_words(&mut promoted, model, &ids);
                promoted.confidence = Confidence::new(model.confidence);
                promoted
            }
            None => self.root_cause(model, ids),
        };
        if first.object.is_none() {
            first.object = self.diagnosis.objects.first().cloned();
        }
        let left = Confidence::new(1.0 - model.confidence);
        let was_incident = self.diagnosis.verdict == Verdict::Incident;
        if was_incident && !self.diagnosis.root_causes.is_empty() {
            let mut engine = self.diagnosis.root_causes.remove(0);
            if engine.confidence > left {
                engine.confidence = left;
            }
            self.diagnosis.alternatives.insert(0, engine);
        }
        self.diagnosis.verdict = Verdict::Incident;
        self.diagnosis.confidence = first.confidence;
        self.diagnosis.summary = summary(&first, &self.diagnosis.summary, was_incident);
        self.lead_with(&first);
        self.diagnosis.root_causes.insert(0, first);
    }

    /// Names the objects of the first cause first.
    fn lead_with(&mut self, first: &RootCause) {
        let workload = first.workload.iter().map(|it| &it.resource);
        let mut objects: Vec<ResourceRef> = Vec::new();
        for object in first.object.iter().chain(workload).chain(&self.diagnosis.objects) {
            if !objects.contains(object) && objects.len() < MAX_OBJECTS {
                objects.push(object.clone());
            }
        }
        self.diagnosis.objects = objects;
    }

    /// The merged diagnosis; alternatives stand by their confidence where the model added one.
    pub(super) fn finish(mut self, dropped: &mut Vec<Dropped>) -> Diagnosis {
        if self.added > 0 {
            self.diagnosis
                .alternatives
                .sort_by(|one, other| other.confidence.get().total_cmp(&one.confidence.get()));
        }
        dropped.append(&mut self.dropped);
        self.diagnosis
    }

    /// The ids of what is cited; what is new becomes evidence of the diagnosis.
    fn cite(&mut self, cited: &[Cited]) -> Vec<EvidenceId> {
        let mut ids: Vec<EvidenceId> = Vec::new();
        for it in cited {
            let evidence = &it.evidence;
            let known = self.diagnosis.evidence.iter().find(|have| {
                have.id == evidence.id || have.quote == evidence.quote && have.origin == evidence.origin
            });
            let id = match known {
                Some(known) => known.id,
                None if self.diagnosis.evidence.len() < self.own_evidence + MAX_NEW_EVIDENCE => {
                    self.keep(evidence)
                }
                None => continue,
            };
            if !ids.contains(&id) && ids.len() < MAX_CITED {
                ids.push(id);
            }
        }
        ids
    }

    /// Keeps new evidence under the next free id.
    fn keep(&mut self, evidence: &Evidence) -> EvidenceId {
        let last = self.diagnosis.evidence.iter().map(|it| it.id.0).max();
        let id = EvidenceId(last.unwrap_or(0).saturating_add(1));
        self.diagnosis.evidence.push(Evidence {
            id,
            ..evidence.clone()
        });
        id
    }

    /// A cause that only the model claims.
    fn root_cause(&self, model: &GroundedCause, evidence: Vec<EvidenceId>) -> RootCause {
        let object = model.object.clone().or_else(|| cited_object(&model.cited));
        let workload = object
            .as_ref()
            .and_then(|it| workload_of(&self.intake.snapshot, it));
        let place = object.as_ref().map_or_else(String::new, |it| format!(" at {it}"));
        let shown = evidence
            .iter()
            .take(3)
            .map(ToString::to_string)
            .collect::<Vec<_>>();
        let sentence = format!(
            "{}{place}, as a language model reads {}",
            model.class.title(),
            shown.join(", ")
        );
        RootCause {
            class: model.class,
            cause: model.cause.clone(),
            object,
            workload,
            related: Vec::new(),
            sentence: shorten(&sentence, MAX_SENTENCE_CHARS),
            explanation: model.explanation.clone(),
            contributing_factors: model.factors.clone(),
            confidence: Confidence::new(model.confidence),
            priority: Priority::P1,
            evidence,
            facts: Facts::new(),
            effects: Vec::new(),
            author: Author::Model,
        }
    }
}

/// The object of the first citation that is about one; else the pod that speaks.
fn cited_object(cited: &[Cited]) -> Option<ResourceRef> {
    let about = cited.iter().find_map(|it| it.evidence.object.clone());
    about.or_else(|| {
        let speaker = cited.iter().find_map(|it| it.speaker.as_deref())?;
        kubemedic_model::naming::owner_of_pod(speaker)
            .map(|_| ResourceRef::new(Kind::Pod, None, speaker.to_owned()))
    })
}

/// Adds a model's words and citations to a cause of the engine, behind the engine's own.
fn add_words(cause: &mut RootCause, model: &GroundedCause, ids: &[EvidenceId]) {
    shared(cause);
    if !model.explanation.is_empty() && !cause.explanation.contains(&model.explanation) {
        if !cause.explanation.is_empty() {
            cause.explanation.push(' ');
        }
        cause.explanation.push_str(&model.explanation);
    }
    for factor in &model.factors {
        if cause.contributing_factors.len() < MAX_FACTORS && !cause.contributing_factors.contains(factor) {
            cause.contributing_factors.push(factor.clone());
        }
    }
    for id in ids {
        if cause.evidence.len() < MAX_CITED && !cause.evidence.contains(id) {
            cause.evidence.push(*id);
        }
    }
    if cause.object.is_none() {
        cause.object.clone_from(&model.object);
    }
}

/// The summary where a model's cause stands first, in our words.
fn summary(first: &RootCause, engine: &str, was_incident: bool) -> String {
    let place = first.workload.as_ref().map_or_else(String::new, |it| {
        let derived = if it.derived {
            " (derived from the pod's name)"
        } else {
            ""
        };
        format!(" {} {}{derived}.", it.resource.kind, it.resource.name)
    });
    let other = if was_incident {
        format!(" The engine's own, less supported reading: {engine}")
    } else {
        " The engine's rules do not recognise these words; the words themselves fit this class.".to_owned()
    };
    shorten(&format!("{}.{place}{other}", first.sentence), MAX_SUMMARY_CHARS)
}
