//! One head: a probit model with independent normal weights that is learnt by assumed-density filtering (LEARNING.md 1.5 to
//! 1.7, after adPredictor). Weights keep what was learnt apart from the prior, as natural parameters: forgetting and taking a
//! label back are then exact.

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
};

use serde::{Deserialize, Serialize};

use super::{
    feature::Active,
    gaussian::{cdf, density},
    names::{FeatureNames, mix},
};
use crate::learning::pairs;

/// The standardised margin is cut here: beyond it one label would move everything.
const MAX_MARGIN: f64 = 6.0;
/// A step leaves at least this share of a variance.
const LEAST_SHARE: f64 = 1e-3;
/// A probability below this is taken for this one.
const LEAST_PROBABILITY: f64 = 1e-12;

/// Spreads the bits of a feature's key. The map is never walked in its order, so that the hash decides nothing.
#[derive(Debug, Clone, Default)]
pub(crate) struct KeyHasher(u64);

impl Hasher for KeyHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = mix(self.0, u64::from(*byte));
        }
    }

    fn write_u128(&mut self, key: u128) {
        #[expect(clippy::cast_possible_truncation, reason = "the halves of the key")]
        let (low, high) = (key as u64, (key >> 64) as u64);
        self.0 = mix(high.wrapping_mul(0x9e37_79b9_7f4a_7c15), low);
    }
}

/// What was learnt of one feature, as deviations of the natural parameters from the prior.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
struct Weight {
    /// Added to the prior's precision.
    precision: f64,
    /// Added to the prior's precision times mean.
    shift: f64,
    /// Half-lives that have passed while it was used.
    age: f64,
    /// When it was used last, in seconds.
    last: f64,
    /// Labels in it.
    labels: u32,
}

impl Weight {
    /// Mean and variance with the prior.
    fn moments(&self, prior: &Active) -> (f64, f64) {
        let precision = 1.0 / prior.variance + self.precision;
        let shift = prior.mean / prior.variance + self.shift;
        (shift / precision, 1.0 / precision)
    }

    /// Lets half-lives pass: what was learnt fades, the prior stays.
    fn fade(&mut self, half_lives: f64) {
        if half_lives > 0.0 {
            let rest = libm::exp2(-half_lives);
            self.precision *= rest;
            self.shift *= rest;
            self.age += half_lives;
        }
    }

    fn digest(&self, feature: u64) -> u128 {
        let parts = [self.precision, self.shift, self.age, self.last].map(f64::to_bits);
        let first = parts.into_iter().fold(feature, mix);
        let second = mix(first, u64::from(self.labels));
        (u128::from(first) << 64) | u128::from(second)
    }
}

/// What one label added to one weight.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Addition {
    pub(crate) key: u128,
    precision: f64,
    shift: f64,
    age: f64,
}

/// The weights of one question.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Weights {
    #[serde(with = "pairs")]
    by_feature: HashMap<u128, Weight, BuildHasherDefault<KeyHasher>>,
    half_life_seconds: f64,
    digest: u128,
}

impl Weights {
    pub(crate) fn new(half_life_days: f64) -> Self {
        Self {
            half_life_seconds: half_life_days * 86_400.0,
            ..Self::default()
        }
    }

    /// A digest of all weights that does not depend on the order in which they came.
    pub(crate) fn digest(&self) -> u128 {
        self.digest
    }

    /// How many weights have learnt something.
    pub(crate) fn len(&self) -> usize {
        self.by_feature.len()
    }

    fn weight(&self, key: u128) -> Weight {
        self.by_feature.get(&key).copied().unwrap_or_default()
    }

    /// How many labels a feature has.
    pub(crate) fn labels(&self, key: u128) -> u32 {
        self.weight(key).labels
    }

    /// Mean and variance of a feature's weight.
    pub(crate) fn moments(&self, feature: &Active) -> (f64, f64) {
        self.weight(feature.key).moments(feature)
    }

    /// Mean and variance of the sum over features.
    pub(crate) fn sum(&self, features: &[Active]) -> (f64, f64) {
        features.iter().fold((0.0, 0.0), |(mean, variance), feature| {
            let (m, v) = self.moments(feature);
            (
                mean + m * feature.value,
                variance + v * feature.value * feature.value,
            )
        })
    }

