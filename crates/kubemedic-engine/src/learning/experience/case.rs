//! A case: proposals of one repair for one kind of incident in one place, the counts of what was said of them, and how well
//! that attests the repair (LEARNING.md section 2).

use jiff::Timestamp;
use kubemedic_model::{
    learning::{RejectReason, Tier},
    plan::Strategy,
};
use serde::{Deserialize, Serialize};

use crate::learning::teaching::ProposalKey;

/// The most templates that describe a case.
pub(super) const MAX_TEMPLATES: usize = 8;
/// Stands where a case has fewer templates.
pub(super) const NO_TEMPLATE: u32 = u32::MAX;
/// Days after which a case counts half.
const HALF_LIFE_DAYS: f64 = 90.0;
/// However old a case is, it keeps this share.
const LEAST_RECENCY: f64 = 0.2;
/// The one-sided 90 % point of the normal distribution.
const ONE_SIDED_90: f64 = 1.281_6;
/// Shares are counted in steps of 2^-20: their sums are exact, so that taking back leaves nothing behind and no order matters.
const STEPS: f64 = 1_048_576.0;

/// What makes two proposals the same case; texts by their numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct CaseKey {
    /// A digest of the incident's signature.
    pub signature: u64,
    pub arm: Strategy,
    pub cluster: u32,
    pub tier: Tier,
    pub team: u32,
}

/// What one proposal adds to its case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Share {
    pub case: u32,
    /// When it was proposed.
    pub at: Timestamp,
    /// The share of its changes that a person approved.
    pub approved: Option<f64>,
    /// How far it helped.
    pub resolved: Option<f64>,
    pub reward: Option<f64>,
    pub reason: Option<RejectReason>,
    /// A person's words on it.
    pub words: Option<String>,
    /// The remarks that were shown next to it.
    pub remarks: Vec<u32>,
}

impl Share {
    /// Whether it speaks against the repair.
    fn is_against(&self) -> bool {
        self.resolved.or(self.approved).is_some_and(|it| it < 0.5)
    }
}

/// Counts of what was said.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tally {
    /// Proposals that somebody judged.
    pub n: u32,
    /// Approved shares.
    pub approved: f64,
    /// Rejected shares.
    pub rejected: f64,
    /// Repairs that helped.
    pub resolved: f64,
    /// Repairs that did not.
    pub failed: f64,
    /// The sum of rewards.
    pub reward: f64,
    /// Proposals with a reward.
    pub rewarded: u32,
    /// Why it was rejected: counts in the order of [`RejectReason::ALL`].
    pub reasons: [u32; RejectReason::ALL.len()],
}

impl Tally {
    pub(super) fn add(&mut self, share: &Share) {
        self.count(share, 1.0, |count| count.saturating_add(1));
    }

    pub(super) fn take(&mut self, share: &Share) {
        self.count(share, -1.0, |count| count.saturating_sub(1));
    }

    fn count(&mut self, share: &Share, sign: f64, step: fn(u32) -> u32) {
        let sum = |sum: &mut f64, part: f64| *sum += sign * libm::round(part * STEPS) / STEPS;
        self.n = step(self.n);
        if let Some(approved) = share.approved {
            sum(&mut self.approved, approved);
            sum(&mut self.rejected, 1.0 - approved);
        }
        if let Some(resolved) = share.resolved {
            sum(&mut self.resolved, resolved);
            sum(&mut self.failed, 1.0 - resolved);
        }
        if let Some(reward) = share.reward {
            sum(&mut self.reward, reward);
            self.rewarded = step(self.rewarded);
        }
        let counts = RejectReason::ALL.into_iter().zip(&mut self.reasons);
        for (_, count) in counts.filter(|(reason, _)| share.reason == Some(*reason)) {
            *count = step(*count);
        }
    }

    /// The most frequent reason of rejection, the first of equals.
    pub fn main_reason(&self) -> Option<RejectReason> {
        let counts = RejectReason::ALL.into_iter().zip(self.reasons);
        let most = counts.rev().max_by_key(|(_, count)| *count);
        most.filter(|(_, count)| *count > 0).map(|(reason, _)| reason)
    }

    /// Whether it speaks against the repair.
    pub(super) fn is_bad(&self) -> bool {
        self.failed > self.resolved || self.rejected > self.approved
    }

