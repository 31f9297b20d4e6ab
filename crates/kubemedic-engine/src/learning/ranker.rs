//! The two-head ranker (LEARNING.md section 1): how likely a repair is approved, how likely it then helps, and the order of
//! candidates by the product. Pure: its state is a fold over labels with event times, the same bits on every machine. It only
//! orders what it is given; what may be proposed or executed is decided elsewhere.

mod drift;
mod feature;
mod gaussian;
mod head;
mod hyper;
mod key;
mod names;
mod sites;
mod trust;

use std::collections::VecDeque;

use jiff::Timestamp;
pub use kubemedic_model::learning::{
    Blast, Candidate, Context, Contribution, Head, Label, Signal, Tier, Window,
};
use kubemedic_model::plan::Strategy;
use serde::{Deserialize, Serialize};

pub use drift::{DriftAlarm, Scope};
use feature::{Active, Numbered, prior};
use gaussian::{cdf, chance_to_be_best, density};
use head::Weights;
pub use hyper::Hyper;
use key::{Cross, unpack};
use names::FeatureNames;
pub use sites::SiteId;
use sites::{Site, Sites};
pub use trust::Standing;

/// What nothing but handing over resolves: it is never learnt up (1.2).
const ESCALATE_RESOLVES: f64 = 0.05;
/// A candidate is safe to explore when its optimistic score reaches this share of the best score (1.5).
const SAFE_SHARE: f64 = 0.7;
/// How many standard deviations of optimism that is.
const SAFE_OPTIMISM: f64 = 1.5;
/// Rater windows that are open at most before ended ones are forgotten.
const MANY_WINDOWS: usize = 4096;
/// Whoever gives no name is one rater with all the others who give none.
const UNNAMED: &str = "unnamed";
/// The most alarms that are kept, the newest ones.
const MAX_ALARMS: usize = 100;

/// What the ranker expects of one candidate.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Prediction {
    /// How likely a person approves it.
    pub p_approve: f64,
    /// How likely it helps once it is executed.
    pub p_resolve: f64,
    /// The product: what candidates are ordered by.
    pub score: f64,
    /// The standard deviation of the score.
    pub sd: f64,
    /// The standard deviation of `p_approve`.
    pub sd_approve: f64,
    /// The standard deviation of `p_resolve`.
    pub sd_resolve: f64,
    /// Labels on approval that this class and repair have.
    pub n_approve: u32,
    /// Labels on helping that this class and repair have.
    pub n_outcome: u32,
}

/// A candidate in its place.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Ranked {
    /// The repair.
    pub arm: Strategy,
    /// What is expected of it.
    pub prediction: Prediction,
    /// How likely it was to be put first.
    pub propensity: f64,
}

/// What learning a label did.
#[derive(Debug, Clone, PartialEq)]
pub struct Update {
    /// Names the label; `None` where it counted nothing.
    pub site: Option<SiteId>,
    /// The weight that it had after trust and cap.
    pub weight: f64,
    /// What was expected of it before, 0 to 1.
    pub expected: f64,
    /// The alarm that it raised.
    pub alarm: Option<DriftAlarm>,
}

/// A label that was learnt before, with the weight that it had then.
#[derive(Debug, Clone, Copy)]
pub struct Earlier<'a> {
    /// Where it stands among the labels.
    pub site: SiteId,
    /// The context.
    pub context: &'a Context,
    /// The candidate.
    pub candidate: Candidate,
    /// The label.
    pub label: &'a Label,
    /// Its weight after trust and cap.
    pub weight: f64,
}

/// The ranker's state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ranker {
    hyper: Hyper,
    names: FeatureNames,
    approve: Weights,
    resolve: Weights,
    raters: trust::Raters,
    watch: drift::Watch,
    alarms: VecDeque<DriftAlarm>,
    sites: Sites,
}

impl Default for Ranker {
    fn default() -> Self {
        Self::new(Hyper::default())
    }
}

impl Ranker {
    /// A ranker that has learnt nothing: it believes the knowledge base.
    pub fn new(hyper: Hyper) -> Self {
        Self {
            approve: Weights::new(hyper.half_life_approve_days),
            resolve: Weights::new(hyper.half_life_resolve_days),
            names: FeatureNames::default(),
            raters: trust::Raters::default(),
            watch: drift::Watch::default(),
            alarms: VecDeque::new(),
            sites: Sites::default(),
            hyper,
        }
    }

