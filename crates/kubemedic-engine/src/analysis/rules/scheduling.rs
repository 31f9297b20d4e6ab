//! Pods that no node takes: the scheduler's message split into its reasons and checked against nodes and pods.

use std::{collections::BTreeSet, fmt::Write};

use kubemedic_model::{
    class::FailureClass,
    diagnosis::Fact,
    resource::{Kind, ResourceRef},
    snapshot::{
        Labels,
        node::{Node, Taint},
        pod::{Pod, PodSpec, Toleration},
    },
};

use super::{
    super::{
        hypothesis::{Exhibit, Hypothesis, Standing},
        patterns::{self, first, group},
        quantity,
        view::{View, pod_ref},
    },
    Claims, pod_exhibit,
};

/// Claims what pending pods and `FailedScheduling` events show.
pub(super) fn claim(view: &View<'_>, claims: &mut Claims) {
    for pod in super::unhealthy(view) {
        if pod.spec.node.is_some() || pod.meta.terminating {
            continue;
        }
        let events = view.pod_events(pod);
        let event = events.iter().rev().find(|event| is_verdict(&event.message));
        let condition = pod
            .conditions
            .iter()
            .find(|it| it.kind == "PodScheduled" && it.status == "False");
        let message = condition
            .and_then(|it| it.message.as_deref())
            .filter(|it| is_verdict(it));
        let Some(message) = message.or(event.map(|event| event.message.as_str())) else {
            continue;
        };
        let exhibit = match event {
            Some(event) => Exhibit::event(event),
            None => Exhibit::state(
                pod_ref(pod),
                &pod.meta.origin,
                "status.conditions[PodScheduled].message",
                message.to_owned(),
            ),
        };
        let found = judged(view, Some(pod), &pod.meta.name, message);
        claims.live.extend(found.into_iter().map(|claim| {
            claim
                .about(pod_ref(pod))
                .shown_by([exhibit.clone(), pod_exhibit(pod)])
        }));
    }
    for event in view
        .snapshot
        .events
        .iter()
        .filter(|event| is_verdict(&event.message))
    {
        let object = super::event_object(event);
        let pod = object
            .as_ref()
            .and_then(|it| view.pod(it.namespace.as_deref(), &it.name));
        if pod.is_some_and(|pod| pod.spec.node.is_none() && !super::super::view::is_healthy(pod)) {
            continue;
        }
        for mut claim in judged(view, None, super::event_name(event), &event.message) {
            claim.object.clone_from(&object);
            claim.standing = Standing::Reported;
            let bound = pod.is_some_and(|pod| pod.spec.node.is_some());
            if !bound {
                claims.judge(view, event, claim.shown_by([Exhibit::event(event)]));
            }
        }
    }
}

/// Whether a message is the scheduler's verdict on the nodes.
fn is_verdict(message: &str) -> bool {
    patterns::matches(&patterns::NODES_AVAILABLE, message)
}

/// The order of the scheduler's filters: a node reports the first that fails, so the latest reason is the nearest miss.
/// Source: `pkg/scheduler/apis/config/v1/default_plugins.go`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    ControlPlaneTaint,
    Unschedulable,
    NodeTrouble,
    Taint,
    Affinity,
    Ports,
    Resources,
    Extended,
    ClaimInUse,
    Claims,
    VolumeZone,
    Spread,
    AntiAffinity,
}

/// One reason of a verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Reason {
    stage: Stage,
    nodes: u32,
    text: String,
}

/// Splits a verdict into its reasons.
fn reasons(message: &str) -> Vec<Reason> {
    let body = group(&patterns::NODES_AVAILABLE, message, 3).unwrap_or("");
    let body = body
        .split(" preemption:")
        .next()
        .unwrap_or(body)
        .trim_end_matches('.');
    let mut found = Vec::new();
    for part in split_reasons(body) {
        let part = part.trim().trim_end_matches('.');
        let (nodes, text) = match part.split_once(' ') {
            Some((number, rest)) => number.parse().map_or((0, part), |nodes| (nodes, rest)),
            None => (0, part),
        };
        if let Some(stage) = stage(text) {
            found.push(Reason {
                stage,
                nodes,
                text: text.to_owned(),
            });
        }
    }
    found
}

