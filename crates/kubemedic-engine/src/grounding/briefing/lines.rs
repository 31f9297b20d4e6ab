//! Rare entries of any severity that are neither evidence nor findings: what only a reader may find telling.

use std::collections::{BTreeMap, BTreeSet};

use kubemedic_model::diagnosis::Diagnosis;

use super::{BriefLine, Room, shorten};
use crate::{intake::Intake, monitoring::Monitoring};

/// The most lines that a model is told.
const MAX_LINES: usize = 20;
/// The longest line, in characters.
const MAX_LINE_CHARS: usize = 240;
/// The most entries that are looked at: more than that is noise, and the findings tell of it.
const MAX_LOOKED_AT: usize = 50_000;
/// The most bytes of an entry that make it like another.
const LIKENESS_BYTES: usize = 200;

/// An entry that may be told.
struct Candidate<'a> {
    id: String,
    text: &'a str,
    service: Option<&'a str>,
    count: u64,
}

/// The rarest entries for so many characters, in the order of the input.
pub(super) fn rare(
    intake: &Intake,
    monitoring: &Monitoring,
    diagnosis: &Diagnosis,
    room: usize,
) -> Vec<BriefLine> {
    if room < MAX_LINE_CHARS {
        return Vec::new();
    }
    let known = known_places(monitoring, diagnosis);
    let mut candidates: Vec<Candidate<'_>> = Vec::new();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for (id, text, service, _) in
        entries(intake).filter(|(_, text, _, place)| !known.contains(place) && text.trim().len() > 3)
    {
        let likeness = likeness(text);
        if let Some(twin) = seen.get(&likeness).and_then(|at| candidates.get_mut(*at)) {
            twin.count += 1;
            continue;
        }
        seen.insert(likeness, candidates.len());
        candidates.push(Candidate {
            id,
            text,
            service,
            count: 1,
        });
    }
    let mut order: Vec<usize> = (0..candidates.len()).collect();
    order.sort_by_key(|at| (candidates.get(*at).map_or(0, |it| it.count.ilog2()), *at));
    let mut left = Room(room);
    let mut chosen: Vec<usize> = Vec::new();
    for at in order.into_iter().take(MAX_LINES) {
        let length = candidates
            .get(at)
            .map_or(0, |it| it.text.len().min(MAX_LINE_CHARS));
        if !left.take(length) {
            break;
        }
        chosen.push(at);
    }
    chosen.sort_unstable();
    let told = chosen.into_iter().filter_map(|at| candidates.get(at));
    told.map(|it| BriefLine {
        id: it.id.clone(),
        text: shorten(it.text, MAX_LINE_CHARS),
        service: it.service.map(|it| shorten(it, 120)),
        count: it.count,
    })
    .collect()
}

/// An entry's id, words, speaker and place.
type Entry<'a> = (String, &'a str, Option<&'a str>, (&'a str, u64));

/// Every log entry and every line that is none.
fn entries(intake: &Intake) -> impl Iterator<Item = Entry<'_>> {
    let records = intake
        .records
        .iter()
        .take(MAX_LOOKED_AT)
        .enumerate()
        .map(|(at, it)| {
            let place = (it.part.as_str(), it.record.line);
            (
                format!("R{}", at + 1),
                it.record.message.as_str(),
                it.record.source.name(),
                place,
            )
        });
    let notes = intake.notes.iter().take(MAX_LOOKED_AT).enumerate();
    let notes = notes.map(|(at, it)| {
        let place = (it.part.as_str(), it.line);
        (format!("N{}", at + 1), it.text.as_str(), None, place)
    });
    notes.chain(records)
}

/// Where evidence and findings stand.
fn known_places<'a>(monitoring: &'a Monitoring, diagnosis: &'a Diagnosis) -> BTreeSet<(&'a str, u64)> {
    let evidence = diagnosis.evidence.iter().map(|it| &it.origin);
    let evidence = evidence.filter_map(|it| Some((it.part.as_str(), it.line?)));
    let findings = monitoring.errors.iter().chain(&monitoring.warnings);
    let findings = findings.flat_map(|it| {
        let lines = it.lines.iter().chain(&it.origin.line);
        lines.map(|line| (it.origin.part.as_str(), *line))
    });
    evidence.chain(findings).collect()
}

/// The letters of the beginning of a text: entries that differ in numbers only are alike.
fn likeness(text: &str) -> String {
    text.bytes()
        .take(LIKENESS_BYTES)
        .filter(u8::is_ascii_alphabetic)
        .map(char::from)
        .collect()
}
