//! From ranked causes to a diagnosis: evidence ids, objects, priorities, sentences and the summary within the contract's limits.
//! It quotes nothing in its own words' place and decides nothing about causes.

use kubemedic_model::{
    class::FailureClass,
    diagnosis::{
        Author, Confidence, Diagnosis, Effect, Fact, MAX_OBJECTS, MAX_SENTENCE_CHARS, MAX_SUMMARY_CHARS,
        RootCause, Verdict,
    },
    evidence::{Evidence, EvidenceId},
    finding::Priority,
    resource::{Kind, ResourceRef},
};

use super::{
    explanation, history,
    hypothesis::{Exhibit, Hypothesis, Standing},
    ranking::{Cause, Ranking},
    verdict,
    view::{View, is_healthy},
};

/// The longest quote, in characters.
const MAX_QUOTE_CHARS: usize = 500;
/// The most pieces of evidence that one cause cites.
const MAX_CITED: usize = 8;
/// The most pieces of evidence of a claim in the explanation.
const MAX_EXPLAINED: usize = 2;
/// The most objects beside the guilty one.
const MAX_RELATED: usize = 4;

/// Writes the diagnosis.
pub(crate) fn diagnosis(
    view: &View<'_>,
    verdict: Verdict,
    ranking: &Ranking,
    healed: &[Hypothesis],
) -> Diagnosis {
    let mut album = Album::default();
    let incident = verdict == Verdict::Incident;
    let write = |causes: &[Cause], album: &mut Album| {
        causes
            .iter()
            .map(|it| root_cause(view, it, album))
            .collect::<Vec<_>>()
    };
    let root_causes = if incident {
        write(&ranking.causes, &mut album)
    } else {
        Vec::new()
    };
    let alternatives = if matches!(verdict, Verdict::Healthy | Verdict::Recovered) {
        Vec::new()
    } else {
        write(&ranking.alternatives, &mut album)
    };
    if verdict == Verdict::Recovered {
        for exhibit in healed
            .iter()
            .flat_map(|it| it.evidence.iter().take(2))
            .take(MAX_CITED)
        {
            album.keep(exhibit);
        }
    }
    let objects = match verdict {
        Verdict::Incident => objects_of(root_causes.first()),
        Verdict::InsufficientEvidence => objects_of(alternatives.first()),
        Verdict::Recovered => recovered_objects(view, healed),
        Verdict::Healthy => {
            let namespace = view.snapshot.namespace.as_deref();
            namespace
                .map(|name| ResourceRef::new(Kind::Namespace, None, name))
                .into_iter()
                .collect()
        }
    };
    let summary = match verdict {
        Verdict::Incident => ranking.causes.first().map_or_else(String::new, |cause| {
            incident_summary(view, cause, &objects, root_causes.len().saturating_sub(1))
        }),
        Verdict::InsufficientEvidence => insufficient_summary(ranking),
        Verdict::Recovered => recovered_summary(healed),
        Verdict::Healthy => {
            "No actionable error: nothing is wrong, the evidence shows normal operation.".to_owned()
        }
    };
    let explained = if verdict == Verdict::Healthy {
        0
    } else {
        MAX_EXPLAINED
    };
    let explanation = explanation::explain(
        &ranking.trace,
        healed,
        |claim| album.keep_all(claim, explained),
        |sentence| cut(sentence, MAX_SENTENCE_CHARS),
    );
    Diagnosis {
        verdict,
        explanation,
        summary: cut(&summary, MAX_SUMMARY_CHARS),
        confidence: Confidence::new(certainty(verdict, ranking)),
        root_causes,
        alternatives,
        objects,
        evidence: album.evidence,
        missing: verdict::missing(view, verdict, ranking),
    }
}

/// How sure the verdict is. Fixed values where no cause is named: absence of signs is weaker than their presence.
fn certainty(verdict: Verdict, ranking: &Ranking) -> f64 {
    match verdict {
        Verdict::Incident => ranking.causes.first().map_or(0.0, |cause| cause.confidence),
        Verdict::Recovered => 0.8,
        Verdict::Healthy => 0.85,
        Verdict::InsufficientEvidence => 0.3,
    }
}

/// Evidence with ids, each exhibit once.
#[derive(Debug, Default)]
struct Album {
    evidence: Vec<Evidence>,
}

impl Album {
    /// The id of an exhibit.
    fn keep(&mut self, exhibit: &Exhibit) -> EvidenceId {
        let quote = cut(&exhibit.quote, MAX_QUOTE_CHARS);
        let known = self
            .evidence
            .iter()
            .find(|it| it.quote == quote && it.origin == exhibit.origin && it.object == exhibit.object);
        if let Some(known) = known {
            return known.id;
        }
        let id = EvidenceId(u32::try_from(self.evidence.len()).unwrap_or(u32::MAX - 1) + 1);
        self.evidence.push(Evidence {
            id,
            kind: exhibit.kind,
            quote,
            origin: exhibit.origin.clone(),
            object: exhibit.object.clone(),
            field: exhibit.field.clone(),
            timestamp: exhibit.timestamp,
            count: exhibit.count,
        });
        id
    }

