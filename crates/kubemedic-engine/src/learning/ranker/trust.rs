//! How far raters are believed (LEARNING.md 1.12): by how they agreed with what was learnt from everybody, and at most so
//! much a day on one class and repair.

use std::collections::BTreeMap;

use kubemedic_model::plan::Strategy;
use serde::{Deserialize, Serialize};

use crate::learning::pairs;

/// Agreement and disagreement that a new rater begins with.
const BEGIN: (f64, f64) = (6.0, 2.0);
/// What is left of both after each judgement.
const DECAY: f64 = 0.995;
/// The share of agreement at which a rater counts nothing, and the distance from it to a rater who counts whole.
const NOTHING: f64 = 0.5;
const WHOLE: f64 = 0.25;
/// The length of the cap's window, in seconds.
const DAY_SECONDS: f64 = 86_400.0;
/// Raters that nobody knows by name.
const NAMELESS: [&str; 2] = ["anonymous", ""];

/// A rater's standing.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Standing {
    /// Weighted judgements that agreed with the model.
    pub agreed: f64,
    /// Weighted judgements that did not.
    pub disagreed: f64,
}

impl Default for Standing {
    fn default() -> Self {
        Self {
            agreed: BEGIN.0,
            disagreed: BEGIN.1,
        }
    }
}

impl Standing {
    /// How far the rater is believed, 0 to 1.
    pub fn weight(self) -> f64 {
        let share = self.agreed / (self.agreed + self.disagreed);
        ((share - NOTHING) / WHOLE).clamp(0.0, 1.0)
    }
}

/// What one rater put on one class and repair since the window began.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
struct Day {
    since: f64,
    weight: f64,
    beyond: u32,
}

/// All raters.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Raters {
    standings: BTreeMap<String, Standing>,
    #[serde(with = "pairs")]
    days: BTreeMap<(String, String, Strategy), Day>,
}

impl Raters {
    pub(crate) fn standing(&self, rater: &str) -> Standing {
        self.standings.get(rater).copied().unwrap_or_default()
    }

    pub(crate) fn standings(&self) -> impl Iterator<Item = (&str, Standing)> {
        self.standings.iter().map(|(rater, it)| (rater.as_str(), *it))
    }

    /// Notes a judgement next to what the model expected. The surer the model, the more it says of the rater.
    pub(crate) fn judged(&mut self, rater: &str, approved: bool, (expected, sureness): (f64, f64)) {
        let standing = self.standings.entry(rater.to_owned()).or_default();
        let sure = (2.0 * expected - 1.0).abs() * sureness;
        if approved == (expected >= 0.5) {
            standing.agreed += sure;
        } else {
            standing.disagreed += sure;
        }
        standing.agreed *= DECAY;
        standing.disagreed *= DECAY;
    }

    /// The weight that a rater's label has under the cap. Beyond it a named rater's labels count less and less, a nameless
    /// one's nothing.
    pub(crate) fn capped(
        &mut self,
        (rater, class, arm): (&str, &str, Strategy),
        weight: f64,
        seconds: f64,
        cap: f64,
    ) -> f64 {
        let day = self
            .days
            .entry((rater.to_owned(), class.to_owned(), arm))
            .or_insert(Day {
                since: seconds,
                ..Day::default()
            });
        if seconds - day.since >= DAY_SECONDS {
            *day = Day {
                since: seconds,
                ..Day::default()
            };
        }
        let room = (cap - day.weight).max(0.0);
        if weight <= room {
            day.weight += weight;
            return weight;
        }
        if NAMELESS.contains(&rater) {
            day.weight += room;
            return room;
        }
        day.beyond = day.beyond.saturating_add(1);
        weight / libm::sqrt(1.0 + f64::from(day.beyond))
    }

    /// Adds what distinguishes this state to a digest.
    pub(crate) fn digest(&self, hasher: &mut blake3::Hasher) {
        for (rater, it) in &self.standings {
            hasher.update(rater.as_bytes());
            hasher.update(&it.agreed.to_bits().to_le_bytes());
            hasher.update(&it.disagreed.to_bits().to_le_bytes());
        }
        for ((rater, class, arm), day) in &self.days {
            for text in [rater.as_str(), class.as_str(), arm.as_str()] {
                hasher.update(text.as_bytes());
            }
            hasher.update(&day.since.to_bits().to_le_bytes());
            hasher.update(&day.weight.to_bits().to_le_bytes());
            hasher.update(&day.beyond.to_le_bytes());
        }
    }

    /// Forgets windows that ended before a time, so that they do not pile up.
    pub(crate) fn tidy(&mut self, seconds: f64) {
        self.days.retain(|_, day| seconds - day.since < DAY_SECONDS);
    }

    pub(crate) fn open_windows(&self) -> usize {
        self.days.len()
    }
}
