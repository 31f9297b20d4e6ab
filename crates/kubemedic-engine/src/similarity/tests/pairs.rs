//! How well likeness tells lines that say the same from lines that only look alike: hand-written pairs.

use super::{super::cluster::SAME_BY_WORDS, *};

/// A pair of lines, and whether they say the same.
struct Pair {
    same: bool,
    left: &'static str,
    right: &'static str,
}

fn pairs() -> Vec<Pair> {
    let lines = include_str!("../../../fixtures/similarity/pairs.tsv").lines();
    let pair = |line: &'static str| {
        let mut parts = line.split('\t');
        Pair {
            same: parts.next() == Some("same"),
            left: parts.next().unwrap(),
            right: parts.next().unwrap(),
        }
    };
    lines.filter(|line| !line.starts_with('#')).map(pair).collect()
}

/// Precision and recall over every second pair of each kind, from the first or the second on.
fn figures(likeness: &[(bool, f64)], least: f64, from: usize) -> (f64, f64) {
    let of = |same: bool| {
        let kind: Vec<f64> = likeness.iter().filter(|it| it.0 == same).map(|it| it.1).collect();
        let half: Vec<f64> = kind.into_iter().skip(from).step_by(2).collect();
        let taken = half.iter().filter(|it| **it >= least).count();
        (
            f64::from(u32::try_from(taken).unwrap()),
            f64::from(u32::try_from(half.len()).unwrap()),
        )
    };
    let (right, all) = of(true);
    let (wrong, _) = of(false);
    (right / (right + wrong).max(1.0), right / all)
}

#[test]
fn words_alone_join_a_good_part_of_what_says_the_same_and_little_else() {
    let idf = Idf::default();
    let measure = Measure {
        idf: &idf,
        baseline: 0.0,
    };
    let likeness: Vec<(bool, f64)> = pairs()
        .iter()
        .map(|it| {
            (
                it.same,
                measure.likeness(&Meaning::of(it.left), &Meaning::of(it.right)),
            )
        })
        .collect();
    let (precision, recall) = figures(&likeness, SAME_BY_WORDS, 1);
    assert!(precision >= 0.6 && recall >= 0.4, "{precision} {recall}");
}
