//! What a model is told of a case: the engine's verdict and claims, the quotes that decide, what nobody has explained yet, and
//! the objects that exist. It keeps to a budget of characters; fencing and redaction are the caller's.

mod classes;
mod cut;
mod findings;
mod inventory;
mod lines;

use kubemedic_model::{
    diagnosis::{Diagnosis, explanation::Claim},
    evidence::Evidence,
};
use serde::Serialize;

use crate::{intake::Intake, monitoring::Monitoring};
pub use classes::{BriefClass, classes};
pub(super) use cut::shorten;
pub(super) use findings::FindingId;
pub(super) use findings::MAX_QUOTE_CHARS as MAX_EVIDENCE_CHARS;
pub(super) use inventory::{Item, describe, inventory, named};

/// The most claims that a model is told.
const MAX_CLAIMS: usize = 12;
/// The most evidence.
const MAX_EVIDENCE: usize = 40;
/// The longest quote of evidence, in characters.
const MAX_QUOTE_CHARS: usize = 400;
/// The longest question of a person, in characters.
const MAX_QUERY_CHARS: usize = 600;
/// What an entry costs besides its text: names and marks of the template around it, in characters.
const ENTRY_CHARS: usize = 60;

/// What a model is told of a case.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Briefing {
    /// The engine's verdict, as on the wire.
    pub verdict: String,
    /// How sure the engine is, 0..=1, two places.
    pub confidence: f64,
    /// The engine's summary.
    pub summary: String,
    /// The cluster, where the evidence tells it.
    pub cluster: Option<String>,
    /// The namespace, where the evidence tells it.
    pub namespace: Option<String>,
    /// What the person asks.
    pub query: Option<String>,
    /// What the engine claims, its first cause first.
    pub claims: Vec<BriefClaim>,
    /// What the engine's claims rest on.
    pub evidence: Vec<BriefEvidence>,
    /// Errors and warnings that no evidence quotes, the most telling first.
    pub findings: Vec<BriefFinding>,
    /// Rare entries of any severity that are neither evidence nor findings.
    pub lines: Vec<BriefLine>,
    /// The objects that exist, those near the claims first.
    pub objects: Vec<BriefObject>,
    /// What the engine lacks.
    pub missing: Vec<String>,
    /// How much there was no room for.
    pub left_out: LeftOut,
    /// Every finding that may be cited, as evidence, in the order of its number.
    #[serde(skip)]
    pub(super) citable: Vec<Citable>,
}

/// A claim of the engine.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BriefClaim {
    /// `H1`, `H2`, ...
    pub id: String,
    /// The id of the failure class.
    pub class: String,
    /// Its title.
    pub title: String,
    /// A finer cause.
    pub cause: Option<String>,
    /// The object that it accuses, as `Kind namespace/name`.
    pub object: Option<String>,
    /// What it says.
    pub sentence: String,
    /// `symptom`, `reported` or `verified`.
    pub ground: String,
    /// `cause`, `alternative`, `effect`, `weak` or `healed`.
    pub outcome: String,
    /// How sure the engine is of it, 0..=1, two places: calibrated for causes, else its strength.
    pub confidence: f64,
    /// What shows it: `E1`, ...
    pub evidence: Vec<String>,
}

/// A quote that the engine's claims rest on.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BriefEvidence {
    /// `E1`, `E2`, ...
    pub id: String,
    /// `log`, `event`, `state` or `signal`.
    pub kind: String,
    /// The words, cut in the middle where they are long.
    pub quote: String,
    /// The part of the input and the line, as far as they are known.
    pub place: Option<String>,
    /// The object, as `Kind namespace/name`.
    pub object: Option<String>,
    /// The object's field.
    pub field: Option<String>,
    /// When it happened.
    pub time: Option<String>,
    /// How often.
    pub count: u64,
}

