//! The Analysis Agent's result and notes.

use jiff::Timestamp;
use kubemedic_engine::monitoring::Monitoring;
use kubemedic_model::{
    diagnosis::{Author, Diagnosis, Effect, RootCause, Verdict},
    event::{Agent, WorkflowEvent},
    evidence::{Evidence, EvidenceId},
    finding::{Finding, Priority},
};
use serde::Serialize;

use super::{monitoring::service, service_of, severity_word, time};
use crate::{
    events::{cut, info, thinking},
    past::SimilarIncident,
};

const MAX_WARNINGS: usize = 50;
const MAX_PATTERNS: usize = 20;

/// The result.
#[derive(Debug, Serialize)]
pub struct Report {
    analysis_summary: String,
    root_cause_analysis: Vec<Cause>,
    warning_analysis: Vec<Warning>,
    patterns_detected: Vec<String>,
    verdict: &'static str,
    confidence: f64,
    missing: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    similar_incidents: Vec<SimilarIncident>,
}

#[expect(clippy::struct_field_names, reason = "the contract's names")]
#[derive(Debug, Serialize)]
struct Cause {
    timestamp: String,
    service: String,
    error_message: String,
    severity: &'static str,
    priority: &'static str,
    root_cause: String,
    explanation: String,
    contributing_factors: Vec<String>,
    impact: Impact,
    evidence: Vec<String>,
    is_cascading_effect: bool,
    related_to: Option<String>,
    failure_class: &'static str,
    confidence: f64,
    /// Who says so: the engine, a model, or both.
    author: Author,
}

#[expect(clippy::struct_field_names, reason = "the contract's names")]
#[derive(Debug, Serialize)]
struct Impact {
    severity: &'static str,
    blast_radius: String,
    user_impact: &'static str,
    cascading_effects: Vec<String>,
}

#[expect(clippy::struct_field_names, reason = "the contract's names")]
#[derive(Debug, Serialize)]
struct Warning {
    timestamp: String,
    service: String,
    warning_message: String,
    severity: &'static str,
    priority: &'static str,
    occurrence_count: u64,
}

/// The diagnosis in the contract's shape; `now` stands where evidence has no time.
pub fn report(diagnosis: &Diagnosis, monitoring: &Monitoring, now: Timestamp) -> Report {
    let causes = diagnosis.root_causes.iter();
    let entries = causes.flat_map(|cause| {
        let effects = cause.effects.iter().map(|it| effect(diagnosis, cause, it, now));
        std::iter::once(entry(diagnosis, cause, now)).chain(effects)
    });
    let warnings = monitoring.warnings.iter().take(MAX_WARNINGS);
    Report {
        analysis_summary: diagnosis.summary.clone(),
        root_cause_analysis: entries.collect(),
        warning_analysis: warnings.map(|it| warning(it, now)).collect(),
        patterns_detected: patterns(monitoring),
        verdict: diagnosis.verdict.as_str(),
        confidence: diagnosis.confidence.get(),
        missing: diagnosis.missing.clone(),
        similar_incidents: Vec::new(),
    }
}

impl Report {
    /// The result with the earlier incidents that are like it.
    pub fn with_similar(self, similar_incidents: Vec<SimilarIncident>) -> Self {
        Self {
            similar_incidents,
            ..self
        }
    }
}

fn evidence_of<'a>(diagnosis: &'a Diagnosis, ids: &'a [EvidenceId]) -> impl Iterator<Item = &'a Evidence> {
    ids.iter()
        .filter_map(|id| diagnosis.evidence.iter().find(|it| it.id == *id))
}

/// Evidence in one line: id, place, words.
pub(crate) fn quotes(diagnosis: &Diagnosis, ids: &[EvidenceId]) -> Vec<String> {
    evidence_of(diagnosis, ids)
        .map(|it| {
            let part = if it.origin.part.is_empty() {
                "input"
            } else {
                &it.origin.part
            };
            match it.origin.line {
                Some(line) => format!("{} [{part}:{line}] {}", it.id, it.quote),
                None => format!("{} [{part}] {}", it.id, it.quote),
            }
        })
        .collect()
}

fn first_seen(diagnosis: &Diagnosis, ids: &[EvidenceId]) -> Option<Timestamp> {
    evidence_of(diagnosis, ids).filter_map(|it| it.timestamp).min()
}

fn message(diagnosis: &Diagnosis, ids: &[EvidenceId], otherwise: &str) -> String {
    let quote = evidence_of(diagnosis, ids).next().map(|it| it.quote.as_str());
    quote.unwrap_or(otherwise).to_owned()
}

