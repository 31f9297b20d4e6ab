//! The lines of the last minutes, by service, bounded: what a diagnosis is made on.

use std::collections::{BTreeMap, VecDeque};

use jiff::{SignedDuration, Timestamp};

use super::feed::Batch;

/// How old a line may be: its incident is told by then, or over.
const KEPT: SignedDuration = SignedDuration::from_mins(10);
/// The most lines.
const MAX_LINES: usize = 20_000;
/// The most bytes.
const MAX_BYTES: usize = 8 * 1024 * 1024;

/// A line with the time at which it was seen.
#[derive(Debug)]
struct Line {
    seen: Timestamp,
    service: String,
    text: String,
}

/// The newest lines.
#[derive(Debug, Default)]
pub(super) struct Window {
    lines: VecDeque<Line>,
    bytes: usize,
}

impl Window {
    /// Adds lines and drops those that are too old or too many, the oldest first.
    pub(super) fn add(&mut self, batch: Batch, now: Timestamp) {
        for (service, lines) in batch {
            for text in lines {
                self.bytes += text.len();
                self.lines.push_back(Line {
                    seen: now,
                    service: service.clone(),
                    text,
                });
            }
        }
        while let Some(oldest) = self.lines.front() {
            let is_old = now.duration_since(oldest.seen) > KEPT;
            if !is_old && self.lines.len() <= MAX_LINES && self.bytes <= MAX_BYTES {
                break;
            }
            self.bytes -= oldest.text.len();
            self.lines.pop_front();
        }
    }

    /// Drops all lines.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// All lines by service, in the order in which they were seen.
    pub(super) fn logs(&self) -> BTreeMap<String, Vec<String>> {
        let mut services: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for line in &self.lines {
            services
                .entry(line.service.clone())
                .or_default()
                .push(line.text.clone());
        }
        services
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(lines: &[&str]) -> Batch {
        let lines = lines.iter().map(|it| (*it).to_owned()).collect();
        BTreeMap::from([("app".to_owned(), lines)])
    }

    #[test]
    fn old_lines_and_lines_beyond_the_bounds_are_dropped() {
        let start: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let mut window = Window::default();
        window.add(batch(&["one"]), start);
        window.add(batch(&["two"]), start + SignedDuration::from_mins(9));
        assert_eq!(window.logs(), batch(&["one", "two"]));
        let later = start + SignedDuration::from_mins(11);
        window.add(Batch::new(), later);
        assert_eq!(window.logs(), batch(&["two"]));
        let long = "x".repeat(MAX_BYTES);
        window.add(batch(&["three", &long]), later);
        assert_eq!(window.logs(), batch(&[&long]));
        window.add(batch(&vec!["y"; MAX_LINES + 5]), later);
        assert_eq!(window.logs().values().map(Vec::len).sum::<usize>(), MAX_LINES);
    }
}
