//! Causal ranking: claims about the same thing become one, effects are put under their causes, the rest is ordered.
//! It judges claims against each other; it reads no logs and makes no words.

mod fits;
pub(crate) mod trace;

use std::collections::{BTreeMap, BTreeSet};

use kubemedic_model::{
    class::FailureClass,
    diagnosis::{
        Fact, WorkloadRef,
        explanation::{Connection, Score, Weighing},
    },
    resource::{Kind, ResourceRef},
};

use fits::{fits_memory, fits_probe};
use trace::Trace;

use super::{
    calibration,
    causality::{self, Reach},
    hypothesis::{Hypothesis, Standing},
    view::View,
};

/// The strength below which a claim is no ground for an incident.
pub(crate) const FLOOR: f64 = 0.35;
/// The strength from which a reported cause elsewhere stands beside a verified one.
const INDEPENDENT: f64 = 0.8;
/// The most claims that are ranked against each other, the strongest first.
const MAX_CLAIMS: usize = 200;
/// The most causes in one diagnosis.
const MAX_CAUSES: usize = 5;
/// The most alternatives in one diagnosis.
const MAX_ALTERNATIVES: usize = 5;
/// The most exhibits of a claim that are searched for addresses.
const MAX_CITED: usize = 8;
/// What a latent fault gains when a symptom confirms it.
const CONFIRMED: f64 = 0.85;

/// One cause after ranking.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Cause {
    /// The claim, with the evidence of all that were merged into it.
    pub(crate) claim: Hypothesis,
    /// The sentences of the claims that were merged into it, without its own.
    pub(crate) asides: Vec<String>,
    /// The workload that a repair changes.
    pub(crate) workload: Option<WorkloadRef>,
    /// The claims that follow from it.
    pub(crate) effects: Vec<Hypothesis>,
    /// What speaks for and against it.
    pub(crate) weighing: Weighing,
    /// How sure it is, calibrated; a rejected alternative is at most what the first cause leaves.
    pub(crate) confidence: f64,
}

/// Causes and rejected alternatives, the strongest first.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Ranking {
    /// Independent causes.
    pub(crate) causes: Vec<Cause>,
    /// What was rejected.
    pub(crate) alternatives: Vec<Cause>,
    /// How it came about.
    pub(crate) trace: Trace,
}

/// How much a claim weighs: its likelihood, less where the current state does not show it.
pub(crate) fn strength(claim: &Hypothesis) -> f64 {
    let factor = match claim.standing {
        Standing::Verified => 1.0,
        Standing::Reported => 0.9,
        Standing::Symptom => 0.7,
    };
    claim.likelihood * factor
}

/// Ranks the claims.
pub(crate) fn rank(view: &View<'_>, claims: Vec<Hypothesis>) -> Ranking {
    let mut nodes = merge(view, claims);
    promote(view, &mut nodes);
    let edges = edges(view, &nodes);
    let explained: BTreeSet<usize> = edges.iter().map(|(_, effect)| *effect).collect();
    let mut roots: Vec<Root> = (0..nodes.len())
        .filter(|at| !explained.contains(at))
        .map(|at| Root {
            at,
            effects: closure(&edges, at),
        })
        .collect();
    let total = |root: &Root| {
        let node = nodes.get(root.at);
        node.map_or(0.0, |node| score(&node.claim, root.effects.len()).total)
    };
    roots.sort_by(|left, right| total(right).total_cmp(&total(left)).then(left.at.cmp(&right.at)));
    let mut ranking = divide(view, &nodes, &roots);
    ranking.trace = trace::of(view, &nodes, &edges, &roots, &ranking);
    ranking
}

/// What the order of causes goes by, for a claim that explains so many others.
fn score(claim: &Hypothesis, effects: usize) -> Score {
    let strength = strength(claim);
    let state_bonus = bonus(claim);
    let effects_bonus = 0.03 * f64::from(u32::try_from(effects.min(5)).unwrap_or(5));
    Score {
        likelihood: claim.likelihood,
        strength,
        state_bonus,
        effects_bonus,
        total: strength + state_bonus + effects_bonus,
    }
}

