//! Diagnoses: what is wrong, how sure we are, and what shows it.

pub mod explanation;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use explanation::Explanation;

use crate::{
    class::FailureClass,
    evidence::{Evidence, EvidenceId},
    finding::Priority,
    resource::ResourceRef,
};

/// The answer to "is something wrong?".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Something is wrong now.
    Incident,
    /// Something was wrong and the current state shows that it is over.
    Recovered,
    /// Nothing is wrong.
    Healthy,
    /// Something may be wrong, but the evidence does not tell what.
    InsufficientEvidence,
}

impl Verdict {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Incident => "incident",
            Self::Recovered => "recovered",
            Self::Healthy => "healthy",
            Self::InsufficientEvidence => "insufficient_evidence",
        }
    }
}

/// A probability between 0 and 1.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Confidence(f64);

impl Confidence {
    /// Clamps to 0..=1; not-a-number becomes 0.
    pub fn new(value: f64) -> Self {
        Self(if value.is_nan() {
            0.0
        } else {
            value.clamp(0.0, 1.0)
        })
    }

    /// The number.
    pub fn get(self) -> f64 {
        self.0
    }
}

/// A detail of a cause that plans and explanations use by name. Values are verbatim from the evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact {
    /// Container name.
    Container,
    /// Image reference.
    Image,
    /// An image known to have worked: of a sibling or an earlier revision.
    KnownGoodImage,
    /// Registry host.
    Registry,
    /// Memory limit.
    MemoryLimit,
    /// Memory request.
    MemoryRequest,
    /// CPU limit.
    CpuLimit,
    /// CPU request.
    CpuRequest,
    /// Resource that is short (`memory`, `nvidia.com/gpu`).
    Resource,
    /// Host or service that is called.
    Host,
    /// Port that is called, listened on or declared.
    Port,
    /// Port that would be right.
    RightPort,
    /// ConfigMap name.
    ConfigMap,
    /// Secret name.
    Secret,
    /// Key of a ConfigMap or Secret, or environment variable.
    Key,
    /// Claim name.
    Claim,
    /// Volume name.
    Volume,
    /// Storage class.
    StorageClass,
    /// Node name.
    Node,
    /// Taint or toleration, as `key=value:effect`.
    Taint,
    /// Node selector or affinity expression, or label.
    Label,
    /// Label value that would be right.
    RightLabel,
    /// Service name.
    Service,
    /// Service account, `namespace/name`.
    ServiceAccount,
    /// User or role that is refused.
    User,
    /// Verb that is refused.
    Verb,
    /// Resource that is refused.
    RefusedResource,
    /// Quota or limit range name.
    Quota,
    /// NetworkPolicy name.
    NetworkPolicy,
    /// Path in a file system or of a probe.
    Path,
    /// Command line that fails to start.
    Command,
    /// Exit code, HTTP status, SQLSTATE, errno.
    Code,
    /// Exception or error name.
    Exception,
    /// Webhook name.
    Webhook,
    /// Autoscaler or disruption budget.
    Budget,
    /// Finalizer.
    Finalizer,
    /// Replicas asked for.
    Replicas,
    /// Revision that a rollback would return to.
    Revision,
    /// Time limit or delay, as written.
    Duration,
    /// Database, table, topic, queue.
    Store,
}

/// Details by name.
pub type Facts = BTreeMap<Fact, String>;

/// Who claims a cause. Words of a language model stand in `explanation` and `contributing_factors` only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Author {
    /// The engine alone.
    #[default]
    Engine,
    /// A language model alone; its evidence was checked.
    Model,
    /// The engine, and a language model agrees or explains it.
    Both,
}

impl Author {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Engine => "engine",
            Self::Model => "model",
            Self::Both => "both",
        }
    }
}

