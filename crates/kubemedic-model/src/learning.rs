//! What a learnt decision was about: the context of an incident, the candidate repairs with their prior, and the labels
//! that people and outcomes give them (LEARNING.md sections 1.1 and 1.2). How they are learnt from is the engine's.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::plan::Strategy;

/// What a context holds where the evidence does not tell.
pub const UNKNOWN: &str = "?";

/// How much an environment matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// Users depend on it. Also what nothing else is known of.
    #[default]
    Prod,
    /// Tests before production.
    Staging,
    /// Nobody depends on it.
    Dev,
}

impl Tier {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Prod => "prod",
            Self::Staging => "staging",
            Self::Dev => "dev",
        }
    }
}

/// The time at which something is to be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Window {
    /// Weekdays, 08:00 to 18:00 UTC.
    Business,
    /// Every other time.
    #[default]
    Quiet,
    /// Changes are frozen.
    Freeze,
}

impl Window {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Business => "business",
            Self::Quiet => "quiet",
            Self::Freeze => "freeze",
        }
    }
}

/// How many replicas are affected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Blast {
    /// One.
    Single,
    /// Two to five.
    Few,
    /// Six and more.
    Many,
    /// The evidence does not tell.
    #[default]
    Unknown,
}

/// What is known of an incident when a repair is chosen. Texts are categories; [`UNKNOWN`] is one of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Context {
    /// The failure class.
    pub class: String,
    /// The signature: a digest of the class, the most frequent templates and the reason.
    pub signature: String,
    /// The kind of the workload.
    pub kind: String,
    /// How much the environment matters.
    pub tier: Tier,
    /// Who owns the workload.
    pub team: String,
    /// The cluster.
    pub cluster: String,
    /// Whether something was rolled out or configured in the hour before.
    pub recent_change: bool,
    /// The time of the incident.
    pub window: Window,
    /// How many replicas are affected.
    pub blast: Blast,
}

impl Default for Context {
    fn default() -> Self {
        let unknown = || UNKNOWN.to_owned();
        Self {
            class: unknown(),
            signature: unknown(),
            kind: unknown(),
            tier: Tier::default(),
            team: unknown(),
            cluster: unknown(),
            recent_change: false,
            window: Window::default(),
            blast: Blast::default(),
        }
    }
}

/// A repair that may be proposed, with what the knowledge base thinks of it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// The repair.
    pub arm: Strategy,
    /// How risky it is, 0 to 1.
    pub risk: f64,
    /// Whether it interrupts something.
    pub disruptive: bool,
    /// How likely people approve it, before anything was learnt.
    pub kb_approve: f64,
    /// How likely it helps once it is executed, before anything was learnt.
    pub kb_resolve: f64,
}

/// Which of the two probabilities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Head {
    /// That a person approves it.
    Approve,
    /// That it helps once it is executed.
    Resolve,
}

impl Head {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Resolve => "resolve",
        }
    }
}

/// Where a label comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Signal {
    /// A person's decision. It also tells how far the rater is to be trusted.
    Approval,
    /// Why a person rejected it.
    Reason,
    /// A person prefers this repair to the proposed one.
    Preference,
    /// A rating.
    Rating,
    /// What came of it.
    Outcome,
}

/// What was said of one repair in one context.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Label {
    /// Which probability it is about.
    pub head: Head,
    /// How far it is a yes, 0 to 1: the share of approved changes, or whether it helped.
    pub y: f64,
    /// How much it counts, before trust and caps.
    pub weight: f64,
    /// When it happened; the time of the event, not of its arrival.
    pub at: Timestamp,
    /// Where it comes from.
    pub signal: Signal,
    /// Who said it; `None` for what nobody said, such as a verified outcome.
    pub rater: Option<String>,
}

/// Why a person rejected a repair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RejectReason {
    /// It would not help.
    Ineffective,
    /// It might do harm.
    TooRisky,
    /// The cause is another one.
    WrongDiagnosis,
    /// It may be right, but not at this time.
    NotNow,
    /// Somebody is on it, or it is done.
    Duplicate,
    /// Something else: the text tells.
    Other,
}

