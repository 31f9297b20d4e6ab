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
