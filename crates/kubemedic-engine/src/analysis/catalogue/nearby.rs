//! What stands around utterances, each searched once for a pattern or a detail however many neighbourhoods it lies in.
//! It finds; which details an entry wants is decided in `binding`.

use std::{
    cell::RefCell,
    collections::{BTreeMap, HashMap},
};

use super::{
    context::ContextFacts,
    pattern::Pattern,
    utterance::{Neighbourhood, Utterance},
};

/// By what was searched for, then by the utterance's place: what was found.
type Known<'a, T> = RefCell<BTreeMap<&'a str, HashMap<usize, T>>>;

/// The utterances of an input with what is known of them.
pub(super) struct Nearby<'a> {
    utterances: &'a [Utterance<'a>],
    facts: &'a ContextFacts,
    matched: Known<'a, bool>,
    told: Known<'a, Option<String>>,
}

impl<'a> Nearby<'a> {
    /// Nothing is known yet.
    pub(super) fn new(utterances: &'a [Utterance<'a>], facts: &'a ContextFacts) -> Self {
        Self {
            utterances,
            facts,
            matched: RefCell::default(),
            told: RefCell::default(),
        }
    }

    /// The utterance nearest to a place that matches a pattern.
    pub(super) fn matching(&self, pattern: &'a Pattern, place: usize) -> Option<&'a Utterance<'a>> {
        let mut matched = self.matched.borrow_mut();
        let known = matched.entry(pattern.text()).or_default();
        let mut near = Neighbourhood::around(self.utterances, place).places();
        let found = near.find(|at| {
            let test = || {
                self.utterances
                    .get(*at)
                    .is_some_and(|it| pattern.is_match(&it.text))
            };
            *known.entry(*at).or_insert_with(test)
        });
        self.utterances.get(found?)
    }

    /// The value of a detail that stands nearest to a place.
    pub(super) fn value(&self, name: &'a str, place: usize) -> Option<String> {
        let mut told = self.told.borrow_mut();
        let known = told.entry(name).or_default();
        let mut near = Neighbourhood::around(self.utterances, place).places();
        near.find_map(|at| {
            let read = || self.facts.value(name, self.utterances.get(at)?);
            known.entry(at).or_insert_with(read).clone()
        })
    }
}

#[cfg(test)]
mod tests;
