//! Tools that read log entries. What they print begins with an id (`R12`) that a reply may cite.

use std::{collections::BTreeMap, fmt::Write};

use super::{Arguments, Case, Result};
use crate::{
    grounding::{briefing::shorten, plain},
    intake::SourcedRecord,
};

/// The most entries that a search gives.
const MAX_HITS: usize = 50;
/// How many it gives where the model does not say.
const USUAL_HITS: usize = 20;
/// The most words of a search.
const MAX_WORDS: usize = 8;
/// The longest entry, in characters.
const MAX_ENTRY_CHARS: usize = 500;
/// The most lines at a time.
const MAX_LINES: u64 = 200;
/// The most bytes of text that one search reads.
const MAX_SEARCHED_BYTES: usize = 32 * 1024 * 1024;

/// `search_logs`.
pub(super) fn search(case: &Case<'_>, arguments: &Arguments<'_>) -> Result {
    let wanted = arguments.required("words")?.to_lowercase();
    let words: Vec<&str> = wanted.split_whitespace().take(MAX_WORDS).collect();
    let service = arguments.text("service")?;
    let limit = arguments
        .number("limit")?
        .map_or(USUAL_HITS, |it| usize::try_from(it).unwrap_or(MAX_HITS));
    let limit = limit.clamp(1, MAX_HITS);
    let mut kinds: BTreeMap<String, (usize, u64)> = BTreeMap::new();
    let (mut read, mut total) = (0_usize, 0_u64);
    for (at, entry) in case.intake.records.iter().enumerate() {
        read += entry.record.message.len();
        if read > MAX_SEARCHED_BYTES {
            break;
        }
        if !service.is_none_or(|it| speaks(entry, it)) || !holds(entry, &words) {
            continue;
        }
        total += 1;
        kinds.entry(likeness(&entry.record.message)).or_insert((at, 0)).1 += 1;
    }
    if total == 0 {
        return Err(format!("no log entry holds '{}'", plain(&wanted, 120)));
    }
    let mut hits: Vec<(usize, u64)> = kinds.into_values().collect();
    hits.sort_by_key(|(at, count)| (count.ilog2(), *at));
    let mut text = format!("{total} entries of {} kinds\n", hits.len());
    for (at, count) in hits.into_iter().take(limit) {
        if let Some(entry) = case.intake.records.get(at) {
            let _ = writeln!(text, "{}{}", line(at, entry, case), times(count));
        }
    }
    Ok(text)
}

/// `log_lines`.
pub(super) fn lines(case: &Case<'_>, arguments: &Arguments<'_>) -> Result {
    let part = arguments.text("part")?.unwrap_or("");
    let number = |name: &str| {
        arguments
            .number(name)?
            .ok_or_else(|| format!("'{name}' is missing"))
    };
    let (from, to) = (number("from")?, number("to")?);
    if from > to {
        return Err("'from' must not be greater than 'to'".to_owned());
    }
    let to = to.min(from.saturating_add(MAX_LINES));
    let entries = case.intake.records.iter().enumerate();
    let mut text = String::new();
    for (at, entry) in entries.filter(|(_, it)| it.part == part && (from..=to).contains(&it.record.line)) {
        let _ = writeln!(text, "{}", line(at, entry, case));
    }
    let notes = case.intake.notes.iter().enumerate();
    for (at, note) in notes.filter(|(_, it)| it.part == part && (from..=to).contains(&it.line)) {
        let _ = writeln!(
            text,
            "N{} line {}: {}",
            at + 1,
            note.line,
            plain(&note.text, MAX_ENTRY_CHARS)
        );
    }
    if text.is_empty() {
        return Err(format!(
            "there is no log entry in these lines of part '{}'",
            plain(part, 120)
        ));
    }
    Ok(text)
}

/// An entry in one line, with the finding that it belongs to.
fn line(at: usize, entry: &SourcedRecord, case: &Case<'_>) -> String {
    let record = &entry.record;
    let when = record.timestamp.map_or_else(String::new, |it| format!(" {it}"));
    let who = record
        .source
        .name()
        .map_or_else(String::new, |it| format!(" {}", plain(it, 120)));
    let findings = case.monitoring.errors.iter().chain(&case.monitoring.warnings);
    let finding = findings
        .enumerate()
        .take(1000)
        .find(|(_, it)| it.origin.part == entry.part && it.lines.contains(&record.line))
        .map_or_else(String::new, |(place, _)| format!(" [F{}]", place + 1));
    let words = shorten(&plain(&record.message, MAX_ENTRY_CHARS), MAX_ENTRY_CHARS);
    format!("R{}{finding}{when} {}{who}: {words}", at + 1, record.severity)
}

/// How often, where it is more than once.
fn times(count: u64) -> String {
    if count > 1 {
        format!(" (and {} like it)", count - 1)
    } else {
        String::new()
    }
}

/// Whether an entry is of a pod, service or container, or of a pod of that workload.
fn speaks(entry: &SourcedRecord, name: &str) -> bool {
    let source = &entry.record.source;
    let names = [&source.pod, &source.service, &source.container];
    names
        .into_iter()
        .flatten()
        .any(|it| it == name || it.strip_prefix(name).is_some_and(|rest| rest.starts_with('-')))
        || entry.part.contains(name)
}

/// Whether an entry holds all words.
fn holds(entry: &SourcedRecord, words: &[&str]) -> bool {
    let message = entry.record.message.to_lowercase();
    let mut fields = entry
        .record
        .fields
        .iter()
        .map(|(key, value)| format!("{key}={value}").to_lowercase());
    words
        .iter()
        .all(|word| message.contains(word) || fields.any(|it| it.contains(word)))
}

/// The letters of the beginning of a text.
fn likeness(text: &str) -> String {
    text.bytes()
        .take(120)
        .filter(u8::is_ascii_alphabetic)
        .map(char::from)
        .collect()
}
