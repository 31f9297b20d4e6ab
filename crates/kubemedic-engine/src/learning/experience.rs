//! Cases: what was proposed where and what came of it, collapsed by signature, repair, cluster, tier and team (LEARNING.md
//! section 2). Only what a person or an outcome judged is kept, and what is taken back leaves nothing behind. How cases are
//! found and chosen is `index`' and `select`'s; what is shown of them to a model is `render`'s.

mod case;
mod index;
mod remarks;
mod render;
mod select;
mod stored;

use std::collections::BTreeMap;

use jiff::Timestamp;
use kubemedic_model::{
    feedback::FeedbackRecord,
    id::FeedbackId,
    learning::{Context, Decision},
    outcome::Outcome,
    plan::Strategy,
};
use serde::{Deserialize, Serialize};

pub use case::Tally;
use case::{Case, CaseKey, Share};
use index::{Index, digest};
pub use remarks::Remark;
pub use render::{Experience, render};
pub use select::{Example, Selection};

use super::{
    labels::{Said, Slot, labels},
    names::Names,
    ranker::Ranker,
    reward::{Signals, reward},
    teaching::{ProposalKey, Taught, Teaching},
};

/// The longest text of a person that is kept, in characters: more than is ever shown.
const MAX_WORDS: usize = 400;
/// The most remarks of one decision that are counted.
const MAX_REMARKS: usize = 16;

/// How decisions fared in which a remark was shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Shown {
    /// Those with a reward of at least a half.
    pub helpful: u32,
    /// The others.
    pub harmful: u32,
}

impl Shown {
    fn count(&mut self, reward: f64, step: fn(u32) -> u32) {
        let count = if reward >= 0.5 {
            &mut self.helpful
        } else {
            &mut self.harmful
        };
        *count = step(*count);
    }
}

/// All cases with their indices. A snapshot holds what they consist of; what follows from that is made anew when it is read.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "stored::Stored")]
pub struct Cases {
    names: Names,
    all: Vec<Case>,
    index: Index,
    #[serde(with = "crate::learning::pairs")]
    shares: BTreeMap<ProposalKey, Share>,
    #[serde(skip)]
    by_key: BTreeMap<CaseKey, u32>,
    #[serde(skip)]
    tallies: BTreeMap<(u32, Strategy), Tally>,
    #[serde(skip)]
    remarks: BTreeMap<u32, Shown>,
    /// Cases of which something is left.
    #[serde(skip)]
    live: usize,
}

impl Cases {
    /// How many cases there are.
    pub fn len(&self) -> usize {
        self.live
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.live == 0
    }

    /// What was said of a repair by a team, of a class or in a cluster, such as `team payments`. Where clusters share nothing,
    /// the group's name begins with the cluster's and a line feed.
    pub fn tally(&self, group: &str, arm: Strategy) -> Option<&Tally> {
        self.tallies.get(&(self.names.find(group)?, arm))
    }

    /// How a remark fared.
    pub fn shown(&self, remark: &str) -> Shown {
        let number = self.names.find(remark);
        number
            .and_then(|it| self.remarks.get(&it).copied())
            .unwrap_or_default()
    }

    /// What a model or a person is told of earlier cases next to a decision.
    pub fn experience(&self, decision: &Decision, ranker: &Ranker, now: Timestamp) -> Experience {
        Experience {
            decision: decision.clone(),
            selection: self.select(decision, ranker.hyper().share_across_clusters, now),
            remarks: self.remarks(decision, ranker),
        }
    }

    /// Brings a proposal's share up to what was said of it.
    pub(super) fn note(
        &mut self,
        teaching: &Teaching,
        (id, position): (&FeedbackId, u32),
        said: &Said,
        record: &FeedbackRecord,
    ) {
        let key = (id.clone(), position);
        // The write gate: what nobody judged is no experience.
        let taught = teaching.taught.get(&key);
        let taught = taught.filter(|it| said.is_judged() && it.is_logged);
        let judged = taught.and_then(|taught| Some((taught, judged(taught, said, record)?)));
        let shared = teaching.ranker.hyper().share_across_clusters;
        let share = judged.map(|(taught, judged)| Share {
            case: self.case_of(taught, shared),
            remarks: self.remarks_of(taught),
            at: taught.recorded_at,
            ..judged
        });
        let before = match &share {
            Some(share) => self.shares.insert(key.clone(), share.clone()),
            None => self.shares.remove(&key),
        };
        if before == share {
            return;
        }
        if let Some(before) = before {
            self.take(&key, &before);
        }
        if let Some(share) = share {
            self.add(&key, &share);
        }
    }

    fn add(&mut self, key: &ProposalKey, share: &Share) {
        let groups = self.change(share.case, |case| case.add(key, share));
        for group in groups.into_iter().flatten() {
            self.tallies
                .entry((group, self.arm(share.case)))
                .or_default()
                .add(share);
        }
        for (remark, reward) in rewarded(share) {
            let shown = self.remarks.entry(remark).or_default();
            shown.count(reward, |count| count.saturating_add(1));
        }
    }

