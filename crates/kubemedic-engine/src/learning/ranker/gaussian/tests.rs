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
    assert!((chances[0] - expected).abs() < 1e-5, "{chances:?} {expected}");
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

/// The chance of one of several to be the highest, by very many points.
fn by_many_points(scores: &[(f64, f64)], place: usize) -> f64 {
    let (mean, sd) = scores[place];
    let step = 12.0 * sd / 20_000.0;
    let others = |z: f64| -> f64 {
        let rest = scores.iter().enumerate().filter(|(other, _)| *other != place);
        rest.map(|(_, (mean, sd))| cdf((z - mean) / sd)).product()
    };
    (0..20_000)
        .map(|point| mean - 6.0 * sd + (f64::from(point) + 0.5) * step)
        .map(|z| density((z - mean) / sd) / sd * others(z) * step)
        .sum()
}

#[test]
fn few_points_tell_what_many_do() {
    for scores in [
        [(0.30, 0.02), (0.31, 0.03), (0.25, 0.05), (0.1, 0.01)],
        [(0.5, 0.2), (0.1, 0.02), (0.52, 0.02), (0.4, 0.15)],
        [(0.2, 0.03), (0.2, 0.1), (0.21, 0.05), (0.3, 0.2)],
    ] {
        let chances = chance_to_be_best(&scores);
        for (place, chance) in chances.iter().enumerate() {
            let expected = by_many_points(&scores, place);
            assert!(
                (chance - expected).abs() < 1e-5,
                "{scores:?} {place}: {chance} {expected}"
            );
        }
    }
}
