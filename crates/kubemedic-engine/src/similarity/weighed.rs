//! The likeness of two incidents (LEARNING.md section 2): the one formula for whoever compares incidents, over terms that are
//! weighed once and compared often. Which incidents are compared is not decided here.

use std::cmp::Ordering;

use super::{
    meaning::{VECTORS, WORDS},
    sparse::{Idf, Sparse},
};

/// The shares of LEARNING.md section 2 that are not of words and vectors.
const TEMPLATES: f64 = 0.45;
const CLASS: f64 = 0.10;
/// BM25's saturation of repeated words and its share of length, at their usual values (Robertson and Zaragoza 2009).
const K1: f64 = 1.2;
const B: f64 = 0.75;
/// Below this two incidents are unrelated, and showing one beside the other harms (LEARNING.md section 2).
pub const MIN_LIKENESS: f64 = 0.25;
/// The relevance of a choice against its likeness to what was chosen (LEARNING.md section 2).
const RELEVANCE: f64 = 0.7;
const REDUNDANCY: f64 = 0.3;

/// BM25's share of a word that stands `count` times in a text of `length` words, where texts have `mean` words.
pub(super) fn saturated(count: u16, length: f64, mean: f64) -> f64 {
    let count = f64::from(count);
    count * (K1 + 1.0) / (count + K1 * (1.0 - B + B * length / mean))
}

/// How much a choice is worth beside what was chosen (Carbonell and Goldstein 1998).
pub(crate) fn marginal(score: f64, redundancy: f64) -> f64 {
    RELEVANCE * score - REDUNDANCY * redundancy
}

/// A term with what it tells and how far its text is about it.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Term {
    name: u32,
    weight: f64,
    share: f64,
}

/// A text whose terms are weighed.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Weighed {
    terms: Vec<Term>,
    weight: f64,
    /// BM25 of a text of exactly these words.
    greatest: f64,
}

/// What two texts have in common.
#[derive(Debug, Default)]
struct Common {
    weight: f64,
    /// The shared terms by their shares in the one text and in the other.
    ours: f64,
    theirs: f64,
}

impl Weighed {
    /// Weighs a text among those that `idf` has learnt.
    pub(crate) fn of(text: &Sparse, idf: &Idf) -> Self {
        let (length, mean) = (text.length(), idf.mean_length());
        let weight = idf.weighing();
        let terms: Vec<Term> = text
            .terms()
            .map(|(name, count)| Term {
                name,
                weight: weight(name),
                share: saturated(count, length, mean),
            })
            .collect();
        Self {
            weight: terms.iter().map(|it| it.weight).sum(),
            greatest: terms.iter().map(|it| it.weight * it.share).sum(),
            terms,
        }
    }

    /// Whether there is no term.
    pub(crate) fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Names and weights, in the order of names.
    pub(crate) fn weights(&self) -> impl Iterator<Item = (u32, f64)> + '_ {
        self.terms.iter().map(|it| (it.name, it.weight))
    }

    /// The sum of the weights.
    pub(crate) fn weight(&self) -> f64 {
        self.weight
    }

    /// BM25 of a text of exactly these words.
    pub(crate) fn greatest(&self) -> f64 {
        self.greatest
    }

    fn common(&self, other: &Self) -> Common {
        let (mut ours, mut theirs) = (self.terms.iter().peekable(), other.terms.iter().peekable());
        let mut common = Common::default();
        while let (Some(a), Some(b)) = (ours.peek(), theirs.peek()) {
            match a.name.cmp(&b.name) {
                Ordering::Less => drop(ours.next()),
                Ordering::Greater => drop(theirs.next()),
                Ordering::Equal => {
                    common.weight += a.weight;
                    common.ours += a.weight * a.share;
                    common.theirs += a.weight * b.share;
                    ours.next();
                    theirs.next();
                }
            }
        }
        common
    }

    /// The weight of the terms that both have, as a share of the weight of those that either has.
    fn jaccard(&self, other: &Self) -> f64 {
        let both = self.common(other).weight;
        let either = self.weight + other.weight - both;
        if either > 0.0 {
            (both / either).min(1.0)
        } else {
            0.0
        }
    }

    /// BM25 as a share of what a text of exactly the same words would get, the mean of both directions: 0 to 1, 1 for the same
    /// words, also where both have none.
    fn bm25(&self, other: &Self) -> f64 {
        if self.is_empty() && other.is_empty() {
            return 1.0;
        }
        let common = self.common(other);
        let share = |part: f64, of: f64| (part / of.max(f64::MIN_POSITIVE)).clamp(0.0, 1.0);
        f64::midpoint(
            share(common.theirs, self.greatest),
            share(common.ours, other.greatest),
        )
    }
}

/// What two incidents are compared by, each part 0 to 1. What one of them cannot have is absent and does not count.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Parts {
    /// Templates: Jaccard by weight.
    pub templates: Option<f64>,
    /// Words: BM25.
    pub words: f64,
    /// Vectors of an embedder.
    pub vectors: Option<f64>,
    /// Whether the class is the same.
    pub is_same_class: Option<bool>,
}

impl Parts {
    /// The likeness: 0 to 1.
    pub(crate) fn likeness(self) -> f64 {
        let class = self.is_same_class.map(|it| f64::from(u8::from(it)));
        let parts = [
            (WORDS, Some(self.words)),
            (TEMPLATES, self.templates),
            (VECTORS, self.vectors),
            (CLASS, class),
        ];
        let present = parts.into_iter().filter_map(|(share, part)| Some((share, part?)));
        let (sum, of) = present.fold((0.0, 0.0), |(sum, of), (share, part)| {
            (sum + share * part, of + share)
        });
        (sum / of).clamp(0.0, 1.0)
    }
}

/// An incident ready to be compared: its templates and its words, weighed.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Ready {
    /// Its templates.
    pub templates: Weighed,
    /// Its words.
    pub words: Weighed,
}

impl Ready {
    /// How alike two incidents are; `vectors` is the likeness of their vectors.
    pub(crate) fn likeness(&self, other: &Self, vectors: Option<f64>, is_same_class: Option<bool>) -> f64 {
        let both = !self.templates.is_empty() && !other.templates.is_empty();
        let parts = Parts {
            templates: both.then(|| self.templates.jaccard(&other.templates)),
            words: self.words.bm25(&other.words),
            vectors,
            is_same_class,
        };
        parts.likeness()
    }
}
