//! Matching as bytes, parts at the borders of characters.

use super::*;

#[test]
fn a_part_that_ends_within_a_character_leaves_that_character_out() {
    let expression = Expression::new("say (?<what>[^\n]{0,4})(?<rest>.*)");
    let found = expression.captures("say abcé or not").unwrap();
    let part = found.name("what").unwrap();
    assert_eq!((part.as_str(), part.end()), ("abc", 7));
    assert_eq!(found.name("rest").unwrap().as_str(), " or not");
    assert_eq!(found.group(0).unwrap().as_str(), "say abcé or not");
    assert!(found.name("other").is_none());
}

#[test]
fn classes_and_case_are_those_of_ascii() {
    assert!(Expression::new(r"(?i)\bfail\w*\s\d").is_match("it FAILED 3 times"));
    assert!(!Expression::new(r"(?i)kube").is_match("\u{212a}ube"));
    assert!(Expression::new("x[^a]y").is_match("x\u{7f}y"));
}

#[test]
fn one_that_does_not_compile_never_matches() {
    let expression = Expression::new("(");
    assert!(!expression.is_valid());
    assert!(!expression.is_match("("));
    assert!(expression.captures("(").is_none());
    assert_eq!(expression.captures_iter("(").count(), 0);
}
