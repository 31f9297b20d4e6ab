//! The Monitoring Agent's result and notes.

pub(crate) mod likeness;

use jiff::Timestamp;
use kubemedic_engine::{
    grounding::{Insight, reply::InsightKind},
    intake::Intake,
    monitoring::Monitoring,
    redaction::Redactor,
};
use kubemedic_model::{
    event::{Agent, WorkflowEvent},
    finding::{Burst, Finding, Priority},
};
use serde::Serialize;

use super::{severity_word, time};
use crate::events::{cut, info, thinking};

/// The most errors and the most warnings that the result lists; the summary counts all of them.
const MAX_ENTRIES: usize = 200;
const MAX_MESSAGE_BYTES: usize = 2048;
const MAX_TRACE_BYTES: usize = 4096;

/// The result.
#[derive(Debug, Serialize)]
pub struct Report {
    summary: Summary,
    errors: Vec<Entry>,
    warnings: Vec<Entry>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    clusters: Vec<likeness::Cluster>,
}

#[derive(Debug, Serialize)]
struct Summary {
    total_errors: u64,
    total_warnings: u64,
    critical_count: usize,
    high_priority_count: usize,
    unique_services_affected: usize,
}

#[derive(Debug, Serialize)]
struct Entry {
    timestamp: String,
    service: String,
    severity: &'static str,
    priority: &'static str,
    message: String,
    error_type: String,
    additional_context: Context,
}

#[derive(Debug, Serialize)]
struct Context {
    error_code: Option<String>,
    stack_trace: Option<String>,
    occurrence_count: u64,
    first_seen: Option<String>,
    last_seen: Option<String>,
    lines: Vec<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    burst: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    new_after: Option<String>,
    /// How unlike everything that earlier workflows of the cluster showed, 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    novelty: Option<f64>,
    /// What a model says that it means.
    #[serde(skip_serializing_if = "Option::is_none")]
    meaning: Option<String>,
    /// What part a model says that it plays.
    #[serde(skip_serializing_if = "Option::is_none")]
    part: Option<InsightKind>,
}

/// The pod, workload or service that a finding is about.
pub(crate) fn service(finding: &Finding) -> String {
    let object = finding.object.as_ref().map(|object| object.name.as_str());
    object.or(finding.source.name()).unwrap_or("unknown").to_owned()
}

/// Findings in the contract's shape; `now` stands where a finding has no time.
pub fn report(monitoring: &Monitoring, now: Timestamp) -> Report {
    let all = || monitoring.errors.iter().chain(&monitoring.warnings);
    let services: std::collections::BTreeSet<String> = all().map(service).collect();
    let entries = |findings: &[Finding]| {
        findings
            .iter()
            .take(MAX_ENTRIES)
            .map(|it| entry(it, now))
            .collect()
    };
    Report {
        summary: Summary {
            total_errors: monitoring.total_errors,
            total_warnings: monitoring.total_warnings,
            critical_count: all().filter(|it| it.priority == Priority::P0).count(),
            high_priority_count: all().filter(|it| it.priority <= Priority::P1).count(),
            unique_services_affected: services.len(),
        },
        errors: entries(&monitoring.errors),
        warnings: entries(&monitoring.warnings),
        clusters: Vec::new(),
    }
}

fn entry(finding: &Finding, now: Timestamp) -> Entry {
    Entry {
        timestamp: time(finding.last_seen.or(finding.first_seen), now),
        service: service(finding),
        severity: severity_word(finding.priority),
        priority: finding.priority.as_str(),
        message: cut(&finding.message, MAX_MESSAGE_BYTES),
        error_type: finding.error_type.clone(),
        additional_context: Context {
            error_code: finding.error_code.clone(),
            stack_trace: finding.stack_trace.as_deref().map(|it| cut(it, MAX_TRACE_BYTES)),
            occurrence_count: finding.count,
            first_seen: finding.first_seen.map(|it| it.to_string()),
            last_seen: finding.last_seen.map(|it| it.to_string()),
            lines: finding.lines.clone(),
            burst: finding.pace.burst.as_ref().map(|burst| {
                let Burst { minute, count, usual } = burst;
                format!("{count} occurrences in the minute from {minute}, usually {usual} a minute")
            }),
            new_after: finding
                .pace
                .new_after_minutes
                .map(|minutes| format!("first seen after {minutes} minutes of a steady stream")),
            novelty: None,
            meaning: None,
            part: None,
        },
    }
}

impl Report {
    /// Writes what a model says beside the findings. An entry may become more urgent, by the one step that grounding allows.
    pub(crate) fn annotate(
        &mut self,
        monitoring: &Monitoring,
        insights: &[Insight],
        redactor: &mut Redactor,
    ) {
        for insight in insights {
            let errors = monitoring.errors.len();
            let entry = match insight.finding.checked_sub(errors) {
                None => self.errors.get_mut(insight.finding),
                Some(warning) => self.warnings.get_mut(warning),
            };
            let Some(entry) = entry else { continue };
            let context = &mut entry.additional_context;
            context.meaning = Some(redactor.redact(&insight.meaning).into_owned());
            context.part = Some(insight.kind);
            if let Some(priority) = insight.priority {
                entry.priority = priority.as_str();
                entry.severity = severity_word(priority);
            }
        }
    }

    /// The result in a few words.
    pub(crate) fn in_short(&self) -> String {
        let Summary {
            total_errors,
            total_warnings,
            unique_services_affected,
            ..
        } = &self.summary;
        format!(
            "{total_errors} errors ({} distinct), {total_warnings} warnings ({} distinct), {unique_services_affected} services",
            self.errors.len(),
            self.warnings.len(),
        )
    }
}

/// What was read and what stands out.
pub fn notes(intake: &Intake, monitoring: &Monitoring) -> Vec<WorkflowEvent> {
    let agent = Agent::MonitoringAgent;
    let snapshot = &intake.snapshot;
    let mut notes = vec![thinking(
        agent,
        format!(
            "Read {} lines: {} log entries, {} pods, {} workloads, {} events",
            intake.lines,
            intake.records.len(),
            snapshot.pods.len(),
            snapshot.workloads.len(),
            snapshot.events.len(),
        ),
    )];
    for finding in monitoring.errors.iter().chain(&monitoring.warnings).take(3) {
        notes.push(info(
            agent,
            format!(
                "{} {}: {} (seen {} times)",
                finding.priority.as_str(),
                service(finding),
                cut(finding.message.lines().next().unwrap_or_default(), 300),
                finding.count,
            ),
        ));
    }
    notes
}