/// What the current state adds in the order of causes: words alone, however certain, stand behind what is seen.
fn bonus(claim: &Hypothesis) -> f64 {
    if claim.standing == Standing::Verified && claim.likelihood >= FLOOR {
        0.15
    } else {
        0.0
    }
}

/// A claim that nothing explains, with what it explains.
struct Root {
    at: usize,
    effects: BTreeSet<usize>,
}

/// A claim with the place that it is about.
struct Node {
    claim: Hypothesis,
    asides: Vec<String>,
    workload: Option<WorkloadRef>,
    hosts: Vec<ResourceRef>,
}

impl Node {
    fn new(view: &View<'_>, claim: Hypothesis) -> Self {
        let workload = claim.object.as_ref().and_then(|object| view.workload_of(object));
        let hosts = called(view, &claim);
        Self {
            claim,
            asides: Vec::new(),
            workload,
            hosts,
        }
    }

    /// The object that stands for the place: the workload, else the object itself.
    fn place(&self) -> Option<&ResourceRef> {
        self.workload
            .as_ref()
            .map(|it| &it.resource)
            .or(self.claim.object.as_ref())
    }
}

/// The services and workloads that a claim's host means.
fn called(view: &View<'_>, claim: &Hypothesis) -> Vec<ResourceRef> {
    if !causality::is_dependency(claim.class)
        && claim.class != FailureClass::Upstream5xx
        && claim.class != FailureClass::InitContainerFailing
    {
        return Vec::new();
    }
    let namespace = claim
        .object
        .as_ref()
        .and_then(|object| object.namespace.as_deref())
        .or(view.snapshot.namespace.as_deref());
    let mut found = Vec::new();
    let told = [Fact::Host, Fact::Service]
        .into_iter()
        .filter_map(|fact| claim.facts.get(&fact));
    for host in told.filter(|host| !is_source_file(host)) {
        if let Some(service) = view.service_of_host(namespace, host) {
            let service = super::view::reference(Kind::Service, &service.meta);
            found.extend(
                view.workload_behind(service.namespace.as_deref(), &service.name)
                    .map(|it| it.resource),
            );
            found.push(service);
        } else if let Some(name) = host
            .split(['.', ':', '/'])
            .next()
            .filter(|name| !name.bytes().all(|b| b.is_ascii_digit()))
        {
            found.push(ResourceRef::new(Kind::Service, namespace, name));
        }
    }
    for address in claim
        .evidence
        .iter()
        .take(MAX_CITED)
        .flat_map(|exhibit| addresses(&exhibit.quote))
    {
        if let Some(service) = view.service_of_host(namespace, address) {
            let service = super::view::reference(Kind::Service, &service.meta);
            let behind = view.workload_behind(service.namespace.as_deref(), &service.name);
            for object in behind.map(|it| it.resource).into_iter().chain([service]) {
                push_once(&mut found, object);
            }
        }
    }
    found
}

/// The hosts of the `host:port` pairs in a text.
fn addresses(text: &str) -> impl Iterator<Item = &str> {
    let tokens = text.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':')));
    tokens.filter_map(|token| {
        let (host, port) = token.split_once(':')?;
        let port = port.trim_end_matches(':');
        let number = !port.is_empty() && port.len() <= 5 && port.bytes().all(|b| b.is_ascii_digit());
        (number && host.len() > 1 && !is_source_file(host)).then_some(host)
    })
}

/// Whether a name is that of a source file in a stack trace.
fn is_source_file(name: &str) -> bool {
    let name = name.split(':').next().unwrap_or(name);
    let suffix = name.rsplit_once('.').map_or("", |(_, suffix)| suffix);
    [
        "java", "kt", "py", "go", "js", "ts", "rb", "php", "rs", "cs", "scala", "c", "cpp",
    ]
    .contains(&suffix)
}

