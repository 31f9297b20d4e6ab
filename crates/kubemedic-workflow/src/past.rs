//! What earlier workflows showed: a bounded fold over the summaries in the journal, which outlive inputs and events. It tells how new
//! a finding is and which earlier incidents are like this one; what follows from that is not its business.

mod findings;
mod senses;

#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard},
};

use kubemedic_engine::{
    monitoring::Monitoring,
    similarity::{Incident, Incidents, Past, Vectors},
};
use kubemedic_model::{
    class::FailureClass,
    diagnosis::{Diagnosis, Verdict},
    finding::Finding,
    id::WorkflowId,
    workflow::WorkflowSummary,
};
use kubemedic_ports::journal::{JournalError, WorkflowFilter};
use serde::Serialize;

pub(crate) use self::{
    findings::{FindingLikeness, finding_at},
    senses::Senses,
};
use crate::{core::Core, events::cut};

/// The most workflows that are remembered; the oldest is forgotten first.
const MAX_WORKFLOWS: u32 = 10_000;
/// The most templates of a workflow that are remembered, and their most bytes: they stand in its summary.
const MAX_TEMPLATES: usize = 16;
const MAX_TEMPLATE_BYTES: usize = 160;
/// The most bytes of a cause's sentence that are remembered.
const MAX_SENTENCE_BYTES: usize = 400;
/// The most earlier incidents that are shown.
const MAX_SHOWN: usize = 3;

/// Workflows in the order of their age.
type Key = (i64, WorkflowId);

/// An earlier workflow whose incident is like this one.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SimilarIncident {
    /// The workflow.
    pub workflow_id: String,
    /// The sentence of its first cause.
    pub root_cause: String,
    /// The id of that cause's class.
    pub failure_class: Option<&'static str>,
    /// How alike, 0 to 1, two places.
    pub similarity: f64,
    /// When nothing more was to happen, if that is so.
    pub closed_at: Option<String>,
    /// What came of its plan, if somebody said so: `resolved`, `improved`, `unchanged`, `worsened`, `rolled_back`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
}

/// What is remembered of one workflow.
#[derive(Debug, Clone, PartialEq)]
struct Remembered {
    place: String,
    root_cause: Option<String>,
    class: Option<FailureClass>,
    templates: Vec<String>,
}

/// Everything that is remembered.
#[derive(Debug, Default)]
struct Known {
    workflows: BTreeMap<Key, Remembered>,
    incidents: Incidents<Key>,
    lines: Past,
    /// How many workflows of each place are remembered.
    places: BTreeMap<String, usize>,
}

impl Known {
    /// Remembers a workflow that was analysed, once.
    fn remember(&mut self, summary: &WorkflowSummary) {
        let key = (summary.created_at.as_microsecond(), summary.id);
        if summary.verdict.is_none() || self.workflows.contains_key(&key) {
            return;
        }
        let remembered = Remembered {
            place: place_of(summary),
            root_cause: summary
                .root_cause
                .as_deref()
                .map(|it| cut(it, MAX_SENTENCE_BYTES)),
            class: summary.failure_class,
            templates: summary
                .top_templates
                .iter()
                .take(MAX_TEMPLATES)
                .cloned()
                .collect(),
        };
        for template in &remembered.templates {
            self.lines.remember(&remembered.place, template);
        }
        if let Some(sentence) = &remembered.root_cause {
            let incident = Incident::new(&remembered.templates, sentence, remembered.class);
            self.incidents.insert(key, incident);
        }
        *self.places.entry(remembered.place.clone()).or_default() += 1;
        self.workflows.insert(key, remembered);
        let most = usize::try_from(MAX_WORKFLOWS).unwrap_or(usize::MAX);
        while self.workflows.len() > most {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        let Some((key, oldest)) = self.workflows.pop_first() else {
            return;
        };
        for template in &oldest.templates {
            self.lines.forget(&oldest.place, template);
        }
        self.incidents.remove(&key);
        if let Some(count) = self.places.get_mut(&oldest.place) {
            *count -= 1;
            if *count == 0 {
                self.places.remove(&oldest.place);
            }
        }
    }
}

/// The past of this process.
#[derive(Debug, Default)]
pub(crate) struct PastKeeper {
    known: Arc<RwLock<Known>>,
}

impl PastKeeper {
    /// Remembers a workflow that was analysed.
    pub(crate) fn remember(&self, summary: &WorkflowSummary) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.remember(summary);
    }

