//! Occurrences to findings: equal templates of one service are one finding, counted, dated and ordered.

use std::{
    borrow::Cow,
    cmp::Reverse,
    collections::{BTreeMap, HashMap, hash_map::Entry},
};

use jiff::Timestamp;
use kubemedic_model::{
    evidence::Origin,
    finding::{Finding, MAX_FINDING_LINES, Pace, Priority},
    log::{LogSource, Severity},
    naming::{is_object_name, owner_of_pod},
    resource::{Kind, ResourceRef},
};

use super::{
    kind,
    pace::{self, Minutes},
    template::{MASK, MAX_TEMPLATES, template_of},
};
use crate::intake::{Note, SourcedRecord};

/// The longest message that a finding keeps, in bytes; a stack trace has a limit of its own.
const MAX_MESSAGE_BYTES: usize = 4_096;

/// One error or warning, once or as often as an event tells.
#[derive(Debug, Default)]
pub(super) struct Occurrence<'a> {
    pub(super) severity: Severity,
    pub(super) message: &'a str,
    /// A message that was put together, in place of `message`.
    pub(super) text: Option<Cow<'a, str>>,
    pub(super) fields: Option<&'a BTreeMap<String, String>>,
    /// What it is called, if that is known without reading the message.
    pub(super) error_type: Option<String>,
    pub(super) error_code: Option<String>,
    pub(super) event_reason: Option<String>,
    pub(super) source: LogSource,
    pub(super) object: Option<ResourceRef>,
    pub(super) count: u64,
    pub(super) first_seen: Option<Timestamp>,
    pub(super) last_seen: Option<Timestamp>,
    pub(super) part: &'a str,
    pub(super) line: Option<u64>,
}

impl<'a> Occurrence<'a> {
    /// An occurrence that was read at a place.
    pub(super) fn at(origin: &'a Origin) -> Self {
        Self {
            part: &origin.part,
            line: origin.line,
            ..Self::default()
        }
    }

    /// A log entry.
    pub(super) fn of_record(record: &'a SourcedRecord, severity: Severity) -> Self {
        let SourcedRecord { part, record } = record;
        Self {
            severity,
            message: &record.message,
            fields: Some(&record.fields),
            source: record.source.clone(),
            count: 1,
            first_seen: record.timestamp,
            last_seen: record.timestamp,
            part,
            line: Some(record.line),
            ..Self::default()
        }
    }

    /// A line of free text.
    pub(super) fn of_note(note: &'a Note, severity: Severity) -> Self {
        Self {
            severity,
            message: &note.text,
            count: 1,
            part: &note.part,
            line: Some(note.line),
            ..Self::default()
        }
    }
}

/// What makes two occurrences one finding: the namespace and service, the event's reason, and the template.
type Key = (String, String, String, String);

/// Findings while they grow.
#[derive(Debug)]
pub(super) struct Collector {
    findings: HashMap<Key, (Finding, Minutes)>,
    /// How many more minutes all findings together may tell apart.
    minutes_left: usize,
}

impl Default for Collector {
    fn default() -> Self {
        Self {
            findings: HashMap::new(),
            minutes_left: pace::MAX_MINUTES,
        }
    }
}

impl Collector {
    /// Counts an occurrence.
    pub(super) fn add(&mut self, occurrence: &Occurrence<'_>) {
        let message = occurrence.text.as_deref().unwrap_or(occurrence.message);
        if message.trim().is_empty() && occurrence.error_type.is_none() {
            return;
        }
        let mut template = template_of(message);
        let reason = occurrence.event_reason.clone().unwrap_or_default();
        let (namespace, service) = place(&occurrence.source);
        let full = self.findings.len() >= MAX_TEMPLATES;
        let mut key = (namespace, service, reason, template.clone());
        if full && !self.findings.contains_key(&key) {
            MASK.clone_into(&mut template);
            key = (String::new(), String::new(), String::new(), template.clone());
        }
        let grown = match self.findings.entry(key) {
            Entry::Occupied(known) => {
                let grown = known.into_mut();
                merge(&mut grown.0, occurrence);
                grown
            }
            Entry::Vacant(vacant) => vacant.insert((finding(occurrence, template), Minutes::default())),
        };
        if occurrence.count == 1 {
            grown.1.add(occurrence.first_seen, &mut self.minutes_left);
        }
    }