/// An error or warning that no evidence quotes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BriefFinding {
    /// `F1`, `F2`, ...: its number among the errors, then the warnings of the monitoring.
    pub id: String,
    /// The message with its variable parts masked, where that says more than the message.
    pub template: Option<String>,
    /// The first message, cut in the middle where it is long.
    pub message: String,
    /// How often it occurred.
    pub count: u64,
    /// `error`, `warn`, ...
    pub severity: String,
    /// `P0` to `P3`.
    pub priority: String,
    /// The pod, service or container that said it.
    pub service: Option<String>,
    /// The object that it is about, as `Kind namespace/name`.
    pub object: Option<String>,
    /// When it first occurred.
    pub first_seen: Option<String>,
    /// When it last occurred.
    pub last_seen: Option<String>,
    /// Whether it began late in a steady stream or came in a burst.
    pub novel: bool,
}

/// An entry that is neither evidence nor a finding.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BriefLine {
    /// `R12`: its number among the log entries; `N3`: its number among the lines that are no log.
    pub id: String,
    /// Its words, cut in the middle where they are long.
    pub text: String,
    /// The pod, service or container that said it.
    pub service: Option<String>,
    /// How many entries are like it.
    pub count: u64,
}

/// An object that exists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BriefObject {
    /// `O1`, `O2`, ...: its number in the inventory of the case.
    pub id: String,
    /// `Kind namespace/name`.
    pub object: String,
    /// Its state in one line.
    pub state: String,
}

/// A finding that may be cited.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Citable {
    /// It as evidence without a number.
    pub(super) evidence: Evidence,
    /// Whether it is an error, not only a warning.
    pub(super) is_error: bool,
    /// The workload or program that said it.
    pub(super) speaker: Option<String>,
}

/// How much there was no room for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct LeftOut {
    /// Claims.
    pub claims: usize,
    /// Evidence.
    pub evidence: usize,
    /// Findings that no evidence quotes.
    pub findings: usize,
    /// Occurrences of those.
    pub occurrences: u64,
    /// Objects.
    pub objects: usize,
}

/// Characters that are left.
#[derive(Debug, Clone, Copy)]
struct Room(usize);

impl Room {
    /// Whether a text fits, and then it is taken off.
    fn take(&mut self, text: usize) -> bool {
        let rest = self.0.checked_sub(text + ENTRY_CHARS);
        if let Some(rest) = rest {
            self.0 = rest;
        }
        rest.is_some()
    }

    /// A part of it, at most so many hundredths.
    fn share(self, hundredths: usize) -> Self {
        Self(self.0 / 100 * hundredths)
    }
}

impl Briefing {
    /// What a model is told of a case in about so many characters. Evidence comes first, claims next, then findings that
    /// nobody explained, then objects and rare lines; what has no room is counted.
    pub fn of(intake: &Intake, monitoring: &Monitoring, diagnosis: &Diagnosis, budget_chars: usize) -> Self {
        let mut briefing = Self {
            verdict: diagnosis.verdict.as_str().to_owned(),
            confidence: rounded(diagnosis.confidence.get()),
            summary: shorten(&diagnosis.summary, MAX_QUERY_CHARS),
            cluster: intake.snapshot.cluster.as_deref().map(|it| shorten(it, 120)),
            namespace: intake.snapshot.namespace.as_deref().map(|it| shorten(it, 120)),
            query: intake.query.as_deref().map(|it| shorten(it, MAX_QUERY_CHARS)),
            missing: diagnosis
                .missing
                .iter()
                .take(5)
                .map(|it| shorten(it, 300))
                .collect(),
            ..Self::default()
        };
        let whole = Room(budget_chars.saturating_sub(briefing.fixed_chars()));
        let mut left = whole.0;
        left = left.saturating_sub(briefing.quote_evidence(diagnosis, whole.share(45)));
        left = left.saturating_sub(briefing.tell_claims(diagnosis, whole.share(25)));
        let objects = Room(left).share(30);
        let (findings, citable) = findings::select(monitoring, diagnosis, left - objects.0);
        left = left.saturating_sub(findings.chars);
        briefing.findings = findings.told;
        briefing.left_out.findings = findings.left_out;
        briefing.left_out.occurrences = findings.occurrences;
        briefing.citable = citable;
        let listed = inventory::near(intake, diagnosis, left);
        left = left.saturating_sub(listed.chars);
        briefing.objects = listed.told;
        briefing.left_out.objects = listed.left_out;
        briefing.lines = lines::rare(intake, monitoring, diagnosis, left);
        briefing
    }

