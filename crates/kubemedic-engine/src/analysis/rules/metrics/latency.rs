//! The workload that makes the others slow: it is slow beyond its past and calls nothing that is slow enough to explain it.

use std::collections::BTreeMap;

use kubemedic_model::{class::FailureClass, resource::ResourceRef, snapshot::metrics::Metric};

use super::{LATENCY_FLOOR, names, title};
use crate::analysis::{
    dependencies::Dependencies,
    hypothesis::{Hypothesis, Standing},
    telemetry::{Profile, Shift, Telemetry, figure},
};

/// How many times its past a latency must be to count as slow at all.
const SLOWER: f64 = 1.5;
/// How many times its past one quantile must be if the other stands still.
const MUCH_SLOWER: f64 = 5.0;
/// How many times its past the typical request must be for the median to be compared instead of the tail.
const SHIFTED: f64 = 3.0;
/// The share of a caller's delay from which a callee explains it.
const EXPLAINS: f64 = 0.2;
/// The most calls of one callee in one request that are assumed.
const MAX_CALLS: f64 = 10.0;
/// What one e-fold of extra packets weighs beside one e-fold of latency.
const PACKET_WEIGHT: f64 = 1.5;
/// What a workload's own silence for the whole incident weighs.
const SILENCE_WEIGHT: f64 = 3.0;
/// The score from which a claim is made where an alert says that something is wrong, and where only the series do.
const SCORE_TOLD: f64 = 2.0;
const SCORE_UNTOLD: f64 = 3.5;

/// How slow a workload has become.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Severity {
    /// How many times its past the typical request is; 1 where it is not told.
    pub(super) typical: f64,
    /// How many times its past the tail is; 1 where it is not told.
    pub(super) tail: f64,
    /// How many quantiles are told.
    told: u8,
}

impl Severity {
    /// Whether it counts as slow.
    pub(super) fn is_slow(self) -> bool {
        self.typical.max(self.tail) > MUCH_SLOWER
            || self.typical.min(self.tail) > SLOWER
            || (self.told == 1 && self.typical.max(self.tail) > 2.0)
    }

    /// The mean of the logarithms of what is told.
    fn depth(self) -> f64 {
        (self.typical.ln() + self.tail.ln()) / f64::from(self.told.max(1))
    }
}

/// How slow a workload has become; `None` where no latency rose beyond its noise.
pub(super) fn severity(profile: &Profile) -> Option<Severity> {
    let (typical, tail) = (profile.typical(), profile.tail());
    if ![typical, tail].into_iter().flatten().any(Shift::is_rise) {
        return None;
    }
    let times = |shift: Option<&Shift>| {
        shift
            .and_then(|it| it.ratio(LATENCY_FLOOR))
            .map_or(1.0, |it| it.max(1.0))
    };
    Some(Severity {
        typical: times(typical),
        tail: times(tail),
        told: u8::from(typical.is_some()) + u8::from(tail.is_some()),
    })
}

/// A slow workload.
#[derive(Debug)]
pub(super) struct Slow<'a> {
    /// It.
    pub(super) profile: &'a Profile,
    /// How slow.
    pub(super) severity: Severity,
    /// The slow workload that it calls and that explains it.
    pub(super) explained_by: Option<&'a ResourceRef>,
    /// How much speaks for the delay being in this workload's own network.
    score: f64,
}

impl Slow<'_> {
    /// What the fault adds to the typical request, in milliseconds; to the tail, where only that is told or shifted.
    pub(super) fn delay(&self) -> f64 {
        delay(self.profile, self.severity.typical >= SHIFTED)
    }
}

/// The slow workloads, with who explains whom.
#[derive(Debug)]
pub(super) struct Slowness<'a> {
    slow: BTreeMap<&'a ResourceRef, Slow<'a>>,
    told: bool,
}

impl<'a> Slowness<'a> {
    /// Finds the slow workloads.
    pub(super) fn new(telemetry: &'a Telemetry, dependencies: &'a Dependencies) -> Self {
        let peers = Peers::new(telemetry);
        let severities: BTreeMap<&ResourceRef, (&Profile, Severity)> = telemetry
            .services()
            .filter_map(|profile| Some((&profile.object, (profile, severity(profile)?))))
            .filter(|(_, (_, severity))| severity.is_slow())
            .collect();
        let slow = severities.iter().map(|(object, (profile, severity))| {
            let mut callees = dependencies
                .callees(object)
                .filter_map(|callee| severities.get_key_value(callee));
            let explained_by = callees.find(|(_, (callee, _))| explains(callee, profile, *severity));
            let slow = Slow {
                profile,
                severity: *severity,
                explained_by: explained_by.map(|(callee, _)| *callee),
                score: score(profile, *severity, &peers),
            };
            (*object, slow)
        });
        Self {
            slow: slow.collect(),
            told: telemetry.has_alerts,
        }
    }

    /// A workload, if it is slow.
    pub(super) fn of(&self, object: &ResourceRef) -> Option<&Slow<'a>> {
        self.slow.get(object)
    }

    /// Whether some workload is slow.
    pub(super) fn is_any(&self) -> bool {
        !self.slow.is_empty()
    }

    /// The slow workloads that no slow callee explains.
    pub(super) fn roots(&self) -> impl Iterator<Item = &Slow<'a>> {
        self.slow.values().filter(|it| it.explained_by.is_none())
    }

    /// The other slow workloads, the slowest first.
    pub(super) fn others<'s>(
        &'s self,
        object: &'s ResourceRef,
    ) -> impl Iterator<Item = &'a ResourceRef> + 's {
        let mut others: Vec<&Slow<'a>> = self
            .slow
            .values()
            .filter(|it| it.profile.object != *object)
            .collect();
        others.sort_by(|left, right| right.severity.depth().total_cmp(&left.severity.depth()));
        others.into_iter().map(|it| &it.profile.object)
    }
}

