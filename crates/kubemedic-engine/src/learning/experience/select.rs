//! Which cases are shown next to a decision: similar, well attested, young and from nearby, at most three good and two bad
//! ones that differ from each other (LEARNING.md section 2). Unrelated cases harm, so that below a likeness nothing is shown.

use std::collections::BTreeSet;

use jiff::Timestamp;
use kubemedic_model::{
    learning::{Decision, RejectReason},
    plan::Strategy,
};
use serde::Serialize;

use super::{Case, Cases, HALF_LIFE_DAYS, terms};

/// Shares of likeness. There is no embedding yet: its share is spread over the others.
const BY_TEMPLATES: f64 = 0.45 / 0.8;
const BY_WORDS: f64 = 0.25 / 0.8;
const BY_CLASS: f64 = 0.10 / 0.8;
/// Less alike than this is not shown.
const LEAST_LIKENESS: f64 = 0.25;
/// The cases among which the different ones are chosen.
const POOL: usize = 48;
/// Relevance against difference (maximal marginal relevance).
const RELEVANCE: f64 = 0.7;
/// The most cases of each side.
const MAX_GOOD: usize = 3;
const MAX_BAD: usize = 2;
/// However old a case is, it keeps this share.
const LEAST_RECENCY: f64 = 0.2;
/// The one-sided 90 % point of the normal distribution.
const ONE_SIDED_90: f64 = 1.281_6;

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

struct Scored<'a> {
    case: &'a Case,
    likeness: f64,
    score: f64,
}

impl Cases {
    /// The cases that are shown next to a decision.
    pub(super) fn select(
        &self,
        decision: &Decision,
        share_across_clusters: bool,
        now: Timestamp,
    ) -> Selection {
        let context = &decision.context;
        let (templates, tokens) = terms(&decision.symptoms);
        let mut places: BTreeSet<usize> = BTreeSet::new();
        let signature = self.by_signature.get(&context.signature);
        places.extend(signature.into_iter().flatten().map(|it| it.1));
        for (index, terms) in [(&self.by_template, &templates), (&self.by_token, &tokens)] {
            for term in terms {
                places.extend(
                    index
                        .get(term)
                        .into_iter()
                        .flat_map(|it| &it.cases)
                        .map(|it| it.1),
                );
            }
        }
        let cases = places.into_iter().filter_map(|place| self.all.get(place));
        let mut scored: Vec<Scored<'_>> = cases
            .filter(|case| case.tally.n > 0)
            .filter(|case| share_across_clusters || case.key.cluster == context.cluster)
            .filter_map(|case| {
                let likeness = self.likeness(case, &context.class, (&templates, &tokens));
                let score = likeness * quality(case) * recency(case, now) * nearness(case, decision);
                (likeness >= LEAST_LIKENESS).then_some(Scored {
                    case,
                    likeness,
                    score,
                })
            })
            .collect();
        scored.sort_by(|a, b| {
            b.score
                .total_cmp(&a.score)
                .then_with(|| a.case.key.cmp(&b.case.key))
        });
        let (bad, good): (Vec<_>, Vec<_>) = scored.into_iter().partition(|it| is_bad(it.case));
        let first = decision.arms.first().map(|it| it.candidate.arm);
        Selection {
            good: diverse(self, good, MAX_GOOD, None),
            bad: diverse(self, bad, MAX_BAD, first),
        }
    }

    /// How alike a case and an incident are, 0 to 1.
    fn likeness(&self, case: &Case, class: &str, (templates, tokens): (&[u64], &[u64])) -> f64 {
        let rarity = |term: u64| self.rarity(term);
        BY_TEMPLATES * overlap(templates, &case.templates, rarity)
            + BY_WORDS * overlap(tokens, &case.tokens, rarity)
            + BY_CLASS * f64::from(u8::from(case.class == class))
    }

    /// How rare a term is among cases (inverse document frequency).
    fn rarity(&self, term: u64) -> f64 {
        let posting = self.by_template.get(&term).or_else(|| self.by_token.get(&term));
        let with = f64::from(posting.map_or(0, |it| it.count));
        let all = f64::from(u32::try_from(self.all.len()).unwrap_or(u32::MAX));
        libm::log(1.0 + (all - with + 0.5).max(0.0) / (with + 0.5))
    }
}

