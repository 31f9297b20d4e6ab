//! Finds, among many texts, those that share telling words with one: inverted lists and BM25, in bounded time.

use std::collections::{BTreeMap, HashMap};

use crate::monitoring::Hashed;

use super::{
    sparse::{Idf, Sparse},
    weighed::{Weighed, saturated},
};

/// The most entries of one inverted list that a search reads (LEARNING.md section 2): a word that more texts hold tells little.
const MAX_READ: usize = 256;
/// The most lists that a search reads: rare words first, so that what is left out tells least.
const MAX_LISTS: usize = 32;

/// Texts by their keys, searchable by their words.
#[derive(Debug, Clone)]
pub struct Index<K: Ord + Clone> {
    documents: BTreeMap<K, Sparse>,
    /// Keys of the texts that hold a term, in order.
    holding: HashMap<u32, Vec<K>, Hashed>,
    idf: Idf,
}

impl<K: Ord + Clone> Default for Index<K> {
    fn default() -> Self {
        Self {
            documents: BTreeMap::new(),
            holding: HashMap::default(),
            idf: Idf::default(),
        }
    }
}

impl<K: Ord + Clone> Index<K> {
    /// Adds a text, or replaces the one of that key.
    pub fn insert(&mut self, key: K, text: Sparse) {
        self.remove(&key);
        for (name, _) in text.terms() {
            let keys = self.holding.entry(name).or_default();
            if let Err(at) = keys.binary_search(&key) {
                keys.insert(at, key.clone());
            }
        }
        self.idf.add(&text);
        self.documents.insert(key, text);
    }

    /// Takes a text out.
    pub fn remove(&mut self, key: &K) {
        let Some(text) = self.documents.remove(key) else {
            return;
        };
        for (name, _) in text.terms() {
            let Some(keys) = self.holding.get_mut(&name) else {
                continue;
            };
            if let Ok(at) = keys.binary_search(key) {
                keys.remove(at);
            }
            if keys.is_empty() {
                self.holding.remove(&name);
            }
        }
        self.idf.remove(&text);
    }

    /// The text of a key.
    pub fn get(&self, key: &K) -> Option<&Sparse> {
        self.documents.get(key)
    }

    /// How many texts there are.
    pub fn len(&self) -> usize {
        self.documents.len()
    }

    /// Whether there is no text.
    pub fn is_empty(&self) -> bool {
        self.documents.is_empty()
    }

    /// What words weigh among these texts.
    pub fn idf(&self) -> &Idf {
        &self.idf
    }

    /// The texts that share the most telling words with a text, best first, the lower key first among equals.
    /// `admits` leaves keys out.
    pub fn top(&self, query: &Sparse, limit: usize, admits: impl Fn(&K) -> bool) -> Vec<(K, f64)> {
        let mut lists: Vec<(f64, u32, &Vec<K>)> = query
            .terms()
            .filter_map(|(name, _)| Some((self.idf.weight(name), name, self.holding.get(&name)?)))
            .collect();
        lists.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        let mut scores: BTreeMap<&K, f64> = BTreeMap::new();
        for (weight, name, keys) in lists.into_iter().take(MAX_LISTS) {
            // Where keys grow with time, the newest are read where not all can be.
            for key in keys.iter().rev().filter(|key| admits(key)).take(MAX_READ) {
                *scores.entry(key).or_default() += weight * self.saturated(key, name);
            }
        }
        let greatest = self.greatest(query);
        let mut scored: Vec<(K, f64)> = scores
            .into_iter()
            .map(|(key, score)| (key.clone(), (score / greatest).clamp(0.0, 1.0)))
            .collect();
        scored.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        scored.truncate(limit);
        scored
    }

    /// A text with its terms weighed among these.
    pub(super) fn weighed(&self, text: &Sparse) -> Weighed {
        Weighed::of(text, &self.idf)
    }

    fn greatest(&self, query: &Sparse) -> f64 {
        let mean = self.idf.mean_length();
        let terms = query.terms();
        let greatest: f64 = terms
            .map(|(name, count)| self.idf.weight(name) * saturated(count, query.length(), mean))
            .sum();
        greatest.max(f64::MIN_POSITIVE)
    }

    fn saturated(&self, key: &K, name: u32) -> f64 {
        let text = self.documents.get(key);
        text.map_or(0.0, |text| {
            saturated(text.count(name), text.length(), self.idf.mean_length())
        })
    }
}