    /// The length of what is always told.
    fn fixed_chars(&self) -> usize {
        let texts = [&self.cluster, &self.namespace, &self.query]
            .into_iter()
            .flatten();
        texts.chain(&self.missing).map(String::len).sum::<usize>() + self.summary.len() + ENTRY_CHARS
    }

    /// Quotes the evidence; returns the characters used.
    fn quote_evidence(&mut self, diagnosis: &Diagnosis, room: Room) -> usize {
        let mut left = room;
        let order = cited_first(diagnosis);
        for evidence in order.iter().take(MAX_EVIDENCE) {
            let brief = BriefEvidence::of(evidence);
            if !left.take(brief.quote.len() + brief.object.as_ref().map_or(0, String::len)) {
                break;
            }
            self.evidence.push(brief);
        }
        self.left_out.evidence = diagnosis.evidence.len() - self.evidence.len();
        room.0 - left.0
    }

    /// Tells the claims; returns the characters used.
    fn tell_claims(&mut self, diagnosis: &Diagnosis, room: Room) -> usize {
        let mut left = room;
        let claims = &diagnosis.explanation.claims;
        for claim in claims.iter().take(MAX_CLAIMS) {
            if !left.take(claim.sentence.len() + claim.class.title().len()) {
                break;
            }
            self.claims.push(BriefClaim::of(claim, diagnosis));
        }
        self.left_out.claims = claims.len() - self.claims.len();
        room.0 - left.0
    }
}

/// The evidence of a diagnosis: what the causes cite in the order of the causes, then the rest.
fn cited_first(diagnosis: &Diagnosis) -> Vec<&Evidence> {
    let causes = diagnosis.root_causes.iter().chain(&diagnosis.alternatives);
    let mut order: Vec<&Evidence> = Vec::with_capacity(diagnosis.evidence.len());
    let cited = causes.flat_map(|cause| &cause.evidence);
    for evidence in cited
        .filter_map(|id| diagnosis.evidence.iter().find(|it| it.id == *id))
        .chain(&diagnosis.evidence)
    {
        if !order.iter().any(|it| it.id == evidence.id) {
            order.push(evidence);
        }
    }
    order
}

/// Two places behind the point.
fn rounded(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

impl BriefClaim {
    fn of(claim: &Claim, diagnosis: &Diagnosis) -> Self {
        let causes = diagnosis.root_causes.iter().chain(&diagnosis.alternatives);
        let cause = causes
            .filter(|it| it.class == claim.class && it.object == claim.object)
            .map(|it| it.confidence.get())
            .next();
        Self {
            id: claim.id.to_string(),
            class: claim.class.id().to_owned(),
            title: claim.class.title().to_owned(),
            cause: claim.cause.clone(),
            object: claim.object.as_ref().map(ToString::to_string),
            sentence: claim.sentence.clone(),
            ground: claim.ground.as_str().to_owned(),
            outcome: claim.outcome.as_str().to_owned(),
            confidence: rounded(cause.unwrap_or(claim.score.strength)),
            evidence: claim.evidence.iter().map(ToString::to_string).collect(),
        }
    }
}

impl BriefEvidence {
    fn of(evidence: &Evidence) -> Self {
        Self {
            id: evidence.id.to_string(),
            kind: kind_word(evidence).to_owned(),
            quote: shorten(&evidence.quote, MAX_QUOTE_CHARS),
            place: cut::place(&evidence.origin),
            object: evidence.object.as_ref().map(ToString::to_string),
            field: evidence.field.clone(),
            time: evidence.timestamp.map(|it| it.to_string()),
            count: evidence.count,
        }
    }
}

/// The word for a kind of evidence.
fn kind_word(evidence: &Evidence) -> &'static str {
    use kubemedic_model::evidence::EvidenceKind;
    match evidence.kind {
        EvidenceKind::Log => "log",
        EvidenceKind::Event => "event",
        EvidenceKind::State => "state",
        EvidenceKind::Signal => "signal",
    }
}

#[cfg(test)]
mod tests;