/// What two sorted sets share of their union, by weight.
fn overlap(one: &[u64], other: &[u64], weight: impl Fn(u64) -> f64) -> f64 {
    let (mut shared, mut all) = (0.0, 0.0);
    for term in one {
        let it = weight(*term).max(1e-6);
        all += it;
        if other.binary_search(term).is_ok() {
            shared += it;
        }
    }
    let others = other.iter().filter(|term| one.binary_search(term).is_err());
    all += others.map(|term| weight(*term).max(1e-6)).sum::<f64>();
    if all > 0.0 { shared / all } else { 0.0 }
}

/// Whether a case speaks against its repair.
fn is_bad(case: &Case) -> bool {
    let tally = &case.tally;
    tally.failed > tally.resolved || tally.rejected > tally.approved
}

/// How well a case is attested: the lower 90 % bound of its share, by the normal approximation of the Beta distribution;
/// for a good one times its mean reward.
pub(super) fn quality(case: &Case) -> f64 {
    let tally = &case.tally;
    if is_bad(case) {
        return lower_bound(tally.failed + tally.rejected, tally.resolved + tally.approved);
    }
    let reward = if tally.rewarded > 0 {
        tally.reward / f64::from(tally.rewarded)
    } else {
        0.5
    };
    lower_bound(tally.resolved, tally.failed) * reward
}

fn lower_bound(yes: f64, no: f64) -> f64 {
    let (a, b) = (1.0 + yes.max(0.0), 1.0 + no.max(0.0));
    let mean = a / (a + b);
    let variance = a * b / ((a + b) * (a + b) * (a + b + 1.0));
    (mean - ONE_SIDED_90 * libm::sqrt(variance)).max(0.01)
}

#[expect(clippy::cast_precision_loss, reason = "seconds of a few years are exact")]
fn recency(case: &Case, now: Timestamp) -> f64 {
    let days = (now.as_second() - case.last.as_second()).max(0) as f64 / 86_400.0;
    libm::exp2(-days / HALF_LIFE_DAYS).max(LEAST_RECENCY)
}

fn nearness(case: &Case, decision: &Decision) -> f64 {
    let (key, context) = (&case.key, &decision.context);
    match (
        key.cluster == context.cluster,
        key.team == context.team,
        key.tier == context.tier,
    ) {
        (true, true, _) => 1.0,
        (true, false, _) => 0.85,
        (false, _, true) => 0.7,
        (false, _, false) => 0.5,
    }
}

/// The best that differ from each other; one for each repair and signature. A case of `must` comes first, if there is any.
fn diverse(cases: &Cases, scored: Vec<Scored<'_>>, most: usize, must: Option<Strategy>) -> Vec<Example> {
    let mut pool: Vec<Scored<'_>> = scored.into_iter().take(POOL).collect();
    let mut chosen: Vec<Scored<'_>> = Vec::new();
    if let Some(place) = pool.iter().position(|it| Some(it.case.key.arm) == must) {
        chosen.push(pool.remove(place));
    }
    while chosen.len() < most {
        let worth = |it: &Scored<'_>| {
            let nearest = chosen
                .iter()
                .map(|have| {
                    cases.likeness(
                        it.case,
                        &have.case.class,
                        (&have.case.templates, &have.case.tokens),
                    )
                })
                .fold(0.0, f64::max);
            RELEVANCE * it.score - (1.0 - RELEVANCE) * nearest * it.score
        };
        let is_new = |it: &Scored<'_>| {
            !chosen.iter().any(|have| {
                have.case.key.arm == it.case.key.arm && have.case.key.signature == it.case.key.signature
            })
        };
        let best = pool
            .iter()
            .enumerate()
            .filter(|(_, it)| is_new(it))
            .max_by(|a, b| worth(a.1).total_cmp(&worth(b.1)).then(b.0.cmp(&a.0)))
            .map(|(place, _)| place);
        let Some(place) = best else {
            break;
        };
        chosen.push(pool.remove(place));
    }
    chosen.iter().map(example).collect()
}

fn example(scored: &Scored<'_>) -> Example {
    let case = scored.case;
    Example {
        feedback_id: case.exemplar.to_string(),
        arm: case.key.arm,
        class: case.class.clone(),
        team: case.key.team.clone(),
        cluster: case.key.cluster.clone(),
        n: case.tally.n,
        approved: case.tally.approved,
        rejected: case.tally.rejected,
        resolved: case.tally.resolved,
        failed: case.tally.failed,
        reason: case.tally.main_reason().map(RejectReason::as_str),
        words: case.words.clone(),
        likeness: scored.likeness,
    }
}
