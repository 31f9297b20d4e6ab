//! Groups of lines that say the same in other words: average link, so that a chain of small steps does not join what is unlike.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    meaning::{Meaning, Measure},
    sparse::Idf,
};

/// The most distinct texts that are grouped; each further one stands alone.
pub const MAX_CLUSTERED: usize = 200;
/// Groups are joined while their members' mean likeness is at least this, by words alone. Chosen on the even pairs of
/// `fixtures/similarity/pairs.jsonl`.
pub(super) const SAME_BY_WORDS: f64 = 0.50;
/// The same with vectors.
pub(super) const SAME_BY_BOTH: f64 = 0.40;

/// A group of texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cluster {
    /// The member that is most like all others.
    pub representative: usize,
    /// The positions of the members, in order.
    pub members: Vec<usize>,
}

/// Groups texts that say the same. Each text is in one group; groups are in the order of their first members. Which texts come
/// together does not depend on their order. `vectors` are used where there is one for each text; `baseline` is their embedder's.
pub fn cluster(texts: &[&str], vectors: Option<&[Vec<f32>]>, baseline: f64) -> Vec<Cluster> {
    let vectors = vectors.filter(|it| it.len() == texts.len());
    let mut positions: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, text) in texts.iter().enumerate() {
        positions.entry(text).or_default().push(at);
    }
    let distinct: Vec<(&str, Vec<usize>)> = positions.into_iter().collect();
    let (grouped, alone) = distinct.split_at(distinct.len().min(MAX_CLUSTERED));
    let vector = |at: &[usize]| Some(vectors?.get(*at.first()?)?.clone());
    let meaning = |(text, at): &(&str, Vec<usize>)| Meaning::of(text).with_vector(vector(at));
    let meanings: Vec<Meaning> = grouped.iter().map(meaning).collect();
    let likeness = Likeness::between(&meanings, baseline);
    let least = if vectors.is_some() {
        SAME_BY_BOTH
    } else {
        SAME_BY_WORDS
    };
    let mut clusters: Vec<Cluster> = likeness
        .linked(least)
        .into_iter()
        .map(|group| of_group(&group, grouped, &likeness))
        .collect();
    clusters.extend(alone.iter().filter_map(|(_, at)| {
        Some(Cluster {
            representative: *at.first()?,
            members: at.clone(),
        })
    }));
    clusters.sort_by(|a, b| a.members.cmp(&b.members));
    clusters
}

fn of_group(group: &[usize], texts: &[(&str, Vec<usize>)], likeness: &Likeness) -> Cluster {
    let at = |text: &usize| texts.get(*text).map(|(_, at)| at.as_slice()).unwrap_or_default();
    let mut members: Vec<usize> = group.iter().flat_map(at).copied().collect();
    members.sort_unstable();
    let representative = at(&likeness.medoid(group)).first().copied().unwrap_or_default();
    Cluster {
        representative,
        members,
    }
}

/// The likeness of each text to each other.
#[derive(Debug)]
struct Likeness {
    size: usize,
    values: Vec<f64>,
}

impl Likeness {
    fn between(meanings: &[Meaning], baseline: f64) -> Self {
        let idf = Idf::over(meanings.iter().map(|it| &it.lexical));
        let measure = Measure { idf: &idf, baseline };
        let ready: Vec<_> = meanings.iter().map(|it| measure.ready(it)).collect();
        let size = ready.len();
        let mut values = vec![1.0; size * size];
        for (row, one) in ready.iter().enumerate() {
            for (column, other) in ready.iter().enumerate().skip(row + 1) {
                let likeness = measure.compare(one, other);
                for at in [row * size + column, column * size + row] {
                    if let Some(value) = values.get_mut(at) {
                        *value = likeness;
                    }
                }
            }
        }
        Self { size, values }
    }

    fn get(&self, row: usize, column: usize) -> f64 {
        self.values.get(row * self.size + column).copied().unwrap_or(0.0)
    }