    /// Every key that has learnt something, in no order.
    pub(crate) fn keys(&self) -> impl Iterator<Item = u128> {
        self.by_feature.keys().copied()
    }

    /// Takes a label in: `y` of it is a yes, the rest a no. Returns what it added.
    pub(crate) fn learn(
        &mut self,
        features: &[Active],
        (y, weight): (f64, f64),
        seconds: f64,
        names: &FeatureNames,
    ) -> Vec<Addition> {
        for feature in features {
            let half_life = self.half_life_seconds;
            self.change(feature.key, names, |it| {
                if it.labels > 0 {
                    it.fade((seconds - it.last).max(0.0) / half_life);
                }
                it.last = it.last.max(seconds);
                it.labels = it.labels.saturating_add(1);
            });
        }
        let mut additions: Vec<Addition> = features
            .iter()
            .map(|feature| Addition {
                key: feature.key,
                precision: 0.0,
                shift: 0.0,
                age: self.weight(feature.key).age,
            })
            .collect();
        for (side, weight) in [(1.0, weight * y), (-1.0, weight * (1.0 - y))] {
            if weight > 0.0 {
                self.step(features, side, weight, &mut additions);
            }
        }
        for addition in &additions {
            self.change(addition.key, names, |it| {
                it.precision += addition.precision;
                it.shift += addition.shift;
            });
        }
        additions
    }

    /// One step of the filter, added to the additions; the weights themselves stay.
    fn step(&self, features: &[Active], side: f64, weight: f64, additions: &mut [Addition]) {
        let present: Vec<(f64, f64)> = features
            .iter()
            .zip(additions.iter())
            .map(|(feature, added)| {
                let mut it = self.weight(feature.key);
                it.precision += added.precision;
                it.shift += added.shift;
                it.moments(feature)
            })
            .collect();
        let (mean, variance) =
            features
                .iter()
                .zip(&present)
                .fold((0.0, 0.0), |(mean, variance), (feature, (m, v))| {
                    (
                        mean + m * feature.value,
                        variance + v * feature.value * feature.value,
                    )
                });
        let total = 1.0 + variance;
        let spread = libm::sqrt(total);
        let margin = (side * mean / spread).clamp(-MAX_MARGIN, MAX_MARGIN);
        let push = density(margin) / cdf(margin).max(LEAST_PROBABILITY);
        let shrink = push * (push + margin);
        for ((feature, (mean, variance)), added) in features.iter().zip(&present).zip(additions) {
            let x = feature.value;
            let new_mean = mean + side * x * variance / spread * push;
            let share = (1.0 - x * x * variance / total * shrink).max(LEAST_SHARE);
            let new_variance = variance * share;
            added.precision += (1.0 / new_variance - 1.0 / variance) * weight;
            added.shift += (new_mean / new_variance - mean / variance) * weight;
        }
    }

    /// Takes back what a label added, as far as it was not forgotten since.
    pub(crate) fn retract(&mut self, additions: &[Addition], names: &FeatureNames) {
        for addition in additions {
            self.change(addition.key, names, |it| {
                let rest = libm::exp2(addition.age - it.age);
                it.precision = (it.precision - addition.precision * rest).max(0.0);
                it.shift -= addition.shift * rest;
                it.labels = it.labels.saturating_sub(1);
            });
        }
    }

    /// Lets half-lives pass at once for some features.
    pub(crate) fn age(&mut self, keys: &[u128], half_lives: f64, names: &FeatureNames) {
        for key in keys {
            self.change(*key, names, |it| it.fade(half_lives));
        }
    }

    /// Changes one weight and keeps the digest. A weight without labels is the prior, to the last bit.
    fn change(&mut self, key: u128, names: &FeatureNames, change: impl FnOnce(&mut Weight)) {
        let feature = names.feature_digest(key);
        let mut weight = match self.by_feature.get(&key) {
            Some(weight) => {
                self.digest = self.digest.wrapping_sub(weight.digest(feature));
                *weight
            }
            None => Weight::default(),
        };
        change(&mut weight);
        if weight.labels == 0 {
            self.by_feature.remove(&key);
        } else {
            self.digest = self.digest.wrapping_add(weight.digest(feature));
            self.by_feature.insert(key, weight);
        }
    }
}
