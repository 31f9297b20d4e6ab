//! Hostile messages: bounded in number, bytes and time, and never a panic.

use proptest::prelude::*;

use crate::monitoring::{MAX_TEMPLATES, TemplateId, Templates};

/// Words of letters alone, all different.
fn letters(number: usize) -> String {
    let digits = number.to_string();
    digits
        .bytes()
        .map(|digit| char::from(digit - b'0' + b'a'))
        .collect()
}

#[test]
fn templates_beyond_the_limit_share_one() {
    let mut templates = Templates::new();
    for number in 0..=MAX_TEMPLATES {
        templates.add(&letters(number));
    }
    let (id, template) = templates.add("one too many");
    assert_eq!((id, template), (TemplateId(0), "<*>"));
    assert_eq!(
        templates.add("a").0,
        TemplateId(1),
        "what was known is still known"
    );
    assert_eq!(templates.len(), MAX_TEMPLATES);
}

#[test]
fn distinct_tokens_in_one_statement_make_one_template() {
    let mut templates = Templates::new();
    for number in 0..200_000_u32 {
        templates.add(&format!(
            "session {number:x}g{number} of name {} opened",
            letters(number as usize)
        ));
    }
    assert!(templates.len() < 5, "{}", templates.len());
}

#[test]
fn a_message_of_any_size_costs_its_beginning_only() {
    let huge = "x".repeat(20 << 20);
    let mut templates = Templates::new();
    assert_eq!(templates.add(&huge).1, "<*>");
    for byte in [
        "\0", "\"", "'", "{", "(", "=", "a=", "<", ":", "..", "user ", "reason: ", "é", "{\"", "\\/",
    ] {
        let text = byte.repeat(100_000);
        assert!(templates.add(&text).1.len() <= 1_100, "{byte}");
    }
}

proptest! {
    #[test]
    fn any_text_gets_a_template_and_the_same_one_again(texts in prop::collection::vec("(\\PC|[ =:\"'{}()<>\\[\\],;./0-9a-z]){0,80}", 1..40)) {
        let mut templates = Templates::new();
        let first: Vec<TemplateId> = texts.iter().map(|text| templates.add(text).0).collect();
        let again: Vec<TemplateId> = texts.iter().map(|text| templates.add(text).0).collect();
        prop_assert_eq!(first, again);
    }
}
