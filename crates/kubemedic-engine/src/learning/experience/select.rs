//! Which cases are shown next to a decision: similar, well attested, young and from nearby, at most three good and two bad
//! ones that differ from each other (LEARNING.md section 2). Unrelated cases harm, so that below a likeness nothing is shown.

use jiff::Timestamp;
use kubemedic_model::{
    learning::{Decision, RejectReason},
    plan::Strategy,
};
use serde::Serialize;

use super::{
    Cases,
    case::{Case, Share, most_telling},
    index::{Index, at, digest},
    scope,
};
use crate::{
    learning::teaching::ProposalKey,
    similarity::{MIN_LIKENESS, Ready, marginal},
};

/// The cases among which the different ones are chosen: 48 together, more of the side of which more are shown.
const POOL_OF_GOOD: usize = 32;
const POOL_OF_BAD: usize = 16;
/// The most cases of each side.
const MAX_GOOD: usize = 3;
const MAX_BAD: usize = 2;
/// The newest proposals of a case among which the one that stands for it is chosen.
const MAX_EXEMPLARS: usize = 16;

/// A case that is shown.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Example {
    /// The proposal that stands for it.
    pub feedback_id: String,
    /// The repair.
    pub arm: Strategy,
    /// The failure class.
    pub class: String,
    /// The team.
    pub team: String,
    /// The cluster.
    pub cluster: String,
    /// Proposals in it.
    pub n: u32,
    /// Approved shares.
    pub approved: f64,
    /// Rejected shares.
    pub rejected: f64,
    /// Repairs that helped.
    pub resolved: f64,
    /// Repairs that did not.
    pub failed: f64,
    /// Why it was rejected most often.
    pub reason: Option<&'static str>,
    /// A person's words, as they were said.
    pub words: Option<String>,
    /// How alike it is, 0 to 1.
    pub likeness: f64,
}

/// The cases that are shown.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Selection {
    /// What worked, the best first.
    pub good: Vec<Example>,
    /// What did not, the most telling first.
    pub bad: Vec<Example>,
}

/// A case that may be like the incident.
#[derive(Clone, Copy)]
struct Candidate<'a> {
    place: u32,
    case: &'a Case,
    /// Quality, recency and nearness together: what its likeness is multiplied by.
    worth: f64,
    is_same_class: bool,
    /// About what it will score.
    estimate: f64,
}

/// A case that is like the incident.
struct Scored<'a> {
    place: u32,
    case: &'a Case,
    ready: Ready,
    likeness: f64,
    score: f64,
}

impl Cases {
    /// The cases that are shown next to a decision.
    pub(super) fn select(&self, decision: &Decision, shared: bool, now: Timestamp) -> Selection {
        let context = &decision.context;
        let scope = scope(context, shared);
        let query = self.index.query(&decision.symptoms, scope);
        let found = self.index.candidates(digest(scope, &context.signature), &query);
        let place = Place {
            class: self.names.find(&context.class),
            cluster: self.names.find(&context.cluster),
            team: self.names.find(&context.team),
        };
        let weight = self.index.weighing();
        let mut candidates: Vec<Candidate<'_>> = found
            .into_iter()
            .filter_map(|number| Some((number, at(&self.all, number)?)))
            .filter(|(_, case)| shared || Some(case.key.cluster) == place.cluster)
            .filter_map(|(number, case)| {
                let worth = case.quality? * case.recency(now) * nearness(case, decision, &place);
                let is_same_class = Some(case.class) == place.class;
                Some(Candidate {
                    place: number,
                    case,
                    worth,
                    is_same_class,
                    estimate: worth * Index::estimate(&query, &weight, (case, is_same_class)),
                })
            })
            .collect();
        candidates.sort_unstable_by(|a, b| b.estimate.total_cmp(&a.estimate).then(a.place.cmp(&b.place)));
        let first = decision.arms.first().map(|it| it.candidate.arm);
        self.chosen(&candidates, &query.ready, first)
    }

