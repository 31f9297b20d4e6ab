//! What likeness promises, on texts of every kind.

use super::*;

#[test]
fn a_line_is_as_like_itself_as_can_be() {
    let idf = Idf::default();
    let one = Sparse::of("connection refused");
    assert!((one.cosine(&one, &idf) - 1.0).abs() < 1e-12);
}
