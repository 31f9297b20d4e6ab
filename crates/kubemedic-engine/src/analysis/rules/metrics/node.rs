//! A node whose network loses packets or is slow: what is slow shares the node, and no single workload explains it.

use std::collections::BTreeSet;

use kubemedic_model::{
    class::FailureClass,
    diagnosis::Fact,
    resource::{Kind, ResourceRef},
    snapshot::metrics::Metric,
};

use super::{
    Places, is_affected,
    latency::{Slow, Slowness},
    names,
};
use crate::analysis::{
    dependencies::Dependencies,
    hypothesis::{Hypothesis, Standing},
    telemetry::{Profile, Telemetry, figure},
};

/// Segments sent again in a second that any cluster has.
const USUAL_RETRANSMISSIONS: f64 = 1.0;
/// How many times its past, and how many times any other node's, retransmissions must be.
const GREW: f64 = 10.0;
const OUTSTANDS: f64 = 3.0;
/// How many times its past the typical request of a victim of a slow node must be.
const SEVERE: f64 = 5.0;
/// The share of the largest delay from which another one is of the same size.
const COMPARABLE: f64 = 0.2;
/// The share of a node's workloads that must suffer.
const MOST: f64 = 0.6;

/// A node that sends far more segments again than it did and than the others do, while its services slow down.
///
/// The class is `slow-dependency`: pods start and have addresses, so that nothing of the pod network's set-up (the class
/// `sandbox-network`) has failed; what callers feel is time.
pub(super) fn loss(telemetry: &Telemetry, slowness: &Slowness<'_>, places: &Places) -> Option<Hypothesis> {
    if !slowness.is_any() {
        return None;
    }
    let hosting = places.nodes_of(telemetry);
    let retransmissions = |profile: &Profile| profile.shift(Metric::Retransmissions).map_or(0.0, |it| it.now);
    let candidates = telemetry
        .nodes()
        .filter(|it| hosting.is_empty() || hosting.contains(it.object.name.as_str()));
    let guilty = candidates.max_by(|left, right| retransmissions(left).total_cmp(&retransmissions(right)))?;
    let shift = guilty.shift(Metric::Retransmissions)?;
    let name = guilty.object.name.as_str();
    let others = telemetry
        .nodes()
        .filter(|it| it.object != guilty.object && hosting.contains(it.object.name.as_str()));
    let next = others.map(retransmissions).fold(0.0, f64::max);
    let grew = shift.ratio(0.01).is_none_or(|it| it >= GREW);
    if shift.now < USUAL_RETRANSMISSIONS || !grew || shift.now < OUTSTANDS * next {
        return None;
    }
    let sentence = format!(
        "node {name} loses packets: {} TCP segments a second are sent again (before {}, the next node {}); {} slow",
        figure(shift.now),
        shift.before.map_or_else(|| "unknown".to_owned(), figure),
        figure(next),
        suffering(slowness, places, name),
    );
    let explanation = "A segment is sent again when its acknowledgement does not come. Only this node's segments are sent \
        again so much more often than before, so that its own link or network stack drops packets.";
    let likelihood = if telemetry.has_alerts || telemetry.has_series {
        0.85
    } else {
        0.75
    };
    Some(
        blame(guilty, "node_network_packet_loss", likelihood, slowness, places)
            .because(sentence, explanation),
    )
}

/// A node with which calls have become slow: several workloads wait at the median though nothing that they call is slow
/// itself, so that the way is slow and not a workload; of the nodes on that way, the one whose workloads suffer most.
pub(super) fn delay(
    telemetry: &Telemetry,
    slowness: &Slowness<'_>,
    places: &Places,
    dependencies: &Dependencies,
) -> Option<Hypothesis> {
    let severe: Vec<&Slow<'_>> = slowness
        .roots()
        .filter(|it| it.severity.typical >= SEVERE && dependencies.knows(&it.profile.object))
        .collect();
    let largest = severe.iter().map(|it| it.delay()).fold(0.0, f64::max);
    let victims: Vec<&Slow<'_>> = severe
        .into_iter()
        .filter(|it| it.delay() >= COMPARABLE * largest)
        .collect();
    let hosting = places.nodes_of(telemetry);
    if victims.len() < 2 || hosting.len() < 2 {
        return None;
    }
    let on = |node: &str| {
        victims
            .iter()
            .filter(|it| places.is_on(&it.profile.object, node))
            .count()
    };
    let ranked = hosting
        .iter()
        .map(|node| (share(telemetry, places, node), on(node), *node));
    let (share, count, node) =
        ranked.max_by(|left, right| left.0.total_cmp(&right.0).then(left.1.cmp(&right.1)))?;
    if share < MOST || count == 0 {
        return None;
    }
    let object = ResourceRef::new(Kind::Node, None, node);
    let unknown = Profile {
        object: object.clone(),
        shifts: std::collections::BTreeMap::new(),
        alerted: false,
    };
    let guilty = telemetry.profiles.get(&object).unwrap_or(&unknown);
    let sentence = format!(
        "node {node} has a slow network: {:.0} % of its workloads suffer, and {} wait up to {} ms longer though nothing they call is slow",
        share * 100.0,
        names(victims.iter().map(|it| &it.profile.object)),
        figure(largest),
    );
    let explanation = "Several workloads that do not depend on each other became slow together while what they call answers \
        as before. What they have in common is the way over this node, and hardly any packet is sent again, so that \
        packets come late and are not lost.";
    let claim = blame(guilty, "node_network_delay", 0.75, slowness, places).because(sentence, explanation);
    Some(
        claim.shown_by(
            victims
                .iter()
                .flat_map(|it| it.profile.exhibits(it.profile.latencies())),
        ),
    )
}

/// The claim against a node, without words.
fn blame(
    guilty: &Profile,
    cause: &str,
    likelihood: f64,
    slowness: &Slowness<'_>,
    places: &Places,
) -> Hypothesis {
    let name = guilty.object.name.as_str();
    let mut claim = Hypothesis::new(FailureClass::SlowDependency, Standing::Reported, likelihood)
        .refined(Some(cause))
        .about(guilty.object.clone())
        .fact(Fact::Node, Some(name))
        .shown_by(guilty.exhibits([Metric::Retransmissions, Metric::Drops].into_iter()));
    let slow = slowness.others(&guilty.object);
    for object in slow.filter(|it| places.is_on(it, name)).take(4) {
        claim = claim.with(object.clone());
    }
    claim
}

/// The slow workloads on the node, else the slow ones.
fn suffering(slowness: &Slowness<'_>, places: &Places, node: &str) -> String {
    let nobody = ResourceRef::new(Kind::Node, None, node);
    let slow: Vec<&ResourceRef> = slowness.others(&nobody).collect();
    let here: BTreeSet<&ResourceRef> = slow.iter().copied().filter(|it| places.is_on(it, node)).collect();
    if here.is_empty() { names(slow) } else { names(here) }
}

/// The share of a node's workloads that suffer.
fn share(telemetry: &Telemetry, places: &Places, node: &str) -> f64 {
    let here = telemetry.services().filter(|it| places.is_on(&it.object, node));
    let (all, affected) = here.fold((0_u32, 0_u32), |(all, affected), profile| {
        (all + 1, affected + u32::from(is_affected(profile)))
    });
    f64::from(affected) / f64::from(all.max(1))
}
