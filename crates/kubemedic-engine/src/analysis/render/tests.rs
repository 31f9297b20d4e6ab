//! Tests of limits.

use super::{Paragraph, cut};

#[test]
fn texts_are_cut_at_characters_not_bytes() {
    assert_eq!(cut("ääää", 4), "ääää");
    assert_eq!(cut("ääääé", 4), "äää…");
}

#[test]
fn a_paragraph_keeps_whole_sentences_within_the_limit() {
    let mut text = Paragraph::new("One");
    text.add("Two");
    text.add("Two");
    text.add(&"x".repeat(600));
    assert_eq!(text.0, "One. Two.");
}