/// Splits at commas that stand outside of braces.
fn split_reasons(body: &str) -> Vec<&str> {
    let mut depth = 0_u32;
    body.split(|c: char| {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == ',' && depth == 0
    })
    .collect()
}

/// The filter that a reason comes from.
fn stage(text: &str) -> Option<Stage> {
    let lower = text.to_ascii_lowercase();
    let has = |word: &str| lower.contains(word);
    Some(if has("taint") {
        if has("node-role.kubernetes.io/control-plane") || has("node-role.kubernetes.io/master") {
            Stage::ControlPlaneTaint
        } else if has("node.kubernetes.io/unschedulable") {
            Stage::Unschedulable
        } else if has("node.kubernetes.io/") {
            Stage::NodeTrouble
        } else {
            Stage::Taint
        }
    } else if has("unschedulable") {
        Stage::Unschedulable
    } else if has("readwriteoncepod") {
        Stage::ClaimInUse
    } else if has("anti-affinity") || has("pod affinity") || has("inter-pod") {
        Stage::AntiAffinity
    } else if has("topology spread") {
        Stage::Spread
    } else if has("volume node affinity") || has("no available volume zone") {
        Stage::VolumeZone
    } else if has("affinity") || has("selector") || has("didn't match node") {
        Stage::Affinity
    } else if has("free ports") {
        Stage::Ports
    } else if has("insufficient ") {
        let resource = first(&patterns::INSUFFICIENT, text)?;
        if resource.contains('/') {
            Stage::Extended
        } else {
            Stage::Resources
        }
    } else if has("too many pods") {
        Stage::Resources
    } else if has("persistentvolume") || has("volume count") || has("persistent volumes to bind") {
        Stage::Claims
    } else {
        return None;
    })
}

/// The claims that a verdict supports: the nearest miss first, the other reasons as weaker claims.
fn judged(view: &View<'_>, pod: Option<&Pod>, name: &str, message: &str) -> Vec<Hypothesis> {
    let all = group(&patterns::NODES_AVAILABLE, message, 2).unwrap_or("0");
    let mut found = reasons(message);
    found.sort_by_key(|reason| std::cmp::Reverse((reason.stage, reason.nodes)));
    let decisive = found
        .iter()
        .position(|reason| is_certain(view, pod, reason))
        .or_else(|| found.iter().position(|reason| !is_intended(view, pod, reason)))
        .unwrap_or(0);
    let rank = |at: usize| if at == decisive { 0.94 } else { 0.3 };
    let mut seen: BTreeSet<FailureClass> = BTreeSet::new();
    let mut claims = Vec::new();
    let order = std::iter::once(decisive).chain((0..found.len()).filter(|at| *at != decisive));
    for at in order {
        let Some(reason) = found.get(at) else { continue };
        let claim = worded(view, pod, name, reason, all);
        if seen.insert(claim.class) {
            claims.push(Hypothesis {
                likelihood: claim.likelihood.min(rank(at)),
                ..claim
            });
        }
    }
    claims
}

/// Whether pods and nodes alone prove that the reason keeps the pod off every node.
fn is_certain(view: &View<'_>, pod: Option<&Pod>, reason: &Reason) -> bool {
    let Some(pod) = pod else { return false };
    let nodes = &view.snapshot.nodes;
    if nodes.is_empty() {
        return false;
    }
    match reason.stage {
        Stage::Affinity => {
            let selector = &pod.spec.node_selector;
            !selector.is_empty() && !nodes.iter().any(|node| picks(selector, node))
        }
        Stage::Resources | Stage::Extended => {
            first(&patterns::INSUFFICIENT, &reason.text).is_some_and(|resource| {
                largest(nodes, resource).is_some_and(|(_, most)| requested(&pod.spec, resource) > most)
            })
        }
        _ => false,
    }
}

/// Whether a reason only tells what the pod wants: its selector picks some nodes, so what keeps it off those is the cause.
fn is_intended(view: &View<'_>, pod: Option<&Pod>, reason: &Reason) -> bool {
    let selector = pod.map(|pod| &pod.spec.node_selector).filter(|it| !it.is_empty());
    let any = |selector| view.snapshot.nodes.iter().any(|node| picks(selector, node));
    reason.stage == Stage::Affinity && selector.is_some_and(any)
}

