//! By what cases are found: inverted lists by signature and by template, the weightiest case first and cut, and words through
//! the templates that hold them (LEARNING.md section 2). It finds candidates; how alike they are is `select`'s.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::case::{Case, MAX_TEMPLATES, NO_TEMPLATE};
use crate::{
    monitoring::Hashed,
    similarity::{Idf, Parts, Ready, Sparse, Weighed},
};

/// The most cases of one list of a signature, of a template, and of a word.
pub(super) const MAX_OF_SIGNATURE: usize = 64;
pub(super) const MAX_OF_TEMPLATE: usize = 256;
pub(super) const MAX_OF_WORD: usize = 128;
/// The most words by which is searched, the rarest ones, and the most templates through which one word is.
const MAX_WORDS: usize = 48;
const MAX_TEMPLATES_OF_WORD: usize = 16;
/// The most templates of a word that an estimate counts.
const MAX_COUNTED: usize = 256;
/// The most candidates.
pub(super) const MAX_CANDIDATES: usize = 512;

/// Cases with their weight, the weightiest first. A snapshot holds the cases only: the weights are theirs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "Vec<u32>", into = "Vec<u32>")]
pub(super) struct List(Vec<(f64, u32)>);

impl From<Vec<u32>> for List {
    fn from(cases: Vec<u32>) -> Self {
        Self(cases.into_iter().map(|case| (0.0, case)).collect())
    }
}

impl From<List> for Vec<u32> {
    fn from(list: List) -> Self {
        list.cases().collect()
    }
}

impl List {
    /// The cases in it.
    pub(super) fn cases(&self) -> impl Iterator<Item = u32> + '_ {
        self.0.iter().map(|it| it.1)
    }

    /// Where an entry is or belongs: by falling weight, then by rising case.
    fn place(&self, (impact, case): (f64, u32)) -> usize {
        self.0
            .partition_point(|it| it.0.total_cmp(&impact).then(case.cmp(&it.1)).is_gt())
    }

    /// Moves a case from its weight before to that of now; without one it is not in the list.
    fn put(&mut self, case: u32, (before, now): (Option<f64>, Option<f64>), most: usize) {
        if let Some(before) = before {
            let place = self.place((before, case));
            if self.0.get(place).is_some_and(|it| it.1 == case) {
                self.0.remove(place);
            }
        }
        let Some(now) = now else {
            return;
        };
        let place = self.place((now, case));
        if place < most {
            self.0.insert(place, (now, case));
            self.0.truncate(most);
        }
    }

    fn weigh(&mut self, all: &[Case]) {
        for (impact, case) in &mut self.0 {
            *impact = at(all, *case).and_then(Case::impact).unwrap_or(0.0);
        }
    }
}

/// A template that cases have.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Template {
    digest: u64,
    words: Sparse,
    list: List,
}

/// The lists, with how rare templates and words are among cases.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Index {
    templates: Vec<Template>,
    #[serde(with = "crate::learning::pairs")]
    by_signature: HashMap<u64, List, Hashed>,
    #[serde(skip)]
    numbers: HashMap<u64, u32, Hashed>,
    /// The templates that hold a word, the oldest first.
    #[serde(skip)]
    holding: HashMap<u32, Vec<u32>, Hashed>,
    #[serde(skip)]
    rarity: Idf,
    #[serde(skip)]
    rarity_of_words: Idf,
}

/// What is asked for.
pub(super) struct Query {
    /// Its templates and words, weighed.
    pub ready: Ready,
    /// The weight of a template's words that are asked for, by template.
    told: Vec<f64>,
}

impl Index {
    /// The numbers of templates, new ones where they were not seen.
    pub(super) fn intern(&mut self, symptoms: &[String], scope: &str) -> [u32; MAX_TEMPLATES] {
        let mut found = [NO_TEMPLATE; MAX_TEMPLATES];
        for (place, text) in found.iter_mut().zip(symptoms) {
            *place = self.number(text, digest(scope, text));
        }
        found.sort_unstable();
        // The same template twice is one.
        let mut before = NO_TEMPLATE;
        for place in &mut found {
            let is_again = *place == before;
            before = *place;
            if is_again {
                *place = NO_TEMPLATE;
            }
        }
        found.sort_unstable();
        found
    }

    fn number(&mut self, text: &str, digest: u64) -> u32 {
        if let Some(number) = self.numbers.get(&digest) {
            return *number;
        }
        let number = u32::try_from(self.templates.len()).unwrap_or(NO_TEMPLATE);
        let template = Template {
            digest,
            words: Sparse::of(text),
            list: List::default(),
        };
        self.learn(number, &template);
        self.templates.push(template);
        number
    }

