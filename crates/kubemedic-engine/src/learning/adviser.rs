//! From an incident to the ranker's question: the context that the evidence tells, the candidates with the knowledge base's
//! opinion of them, and the decision that follows (LEARNING.md 1.1, 1.2 and 1.4).

use std::collections::BTreeSet;

use jiff::{Timestamp, tz::TimeZone};
use kubemedic_model::{
    class::FailureClass,
    command::Risk,
    diagnosis::{Fact, RootCause},
    learning::{Blast, Candidate, Context, Decision, PolicyVersion, ScoredArm, Tier, UNKNOWN, Window},
    plan::{AdmittedWay, Strategy, StrategyOrder},
    resource::{Kind, ResourceRef},
    snapshot::{ClusterSnapshot, Labels},
};

use super::{Ledger, ranker::Ranker};
use crate::monitoring::Monitoring;

/// The name and version of the policy.
const ALGORITHM: (&str, u32) = ("two-head-adf-probit", 1);
/// The most templates that describe an incident, and the longest of them in characters.
const MAX_SYMPTOMS: usize = 6;
const MAX_SYMPTOM_CHARS: usize = 200;
/// The templates that a signature is made of.
const SIGNATURE_TEMPLATES: usize = 3;
/// A change is recent for so many seconds.
const RECENT_SECONDS: u64 = 3_600;
/// The knowledge base's opinion on helping, for its first way, and the factor for each further one.
const FIRST_HELPS: f64 = 0.6;
const NEXT_HELPS: f64 = 0.8;
/// An untaught score is at most this share of the one before: the knowledge base's order holds until something is learnt.
const BEHIND: f64 = 0.93;
/// Each try to put a way behind the one before lowers its opinion by this factor, at most so often.
const LOWER: f64 = 0.85;
const MAX_LOWERINGS: u32 = 60;
/// What the contributions of an arm show at most.
const MAX_CONTRIBUTIONS: usize = 3;

/// An incident for which repairs are to be put in order.
#[derive(Debug, Clone)]
pub struct Situation<'a> {
    /// The cluster as the evidence shows it.
    pub snapshot: &'a ClusterSnapshot,
    /// The templates of the gravest findings.
    pub symptoms: Vec<String>,
    /// When it happened: the time of the incident, not of a replay.
    pub at: Timestamp,
    /// Names the decision, such as the workflow's id: what is drawn follows from it.
    pub decision: String,
    /// Whether changes are frozen.
    pub is_frozen: bool,
}

impl<'a> Situation<'a> {
    /// The situation of an input: its gravest findings, and the time of the newest one, else `now`.
    pub fn of(
        snapshot: &'a ClusterSnapshot,
        monitoring: &Monitoring,
        decision: String,
        now: Timestamp,
    ) -> Self {
        let findings = || monitoring.errors.iter().chain(&monitoring.warnings);
        let mut symptoms: Vec<String> = Vec::new();
        for finding in findings() {
            let text: String = finding.template.chars().take(MAX_SYMPTOM_CHARS).collect();
            if symptoms.len() < MAX_SYMPTOMS && !symptoms.contains(&text) {
                symptoms.push(text);
            }
        }
        let newest = findings().filter_map(|it| it.last_seen).max();
        Self {
            snapshot,
            symptoms,
            at: newest.filter(|at| *at <= now).unwrap_or(now),
            decision,
            is_frozen: false,
        }
    }
}

/// A ledger that puts the repairs of one incident in order.
#[derive(Debug)]
pub struct Adviser<'a> {
    ledger: &'a Ledger,
    situation: Situation<'a>,
}

impl<'a> Adviser<'a> {
    /// An adviser on a situation.
    pub fn new(ledger: &'a Ledger, situation: Situation<'a>) -> Self {
        Self { ledger, situation }
    }

    /// The context of a cause.
    pub fn context(&self, cause: &RootCause) -> Context {
        context_of(cause, &self.situation)
    }
}

impl StrategyOrder for Adviser<'_> {
    fn rank(&self, class: FailureClass, strategy: Strategy) -> i64 {
        self.ledger.rank(class, strategy)
    }

    fn decide(&self, cause: &RootCause, ways: &[AdmittedWay]) -> Option<Decision> {
        if ways.is_empty() {
            return None;
        }
        let context = self.context(cause);
        let ranker = self.ledger.ranker();
        let candidates = candidates(&context, ways, ranker);
        let offset = self.ledger.sequence();
        let draw = format!("{}/{}", self.situation.decision, context.class);
        let arms = ranker
            .choose(&context, &candidates, &draw, offset)
            .into_iter()
            .filter_map(|ranked| {
                let candidate = *candidates.iter().find(|it| it.arm == ranked.arm)?;
                let mut contributions = ranker.explain(&context, &candidate);
                contributions.truncate(MAX_CONTRIBUTIONS);
                let prediction = ranked.prediction;
                Some(ScoredArm {
                    candidate,
                    p_approve: prediction.p_approve,
                    p_resolve: prediction.p_resolve,
                    sd_approve: prediction.sd_approve,
                    sd_resolve: prediction.sd_resolve,
                    score: prediction.score,
                    propensity: ranked.propensity,
                    n_approve: prediction.n_approve,
                    n_outcome: prediction.n_outcome,
                    contributions,
                })
            })
            .collect();
        Some(Decision {
            context,
            arms,
            policy: policy_version(ranker),
            state_hash: ranker.state_hash(),
            log_offset: offset,
            symptoms: self.situation.symptoms.clone(),
        })
    }
}

