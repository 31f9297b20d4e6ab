//! A simulated world: families of incidents, what repairs them, how teams judge repairs, and a noisy knowledge base.
//! It gives true probabilities; it does not draw what happens (that is `operators`) and knows no learner.

mod build;

use std::sync::Arc;

use super::random::Stream;

/// A repair strategy that can be proposed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Arm {
    /// Its name, as in LEARNING.md 1.2.
    pub name: &'static str,
    /// Its risk, 0..=1.
    pub risk: f64,
    /// Whether it interrupts what runs.
    pub disruptive: bool,
}

const fn arm(name: &'static str, risk: f64, disruptive: bool) -> Arm {
    Arm {
        name,
        risk,
        disruptive,
    }
}

/// The arms of every world. An arm is told by its place here.
pub const ARMS: [Arm; 14] = [
    arm("restart", 0.35, true),
    arm("rollback", 0.45, true),
    arm("scale_out", 0.2, false),
    arm("patch_memory", 0.3, false),
    arm("patch_cpu", 0.3, false),
    arm("fix_image", 0.5, false),
    arm("fix_config", 0.55, false),
    arm("fix_secret", 0.6, false),
    arm("fix_probe", 0.4, false),
    arm("cordon_drain", 0.9, true),
    arm("expand_pvc", 0.5, false),
    arm("fix_network_dns", 0.7, false),
    arm("delete_recreate", 0.95, true),
    arm("escalate", 0.0, false),
];
/// The place of `restart`.
pub const RESTART: usize = 0;
/// The place of `rollback`.
pub const ROLLBACK: usize = 1;
/// The place of `escalate`, which changes nothing.
pub const ESCALATE: usize = 13;

/// How many there are of each; what an incident holds is below these.
pub const FAMILIES: usize = 24;
/// Failure classes: two families each.
pub const CLASSES: usize = 12;
/// Kinds of workload.
pub const KINDS: usize = 4;
/// Production, staging, development.
pub const TIERS: usize = 3;
/// Teams that own workloads and judge repairs.
pub const TEAMS: usize = 8;
/// Clusters; one of them reverts in-place patches.
pub const CLUSTERS: usize = 4;

/// How much risk counts in production, staging and development.
const TIER_WEIGHT: [f64; TIERS] = [1.6, 0.8, 0.25];
/// How often an incident is in production, staging and development.
const TIER_SHARE: [f64; TIERS] = [0.5, 0.3, 0.2];

/// One incident as a learner sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Incident {
    /// The signature of the incident.
    pub family: usize,
    /// The failure class.
    pub class: usize,
    /// The kind of workload.
    pub kind: usize,
    /// 0 is production.
    pub tier: usize,
    /// The owning team.
    pub team: usize,
    /// The cluster.
    pub cluster: usize,
    /// Something changed just before.
    pub recent_change: bool,
    /// It is within business hours.
    pub business_hours: bool,
    /// The workload has one replica; nothing in the world depends on it.
    pub single_replica: bool,
}

/// A strategy that is admitted for an incident, with what the knowledge base says of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candidate {
    /// The place in [`ARMS`].
    pub arm: usize,
    /// P(resolved | executed) by the knowledge base: by class, noisy.
    pub resolves: f64,
    /// P(approved) by the knowledge base: by tier and risk.
    pub approved: f64,
}

impl Candidate {
    /// The knowledge base's score.
    pub fn score(&self) -> f64 {
        self.resolves * self.approved
    }
}

/// What a learner is given to decide: the incident and its admitted strategies, by rising place.
#[derive(Debug, Clone, PartialEq)]
pub struct Task {
    /// The incident.
    pub incident: Incident,
    /// At least one.
    pub candidates: Vec<Candidate>,
}

impl Task {
    /// The candidate of an arm.
    pub fn candidate(&self, arm: usize) -> Option<&Candidate> {
        self.candidates.iter().find(|candidate| candidate.arm == arm)
    }
}

