//! The operators: what people and the cluster answer to a proposal, and when. Raters may be malicious or name what
//! they would rather do. What a learner makes of an answer is its own matter.

use std::sync::Arc;

use super::{
    random::Stream,
    world::{Task, World},
};

/// How many people judge proposals.
pub const RATERS: usize = 20;
/// The mean delay until a decision, its outcome after it, and a rating after that, in rounds.
const DELAYS: [f64; 3] = [3.0, 8.0, 10.0];
/// How often a rejection has a reason.
const REASON_SHARE: f64 = 0.6;
/// How often a decision is rated.
const RATING_SHARE: f64 = 0.35;
/// Below this chance to resolve, the reason is that it would not help.
const INEFFECTIVE_BELOW: f64 = 0.35;

/// What kind of people there are.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Crowd {
    /// The share of raters who answer the contrary of what they think.
    pub malicious: f64,
    /// How often an honest rejection names the best strategy.
    pub corrections: f64,
}

impl Crowd {
    fn is_malicious(&self, rater: usize) -> bool {
        #[expect(clippy::cast_precision_loss, reason = "there are twenty raters")]
        let place = (rater as f64 + 0.5) / RATERS as f64;
        place < self.malicious
    }
}

/// Why a proposal was rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// It would not help.
    Ineffective,
    /// It is too dangerous here.
    TooRisky,
}

/// What was proposed in a round.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal {
    /// The round, which also names the decision.
    pub round: u32,
    /// What was to decide.
    pub task: Arc<Task>,
    /// What was proposed.
    pub arm: usize,
    /// With which probability it was chosen.
    pub probability: f64,
}

/// What is heard of a proposal.
#[derive(Debug, Clone, PartialEq)]
pub enum Heard {
    /// A person decided.
    Decision {
        /// Whether it may run.
        approved: bool,
        /// Why not.
        reason: Option<Reason>,
        /// What the person would rather do.
        preferred: Option<usize>,
    },
    /// The cluster was looked at after an approved execution.
    Outcome {
        /// Whether the incident is gone.
        resolved: bool,
    },
    /// The true target of learners that take one number: approved and resolved.
    Success(bool),
    /// A person rated the proposal, 1..=5.
    Rating(u8),
}

/// One answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Feedback {
    /// When it is heard.
    pub due: u32,
    /// To what.
    pub proposal: Arc<Proposal>,
    /// By whom.
    pub rater: usize,
    /// What.
    pub heard: Heard,
}

/// Everything that will be heard of a proposal, by rising time. The draws of a round are the same whatever was
/// proposed, so that learners are compared on the same luck.
pub fn answers(world: &World, crowd: Crowd, seed: u64, proposal: Proposal) -> Vec<Feedback> {
    let mut luck = Stream::named(seed, "answers", u64::from(proposal.round));
    let proposal = Arc::new(proposal);
    let (task, arm) = (&proposal.task, proposal.arm);
    let rater = luck.below(RATERS);
    let malicious = crowd.is_malicious(rater);
    let resolves = world.resolves(&task.incident, arm);
    let approved = luck.happens(world.approved(&task.incident, arm)) != malicious;
    let resolved = luck.happens(resolves);
    let (with_reason, with_preference, rated) = (
        luck.happens(REASON_SHARE),
        luck.happens(crowd.corrections),
        luck.happens(RATING_SHARE),
    );
    let [decided_after, resolved_after, rated_after] = DELAYS.map(|mean| rounds(luck.exponential(mean)));
    let mood = luck.normal(0.0, 0.8);

    let reason = match (approved, malicious) {
        (true, _) => None,
        (false, true) => Some(Reason::Ineffective),
        (false, false) if !with_reason => None,
        (false, false) if resolves < INEFFECTIVE_BELOW => Some(Reason::Ineffective),
        (false, false) => Some(Reason::TooRisky),
    };
    let preferred = (!approved && !malicious && with_preference).then(|| world.best(task).0);
    let decided = proposal.round + decided_after;
    let known = if approved {
        decided + resolved_after
    } else {
        decided
    };
    let feedback = |due, heard| Feedback {
        due,
        proposal: Arc::clone(&proposal),
        rater,
        heard,
    };
    let mut all = vec![feedback(
        decided,
        Heard::Decision {
            approved,
            reason,
            preferred,
        },
    )];
    if approved {
        all.push(feedback(known, Heard::Outcome { resolved }));
    }
    all.push(feedback(known, Heard::Success(approved && resolved)));
    if rated {
        let rating = rating(approved, resolved, mood);
        let rating = if malicious { 6 - rating } else { rating };
        all.push(feedback(known + rated_after, Heard::Rating(rating)));
    }
    all
}

/// At least one round.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "an exponential delay is positive and small"
)]
fn rounds(delay: f64) -> u32 {
    1 + delay.min(10_000.0) as u32
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to 1..=5 before"
)]
fn rating(approved: bool, resolved: bool, mood: f64) -> u8 {
    let base = match (approved, resolved) {
        (true, true) => 4.5,
        (true, false) => 2.2,
        (false, _) => 2.0,
    };
    libm::round(base + mood).clamp(1.0, 5.0) as u8
}