    /// The errors and the warnings, each in order. The records tell how lively their streams were.
    pub(super) fn finish(self, records: &[SourcedRecord]) -> (Vec<Finding>, Vec<Finding>) {
        let telling = self
            .findings
            .iter()
            .filter(|(_, (_, minutes))| minutes.may_stand_out());
        let wanted = telling
            .map(|((namespace, service, ..), _)| (namespace.clone(), service.clone()))
            .collect();
        let streams = pace::streams(records, &wanted, place);
        let mut findings: Vec<(Key, Finding)> = Vec::with_capacity(self.findings.len());
        for (key, (mut finding, minutes)) in self.findings {
            let stream = streams.get(&(key.0.clone(), key.1.clone()));
            finding.pace = stream.map(|stream| minutes.pace_in(stream)).unwrap_or_default();
            finding.priority = priority(&finding);
            findings.push((key, finding));
        }
        findings.sort_by(|(a_key, a), (b_key, b)| rank(a).cmp(&rank(b)).then_with(|| a_key.cmp(b_key)));
        findings
            .into_iter()
            .map(|(_, finding)| finding)
            .partition(|finding| finding.severity.is_error())
    }
}

fn rank(finding: &Finding) -> (Priority, Reverse<Severity>, Reverse<u64>, &str, Option<u64>, &str) {
    let line = finding.origin.line;
    (
        finding.priority,
        Reverse(finding.severity),
        Reverse(finding.count),
        &finding.origin.part,
        line,
        &finding.template,
    )
}

/// The namespace and the service: replicas of one workload are one service.
fn place(source: &LogSource) -> (String, String) {
    let owner = source
        .pod
        .as_deref()
        .map(|pod| owner_of_pod(pod).map_or_else(|| pod.to_owned(), |owner| owner.name));
    let service = owner
        .or_else(|| source.service.clone())
        .or_else(|| source.container.clone());
    (
        source.namespace.clone().unwrap_or_default(),
        service.unwrap_or_default(),
    )
}

fn merge(finding: &mut Finding, occurrence: &Occurrence<'_>) {
    finding.severity = finding.severity.max(occurrence.severity);
    finding.count = finding.count.saturating_add(occurrence.count);
    finding.first_seen = [finding.first_seen, occurrence.first_seen]
        .into_iter()
        .flatten()
        .min();
    finding.last_seen = finding.last_seen.max(occurrence.last_seen);
    if finding.origin.part == occurrence.part
        && let Some(line) = occurrence.line
        && finding.lines.len() < MAX_FINDING_LINES
        && !finding.lines.contains(&line)
    {
        finding.lines.push(line);
    }
    if finding.stack_trace.is_none() {
        finding.stack_trace =
            kind::stack_trace(occurrence.message, occurrence.fields.unwrap_or(&BTreeMap::new()));
    }
}

fn finding(occurrence: &Occurrence<'_>, template: String) -> Finding {
    let none = BTreeMap::new();
    let fields = occurrence.fields.unwrap_or(&none);
    let message = occurrence.text.as_deref().unwrap_or(occurrence.message);
    let object = occurrence
        .object
        .clone()
        .or_else(|| object_of(&occurrence.source))
        .or_else(|| named_pod(message));
    let mut source = occurrence.source.clone();
    if source.name().is_none()
        && let Some(pod) = object.as_ref().filter(|it| it.kind == Kind::Pod)
    {
        source.pod = Some(pod.name.clone());
        source.namespace = source.namespace.or_else(|| pod.namespace.clone());
    }
    Finding {
        template,
        message: message
            .get(..message.floor_char_boundary(MAX_MESSAGE_BYTES))
            .unwrap_or(message)
            .to_owned(),
        error_type: occurrence
            .error_type
            .clone()
            .unwrap_or_else(|| kind::error_type(message, fields)),
        severity: occurrence.severity,
        priority: Priority::P3,
        count: occurrence.count,
        first_seen: occurrence.first_seen,
        last_seen: occurrence.last_seen,
        lines: occurrence.line.into_iter().collect(),
        origin: Origin {
            part: occurrence.part.to_owned(),
            line: occurrence.line,
        },
        source,
        object,
        event_reason: occurrence.event_reason.clone(),
        stack_trace: kind::stack_trace(message, fields),
        error_code: occurrence
            .error_code
            .clone()
            .or_else(|| kind::error_code(message, fields)),
        pace: Pace::default(),
    }
}

