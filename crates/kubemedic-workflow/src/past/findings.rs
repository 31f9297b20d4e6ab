//! The findings of one workflow compared with each other and with the past: which say the same, and which are new.

use std::{collections::BTreeMap, sync::Arc};

use kubemedic_engine::{
    monitoring::Monitoring,
    similarity::{Meaning, cluster},
};
use kubemedic_model::{finding::Finding, workflow::WorkflowSummary};

use super::{Known, MAX_TEMPLATES, PastKeeper, line_of, place_of, senses::Sensed, two_places};
use crate::{core::Core, tasks::Unfinished};

/// The most findings that are compared: the gravest.
const MAX_COMPARED: usize = 256;
/// The workflows of a cluster that must be remembered before anything is called new there.
const MIN_WORKFLOWS: usize = 3;

/// What the comparison gave. Findings are counted from 0, errors first.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct FindingLikeness {
    /// Groups of at least two findings that say the same.
    pub(crate) groups: Vec<Group>,
    /// How new a finding is, 0 to 1, two places; only for those that would have been remembered.
    pub(crate) novelty: BTreeMap<usize, f64>,
    /// `lexical`, or the embedder's name.
    pub(crate) by: String,
}

/// Findings that say the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Group {
    /// The finding that says it best.
    pub(crate) representative: usize,
    /// All of them, in order.
    pub(crate) findings: Vec<usize>,
}

/// The texts that are compared: those of the findings, then the known ones that may be like the first of them.
#[derive(Debug, Default)]
struct Texts {
    lines: Vec<String>,
    /// For each line that is looked up, its known candidates.
    known: BTreeMap<usize, Vec<String>>,
}

impl Texts {
    /// Findings, and what the past has that may be like them.
    fn of(known: &Known, place: &str, monitoring: &Monitoring) -> Self {
        let findings = monitoring.errors.iter().chain(&monitoring.warnings);
        let lines: Vec<String> = findings.take(MAX_COMPARED).map(line_of).collect();
        let enough = known
            .places
            .get(place)
            .is_some_and(|count| *count >= MIN_WORKFLOWS);
        let mut distinct: Vec<&String> = Vec::new();
        let mut candidates = BTreeMap::new();
        for (at, line) in lines.iter().enumerate().filter(|_| enough) {
            if !distinct.contains(&line) {
                if distinct.len() >= MAX_TEMPLATES {
                    break;
                }
                distinct.push(line);
            }
            let found = known.lines.candidates(place, line);
            candidates.insert(at, found.into_iter().map(str::to_owned).collect());
        }
        Self {
            lines,
            known: candidates,
        }
    }

    /// All texts, as an embedder is asked for them.
    fn all(&self) -> Vec<String> {
        self.lines
            .iter()
            .chain(self.known.values().flatten())
            .cloned()
            .collect()
    }
}

impl Core {
    /// Compares the findings of a workflow with each other and with what earlier workflows of its cluster showed.
    pub(crate) async fn compare_findings(
        &self,
        summary: &WorkflowSummary,
        monitoring: &Arc<Monitoring>,
    ) -> Result<FindingLikeness, Unfinished> {
        let place = place_of(summary);
        let texts = Texts::of(&self.past.read(), &place, monitoring);
        if texts.lines.is_empty() {
            return Ok(FindingLikeness::default());
        }
        let sensed = self.senses.vectors(&self.ports, &texts.all()).await;
        let known = self.past.known.clone();
        let work = move || {
            let past = PastKeeper { known };
            compare(&past.read(), &texts, sensed)
        };
        self.planning.compute(&self.scope, work).await
    }
}

fn compare(known: &Known, texts: &Texts, sensed: Option<Sensed>) -> FindingLikeness {
    let by = sensed
        .as_ref()
        .map_or_else(|| "lexical".to_owned(), |it| it.embedder.clone());
    let baseline = sensed.as_ref().map_or(0.0, |it| it.baseline);
    let vectors = sensed.map(|it| it.vectors);
    let lines: Vec<&str> = texts.lines.iter().map(String::as_str).collect();
    let own = vectors.as_ref().and_then(|it| it.get(..lines.len()));
    let groups = cluster(&lines, own, baseline).into_iter();
    let groups = groups.filter(|it| it.members.len() > 1).map(|it| Group {
        representative: it.representative,
        findings: it.members,
    });
    let mut next = lines.len();
    let mut novelty = BTreeMap::new();
    let meaning = |text: &str, at: usize| {
        Meaning::of(text).with_vector(vectors.as_ref().and_then(|it| it.get(at)).cloned())
    };
    for (at, candidates) in &texts.known {
        let line = meaning(lines.get(*at).copied().unwrap_or_default(), *at);
        let candidates: Vec<Meaning> = candidates
            .iter()
            .zip(next..)
            .map(|(it, at)| meaning(it, at))
            .collect();
        next += candidates.len();
        novelty.insert(*at, two_places(known.lines.novelty(&line, &candidates, baseline)));
    }
    FindingLikeness {
        groups: groups.collect(),
        novelty,
        by,
    }
}

/// The finding of a number, errors first.
pub(crate) fn finding_at(monitoring: &Monitoring, at: usize) -> Option<&Finding> {
    monitoring.errors.iter().chain(&monitoring.warnings).nth(at)
}
