//! The fitted numbers of the calibration, written by `bench/calibration.py`; nothing else belongs here.

use super::Coefficients;

/// The plain prior: the raw score itself.
pub(super) const FITTED: Coefficients = Coefficients {
    verified: 0.0,
    reported: 0.0,
    symptom: 0.0,
    slope: 1.0,
    refined: 0.0,
    margin: 0.0,
    unexplained: 0.0,
};