    fn learn(&mut self, number: u32, template: &Template) {
        self.numbers.insert(template.digest, number);
        for (name, _) in template.words.terms() {
            self.holding.entry(name).or_default().push(number);
        }
    }

    /// Counts the terms of a new case.
    pub(super) fn count(&mut self, case: &Case) {
        let words = self.words(case.templates());
        self.rarity.add(&Sparse::of_numbers(case.templates()));
        self.rarity_of_words.add(&words);
    }

    /// Moves a case in its lists from its weight before to that of now.
    pub(super) fn put(&mut self, (place, case): (u32, &Case), before: Option<f64>) {
        let impacts = (before, case.impact());
        if impacts.0.map(f64::to_bits) == impacts.1.map(f64::to_bits) {
            return;
        }
        let list = self.by_signature.entry(case.key.signature).or_default();
        list.put(place, impacts, MAX_OF_SIGNATURE);
        if list.0.is_empty() {
            self.by_signature.remove(&case.key.signature);
        }
        for number in case.templates() {
            let template = usize::try_from(number)
                .ok()
                .and_then(|it| self.templates.get_mut(it));
            if let Some(template) = template {
                template.list.put(place, impacts, MAX_OF_TEMPLATE);
            }
        }
    }

    fn words(&self, templates: impl Iterator<Item = u32>) -> Sparse {
        Sparse::together(templates.filter_map(|it| Some(&at(&self.templates, it)?.words)))
    }

    /// Symptoms as a question.
    pub(super) fn query(&self, symptoms: &[String], scope: &str) -> Query {
        let mut templates: Vec<u32> = Vec::new();
        let mut unknown: Vec<u32> = Vec::new();
        let mut read: Vec<Sparse> = Vec::new();
        for (place, text) in (1..).zip(symptoms.iter().take(MAX_TEMPLATES)) {
            if let Some(number) = self.numbers.get(&digest(scope, text)) {
                templates.push(*number);
            } else {
                // A template that no case has is like no other one: numbers from the end stand for such.
                unknown.push(NO_TEMPLATE - place);
                read.push(Sparse::of(text));
            }
        }
        templates.sort_unstable();
        templates.dedup();
        let known = templates
            .iter()
            .filter_map(|it| Some(&at(&self.templates, *it)?.words));
        let words = Sparse::together(known.chain(&read));
        let names = Sparse::of_numbers(templates.iter().chain(&unknown).copied());
        let ready = Ready {
            templates: Weighed::of(&names, &self.rarity),
            words: Weighed::of(&words, &self.rarity_of_words),
        };
        let told = self.told(&ready.words);
        Query { ready, told }
    }

    /// How much of some words each template tells. A word that many templates hold tells little: only the newest of them count.
    fn told(&self, words: &Weighed) -> Vec<f64> {
        let mut told = vec![0.0; self.templates.len()];
        for (name, weight) in words.weights() {
            let holding = self.holding.get(&name).into_iter().flatten();
            for number in holding.rev().take(MAX_COUNTED) {
                if let Some(sum) = usize::try_from(*number).ok().and_then(|it| told.get_mut(it)) {
                    *sum += weight;
                }
            }
        }
        told
    }

