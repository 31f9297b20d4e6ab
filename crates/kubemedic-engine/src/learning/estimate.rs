//! What the journal tells of policies without trying them: a doubly robust estimate of a policy's value from logged
//! propensities, and how well predictions agree with what was observed (LEARNING.md 1.11 and 4).

use kubemedic_model::plan::Strategy;
use serde::Serialize;

/// The largest importance weight: one decision may not speak for more.
const MAX_WEIGHT: f64 = 20.0;
/// Fewer effective decisions than this tell nothing.
const LEAST_EFFECTIVE: f64 = 20.0;
/// At least this share of the decisions must have given the policy's choice a chance.
const LEAST_COVERED: f64 = 0.8;
/// The normal distribution's two-sided 95 % point.
const TWO_SIDED_95: f64 = 1.96;
/// Bins of the calibration error.
const BINS: u32 = 10;

/// One decision for an estimate: what a policy would have proposed, what was proposed, and what came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// What the evaluated policy would have proposed.
    pub target: Strategy,
    /// What was proposed.
    pub chosen: Strategy,
    /// How likely `chosen` was to be proposed.
    pub propensity: f64,
    /// How likely `target` was to be proposed: 0 tells that the log says nothing of it.
    pub target_propensity: f64,
    /// What was expected of `target` before anything of this decision was learnt.
    pub expected_of_target: f64,
    /// What was expected of `chosen` then.
    pub expected_of_chosen: f64,
    /// 1 where it was approved and helped, else 0.
    pub reward: f64,
}

/// The value of a policy: the chance that its proposal is approved and helps.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Estimate {
    /// The estimate.
    pub value: f64,
    /// The lower end of the 95 % interval.
    pub low: f64,
    /// The upper end.
    pub high: f64,
    /// How many decisions the weights are worth.
    pub effective_sample_size: f64,
    /// Decisions in it.
    pub decisions: usize,
}

/// A doubly robust estimate, or that the log does not tell: without exploration a policy that differs was never tried.
///
/// # Errors
/// A sentence that says what is missing.
pub fn doubly_robust(rows: &[Row]) -> Result<Estimate, String> {
    let count = float(rows.len());
    let weight = |row: &Row| {
        if row.target == row.chosen && row.propensity > 0.0 {
            (1.0 / row.propensity).min(MAX_WEIGHT)
        } else {
            0.0
        }
    };
    let weights = || rows.iter().map(weight);
    let squares: f64 = weights().map(|it| it * it).sum();
    let sum: f64 = weights().sum();
    let effective = if squares > 0.0 { sum * sum / squares } else { 0.0 };
    let covered = float(rows.iter().filter(|it| it.target_propensity > 0.0).count());
    if effective < LEAST_EFFECTIVE || covered < LEAST_COVERED * count {
        return Err(format!(
            "not enough overlap: {} finished decisions, {effective:.1} effective, {covered} in which it could have been proposed",
            rows.len()
        ));
    }
    let values: Vec<f64> = rows
        .iter()
        .map(|row| row.expected_of_target + weight(row) * (row.reward - row.expected_of_chosen))
        .collect();
    let mean = values.iter().sum::<f64>() / count;
    let variance = values.iter().map(|it| (it - mean) * (it - mean)).sum::<f64>() / (count - 1.0).max(1.0);
    let reach = TWO_SIDED_95 * libm::sqrt(variance / count);
    Ok(Estimate {
        value: mean,
        low: mean - reach,
        high: mean + reach,
        effective_sample_size: effective,
        decisions: rows.len(),
    })
}

/// How well probabilities agree with what was observed.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Calibration {
    /// Predictions with an observation.
    pub n: usize,
    /// Mean squared distance (Brier).
    pub brier: f64,
    /// Mean distance between expected and observed share over ten bins (ECE).
    pub expected_calibration_error: f64,
    /// The mean prediction.
    pub mean_predicted: f64,
    /// The mean observation.
    pub mean_observed: f64,
}

/// The calibration of pairs `(predicted, observed)`, each predicted before it was learnt from.
pub fn calibration(pairs: &[(f64, f64)]) -> Calibration {
    if pairs.is_empty() {
        return Calibration::default();
    }
    let count = float(pairs.len());
    let mean = |pick: fn(&(f64, f64)) -> f64| pairs.iter().map(pick).sum::<f64>() / count;
    let off: f64 = (0..BINS)
        .map(|bin| {
            let inside = |p: f64| {
                let at = p * f64::from(BINS);
                at >= f64::from(bin) && (at < f64::from(bin + 1) || bin + 1 == BINS)
            };
            let gap: f64 = pairs.iter().filter(|it| inside(it.0)).map(|it| it.0 - it.1).sum();
            gap.abs()
        })
        .sum();
    Calibration {
        n: pairs.len(),
        brier: mean(|it| (it.0 - it.1) * (it.0 - it.1)),
        expected_calibration_error: off / count,
        mean_predicted: mean(|it| it.0),
        mean_observed: mean(|it| it.1),
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
fn float(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests;
