//! Known points of the normal distribution, and chances that can be computed by hand.

use super::*;

#[test]
fn the_distribution_has_its_known_points() {
    for (x, p) in [
        (0.0, 0.5),
        (1.0, 0.841_344_746_068_543),
        (-2.0, 0.022_750_131_948_179),
    ] {
        assert!((cdf(x) - p).abs() < 1e-14, "{x}");
        assert!((probit(p) - x).abs() < 1e-9, "{x}");
    }
    assert!((density(0.0) - 0.398_942_280_401_432_7).abs() < 1e-15);
    assert!((probit(0.0) - probit(EDGE)).abs() < 1e-15);
}

#[test]
fn the_chance_to_be_best_of_two_is_that_of_their_difference() {
    let chances = chance_to_be_best(&[(0.5, 0.1), (0.4, 0.2)]);
    let expected = cdf(0.1 / libm::sqrt(0.01 + 0.04));
    assert!((chances[0] - expected).abs() < 1e-3, "{chances:?} {expected}");
    assert!((chances.iter().sum::<f64>() - 1.0).abs() < 1e-12);
}

#[test]
fn equal_scores_share_and_certain_ones_take_all() {
    assert!(
        chance_to_be_best(&[(0.2, 0.1); 4])
            .iter()
            .all(|it| (it - 0.25).abs() < 1e-12)
    );
    assert!(chance_to_be_best(&[(0.9, 0.0), (0.1, 0.0)])[0] > 0.999_999);
    assert_eq!(chance_to_be_best(&[(0.9, 0.1)]), [1.0]);
    assert!(chance_to_be_best(&[]).is_empty());
}