    /// The ids of a claim's exhibits.
    fn keep_all(&mut self, claim: &Hypothesis, limit: usize) -> Vec<EvidenceId> {
        let mut ids: Vec<EvidenceId> = Vec::new();
        for exhibit in claim.evidence.iter().take(limit) {
            let id = self.keep(exhibit);
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        ids
    }
}

/// One cause in the words of the model.
fn root_cause(view: &View<'_>, cause: &Cause, album: &mut Album) -> RootCause {
    let claim = &cause.claim;
    let evidence = album.keep_all(claim, MAX_CITED);
    let effects = cause.effects.iter().take(8).map(|effect| Effect {
        class: effect.class,
        object: effect.object.clone(),
        sentence: cut(&effect.sentence, MAX_SENTENCE_CHARS),
        evidence: album.keep_all(effect, 2),
    });
    let effects = effects.collect();
    let mut facts = claim.facts.clone();
    history::recall(view, cause.workload.as_ref().map(|it| &it.resource), &mut facts);
    RootCause {
        class: claim.class,
        cause: claim.cause.clone(),
        object: claim.object.clone(),
        workload: cause.workload.clone(),
        related: related(cause),
        sentence: cut(&claim.sentence, MAX_SENTENCE_CHARS),
        explanation: claim.explanation.clone(),
        contributing_factors: cause.asides.clone(),
        confidence: Confidence::new(cause.confidence),
        priority: priority(view, cause),
        evidence,
        facts,
        effects,
        author: Author::Engine,
    }
}

/// The other objects: the workload, what the claim names, the node.
fn related(cause: &Cause) -> Vec<ResourceRef> {
    let claim = &cause.claim;
    let namespace = claim
        .object
        .as_ref()
        .and_then(|object| object.namespace.as_deref());
    let mut found: Vec<ResourceRef> = Vec::new();
    let workload = cause.workload.as_ref().map(|it| it.resource.clone());
    let node = claim
        .facts
        .get(&Fact::Node)
        .map(|node| ResourceRef::new(Kind::Node, None, node.clone()));
    let node = node.filter(|_| matches!(claim.class.group(), "node" | "image" | "scheduling"));
    let named = [
        (Fact::Secret, Kind::Secret),
        (Fact::ConfigMap, Kind::ConfigMap),
        (Fact::Claim, Kind::PersistentVolumeClaim),
    ];
    let named = named
        .into_iter()
        .filter_map(|(fact, kind)| Some(ResourceRef::new(kind, namespace, claim.facts.get(&fact)?.clone())));
    for object in claim
        .related
        .iter()
        .cloned()
        .chain(workload)
        .chain(named)
        .chain(node)
    {
        let twin = found
            .iter()
            .any(|it| it.kind == object.kind && it.name == object.name);
        if !twin && claim.object.as_ref() != Some(&object) && found.len() < MAX_RELATED {
            found.push(object);
        }
    }
    found
}

/// What had failed, and the workload behind it.
fn recovered_objects(view: &View<'_>, healed: &[Hypothesis]) -> Vec<ResourceRef> {
    let Some(object) = healed.iter().find_map(|it| it.object.clone()) else {
        return Vec::new();
    };
    let workload = view
        .workload_of(&object)
        .map(|it| it.resource)
        .filter(|it| *it != object);
    std::iter::once(object).chain(workload).collect()
}

/// The objects of a diagnosis: those of its first cause, the guilty first.
fn objects_of(cause: Option<&RootCause>) -> Vec<ResourceRef> {
    let Some(cause) = cause else { return Vec::new() };
    let guilty = cause.object.clone();
    guilty
        .into_iter()
        .chain(cause.related.iter().cloned())
        .take(MAX_OBJECTS)
        .collect()
}

/// How urgent a cause is, by rule: what takes a whole workload, a node or the control plane down is P0; what stops some of it
/// P1; what only hinders later operations P2; a mere symptom P3.
fn priority(view: &View<'_>, cause: &Cause) -> Priority {
    let claim = &cause.claim;
    if claim.standing == Standing::Symptom {
        return Priority::P3;
    }
    match claim.class {
        FailureClass::NodeNotReady
        | FailureClass::ControlplaneDegraded
        | FailureClass::DiskFull
        | FailureClass::ReplicasZero
        | FailureClass::ServiceSelectorMismatch
        | FailureClass::ServicePortMismatch
        | FailureClass::NetworkPolicyBlocked => Priority::P0,
        FailureClass::HpaNoMetrics
        | FailureClass::PdbBlocked
        | FailureClass::StuckTerminating
        | FailureClass::JobBackoffLimit
        | FailureClass::JobDeadline
        | FailureClass::CpuThrottling
        | FailureClass::RateLimitedUpstream => Priority::P2,
        _ if serves_nothing(view, cause) => Priority::P0,
        _ => Priority::P1,
    }
}

/// Whether the workload of a cause has no ready pod.
fn serves_nothing(view: &View<'_>, cause: &Cause) -> bool {
    let Some(owner) = &cause.workload else {
        return false;
    };
    let it = &owner.resource;
    let Some(workload) = view.workload(&it.kind, it.namespace.as_deref(), &it.name) else {
        return false;
    };
    if let Some(ready) = workload.ready {
        return ready == 0;
    }
    let pods = view.selected(it.namespace.as_deref(), &workload.selector);
    !workload.selector.is_empty() && !pods.is_empty() && !pods.iter().any(|pod| is_healthy(pod))
}

/// What is wrong, where, what else shows it, what follows.
fn incident_summary(view: &View<'_>, cause: &Cause, objects: &[ResourceRef], further: usize) -> String {
    let mut text = Paragraph::new(&cut(&cause.claim.sentence, MAX_SENTENCE_CHARS));
    text.add(&place(view, cause));
    for aside in cause.asides.iter().take(2) {
        text.add(aside);
    }
    let unnamed: Vec<String> = objects
        .iter()
        .filter(|it| !text.0.contains(&it.name))
        .map(short)
        .collect();
    if !unnamed.is_empty() {
        text.add(&format!("Involved: {}", unnamed.join(", ")));
    }
    for effect in cause.effects.iter().take(2) {
        text.add(&format!("Effect: {}", effect.sentence));
    }
    if further > 0 {
        text.add(&format!("{further} further independent cause(s) found"));
    }
    text.add(&cause.claim.explanation);
    text.0
}

/// Namespace and workload of a cause.
fn place(view: &View<'_>, cause: &Cause) -> String {
    let object = cause.claim.object.as_ref();
    let namespace = object
        .and_then(|it| it.namespace.as_deref())
        .or(view.snapshot.namespace.as_deref());
    let workload = cause.workload.as_ref().map(|it| {
        let derived = if it.derived {
            " (derived from the pod's name)"
        } else {
            ""
        };
        format!("{} {}{derived}", it.resource.kind, it.resource.name)
    });
    match (namespace, workload) {
        (Some(namespace), Some(workload)) => format!("Namespace {namespace}, {workload}"),
        (Some(namespace), None) => format!("Namespace {namespace}"),
        (None, Some(workload)) => workload,
        (None, None) => String::new(),
    }
}

/// An object without its namespace.
fn short(object: &ResourceRef) -> String {
    format!("{} {}", object.kind, object.name)
}

/// Sentences that stop at the contract's limit.
struct Paragraph(String);

impl Paragraph {
    fn new(text: &str) -> Self {
        Self(closed(text))
    }