/// Makes one claim of all that say the same about the same place.
fn merge(view: &View<'_>, claims: Vec<Hypothesis>) -> Vec<Node> {
    let mut nodes: Vec<Node> = claims.into_iter().map(|claim| Node::new(view, claim)).collect();
    nodes.sort_by(|left, right| strength(&right.claim).total_cmp(&strength(&left.claim)));
    let mut groups: BTreeMap<FailureClass, Vec<Node>> = BTreeMap::new();
    for node in nodes {
        let group = groups.entry(node.claim.class).or_default();
        match group
            .iter_mut()
            .take(MAX_CLAIMS)
            .find(|it| is_same_place(it, &node))
        {
            Some(into) => join(into, node),
            None => group.push(node),
        }
    }
    let mut merged: Vec<Node> = groups.into_values().flatten().collect();
    merged.sort_by(|left, right| strength(&right.claim).total_cmp(&strength(&left.claim)));
    merged.truncate(MAX_CLAIMS);
    merged
}

/// Whether two claims are about one place, as far as they tell.
fn is_same_place(left: &Node, right: &Node) -> bool {
    let (Some(one), Some(other)) = (left.place(), right.place()) else {
        return true;
    };
    same_object(one, other)
        || left.claim.related.iter().any(|it| same_object(it, other))
        || right.claim.related.iter().any(|it| same_object(it, one))
}

/// Whether two references may mean one object: a namespace that is not told matches every one.
fn same_object(left: &ResourceRef, right: &ResourceRef) -> bool {
    let namespaces = match (&left.namespace, &right.namespace) {
        (Some(one), Some(other)) => one == other,
        _ => true,
    };
    namespaces && left.kind == right.kind && left.name == right.name
}

/// Adds a weaker claim to a stronger one. Signals of different kinds are independent and join as noisy-or; the same kind
/// again, from the next pod, only repeats.
fn join(into: &mut Node, node: Node) {
    let claim = node.claim;
    let it = &mut into.claim;
    it.likelihood = if is_independent(it, &claim) {
        (1.0 - (1.0 - it.likelihood) * (1.0 - claim.likelihood)).min(0.99)
    } else {
        it.likelihood.max(claim.likelihood)
    };
    it.standing = it.standing.max(claim.standing);
    it.cause = it.cause.take().or(claim.cause);
    if it.object.is_none() {
        it.object = claim.object;
        into.workload = node.workload;
    } else if let Some(object) = claim.object.filter(|object| it.object.as_ref() != Some(object)) {
        push_once(&mut it.related, object);
    }
    for related in claim.related {
        push_once(&mut it.related, related);
    }
    for (fact, value) in claim.facts {
        it.facts.entry(fact).or_insert(value);
    }
    for rule in claim.rules {
        if it.rules.len() < 6 && !it.rules.contains(&rule) {
            it.rules.push(rule);
        }
    }
    for exhibit in claim.evidence {
        if it.evidence.len() < 20 && !it.evidence.iter().any(|have| have.quote == exhibit.quote) {
            it.evidence.push(exhibit);
        }
    }
    for sentence in std::iter::once(claim.sentence).chain(node.asides) {
        if sentence != it.sentence && !into.asides.contains(&sentence) && into.asides.len() < 4 {
            into.asides.push(sentence);
        }
    }
    for host in node.hosts {
        push_once(&mut into.hosts, host);
    }
}

/// Whether a claim shows something of a kind that the other does not.
fn is_independent(have: &Hypothesis, new: &Hypothesis) -> bool {
    new.standing != have.standing
        || !new
            .evidence
            .iter()
            .any(|it| have.evidence.iter().any(|other| other.kind == it.kind))
}

/// Keeps a reference once.
fn push_once(list: &mut Vec<ResourceRef>, object: ResourceRef) {
    if list.len() < 8 && !list.contains(&object) {
        list.push(object);
    }
}

/// How well two claims are known to be connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Link {
    None,
    Possible,
    Proven,
}

/// Raises latent faults that a symptom confirms.
fn promote(view: &View<'_>, nodes: &mut [Node]) {
    let confirmed: Vec<usize> = (0..nodes.len())
        .filter(|at| {
            let Some(cause) = nodes.get(*at) else { return false };
            strength(&cause.claim) < FLOOR
                && cause.claim.standing == Standing::Verified
                && nodes.iter().any(|effect| {
                    strength(&effect.claim) >= FLOOR && link(view, cause, effect) == Link::Proven
                })
        })
        .collect();
    for at in confirmed {
        if let Some(node) = nodes.get_mut(at) {
            node.claim.likelihood = 1.0 - (1.0 - node.claim.likelihood) * (1.0 - CONFIRMED);
        }
    }
}

