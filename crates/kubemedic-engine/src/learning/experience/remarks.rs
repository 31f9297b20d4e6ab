//! Remarks: what the weights say plainly enough to be told in a sentence, with counters of how decisions fared in which they
//! were shown (LEARNING.md 1.9, "lessons"). They follow from counts; no model writes them.

use kubemedic_model::{
    learning::{Contribution, Decision, Head},
    plan::Strategy,
};
use serde::Serialize;

use super::{Cases, Tally, groups, scope};
use crate::learning::ranker::Ranker;

/// A weight says something when it is so many standard deviations from 0 and has so many labels.
const PLAIN: f64 = 1.5;
const LEAST_LABELS: u32 = 4;
/// The most remarks of a decision.
const MAX_REMARKS: usize = 5;
/// A remark is retired when it was shown next to so many bad decisions, and to more bad than good ones.
const TOO_HARMFUL: u32 = 3;

/// Something that was learnt, in a sentence.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Remark {
    /// Its id.
    pub id: String,
    /// The sentence.
    pub text: String,
    /// Good decisions in which it was shown.
    pub helpful: u32,
    /// Bad ones.
    pub harmful: u32,
}

/// How many standard deviations a weight is from 0.
fn plainness(value: f64, sd: f64) -> f64 {
    value.abs() / sd.max(1e-9)
}

impl Cases {
    /// What is to be remarked on a decision's repairs, the plainest first.
    pub(super) fn remarks(&self, decision: &Decision, ranker: &Ranker) -> Vec<Remark> {
        let mut found: Vec<(f64, Remark)> = Vec::new();
        let context = &decision.context;
        let scope = scope(context, ranker.hyper().share_across_clusters);
        let names = groups(context, "").into_iter().zip(groups(context, scope));
        let names: Vec<(String, String)> = names.collect();
        for arm in &decision.arms {
            let strategy = arm.candidate.arm;
            let is_plain = |value, sd, n| plainness(value, sd) > PLAIN && n >= LEAST_LABELS;
            for contribution in ranker.explain_where(context, &arm.candidate, is_plain) {
                let plain = plainness(contribution.value, contribution.sd);
                let group = names.iter().find(|(name, _)| {
                    let rest = contribution.feature.strip_prefix(name.as_str());
                    rest.and_then(|it| it.strip_prefix(" x ")) == Some(strategy.as_str())
                });
                let remark = group.and_then(|(name, counted)| {
                    let tally = self.tally(counted, strategy)?;
                    self.remark(name, (strategy, tally), &contribution)
                });
                found.extend(remark.map(|it| (plain, it)));
            }
        }
        found.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.id.cmp(&b.1.id)));
        found.into_iter().map(|it| it.1).take(MAX_REMARKS).collect()
    }

    fn remark(
        &self,
        group: &str,
        (arm, tally): (Strategy, &Tally),
        contribution: &Contribution,
    ) -> Option<Remark> {
        let id = format!("{}: {}", contribution.head.as_str(), contribution.feature);
        let shown = self.shown(&id);
        if shown.harmful >= TOO_HARMFUL && shown.harmful > shown.helpful {
            return None;
        }
        Some(Remark {
            text: sentence(group, arm, contribution, tally)?,
            id,
            helpful: shown.helpful,
            harmful: shown.harmful,
        })
    }
}

/// The sentence; none where counts and weight disagree.
fn sentence(group: &str, arm: Strategy, contribution: &Contribution, tally: &Tally) -> Option<String> {
    let arm = arm.as_str();
    let speaks_for = contribution.value > 0.0;
    let (yes, no) = match contribution.head {
        Head::Approve => (tally.approved, tally.rejected),
        Head::Resolve => (tally.resolved, tally.failed),
    };
    if speaks_for == (no > yes) {
        return None;
    }
    let all = yes + no;
    Some(match (contribution.head, speaks_for) {
        (Head::Approve, true) => format!("{group}: {arm} was approved, {yes:.0} of {all:.0}"),
        (Head::Approve, false) => {
            let why = tally
                .main_reason()
                .map_or_else(String::new, |it| format!(", mostly {}", it.as_str()));
            format!("{group}: {arm} was rejected, {no:.0} of {all:.0}{why}")
        }
        (Head::Resolve, true) => format!("{group}: {arm} helped, {yes:.0} of {all:.0}"),
        (Head::Resolve, false) => format!("{group}: {arm} did not help, {no:.0} of {all:.0}"),
    })
}
