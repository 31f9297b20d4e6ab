//! Calibration: from what speaks for and against a cause to the probability that it is right.
//! The numbers are fitted by `bench/calibration.py`; nothing here looks at a claim.

mod coefficients;

use kubemedic_model::diagnosis::explanation::{Ground, Weighing};

use coefficients::FITTED;

/// The weights of a logistic map (Platt 1999) with an intercept for each ground; symptoms count as reported. All but the intercepts are at least 0: the
/// map is monotone in what speaks for a cause.
struct Coefficients {
    verified: f64,
    /// Where words tell it and the state that is there does not.
    reported: f64,
    /// Where words are all that there is.
    unchecked: f64,
    /// Of the log odds of the raw score.
    slope: f64,
    /// Where a finer cause is named and the state is there to tell it.
    refined: f64,
    /// Of the distance to the next claim, at most 1.
    margin: f64,
    /// Against the cause, for each strong claim that it does not explain, at most three.
    unexplained: f64,
}

/// Between these bounds a raw score has finite odds.
const RAW: (f64, f64) = (0.02, 0.98);
/// Nothing is certain.
const SURE: (f64, f64) = (0.02, 0.99);

/// The probability that a cause is right.
pub(crate) fn probability(weighing: &Weighing) -> f64 {
    let intercept = match (weighing.ground, weighing.state_seen) {
        (Ground::Verified, _) => FITTED.verified,
        (_, true) => FITTED.reported,
        (_, false) => FITTED.unchecked,
    };
    let raw = weighing.raw.clamp(RAW.0, RAW.1);
    let refined = if weighing.refined && weighing.state_seen {
        FITTED.refined
    } else {
        0.0
    };
    let log_odds = intercept
        + FITTED.slope * (raw / (1.0 - raw)).ln()
        + refined
        + FITTED.margin * weighing.margin.clamp(0.0, 1.0)
        - FITTED.unexplained * f64::from(weighing.unexplained.min(3));
    (1.0 / (1.0 + (-log_odds).exp())).clamp(SURE.0, SURE.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weighing(raw: f64) -> Weighing {
        Weighing {
            ground: Ground::Verified,
            raw,
            state_seen: true,
            margin: 0.3,
            unexplained: 1,
            ..Weighing::default()
        }
    }

    #[test]
    fn what_speaks_for_a_cause_never_lowers_its_probability() {
        let base = weighing(0.7);
        let better = [
            Weighing { raw: 0.9, ..base },
            Weighing { margin: 0.6, ..base },
            Weighing {
                refined: true,
                ..base
            },
            Weighing {
                unexplained: 0,
                ..base
            },
        ];
        for better in better {
            assert!(probability(&better) >= probability(&base), "{better:?}");
        }
    }

    #[test]
    fn a_probability_is_neither_nought_nor_one_whatever_the_score() {
        for raw in [f64::NEG_INFINITY, -1.0, 0.0, 0.5, 1.0, f64::INFINITY] {
            let probability = probability(&weighing(raw));
            assert!((SURE.0..=SURE.1).contains(&probability), "{raw}: {probability}");
        }
    }

    #[test]
    fn the_fitted_weights_keep_the_map_monotone() {
        let weights = [FITTED.slope, FITTED.refined, FITTED.margin, FITTED.unexplained];
        assert!(weights.iter().all(|weight| *weight >= 0.0), "{weights:?}");
    }
}
