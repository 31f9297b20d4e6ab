//! Joins the lines of one entry: stack traces of Java, Python, Go, Node, Rust, .NET and PHP, split lines of a container
//! runtime, indented continuations. It works line by line and looks at no more than the open entry of each stream.

mod assembler;
mod forms;
mod lane;
mod waiting;

use std::borrow::Cow;

use super::{
    lines::{self, Entry, Parsed},
    record::Record,
};
use lane::{Key, Lane, assemble};
use waiting::Waiting;

pub(super) use assembler::{Assembler, record};

/// The longest message of one entry, in bytes; further lines are counted but not kept.
const MAX_MESSAGE_BYTES: usize = 64 * 1024;
/// The most streams whose lines are told apart at once.
const MAX_LANES: usize = 32;
/// After how many lines of others a stream's entry is finished.
const MAX_PAUSE_LINES: u64 = 256;

/// Joins lines to records and passes each on as soon as nothing can be added to it, in the order of their first lines.
/// What it holds borrows from the lines until [`Joiner::into_owned`].
#[derive(Debug, Default)]
pub(super) struct Joiner<'a> {
    /// The lines without a prefix that names their stream.
    plain: Lane<'a>,
    /// The streams that prefixes name.
    lanes: Vec<Lane<'a>>,
    /// Finished records that stand behind one that is not.
    waiting: Waiting<'a>,
}

impl<'a> Joiner<'a> {
    /// Takes one line.
    pub(super) fn line(&mut self, number: u64, line: &'a str, done: &mut impl FnMut(Record<'a>)) {
        if is_blank(line) {
            self.plain.blank();
            return;
        }
        match lines::strip_ansi(line) {
            Cow::Borrowed(clean) if self.plain.continues_by_form(clean) => self.plain.append(number, clean),
            Cow::Borrowed(clean) => match lines::parse(clean) {
                Parsed::One(entry) => self.entry(number, clean, entry, done),
                Parsed::Batch(entries) => self.batch(number, clean, entries, done),
            },
            Cow::Owned(clean) => self.coloured(number, &clean, done),
        }
    }

    /// Takes a line whose colour codes were taken out of it.
    fn coloured(&mut self, number: u64, clean: &str, done: &mut impl FnMut(Record<'a>)) {
        if is_blank(clean) {
            self.plain.blank();
        } else if self.plain.continues_by_form(clean) {
            self.plain.append(number, clean);
        } else {
            match lines::parse(clean) {
                Parsed::One(entry) => self.entry(number, clean, entry.into_owned(), done),
                Parsed::Batch(entries) => self.batch(number, clean, entries, done),
            }
        }
    }

    fn batch(
        &mut self,
        number: u64,
        line: &str,
        entries: Vec<Entry<'static>>,
        done: &mut impl FnMut(Record<'a>),
    ) {
        for entry in entries {
            self.entry(number, line, entry, done);
        }
    }

    /// Ends everything that is open: what follows is something else.
    pub(super) fn cut(&mut self, done: &mut impl FnMut(Record<'a>)) {
        for mut lane in self.lanes.drain(..) {
            lane.end()
                .into_iter()
                .flatten()
                .for_each(|record| self.waiting.add(record));
        }
        for record in self.plain.end().into_iter().flatten() {
            self.waiting.add(record);
        }
        self.waiting.pass(u64::MAX, done);
    }

    /// The same state without the lines.
    pub(super) fn into_owned(self) -> Joiner<'static> {
        Joiner {
            plain: self.plain.into_owned(),
            lanes: self.lanes.into_iter().map(Lane::into_owned).collect(),
            waiting: self.waiting.into_owned(),
        }
    }

    /// Takes an understood line.
    fn entry(&mut self, number: u64, line: &str, mut entry: Entry<'a>, done: &mut impl FnMut(Record<'a>)) {
        let key = (entry.lane, entry.stream);
        let body = entry.body.take();
        let finished = if key == Key::default() {
            self.plain.take(number, line, entry)
        } else {
            let lane = self.lane(key, number);
            let body = body.as_deref().unwrap_or(line);
            if is_blank(body) && lane.partial.is_none() {
                lane.blank();
                None
            } else if lane.partial.is_none() && lane.continues_by_form(body) {
                lane.append(number, body);
                None
            } else {
                lane.take(number, body, entry)
            }
        };
        if let Some(finished) = finished {
            self.pass(finished, done);
        }
    }

    /// The state of a stream; the one that paused longest makes room.
    fn lane(&mut self, key: Key, number: u64) -> &mut Lane<'a> {
        let at = match self.lanes.iter().position(|lane| lane.key == key) {
            Some(at) => at,
            None => self.new_lane(key, number),
        };
        // The list is never empty here, and the plain lane stands in for what cannot be.
        self.lanes.get_mut(at).unwrap_or(&mut self.plain)
    }

    fn new_lane(&mut self, key: Key, number: u64) -> usize {
        let oldest = self
            .lanes
            .iter()
            .enumerate()
            .min_by_key(|(_, lane)| lane.last_line);
        let paused = oldest
            .filter(|(_, lane)| {
                self.lanes.len() >= MAX_LANES || number.saturating_sub(lane.last_line) > MAX_PAUSE_LINES
            })
            .map(|(at, _)| at);
        if let Some(at) = paused {
            let mut lane = self.lanes.remove(at);
            lane.end()
                .into_iter()
                .flatten()
                .for_each(|record| self.waiting.add(record));
        }
        self.lanes.push(Lane::new(key));
        self.lanes.len() - 1
    }

    /// Passes a finished record on, unless an entry of an earlier line is still open.
    fn pass(&mut self, finished: Record<'a>, done: &mut impl FnMut(Record<'a>)) {
        if self.waiting.is_empty() && self.open_before(finished.line).is_none() {
            done(finished);
            return;
        }
        let newest = finished.line;
        self.waiting.add(finished);
        if self.waiting.is_full() || self.open_before(newest).is_some() {
            self.end_paused(newest);
        }
        let first = self.open_before(u64::MAX).unwrap_or(u64::MAX);
        self.waiting.pass(first, done);
    }

    /// The first line of what is open before a line.
    fn open_before(&self, line: u64) -> Option<u64> {
        let lanes = self.lanes.iter().chain(std::iter::once(&self.plain));
        lanes
            .filter_map(Lane::first_line)
            .min()
            .filter(|first| *first < line)
    }

    /// Ends entries whose stream paused: no part that does not come keeps others back for ever.
    fn end_paused(&mut self, newest: u64) {
        let full = self.waiting.is_full();
        for lane in self.lanes.iter_mut().chain(std::iter::once(&mut self.plain)) {
            let paused = newest.saturating_sub(lane.last_line) > MAX_PAUSE_LINES;
            if paused || (full && lane.partial.is_some()) {
                lane.end()
                    .into_iter()
                    .flatten()
                    .for_each(|record| self.waiting.add(record));
            }
        }
    }
}

/// Whether a line holds nothing but space; nearly every line tells by its first byte.
fn is_blank(line: &str) -> bool {
    match line.as_bytes().first() {
        Some(b'!'..=b'~') => false,
        _ => line.trim().is_empty(),
    }
}

#[cfg(test)]
mod tests;
