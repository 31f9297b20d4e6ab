//! Cases: what was proposed where and what came of it, collapsed by signature, repair, cluster, tier and team, with the
//! indices by which similar ones are found (LEARNING.md section 2). Only what a person or an outcome judged is kept. What is
//! shown of it to a model is `render`'s.

mod remarks;
mod render;
mod select;

use std::collections::BTreeMap;

use jiff::Timestamp;
use kubemedic_model::{
    feedback::FeedbackRecord,
    id::FeedbackId,
    learning::{Context, Decision, RejectReason, Tier},
    outcome::Outcome,
    plan::Strategy,
};

use serde::{Deserialize, Serialize};

pub use remarks::Remark;
pub use render::{Experience, render};
pub use select::{Example, Selection};

use super::{
    labels::Said,
    ranker::Ranker,
    teaching::{ProposalKey, Taught, Teaching},
};

/// The most cases of one posting of a template, of a word, and of a signature.
const MAX_TEMPLATE_POSTING: usize = 256;
const MAX_WORD_POSTING: usize = 128;
const MAX_SIGNATURE_POSTING: usize = 64;
/// The most words of a case.
const MAX_WORDS: usize = 48;
/// Days after which a case counts half.
pub(super) const HALF_LIFE_DAYS: f64 = 90.0;

/// What makes two proposals the same case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CaseKey {
    /// The signature of the incident.
    pub signature: String,
    /// The repair.
    pub arm: Strategy,
    /// The cluster.
    pub cluster: String,
    /// How much the environment matters.
    pub tier: Tier,
    /// Who owns the workload.
    pub team: String,
}

/// Counts of what was said.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Tally {
    /// Proposals.
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
    /// Why it was rejected.
    pub reasons: BTreeMap<RejectReason, u32>,
}

impl Tally {
    fn add(&mut self, share: &Share, sign: f64) {
        let step = |count: u32| {
            if sign > 0.0 {
                count.saturating_add(1)
            } else {
                count.saturating_sub(1)
            }
        };
        self.n = step(self.n);
        self.approved += sign * share.approved;
        self.rejected += sign * share.rejected;
        self.resolved += sign * share.resolved;
        self.failed += sign * share.failed;
        if let Some(reward) = share.reward {
            self.reward += sign * reward;
            self.rewarded = step(self.rewarded);
        }
        if let Some(reason) = share.reason {
            let count = self.reasons.entry(reason).or_default();
            *count = step(*count);
            if *count == 0 {
                self.reasons.remove(&reason);
            }
        }
    }

    /// The most frequent reason of rejection.
    pub fn main_reason(&self) -> Option<RejectReason> {
        let most = self
            .reasons
            .iter()
            .max_by_key(|(reason, count)| (**count, std::cmp::Reverse(**reason)));
        most.map(|(reason, _)| *reason)
    }
}

/// A case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Case {
    /// What makes it the same.
    pub key: CaseKey,
    /// The failure class.
    pub class: String,
    /// The templates of the first incident.
    pub symptoms: Vec<String>,
    /// What was said.
    pub tally: Tally,
    /// When it was last proposed.
    pub last: Timestamp,
    /// The newest proposal.
    pub exemplar: FeedbackId,
    /// A person's words on it.
    pub words: Option<String>,
    templates: Vec<u64>,
    tokens: Vec<u64>,
}

/// What one proposal adds to its case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Share {
    case: usize,
    dimensions: [String; 3],
    arm: Strategy,
    approved: f64,
    rejected: f64,
    resolved: f64,
    failed: f64,
    reward: Option<f64>,
    reason: Option<RejectReason>,
    remarks: Vec<String>,
}

/// How decisions fared in which a remark was shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// Those with a reward of at least a half.
    pub helpful: u32,
    /// The others.
    pub harmful: u32,
}

