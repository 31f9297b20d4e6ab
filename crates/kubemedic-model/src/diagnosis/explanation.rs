//! Why a diagnosis came out as it did: every claim that was weighed, its score in parts, and the causal edges between them.
//! It is what the ranking decided, kept; reports draw it and compute nothing anew.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{class::FailureClass, evidence::EvidenceId, resource::ResourceRef};

/// The most claims that an explanation keeps.
pub const MAX_CLAIMS: usize = 40;
/// The most causal edges that an explanation keeps.
pub const MAX_EDGES: usize = 120;

/// Names one claim within an explanation: `H1`, `H2`, ...
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ClaimId(pub u32);

impl fmt::Display for ClaimId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "H{}", self.0)
    }
}

/// What a claim rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ground {
    /// Something is seen to be wrong, but not what.
    #[default]
    Symptom,
    /// Words tell a cause: a log line or an event that the current state neither confirms nor denies.
    Reported,
    /// The current state of objects shows it.
    Verified,
}

impl Ground {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Symptom => "symptom",
            Self::Reported => "reported",
            Self::Verified => "verified",
        }
    }
}

/// What became of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It is a root cause of the diagnosis.
    Cause,
    /// It was considered and rejected in favour of a cause.
    Alternative,
    /// It follows from another claim.
    Effect,
    /// It is too weak to be named.
    Weak,
    /// The current state shows that it is over.
    Healed,
}

impl Outcome {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cause => "cause",
            Self::Alternative => "alternative",
            Self::Effect => "effect",
            Self::Weak => "weak",
            Self::Healed => "healed",
        }
    }
}

/// The score of a claim in its parts.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Score {
    /// How likely the class is given the claim's own signals, 0..=1.
    pub likelihood: f64,
    /// The likelihood, less where the current state does not show it.
    pub strength: f64,
    /// What the order of causes adds where the current state shows it.
    pub state_bonus: f64,
    /// What the order of causes adds for the claims that it explains.
    pub effects_bonus: f64,
    /// What the order of causes goes by: the sum of the three above.
    pub total: f64,
}

/// One claim after claims about the same thing became one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Claim {
    /// Its id within the explanation.
    pub id: ClaimId,
    /// The class claimed.
    pub class: FailureClass,
    /// A finer cause that refines the class.
    pub cause: Option<String>,
    /// The object that it accuses.
    pub object: Option<ResourceRef>,
    /// The workload behind the object.
    pub workload: Option<ResourceRef>,
    /// One sentence of our own words.
    pub sentence: String,
    /// What claimed it: rule families (`probe`) and entries of the text catalogue (`catalogue/ID`), the strongest first.
    pub rules: Vec<String>,
    /// What it rests on.
    pub ground: Ground,
    /// What became of it.
    pub outcome: Outcome,
    /// Its score.
    pub score: Score,
    /// What shows it, as far as the diagnosis keeps it.
    pub evidence: Vec<EvidenceId>,
}

/// Why two claims are taken to be connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Connection {
    /// Both are about one object or workload, or one names the other's.
    SamePlace,
    /// An address that the effect names leads to the cause.
    Address,
    /// The effect's pod runs on the node that is the cause.
    OnNode,
    /// Both are in one namespace; nothing tells a closer connection.
    SameNamespace,
    /// The place of one of them is not known.
    UnknownPlace,
}

impl Connection {
    /// Whether the evidence shows the connection; else it is only possible.
    pub fn is_proven(self) -> bool {
        matches!(self, Self::SamePlace | Self::Address | Self::OnNode)
    }

    /// The connection in words that follow "because".
    pub fn reason(self) -> &'static str {
        match self {
            Self::SamePlace => "both are about the same object or workload",
            Self::Address => "the address that the effect names leads to the cause",
            Self::OnNode => "the effect's pod runs on that node",
            Self::SameNamespace => "both are in one namespace",
            Self::UnknownPlace => "the place of one of them is not known",
        }
    }
}

/// One claim follows from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CausalEdge {
    /// The cause.
    pub cause: ClaimId,
    /// What follows from it.
    pub effect: ClaimId,
    /// Why they are taken to be connected. That the one class brings about the other is the table of causality.
    pub connection: Connection,
}

/// What speaks for and against the first cause: what its confidence is computed from.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Weighing {
    /// What the first cause rests on.
    pub ground: Ground,
    /// Whether the input shows the state of pods, so that the state could have confirmed it.
    #[serde(default)]
    pub state_seen: bool,
    /// Whether it names a finer cause than its class.
    pub refined: bool,
    /// The first cause's strength.
    pub strength: f64,
    /// How many pieces of evidence it has.
    pub evidence: u32,
    /// How many claims it explains.
    pub explained: u32,
    /// The strength of the best claim about the same or an unknown place that competes with it.
    pub rival: f64,
    /// How far its total score is above that of the best competing claim anywhere; its total where there is none.
    pub margin: f64,
    /// How many other claims, strong enough to be a cause, it does not explain.
    pub unexplained: u32,
    /// Confidence before calibration.
    pub raw: f64,
}

/// Why the diagnosis came out as it did.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Explanation {
    /// What was claimed, in the order of the ranking: causes and alternatives, what follows from them, what is over.
    /// At most [`MAX_CLAIMS`].
    pub claims: Vec<Claim>,
    /// The causal edges between the claims, at most [`MAX_EDGES`].
    pub edges: Vec<CausalEdge>,
    /// The claim that won.
    pub winner: Option<ClaimId>,
    /// The best claim that competes with the winner, if any does.
    pub rival: Option<ClaimId>,
    /// What the winner's confidence is computed from.
    pub weighing: Option<Weighing>,
}

impl Explanation {
    /// The claim of an id.
    pub fn claim(&self, id: ClaimId) -> Option<&Claim> {
        self.claims.iter().find(|claim| claim.id == id)
    }

    /// What follows from a claim at once.
    pub fn effects_of(&self, cause: ClaimId) -> impl Iterator<Item = CausalEdge> {
        self.edges.iter().copied().filter(move |edge| edge.cause == cause)
    }
}