    /// Its constants.
    pub fn hyper(&self) -> &Hyper {
        &self.hyper
    }

    /// What is expected of a candidate.
    pub fn predict(&self, context: &Context, candidate: &Candidate) -> Prediction {
        self.predict_numbered(&Numbered::seen(context, &self.names, &self.hyper), candidate)
    }

    fn predict_numbered(&self, context: &Numbered, candidate: &Candidate) -> Prediction {
        let of = |head: Head| {
            let features = context.features(head, candidate, &self.hyper);
            let (p, sd) = probability(self.weights(head).sum(&features));
            let class = features.iter().find(|it| it.cross == Cross::ClassArm);
            let n = class.map_or(0, |it| self.weights(head).labels(it.key));
            (p, sd, n)
        };
        let (p_approve, sd_approve, n_approve) = of(Head::Approve);
        let (p_resolve, sd_resolve, n_outcome) = if candidate.arm == Strategy::Escalate {
            (ESCALATE_RESOLVES, 0.0, 0)
        } else {
            of(Head::Resolve)
        };
        let parts = [
            p_approve * sd_resolve,
            p_resolve * sd_approve,
            sd_approve * sd_resolve,
        ];
        Prediction {
            p_approve,
            p_resolve,
            score: p_approve * p_resolve,
            sd: libm::sqrt(parts.iter().map(|it| it * it).sum()),
            sd_approve,
            sd_resolve,
            n_approve,
            n_outcome,
        }
    }

    /// What each feature adds to both predictions, what was learnt most of first.
    pub fn explain(&self, context: &Context, candidate: &Candidate) -> Vec<Contribution> {
        self.explain_where(context, candidate, |_, _, _| true)
    }

    /// The same for the features that matter, by what each adds, its standard deviation and its labels.
    pub(crate) fn explain_where(
        &self,
        context: &Context,
        candidate: &Candidate,
        matters: impl Fn(f64, f64, u32) -> bool,
    ) -> Vec<Contribution> {
        let numbered = Numbered::seen(context, &self.names, &self.hyper);
        let mut found = Vec::new();
        for head in [Head::Approve, Head::Resolve] {
            if head == Head::Resolve && candidate.arm == Strategy::Escalate {
                continue;
            }
            let weights = self.weights(head);
            for feature in numbered.features(head, candidate, &self.hyper) {
                let (mean, variance) = weights.moments(&feature);
                let (value, n) = (mean * feature.value, weights.labels(feature.key));
                let sd = libm::sqrt(variance) * feature.value.abs();
                if matters(value, sd, n) {
                    found.push(Contribution {
                        head,
                        feature: self.names.describe(feature.key),
                        value,
                        learnt: (mean - feature.mean) * feature.value,
                        sd,
                        n,
                    });
                }
            }
        }
        found.sort_by(|a, b| {
            b.learnt
                .abs()
                .total_cmp(&a.learnt.abs())
                .then_with(|| a.feature.cmp(&b.feature))
                .then(a.head.cmp(&b.head))
        });
        found
    }

    /// The candidates in the order in which they are proposed. Off production the first place is drawn by the chance to be
    /// the best, from a number that follows from the decision's id and offset; on production nothing is explored.
    pub fn choose(
        &self,
        context: &Context,
        candidates: &[Candidate],
        decision: &str,
        offset: u64,
    ) -> Vec<Ranked> {
        let numbered = Numbered::seen(context, &self.names, &self.hyper);
        let predictions: Vec<Prediction> = candidates
            .iter()
            .map(|it| self.predict_numbered(&numbered, it))
            .collect();
        let explores = context.tier != Tier::Prod && self.hyper.exploration > 0.0;
        let chances = if explores {
            self.propensities(&predictions)
        } else {
            certain(&predictions)
        };
        let mut ranked: Vec<Ranked> = candidates
            .iter()
            .zip(predictions)
            .zip(&chances)
            .map(|((candidate, prediction), propensity)| Ranked {
                arm: candidate.arm,
                prediction,
                propensity: *propensity,
            })
            .collect();
        let first = drawn(&chances, draw(decision, offset));
        let first = first
            .filter(|place| *place < ranked.len())
            .map(|place| ranked.remove(place));
        // Equal scores keep the order in which they came: the knowledge base's.
        ranked.sort_by(|a, b| b.prediction.score.total_cmp(&a.prediction.score));
        first.into_iter().chain(ranked).collect()
    }

