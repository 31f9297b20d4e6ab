//! What a reply cites: evidence (`E`), findings (`F`), log entries (`R`), other lines (`N`) and objects (`O`), looked up in the case.

use std::collections::BTreeSet;

use kubemedic_model::{
    diagnosis::Diagnosis,
    evidence::{Evidence, EvidenceId, EvidenceKind, Origin},
    resource::{Kind, ResourceRef},
};

use super::{
    Briefing, DropKind, Dropped,
    briefing::{FindingId, MAX_EVIDENCE_CHARS, inventory, shorten},
    plain,
};
use crate::intake::Intake;

/// The most ids that one cause may cite: a claim that needs more rests on nothing in particular.
const MAX_CITED: usize = 12;

/// Something cited that there is.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Cited {
    /// What it says. Its id is 0 where the diagnosis does not hold it yet.
    pub(super) evidence: Evidence,
    /// Whether it is an error.
    pub(super) is_error: bool,
    /// Who said it.
    pub(super) speaker: Option<String>,
}

/// Where ids are looked up.
pub(super) struct Library<'a> {
    pub(super) briefing: &'a Briefing,
    pub(super) intake: &'a Intake,
    pub(super) diagnosis: &'a Diagnosis,
}

impl Library<'_> {
    /// What the ids of a cause name, each once; what names nothing is dropped.
    pub(super) fn look_up(&self, ids: &[String], dropped: &mut Vec<Dropped>) -> Vec<Cited> {
        let mut found: Vec<Cited> = Vec::new();
        let mut seen: BTreeSet<String> = BTreeSet::new();
        for id in ids.iter().take(MAX_CITED) {
            let id = id.trim().trim_matches(['[', ']']);
            match self.find(id) {
                Some(cited) if seen.insert(id.to_uppercase()) => found.push(cited),
                Some(_) => {}
                None => dropped.push(Dropped::new(
                    DropKind::UnknownId,
                    format!("'{}' is no evidence, finding, line or object", plain(id, 40)),
                )),
            }
        }
        if ids.len() > MAX_CITED {
            let what = format!("{} ids beyond the first {MAX_CITED}", ids.len() - MAX_CITED);
            dropped.push(Dropped::new(DropKind::TooMuch, what));
        }
        found
    }

    /// What one id names.
    fn find(&self, id: &str) -> Option<Cited> {
        if let Some(finding) = FindingId::parse(id) {
            let citable = self.briefing.citable.get(finding.0)?;
            return Some(Cited {
                evidence: citable.evidence.clone(),
                is_error: citable.is_error,
                speaker: citable.speaker.clone(),
            });
        }
        let mut letters = id.chars();
        let letter = letters.next()?.to_ascii_uppercase();
        let number: u32 = letters.as_str().parse().ok()?;
        let place = usize::try_from(number.checked_sub(1)?).ok()?;
        match letter {
            'E' => self.evidence(EvidenceId(number)),
            'R' => self.record(place),
            'N' => self.note(place),
            'O' => self.object(place),
            _ => None,
        }
    }

    fn evidence(&self, id: EvidenceId) -> Option<Cited> {
        let evidence = self.diagnosis.evidence.iter().find(|it| it.id == id)?;
        let findings = self.briefing.citable.iter();
        let mut same = findings.filter(|it| is_same_place(&it.evidence.origin, &evidence.origin));
        Some(Cited {
            is_error: same.any(|it| it.is_error),
            speaker: None,
            evidence: evidence.clone(),
        })
    }

    fn record(&self, place: usize) -> Option<Cited> {
        let entry = self.intake.records.get(place)?;
        let record = &entry.record;
        let source = &record.source;
        let pod = source
            .pod
            .as_ref()
            .map(|pod| ResourceRef::new(Kind::Pod, source.namespace.as_deref(), pod.clone()));
        let evidence = Evidence {
            kind: EvidenceKind::Log,
            object: pod,
            timestamp: record.timestamp,
            ..quote(&record.message, &entry.part, record.line)
        };
        let findings = self.briefing.citable.iter();
        let mut same = findings.filter(|it| is_same_place(&it.evidence.origin, &evidence.origin));
        Some(Cited {
            is_error: record.severity.is_error() || same.any(|it| it.is_error),
            speaker: source.name().map(|it| shorten(it, 120)),
            evidence,
        })
    }

    fn note(&self, place: usize) -> Option<Cited> {
        let note = self.intake.notes.get(place)?;
        Some(Cited {
            evidence: quote(&note.text, &note.part, note.line),
            is_error: false,
            speaker: None,
        })
    }

    fn object(&self, place: usize) -> Option<Cited> {
        let items = inventory(&self.intake.snapshot);
        let item = items.get(place)?;
        let evidence = Evidence {
            kind: EvidenceKind::State,
            object: Some(item.reference.clone()),
            ..quote(&item.state(), "", 0)
        };
        Some(Cited {
            evidence: Evidence {
                origin: Origin::default(),
                ..evidence
            },
            is_error: false,
            speaker: None,
        })
    }
}

/// A quote as evidence without a number.
fn quote(text: &str, part: &str, line: u64) -> Evidence {
    Evidence {
        id: EvidenceId(0),
        kind: EvidenceKind::Log,
        quote: shorten(text, MAX_EVIDENCE_CHARS),
        origin: Origin {
            part: part.to_owned(),
            line: Some(line),
        },
        object: None,
        field: None,
        timestamp: None,
        count: 1,
    }
}

/// Whether two quotes stand at one place.
fn is_same_place(one: &Origin, other: &Origin) -> bool {
    one.line.is_some() && one == other
}
