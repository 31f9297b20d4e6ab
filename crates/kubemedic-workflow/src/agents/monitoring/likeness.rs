//! What the Monitoring Agent tells of likeness: groups of findings that say the same, and findings that were never seen before.

use std::collections::BTreeSet;

use kubemedic_engine::monitoring::Monitoring;
use kubemedic_model::{
    event::{Agent, WorkflowEvent},
    finding::Priority,
};
use serde::Serialize;

use super::{MAX_MESSAGE_BYTES, Report, service};
use crate::{
    events::{cut, info},
    past::{FindingLikeness, finding_at},
};

/// The most groups that the result lists, and the most findings that one names.
const MAX_GROUPS: usize = 20;
const MAX_NAMED: usize = 50;
/// From here on a finding is called new.
const NEW: f64 = 0.75;
/// The most findings that are told to be new.
const MAX_NEW: usize = 3;

/// Findings that say the same in other words.
#[derive(Debug, Serialize)]
pub(crate) struct Cluster {
    /// The message that says it best.
    representative: String,
    /// `F1`, `F2`, ...: numbers among all errors, then all warnings.
    findings: Vec<String>,
    services: BTreeSet<String>,
    /// Occurrences of all of them.
    count: u64,
    /// Who compared them: `lexical`, or the embedder's name.
    similarity: String,
}

impl Report {
    /// The result with what the comparison of its findings gave.
    pub(crate) fn with_likeness(mut self, monitoring: &Monitoring, likeness: &FindingLikeness) -> Self {
        let errors = monitoring.errors.len();
        for (at, novelty) in &likeness.novelty {
            let entry = match at.checked_sub(errors) {
                None => self.errors.get_mut(*at),
                Some(at) => self.warnings.get_mut(at),
            };
            if let Some(entry) = entry {
                entry.additional_context.novelty = Some(*novelty);
            }
        }
        let groups = likeness.groups.iter().take(MAX_GROUPS);
        self.clusters = groups
            .map(|group| {
                let members = group.findings.iter().filter_map(|at| finding_at(monitoring, *at));
                let best = finding_at(monitoring, group.representative);
                Cluster {
                    representative: best.map_or_else(String::new, |it| cut(&it.message, MAX_MESSAGE_BYTES)),
                    findings: group
                        .findings
                        .iter()
                        .take(MAX_NAMED)
                        .map(|at| format!("F{}", at + 1))
                        .collect(),
                    services: members.clone().take(MAX_NAMED).map(service).collect(),
                    count: members.fold(0, |sum, it| sum.saturating_add(it.count)),
                    similarity: likeness.by.clone(),
                }
            })
            .collect();
        self
    }
}

/// The gravest findings that nothing in earlier workflows resembles.
pub(crate) fn notes(
    monitoring: &Monitoring,
    likeness: &FindingLikeness,
    cluster: Option<&str>,
) -> Vec<WorkflowEvent> {
    let place = cluster.map_or_else(
        || "in earlier workflows".to_owned(),
        |name| format!("in cluster {name}"),
    );
    let new = likeness.novelty.iter().filter(|(_, novelty)| **novelty >= NEW);
    let findings = new.filter_map(|(at, _)| Some((at, finding_at(monitoring, *at)?)));
    findings
        .filter(|(_, finding)| finding.priority <= Priority::P1)
        .take(MAX_NEW)
        .map(|(at, finding)| {
            let first = finding.message.lines().next().unwrap_or_default();
            let text = format!(
                "F{} {}: never seen before {place}: {}",
                at + 1,
                service(finding),
                cut(first, 300)
            );
            info(Agent::MonitoringAgent, text)
        })
        .collect()
}