/// The pairs (cause, effect). Where each could explain the other, the stronger one is the cause.
fn edges(view: &View<'_>, nodes: &[Node]) -> Vec<(usize, usize)> {
    let mut edges = Vec::new();
    for (at, cause) in nodes.iter().enumerate() {
        if strength(&cause.claim) < FLOOR {
            continue;
        }
        for (other, effect) in nodes.iter().enumerate() {
            if at == other || link(view, cause, effect) == Link::None {
                continue;
            }
            let mutual = strength(&effect.claim) >= FLOOR && link(view, effect, cause) != Link::None;
            let stronger = strength(&cause.claim).total_cmp(&strength(&effect.claim)).is_gt();
            if !mutual
                || stronger
                || (at < other && strength(&cause.claim).total_cmp(&strength(&effect.claim)).is_eq())
            {
                edges.push((at, other));
            }
        }
    }
    edges
}

/// Whether and how surely one claim explains another.
fn link(view: &View<'_>, cause: &Node, effect: &Node) -> Link {
    match connection(view, cause, effect) {
        None => Link::None,
        Some(connection) if connection.is_proven() => Link::Proven,
        Some(_) => Link::Possible,
    }
}

/// What connects a claim with another that it explains.
fn connection(view: &View<'_>, cause: &Node, effect: &Node) -> Option<Connection> {
    let reach = causality::reach(cause.claim.class, effect.claim.class)?;
    if !fits_probe(cause, effect) || !fits_memory(cause, effect) {
        return None;
    }
    let (Some(from), Some(to)) = (cause.place(), effect.place()) else {
        return Some(Connection::UnknownPlace);
    };
    let takes_part = |object: &ResourceRef| {
        same_object(from, object)
            || cause
                .claim
                .object
                .as_ref()
                .is_some_and(|it| same_object(it, object))
            || cause.claim.related.iter().any(|it| same_object(it, object))
            || is_front(from, object)
    };
    if !effect.hosts.is_empty() && reach >= Reach::Callers {
        if effect.hosts.iter().any(takes_part) {
            return Some(Connection::Address);
        }
        let own_call = takes_part(to) && !only_keeps_out(view, cause);
        return own_call.then_some(Connection::SamePlace);
    }
    if takes_part(to) && only_keeps_out(view, cause) {
        return None;
    }
    if takes_part(to) || effect.claim.related.iter().any(takes_part) {
        return Some(Connection::SamePlace);
    }
    match reach {
        Reach::Callers if same_namespace(from, to) => Some(Connection::SameNamespace),
        Reach::Same | Reach::Callers => None,
        Reach::Node => node_link(view, from, effect),
    }
}

/// Whether a cause only keeps others from coming in, so that what its own pods call is not touched.
fn only_keeps_out(view: &View<'_>, cause: &Node) -> bool {
    let policy = cause
        .claim
        .object
        .as_ref()
        .filter(|it| it.kind == Kind::NetworkPolicy);
    policy.is_some_and(|object| {
        let mut policies = view.snapshot.network_policies.iter();
        policies.any(|it| {
            it.meta.name == object.name && it.meta.namespace == object.namespace && it.ingress && !it.egress
        })
    })
}

/// Whether a service of the same name stands before a workload.
fn is_front(from: &ResourceRef, object: &ResourceRef) -> bool {
    let pair = (from.kind.is_workload() && object.kind == Kind::Service)
        || (from.kind == Kind::Service && object.kind.is_workload());
    pair && from.name == object.name && same_namespace(from, object)
}

/// Whether two objects are in one namespace, as far as they tell.
fn same_namespace(left: &ResourceRef, right: &ResourceRef) -> bool {
    left.namespace.is_none() || right.namespace.is_none() || left.namespace == right.namespace
}

