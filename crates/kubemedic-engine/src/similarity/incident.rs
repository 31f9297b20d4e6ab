//! Whole incidents: how alike two are, and which earlier ones are worth showing beside a new one.

use std::collections::{BTreeMap, BTreeSet};

use kubemedic_model::class::FailureClass;

use super::{
    dense::{above, cosine},
    index::Index,
    sparse::Sparse,
    weighed::{MIN_LIKENESS, Ready, marginal},
};

/// From here on two incidents are the same one again.
const SAME: f64 = 0.995;
/// The most incidents that one is compared with; more than are chosen, or the choice would have nothing to vary.
pub const MAX_POOL: usize = 48;

/// What is compared of an incident.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Incident {
    templates: Sparse,
    words: Sparse,
    class: Option<FailureClass>,
}

impl Incident {
    /// An incident by the templates of its findings, a summary in words, and its class.
    pub fn new(templates: &[String], summary: &str, class: Option<FailureClass>) -> Self {
        let said = templates.iter().map(String::as_str);
        Self {
            templates: Sparse::of_names(templates),
            words: Sparse::of_all(std::iter::once(summary).chain(said)),
            class,
        }
    }
}

/// Incidents by their keys.
#[derive(Debug, Clone)]
pub struct Incidents<K: Ord + Clone> {
    templates: Index<K>,
    words: Index<K>,
    classes: BTreeMap<FailureClass, BTreeSet<K>>,
    class_of: BTreeMap<K, Option<FailureClass>>,
}

/// Vectors of incidents, of one embedder.
#[derive(Debug, Clone)]
pub struct Vectors<K: Ord> {
    /// That of the incident in question.
    pub query: Vec<f32>,
    /// Those of others.
    pub others: BTreeMap<K, Vec<f32>>,
    /// The embedder's [`super::baseline`].
    pub baseline: f64,
}

/// An incident that is like another.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit<K> {
    /// Its key.
    pub key: K,
    /// How alike, 0 to 1.
    pub likeness: f64,
}

impl<K: Ord + Clone> Default for Incidents<K> {
    fn default() -> Self {
        Self {
            templates: Index::default(),
            words: Index::default(),
            classes: BTreeMap::new(),
            class_of: BTreeMap::new(),
        }
    }
}

impl<K: Ord + Clone> Incidents<K> {
    /// Adds an incident, or replaces the one of that key.
    pub fn insert(&mut self, key: K, incident: Incident) {
        self.remove(&key);
        if let Some(class) = incident.class {
            self.classes.entry(class).or_default().insert(key.clone());
        }
        self.class_of.insert(key.clone(), incident.class);
        self.templates.insert(key.clone(), incident.templates);
        self.words.insert(key, incident.words);
    }

    /// Takes an incident out.
    pub fn remove(&mut self, key: &K) {
        let class = self.class_of.remove(key).flatten();
        if let Some(keys) = class.and_then(|it| self.classes.get_mut(&it)) {
            keys.remove(key);
        }
        self.templates.remove(key);
        self.words.remove(key);
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.class_of.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.class_of.is_empty()
    }

    /// The incidents that are worth a closer look, at most 48: they share telling words or templates, or are the newest of the class.
    pub fn pool(&self, query: &Incident, admits: impl Fn(&K) -> bool) -> Vec<K> {
        let of_class = query.class.and_then(|class| self.classes.get(&class));
        let newest = of_class.into_iter().flat_map(|keys| keys.iter().rev());
        let newest = newest.filter(|key| admits(key)).take(MAX_POOL / 6);
        let by_templates = self.templates.top(&query.templates, MAX_POOL / 3, &admits);
        let by_words = self.words.top(&query.words, MAX_POOL / 2, &admits);
        let found = by_templates.into_iter().chain(by_words).map(|(key, _)| key);
        let pool: BTreeSet<K> = found.chain(newest.cloned()).collect();
        pool.into_iter().collect()
    }