/// The policy of a ranker.
pub(crate) fn policy_version(ranker: &Ranker) -> PolicyVersion {
    PolicyVersion {
        algorithm: ALGORITHM.0.to_owned(),
        version: ALGORITHM.1,
        hyper_hash: ranker.hyper().hash(),
    }
}

/// The candidates of ways in the knowledge base's order. Its opinion keeps that order among what nothing was learnt of.
fn candidates(context: &Context, ways: &[AdmittedWay], ranker: &Ranker) -> Vec<Candidate> {
    let untaught = Ranker::new(ranker.hyper().clone());
    let mut helps = FIRST_HELPS;
    let mut before = f64::INFINITY;
    let mut found = Vec::new();
    for way in ways {
        let risk = risk_of(*way);
        let mut candidate = Candidate {
            arm: way.strategy,
            risk,
            disruptive: is_disruptive(*way),
            kb_approve: approval_opinion(way.strategy, risk, context.tier),
            kb_resolve: if way.strategy == Strategy::Escalate {
                0.05
            } else {
                helps
            },
        };
        let mut score = untaught.predict(context, &candidate).score;
        for _ in 0..MAX_LOWERINGS {
            if score <= before * BEHIND {
                break;
            }
            candidate.kb_resolve *= LOWER;
            if candidate.arm == Strategy::Escalate {
                candidate.kb_approve *= LOWER;
            }
            score = untaught.predict(context, &candidate).score;
        }
        before = score;
        helps *= NEXT_HELPS;
        found.push(candidate);
    }
    found
}

/// How likely people approve a repair of that risk where nothing is known of them.
fn approval_opinion(strategy: Strategy, risk: f64, tier: Tier) -> f64 {
    if strategy == Strategy::Escalate {
        return 0.9;
    }
    let care = match tier {
        Tier::Prod => 1.6,
        Tier::Staging => 0.8,
        Tier::Dev => 0.25,
    };
    1.0 / (1.0 + libm::exp(risk * care - 1.0))
}

/// The risk of a way between 0 and 1: its strategy's, and at least that of its commands.
fn risk_of(way: AdmittedWay) -> f64 {
    let usual: f64 = match way.strategy {
        Strategy::Escalate => 0.0,
        Strategy::ScaleOut => 0.2,
        Strategy::PatchMemory | Strategy::PatchCpu => 0.3,
        Strategy::Restart => 0.35,
        Strategy::FixProbe | Strategy::FixSchedule => 0.4,
        Strategy::Rollback | Strategy::RevertConfig => 0.45,
        Strategy::FixImage | Strategy::ExpandPvc => 0.5,
        Strategy::FixConfig | Strategy::FixRbac => 0.55,
        Strategy::FixSecret => 0.6,
        Strategy::FixNetworkDns => 0.7,
        Strategy::CordonDrain => 0.9,
        Strategy::DeleteRecreate => 0.95,
    };
    if way.risk == Some(Risk::Destructive) {
        usual.max(0.8)
    } else {
        usual
    }
}

fn is_disruptive(way: AdmittedWay) -> bool {
    let always = matches!(
        way.strategy,
        Strategy::Restart | Strategy::Rollback | Strategy::CordonDrain | Strategy::DeleteRecreate
    );
    always || matches!(way.risk, Some(Risk::Disruptive | Risk::Destructive))
}

/// What the evidence tells of a cause's surroundings.
pub(crate) fn context_of(cause: &RootCause, situation: &Situation<'_>) -> Context {
    let snapshot = situation.snapshot;
    let workload = cause.workload.as_ref().map(|it| &it.resource);
    let object = workload.or(cause.object.as_ref());
    let namespace = object
        .and_then(|it| it.namespace.as_deref())
        .or(snapshot.namespace.as_deref());
    let labels = labels_around(object, namespace, snapshot);
    Context {
        class: cause.class.id().to_owned(),
        signature: signature(cause, &situation.symptoms),
        kind: object.map_or_else(|| UNKNOWN.to_owned(), |it| it.kind.as_str().to_owned()),
        tier: tier(&labels, namespace),
        team: team(&labels)
            .or(namespace)
            .map_or_else(|| UNKNOWN.to_owned(), short),
        cluster: snapshot
            .cluster
            .as_deref()
            .map_or_else(|| UNKNOWN.to_owned(), short),
        recent_change: is_recently_changed(cause, snapshot),
        window: window(situation),
        blast: blast(object, snapshot),
    }
}

