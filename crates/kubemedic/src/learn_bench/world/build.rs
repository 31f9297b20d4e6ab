//! How a world comes out of its seed, and how it changes in a shift.

use std::collections::BTreeSet;

use super::{
    ARMS, CLASSES, CLUSTERS, ESCALATE, FAMILIES, KINDS, RESTART, ROLLBACK, TEAMS, TIER_WEIGHT, TIERS, Table,
    World, logistic,
};
use crate::learn_bench::random::Stream;

/// The standard deviation of the knowledge base's error, in log-odds.
const KNOWLEDGE_NOISE: f64 = 1.0;
/// What `escalate` resolves, in log-odds: about one in twenty.
const ESCALATE_EFFECT: f64 = -3.0;
/// The arms that change an object in place, which a GitOps controller reverts: memory, cpu and probe patches.
const PATCHES: [usize; 3] = [3, 4, 8];

impl World {
    /// The world of a seed.
    pub fn new(seed: u64) -> Self {
        let mut stream = Stream::named(seed, "world", 0);
        let frequency = frequencies(&mut stream);
        let (admitted, effect) = families(seed, &mut stream);
        let kind_effect = noise(&mut stream, KINDS, 0.4);
        let mut cluster_effect = noise(&mut stream, CLUSTERS, 0.5);
        let gitops = stream.below(CLUSTERS);
        for arm in PATCHES {
            cluster_effect.set(gitops, arm, cluster_effect.at(gitops, arm) - 2.0);
        }
        let aversion = (0..TEAMS).map(|_| 0.4 + 1.6 * stream.uniform()).collect();
        let opinion = noise(&mut stream, TEAMS, 0.8);
        let known_resolves = known_resolves(&mut stream, &effect);
        Self {
            seed,
            frequency,
            admitted,
            effect,
            kind_effect,
            cluster_effect,
            aversion,
            opinion,
            known_resolves,
            known_approved: known_approved(),
        }
    }

    /// The same world after a change of people and of software: half of the teams think the contrary, and in a
    /// third of the families the best arm changes places with another one. The knowledge base hears nothing of it.
    pub fn shifted(&self) -> Self {
        let mut world = self.clone();
        let mut stream = Stream::named(self.seed, "shift", 0);
        for team in (0..TEAMS).step_by(2) {
            for arm in 0..ARMS.len() {
                world.opinion.set(team, arm, self.opinion.at(team, arm) * -1.2);
            }
            if let Some(aversion) = world.aversion.get_mut(team) {
                *aversion = 2.4 - *aversion;
            }
        }
        for (family, arms) in self.admitted.iter().enumerate().step_by(3) {
            let mut others: Vec<usize> = arms.iter().copied().filter(|arm| *arm != ESCALATE).collect();
            others.sort_by(|a, b| self.effect.at(family, *b).total_cmp(&self.effect.at(family, *a)));
            let Some((best, rest)) = others.split_first() else {
                continue;
            };
            if let Some(other) = rest.get(stream.below(rest.len())) {
                world.effect.set(family, *best, self.effect.at(family, *other));
                world.effect.set(family, *other, self.effect.at(family, *best));
            }
        }
        world
    }
}

/// Dirichlet(0.6), with a little of the uniform distribution so that every family occurs.
fn frequencies(stream: &mut Stream) -> Vec<f64> {
    let shares: Vec<f64> = (0..FAMILIES).map(|_| stream.gamma_below_one(0.6)).collect();
    let whole: f64 = shares.iter().sum();
    shares
        .iter()
        .map(|share| 0.85 * share / whole + 0.15 / 24.0)
        .collect()
}

/// The admitted arms of each family and how well each arm works. Both families of a class admit the same arms;
/// each has its own right one, which half of the time also helps the other family.
fn families(seed: u64, stream: &mut Stream) -> (Vec<Vec<usize>>, Table) {
    let mut admitted = Vec::new();
    let mut effect = noise(stream, FAMILIES, 0.8);
    for cell in &mut effect.cells {
        *cell -= 1.5;
    }
    for family in 0..FAMILIES {
        let mut of_class = Stream::named(seed, "class", (family / 2) as u64);
        let mut arms = BTreeSet::from([RESTART, ROLLBACK]);
        arms.extend(of_class.sample((ROLLBACK + 1..ESCALATE).collect(), 4));
        let mut right = of_class.sample(arms.iter().copied().collect(), 2);
        if family % 2 == 1 {
            right.reverse();
        }
        if let [own, sibling] = right.as_slice() {
            effect.set(family, *own, stream.normal(1.8, 0.5));
            if stream.happens(0.5) {
                effect.set(family, *sibling, stream.normal(1.0, 0.5));
            }
        }
        if effect.at(family, RESTART) < 0.0 {
            effect.set(family, RESTART, stream.normal(-1.2, 0.8));
        }
        effect.set(family, ESCALATE, ESCALATE_EFFECT);
        arms.insert(ESCALATE);
        admitted.push(arms.into_iter().collect());
    }
    (admitted, effect)
}

/// A column for each arm, normal around 0.
fn noise(stream: &mut Stream, rows: usize, deviation: f64) -> Table {
    Table {
        columns: ARMS.len(),
        cells: (0..rows * ARMS.len())
            .map(|_| stream.normal(0.0, deviation))
            .collect(),
    }
}

/// What the knowledge base thinks that arms resolve: right on average over a class's families, but weakened and noisy.
fn known_resolves(stream: &mut Stream, effect: &Table) -> Table {
    let mut known = noise(stream, CLASSES, KNOWLEDGE_NOISE);
    for class in 0..CLASSES {
        for arm in 0..ARMS.len() {
            let mean = f64::midpoint(effect.at(2 * class, arm), effect.at(2 * class + 1, arm));
            let thought = logistic(0.8 * mean + known.at(class, arm)).clamp(0.05, 0.9);
            known.set(class, arm, if arm == ESCALATE { 0.05 } else { thought });
        }
    }
    known
}

/// What the knowledge base thinks that people approve: by tier and risk alone.
fn known_approved() -> Table {
    let mut known = Table {
        columns: ARMS.len(),
        cells: vec![0.9; TIERS * ARMS.len()],
    };
    for (tier, weight) in TIER_WEIGHT.iter().enumerate() {
        for (arm, it) in ARMS.iter().enumerate().filter(|(arm, _)| *arm != ESCALATE) {
            known.set(tier, arm, logistic(1.0 - 2.0 * it.risk * weight));
        }
    }
    known
}