    fn read(&self) -> RwLockReadGuard<'_, Known> {
        self.known.read().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The cluster of a workflow; empty where the evidence names none.
fn place_of(summary: &WorkflowSummary) -> String {
    summary.cluster.clone().unwrap_or_default()
}

/// A finding's template as it is remembered and compared.
fn line_of(finding: &Finding) -> String {
    cut(&finding.template, MAX_TEMPLATE_BYTES)
}

/// The templates of the gravest findings, each once: what a summary keeps.
pub(crate) fn top_templates(monitoring: &Monitoring) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let findings = monitoring.errors.iter().chain(&monitoring.warnings);
    let lines = findings.map(line_of).filter(|line| seen.insert(line.clone()));
    lines.take(MAX_TEMPLATES).collect()
}

/// The text of an incident for an embedder.
fn text_of(sentence: &str, templates: &[String]) -> String {
    let told: Vec<&str> = templates.iter().take(3).map(String::as_str).collect();
    format!("{sentence} {}", told.join("; "))
}

impl Core {
    /// Remembers every workflow that is in the journal, as far as there is room.
    pub(crate) async fn rebuild_past(&self) -> Result<(), JournalError> {
        let newest = WorkflowFilter {
            status: None,
            limit: MAX_WORKFLOWS,
        };
        for summary in self.journal().workflows(&newest).await? {
            self.past.remember(&summary);
        }
        Ok(())
    }

    /// The earlier incidents that are most like a diagnosis, best first, at most three; none where none is alike enough.
    pub(crate) async fn similar_incidents(
        &self,
        summary: &WorkflowSummary,
        diagnosis: &Diagnosis,
    ) -> Result<Vec<SimilarIncident>, JournalError> {
        let Some(cause) = diagnosis.root_causes.first() else {
            return Ok(Vec::new());
        };
        if diagnosis.verdict == Verdict::Healthy {
            return Ok(Vec::new());
        }
        let sentence = cut(&cause.sentence, MAX_SENTENCE_BYTES);
        let query = Incident::new(&summary.top_templates, &sentence, Some(cause.class));
        let (pool, texts) = self.pool(summary, &query, &sentence);
        let vectors = self.senses.vectors(&self.ports, &texts).await;
        let vectors = vectors.and_then(|sensed| {
            let mut vectors = sensed.vectors.into_iter();
            let query = vectors.next()?;
            let others = pool.iter().copied().zip(vectors).collect();
            let baseline = sensed.baseline;
            Some(Vectors {
                query,
                others,
                baseline,
            })
        });
        let hits = self
            .past
            .read()
            .incidents
            .nearest(&query, &pool, vectors.as_ref(), MAX_SHOWN);
        let mut similar = Vec::new();
        for hit in hits {
            if let Some(earlier) = self.journal().workflow(hit.key.1).await? {
                similar.push(self.shown(&earlier, hit.likeness));
            }
        }
        Ok(similar)
    }

    /// The incidents worth comparing, with the texts that an embedder would be asked for: first that of the query.
    fn pool(&self, summary: &WorkflowSummary, query: &Incident, sentence: &str) -> (Vec<Key>, Vec<String>) {
        let known = self.past.read();
        let pool = known.incidents.pool(query, |key| key.1 != summary.id);
        let mut texts = vec![text_of(sentence, &summary.top_templates)];
        texts.extend(pool.iter().map(|key| {
            let remembered = known.workflows.get(key);
            remembered.map_or_else(String::new, |it| {
                text_of(it.root_cause.as_deref().unwrap_or_default(), &it.templates)
            })
        }));
        (pool, texts)
    }

    fn shown(&self, earlier: &WorkflowSummary, likeness: f64) -> SimilarIncident {
        let outcome = self.with_ledger(|ledger| {
            let records = ledger.records_of_workflow(earlier.id);
            records.filter_map(|record| record.outcome).last()
        });
        let word = outcome.and_then(|it| serde_json::to_value(it).ok());
        SimilarIncident {
            workflow_id: earlier.id.to_string(),
            root_cause: earlier.root_cause.clone().unwrap_or_default(),
            failure_class: earlier.failure_class.map(FailureClass::id),
            similarity: two_places(likeness),
            closed_at: earlier.closed_at.map(|it| it.to_string()),
            outcome: word.and_then(|it| it.as_str().map(str::to_owned)),
        }
    }
}

fn two_places(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}