    /// Chooses from a pool the at most `limit` incidents that are most like one and not all the same, best first; none below
    /// [`MIN_LIKENESS`].
    pub fn nearest(
        &self,
        query: &Incident,
        pool: &[K],
        vectors: Option<&Vectors<K>>,
        limit: usize,
    ) -> Vec<Hit<K>> {
        let asked = self.ready(query);
        let likeness = |key: &K| {
            let dense = vectors.and_then(|it| {
                let other = it.others.get(key)?;
                Some(above(cosine(&it.query, other), it.baseline))
            });
            asked.likeness(&self.ready(&self.incident(key)), dense)
        };
        let mut hits: Vec<Hit<K>> = pool
            .iter()
            .take(MAX_POOL)
            .map(|key| Hit {
                key: key.clone(),
                likeness: likeness(key),
            })
            .filter(|hit| hit.likeness >= MIN_LIKENESS)
            .collect();
        hits.sort_by(best_first);
        let mut chosen = self.varied(hits, limit);
        chosen.sort_by(best_first);
        chosen
    }

    /// Chooses by maximal marginal relevance. What differs in nothing from a chosen one tells nothing: the newest stands for all.
    fn varied(&self, hits: Vec<Hit<K>>, limit: usize) -> Vec<Hit<K>> {
        let mut left: Vec<(Hit<K>, f64)> = hits.into_iter().map(|hit| (hit, 0.0)).collect();
        let ready = |key: &K| self.ready(&self.incident(key));
        let mut chosen: Vec<Hit<K>> = Vec::new();
        while chosen.len() < limit
            && let Some(at) = most_relevant(&left)
        {
            let (next, _) = left.remove(at);
            let incident = ready(&next.key);
            left.retain_mut(|(hit, redundancy)| {
                let likeness = incident.likeness(&ready(&hit.key), None);
                *redundancy = redundancy.max(likeness);
                likeness < SAME
            });
            chosen.push(next);
        }
        chosen
    }

    fn incident(&self, key: &K) -> Incident {
        Incident {
            templates: self.templates.get(key).cloned().unwrap_or_default(),
            words: self.words.get(key).cloned().unwrap_or_default(),
            class: self.class_of.get(key).copied().flatten(),
        }
    }

    /// An incident with its terms weighed among these, to be compared with many.
    fn ready(&self, incident: &Incident) -> Weighted {
        Weighted {
            terms: Ready {
                templates: self.templates.weighed(&incident.templates),
                words: self.words.weighed(&incident.words),
            },
            class: incident.class,
        }
    }
}

/// An incident with its terms weighed.
#[derive(Debug, Clone)]
struct Weighted {
    terms: Ready,
    class: Option<FailureClass>,
}

impl Weighted {
    /// How alike two incidents are, 0 to 1; `dense` is the likeness of their vectors. What neither or only one of the sides can have
    /// (no vectors, no class) does not count against them.
    fn likeness(&self, other: &Self, dense: Option<f64>) -> f64 {
        let is_same_class = self.class.zip(other.class).map(|(ours, theirs)| ours == theirs);
        self.terms.likeness(&other.terms, dense, is_same_class)
    }
}

/// The more alike first, the higher key first among equals.
fn best_first<K: Ord>(a: &Hit<K>, b: &Hit<K>) -> std::cmp::Ordering {
    b.likeness.total_cmp(&a.likeness).then_with(|| b.key.cmp(&a.key))
}

/// The position of the hit with the greatest marginal relevance, the first of equals; each has its likeness to the chosen.
fn most_relevant<K>(left: &[(Hit<K>, f64)]) -> Option<usize> {
    let relevance = |(hit, redundancy): &(Hit<K>, f64)| marginal(hit.likeness, *redundancy);
    let mut best: Option<(usize, f64)> = None;
    for (at, it) in left.iter().enumerate() {
        let relevance = relevance(it);
        if best.is_none_or(|(_, most)| relevance > most) {
            best = Some((at, relevance));
        }
    }
    best.map(|(at, _)| at)
}