    /// Adds a sentence if it is new and the whole of it fits.
    fn add(&mut self, sentence: &str) {
        let sentence = closed(sentence);
        let length = self.0.chars().count() + sentence.chars().count() + 1;
        if sentence.is_empty() || self.0.contains(&sentence) || length > MAX_SUMMARY_CHARS {
            return;
        }
        self.0.push(' ');
        self.0.push_str(&sentence);
    }
}

/// A sentence with its full stop.
fn closed(text: &str) -> String {
    let text = text.trim();
    if text.is_empty() || text.ends_with(['.', '!', '?', '…']) {
        text.to_owned()
    } else {
        format!("{text}.")
    }
}

/// Words where only symptoms are known.
fn insufficient_summary(ranking: &Ranking) -> String {
    let mut text = Paragraph::new("The evidence does not tell the cause");
    for cause in ranking.alternatives.iter().take(3) {
        text.add(&cause.claim.sentence);
    }
    text.0
}

/// Words where everything is over.
fn recovered_summary(healed: &[Hypothesis]) -> String {
    let mut text = Paragraph::new(
        "Recovered: something was wrong and is over, nothing is wrong now (healthy, no actionable error)",
    );
    for claim in healed.iter().take(2) {
        text.add(&format!("Before: {}", claim.sentence));
    }
    text.0
}

/// The first `limit` characters, with an ellipsis where something is cut.
fn cut(text: &str, limit: usize) -> String {
    if text.chars().count() <= limit {
        return text.to_owned();
    }
    let kept: String = text.chars().take(limit.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests;
