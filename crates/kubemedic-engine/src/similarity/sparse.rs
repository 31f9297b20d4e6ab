//! A text as its terms with their counts, and how much each term tells.

use std::{
    cmp::Ordering,
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::LazyLock,
};

use serde::{Deserialize, Serialize};

use crate::monitoring::Hashed;

use super::words::words;

/// The most distinct terms of one text.
const MAX_TERMS: usize = 128;
/// How many texts of ordinary logs stand behind a set that is too small to tell what is common.
const BACKGROUND: u32 = 100;
/// In how many of these a term of general log English stands.
const COMMON: u32 = 20;

/// Terms that a great share of all failures' lines hold: they tell little.
const GENERAL: &[&str] = &[
    "~fail",
    "~request",
    "~container",
    "~connect",
    "~retry",
    "~node",
    "~user",
    "~start",
    "~invalid",
    "exception",
    "caus",
    "service",
    "respons",
    "return",
    "handl",
    "process",
    "execut",
    "operat",
    "status",
    "cod",
    "reason",
    "unexpect",
    "http",
    "server",
    "internal",
    "name",
    "data",
    "run",
    "not",
    "no",
    "when",
    "will",
    "try",
    "attempt",
    "got",
    "rpc",
    "get",
    "post",
    "put",
    "exit",
    "state",
    "event",
    "task",
    "job",
    "thread",
    "main",
    "handler",
    "controller",
    "api",
    "object",
    "resource",
    "valu",
    "new",
    "last",
    "first",
    "all",
    "some",
    "which",
    "been",
    "cannot",
    "did",
];

/// A digest of texts for telling them apart (FNV-1a); it withstands no collisions made on purpose.
pub(super) fn digest_of(texts: &[&str]) -> u64 {
    let bytes = texts.iter().flat_map(|it| it.bytes().chain([0xff]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// The 32 bit name of a term: two terms of one name are as good as none in sets of this size.
fn name_of(word: &str) -> u32 {
    let hash = digest_of(&[word]);
    let folded = (hash ^ (hash >> 32)) & u64::from(u32::MAX);
    u32::try_from(folded).unwrap_or(0)
}

/// The terms of a text with their counts, by their names.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sparse {
    terms: Vec<(u32, u16)>,
}

impl Sparse {
    /// The terms of a text, at most 128.
    pub fn of(text: &str) -> Self {
        Self::of_all([text])
    }

    /// The terms of several texts together, at most 128.
    pub fn of_all<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut counts: BTreeMap<u32, u16> = BTreeMap::new();
        for word in texts.into_iter().flat_map(words) {
            let name = name_of(&word);
            if counts.len() < MAX_TERMS || counts.contains_key(&name) {
                let count = counts.entry(name).or_default();
                *count = count.saturating_add(1);
            }
        }
        Self {
            terms: counts.into_iter().collect(),
        }
    }

    /// Whole texts as terms, at most 128: what is alike is the same text.
    pub(super) fn of_names(texts: &[String]) -> Self {
        let names: BTreeSet<u32> = texts.iter().take(MAX_TERMS).map(|it| name_of(it)).collect();
        Self {
            terms: names.into_iter().map(|name| (name, 1)).collect(),
        }
    }

    /// Terms with these names, each once.
    pub(crate) fn of_numbers(names: impl IntoIterator<Item = u32>) -> Self {
        let mut terms: Vec<(u32, u16)> = names.into_iter().take(MAX_TERMS).map(|it| (it, 1)).collect();
        terms.sort_unstable();
        terms.dedup();
        Self { terms }
    }

    /// Several texts as one, at most 128 terms.
    pub(crate) fn together<'a>(texts: impl IntoIterator<Item = &'a Self>) -> Self {
        let mut all: Vec<(u32, u16)> = texts.into_iter().flat_map(Self::terms).collect();
        all.sort_unstable();
        all.dedup_by(|next, kept| {
            let is_same = next.0 == kept.0;
            if is_same {
                kept.1 = kept.1.saturating_add(next.1);
            }
            is_same
        });
        all.truncate(MAX_TERMS);
        Self { terms: all }
    }

    /// Names and counts, in the order of names.
    pub(crate) fn terms(&self) -> impl Iterator<Item = (u32, u16)> + '_ {
        self.terms.iter().copied()
    }

    /// The number of words.
    pub(super) fn length(&self) -> f64 {
        self.terms().map(|(_, count)| f64::from(count)).sum()
    }

    /// Whether the text says nothing that could be compared.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// The count of a term.
    pub(super) fn count(&self, name: u32) -> u16 {
        let found = self.terms.binary_search_by_key(&name, |(name, _)| *name);
        let term = found.ok().and_then(|at| self.terms.get(at));
        term.map_or(0, |(_, count)| *count)
    }

    /// The terms with their weights, of length 1.
    pub(super) fn weighted(&self, idf: &Idf) -> Unit {
        let weights = self
            .terms()
            .map(|(name, count)| (name, idf.weight(name) * damped(count)));
        let weights: Vec<(u32, f64)> = weights.collect();
        let length = weights
            .iter()
            .map(|(_, weight)| weight * weight)
            .sum::<f64>()
            .sqrt();
        let terms = weights.into_iter();
        Unit {
            terms: terms.map(|(name, weight)| (name, weight / length)).collect(),
        }
    }

    /// The cosine of both texts' weighted terms: 0 to 1, 1 for the same terms, also where both have none.
    pub fn cosine(&self, other: &Self, idf: &Idf) -> f64 {
        self.weighted(idf).cosine(&other.weighted(idf))
    }
}

