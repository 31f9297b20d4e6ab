//! Words of the page.

use super::words::span;

#[test]
fn a_span_is_told_in_its_two_largest_units() {
    let spans = [59, 60, 3_599, 3_600, 86_399, 86_400, 90_000].map(span);
    assert_eq!(
        spans,
        [
            "less than a minute",
            "1 min",
            "59 min",
            "1 h 0 min",
            "23 h 59 min",
            "1 d 0 h",
            "1 d 1 h"
        ]
    );
}
