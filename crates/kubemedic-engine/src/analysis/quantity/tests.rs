//! Tests of quantities.

use super::{exceeds, parse};

#[test]
fn quantities_are_read_in_every_notation() {
    let cases = [
        ("500m", Some(0.5)),
        ("2", Some(2.0)),
        ("1.5Gi", Some(1_610_612_736.0)),
        ("128974848", Some(128_974_848.0)),
        ("129e6", Some(129_000_000.0)),
        ("1k", Some(1000.0)),
        ("", None),
        ("lots", None),
        ("1e99", None),
    ];
    for (text, value) in cases {
        assert_eq!(parse(text), value, "{text}");
    }
}

#[test]
fn quantities_of_different_units_are_compared_by_value() {
    assert_eq!(exceeds("4500m", "4"), Some(true));
    assert_eq!(exceeds("64Gi", "65536Mi"), Some(false));
    assert_eq!(exceeds("64Gi", "plenty"), None);
}
