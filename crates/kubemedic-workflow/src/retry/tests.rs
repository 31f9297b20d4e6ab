//! The waiting times are bounded and repeatable.

use super::*;

#[test]
fn waits_double_up_to_five_minutes_and_a_quarter() {
    let seconds: Vec<u64> = (1..=12)
        .map(|attempts| backoff(attempts, "k").as_secs())
        .collect();
    let lower = [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300];
    for (got, least) in seconds.iter().zip(lower) {
        assert!(*got >= least && *got <= least + least / 4, "{got} for {least}");
    }
}

#[test]
fn the_same_delivery_waits_the_same_time_and_another_a_different_one() {
    assert_eq!(backoff(9, "a"), backoff(9, "a"));
    let distinct: std::collections::BTreeSet<_> = (0..20).map(|n| backoff(9, &n.to_string())).collect();
    assert!(distinct.len() > 5);
}