fn entry(diagnosis: &Diagnosis, cause: &RootCause, now: Timestamp) -> Cause {
    Cause {
        timestamp: time(first_seen(diagnosis, &cause.evidence), now),
        service: service_of(cause),
        error_message: message(diagnosis, &cause.evidence, &cause.sentence),
        severity: severity_word(cause.priority),
        priority: cause.priority.as_str(),
        root_cause: cause.sentence.clone(),
        explanation: cause.explanation.clone(),
        contributing_factors: cause.contributing_factors.clone(),
        impact: Impact {
            severity: severity_word(cause.priority),
            blast_radius: blast_radius(cause),
            user_impact: user_impact(cause.priority),
            cascading_effects: cause.effects.iter().map(|it| it.sentence.clone()).collect(),
        },
        evidence: quotes(diagnosis, &cause.evidence),
        is_cascading_effect: false,
        related_to: None,
        failure_class: cause.class.id(),
        confidence: cause.confidence.get(),
        author: cause.author,
    }
}

fn effect(diagnosis: &Diagnosis, cause: &RootCause, effect: &Effect, now: Timestamp) -> Cause {
    let service = effect.object.as_ref().map(|it| it.name.clone());
    Cause {
        timestamp: time(first_seen(diagnosis, &effect.evidence), now),
        service: service.unwrap_or_else(|| service_of(cause)),
        error_message: message(diagnosis, &effect.evidence, &effect.sentence),
        severity: severity_word(cause.priority),
        priority: cause.priority.as_str(),
        root_cause: cause.sentence.clone(),
        explanation: effect.sentence.clone(),
        contributing_factors: Vec::new(),
        impact: Impact {
            severity: severity_word(cause.priority),
            blast_radius: effect
                .object
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default(),
            user_impact: user_impact(cause.priority),
            cascading_effects: Vec::new(),
        },
        evidence: quotes(diagnosis, &effect.evidence),
        is_cascading_effect: true,
        related_to: Some(service_of(cause)),
        failure_class: effect.class.id(),
        confidence: cause.confidence.get(),
        author: cause.author,
    }
}

/// The objects that a cause touches, the guilty first.
fn blast_radius(cause: &RootCause) -> String {
    let effects = cause.effects.iter().filter_map(|it| it.object.as_ref());
    let objects = cause.object.iter().chain(&cause.related).chain(effects);
    let mut names: Vec<String> = objects.map(ToString::to_string).collect();
    names.dedup();
    names.truncate(8);
    names.join(", ")
}

fn user_impact(priority: Priority) -> &'static str {
    match priority {
        Priority::P0 => "The service is down or data is at risk",
        Priority::P1 => "The service is degraded",
        Priority::P2 => "None yet; the fault is there",
        Priority::P3 => "None",
    }
}

fn warning(finding: &Finding, now: Timestamp) -> Warning {
    Warning {
        timestamp: time(finding.last_seen.or(finding.first_seen), now),
        service: service(finding),
        warning_message: cut(&finding.message, 1000),
        severity: severity_word(finding.priority),
        priority: finding.priority.as_str(),
        occurrence_count: finding.count,
    }
}

/// What repeats itself.
fn patterns(monitoring: &Monitoring) -> Vec<String> {
    let findings = monitoring.errors.iter().chain(&monitoring.warnings);
    findings
        .filter(|it| it.count > 1)
        .take(MAX_PATTERNS)
        .map(|it| format!("{} x {}: {}", it.count, service(it), cut(&it.template, 300)))
        .collect()
}

/// The conclusion in a few words.
pub(crate) fn in_short(diagnosis: &Diagnosis) -> String {
    match diagnosis.root_causes.first() {
        Some(cause) => format!("{}: {}", cause.class.id(), cause.sentence),
        None => diagnosis.verdict.as_str().replace('_', " "),
    }
}

/// What was considered, and what decided.
pub fn notes(diagnosis: &Diagnosis) -> Vec<WorkflowEvent> {
    let agent = Agent::AnalysisAgent;
    let mut notes = Vec::new();
    for cause in diagnosis.root_causes.iter().take(5) {
        let percent = cause.confidence.get() * 100.0;
        let shown = quotes(diagnosis, &cause.evidence)
            .into_iter()
            .next()
            .unwrap_or_default();
        notes.push(thinking(
            agent,
            format!(
                "{} ({percent:.0} %): {} Shown by: {shown}",
                cause.class.title(),
                cause.sentence
            ),
        ));
    }
    for cause in diagnosis.alternatives.iter().take(3) {
        let percent = cause.confidence.get() * 100.0;
        notes.push(thinking(
            agent,
            format!(
                "Considered and not chosen: {} ({percent:.0} %): {}",
                cause.class.title(),
                cause.sentence
            ),
        ));
    }
    if diagnosis.verdict != Verdict::Incident {
        notes.push(info(agent, verdict_note(diagnosis)));
    }
    notes
}

fn verdict_note(diagnosis: &Diagnosis) -> String {
    let missing = diagnosis.missing.join("; ");
    match diagnosis.verdict {
        Verdict::Healthy | Verdict::Incident => "Nothing in the evidence needs a repair".into(),
        Verdict::Recovered => "Something was wrong, and the current state shows that it is over".into(),
        Verdict::InsufficientEvidence if missing.is_empty() => {
            "The evidence does not tell what is wrong".into()
        }
        Verdict::InsufficientEvidence => {
            format!("The evidence does not tell what is wrong; missing: {missing}")
        }
    }
}