    fn take(&mut self, key: &ProposalKey, share: &Share) {
        let groups = self.change(share.case, |case| case.take(key, share));
        for group in groups.into_iter().flatten() {
            let of = (group, self.arm(share.case));
            if let Some(tally) = self.tallies.get_mut(&of) {
                tally.take(share);
                if tally.n == 0 {
                    self.tallies.remove(&of);
                }
            }
        }
        for (remark, reward) in rewarded(share) {
            if let Some(shown) = self.remarks.get_mut(&remark) {
                shown.count(reward, |count| count.saturating_sub(1));
                if *shown == Shown::default() {
                    self.remarks.remove(&remark);
                }
            }
        }
    }

    /// Changes a case and moves it in the lists. Its groups.
    fn change(&mut self, place: u32, change: impl FnOnce(&mut Case)) -> Option<[u32; 3]> {
        let case = self.all.get_mut(usize::try_from(place).ok()?)?;
        let (before, was) = (case.impact(), case.tally.n);
        change(case);
        self.index.put((place, case), before);
        match (was, case.tally.n) {
            (0, 1..) => self.live += 1,
            (1.., 0) => self.live -= 1,
            _ => {}
        }
        Some(case.groups)
    }

    /// The case of a proposal, a new one where there is none.
    fn case_of(&mut self, taught: &Taught, shared: bool) -> u32 {
        let context = taught.context();
        let scope = scope(context, shared);
        let key = CaseKey {
            signature: digest(scope, &context.signature),
            arm: taught.decided.chosen,
            cluster: self.names.number(&context.cluster),
            tier: context.tier,
            team: self.names.number(&context.team),
        };
        if let Some(place) = self.by_key.get(&key) {
            return *place;
        }
        let place = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
        let case = Case {
            key,
            class: self.names.number(&context.class),
            templates: self.index.intern(&taught.decided.decision.symptoms, scope),
            groups: groups(context, scope).map(|it| self.names.number(&it)),
            tally: Tally::default(),
            last: Timestamp::default(),
            quality: None,
            members: Vec::new(),
        };
        self.index.count(&case);
        self.by_key.insert(key, place);
        self.all.push(case);
        place
    }

    fn remarks_of(&mut self, taught: &Taught) -> Vec<u32> {
        let shown = taught.decided.lessons_shown.iter().take(MAX_REMARKS);
        shown.map(|it| self.names.number(it)).collect()
    }

    fn arm(&self, place: u32) -> Strategy {
        index::at(&self.all, place).map_or(Strategy::Escalate, |it| it.key.arm)
    }
}

/// The remarks that a share counts for, with its reward.
fn rewarded(share: &Share) -> impl Iterator<Item = (u32, f64)> + '_ {
    let reward = share.reward;
    share
        .remarks
        .iter()
        .filter_map(move |remark| Some((*remark, reward?)))
}

/// What was said of a proposal and not taken back since; `None` where nothing of it is left.
fn judged(taught: &Taught, said: &Said, record: &FeedbackRecord) -> Option<Share> {
    let wanted = labels(said, taught.decided.chosen);
    // What should have taught something and did not was taken back.
    let stands = |slot: Slot| {
        taught.lessons.contains_key(&slot) || wanted.iter().all(|(wanted, _, _)| *wanted != slot)
    };
    let (decision, rating) = (stands(Slot::Approval), stands(Slot::Rating));
    let prefers_another = said
        .preferred
        .as_ref()
        .is_some_and(|it| it.said != taught.decided.chosen);
    // Who prefers another repair rejects this one.
    let approved = said.approved.as_ref().map(|it| it.said);
    let approved = approved.or(prefers_another.then_some(0.0)).filter(|_| decision);
    let outcome = said.outcome.as_ref().filter(|_| stands(Slot::Outcome));
    let usefulness = said.usefulness.as_ref().filter(|_| rating).map(|it| it.said);
    if approved.is_none() && outcome.is_none() && usefulness.is_none() {
        return None;
    }
    let remaining = Signals {
        approval: approved,
        rating: usefulness,
        outcome: None,
    };
    Some(Share {
        case: 0,
        at: Timestamp::default(),
        approved,
        resolved: outcome.map(|it| match it.said {
            Outcome::Resolved => 1.0,
            Outcome::Improved => 0.5,
            Outcome::Unchanged | Outcome::Worsened => 0.0,
        }),
        reward: if decision && rating {
            record.reward_score
        } else {
            reward(remaining).score
        },
        reason: said.reason.filter(|_| decision),
        words: words_of(record, decision, rating),
        remarks: Vec::new(),
    })
}

/// What a person said of a record: the reason, else a comment.
fn words_of(record: &FeedbackRecord, decision: bool, rating: bool) -> Option<String> {
    let reason = record.rejection_reason.as_ref().filter(|_| decision);
    let comments = [&record.feedback_comments, &record.improvements_suggested];
    let comments = comments.into_iter().flatten().filter(|_| rating);
    let words = reason.into_iter().chain(comments).next()?;
    Some(words.chars().take(MAX_WORDS).collect())
}

/// What only a part of the clusters may see begins with that part's name.
fn scope(context: &Context, shared: bool) -> &str {
    if shared { "" } else { &context.cluster }
}

/// The groups in which a case is counted.
fn groups(context: &Context, scope: &str) -> [String; 3] {
    let scope = if scope.is_empty() {
        String::new()
    } else {
        format!("{scope}\n")
    };
    [
        format!("{scope}team {}", context.team),
        format!("{scope}class {}", context.class),
        format!("{scope}cluster {}", context.cluster),
    ]
}

#[cfg(test)]
mod tests;
