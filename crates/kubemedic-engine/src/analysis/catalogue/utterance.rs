//! Everything in an input that speaks: log entries, events, messages of states, free text, in one form and order.

use std::{borrow::Cow, collections::HashSet};

use jiff::Timestamp;
use kubemedic_model::{
    evidence::{EvidenceKind, Origin},
    log::{LogRecord, LogSource, Severity},
    resource::{Kind, ResourceRef},
    snapshot::{
        ClusterSnapshot, Condition,
        event::ClusterEvent,
        network::Service,
        pod::{Container, Pod},
        workload::Workload,
    },
};

use crate::intake::Intake;

/// The most bytes of one utterance that are read.
const MAX_UTTERANCE_BYTES: usize = 16 * 1024;
/// How many utterances on either side of one are near it.
const NEIGHBOURS: usize = 150;

/// Something said.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Utterance<'a> {
    /// The words, as patterns see them.
    pub(super) text: Cow<'a, str>,
    /// The words, as they are quoted, where they differ from the text.
    pub(super) quote: Option<&'a str>,
    /// What it is.
    pub(super) kind: EvidenceKind,
    /// How grave it calls itself.
    pub(super) severity: Severity,
    /// Where it stands.
    pub(super) origin: Origin,
    /// Who says it, for log entries.
    pub(super) source: Option<&'a LogSource>,
    /// What it is about, for events and states.
    pub(super) object: Option<ResourceRef>,
    /// The field, for states.
    pub(super) field: Option<&'static str>,
    /// When it was said last.
    pub(super) timestamp: Option<Timestamp>,
    /// How often.
    pub(super) count: u64,
}

/// The utterances around one, the nearest first.
pub(super) struct Neighbourhood<'a> {
    all: &'a [Utterance<'a>],
    center: usize,
}

impl<'a> Neighbourhood<'a> {
    /// Around the utterance at a place.
    pub(super) fn around(all: &'a [Utterance<'a>], center: usize) -> Self {
        Self { all, center }
    }

    /// The utterance itself, then its neighbours on both sides in turn.
    pub(super) fn iter(&self) -> impl Iterator<Item = &'a Utterance<'a>> + use<'a> {
        let all = self.all;
        self.places().filter_map(move |place| all.get(place))
    }

    /// The places of the same.
    pub(super) fn places(&self) -> impl Iterator<Item = usize> + use<'a> {
        let (count, center) = (self.all.len(), self.center);
        let sides = (1..=NEIGHBOURS).flat_map(move |distance| {
            let behind = Some(center + distance);
            [behind, center.checked_sub(distance)].into_iter().flatten()
        });
        std::iter::once(center)
            .chain(sides)
            .filter(move |place| *place < count)
    }
}

/// All utterances, in the order of the input.
pub(super) fn collect(intake: &Intake) -> Vec<Utterance<'_>> {
    let mut all: Vec<Utterance<'_>> = Vec::with_capacity(intake.records.len());
    let mut seen = HashSet::new();
    for sourced in &intake.records {
        if !intake.notes.is_empty() {
            seen.insert((sourced.part.as_str(), sourced.record.line));
        }
        all.push(of_record(&sourced.part, &sourced.record));
    }
    for note in &intake.notes {
        if seen.contains(&(note.part.as_str(), note.line)) || note.text.trim().is_empty() {
            continue;
        }
        all.push(Utterance {
            text: bounded(&note.text),
            quote: None,
            kind: EvidenceKind::Log,
            severity: Severity::Unknown,
            origin: origin(&note.part, note.line),
            source: None,
            object: None,
            field: None,
            timestamp: None,
            count: 1,
        });
    }
    all.extend(intake.snapshot.events.iter().map(of_event));
    add_states(&intake.snapshot, &mut all);
    all.sort_by(|a, b| a.origin.cmp(&b.origin));
    all
}

fn origin(part: &str, line: u64) -> Origin {
    Origin {
        part: part.to_owned(),
        line: Some(line),
    }
}

/// A log entry with its fields, so that one pattern fits plain and structured logs.
fn of_record<'a>(part: &str, record: &'a LogRecord) -> Utterance<'a> {
    let fatal = record.severity == Severity::Fatal && !record.message.is_empty();
    let text = if record.fields.is_empty() && !fatal {
        bounded(&record.message)
    } else {
        // Intake takes the level's word off the message; here it is a signal.
        let mut text = if fatal { "fatal: " } else { "" }.to_owned();
        text.push_str(&record.message);
        for (name, value) in &record.fields {
            text.extend([" ", name.as_str(), "=", value.as_str()]);
        }
        Cow::Owned(bounded(&text).into_owned())
    };
    Utterance {
        text,
        quote: Some(record.message.as_str()).filter(|it| !it.is_empty()),
        kind: EvidenceKind::Log,
        severity: record.severity,
        origin: origin(part, record.line),
        source: Some(&record.source),
        object: None,
        field: None,
        timestamp: record.timestamp,
        count: 1,
    }
}

/// An event reads as its reason, its reporter and its message.
fn of_event(event: &ClusterEvent) -> Utterance<'_> {
    let component = event.component.as_deref().unwrap_or("");
    Utterance {
        text: Cow::Owned(bounded(&format!("{} {component}: {}", event.reason, event.message)).into_owned()),
        quote: Some(event.message.as_str()),
        kind: EvidenceKind::Event,
        severity: if event.warning {
            Severity::Warn
        } else {
            Severity::Info
        },
        origin: event.origin.clone(),
        source: None,
        object: event.object.clone(),
        field: None,
        timestamp: event.last_seen.or(event.first_seen),
        count: event.count.max(1),
    }
}