/// All cases with their indices.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Cases {
    all: Vec<Case>,
    #[serde(with = "crate::learning::pairs")]
    by_key: BTreeMap<CaseKey, usize>,
    by_signature: BTreeMap<String, Vec<(f64, usize)>>,
    by_template: BTreeMap<u64, Posting>,
    by_token: BTreeMap<u64, Posting>,
    #[serde(with = "crate::learning::pairs")]
    shares: BTreeMap<ProposalKey, Share>,
    #[serde(with = "crate::learning::pairs")]
    tallies: BTreeMap<(String, Strategy), Tally>,
    remarks: BTreeMap<String, Shown>,
}

/// The cases of a term, the weightiest first, and how many there were in all.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Posting {
    cases: Vec<(f64, usize)>,
    count: u32,
}

impl Cases {
    /// How many cases there are.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// What was said of a repair by a team, of a class or in a cluster, such as `team payments`.
    pub fn tally(&self, dimension: &str, arm: Strategy) -> Option<&Tally> {
        self.tallies.get(&(dimension.to_owned(), arm))
    }

    /// How a remark fared.
    pub fn shown(&self, remark: &str) -> Shown {
        self.remarks.get(remark).copied().unwrap_or_default()
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
        if let Some(share) = self.shares.remove(&key) {
            self.count(&share, -1.0);
        }
        let Some(taught) = teaching.taught.get(&key) else {
            return;
        };
        // The write gate: what nobody judged is no experience.
        let retracted = taught.lessons.is_empty() && said.approved.is_some();
        let judged = said.approved.is_some() || said.outcome.is_some();
        if !taught.is_logged || !judged || retracted {
            return;
        }
        let case = self.case_of(taught, record);
        let share = share(case, taught, said, record);
        self.count(&share, 1.0);
        self.index(case);
        self.shares.insert(key, share);
    }

    fn count(&mut self, share: &Share, sign: f64) {
        if let Some(case) = self.all.get_mut(share.case) {
            case.tally.add(share, sign);
        }
        for dimension in &share.dimensions {
            let tally = self.tallies.entry((dimension.clone(), share.arm)).or_default();
            tally.add(share, sign);
        }
        let Some(reward) = share.reward else {
            return;
        };
        for remark in &share.remarks {
            let shown = self.remarks.entry(remark.clone()).or_default();
            let count = if reward >= 0.5 {
                &mut shown.helpful
            } else {
                &mut shown.harmful
            };
            *count = if sign > 0.0 {
                *count + 1
            } else {
                count.saturating_sub(1)
            };
        }
    }

    /// The case of a proposal, a new one where there is none.
    fn case_of(&mut self, taught: &Taught, record: &FeedbackRecord) -> usize {
        let context = taught.context();
        let key = case_key(context, taught.decided.chosen);
        let words = words_of(record);
        let place = self.by_key.get(&key).copied().unwrap_or(self.all.len());
        if let Some(case) = self.all.get_mut(place) {
            if taught.recorded_at >= case.last {
                case.last = taught.recorded_at;
                case.exemplar = record.feedback_id.clone();
            }
            case.words = words.or_else(|| case.words.take());
            return place;
        }
        let symptoms = taught.decided.decision.symptoms.clone();
        let (templates, tokens) = terms(&symptoms);
        for (index, terms) in [(&mut self.by_template, &templates), (&mut self.by_token, &tokens)] {
            for term in terms {
                let posting = index.entry(*term).or_default();
                posting.count = posting.count.saturating_add(1);
            }
        }
        self.by_key.insert(key.clone(), place);
        self.all.push(Case {
            key,
            class: context.class.clone(),
            symptoms,
            tally: Tally::default(),
            last: taught.recorded_at,
            exemplar: record.feedback_id.clone(),
            words,
            templates,
            tokens,
        });
        place
    }

