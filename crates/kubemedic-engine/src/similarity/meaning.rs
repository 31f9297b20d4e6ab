//! What a text means, as far as it can be compared, and the measure of two such meanings.

use super::{
    dense::{above, cosine},
    sparse::{Idf, Sparse, Unit},
};

/// The share of words and of vectors in the likeness of two texts (LEARNING.md section 2: BM25 0.25, cosine 0.20).
pub(super) const WORDS: f64 = 0.25;
pub(super) const VECTORS: f64 = 0.20;

/// What is left of a likeness where two texts name different ways of failing.
const OTHER_KIND: f64 = 0.5;

/// What a text means: its words always, its vector where there is an embedder. Callers need not care which.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Meaning {
    /// Its words.
    pub lexical: Sparse,
    /// Its vector of length 1.
    pub dense: Option<Vec<f32>>,
}

impl Meaning {
    /// A text without a vector.
    pub fn of(text: &str) -> Self {
        Self {
            lexical: Sparse::of(text),
            dense: None,
        }
    }

    /// The same with a vector.
    pub fn with_vector(self, dense: Option<Vec<f32>>) -> Self {
        Self { dense, ..self }
    }
}

/// How meanings are compared: what their words weigh, and what a cosine of their embedder is worth.
#[derive(Debug, Clone, Copy)]
pub struct Measure<'a> {
    /// The weights of words.
    pub idf: &'a Idf,
    /// The cosine of unrelated lines ([`super::baseline`]); 0 without vectors.
    pub baseline: f64,
}

/// A meaning ready to be compared with many.
#[derive(Debug)]
pub(super) struct Ready<'a> {
    unit: Unit,
    dense: Option<&'a [f32]>,
}

impl Measure<'_> {
    /// How alike two meanings are: 0 to 1, 1 for the same, the same in both directions.
    pub fn likeness(&self, a: &Meaning, b: &Meaning) -> f64 {
        self.compare(&self.ready(a), &self.ready(b))
    }

    pub(super) fn ready<'m>(&self, meaning: &'m Meaning) -> Ready<'m> {
        Ready {
            unit: meaning.lexical.weighted(self.idf),
            dense: meaning.dense.as_deref(),
        }
    }

    pub(super) fn compare(&self, a: &Ready<'_>, b: &Ready<'_>) -> f64 {
        let words = a.unit.cosine(&b.unit);
        let share = if a.unit.differs_in_kind(&b.unit) {
            OTHER_KIND
        } else {
            1.0
        };
        share
            * match (a.dense, b.dense) {
                (Some(left), Some(right)) => {
                    let vectors = if left == right {
                        1.0
                    } else {
                        above(cosine(left, right), self.baseline)
                    };
                    (WORDS * words + VECTORS * vectors) / (WORDS + VECTORS)
                }
                _ => words,
            }
    }
}
