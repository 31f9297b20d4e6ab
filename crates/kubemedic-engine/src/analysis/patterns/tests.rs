//! Tests of the expressions.

use super::{ALL, NODES_AVAILABLE, QUOTA, group};

#[test]
fn every_pattern_compiles() {
    for (name, pattern) in ALL {
        assert!(pattern.is_valid(), "{name}");
    }
}

#[test]
fn groups_are_taken_by_number() {
    let message = "exceeded quota: team, requested: pods=1, used: pods=20, limited: pods=20";
    assert_eq!(group(&QUOTA, message, 1), Some("team"));
    assert_eq!(group(&QUOTA, message, 4), Some("pods=20"));
    assert_eq!(group(&NODES_AVAILABLE, "no nodes", 1), None);
}