    /// Puts a case into its place in every posting.
    fn index(&mut self, place: usize) {
        let Some(case) = self.all.get(place) else {
            return;
        };
        let impact = impact(case);
        let signature = self.by_signature.entry(case.key.signature.clone()).or_default();
        put(signature, (impact, place), MAX_SIGNATURE_POSTING);
        for (index, terms, most) in [
            (&mut self.by_template, &case.templates, MAX_TEMPLATE_POSTING),
            (&mut self.by_token, &case.tokens, MAX_WORD_POSTING),
        ] {
            for term in terms {
                put(&mut index.entry(*term).or_default().cases, (impact, place), most);
            }
        }
    }
}

fn share(case: usize, taught: &Taught, said: &Said, record: &FeedbackRecord) -> Share {
    let context = taught.context();
    let approved = said.approved.as_ref().map(|it| it.said);
    let resolved = said.outcome.as_ref().map(|it| match it.said {
        Outcome::Resolved => 1.0,
        Outcome::Improved => 0.5,
        Outcome::Unchanged | Outcome::Worsened => 0.0,
    });
    Share {
        case,
        dimensions: dimensions(context),
        arm: taught.decided.chosen,
        approved: approved.unwrap_or(0.0),
        rejected: approved.map_or(0.0, |it| 1.0 - it),
        resolved: resolved.unwrap_or(0.0),
        failed: resolved.map_or(0.0, |it| 1.0 - it),
        reward: record.reward_score,
        reason: said.reason,
        remarks: taught.decided.lessons_shown.clone(),
    }
}

/// The groups in which a case is counted.
fn dimensions(context: &Context) -> [String; 3] {
    [
        format!("team {}", context.team),
        format!("class {}", context.class),
        format!("cluster {}", context.cluster),
    ]
}

fn case_key(context: &Context, arm: Strategy) -> CaseKey {
    CaseKey {
        signature: context.signature.clone(),
        arm,
        cluster: context.cluster.clone(),
        tier: context.tier,
        team: context.team.clone(),
    }
}

/// What a person said of a record: the reason, else a comment.
fn words_of(record: &FeedbackRecord) -> Option<String> {
    let texts = [
        &record.rejection_reason,
        &record.feedback_comments,
        &record.improvements_suggested,
    ];
    texts.into_iter().flatten().next().cloned()
}

/// The templates of symptoms and the words in them, as digests, sorted and each once.
fn terms(symptoms: &[String]) -> (Vec<u64>, Vec<u64>) {
    let mut templates: Vec<u64> = symptoms.iter().map(|it| digest(it)).collect();
    let words = symptoms
        .iter()
        .flat_map(|text| text.split(|c: char| !c.is_alphanumeric()))
        .filter(|word| word.chars().count() > 2)
        .take(MAX_WORDS);
    let mut tokens: Vec<u64> = words.map(|word| digest(&word.to_lowercase())).collect();
    for list in [&mut templates, &mut tokens] {
        list.sort_unstable();
        list.dedup();
    }
    (templates, tokens)
}

fn digest(text: &str) -> u64 {
    let hash = blake3::hash(text.as_bytes());
    u64::from_le_bytes(hash.as_bytes().first_chunk::<8>().copied().unwrap_or_default())
}

/// How much a case weighs, as a logarithm that does not change with time: quality, and one for each half-life of youth.
fn impact(case: &Case) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "seconds since 1970 are exact")]
    let days = case.last.as_second() as f64 / 86_400.0;
    libm::log2(select::quality(case).max(1e-6)) + days / HALF_LIFE_DAYS
}

/// Puts a case into a posting that is sorted by weight and bounded.
fn put(posting: &mut Vec<(f64, usize)>, entry: (f64, usize), most: usize) {
    posting.retain(|(_, place)| *place != entry.1);
    let at = posting
        .partition_point(|(impact, place)| impact.total_cmp(&entry.0).then(entry.1.cmp(place)).is_gt());
    posting.insert(at, entry);
    posting.truncate(most);
}

#[cfg(test)]
mod tests;
