//! Pasted texts: mutated fixtures, fragments without sense, arbitrary bytes.

use proptest::prelude::*;

use super::{
    cases, invariants,
    mutation::{Input, fragments, mutated},
};

proptest! {
    #![proptest_config(cases(120))]

    #[test]
    fn a_mutated_paste_is_answered_twice_the_same_in_bounds(input in mutated()) {
        invariants::hold_for(&input.0);
    }
}

proptest! {
    #![proptest_config(cases(150))]

    #[test]
    fn fragments_without_sense_are_answered_in_bounds(input in fragments()) {
        invariants::hold_for(&input.0);
    }

    #[test]
    fn any_bytes_are_answered_in_bounds(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        invariants::hold_for(&Input(bytes).0);
    }

    #[test]
    fn any_text_is_answered_in_bounds(lines in prop::collection::vec("\\PC{0,60}", 0..12)) {
        invariants::hold_for(lines.join("\n").as_bytes());
    }
}