    /// Chooses among candidates, the most promising of which come first.
    fn chosen(&self, candidates: &[Candidate<'_>], asked: &Ready, first: Option<Strategy>) -> Selection {
        let of = |is_bad: bool| {
            let side = candidates
                .iter()
                .filter(move |it| it.case.tally.is_bad() == is_bad);
            let most = if is_bad { POOL_OF_BAD } else { POOL_OF_GOOD };
            let mut found: Vec<Scored<'_>> =
                side.take(most).filter_map(|it| self.scored(it, asked)).collect();
            found.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.place.cmp(&b.place)));
            found
        };
        // The repair that is ranked first is shown with what speaks against it, however far behind that is.
        let mut against = candidates
            .iter()
            .filter(|it| it.case.tally.is_bad() && Some(it.case.key.arm) == first)
            .take(POOL_OF_BAD);
        let must = against.find_map(|it| self.scored(it, asked));
        Selection {
            good: self.shown_of(&diverse(of(false), MAX_GOOD, None, true), false),
            bad: self.shown_of(&diverse(of(true), MAX_BAD, must, false), true),
        }
    }

    /// A candidate with its score; `None` where it is not alike enough.
    fn scored<'a>(&self, it: &Candidate<'a>, asked: &Ready) -> Option<Scored<'a>> {
        let ready = self.index.ready(it.case);
        let likeness = asked.likeness(&ready, None, Some(it.is_same_class));
        (likeness >= MIN_LIKENESS).then_some(Scored {
            place: it.place,
            case: it.case,
            ready,
            likeness,
            score: likeness * it.worth,
        })
    }

    fn shown_of(&self, scored: &[Scored<'_>], is_bad: bool) -> Vec<Example> {
        let examples = scored.iter().filter_map(|it| self.example(it, is_bad));
        examples.collect()
    }

    fn example(&self, scored: &Scored<'_>, is_bad: bool) -> Option<Example> {
        let case = scored.case;
        let newest = || {
            let members = case.members.iter().rev().take(MAX_EXEMPLARS).rev();
            members.filter_map(|(_, key)| Some((key, self.shares.get(key)?)))
        };
        let (key, share): (&ProposalKey, &Share) = most_telling(newest(), is_bad)?;
        let words = share.words.as_ref();
        let words = words.or_else(|| newest().rev().find_map(|it| it.1.words.as_ref()));
        Some(Example {
            feedback_id: key.0.to_string(),
            arm: case.key.arm,
            class: self.names.text(case.class).to_owned(),
            team: self.names.text(case.key.team).to_owned(),
            cluster: self.names.text(case.key.cluster).to_owned(),
            n: case.tally.n,
            approved: case.tally.approved,
            rejected: case.tally.rejected,
            resolved: case.tally.resolved,
            failed: case.tally.failed,
            reason: case.tally.main_reason().map(RejectReason::as_str),
            words: words.cloned(),
            likeness: scored.likeness,
        })
    }
}

/// Where the incident is; `None` where no case is there.
pub(super) struct Place {
    pub(super) class: Option<u32>,
    pub(super) cluster: Option<u32>,
    pub(super) team: Option<u32>,
}

/// How much a case counts by where it was, 0.5 to 1.
pub(super) fn nearness(case: &Case, decision: &Decision, place: &Place) -> f64 {
    let is_same_cluster = Some(case.key.cluster) == place.cluster;
    let is_same_team = Some(case.key.team) == place.team;
    let is_same_tier = case.key.tier == decision.context.tier;
    match (is_same_cluster, is_same_team, is_same_tier) {
        (true, true, _) => 1.0,
        (true, false, _) => 0.85,
        (false, _, true) => 0.7,
        (false, _, false) => 0.5,
    }
}

/// The best that differ from each other by maximal marginal relevance; `must` comes first. Where `each_once`, a repair is shown
/// once for each signature.
fn diverse<'a>(
    pool: Vec<Scored<'a>>,
    most: usize,
    must: Option<Scored<'a>>,
    each_once: bool,
) -> Vec<Scored<'a>> {
    let mut left: Vec<(Scored<'a>, f64)> = pool.into_iter().map(|it| (it, 0.0)).collect();
    let mut chosen: Vec<Scored<'a>> = Vec::new();
    let mut next = must;
    while chosen.len() < most {
        let Some(taken) = next.take().or_else(|| best(&mut left)) else {
            break;
        };
        if chosen.len() + 1 == most {
            chosen.push(taken);
            break;
        }
        left.retain_mut(|(it, redundancy)| {
            let is_same_class = Some(it.case.class == taken.case.class);
            let likeness = taken.ready.likeness(&it.ready, None, is_same_class);
            *redundancy = redundancy.max(likeness);
            let (ours, theirs) = (&it.case.key, &taken.case.key);
            let is_again = ours.arm == theirs.arm && ours.signature == theirs.signature;
            it.place != taken.place && !(each_once && is_again)
        });
        chosen.push(taken);
    }
    chosen
}

/// Takes the one that is worth most beside what was chosen, the first of equals.
fn best<'a>(left: &mut Vec<(Scored<'a>, f64)>) -> Option<Scored<'a>> {
    let worth = |it: &(Scored<'_>, f64)| marginal(it.0.score, it.1);
    let places = left.iter().enumerate();
    let best = places.max_by(|a, b| worth(a.1).total_cmp(&worth(b.1)).then(b.0.cmp(&a.0)))?;
    let place = best.0;
    Some(left.remove(place).0)
}
