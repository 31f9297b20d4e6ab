//! The words of log English, from `vocabulary/words.txt`, and the rules for their forms. A word that is not known is a name.

use std::{collections::HashSet, sync::LazyLock};

use super::{
    hash::{self, Hashed},
    scan::Kind,
};

static WORDS: LazyLock<HashSet<u64, Hashed>> = LazyLock::new(|| {
    include_str!("../../../vocabulary/words.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .flat_map(str::split_whitespace)
        .map(|word| hash::of(word.as_bytes()))
        .collect()
});

/// The longest word that is looked up, in bytes.
const MAX_WORD_BYTES: usize = 24;
/// Endings that make a word of this length or longer English.
const FORMS: &[&[u8]] = &[
    b"ed", b"ing", b"tion", b"sion", b"ment", b"able", b"ible", b"ly", b"ness", b"ity", b"ful", b"less",
    b"ive", b"ous", b"ence", b"ance", b"ency", b"ancy", b"ture",
];
const MIN_FORM_BYTES: usize = 5;

/// What a word is.
pub(super) fn kind(text: &str) -> Kind {
    let bytes = text.as_bytes();
    if bytes.len() > 1
        && bytes
            .iter()
            .all(|byte| byte.is_ascii_uppercase() || *byte == b'_')
    {
        Kind::Capitals
    } else if bytes.split(|byte| *byte == b'-').all(has) {
        Kind::Word
    } else {
        Kind::Name
    }
}

/// Whether a word is log English, in lower case or with a capital, or all in capitals.
pub(super) fn has(word: &[u8]) -> bool {
    let letters = |byte: &u8| byte.is_ascii_alphabetic() || *byte == b'\'';
    let tail = word.get(1..).unwrap_or_default();
    let one_case = tail.iter().all(|byte| !byte.is_ascii_uppercase())
        || word.iter().all(|byte| !byte.is_ascii_lowercase());
    if word.is_empty() || word.len() > MAX_WORD_BYTES || !one_case || !word.iter().all(letters) {
        return false;
    }
    let lower = word.to_ascii_lowercase();
    let known = |word: &[u8]| WORDS.contains(&hash::of(word));
    known(&lower)
        || (lower.len() >= MIN_FORM_BYTES && FORMS.iter().any(|form| lower.ends_with(form)))
        || lower
            .strip_suffix(b"s")
            .is_some_and(|word| word.len() > 1 && known(word))
        || lower.strip_suffix(b"es").is_some_and(known)
        || lower
            .strip_suffix(b"ies")
            .is_some_and(|word| known(&[word, b"y"].concat()))
        || lower.strip_suffix(b"er").is_some_and(known)
}
