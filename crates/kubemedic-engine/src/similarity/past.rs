//! What was seen before: the lines of earlier workflows, by the place (a cluster) that they come from.

use std::collections::BTreeMap;

use super::{
    index::Index,
    meaning::{Meaning, Measure},
    sparse::{Sparse, digest_of},
};

/// The known lines that a line is compared with.
const MAX_COMPARED: usize = 16;

/// Lines that were seen. What it holds does not depend on the order in which they were remembered.
#[derive(Debug, Clone, Default)]
pub struct Past {
    lines: BTreeMap<u64, Line>,
    index: Index<u64>,
}

#[derive(Debug, Clone)]
struct Line {
    place: String,
    text: String,
    /// How often it was remembered and not forgotten.
    held: u32,
}

impl Past {
    /// Remembers a line.
    pub fn remember(&mut self, place: &str, text: &str) {
        let key = digest_of(&[place, text]);
        if let Some(line) = self.lines.get_mut(&key) {
            line.held = line.held.saturating_add(1);
            return;
        }
        let line = Line {
            place: place.to_owned(),
            text: text.to_owned(),
            held: 1,
        };
        self.lines.insert(key, line);
        self.index.insert(key, Sparse::of(text));
    }

    /// Takes back one [`Self::remember`].
    pub fn forget(&mut self, place: &str, text: &str) {
        let key = digest_of(&[place, text]);
        let Some(line) = self.lines.get_mut(&key) else {
            return;
        };
        line.held = line.held.saturating_sub(1);
        if line.held == 0 {
            self.lines.remove(&key);
            self.index.remove(&key);
        }
    }

    /// How many distinct lines are remembered.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether nothing was seen.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// The remembered lines of a place that share the most telling words with a line, best first, at most 16; only the line itself
    /// where it was seen in these words.
    pub fn candidates(&self, place: &str, text: &str) -> Vec<&str> {
        if let Some(line) = self.lines.get(&digest_of(&[place, text])) {
            return vec![&line.text];
        }
        let at_place = |key: &u64| self.lines.get(key).is_some_and(|it| it.place == place);
        let found = self.index.top(&Sparse::of(text), MAX_COMPARED, at_place);
        found
            .iter()
            .filter_map(|(key, _)| Some(self.lines.get(key)?.text.as_str()))
            .collect()
    }

    /// How new a line is: 0 for what was seen in these words, 1 for what resembles nothing that was seen. `known` are the meanings of
    /// its candidates, `baseline` is their embedder's.
    pub fn novelty(&self, line: &Meaning, known: &[Meaning], baseline: f64) -> f64 {
        let idf = self.index.idf();
        let measure = Measure { idf, baseline };
        let likeness = known.iter().map(|it| measure.likeness(line, it));
        1.0 - likeness.fold(0.0, f64::max)
    }
}
