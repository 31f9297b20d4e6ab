//! What the ranker was taught by which proposal: each proposal's labels follow from all that was said of it, and where that
//! changes, the old label is taken back and the new one learnt. Saying the same twice changes nothing.

use std::collections::BTreeMap;

use jiff::Timestamp;
use kubemedic_model::{
    feedback::Proposal,
    id::FeedbackId,
    learning::{Candidate, Context, Decided, Decision, Label, PolicyVersion, RejectReason, Signal},
    plan::Strategy,
};

use serde::{Deserialize, Serialize};

use super::{
    labels::{Said, Slot, labels},
    pairs,
    ranker::{Earlier, Ranker, SiteId},
};

/// The risk of a repair that no decision described.
const UNKNOWN_RISK: f64 = 0.45;

/// A label that was learnt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Lesson {
    /// The repair that it is about.
    pub arm: Strategy,
    /// The label.
    pub label: Label,
    /// The weight that it had after trust and cap.
    pub weight: f64,
    /// What was expected of it before, 0 to 1.
    pub expected: f64,
    /// The number of the event from which it follows.
    pub sequence: u64,
    site: Option<SiteId>,
}

/// A proposal and what it taught.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Taught {
    /// The decision.
    pub decided: Decided,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// Whether the journal tells how it was made. Records of earlier versions do not.
    pub is_logged: bool,
    /// The labels, by what they are about.
    #[serde(with = "pairs")]
    pub lessons: BTreeMap<Slot, Lesson>,
    /// Why a person rejected it.
    pub reason: Option<RejectReason>,
    /// Labels that somebody took back: they are not learnt again.
    retracted: Vec<Label>,
}

impl Taught {
    /// What is known of a repair in this decision.
    pub fn candidate(&self, arm: Strategy) -> Candidate {
        let arms = &self.decided.decision.arms;
        let known = arms.iter().find(|it| it.candidate.arm == arm);
        known.map_or_else(|| unknown(arm), |it| it.candidate)
    }

    /// What was learnt and still holds.
    fn labels(&self) -> impl Iterator<Item = Earlier<'_>> {
        self.lessons.values().filter_map(|lesson| {
            Some(Earlier {
                site: lesson.site?,
                context: self.context(),
                candidate: self.candidate(lesson.arm),
                label: &lesson.label,
                weight: lesson.weight,
            })
        })
    }

    /// The context of the decision.
    pub fn context(&self) -> &Context {
        &self.decided.decision.context
    }
}

/// Names a proposal: its record and which root cause.
pub type ProposalKey = (FeedbackId, u32);

/// The ranker with all that it was taught.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Teaching {
    pub(crate) ranker: Ranker,
    #[serde(with = "pairs")]
    pub(crate) taught: BTreeMap<ProposalKey, Taught>,
}

impl Teaching {
    /// A ranker that was taught nothing yet.
    pub(crate) fn with(ranker: Ranker) -> Self {
        Self {
            ranker,
            taught: BTreeMap::new(),
        }
    }

    /// Notes how a proposal was decided. What it taught before is learnt anew with that.
    pub(crate) fn decided(&mut self, decided: &Decided, at: Timestamp) {
        let key = (decided.feedback_id.clone(), decided.position);
        let mut retracted = Vec::new();
        if let Some(before) = self.taught.remove(&key) {
            let mut known = true;
            for lesson in before.lessons.values() {
                known &= unlearn(&mut self.ranker, lesson);
            }
            retracted = before.retracted;
            self.relearn_unless(known);
        }
        let taught = Taught {
            decided: decided.clone(),
            recorded_at: at,
            is_logged: true,
            lessons: BTreeMap::new(),
            reason: None,
            retracted,
        };
        self.taught.insert(key, taught);
    }