/// How things fail: two lines of which each names such a way, and no common one, say different things whatever else they share.
const WAYS: &[&str] = &[
    "~refuse",
    "~reset",
    "~timeout",
    "~dns",
    "~unreachable",
    "~memory-out",
    "~disk-full",
    "~denied",
    "~unauthenticated",
    "~missing",
    "~unavailable",
    "~throttle",
    "~expire",
    "~untrusted",
    "~deadlock",
    "~pool",
    "~files-open",
    "~crash",
    "~kill",
    "~insufficient",
    "~null",
    "~parse",
    "~duplicate",
    "~in-use",
    "~lag",
    "~slow",
    "~read-only",
    "~success",
];
static WAY_NAMES: LazyLock<BTreeSet<u32>> = LazyLock::new(|| WAYS.iter().map(|it| name_of(it)).collect());
/// Going well is no way to fail.
static WELL: LazyLock<u32> = LazyLock::new(|| name_of("~success"));
static BADLY: LazyLock<u32> = LazyLock::new(|| name_of("~fail"));

/// Weighted terms of length 1, in the order of names.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Unit {
    terms: Vec<(u32, f64)>,
}

impl Unit {
    fn ways(&self) -> impl Iterator<Item = u32> + '_ {
        let names = self.terms.iter().map(|(name, _)| *name);
        names.filter(|name| WAY_NAMES.contains(name))
    }

    fn holds(&self, name: u32) -> bool {
        self.terms.binary_search_by_key(&name, |(name, _)| *name).is_ok()
    }

    /// Whether the texts name different ways of failing, or one tells of a failure and the other of success.
    pub(super) fn differs_in_kind(&self, other: &Self) -> bool {
        let opposed = |a: &Self, b: &Self| a.holds(*WELL) && !b.holds(*WELL) && b.holds(*BADLY);
        let both = self.ways().next().is_some() && other.ways().next().is_some();
        opposed(self, other) || opposed(other, self) || (both && !self.ways().any(|way| other.holds(way)))
    }

    /// The cosine: 0 to 1, 1 for the same terms, also where both have none.
    pub(super) fn cosine(&self, other: &Self) -> f64 {
        if self == other {
            return 1.0;
        }
        let (mut ours, mut theirs) = (self.terms.iter().peekable(), other.terms.iter().peekable());
        let mut dot = 0.0;
        while let (Some((a, left)), Some((b, right))) = (ours.peek(), theirs.peek()) {
            match a.cmp(b) {
                Ordering::Less => drop(ours.next()),
                Ordering::Greater => drop(theirs.next()),
                Ordering::Equal => {
                    dot += left * right;
                    ours.next();
                    theirs.next();
                }
            }
        }
        dot.clamp(0.0, 1.0)
    }
}