    /// How well the case is attested, 0 to 1: the lower 90 % bound of its share, for a good one times its mean reward. `None`
    /// where nothing is to be shown: nobody judged it, or it was rejected without a reason and nothing came of it.
    pub(super) fn quality(&self) -> Option<f64> {
        if self.n == 0 {
            return None;
        }
        if self.is_bad() {
            let is_told = self.main_reason().is_some() || self.resolved + self.failed > 0.0;
            return is_told.then(|| lower_bound(self.failed + self.rejected, self.resolved + self.approved));
        }
        let reward = if self.rewarded > 0 {
            self.reward / f64::from(self.rewarded)
        } else {
            0.5
        };
        Some(lower_bound(self.resolved, self.failed) * reward)
    }
}

/// The lower one-sided 90 % bound of Beta(1 + yes, 1 + no), by its normal approximation.
fn lower_bound(yes: f64, no: f64) -> f64 {
    let (a, b) = (1.0 + yes.max(0.0), 1.0 + no.max(0.0));
    let mean = a / (a + b);
    let variance = a * b / ((a + b) * (a + b) * (a + b + 1.0));
    (mean - ONE_SIDED_90 * libm::sqrt(variance)).max(0.01)
}

/// A case. What is not written into a snapshot follows from its shares.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Case {
    pub key: CaseKey,
    pub class: u32,
    /// The templates of the first incident, [`NO_TEMPLATE`] at the end.
    pub templates: [u32; MAX_TEMPLATES],
    /// The groups in which it is counted.
    pub groups: [u32; 3],
    #[serde(skip)]
    pub tally: Tally,
    /// When it was last proposed.
    #[serde(skip)]
    pub last: Timestamp,
    #[serde(skip)]
    pub quality: Option<f64>,
    /// Its proposals that were judged, the oldest first.
    #[serde(skip)]
    pub members: Vec<(Timestamp, ProposalKey)>,
}

impl Case {
    /// The numbers of its templates.
    pub(super) fn templates(&self) -> impl Iterator<Item = u32> + '_ {
        self.templates.iter().copied().filter(|it| *it != NO_TEMPLATE)
    }

    pub(super) fn add(&mut self, key: &ProposalKey, share: &Share) {
        self.tally.add(share);
        let member = (share.at, key.clone());
        if let Err(place) = self.members.binary_search(&member) {
            self.members.insert(place, member);
        }
        self.refresh();
    }

    pub(super) fn take(&mut self, key: &ProposalKey, share: &Share) {
        self.tally.take(share);
        if let Ok(place) = self.members.binary_search(&(share.at, key.clone())) {
            self.members.remove(place);
        }
        self.refresh();
    }

    fn refresh(&mut self) {
        self.last = self.members.last().map_or(Timestamp::default(), |it| it.0);
        self.quality = self.tally.quality();
    }

    /// How much it weighs in an inverted list: quality times recency, as a logarithm that does not change with time.
    pub(super) fn impact(&self) -> Option<f64> {
        let days = days(self.last);
        let quality = self.quality?;
        Some(libm::log2(quality.max(1e-6)) + days / HALF_LIFE_DAYS)
    }

    /// How much of its weight is left by age, 0.2 to 1.
    pub(super) fn recency(&self, now: Timestamp) -> f64 {
        let age = (days(now) - days(self.last)).max(0.0);
        libm::exp2(-age / HALF_LIFE_DAYS).max(LEAST_RECENCY)
    }
}

#[expect(clippy::cast_precision_loss, reason = "seconds since 1970 are exact")]
fn days(at: Timestamp) -> f64 {
    at.as_second() as f64 / 86_400.0
}

/// Which of some shares tells most of a case, the newest among equals: what helped and was rewarded for a good case, what did
/// not and was reasoned for a bad one.
pub(super) fn most_telling<'a>(
    shares: impl Iterator<Item = (&'a ProposalKey, &'a Share)>,
    is_bad: bool,
) -> Option<(&'a ProposalKey, &'a Share)> {
    let worth = |share: &Share| {
        if is_bad {
            let against = f64::from(u8::from(share.is_against()));
            let told = share.reason.is_some() || share.words.is_some();
            (against, f64::from(u8::from(told)))
        } else {
            (share.resolved.unwrap_or(0.0), share.reward.unwrap_or(0.0))
        }
    };
    shares.max_by(|(_, a), (_, b)| {
        let (a, b) = (worth(a), worth(b));
        a.0.total_cmp(&b.0).then_with(|| a.1.total_cmp(&b.1))
    })
}

#[cfg(test)]
mod tests;
