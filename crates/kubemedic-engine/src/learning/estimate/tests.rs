//! Estimates against values that can be computed by hand.

use kubemedic_model::plan::Strategy;

use super::*;

fn row(number: u32, propensity: f64, target: Strategy) -> (Row, f64) {
    // Restart is proposed with the propensity; it helps in half of the cases, rollback always.
    let chosen = if f64::from(number % 10) < propensity * 10.0 {
        Strategy::Restart
    } else {
        Strategy::Rollback
    };
    let restarts = chosen == Strategy::Restart;
    let of = |strategy| {
        if strategy == Strategy::Restart {
            propensity
        } else {
            1.0 - propensity
        }
    };
    let row = Row {
        agrees: target == chosen,
        propensity: of(chosen),
        expected_of_target: 0.4,
        expected_of_chosen: 0.4,
        reward: if restarts {
            f64::from(u8::from((number / 10).is_multiple_of(2)))
        } else {
            1.0
        },
    };
    (row, of(target))
}

#[test]
fn a_wrong_model_is_put_right_by_the_propensities() {
    for (target, truth) in [(Strategy::Restart, 0.5), (Strategy::Rollback, 1.0)] {
        let rows: Vec<(Row, f64)> = (0..400).map(|it| row(it, 0.7, target)).collect();
        let estimate = supported(&rows).unwrap();
        assert!((estimate.value - truth).abs() < 1e-9, "{estimate:?}");
        assert!((estimate.by_weights - truth).abs() < 1e-9 && (estimate.by_expectation - 0.4).abs() < 1e-9);
        assert!(estimate.effective_sample_size > 100.0);
    }
}

#[test]
fn without_exploration_there_is_no_estimate_of_another_policy() {
    let rows: Vec<(Row, f64)> = (0..400).map(|it| row(it, 1.0, Strategy::Rollback)).collect();
    assert!(supported(&rows).unwrap_err().starts_with("not enough overlap"));
    assert!(supported(&[]).is_err());
}

#[test]
fn calibration_measures_distance_and_bias() {
    let pairs = [(0.9, 1.0), (0.9, 1.0), (0.1, 0.0), (0.1, 1.0)];
    let got = calibration(&pairs);
    assert_eq!(got.n, 4);
    assert!((got.brier - (0.01 * 3.0 + 0.81) / 4.0).abs() < 1e-12);
    assert!((got.expected_calibration_error - (0.2 + 0.8) / 4.0).abs() < 1e-12);
    assert_eq!(calibration(&[]), Calibration::default());
}
