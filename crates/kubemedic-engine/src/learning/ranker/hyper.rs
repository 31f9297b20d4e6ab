//! The constants of the ranker, each with the section of LEARNING.md that it comes from.

use serde::{Deserialize, Serialize};

/// The constants of a ranker. Two rankers that fold the same labels with the same constants have the same state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Hyper {
    /// Factor of all prior variances of crossed features (1.3).
    pub variance_scale: f64,
    /// Prior mean of the knowledge base's weight, before the calibration by `sqrt(1 + V0)` (1.4).
    pub kb_trust: f64,
    /// Prior variance of the knowledge base's weight (1.4).
    pub kb_variance: f64,
    /// Factor of the standard deviations when proposals are explored off production (1.5).
    pub exploration: f64,
    /// Share of proposals that is spread evenly over the safe set off production (1.5).
    pub floor: f64,
    /// Days after which what people said counts half (1.7).
    pub half_life_approve_days: f64,
    /// Days after which what came of repairs counts half (1.7).
    pub half_life_resolve_days: f64,
    /// Whether raters are weighed by how they agree with others (1.12).
    pub trust: bool,
    /// The weight that one rater can put on one class and repair in 24 hours (1.12).
    pub daily_cap: f64,
    /// Whether sudden change is looked for (1.7).
    pub detect_drift: bool,
    /// How far a surprise may be from 0 before it counts as drift (CUSUM's allowance).
    pub drift_allowance: f64,
    /// The sum of surprises that raises an alarm (CUSUM's threshold).
    pub drift_threshold: f64,
    /// By how many half-lives an alarm ages what was learnt: 2 makes the evidence count a quarter, variances times 4 (1.7).
    pub drift_half_lives: f64,
    /// Whether clusters share what is learnt of repairs and classes (5, `learning.share`).
    pub share_across_clusters: bool,
    /// How many of the newest labels are taken back by subtraction (1.10); an older one has everything learnt anew.
    pub retractable: usize,
}

impl Default for Hyper {
    fn default() -> Self {
        Self {
            variance_scale: 0.5,
            kb_trust: 0.9,
            kb_variance: 0.1,
            exploration: 0.3,
            floor: 0.02,
            half_life_approve_days: 60.0,
            half_life_resolve_days: 120.0,
            trust: true,
            daily_cap: 5.0,
            detect_drift: true,
            drift_allowance: 0.25,
            drift_threshold: 3.0,
            drift_half_lives: 2.0,
            share_across_clusters: true,
            retractable: 10_000,
        }
    }
}

impl Hyper {
    /// A digest of the constants, so that a decision tells which policy made it.
    pub fn hash(&self) -> String {
        let text = serde_json::to_string(self).unwrap_or_default();
        let digest = blake3::hash(text.as_bytes()).to_hex();
        digest.chars().take(16).collect()
    }
}
