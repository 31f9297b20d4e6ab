//! Which findings a model is told: those that no evidence quotes, rare and new ones before frequent noise.

use std::collections::BTreeSet;

use kubemedic_model::{
    diagnosis::Diagnosis,
    evidence::{Evidence, EvidenceId, EvidenceKind},
    finding::Finding,
};

use super::{BriefFinding, Citable, Room, shorten};
use crate::monitoring::Monitoring;

/// The most findings that a model is told.
const MAX_FINDINGS: usize = 40;
/// The most findings that it may cite.
const MAX_CITABLE: usize = 1000;
/// The longest message, in characters.
const MAX_MESSAGE_CHARS: usize = 300;
/// The longest quote that evidence keeps, in characters: as the engine's own.
pub(in crate::grounding) const MAX_QUOTE_CHARS: usize = 500;

/// The number of a finding among the errors, then the warnings of the monitoring, counted from 0; `F1` is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::grounding) struct FindingId(pub(in crate::grounding) usize);

impl FindingId {
    /// Reads `F1`.
    pub(in crate::grounding) fn parse(text: &str) -> Option<Self> {
        let number: usize = text.trim().strip_prefix(['F', 'f'])?.parse().ok()?;
        number.checked_sub(1).map(Self)
    }
}

impl std::fmt::Display for FindingId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "F{}", self.0 + 1)
    }
}

/// The findings that are told.
pub(super) struct Selected {
    pub(super) told: Vec<BriefFinding>,
    pub(super) left_out: usize,
    pub(super) occurrences: u64,
    pub(super) chars: usize,
}

/// Selects findings for so many characters; besides, every finding that may be cited.
pub(super) fn select(
    monitoring: &Monitoring,
    diagnosis: &Diagnosis,
    room: usize,
) -> (Selected, Vec<Citable>) {
    let all: Vec<&Finding> = monitoring.errors.iter().chain(&monitoring.warnings).collect();
    let citable = all
        .iter()
        .take(MAX_CITABLE)
        .map(|it| Citable {
            evidence: evidence_of(it),
            is_error: it.severity.is_error(),
            speaker: it.source.name().map(|it| shorten(it, 120)),
        })
        .collect();
    let quoted = Quoted::of(diagnosis);
    let mut open: Vec<(FindingId, &Finding)> = all
        .iter()
        .enumerate()
        .filter(|(_, finding)| !quoted.has(finding))
        .map(|(place, finding)| (FindingId(place), *finding))
        .collect();
    open.sort_by_key(|(id, finding)| (order(finding), *id));
    let mut left = Room(room);
    let mut told = Vec::new();
    for (id, finding) in open.iter().take(MAX_FINDINGS) {
        let brief = brief(*id, finding);
        if !left.take(brief.message.len() + brief.template.as_ref().map_or(0, String::len)) {
            break;
        }
        told.push(brief);
    }
    let rest = open.get(told.len()..).unwrap_or(&[]);
    let selected = Selected {
        left_out: rest.len(),
        occurrences: rest.iter().fold(0, |sum, (_, it)| sum.saturating_add(it.count)),
        chars: room - left.0,
        told,
    };
    (selected, citable)
}

/// What comes first: grave before less grave, new before usual, rare before frequent (by powers of two), urgent before not.
fn order(finding: &Finding) -> impl Ord + use<> {
    (
        !finding.severity.is_error(),
        !is_novel(finding),
        finding.count.max(1).ilog2(),
        finding.priority,
    )
}

/// Whether it began late in a steady stream or came in a burst.
fn is_novel(finding: &Finding) -> bool {
    finding.pace.burst.is_some() || finding.pace.new_after_minutes.is_some()
}

fn brief(id: FindingId, finding: &Finding) -> BriefFinding {
    let message = shorten(&finding.message, MAX_MESSAGE_CHARS);
    let says_more = finding.count > 1 && finding.template != finding.message;
    BriefFinding {
        id: id.to_string(),
        template: says_more.then(|| shorten(&finding.template, MAX_MESSAGE_CHARS)),
        message,
        count: finding.count,
        severity: finding.severity.as_str().to_owned(),
        priority: finding.priority.as_str().to_owned(),
        service: finding.source.name().map(|it| shorten(it, 120)),
        object: finding.object.as_ref().map(ToString::to_string),
        first_seen: finding.first_seen.map(|it| it.to_string()),
        last_seen: finding.last_seen.map(|it| it.to_string()),
        novel: is_novel(finding),
    }
}

/// What the evidence quotes: places and words.
struct Quoted<'a> {
    places: BTreeSet<(&'a str, u64)>,
    quotes: Vec<&'a str>,
}

impl<'a> Quoted<'a> {
    fn of(diagnosis: &'a Diagnosis) -> Self {
        let evidence = &diagnosis.evidence;
        let place = |it: &'a Evidence| Some((it.origin.part.as_str(), it.origin.line?));
        Self {
            places: evidence.iter().filter_map(place).collect(),
            quotes: evidence.iter().map(|it| it.quote.as_str()).collect(),
        }
    }

    fn has(&self, finding: &Finding) -> bool {
        let part = finding.origin.part.as_str();
        let lines = finding.lines.iter().chain(&finding.origin.line);
        let at = lines.into_iter().any(|line| self.places.contains(&(part, *line)));
        let headline = finding.message.lines().next().unwrap_or("").trim();
        at || headline.len() > 12 && self.quotes.iter().any(|quote| quote.contains(headline))
    }
}

/// A finding as evidence without a number.
fn evidence_of(finding: &Finding) -> Evidence {
    let kind = if finding.event_reason.is_some() {
        EvidenceKind::Event
    } else {
        EvidenceKind::Log
    };
    Evidence {
        id: EvidenceId(0),
        kind,
        quote: shorten(&finding.message, MAX_QUOTE_CHARS),
        origin: finding.origin.clone(),
        object: finding.object.clone(),
        field: None,
        timestamp: finding.last_seen.or(finding.first_seen),
        count: finding.count,
    }
}
