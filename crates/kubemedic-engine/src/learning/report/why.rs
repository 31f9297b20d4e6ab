//! Why a proposal stands where it stands: for each repair what moved its two probabilities, and the feedback that did it.

use kubemedic_model::{
    id::FeedbackId,
    learning::{Context, Contribution, Head, PolicyVersion, RejectReason, ScoredArm, Signal},
    plan::Strategy,
};
use serde::Serialize;

use crate::learning::{Ledger, Lesson, Taught, ranker::Ranker};

/// The most feedback that is named for one feature.
const MAX_SOURCES: usize = 5;
/// The newest lessons that are searched for it.
const MAX_SEARCHED: usize = 2_000;
/// The longest quotation of a person's words, in characters.
const MAX_WORDS: usize = 200;

/// Why the proposals of a record stand where they stand.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Why {
    /// The record.
    pub feedback_id: String,
    /// One entry for each root cause.
    pub proposals: Vec<WhyProposal>,
}

/// One root cause.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WhyProposal {
    /// Which root cause, counted from 0.
    pub position: u32,
    /// What was known of the incident.
    pub context: Context,
    /// What was proposed.
    pub chosen: Strategy,
    /// How likely it was to be proposed.
    pub chosen_propensity: Option<f64>,
    /// The order that was shown.
    pub order: Vec<Strategy>,
    /// The order of the knowledge base.
    pub untaught_order: Vec<Strategy>,
    /// Whether learning changed the order.
    pub is_changed_by_learning: bool,
    /// Each repair in the order shown.
    pub arms: Vec<WhyArm>,
    /// What this proposal itself taught.
    pub taught: Vec<WhyLesson>,
    /// Why a person rejected it.
    pub reason: Option<&'static str>,
    /// The person's words.
    pub words: Option<String>,
    /// Cases that a model was shown.
    pub examples_shown: Vec<String>,
    /// Remarks that a model was shown.
    pub lessons_shown: Vec<String>,
    /// The model that planned.
    pub llm: Option<String>,
    /// The policy.
    pub policy: PolicyVersion,
    /// A digest of what it had learnt.
    pub state_hash: String,
    /// The number of the newest event that it had learnt from.
    pub log_offset: u64,
}

/// One repair.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WhyArm {
    /// The repair.
    pub arm: Strategy,
    /// How likely a person approves it.
    pub p_approve: f64,
    /// How likely it helps.
    pub p_resolve: f64,
    /// The product.
    pub score: f64,
    /// The product before anything was learnt.
    pub untaught_score: f64,
    /// What moved it most.
    pub contributions: Vec<WhyContribution>,
}

/// One feature with the feedback behind it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WhyContribution {
    /// The feature, and by how much.
    #[serde(flatten)]
    pub contribution: Contribution,
    /// The newest feedback that it was learnt from.
    pub from: Vec<Source>,
}

/// Feedback that taught something.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Source {
    /// The record.
    pub feedback_id: String,
    /// What kind of feedback.
    pub signal: Signal,
    /// How far it was a yes.
    pub y: f64,
    /// Why it was rejected.
    pub reason: Option<&'static str>,
    /// A person's words.
    pub words: Option<String>,
}

/// What a proposal taught.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WhyLesson {
    /// The repair.
    pub arm: Strategy,
    /// Which probability.
    pub head: Head,
    /// What kind of feedback.
    pub signal: Signal,
    /// How far it was a yes.
    pub y: f64,
    /// The weight after trust and cap.
    pub weight: f64,
    /// What was expected before.
    pub expected: f64,
}

/// Why a record's proposals stand where they stand; `None` for an unknown record.
pub fn why(ledger: &Ledger, id: &FeedbackId) -> Option<Why> {
    ledger.record(id)?;
    let mut lessons: Vec<(&Taught, &Lesson)> = ledger
        .taught()
        .flat_map(|taught| taught.lessons.values().map(move |lesson| (taught, lesson)))
        .collect();
    lessons.sort_by_key(|(_, lesson)| std::cmp::Reverse(lesson.sequence));
    let proposals = ledger
        .taught_of(id)
        .map(|taught| proposal(ledger, taught, &lessons))
        .collect();
    Some(Why {
        feedback_id: id.to_string(),
        proposals,
    })
}

