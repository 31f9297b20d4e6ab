//! The normal distribution in portable arithmetic (`libm`, the same bits on every machine), and the chance that one of
//! several uncertain scores is the highest.

use std::f64::consts::{FRAC_1_SQRT_2, PI};

/// The most points of the midpoint rule (LEARNING.md 1.5), and the fewest.
const MOST_POINTS: u32 = 96;
const LEAST_POINTS: u32 = 16;
/// The rule's step in standard deviations of the sharpest score. The error of the midpoint rule on a normal density falls with
/// `exp(-2 pi^2 / step^2)` (Poisson summation; Trefethen and Weideman, *The Exponentially Convergent Trapezoidal Rule*, 2014):
/// far below what the cut ends of the range leave, so that more points would tell nothing.
const STEP: f64 = 0.5;
/// How many standard deviations around a mean hold its mass.
const REACH: f64 = 5.0;
/// Beyond so many standard deviations nothing is left of the mass (1e-9).
const FAR: f64 = 6.0;
/// Masses are kept above 0, so that one can be taken out of their product.
const LEAST: f64 = 1e-300;
/// The smallest standard deviation of a score: below it the rule's points would miss the peak.
const MIN_SD: f64 = 1e-3;
/// Probabilities are kept so far from 0 and 1 before they become a point of the normal distribution.
const EDGE: f64 = 1e-4;

/// The cumulative distribution function.
pub(crate) fn cdf(x: f64) -> f64 {
    0.5 * libm::erfc(-x * FRAC_1_SQRT_2)
}

/// The density.
pub(crate) fn density(x: f64) -> f64 {
    libm::exp(-0.5 * x * x) / libm::sqrt(2.0 * PI)
}

/// The point below which a probability's share of the distribution lies.
pub(crate) fn probit(probability: f64) -> f64 {
    let p = probability.clamp(EDGE, 1.0 - EDGE);
    let mut x = first_guess(p);
    // Halley's method: two steps are exact to the last bits in this range.
    for _ in 0..2 {
        let error = (cdf(x) - p) / density(x).max(f64::MIN_POSITIVE);
        x -= error / (1.0 + 0.5 * x * error);
    }
    x
}

/// Abramowitz and Stegun 26.2.23, within 4.5e-4.
fn first_guess(p: f64) -> f64 {
    let tail = p.min(1.0 - p);
    let t = libm::sqrt(-2.0 * libm::log(tail));
    let above = 2.515_517 + t * (0.802_853 + t * 0.010_328);
    let below = 1.0 + t * (1.432_788 + t * (0.189_269 + t * 0.001_308));
    let x = t - above / below;
    if p < 0.5 { -x } else { x }
}

/// For each of several independent normal scores `(mean, standard deviation)` the chance that it is the highest.
pub(crate) fn chance_to_be_best(scores: &[(f64, f64)]) -> Vec<f64> {
    let scores: Vec<(f64, f64)> = scores.iter().map(|(mean, sd)| (*mean, sd.max(MIN_SD))).collect();
    let ends = |side: f64| scores.iter().map(move |(mean, sd)| mean + side * REACH * sd);
    // Below the highest lower end some score is surely higher: who does not reach it has no chance.
    let low = ends(-1.0).fold(f64::NEG_INFINITY, f64::max);
    let high = ends(1.0).fold(f64::NEG_INFINITY, f64::max);
    let mut chances = vec![0.0; scores.len()];
    let mut rivals: Vec<Rival<'_>> = chances
        .iter_mut()
        .zip(&scores)
        .filter(|(_, (mean, sd))| mean + REACH * sd > low)
        .map(|(chance, (mean, sd))| Rival {
            mean: *mean,
            sd: *sd,
            chance,
            below: 1.0,
            peak: 0.0,
        })
        .collect();
    let sharpest = rivals.iter().map(|it| it.sd).fold(f64::INFINITY, f64::min);
    let points = points((high - low) / (STEP * sharpest));
    let step = (high - low) / f64::from(points);
    for point in 0..points {
        let z = low + (f64::from(point) + 0.5) * step;
        let mut all = 1.0;
        for rival in &mut rivals {
            all *= rival.look(z);
        }
        for rival in &mut rivals {
            *rival.chance += rival.peak * all / rival.below;
        }
    }
    normalised(chances, &scores)
}

/// So many points, within what is lawful.
fn points(wanted: f64) -> u32 {
    let between = wanted.clamp(f64::from(LEAST_POINTS), f64::from(MOST_POINTS));
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is between two small numbers"
    )]
    let points = libm::ceil(between) as u32;
    points
}

/// A score that may be the highest, at one point of the rule.
struct Rival<'a> {
    mean: f64,
    sd: f64,
    chance: &'a mut f64,
    /// Its mass below the point.
    below: f64,
    /// Its density there.
    peak: f64,
}

impl Rival<'_> {
    /// Looks at a point. Returns the mass below it.
    fn look(&mut self, z: f64) -> f64 {
        let u = (z - self.mean) / self.sd;
        self.below = if u > FAR { 1.0 } else { cdf(u).max(LEAST) };
        self.peak = if u.abs() < FAR { density(u) / self.sd } else { 0.0 };
        self.below
    }
}

/// Chances that sum to 1; all of it to the first highest mean where the rule saw nothing.
fn normalised(chances: Vec<f64>, scores: &[(f64, f64)]) -> Vec<f64> {
    let sum: f64 = chances.iter().sum();
    if sum > 0.0 && sum.is_finite() {
        return chances.into_iter().map(|chance| chance / sum).collect();
    }
    let best = scores.iter().map(|it| it.0).fold(f64::NEG_INFINITY, f64::max);
    let first = scores.iter().position(|it| it.0 >= best);
    (0..scores.len())
        .map(|place| f64::from(u8::from(Some(place) == first)))
        .collect()
}

#[cfg(test)]
mod tests;