/// Numbers by row and column.
#[derive(Debug, Clone, PartialEq)]
struct Table {
    columns: usize,
    cells: Vec<f64>,
}

impl Table {
    fn at(&self, row: usize, column: usize) -> f64 {
        self.cells
            .get(row * self.columns + column)
            .copied()
            .unwrap_or_default()
    }

    fn set(&mut self, row: usize, column: usize, value: f64) {
        if let Some(cell) = self.cells.get_mut(row * self.columns + column) {
            *cell = value;
        }
    }
}

/// One world.
#[derive(Debug, Clone, PartialEq)]
pub struct World {
    seed: u64,
    /// How often each family occurs; sums to 1.
    frequency: Vec<f64>,
    /// The admitted arms of each family, rising.
    admitted: Vec<Vec<usize>>,
    /// How well each arm resolves each family, in log-odds.
    effect: Table,
    kind_effect: Table,
    cluster_effect: Table,
    /// How much each team minds risk.
    aversion: Vec<f64>,
    /// What each team thinks of each arm, in log-odds.
    opinion: Table,
    known_resolves: Table,
    known_approved: Table,
}

impl World {
    /// An incident from this stream.
    pub fn incident(&self, stream: &mut Stream) -> Incident {
        let family = stream.weighted(&self.frequency);
        Incident {
            family,
            class: family / 2,
            kind: stream.below(KINDS),
            tier: stream.weighted(&TIER_SHARE),
            team: stream.below(TEAMS),
            cluster: stream.below(CLUSTERS),
            recent_change: stream.happens(0.35),
            business_hours: stream.happens(0.4),
            single_replica: stream.happens(0.3),
        }
    }

    /// What a learner is given for an incident.
    pub fn task(&self, incident: Incident) -> Arc<Task> {
        let arms = self.admitted.get(incident.family).map_or(&[][..], Vec::as_slice);
        let candidates = arms.iter().map(|&arm| Candidate {
            arm,
            resolves: self.known_resolves.at(incident.class, arm),
            approved: self.known_approved.at(incident.tier, arm),
        });
        Arc::new(Task {
            incident,
            candidates: candidates.collect(),
        })
    }

    /// The true P(resolved | executed).
    pub fn resolves(&self, incident: &Incident, arm: usize) -> f64 {
        let mut odds = self.effect.at(incident.family, arm)
            + self.kind_effect.at(incident.kind, arm)
            + self.cluster_effect.at(incident.cluster, arm);
        if arm == ROLLBACK {
            odds += if incident.recent_change { 1.8 } else { -1.5 };
        }
        logistic(odds)
    }

    /// The true P(approved) by an honest operator of the team.
    pub fn approved(&self, incident: &Incident, arm: usize) -> f64 {
        if arm == ESCALATE {
            return 0.93;
        }
        let (Some(it), Some(tier), Some(aversion)) = (
            ARMS.get(arm),
            TIER_WEIGHT.get(incident.tier),
            self.aversion.get(incident.team),
        ) else {
            return 0.0;
        };
        let mut odds = 0.9 + 2.4 * (self.resolves(incident, arm) - 0.5) - 2.2 * it.risk * tier * aversion
            + self.opinion.at(incident.team, arm);
        if arm == RESTART {
            odds += 0.7;
        }
        if incident.tier == 0 && incident.business_hours && it.disruptive {
            odds -= 0.8;
        }
        logistic(odds)
    }

    /// The true value of a proposal: P(approved) x P(resolved | executed).
    pub fn value(&self, incident: &Incident, arm: usize) -> f64 {
        self.approved(incident, arm) * self.resolves(incident, arm)
    }

    /// The best candidate and its value.
    pub fn best(&self, task: &Task) -> (usize, f64) {
        let mut best = (ESCALATE, f64::NEG_INFINITY);
        for candidate in &task.candidates {
            let value = self.value(&task.incident, candidate.arm);
            if value > best.1 {
                best = (candidate.arm, value);
            }
        }
        best
    }
}

/// The logistic function.
pub fn logistic(odds: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-odds))
}
