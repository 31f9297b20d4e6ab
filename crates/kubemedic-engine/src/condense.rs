//! A log of any length to one that is short enough to be read whole and says the same: of each kind of entry the first and
//! the last occurrences stay, with their line numbers and with how many were left out. It does not redact and does not judge.

use std::collections::{BTreeMap, HashMap, VecDeque};

use crate::{
    intake,
    monitoring::{self, Hashed, TemplateId, Templates, mix},
};

/// The most text that is kept, in bytes: what the rest of the engine reads in some ten milliseconds.
const MAX_KEPT_BYTES: usize = 4 << 20;
/// The most kinds of entries that are told apart; the rest are kept by whether they tell of a failure.
const MAX_KINDS: usize = 20_000;
/// The longest entry, in bytes; further lines of it are dropped.
const MAX_ENTRY_BYTES: usize = 16 << 10;
/// Beyond the budget an entry of a new kind is kept up to so many bytes.
const SHORT_ENTRY_BYTES: usize = 512;

/// How many occurrences of one kind are kept at the beginning, and as many again at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Weight {
    /// It tells of a failure.
    Failure,
    /// It does not.
    Quiet,
    /// All failures of kinds that are not told apart.
    OtherFailures,
}

impl Weight {
    fn kept(self) -> usize {
        match self {
            Self::Quiet => 2,
            Self::Failure => 8,
            Self::OtherFailures => 100,
        }
    }
}

/// What is left of a log.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Condensed {
    /// The kept lines.
    pub text: String,
    /// The number of each kept line in the log that was read, counted from 1.
    pub numbers: Vec<u64>,
    /// How often the entry that begins at a line occurs besides: occurrences that were left out before it.
    pub repeats: BTreeMap<u64, u64>,
    /// Lines read.
    pub lines: u64,
}

/// Reads a log piece by piece; what it holds does not grow with the log.
#[derive(Debug, Default)]
pub struct Condenser {
    templates: Templates,
    kinds: HashMap<u64, Kind, Hashed>,
    open: Entry,
    /// The beginning of the line that is not complete.
    carry: String,
    lines: u64,
    kept_bytes: usize,
}

/// A line and those that continue it.
#[derive(Debug, Clone, Default)]
struct Entry {
    line: u64,
    text: String,
    /// The templates of its lines as one number.
    kind: u64,
    overflown: bool,
}

/// Entries that differ in their variable parts only.
#[derive(Debug)]
struct Kind {
    weight: Weight,
    first: Vec<Entry>,
    last: VecDeque<Entry>,
    left_out: u64,
}

impl Condenser {
    /// A condenser that has read nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads a piece of the log, which may end anywhere.
    pub fn push(&mut self, piece: &str) {
        let mut piece = piece;
        if !self.carry.is_empty() {
            let (end, rest) = piece
                .split_once('\n')
                .map_or((piece, None), |(end, rest)| (end, Some(rest)));
            let mut line = std::mem::take(&mut self.carry);
            line.push_str(start(end));
            let Some(rest) = rest else {
                self.carry = line;
                return;
            };
            self.line(line.trim_end_matches('\r'));
            piece = rest;
        }
        let (whole, tail) = piece
            .rsplit_once('\n')
            .map_or((None, piece), |(whole, tail)| (Some(whole), tail));
        for line in whole.into_iter().flat_map(|whole| whole.split('\n')) {
            self.line(line.trim_end_matches('\r'));
        }
        self.carry.push_str(start(tail));
    }

    fn line(&mut self, line: &str) {
        self.lines += 1;
        if continues(line) && self.open.line > 0 {
            self.extend(line);
        } else {
            self.close();
            self.open(line);
        }
    }

    /// What is left, in the order of the log.
    pub fn finish(mut self) -> Condensed {
        let carry = std::mem::take(&mut self.carry);
        if !carry.is_empty() {
            self.line(&carry);
        }
        self.close();
        let mut kept: Vec<(Entry, u64)> = self.kinds.into_values().flat_map(Kind::into_entries).collect();
        kept.sort_unstable_by_key(|(entry, _)| entry.line);
        let mut condensed = Condensed {
            lines: self.lines,
            ..Condensed::default()
        };
        for (entry, left_out) in kept {
            if left_out > 0 {
                condensed.repeats.insert(entry.line, left_out);
            }
            for (number, line) in (entry.line..).zip(entry.text.lines()) {
                condensed.numbers.push(number);
                condensed.text.push_str(line);
                condensed.text.push('\n');
            }
        }
        condensed
    }