/// The label by which every kubelet names its node.
const HOSTNAME: &str = "kubernetes.io/hostname";

/// Whether a selector means a node: by its labels, or by its name where its hostname label was taken away.
fn picks(selector: &Labels, node: &Node) -> bool {
    selector.iter().all(|(key, value)| {
        let named = key == HOSTNAME && !node.meta.labels.contains_key(key) && *value == node.meta.name;
        named || node.meta.labels.get(key) == Some(value)
    })
}

/// What a pod asks for of a resource, in base units: the sum over its containers.
fn requested(spec: &PodSpec, resource: &str) -> f64 {
    let asked = spec
        .containers
        .iter()
        .filter_map(|it| it.requests.get(resource).or_else(|| it.limits.get(resource)));
    asked.filter_map(|amount| quantity::parse(amount)).sum()
}

/// The most that any node offers of a resource, as written and in base units.
fn largest<'n>(nodes: &'n [Node], resource: &str) -> Option<(&'n str, f64)> {
    let offers = nodes.iter().filter_map(|node| {
        node.allocatable
            .get(resource)
            .or_else(|| node.capacity.get(resource))
    });
    offers
        .filter_map(|amount| Some((amount.as_str(), quantity::parse(amount)?)))
        .max_by(|left, right| left.1.total_cmp(&right.1))
}

/// The words for one reason.
fn worded(view: &View<'_>, pod: Option<&Pod>, name: &str, reason: &Reason, all: &str) -> Hypothesis {
    let claim = |class| {
        Hypothesis::new(
            class,
            if pod.is_some() {
                Standing::Verified
            } else {
                Standing::Reported
            },
            0.94,
        )
    };
    let nodes = reason.nodes;
    match reason.stage {
        Stage::Resources | Stage::Extended => short(view, pod, name, reason, all),
        Stage::ControlPlaneTaint | Stage::Taint => {
            let taint = first(&patterns::TAINT, &reason.text).unwrap_or("a taint").replace(": ", "=");
            let taint = taint.trim_end_matches([' ', '=']);
            let offending = pod.and_then(|pod| untolerated(view, pod));
            let shown = offending.as_ref().map_or(taint, |(text, _)| text.as_str());
            let mut it = claim(FailureClass::UnschedulableTaint).refined(Some("taint_toleration_mismatch")).fact(Fact::Taint, Some(shown)).because(
                format!("Pod {name} cannot be scheduled: {nodes} of {all} nodes carry the taint {shown} that it does not tolerate"),
                "A node's taint keeps away every pod without a matching toleration; no other node is free for it.".to_owned(),
            );
            for node in offending.into_iter().flat_map(|(_, nodes)| nodes).take(3) {
                it = it.with(ResourceRef::new(Kind::Node, None, node));
            }
            it
        }
        Stage::Unschedulable => cordoned(view, claim(FailureClass::UnschedulableTaint), name, reason, all),
        Stage::NodeTrouble => node_trouble(view, claim, name, reason, all),
        Stage::Affinity => selector(pod, claim(FailureClass::UnschedulableAffinity), name, nodes, all),
        Stage::VolumeZone => claim(FailureClass::UnschedulableAffinity).because(
            format!("Pod {name} cannot be scheduled: its volume is bound to a zone or node (volume node affinity conflict) where no node is free"),
            "The volume can be attached only to certain nodes, and those do not take the pod.".to_owned(),
        ),
        Stage::Spread => claim(FailureClass::UnschedulableAffinity).because(
            format!("Pod {name} cannot be scheduled: its topology spread constraints leave none of {all} nodes"),
            "The pod demands to be spread over zones or nodes more evenly than the nodes allow.".to_owned(),
        ),
        Stage::AntiAffinity => claim(FailureClass::UnschedulableAffinity).refined(Some("pod_anti_affinity_conflict")).because(
            format!("Pod {name} cannot be scheduled: its pod affinity or anti-affinity rules exclude {nodes} of {all} nodes"),
            "The rules demand to be apart from (or near to) other pods, and no node satisfies that.".to_owned(),
        ),
        Stage::Ports => claim(FailureClass::PortConflict).because(
            format!("Pod {name} cannot be scheduled: its host port is in use on {nodes} of {all} nodes"),
            "A host port can be taken once per node.".to_owned(),
        ),
        Stage::ClaimInUse => claim(FailureClass::VolumeMountFailed).refined(Some("pvc_in_use")).because(
            format!("Pod {name} cannot be scheduled: its PersistentVolumeClaim (ReadWriteOncePod) is mounted by another pod on {nodes} of {all} nodes"),
            "A claim with the access mode ReadWriteOncePod can be mounted by one pod at a time.".to_owned(),
        ),
        Stage::Claims => {
            let mut it = claim(FailureClass::PvcPending).because(
                format!("Pod {name} cannot be scheduled: its PersistentVolumeClaim is not bound"),
                "The scheduler waits until the claim has a volume.".to_owned(),
            );
            it.likelihood = 0.7;
            it
        }
    }
}