    /// The chances with which each candidate is put first (1.5).
    fn propensities(&self, predictions: &[Prediction]) -> Vec<f64> {
        let scores: Vec<(f64, f64)> = predictions
            .iter()
            .map(|it| (it.score, it.sd * self.hyper.exploration))
            .collect();
        let best = predictions.iter().map(|it| it.score).fold(0.0, f64::max);
        let safe: Vec<bool> = predictions
            .iter()
            .map(|it| it.score + SAFE_OPTIMISM * it.sd >= SAFE_SHARE * best)
            .collect();
        let among = safe.iter().fold(0.0, |sum, it| sum + f64::from(u8::from(*it)));
        let floor = self.hyper.floor;
        let mixed: Vec<f64> = chance_to_be_best(&scores)
            .into_iter()
            .zip(safe)
            .map(|(chance, safe)| (1.0 - floor) * chance + if safe { floor / among } else { 0.0 })
            .collect();
        let sum: f64 = mixed.iter().sum();
        mixed
            .into_iter()
            .map(|it| it / sum.max(f64::MIN_POSITIVE))
            .collect()
    }

    /// Learns a label.
    pub fn learn(&mut self, context: &Context, candidate: &Candidate, label: &Label) -> Update {
        let numbered = Numbered::all(context, &mut self.names, &self.hyper);
        let features = numbered.features(label.head, candidate, &self.hyper);
        let (expected, _) = probability(self.weights(label.head).sum(&features));
        let y = share_of(label);
        let team = features.iter().find(|it| it.cross == Cross::TeamArm);
        let known = team.map_or(0, |it| self.weights(label.head).labels(it.key));
        let weight = self.weight_of(context, candidate, label, (y, expected, known));
        let never = candidate.arm == Strategy::Escalate && label.head == Head::Resolve;
        if never || !(weight > 0.0 && weight.is_finite()) {
            return Update {
                site: None,
                weight: 0.0,
                expected,
                alarm: None,
            };
        }
        let site = self.add(label, &features, (y, weight));
        let site = self.sites.push(site, self.hyper.retractable);
        let alarm = self.watch_for_drift(context, label, y - expected);
        Update {
            site: Some(site),
            weight,
            expected,
            alarm,
        }
    }

    /// Adds a label to its head's weights.
    fn add(&mut self, label: &Label, features: &[Active], (y, weight): (f64, f64)) -> Site {
        let weights = match label.head {
            Head::Approve => &mut self.approve,
            Head::Resolve => &mut self.resolve,
        };
        let additions = weights.learn(features, (y, weight), seconds(label.at), &self.names);
        Site::new(label.head, additions)
    }

    /// Takes a label back: what it added is subtracted, as far as it was not forgotten since. `false` for one that is too old
    /// to be known or was taken back before: [`Self::relearn`] then.
    pub fn retract(&mut self, site: SiteId) -> bool {
        let Some(Site { head, additions }) = self.sites.take(site) else {
            return false;
        };
        let names = &self.names;
        match head {
            Head::Approve => self.approve.retract(&additions, names),
            Head::Resolve => self.resolve.retract(&additions, names),
        }
        true
    }