    fn open(&mut self, line: &str) {
        self.open.line = self.lines;
        self.open.kind = 0;
        self.open.overflown = false;
        self.extend(line);
    }

    fn extend(&mut self, line: &str) {
        let (id, _) = self.templates.add(line);
        self.open.overflown |= id == TemplateId(0);
        self.open.kind = mix(self.open.kind, id.0.into());
        if self.open.text.len() + line.len() < MAX_ENTRY_BYTES {
            self.open.text.push_str(line);
            self.open.text.push('\n');
        } else if self.open.text.is_empty() {
            self.open.text.push_str(start(line));
            self.open.text.push('\n');
        }
    }

    /// Puts the open entry to its kind. The text of the entry that falls out is used again for the next one.
    fn close(&mut self) {
        let mut entry = std::mem::take(&mut self.open);
        if entry.line == 0 || entry.text.trim().is_empty() {
            entry.text.clear();
            self.open.text = entry.text;
            return;
        }
        let told_apart =
            !entry.overflown && (self.kinds.len() < MAX_KINDS || self.kinds.contains_key(&entry.kind));
        let known = self
            .kinds
            .get(&entry.kind)
            .filter(|_| told_apart)
            .map(|kind| kind.weight);
        let weight = known.unwrap_or_else(|| weigh(&entry.text));
        let (key, weight) = match (told_apart, weight) {
            (true, weight) => (entry.kind, weight),
            (false, Weight::Quiet) => (u64::MAX, Weight::Quiet),
            (false, _) => (u64::MAX - 1, Weight::OtherFailures),
        };
        let full = self.kept_bytes >= MAX_KEPT_BYTES;
        if full {
            entry
                .text
                .truncate(entry.text.floor_char_boundary(SHORT_ENTRY_BYTES));
        }
        let kind = self.kinds.entry(key).or_insert_with(|| Kind::new(weight));
        let added = entry.text.len();
        let dropped = kind.add(entry, full);
        self.kept_bytes = (self.kept_bytes + added).saturating_sub(dropped.len());
        self.open.text = dropped;
        self.open.text.clear();
    }
}

impl Kind {
    fn new(weight: Weight) -> Self {
        Self {
            weight,
            first: Vec::new(),
            last: VecDeque::new(),
            left_out: 0,
        }
    }

    /// Keeps an entry; returns the text that goes for it.
    fn add(&mut self, entry: Entry, full: bool) -> String {
        let kept = if full { 1 } else { self.weight.kept() };
        if self.first.len() < kept && self.last.is_empty() {
            self.first.push(entry);
            return String::new();
        }
        self.last.push_back(entry);
        if self.last.len() <= kept {
            return String::new();
        }
        self.left_out += 1;
        self.last.pop_front().map(|entry| entry.text).unwrap_or_default()
    }

    /// The kept entries; the first one after the gap tells how many were left out.
    fn into_entries(self) -> impl Iterator<Item = (Entry, u64)> {
        let gap = std::iter::once(self.left_out).chain(std::iter::repeat(0));
        self.first
            .into_iter()
            .map(|entry| (entry, 0))
            .chain(self.last.into_iter().zip(gap))
    }
}

/// Whether a line belongs to the one before it: frames, causes, indented text, the end of a block.
fn continues(line: &str) -> bool {
    match line.as_bytes().first() {
        None | Some(b' ' | b'\t' | b'}' | b']') => true,
        Some(b'C') => line.starts_with("Caused by: "),
        Some(b'a') => line.starts_with("at "),
        Some(b'.') => line.starts_with("... "),
        _ => false,
    }
}

/// As much of a line as an entry may have.
fn start(line: &str) -> &str {
    line.get(..line.floor_char_boundary(MAX_ENTRY_BYTES))
        .unwrap_or(line)
}

/// Whether an entry of a new kind tells of a failure.
fn weigh(text: &str) -> Weight {
    if monitoring::tells_of_failure(&intake::log_records(text)) {
        Weight::Failure
    } else {
        Weight::Quiet
    }
}

#[cfg(test)]
mod tests;