/// Whether the effect's pod runs on the node that is the cause.
fn node_link(view: &View<'_>, from: &ResourceRef, effect: &Node) -> Option<Connection> {
    if from.kind != Kind::Node {
        return Some(Connection::UnknownPlace);
    }
    let object = effect.claim.object.as_ref();
    let pod = object.and_then(|it| view.pod(it.namespace.as_deref(), &it.name));
    match pod.and_then(|pod| pod.spec.node.as_deref()) {
        Some(node) if node == from.name => Some(Connection::OnNode),
        Some(_) => None,
        None => Some(Connection::UnknownPlace),
    }
}

/// Everything that follows from a claim, directly or not.
fn closure(edges: &[(usize, usize)], root: usize) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    let mut open = vec![root];
    while let Some(at) = open.pop() {
        for (_, effect) in edges
            .iter()
            .filter(|(cause, effect)| *cause == at && *effect != root)
        {
            if found.insert(*effect) {
                open.push(*effect);
            }
        }
    }
    found
}

/// Divides the roots into independent causes and rejected alternatives.
fn divide(view: &View<'_>, nodes: &[Node], roots: &[Root]) -> Ranking {
    let mut ranking = Ranking::default();
    let mut places: Vec<Option<ResourceRef>> = Vec::new();
    for (order, root) in roots.iter().enumerate() {
        let Some(node) = nodes.get(root.at) else { continue };
        let weight = strength(&node.claim);
        let place = node.place().cloned();
        let first = places.is_empty();
        let shares = places.iter().any(|it| match (it, &place) {
            (Some(one), Some(other)) => same_object(one, other),
            _ => true,
        });
        let grave = node.claim.standing == Standing::Verified || weight >= INDEPENDENT;
        let stands =
            weight >= FLOOR && (first || (!shares && grave && node.claim.standing != Standing::Symptom));
        let effects = root
            .effects
            .iter()
            .filter_map(|at| nodes.get(*at))
            .map(|it| it.claim.clone())
            .collect();
        let weighing = trace::weigh(view, nodes, roots, order);
        let left = ranking.causes.first().map_or(1.0, |first| 1.0 - first.confidence);
        let probability = calibration::probability(&weighing);
        let cause = Cause {
            weighing,
            confidence: probability,
            workload: node.workload.clone().or_else(|| repairable(view, &node.claim)),
            claim: node.claim.clone(),
            asides: node.asides.clone(),
            effects,
        };
        if stands && ranking.causes.len() < MAX_CAUSES {
            places.push(place);
            ranking.causes.push(cause);
        } else if weight >= FLOOR / 2.0 && ranking.alternatives.len() < MAX_ALTERNATIVES {
            ranking.alternatives.push(Cause {
                confidence: probability.min(left),
                ..cause
            });
        }
    }
    ranking
}

/// The workload among the related objects, where the guilty object itself belongs to none.
fn repairable(view: &View<'_>, claim: &Hypothesis) -> Option<WorkloadRef> {
    let object = claim.object.as_ref()?;
    if matches!(object.kind, Kind::Node | Kind::Namespace) {
        return None;
    }
    claim.related.iter().find_map(|it| view.workload_of(it))
}

/// The strength of the best claim that competes with the first: another class about the same or an unknown place.
fn rival(nodes: &[Node], roots: &[Root], best: &Node) -> f64 {
    let others = roots.iter().skip(1).filter_map(|root| nodes.get(root.at));
    others
        .filter(|it| is_same_place(best, it))
        .map(|it| strength(&it.claim))
        .fold(0.0, f64::max)
}

/// The raw score of a cause, before calibration: its strength, 0.02 for each further piece of evidence (at most three) and each explained effect
/// (at most three), reduced by a fifth of the strength of its best rival in relation to its own; at most 0.99.
pub(crate) fn confidence(claim: &Hypothesis, effects: usize, rival: f64) -> f64 {
    let own = strength(claim);
    let step = |count: usize| 0.02 * f64::from(u32::try_from(count.min(3)).unwrap_or(3));
    let base = own + step(claim.evidence.len().saturating_sub(1)) + step(effects);
    let margin = if own > 0.0 { (rival / own).min(1.0) } else { 0.0 };
    (base * (1.0 - 0.2 * margin)).min(0.99)
}

#[cfg(test)]
mod tests;