fn object_of(source: &LogSource) -> Option<ResourceRef> {
    let pod = source.pod.as_deref()?;
    Some(ResourceRef::new(Kind::Pod, source.namespace.as_deref(), pod))
}

/// The pod that a text names: `pod web-7d9c6b5f4-x2x9z`, `pod="shop/web-..."`, `pod/web-...`, `Pod X in namespace Y`.
fn named_pod(message: &str) -> Option<ResourceRef> {
    let lower = message
        .get(..message.floor_char_boundary(1_000))
        .unwrap_or("")
        .to_ascii_lowercase();
    let after = ["pod ", "pod=", "pod/", "pod: "].iter().find_map(|mark| {
        let at = lower.find(mark)?;
        let whole_word = !lower
            .get(..at)?
            .ends_with(|char: char| char.is_ascii_alphanumeric());
        whole_word.then(|| lower.get(at + mark.len()..)).flatten()
    })?;
    let word = after
        .trim_start_matches('"')
        .split(|char: char| !(char.is_ascii_alphanumeric() || matches!(char, '-' | '/' | '.')))
        .next()?;
    let (namespace, name) = word
        .rsplit_once('/')
        .map_or((None, word), |(namespace, name)| (Some(namespace), name));
    let name = name.trim_end_matches('.');
    let told = namespace_behind(after.trim_start_matches('"').get(word.len()..).unwrap_or(""));
    let named = owner_of_pod(name).is_some() || (told.is_some() && name.contains('-'));
    let namespace = namespace.or(told);
    (is_object_name(name) && named).then(|| ResourceRef::new(Kind::Pod, namespace, name))
}

/// The namespace in `in namespace Y`, right behind a name.
fn namespace_behind(text: &str) -> Option<&str> {
    let text = text.trim_start_matches('"').trim_start();
    let text = text.strip_prefix("in ").unwrap_or(text);
    let text = text.strip_prefix("the ").unwrap_or(text);
    let rest = text
        .strip_prefix("namespace")
        .or_else(|| text.strip_prefix("ns"))?;
    let name = rest
        .trim_start_matches([' ', '=', ':', '"'])
        .split(|char: char| !(char.is_ascii_alphanumeric() || char == '-'))
        .next()?;
    (rest.starts_with([' ', '=', ':']) && is_object_name(name)).then_some(name)
}

/// Kinds of failure after which a service is down or its data is at risk.
const DOWN: &[&str] = &[
    "OOMKilled",
    "OOMKilling",
    "SystemOOM",
    "CrashLoopBackOff",
    "NodeNotReady",
    "out of memory",
    "no space left on device",
    "panic",
    "segmentation fault",
    "java.lang.OutOfMemoryError",
    "OutOfMemoryError",
    "MemoryError",
];
/// Kinds of failure after which it is degraded.
const DEGRADED: &[&str] = &[
    "ImagePullBackOff",
    "ErrImagePull",
    "CreateContainerConfigError",
    "CreateContainerError",
    "RunContainerError",
    "Evicted",
    "FailedScheduling",
    "FailedMount",
    "FailedAttachVolume",
    "FailedCreate",
    "FailedCreatePodSandBox",
    "BackOff",
    "Unhealthy",
    "connection refused",
    "name resolution failed",
    "timeout",
    "certificate error",
    "authentication failed",
    "too many connections",
    "read-only file system",
    "permission denied",
    "quota exceeded",
    "deadlock",
];
/// So many repetitions of an error mean that users feel it, and of a warning that someone should look.
const OFTEN: u64 = 10;

fn priority(finding: &Finding) -> Priority {
    let kind = finding.error_type.as_str();
    let often = finding.count >= OFTEN;
    let bursts = finding.pace.burst.is_some();
    match finding.severity {
        Severity::Fatal => Priority::P0,
        Severity::Error if DOWN.contains(&kind) => Priority::P0,
        Severity::Error if DEGRADED.contains(&kind) || often || bursts => Priority::P1,
        Severity::Error => Priority::P2,
        _ if often || bursts => Priority::P2,
        _ => Priority::P3,
    }
}