    /// Learns anew from labels in the order of their sites, with the resets where they were: as if no other label had ever
    /// come. Raters and the watch for drift keep what they saw. It takes as long as learning all of them did.
    pub fn relearn<'a>(&mut self, labels: impl Iterator<Item = Earlier<'a>>) {
        self.approve = Weights::new(self.hyper.half_life_approve_days);
        self.resolve = Weights::new(self.hyper.half_life_resolve_days);
        let resets = self.sites.begin_anew();
        let mut resets = resets.iter().peekable();
        for it in labels {
            while let Some((_, scope)) = resets.next_if(|(before, _)| *before <= it.site) {
                self.fade(scope);
            }
            let numbered = Numbered::all(it.context, &mut self.names, &self.hyper);
            let features = numbered.features(it.label.head, &it.candidate, &self.hyper);
            let site = self.add(it.label, &features, (share_of(it.label), it.weight));
            self.sites.put(it.site, site, self.hyper.retractable);
        }
        for (_, scope) in resets {
            self.fade(scope);
        }
    }

    /// Ages what was learnt of a team or a cluster at once, as an alarm does.
    pub fn reset(&mut self, scope: &Scope) {
        self.sites.note_reset(scope);
        self.fade(scope);
    }

    fn fade(&mut self, scope: &Scope) {
        let (text, crosses): (&str, &[Cross]) = match scope {
            Scope::Team(name) => (name, &[Cross::TeamArm, Cross::TeamRisk, Cross::TeamTierRisk]),
            Scope::Cluster(name) => (name, &[Cross::ClusterArm]),
        };
        let Some(number) = self.names.number(text) else {
            return;
        };
        let concerned = |key: &u128| {
            unpack(*key).is_some_and(|(cross, first, _, _)| crosses.contains(&cross) && first == number)
        };
        let names = &self.names;
        for weights in [&mut self.approve, &mut self.resolve] {
            let keys: Vec<u128> = weights.keys().filter(concerned).collect();
            weights.age(&keys, self.hyper.drift_half_lives, names);
        }
    }

    /// A digest of everything that was learnt: equal for equal labels in the same order, on every machine.
    pub fn state_hash(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        hasher.update(self.hyper.hash().as_bytes());
        for weights in [&self.approve, &self.resolve] {
            hasher.update(&weights.digest().to_le_bytes());
        }
        self.raters.digest(&mut hasher);
        self.watch.digest(&mut hasher);
        hasher.finalize().to_hex().to_string()
    }

    /// Raters and how far each is believed, by name.
    pub fn raters(&self) -> impl Iterator<Item = (&str, Standing)> {
        self.raters.standings()
    }

    /// The newest alarms, the oldest first.
    pub fn alarms(&self) -> impl Iterator<Item = &DriftAlarm> {
        self.alarms.iter()
    }

    /// How many features have learnt something, in both heads.
    pub fn learnt_features(&self) -> usize {
        self.approve.len() + self.resolve.len()
    }

    /// The crossed features that speak most for their repair, and those that speak most against it.
    pub fn strongest(&self, most: usize) -> (Vec<Contribution>, Vec<Contribution>) {
        let mut found = Vec::new();
        for head in [Head::Approve, Head::Resolve] {
            let weights = self.weights(head);
            for key in weights.keys() {
                let Some(feature) = prior(head, key, &self.hyper) else {
                    continue;
                };
                let (mean, variance) = weights.moments(&feature);
                found.push(Contribution {
                    head,
                    feature: self.names.describe(key),
                    value: mean,
                    learnt: mean,
                    sd: libm::sqrt(variance),
                    n: weights.labels(key),
                });
            }
        }
        found.sort_by(|a, b| {
            b.value
                .total_cmp(&a.value)
                .then_with(|| a.feature.cmp(&b.feature))
                .then(a.head.cmp(&b.head))
        });
        let best = found.iter().filter(|it| it.value > 0.0).take(most).cloned();
        let worst = found.iter().rev().filter(|it| it.value < 0.0).take(most).cloned();
        (best.collect(), worst.collect())
    }

    /// Whether two contexts and candidates share a feature in which a head learnt, and the words of those that do.
    pub fn shared_features(
        &self,
        head: Head,
        one: (&Context, &Candidate),
        other: (&Context, &Candidate),
    ) -> Vec<String> {
        let features = |(context, candidate): (&Context, &Candidate)| -> Vec<Active> {
            Numbered::seen(context, &self.names, &self.hyper).features(head, candidate, &self.hyper)
        };
        let others = features(other);
        features(one)
            .into_iter()
            .filter(|it| !matches!(it.cross, Cross::Knowledge | Cross::KnowledgeOfHelp))
            .filter(|it| others.iter().any(|other| other.key == it.key))
            .filter(|it| self.weights(head).labels(it.key) > 0)
            .map(|it| self.names.describe(it.key))
            .collect()
    }

    fn weights(&self, head: Head) -> &Weights {
        match head {
            Head::Approve => &self.approve,
            Head::Resolve => &self.resolve,
        }
    }

    /// The weight of a label after trust and cap. A decision also tells how far its rater is to be trusted.
    fn weight_of(
        &mut self,
        context: &Context,
        candidate: &Candidate,
        label: &Label,
        (y, expected, known): (f64, f64, u32),
    ) -> f64 {
        let rater = match (label.rater.as_deref(), label.signal) {
            (Some(rater), _) => rater,
            // Nobody says an outcome: it is seen.
            (None, Signal::Outcome) => return label.weight,
            (None, _) => UNNAMED,
        };
        if self.hyper.trust && label.signal == Signal::Approval {
            // Who is the first of a team to judge a repair contradicts nobody.
            let sureness = f64::from(known) / (f64::from(known) + 1.0);
            self.raters.judged(rater, y >= 0.5, (expected, sureness));
        }
        let trusted = if self.hyper.trust {
            label.weight * self.raters.standing(rater).weight()
        } else {
            label.weight
        };
        let at = seconds(label.at);
        if self.raters.open_windows() > MANY_WINDOWS {
            self.raters.tidy(at);
        }
        let key = (rater, context.class.as_str(), candidate.arm);
        self.raters.capped(key, trusted, at, self.hyper.daily_cap)
    }

    fn watch_for_drift(&mut self, context: &Context, label: &Label, surprise: f64) -> Option<DriftAlarm> {
        if !self.hyper.detect_drift {
            return None;
        }
        let scope = match label.signal {
            Signal::Approval => Scope::Team(context.team.clone()),
            Signal::Outcome => Scope::Cluster(context.cluster.clone()),
            Signal::Reason | Signal::Preference | Signal::Rating => return None,
        };
        let limits = (self.hyper.drift_allowance, self.hyper.drift_threshold);
        let surprise = self.watch.observe(&scope, surprise, limits)?;
        self.reset(&scope);
        let alarm = DriftAlarm {
            scope,
            at: label.at,
            surprise,
        };
        self.alarms.push_back(alarm.clone());
        if self.alarms.len() > MAX_ALARMS {
            self.alarms.pop_front();
        }
        Some(alarm)
    }
}

