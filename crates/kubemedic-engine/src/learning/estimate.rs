//! What the journal tells of policies without trying them: a doubly robust estimate of a policy's value from logged
//! propensities, and how well predictions agree with what was observed (LEARNING.md 1.11 and 4).

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

/// One decision for an estimate: what was proposed, whether the evaluated policy would have proposed it too, and what came of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Row {
    /// Whether the evaluated policy would have proposed what was proposed.
    pub agrees: bool,
    /// How likely what was proposed was to be proposed.
    pub propensity: f64,
    /// What was expected of the evaluated policy's proposal before anything of this decision was learnt.
    pub expected_of_target: f64,
    /// What was expected then of what was proposed.
    pub expected_of_chosen: f64,
    /// 1 where it was approved and helped, else 0.
    pub reward: f64,
}

impl Row {
    /// The importance weight: how many decisions of the evaluated policy this one stands for.
    fn weight(&self) -> f64 {
        if self.agrees && self.propensity > 0.0 {
            (1.0 / self.propensity).min(MAX_WEIGHT)
        } else {
            0.0
        }
    }

    /// What this decision tells of the value: the expectation, put right by what was observed.
    fn value(&self) -> f64 {
        self.expected_of_target + self.weight() * (self.reward - self.expected_of_chosen)
    }
}

/// The value of a policy: the chance that its proposal is approved and helps.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Estimate {
    /// The doubly robust estimate.
    pub value: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// The lower end of the 95 % interval.
    pub low: f64,
    /// The upper end.
    pub high: f64,
    /// The estimate by importance weights alone.
    pub by_weights: f64,
    /// The estimate by expectations alone.
    pub by_expectation: f64,
    /// How many decisions the weights are worth: (sum w)^2 / sum w^2 (Kish 1965).
    pub effective_sample_size: f64,
    /// Decisions in it.
    pub decisions: usize,
}

/// The doubly robust estimate of a policy's value (Dudik, Langford and Li, ICML 2011), however little the log tells of it.
pub fn doubly_robust(rows: &[Row]) -> Estimate {
    let count = float(rows.len().max(1));
    let mean = |of: &dyn Fn(&Row) -> f64| rows.iter().map(of).sum::<f64>() / count;
    let value = mean(&Row::value);
    let variance = mean(&|row| (row.value() - value) * (row.value() - value));
    let standard_error = libm::sqrt(variance / count);
    let (weights, squares) = (mean(&Row::weight), mean(&|row| row.weight() * row.weight()));
    Estimate {
        value,
        standard_error,
        low: value - TWO_SIDED_95 * standard_error,
        high: value + TWO_SIDED_95 * standard_error,
        by_weights: mean(&|row| row.weight() * row.reward),
        by_expectation: mean(&|row| row.expected_of_target),
        effective_sample_size: weights * weights * count / squares.max(f64::MIN_POSITIVE),
        decisions: rows.len(),
    }
}

/// The same where the log tells enough: without exploration a policy that differs was never tried. Each decision comes with
/// how likely the evaluated policy's proposal was to be proposed: 0 says that the log tells nothing of it.
///
/// # Errors
/// A sentence that says what is missing.
pub fn supported(rows: &[(Row, f64)]) -> Result<Estimate, String> {
    let covered = rows.iter().filter(|(_, likely)| *likely > 0.0).count();
    let decisions: Vec<Row> = rows.iter().map(|it| it.0).collect();
    let estimate = doubly_robust(&decisions);
    let effective = estimate.effective_sample_size;
    if effective < LEAST_EFFECTIVE || float(covered) < LEAST_COVERED * float(rows.len()) {
        return Err(format!(
            "not enough overlap: {} finished decisions, {effective:.1} effective, {covered} in which it could have been proposed",
            rows.len()
        ));
    }
    Ok(estimate)
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