fn proposal(ledger: &Ledger, taught: &Taught, lessons: &[(&Taught, &Lesson)]) -> WhyProposal {
    let untaught = Ranker::new(ledger.ranker().hyper().clone());
    let decision = &taught.decided.decision;
    let before = |arm: &ScoredArm| untaught.predict(&decision.context, &arm.candidate).score;
    let mut by_knowledge: Vec<&ScoredArm> = decision.arms.iter().collect();
    by_knowledge.sort_by(|a, b| before(b).total_cmp(&before(a)));
    let strategies =
        |arms: &[&ScoredArm]| -> Vec<Strategy> { arms.iter().map(|it| it.candidate.arm).collect() };
    let order = strategies(&decision.arms.iter().collect::<Vec<_>>());
    let untaught_order = strategies(&by_knowledge);
    let earlier: Vec<_> = lessons
        .iter()
        .filter(|(_, lesson)| lesson.sequence <= decision.log_offset)
        .take(MAX_SEARCHED)
        .copied()
        .collect();
    let arms = decision.arms.iter().map(|arm| WhyArm {
        arm: arm.candidate.arm,
        p_approve: arm.p_approve,
        p_resolve: arm.p_resolve,
        score: arm.score,
        untaught_score: before(arm),
        contributions: arm
            .contributions
            .iter()
            .map(|it| WhyContribution {
                from: sources(ledger, (taught, arm), it, &earlier),
                contribution: it.clone(),
            })
            .collect(),
    });
    WhyProposal {
        position: taught.decided.position,
        context: decision.context.clone(),
        chosen: taught.decided.chosen,
        chosen_propensity: taught.decided.chosen_propensity,
        is_changed_by_learning: order != untaught_order,
        order,
        untaught_order,
        arms: arms.collect(),
        taught: taught.lessons.values().map(lesson).collect(),
        reason: taught.reason.map(RejectReason::as_str),
        words: words(ledger, taught),
        examples_shown: taught.decided.examples_shown.clone(),
        lessons_shown: taught.decided.lessons_shown.clone(),
        llm: taught.decided.llm.clone(),
        policy: decision.policy.clone(),
        state_hash: decision.state_hash.clone(),
        log_offset: decision.log_offset,
    }
}

/// The newest feedback that a feature was learnt from.
fn sources(
    ledger: &Ledger,
    (taught, arm): (&Taught, &ScoredArm),
    contribution: &Contribution,
    lessons: &[(&Taught, &Lesson)],
) -> Vec<Source> {
    let ranker = ledger.ranker();
    let about = (taught.context(), &arm.candidate);
    lessons
        .iter()
        .filter(|(_, lesson)| lesson.label.head == contribution.head)
        .filter(|(other, lesson)| {
            let candidate = other.candidate(lesson.arm);
            ranker
                .shared_features(contribution.head, about, (other.context(), &candidate))
                .contains(&contribution.feature)
        })
        .take(MAX_SOURCES)
        .map(|(other, lesson)| Source {
            feedback_id: other.decided.feedback_id.to_string(),
            signal: lesson.label.signal,
            y: lesson.label.y,
            reason: other.reason.map(RejectReason::as_str),
            words: words(ledger, other),
        })
        .collect()
}

/// What a person said on rejecting a record.
fn words(ledger: &Ledger, taught: &Taught) -> Option<String> {
    let record = ledger.record(&taught.decided.feedback_id)?;
    let words = record.rejection_reason.as_ref()?;
    Some(words.chars().take(MAX_WORDS).collect())
}

fn lesson(lesson: &Lesson) -> WhyLesson {
    WhyLesson {
        arm: lesson.arm,
        head: lesson.label.head,
        signal: lesson.label.signal,
        y: lesson.label.y,
        weight: lesson.weight,
        expected: lesson.expected,
    }
}