impl RejectReason {
    /// Every reason, in the order in which they are offered.
    pub const ALL: [Self; 6] = [
        Self::Ineffective,
        Self::TooRisky,
        Self::WrongDiagnosis,
        Self::NotNow,
        Self::Duplicate,
        Self::Other,
    ];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ineffective => "ineffective",
            Self::TooRisky => "too_risky",
            Self::WrongDiagnosis => "wrong_diagnosis",
            Self::NotNow => "not_now",
            Self::Duplicate => "duplicate",
            Self::Other => "other",
        }
    }

    /// The words for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Ineffective => "It would not help",
            Self::TooRisky => "Too risky",
            Self::WrongDiagnosis => "The diagnosis is wrong",
            Self::NotNow => "Not now",
            Self::Duplicate => "Already handled",
            Self::Other => "Another reason",
        }
    }

    /// The reason of a word on the wire.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == word)
    }
}

/// What a person says of a proposal beside the decision: it is learnt from and authorises nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct DecisionHint {
    /// Why it was rejected, as a choice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason_kind: Option<RejectReason>,
    /// The repair that the person prefers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefer: Option<Strategy>,
}

/// What one feature adds to a prediction, in units of the normal distribution.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Contribution {
    /// Which probability.
    pub head: Head,
    /// The feature in words.
    pub feature: String,
    /// What it adds in all.
    pub value: f64,
    /// What of that was learnt.
    pub learnt: f64,
    /// Its standard deviation.
    pub sd: f64,
    /// Labels in it.
    pub n: u32,
}

/// A candidate with what was expected of it when the decision was made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScoredArm {
    /// The candidate.
    #[serde(flatten)]
    pub candidate: Candidate,
    /// How likely a person approves it.
    pub p_approve: f64,
    /// How likely it helps once it is executed.
    pub p_resolve: f64,
    /// The standard deviation of `p_approve`.
    pub sd_approve: f64,
    /// The standard deviation of `p_resolve`.
    pub sd_resolve: f64,
    /// The product of both: what candidates are ordered by.
    pub score: f64,
    /// How likely it was to be put first.
    pub propensity: f64,
    /// Labels on approval that this class and repair had.
    pub n_approve: u32,
    /// Labels on helping that this class and repair had.
    pub n_outcome: u32,
    /// What moved it most, at most three.
    pub contributions: Vec<Contribution>,
}

/// Which policy made a decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyVersion {
    /// Its name.
    pub algorithm: String,
    /// Its version.
    pub version: u32,
    /// A digest of its constants.
    pub hyper_hash: String,
}

/// An order of candidates with all that is needed to understand, replay and evaluate it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// What was known of the incident.
    pub context: Context,
    /// The candidates that policy and evidence admit, in the order in which they are shown.
    pub arms: Vec<ScoredArm>,
    /// Which policy made it.
    pub policy: PolicyVersion,
    /// A digest of what the policy had learnt.
    pub state_hash: String,
    /// The number of the newest feedback event that the policy had folded.
    pub log_offset: u64,
    /// The templates of the gravest findings, redacted and cut.
    #[serde(default)]
    pub symptoms: Vec<String>,
}

/// A decision in the journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Decided {
    /// The record.
    pub feedback_id: crate::id::FeedbackId,
    /// Which root cause, counted from 0.
    pub position: u32,
    /// The order.
    #[serde(flatten)]
    pub decision: Decision,
    /// The repair that was proposed.
    pub chosen: Strategy,
    /// How likely it was to be proposed; `None` where a model chose.
    pub chosen_propensity: Option<f64>,
    /// The cases that the model was shown.
    #[serde(default)]
    pub examples_shown: Vec<String>,
    /// The lessons that the model was shown.
    #[serde(default)]
    pub lessons_shown: Vec<String>,
    /// The model that planned, as `provider:name`; `None` where the engine did.
    #[serde(default)]
    pub llm: Option<String>,
}

/// A person says which repair would have been right.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Correction {
    /// The record.
    pub feedback_id: crate::id::FeedbackId,
    /// Which root cause, counted from 0.
    pub position: u32,
    /// The repair that is preferred.
    pub prefer: Strategy,
    /// Who says so.
    pub rater: String,
}