    fn set(&mut self, row: usize, column: usize, likeness: f64) {
        for at in [row * self.size + column, column * self.size + row] {
            if let Some(value) = self.values.get_mut(at) {
                *value = likeness;
            }
        }
    }

    /// The member whose likeness to all others is greatest, the first of equals.
    fn medoid(&self, group: &[usize]) -> usize {
        let sum = |one: usize| group.iter().map(|other| self.get(one, *other)).sum::<f64>();
        let mut best = (group.first().copied().unwrap_or(0), f64::MIN);
        for member in group {
            let likeness = sum(*member);
            if likeness > best.1 + 1e-12 {
                best = (*member, likeness);
            }
        }
        best.0
    }

    /// Joins the two groups whose members' mean likeness is greatest, again and again, while it is at least `least`.
    fn linked(&self, least: f64) -> Vec<Vec<usize>> {
        let mut between = Self {
            size: self.size,
            values: self.values.clone(),
        };
        let mut groups: Vec<Vec<usize>> = (0..self.size).map(|it| vec![it]).collect();
        let mut alive: BTreeSet<usize> = (0..self.size).collect();
        let mut nearest: Vec<Option<(usize, f64)>> =
            (0..self.size).map(|it| between.nearest(it, &alive)).collect();
        while let Some((one, other)) = best_pair(&alive, &nearest, least) {
            let (left, right) = (
                groups.get(one).map_or(0, Vec::len),
                groups.get(other).map_or(0, Vec::len),
            );
            between.merge((one, left), (other, right), &alive);
            alive.remove(&other);
            let moved = groups.get_mut(other).map(std::mem::take).unwrap_or_default();
            if let Some(group) = groups.get_mut(one) {
                group.extend(moved);
                group.sort_unstable();
            }
            for it in &alive {
                let Some(entry) = nearest.get_mut(*it) else {
                    continue;
                };
                let gained = between.get(*it, one);
                let is_stale = *it == one || entry.is_none_or(|(to, _)| to == one || to == other);
                if is_stale {
                    *entry = between.nearest(*it, &alive);
                } else if entry.is_some_and(|(to, most)| gained > most || (gained >= most && one < to)) {
                    *entry = Some((one, gained));
                }
            }
        }
        alive
            .into_iter()
            .filter_map(|it| groups.get(it).cloned())
            .collect()
    }

    /// The group that is most like this one, the first of equals.
    fn nearest(&self, one: usize, alive: &BTreeSet<usize>) -> Option<(usize, f64)> {
        let others = alive.iter().filter(|it| **it != one);
        others.fold(None, |best, other| {
            let likeness = self.get(one, *other);
            match best {
                Some((_, greatest)) if greatest >= likeness => best,
                _ => Some((*other, likeness)),
            }
        })
    }

    /// The likeness of a joined group to the others is the mean over its members (Lance and Williams 1967).
    fn merge(
        &mut self,
        (one, left): (usize, usize),
        (other, right): (usize, usize),
        alive: &BTreeSet<usize>,
    ) {
        #[expect(clippy::cast_precision_loss, reason = "a few hundred at most")]
        let (left, right) = (left as f64, right as f64);
        for third in alive.iter().filter(|it| **it != one && **it != other) {
            let mean = (left * self.get(one, *third) + right * self.get(other, *third)) / (left + right);
            self.set(one, *third, mean);
        }
    }
}

/// The two groups that are most alike, the first of equals; the lower number first.
fn best_pair(
    alive: &BTreeSet<usize>,
    nearest: &[Option<(usize, f64)>],
    least: f64,
) -> Option<(usize, usize)> {
    let mut best: Option<(usize, usize, f64)> = None;
    for one in alive {
        if let Some((other, likeness)) = nearest.get(*one).copied().flatten()
            && likeness >= least
            && best.is_none_or(|(_, _, greatest)| likeness > greatest)
        {
            best = Some((*one, other, likeness));
        }
    }
    best.map(|(one, other, _)| (one.min(other), one.max(other)))
}