/// States that carry words: containers, pods, conditions of nodes and other objects.
fn add_states(snapshot: &ClusterSnapshot, all: &mut Vec<Utterance<'_>>) {
    for pod in &snapshot.pods {
        add_pod(pod, all);
    }
    for workload in snapshot
        .workloads
        .iter()
        .filter(|it| it.desired == Some(0) && it.kind != Kind::ReplicaSet && may_be_wanted(snapshot, it))
    {
        let namespace = workload.meta.namespace.as_deref();
        let object = ResourceRef::new(workload.kind.clone(), namespace, workload.meta.name.clone());
        let text = format!("{} 0/0 0 0", workload.meta.name);
        all.push(of_state(&text, &object, &workload.meta.origin, "spec.replicas"));
    }
    for endpoints in snapshot
        .endpoints
        .iter()
        // A slice's table tells ports but not which addresses are ready.
        .filter(|it| it.ready.is_empty() && it.not_ready.is_empty() && it.ports.is_empty())
    {
        let namespace = endpoints.meta.namespace.as_deref();
        let object = ResourceRef::new(Kind::Service, namespace, endpoints.meta.name.clone());
        let text = format!("Service {} Endpoints: <none>", endpoints.meta.name);
        all.push(of_state(&text, &object, &endpoints.meta.origin, "subsets"));
    }
    for node in &snapshot.nodes {
        let object = ResourceRef::new(Kind::Node, None, node.meta.name.clone());
        add_conditions(&node.conditions, &object, &node.meta.origin, all);
    }
    for other in &snapshot.others {
        let namespace = other.meta.namespace.as_deref();
        let object = ResourceRef::new(other.kind.clone(), namespace, other.meta.name.clone());
        add_conditions(&other.conditions, &object, &other.meta.origin, all);
    }
}

/// Whether some Service may send requests to a workload: one that no Service knows may well have no replicas.
fn may_be_wanted(snapshot: &ClusterSnapshot, workload: &Workload) -> bool {
    let name = &workload.meta.name;
    let knows = |service: &Service| {
        let told = service.selector.iter().flatten();
        service.meta.name == *name || told.clone().any(|(_, value)| value == name) || {
            let labels = &workload.pod_labels;
            !labels.is_empty()
                && told.clone().next().is_some()
                && told.clone().all(|it| labels.get(it.0) == Some(it.1))
        }
    };
    snapshot.services.is_empty() || snapshot.services.iter().any(knows)
}

fn add_pod(pod: &Pod, all: &mut Vec<Utterance<'_>>) {
    let object = ResourceRef::new(Kind::Pod, pod.meta.namespace.as_deref(), pod.meta.name.clone());
    let origin = &pod.meta.origin;
    let status = pod.status.as_deref().or(pod.reason.as_deref());
    if let Some(status) = status.filter(|it| !matches!(*it, "Running" | "Completed" | "Succeeded")) {
        let message = pod.message.as_deref().unwrap_or("");
        let (ready, total) = pod.ready.unwrap_or_default();
        let text = format!("{} {ready}/{total} {status} {message}", pod.meta.name);
        all.push(of_state(&text, &object, origin, "status"));
    }
    let containers = pod.spec.init_containers.iter().chain(&pod.spec.containers);
    for container in containers {
        add_container(container, &object, origin, all);
    }
}

fn add_container(container: &Container, pod: &ResourceRef, origin: &Origin, all: &mut Vec<Utterance<'_>>) {
    for (state, field) in [(&container.state, "state"), (&container.last_state, "lastState")] {
        let Some(state) = state else { continue };
        let (Some(reason), message) = (&state.reason, state.message.as_deref().unwrap_or("")) else {
            continue;
        };
        if reason == "Completed" {
            continue;
        }
        let code = state
            .exit_code
            .map(|code| format!(" exit code {code}"))
            .unwrap_or_default();
        let limits: Vec<String> = container
            .limits
            .iter()
            .map(|(resource, quantity)| format!(" limits.{resource}: {quantity}"))
            .collect();
        let text = format!(
            "container {}: {reason}{code} {message}{}",
            container.name,
            limits.concat()
        );
        all.push(of_state(&text, pod, origin, field));
    }
}

/// Conditions that are not as they should be, with a message.
fn add_conditions(
    conditions: &[Condition],
    object: &ResourceRef,
    origin: &Origin,
    all: &mut Vec<Utterance<'_>>,
) {
    for condition in conditions {
        let wrong = if condition.kind == "Ready" {
            "True"
        } else {
            "False"
        };
        let (reason, message) = (
            condition.reason.as_deref().unwrap_or(""),
            condition.message.as_deref().unwrap_or(""),
        );
        if condition.status != wrong && !message.is_empty() {
            let text = format!("{} {} {reason} {message}", condition.kind, condition.status);
            all.push(of_state(&text, object, origin, "status.conditions"));
        }
    }
}

fn of_state(text: &str, object: &ResourceRef, origin: &Origin, field: &'static str) -> Utterance<'static> {
    Utterance {
        text: Cow::Owned(bounded(text).into_owned()),
        quote: None,
        kind: EvidenceKind::State,
        severity: Severity::Unknown,
        origin: origin.clone(),
        source: None,
        object: Some(object.clone()),
        field: Some(field),
        timestamp: None,
        count: 1,
    }
}

/// The beginning of an overlong text, cut at a character.
fn bounded(text: &str) -> Cow<'_, str> {
    if text.len() <= MAX_UTTERANCE_BYTES {
        return Cow::Borrowed(text);
    }
    let end = (0..=MAX_UTTERANCE_BYTES)
        .rev()
        .find(|it| text.is_char_boundary(*it))
        .unwrap_or(0);
    Cow::Borrowed(text.get(..end).unwrap_or(text))
}