    /// Brings what a proposal taught up to what was said of it.
    pub(crate) fn teach(&mut self, id: &FeedbackId, proposal: &Proposal, said: &Said, sequence: u64) {
        let key = (id.clone(), proposal.position);
        if !said.is_judged() && !self.taught.contains_key(&key) {
            return;
        }
        let at = said.proposed_at.unwrap_or_default();
        let taught = self.taught.entry(key.clone()).or_insert_with(|| Taught {
            decided: undescribed(id, proposal),
            recorded_at: at,
            is_logged: false,
            lessons: BTreeMap::new(),
            reason: None,
            retracted: Vec::new(),
        });
        taught.reason = said.reason;
        let mut wanted = labels(said, taught.decided.chosen);
        wanted.retain(|(_, _, label)| !taught.retracted.contains(label));
        let mut known = true;
        taught.lessons.retain(|slot, lesson| {
            let stays = wanted
                .iter()
                .any(|(at, arm, label)| at == slot && *arm == lesson.arm && *label == lesson.label);
            if !stays {
                known &= unlearn(&mut self.ranker, lesson);
            }
            stays
        });
        wanted.retain(|(slot, ..)| !taught.lessons.contains_key(slot));
        self.relearn_unless(known);
        let Some(taught) = self.taught.get_mut(&key) else {
            return;
        };
        for (slot, arm, label) in wanted {
            let candidate = taught.candidate(arm);
            let update = self.ranker.learn(taught.context(), &candidate, &label);
            let lesson = Lesson {
                arm,
                label,
                weight: update.weight,
                expected: update.expected,
                sequence,
                site: update.site,
            };
            taught.lessons.insert(slot, lesson);
        }
    }

    /// Takes back what a record taught, or only what one signal did. Whether there was anything.
    pub(crate) fn retract(&mut self, id: &FeedbackId, signal: Option<Signal>) -> bool {
        let (mut any, mut known) = (false, true);
        let of_record = self.taught.range_mut((id.clone(), 0)..=(id.clone(), u32::MAX));
        for (_, taught) in of_record {
            let retracted = &mut taught.retracted;
            taught.lessons.retain(|_, lesson| {
                let stays = signal.is_some_and(|it| it != lesson.label.signal);
                if !stays {
                    known &= unlearn(&mut self.ranker, lesson);
                    retracted.push(lesson.label.clone());
                    any = true;
                }
                stays
            });
        }
        self.relearn_unless(known);
        any
    }

    /// Learns everything anew where a label was taken back that the ranker no longer knows how to subtract.
    fn relearn_unless(&mut self, known: bool) {
        if known {
            return;
        }
        let mut labels: Vec<Earlier<'_>> = self.taught.values().flat_map(Taught::labels).collect();
        labels.sort_unstable_by_key(|it| it.site);
        self.ranker.relearn(labels.into_iter());
    }

    /// The decisions of a record, by root cause.
    pub(crate) fn of_record(&self, id: &FeedbackId) -> impl Iterator<Item = &Taught> {
        self.taught
            .range((id.clone(), 0)..=(id.clone(), u32::MAX))
            .map(|(_, it)| it)
    }
}

/// Takes a label back. `false` where the ranker no longer knows what it added.
fn unlearn(ranker: &mut Ranker, lesson: &Lesson) -> bool {
    lesson.site.is_none_or(|site| ranker.retract(site))
}

/// A repair that no decision described.
fn unknown(arm: Strategy) -> Candidate {
    Candidate {
        arm,
        risk: UNKNOWN_RISK,
        disruptive: false,
        kb_approve: 0.5,
        kb_resolve: 0.5,
    }
}

/// The decision behind a proposal of a version that kept none.
fn undescribed(id: &FeedbackId, proposal: &Proposal) -> Decided {
    Decided {
        feedback_id: id.clone(),
        position: proposal.position,
        decision: Decision {
            context: Context {
                class: proposal.class.id().to_owned(),
                ..Context::default()
            },
            arms: Vec::new(),
            policy: PolicyVersion {
                algorithm: "none".to_owned(),
                version: 0,
                hyper_hash: String::new(),
            },
            state_hash: String::new(),
            log_offset: 0,
            symptoms: Vec::new(),
        },
        chosen: proposal.strategy,
        chosen_propensity: None,
        examples_shown: Vec::new(),
        lessons_shown: Vec::new(),
        llm: None,
    }
}

/// How far a class' repair stands behind what the knowledge base thinks of it, in millionths of a score: 0 when nothing was
/// learnt, negative where people and outcomes speak for it.
pub(crate) fn rank(ranker: &Ranker, class: &str, arm: Strategy) -> i64 {
    let context = Context {
        class: class.to_owned(),
        ..Context::default()
    };
    let candidate = unknown(arm);
    let untaught = Ranker::new(ranker.hyper().clone()).predict(&context, &candidate);
    let behind = untaught.score - ranker.predict(&context, &candidate).score;
    #[expect(clippy::cast_possible_truncation, reason = "a difference of probabilities")]
    let millionths = (behind * 1e6) as i64;
    millionths
}