    /// What each template weighs.
    pub(super) fn weighing(&self) -> impl Fn(u32) -> f64 + '_ {
        self.rarity.weighing()
    }

    /// Estimates how alike a case is from what its templates tell, without reading all of its words.
    pub(super) fn estimate(
        query: &Query,
        weight: impl Fn(u32) -> f64,
        (case, is_same_class): (&Case, bool),
    ) -> f64 {
        let asked = &query.ready.templates;
        let (mut all, mut told) = (0.0, 0.0);
        for number in case.templates() {
            all += weight(number);
            told += at(&query.told, number).copied().unwrap_or(0.0);
        }
        let shared: f64 = asked
            .weights()
            .filter(|(name, _)| case.templates.contains(name))
            .map(|it| it.1)
            .sum();
        let both = all > 0.0 && !asked.is_empty();
        let parts = Parts {
            templates: both.then(|| shared / (all + asked.weight() - shared)),
            words: (told / query.ready.words.greatest().max(f64::MIN_POSITIVE)).min(1.0),
            vectors: None,
            is_same_class: Some(is_same_class),
        };
        parts.likeness()
    }

    /// A case ready to be compared.
    pub(super) fn ready(&self, case: &Case) -> Ready {
        Ready {
            templates: Weighed::of(&Sparse::of_numbers(case.templates()), &self.rarity),
            words: Weighed::of(&self.words(case.templates()), &self.rarity_of_words),
        }
    }

    /// The cases that may be like an incident, at most 512: those of its signature, then by templates and by words, the rarest
    /// ones first.
    pub(super) fn candidates(&self, signature: u64, query: &Query) -> Vec<u32> {
        let mut found = Found {
            cases: Vec::with_capacity(MAX_CANDIDATES),
            seen: HashSet::with_capacity_and_hasher(2 * MAX_CANDIDATES, Hashed::default()),
        };
        if let Some(list) = self.by_signature.get(&signature) {
            found.extend(list.cases());
        }
        for number in rarest(&query.ready.templates) {
            if let Some(template) = at(&self.templates, number) {
                found.extend(template.list.cases());
            }
        }
        for name in rarest(&query.ready.words).into_iter().take(MAX_WORDS) {
            if found.is_full() {
                break;
            }
            found.extend(self.of_word(name));
        }
        found.cases
    }

    /// The weightiest cases that hold a word: as the lists of its templates are cut later than this one, they hold them all. A
    /// word that many templates hold tells little; it is searched through the newest of them.
    fn of_word(&self, name: u32) -> Vec<u32> {
        let templates = self.holding.get(&name).map_or(&[][..], Vec::as_slice);
        let newest = templates.iter().rev().take(MAX_TEMPLATES_OF_WORD);
        let lists = newest.filter_map(|it| Some(&at(&self.templates, *it)?.list));
        let mut cases: Vec<(f64, u32)> = lists
            .flat_map(|it| it.0.iter().take(MAX_OF_WORD).copied())
            .collect();
        cases.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        cases.dedup();
        cases.truncate(MAX_OF_WORD);
        cases.into_iter().map(|it| it.1).collect()
    }

    /// Whether no case is in any list.
    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.lengths() == (0, 0)
    }

    /// The lengths of the longest lists of a signature and of a template.
    #[cfg(test)]
    pub(super) fn lengths(&self) -> (usize, usize) {
        let signatures = self.by_signature.values().map(|it| it.0.len());
        let templates = self.templates.iter().map(|it| it.list.0.len());
        (signatures.max().unwrap_or(0), templates.max().unwrap_or(0))
    }

    /// The cases in the list of a template.
    #[cfg(test)]
    pub(super) fn of_template(&self, number: u32) -> Vec<u32> {
        at(&self.templates, number).map_or_else(Vec::new, |it| it.list.cases().collect())
    }

    /// Brings what a snapshot leaves out up to its cases.
    pub(super) fn fill(&mut self, all: &[Case]) {
        let templates = std::mem::take(&mut self.templates);
        for (number, template) in (0..).zip(&templates) {
            self.learn(number, template);
        }
        self.templates = templates;
        for case in all {
            self.count(case);
        }
        for template in &mut self.templates {
            template.list.weigh(all);
        }
        for list in self.by_signature.values_mut() {
            list.weigh(all);
        }
    }
}

/// Candidates, each once.
struct Found {
    cases: Vec<u32>,
    seen: HashSet<u32, Hashed>,
}

impl Found {
    fn is_full(&self) -> bool {
        self.cases.len() >= MAX_CANDIDATES
    }

    fn extend(&mut self, cases: impl IntoIterator<Item = u32>) {
        for case in cases {
            if self.is_full() {
                break;
            }
            if self.seen.insert(case) {
                self.cases.push(case);
            }
        }
    }
}

/// The names of terms, those of the greatest weight first.
fn rarest(terms: &Weighed) -> Vec<u32> {
    let mut terms: Vec<(u32, f64)> = terms.weights().collect();
    terms.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    terms.into_iter().map(|it| it.0).collect()
}

/// What stands at a place of that number.
pub(super) fn at<T>(of: &[T], number: u32) -> Option<&T> {
    of.get(usize::try_from(number).ok()?)
}

/// A digest of a text in the scope in which it is compared: what others may not see has other digests.
pub(super) fn digest(scope: &str, text: &str) -> u64 {
    let hash = if scope.is_empty() {
        blake3::hash(text.as_bytes())
    } else {
        blake3::hash(format!("{scope}\u{1f}{text}").as_bytes())
    };
    u64::from_le_bytes(hash.as_bytes().first_chunk::<8>().copied().unwrap_or_default())
}
