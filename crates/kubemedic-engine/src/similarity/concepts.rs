//! What logs say in many ways made one: phrases that mean the same become their concept. The table is `vocabulary/concepts.txt`.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use super::words::stems;

/// Lines of `concept: phrase; phrase`.
const CONCEPTS: &str = include_str!("../../vocabulary/concepts.txt");
/// The longest phrase, in words.
const MAX_PHRASE: usize = 4;

/// A phrase that means a concept.
#[derive(Debug)]
struct Phrase {
    stems: Vec<String>,
    /// `~` stands before the name, so that it is no word of any text.
    concept: String,
}

/// Phrases by their first word, the longest first.
static PHRASES: LazyLock<BTreeMap<String, Vec<Phrase>>> = LazyLock::new(|| {
    let mut phrases: BTreeMap<String, Vec<Phrase>> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    let lines = CONCEPTS.lines().filter(|line| !line.starts_with('#'));
    for (concept, said) in lines.filter_map(|line| line.split_once(':')) {
        for stems in said.split(';').map(stems) {
            if let Some(first) = stems.first().cloned()
                && stems.len() <= MAX_PHRASE
                && seen.insert(stems.clone())
            {
                let concept = format!("~{concept}");
                phrases.entry(first).or_default().push(Phrase { stems, concept });
            }
        }
    }
    for of_word in phrases.values_mut() {
        of_word.sort_by(|a, b| (b.stems.len(), &a.stems).cmp(&(a.stems.len(), &b.stems)));
    }
    phrases
});

/// The words with each phrase that means a concept replaced by it, the longest phrase first.
pub(super) fn merged(stems: &[String]) -> Vec<String> {
    let mut words = Vec::with_capacity(stems.len());
    let mut rest = stems;
    while let Some((first, others)) = rest.split_first() {
        let known = PHRASES.get(first).into_iter().flatten();
        let found = known.into_iter().find(|it| rest.starts_with(&it.stems));
        if let Some(phrase) = found {
            // Logs say a thing twice in a row: `dial tcp: connect`.
            if words.last() != Some(&phrase.concept) {
                words.push(phrase.concept.clone());
            }
            rest = rest.get(phrase.stems.len()..).unwrap_or_default();
        } else {
            words.push(first.clone());
            rest = others;
        }
    }
    words
}
