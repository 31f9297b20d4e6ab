//! Proves the splitting of columns and the reading of ages.

use super::*;

#[test]
fn cells_are_apart_by_two_spaces_or_a_tab() {
    let found: Vec<&str> = cells("web-1   0/1  Init:0/1\t4 (17s ago)   2m")
        .iter()
        .map(|cell| cell.text)
        .collect();
    assert_eq!(found, ["web-1", "0/1", "Init:0/1", "4 (17s ago)", "2m"]);
}

#[test]
fn an_age_with_repetitions_tells_both() {
    assert_eq!(
        repeated("3m30s (x256 over 58m)"),
        Repeated {
            age_seconds: Some(210),
            count: 256
        }
    );
    assert_eq!(
        repeated("<unknown>"),
        Repeated {
            age_seconds: None,
            count: 1
        }
    );
}

#[test]
fn a_word_is_not_an_age() {
    assert_eq!(age_seconds("5x"), None);
    assert_eq!(age_seconds("12"), None);
    assert_eq!(age_seconds("4d21h"), Some(421_200));
    assert_eq!(age_seconds("99999999999999999999d"), None);
}