/// The tenth mention of a word tells little more than the first.
fn damped(count: u16) -> f64 {
    1.0 + f64::from(count.max(1)).ln()
}

/// How much a term tells, learnt from the texts that are compared.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Idf {
    documents: u32,
    /// The words of all documents.
    length: f64,
    holding: HashMap<u32, Held, Hashed>,
}

/// In how many documents a term stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Held {
    seen: u32,
    /// Those of the background.
    behind: u32,
}

impl Held {
    fn none(name: u32) -> Self {
        Self {
            seen: 0,
            behind: if general(name) { COMMON } else { 1 },
        }
    }
}

impl Idf {
    /// Learns from a set of texts.
    pub fn over<'a>(texts: impl IntoIterator<Item = &'a Sparse>) -> Self {
        let mut idf = Self::default();
        for text in texts {
            idf.add(text);
        }
        idf
    }

    /// Learns one more text.
    pub fn add(&mut self, text: &Sparse) {
        self.documents = self.documents.saturating_add(1);
        self.length += text.length();
        for (name, _) in text.terms() {
            let held = self.holding.entry(name).or_insert_with(|| Held::none(name));
            held.seen = held.seen.saturating_add(1);
        }
    }

    /// Forgets a text that was learnt.
    pub fn remove(&mut self, text: &Sparse) {
        self.documents = self.documents.saturating_sub(1);
        self.length -= text.length();
        for (name, _) in text.terms() {
            if let Some(held) = self.holding.get_mut(&name) {
                held.seen = held.seen.saturating_sub(1);
                if held.seen == 0 {
                    self.holding.remove(&name);
                }
            }
        }
    }

    /// How many words a text has on average, at least 1.
    pub(super) fn mean_length(&self) -> f64 {
        (self.length / f64::from(self.documents.max(1))).max(1.0)
    }

    /// The weight of a term, above 0.
    pub(super) fn weight(&self, name: u32) -> f64 {
        self.weighing()(name)
    }

    /// The weight of each term, for one text after the other: BM25's `ln(1 + (N - n + 0.5) / (n + 0.5))`, which is
    /// `ln(N + 1) - ln(n + 0.5)`.
    pub(crate) fn weighing(&self) -> impl Fn(u32) -> f64 + '_ {
        let documents = self.documents.saturating_add(BACKGROUND);
        let all = libm::log(f64::from(documents) + 1.0);
        move |name| {
            let held = self.holding.get(&name).copied();
            let held = held.unwrap_or_else(|| Held::none(name));
            all - log_of(held.seen.saturating_add(held.behind).min(documents))
        }
    }
}

/// `ln(n + 0.5)`.
fn log_of(count: u32) -> f64 {
    static SMALL: LazyLock<Vec<f64>> =
        LazyLock::new(|| (0..4_096_u32).map(|it| libm::log(f64::from(it) + 0.5)).collect());
    let small = usize::try_from(count).ok().and_then(|it| SMALL.get(it));
    small.map_or_else(|| libm::log(f64::from(count) + 0.5), |it| *it)
}

fn general(name: u32) -> bool {
    static NAMES: LazyLock<BTreeSet<u32>> = LazyLock::new(|| GENERAL.iter().map(|it| name_of(it)).collect());
    NAMES.contains(&name)
}