/// One cause, with what shows it and what follows from it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RootCause {
    /// The class.
    pub class: FailureClass,
    /// A finer cause that refines the class, such as `liveness_probe_incorrect_port`.
    pub cause: Option<String>,
    /// The guilty object, if the evidence names it.
    pub object: Option<ResourceRef>,
    /// The workload that a repair changes: the owner of `object` where that is a pod.
    pub workload: Option<WorkloadRef>,
    /// Other objects involved, at most four.
    pub related: Vec<ResourceRef>,
    /// One sentence of our own words, at most [`MAX_SENTENCE_CHARS`] characters.
    pub sentence: String,
    /// Why that is the cause, in a few sentences of our own words.
    pub explanation: String,
    /// What adds to it.
    pub contributing_factors: Vec<String>,
    /// How likely this is the cause.
    pub confidence: Confidence,
    /// How urgent it is.
    pub priority: Priority,
    /// What shows it, the most telling first.
    pub evidence: Vec<EvidenceId>,
    /// Details by name.
    pub facts: Facts,
    /// Classes of the symptoms that follow from it, with their objects.
    pub effects: Vec<Effect>,
    /// Who claims it. The engine, in diagnoses of versions that asked no model.
    #[serde(default)]
    pub author: Author,
}

/// The workload to repair, and whether the evidence shows it or only its pods' names do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkloadRef {
    /// The workload.
    pub resource: ResourceRef,
    /// True when only a pod's name tells: a command reads it first.
    pub derived: bool,
}

/// A symptom that a cause explains.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Effect {
    /// Its class.
    pub class: FailureClass,
    /// Its object.
    pub object: Option<ResourceRef>,
    /// One sentence.
    pub sentence: String,
    /// What shows it.
    pub evidence: Vec<EvidenceId>,
}

/// The longest `root_cause` sentence, in characters (CONTRACT.md section 4).
pub const MAX_SENTENCE_CHARS: usize = 240;
/// The longest `summary`, in characters (CONTRACT.md section 4).
pub const MAX_SUMMARY_CHARS: usize = 600;
/// The most objects that a diagnosis names (CONTRACT.md section 4).
pub const MAX_OBJECTS: usize = 5;

/// What the Analysis Agent concludes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Diagnosis {
    /// Whether something is wrong.
    pub verdict: Verdict,
    /// What is wrong, at most [`MAX_SUMMARY_CHARS`] characters.
    pub summary: String,
    /// Independent causes, the most likely and gravest first. Empty unless the verdict is `Incident`.
    pub root_causes: Vec<RootCause>,
    /// Causes that were considered and rejected in favour of the first, the most likely first.
    pub alternatives: Vec<RootCause>,
    /// The objects involved, the guilty first, at most [`MAX_OBJECTS`].
    pub objects: Vec<ResourceRef>,
    /// How sure the verdict and the first cause are.
    pub confidence: Confidence,
    /// The evidence that the causes cite.
    pub evidence: Vec<Evidence>,
    /// What would have to be known for a firmer answer.
    pub missing: Vec<String>,
    /// Why it came out so. Empty in diagnoses of versions that kept none.
    #[serde(default)]
    pub explanation: Explanation,
}

impl Diagnosis {
    /// A diagnosis that nobody has made yet.
    pub fn undecided() -> Self {
        Self {
            verdict: Verdict::InsufficientEvidence,
            summary: String::new(),
            root_causes: Vec::new(),
            alternatives: Vec::new(),
            objects: Vec::new(),
            confidence: Confidence::new(0.0),
            evidence: Vec::new(),
            missing: Vec::new(),
            explanation: Explanation::default(),
        }
    }

    /// The class on the wire: the first cause's, `healthy` for healthy and recovered, none without evidence.
    pub fn failure_class(&self) -> Option<FailureClass> {
        match self.verdict {
            Verdict::Incident => self.root_causes.first().map(|cause| cause.class),
            Verdict::Healthy | Verdict::Recovered => Some(FailureClass::Healthy),
            Verdict::InsufficientEvidence => None,
        }
    }
}