/// Words for a resource that is short.
fn short(view: &View<'_>, pod: Option<&Pod>, name: &str, reason: &Reason, all: &str) -> Hypothesis {
    let standing = if pod.is_some() {
        Standing::Verified
    } else {
        Standing::Reported
    };
    let resource = first(&patterns::INSUFFICIENT, &reason.text).unwrap_or("pods");
    let extended = reason.stage == Stage::Extended;
    let class = if extended {
        FailureClass::UnschedulableGpu
    } else {
        FailureClass::UnschedulableResources
    };
    let cause = match resource {
        "cpu" => Some("cpu_capacity_mismatch"),
        "memory" => Some("memory_capacity_mismatch"),
        _ => None,
    };
    let asked = pod.and_then(|pod| {
        pod.spec
            .containers
            .iter()
            .find_map(|it| it.requests.get(resource))
    });
    let most = largest(&view.snapshot.nodes, resource);
    let word = if extended && resource.contains("gpu") {
        format!("GPU ({resource})")
    } else {
        resource.to_owned()
    };
    let mut sentence = format!(
        "Pod {name} cannot be scheduled: insufficient {word}, {} of {all} nodes have too little available",
        reason.nodes
    );
    if let Some(asked) = asked {
        let _ = write!(sentence, "; it requests {asked}");
        if let Some((most, _)) = most {
            let _ = write!(sentence, " and the largest node offers {most}");
        }
    }
    let fact = match resource {
        "cpu" => Fact::CpuRequest,
        "memory" => Fact::MemoryRequest,
        _ => Fact::Resource,
    };
    Hypothesis::new(class, standing, 0.94)
        .refined(cause)
        .because(
            sentence,
            "The scheduler places a pod only where its requests fit into what the node has left.",
        )
        .fact(fact, asked.map(String::as_str))
        .fact(Fact::Resource, Some(resource))
}

/// Words for cordoned nodes.
fn cordoned(view: &View<'_>, claim: Hypothesis, name: &str, reason: &Reason, all: &str) -> Hypothesis {
    let nodes = || {
        view.snapshot
            .nodes
            .iter()
            .filter(|node| node.cordoned)
            .map(|node| node.meta.name.as_str())
    };
    let mut claim = claim
        .refined(Some("node_cordon_mismatch"))
        .fact(Fact::Node, nodes().next())
        .fact(Fact::Taint, Some("node.kubernetes.io/unschedulable:NoSchedule"))
        .because(
            format!(
                "Pod {name} cannot be scheduled: {} of {all} nodes are cordoned (unschedulable taint) {}",
                reason.nodes,
                super::listing(nodes(), 3)
            )
            .trim_end()
            .to_owned(),
            "A cordoned node takes no new pods until it is uncordoned.".to_owned(),
        );
    for node in nodes().take(3) {
        claim = claim.with(ResourceRef::new(Kind::Node, None, node));
    }
    claim
}