/// A digest of the class, the finer cause and the gravest templates.
fn signature(cause: &RootCause, symptoms: &[String]) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(cause.class.id().as_bytes());
    hasher.update(cause.cause.as_deref().unwrap_or_default().as_bytes());
    let templates: BTreeSet<&str> = symptoms
        .iter()
        .take(SIGNATURE_TEMPLATES)
        .map(String::as_str)
        .collect();
    for template in templates {
        hasher.update(b"\n");
        hasher.update(template.as_bytes());
    }
    hasher.finalize().to_hex().chars().take(12).collect()
}

/// A name of bounded length.
fn short(text: &str) -> String {
    text.chars().take(100).collect()
}

/// Labels and annotations of the workload, its pods and its namespace, in that order.
fn labels_around<'a>(
    object: Option<&ResourceRef>,
    namespace: Option<&str>,
    snapshot: &'a ClusterSnapshot,
) -> Vec<&'a Labels> {
    let mut found: Vec<&Labels> = Vec::new();
    if let Some(object) = object {
        if let Some(it) = snapshot.workload(&object.kind, object.namespace.as_deref(), &object.name) {
            found.extend([&it.meta.labels, &it.meta.annotations, &it.pod_labels]);
        }
        if let Some(it) = snapshot.pod(object.namespace.as_deref(), &object.name) {
            found.extend([&it.meta.labels, &it.meta.annotations]);
        }
    }
    let is_namespace = |kind: &Kind, name: &str| *kind == Kind::Namespace && Some(name) == namespace;
    for it in &snapshot.others {
        if is_namespace(&it.kind, &it.meta.name) {
            found.extend([&it.meta.labels, &it.meta.annotations]);
        }
    }
    found
}

/// The first value of the first of some keys.
fn label<'a>(labels: &[&'a Labels], keys: &[&str]) -> Option<&'a str> {
    let mut values = labels.iter().flat_map(|it| {
        keys.iter()
            .filter_map(|key| it.get(*key))
            .map(|value| value.trim())
            .filter(|value| !value.is_empty())
    });
    values.next()
}

fn team<'a>(labels: &[&'a Labels]) -> Option<&'a str> {
    label(
        labels,
        &[
            "team",
            "owner",
            "app.kubernetes.io/team",
            "squad",
            "app.kubernetes.io/managed-by-team",
        ],
    )
}

/// How much an environment matters: by label, else by the words of the namespace's name, else as much as can be.
fn tier(labels: &[&Labels], namespace: Option<&str>) -> Tier {
    let told = label(
        labels,
        &[
            "environment",
            "env",
            "tier",
            "stage",
            "app.kubernetes.io/environment",
        ],
    );
    told.and_then(tier_of_words)
        .or_else(|| namespace.and_then(tier_of_words))
        .unwrap_or_default()
}

fn tier_of_words(text: &str) -> Option<Tier> {
    let lower = text.to_lowercase();
    let mut words = lower.split(|c: char| !c.is_ascii_alphanumeric());
    words.find_map(|word| match word {
        "prod" | "prd" | "production" | "live" => Some(Tier::Prod),
        "staging" | "stage" | "stg" | "uat" | "preprod" | "qa" | "integration" => Some(Tier::Staging),
        "dev" | "development" | "test" | "testing" | "sandbox" | "demo" | "ci" | "local" | "playground" => {
            Some(Tier::Dev)
        }
        _ => None,
    })
}

/// Whether the evidence shows a rollout or a change of configuration in the hour before.
fn is_recently_changed(cause: &RootCause, snapshot: &ClusterSnapshot) -> bool {
    let told =
        cause.class == FailureClass::ConfigChangeRegression || cause.facts.contains_key(&Fact::Revision);
    let rolled_out = || {
        snapshot.events.iter().any(|event| {
            event.reason == "ScalingReplicaSet" && event.age_seconds.is_none_or(|age| age < RECENT_SECONDS)
        })
    };
    let new_revision = || {
        snapshot
            .workloads
            .iter()
            .filter(|it| it.kind == Kind::ReplicaSet && it.desired != Some(0))
            .any(|it| it.meta.age_seconds.is_some_and(|age| age < RECENT_SECONDS))
    };
    told || rolled_out() || new_revision()
}

/// The time of the incident in UTC.
fn window(situation: &Situation<'_>) -> Window {
    if situation.is_frozen {
        return Window::Freeze;
    }
    let time = situation.at.to_zoned(TimeZone::UTC);
    let is_weekday = time.weekday().to_monday_one_offset() <= 5;
    if is_weekday && (8..18).contains(&time.hour()) {
        Window::Business
    } else {
        Window::Quiet
    }
}

fn blast(object: Option<&ResourceRef>, snapshot: &ClusterSnapshot) -> Blast {
    let workload = object
        .and_then(|it| snapshot.workload(&it.kind, it.namespace.as_deref(), &it.name))
        .and_then(|it| it.desired);
    match workload {
        None => Blast::Unknown,
        Some(0 | 1) => Blast::Single,
        Some(2..=5) => Blast::Few,
        Some(_) => Blast::Many,
    }
}

#[cfg(test)]
mod tests;