/// How the network of the other workloads changed.
struct Peers {
    receive: f64,
    transmit: f64,
}

impl Peers {
    fn new(telemetry: &Telemetry) -> Self {
        let middle = |metric: Metric| {
            let ratios = telemetry.services().filter_map(|it| packets(it, metric));
            let mut ratios: Vec<f64> = ratios.collect();
            ratios.sort_by(f64::total_cmp);
            ratios.get(ratios.len() / 2).copied().unwrap_or(1.0)
        };
        Self {
            receive: middle(Metric::NetworkReceive),
            transmit: middle(Metric::NetworkTransmit),
        }
    }
}

/// How many times its past the traffic of a workload is.
fn packets(profile: &Profile, metric: Metric) -> Option<f64> {
    let shift = profile
        .shift(metric)
        .filter(|it| it.before.is_some_and(|before| before > 0.5))?;
    shift.ratio(0.01)
}

/// How much speaks for the delay being in the workload's own network. The time that is added to every packet multiplies
/// the latency most where requests were shortest, its peers' segments are sent again because acknowledgements come late
/// (more packets than the peers' for the same requests), and its own counters are scraped late or not at all.
fn score(profile: &Profile, severity: Severity, peers: &Peers) -> f64 {
    let extra =
        |metric, peers: f64| packets(profile, metric).map(|own| (own / peers.max(0.01)).max(0.25).ln());
    let packets = match (
        extra(Metric::NetworkReceive, peers.receive),
        extra(Metric::NetworkTransmit, peers.transmit),
    ) {
        (Some(receive), Some(transmit)) => receive.min(transmit),
        _ => 0.0,
    };
    let silent = profile.shift(Metric::RequestRate).map_or(0.0, |it| it.silent);
    severity.depth() + PACKET_WEIGHT * packets + SILENCE_WEIGHT * silent
}

/// Whether a slow callee adds enough to explain its caller, at the quantile at which the caller shifted.
fn explains(callee: &Profile, caller: &Profile, severity: Severity) -> bool {
    let typical = severity.typical >= SHIFTED;
    let rate = |profile: &Profile| profile.shift(Metric::RequestRate).and_then(|it| it.before);
    let calls = match (rate(callee), rate(caller)) {
        (Some(callee), Some(caller)) if caller > 0.0 => (callee / caller).clamp(1.0, MAX_CALLS),
        _ => 1.0,
    };
    delay(callee, typical) * calls >= EXPLAINS * delay(caller, typical)
}

/// What is added to the typical request, or to the tail; where one is not told, to the other.
fn delay(profile: &Profile, typical: bool) -> f64 {
    let (first, second) = if typical {
        (profile.typical(), profile.tail())
    } else {
        (profile.tail(), profile.typical())
    };
    first.or(second).map_or(0.0, |it| it.excess().max(0.0))
}

/// The slow workload that nothing explains and for which most speaks.
pub(super) fn claim(telemetry: &Telemetry, slowness: &Slowness<'_>) -> Option<Hypothesis> {
    let threshold = if slowness.told { SCORE_TOLD } else { SCORE_UNTOLD };
    let roots = slowness.roots().filter(|it| it.score >= threshold);
    let guilty = roots.max_by(|left, right| left.score.total_cmp(&right.score))?;
    let object = &guilty.profile.object;
    let shown = [guilty.profile.typical(), guilty.profile.tail()];
    let shift = shown.into_iter().flatten().max_by(|left, right| {
        let times = |shift: &Shift| shift.ratio(LATENCY_FLOOR).unwrap_or(0.0);
        times(left).total_cmp(&times(right))
    })?;
    let followers: Vec<&ResourceRef> = slowness.others(object).take(3).collect();
    let effects = if followers.is_empty() {
        String::new()
    } else {
        format!("; {} slow down with it", names(followers.iter().copied()))
    };
    let sentence = format!(
        "{} answers over a slow network: latency {} ms (before {}), without CPU throttling or a slow dependency of its own{effects}",
        title(object),
        figure(shift.now),
        figure(shift.before.unwrap_or(0.0)),
    );
    let explanation = "Its latency rose most against its own past, and nothing that it calls is slow enough to explain \
        that. CPU and throttling did not rise with it, so that the time is spent on the way, not in the program.";
    let others = [
        Metric::NetworkReceive,
        Metric::NetworkTransmit,
        Metric::RequestRate,
    ]
    .into_iter();
    // Measured samples are the current state, so that they outweigh words of logs; objects outweigh them.
    let (standing, likelihood) = if telemetry.has_series {
        (Standing::Verified, 0.75)
    } else {
        (Standing::Reported, 0.75)
    };
    let mut claim = Hypothesis::new(FailureClass::SlowDependency, standing, likelihood)
        .refined(Some("pod_network_delay"))
        .about(object.clone())
        .because(sentence, explanation)
        .shown_by(guilty.profile.exhibits(guilty.profile.latencies().chain(others)));
    for follower in followers {
        claim = claim.with(follower.clone());
    }
    Some(claim)
}