/// Words for nodes that keep pods away because they are ill.
fn node_trouble(
    view: &View<'_>,
    claim: impl Fn(FailureClass) -> Hypothesis,
    name: &str,
    reason: &Reason,
    all: &str,
) -> Hypothesis {
    let pressure = reason.text.contains("pressure");
    let class = if pressure {
        FailureClass::EvictedNodePressure
    } else {
        FailureClass::NodeNotReady
    };
    let what = if pressure { "under pressure" } else { "not ready" };
    let ill = view.snapshot.nodes.iter().find(|node| node.ready == Some(false));
    let tainted = reason.text.split_once("taint");
    if let Some((_, taint)) = tainted.filter(|_| view.snapshot.nodes.is_empty()) {
        // Without the nodes' states the taint is all that the evidence shows.
        let taint = taint
            .trim_start_matches('s')
            .trim()
            .trim_matches(['{', '}', ' ', ':']);
        return claim(FailureClass::UnschedulableTaint).fact(Fact::Taint, Some(taint)).because(
            format!("Pod {name} cannot be scheduled: {} of {all} nodes carry the taint {taint} ({what}) that it does not tolerate", reason.nodes),
            "Kubernetes taints a node that is ill, so that no new pods come to it.".to_owned(),
        );
    }
    let mut it = claim(class)
        .fact(Fact::Node, ill.map(|node| node.meta.name.as_str()))
        .because(
            format!(
                "Pod {name} cannot be scheduled: {} of {all} nodes are {what}",
                reason.nodes
            ),
            "Kubernetes taints a node that is ill, so that no new pods come to it.".to_owned(),
        );
    if let Some(node) = ill {
        it = it.with(ResourceRef::new(Kind::Node, None, node.meta.name.clone()));
    }
    it
}

/// Words for node selectors and node affinity.
fn selector(pod: Option<&Pod>, claim: Hypothesis, name: &str, nodes: u32, all: &str) -> Hypothesis {
    let spec = pod.map(|pod| &pod.spec);
    let selector = spec
        .and_then(|spec| spec.node_selector.iter().next())
        .map(|(key, value)| format!("{key}={value}"));
    let affinity = spec.and_then(|spec| spec.node_affinity.first());
    let cause = match (&selector, affinity) {
        (Some(_), _) => Some("node_selector_mismatch"),
        (None, Some(_)) => Some("node_affinity_mismatch"),
        // `describe` prints node selectors but no affinity: a described pod without selector has an affinity.
        (None, None) => spec
            .filter(|spec| !spec.containers.is_empty())
            .map(|_| "node_affinity_mismatch"),
    };
    let wanted = selector.as_ref().or(affinity);
    let shown = wanted.map_or_else(
        || "its node selector or affinity".to_owned(),
        |wanted| format!("the label {wanted} that it demands"),
    );
    claim
        .refined(cause)
        .fact(Fact::Label, wanted.map(String::as_str))
        .because(
            format!("Pod {name} cannot be scheduled: {nodes} of {all} nodes do not match {shown}"),
            "The pod's node selector or node affinity names labels that no node with room carries.",
        )
}

/// The first taint of the nodes that a pod does not tolerate, as `key=value:effect`, with the nodes that carry it.
fn untolerated(view: &View<'_>, pod: &Pod) -> Option<(String, Vec<String>)> {
    let keeps_off = |taint: &&Taint| {
        taint.effect != "PreferNoSchedule"
            && !taint.key.starts_with("node-role.kubernetes.io/")
            && !pod
                .spec
                .tolerations
                .iter()
                .any(|toleration| tolerates(toleration, taint))
    };
    let nodes = &view.snapshot.nodes;
    let taint = nodes.iter().find_map(|node| node.taints.iter().find(keeps_off))?;
    let carriers = nodes
        .iter()
        .filter(|node| node.taints.contains(taint))
        .map(|node| node.meta.name.clone());
    let value = taint
        .value
        .as_deref()
        .map_or_else(String::new, |value| format!("={value}"));
    Some((
        format!("{}{value}:{}", taint.key, taint.effect),
        carriers.collect(),
    ))
}

/// Whether a toleration covers a taint.
fn tolerates(toleration: &Toleration, taint: &Taint) -> bool {
    let key = toleration.key.as_ref().is_none_or(|key| *key == taint.key);
    let value = toleration.value.is_none() || toleration.value == taint.value;
    let effect = toleration
        .effect
        .as_ref()
        .is_none_or(|effect| *effect == taint.effect);
    key && value && effect
}
