//! Sudden change (LEARNING.md 1.7): a two-sided CUSUM over what was observed less what was predicted, one for each team
//! (approvals) and each cluster (outcomes).

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::learning::pairs;

/// Whose behaviour changed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "scope", content = "name", rename_all = "snake_case")]
pub enum Scope {
    /// A team decides otherwise than before.
    Team(String),
    /// Repairs work otherwise in a cluster than before.
    Cluster(String),
}

/// An alarm.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DriftAlarm {
    /// Whose behaviour changed.
    #[serde(flatten)]
    pub scope: Scope,
    /// The time of the label that raised it.
    pub at: Timestamp,
    /// The sum of surprises: positive where things are better than expected.
    pub surprise: f64,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
struct Sums {
    up: f64,
    down: f64,
}

/// The watch over all scopes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Watch {
    #[serde(with = "pairs")]
    sums: BTreeMap<Scope, Sums>,
}

impl Watch {
    /// Takes a surprise in. Returns the sum where it raises an alarm; the watch then begins anew.
    pub(crate) fn observe(
        &mut self,
        scope: &Scope,
        surprise: f64,
        (allowance, threshold): (f64, f64),
    ) -> Option<f64> {
        let sums = self.sums.entry(scope.clone()).or_default();
        sums.up = (sums.up + surprise - allowance).max(0.0);
        sums.down = (sums.down - surprise - allowance).max(0.0);
        let alarm = if sums.up > threshold {
            Some(sums.up)
        } else if sums.down > threshold {
            Some(-sums.down)
        } else {
            None
        };
        if alarm.is_some() {
            *sums = Sums::default();
        }
        alarm
    }

    /// Adds what distinguishes this state to a digest.
    pub(crate) fn digest(&self, hasher: &mut blake3::Hasher) {
        for (scope, sums) in &self.sums {
            let (kind, name): (&[u8], &str) = match scope {
                Scope::Team(name) => (b"team", name),
                Scope::Cluster(name) => (b"cluster", name),
            };
            hasher.update(kind);
            hasher.update(name.as_bytes());
            hasher.update(&sums.up.to_bits().to_le_bytes());
            hasher.update(&sums.down.to_bits().to_le_bytes());
        }
    }
}