/// How far a label is a yes, 0 to 1.
fn share_of(label: &Label) -> f64 {
    if label.y.is_finite() {
        label.y.clamp(0.0, 1.0)
    } else {
        0.5
    }
}

/// The probability and its standard deviation of a sum of weights (1.5).
fn probability((mean, variance): (f64, f64)) -> (f64, f64) {
    let spread = libm::sqrt(1.0 + variance);
    let z = mean / spread;
    (cdf(z), density(z) * libm::sqrt(variance) / spread)
}

/// The first of the highest scores for certain.
fn certain(predictions: &[Prediction]) -> Vec<f64> {
    let best = predictions
        .iter()
        .map(|it| it.score)
        .fold(f64::NEG_INFINITY, f64::max);
    let first = predictions.iter().position(|it| it.score >= best);
    (0..predictions.len())
        .map(|place| f64::from(u8::from(Some(place) == first)))
        .collect()
}

/// A number between 0 and 1 that follows from a decision's id and its offset.
fn draw(decision: &str, offset: u64) -> f64 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(decision.as_bytes());
    hasher.update(&offset.to_le_bytes());
    let digest = hasher.finalize();
    let first = digest.as_bytes().first_chunk::<4>().copied().unwrap_or_default();
    f64::from(u32::from_le_bytes(first)) / (f64::from(u32::MAX) + 1.0)
}

/// The place in which a number falls when the chances lie side by side.
fn drawn(chances: &[f64], number: f64) -> Option<usize> {
    let mut sum = 0.0;
    let reached = chances.iter().position(|chance| {
        sum += chance;
        number < sum
    });
    reached.or_else(|| chances.iter().rposition(|chance| *chance > 0.0))
}

#[expect(
    clippy::cast_precision_loss,
    reason = "milliseconds since 1970 stay below 2^52"
)]
fn seconds(at: Timestamp) -> f64 {
    at.as_millisecond() as f64 / 1000.0
}

#[cfg(test)]
mod tests;
