//! What texts of each failure class are like: words weighed by how few classes use them, from the catalogue's examples, the
//! classes' titles and a vocabulary. It tells whether a quote speaks of a class; it never diagnoses.

mod words;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::LazyLock,
};

use kubemedic_model::class::FailureClass;

/// Texts by class, as `build.rs` wrote them.
const TEXTS: &str = include_str!(concat!(env!("OUT_DIR"), "/class_texts.json"));
/// How much more than a word seen once a word counts that many texts of a class use.
const MOST_TIMES: f64 = 2.0;
/// The score from which a quote speaks of a class at all: two words that few other classes use, or a phrase and a word.
/// Measured on the labelled texts: lower lets single common words through.
const FLOOR: f64 = 11.0;
/// The fewest different words.
const FEWEST_WORDS: usize = 2;
/// How near to the best class of a quote another class must score for the quote to speak of it, too.
const NEAR: f64 = 0.85;

/// The profiles, built once.
static PROFILES: LazyLock<Profiles> = LazyLock::new(Profiles::load);

/// Words with the classes that use them.
#[derive(Debug, Default)]
struct Profiles {
    /// The weight of a word or of two words in a row for each class, by the class' place in the taxonomy.
    weights: HashMap<String, Vec<(usize, f64)>>,
}

/// How much a quote speaks of each class.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Reading {
    /// Score and number of different words by the class' place in the taxonomy.
    scores: Vec<(f64, usize)>,
}

impl Profiles {
    fn load() -> Self {
        let mut texts: BTreeMap<String, Vec<String>> = serde_json::from_str(TEXTS).unwrap_or_default();
        let mut counts: Vec<(usize, BTreeMap<String, u32>)> = Vec::new();
        for (place, class) in FailureClass::ALL.iter().enumerate() {
            let mut of_class = texts.remove(class.id()).unwrap_or_default();
            if *class == FailureClass::Healthy {
                continue;
            }
            of_class.push(class.title().to_owned());
            let mut seen = BTreeMap::new();
            for term in of_class.iter().flat_map(|text| words::terms(text)) {
                *seen.entry(term).or_insert(0) += 1;
            }
            counts.push((place, seen));
        }
        Self::weigh(&counts)
    }

    /// The weights: the inverse frequency of a term among classes (Spärck Jones 1972) times its dampened frequency within one.
    fn weigh(counts: &[(usize, BTreeMap<String, u32>)]) -> Self {
        let mut classes: BTreeMap<&str, u32> = BTreeMap::new();
        for term in counts.iter().flat_map(|(_, seen)| seen.keys()) {
            *classes.entry(term).or_insert(0) += 1;
        }
        let all = f64::from(u32::try_from(counts.len()).unwrap_or(u32::MAX)) + 1.0;
        let mut weights: HashMap<String, Vec<(usize, f64)>> = HashMap::new();
        for (place, seen) in counts {
            for (term, times) in seen {
                let rarity = (all / f64::from(classes.get(term.as_str()).copied().unwrap_or(1))).ln();
                let weight = rarity * (1.0 + f64::from(*times).ln()).min(MOST_TIMES);
                weights.entry(term.clone()).or_default().push((*place, weight));
            }
        }
        Self { weights }
    }
}

/// Makes the profiles, so that the first reply does not wait for them.
pub(super) fn warm_up() {
    LazyLock::force(&PROFILES);
}

/// Reads a quote.
pub(super) fn read(quote: &str) -> Reading {
    let mut scores = vec![(0.0, 0); FailureClass::ALL.len()];
    let terms: BTreeSet<String> = words::terms(quote).into_iter().collect();
    for term in &terms {
        let single = !term.contains(' ');
        for (place, weight) in PROFILES.weights.get(term).into_iter().flatten() {
            if let Some((score, words)) = scores.get_mut(*place) {
                *score += weight;
                *words += usize::from(single);
            }
        }
    }
    Reading { scores }
}

impl Reading {
    /// How much it speaks of a class.
    pub(super) fn score(&self, class: FailureClass) -> f64 {
        self.of(class).0
    }

    /// Whether it speaks of a class: clearly enough, and hardly less than of any other.
    pub(super) fn speaks_of(&self, class: FailureClass) -> bool {
        let (score, words) = self.of(class);
        let best = self.scores.iter().map(|(score, _)| *score).fold(0.0, f64::max);
        score >= FLOOR && words >= FEWEST_WORDS && score >= NEAR * best
    }

    fn of(&self, class: FailureClass) -> (f64, usize) {
        let place = FailureClass::ALL.iter().position(|it| *it == class);
        place
            .and_then(|place| self.scores.get(place).copied())
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
