//! The features of the two heads (LEARNING.md 1.3): which categories are crossed, with which prior. The categories are
//! numbers here; the names are kept by `names`.

use kubemedic_model::learning::{Candidate, Context, Head};

use super::{
    Hyper,
    gaussian::probit,
    key::{Cross, UNSEEN, pack, unpack},
    names::FeatureNames,
};

/// The crosses of head A beside the knowledge base, with their prior variances.
const APPROVE: [(Cross, f64); 11] = [
    (Cross::Arm, 0.25),
    (Cross::ClassArm, 0.35),
    (Cross::SignatureArm, 0.2),
    (Cross::TierArm, 0.25),
    (Cross::TeamArm, 0.5),
    (Cross::TeamRisk, 0.25),
    (Cross::TierRisk, 0.3),
    (Cross::TeamTierRisk, 0.2),
    (Cross::WindowTierDisruption, 0.1),
    (Cross::RecentArm, 0.15),
    (Cross::ClusterArm, 0.1),
];
/// The crosses of head F beside the knowledge base, with their prior variances.
const RESOLVE: [(Cross, f64); 6] = [
    (Cross::Arm, 0.15),
    (Cross::ClassArm, 0.5),
    (Cross::SignatureArm, 0.6),
    (Cross::RecentArm, 0.4),
    (Cross::ClusterArm, 0.25),
    (Cross::KindArm, 0.15),
];
/// The prior mean of the knowledge base's opinion on helping, where the question is approval: people approve what helps.
const HELP_IN_APPROVAL: f64 = 0.3;

/// A feature that is present, with its prior.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Active {
    pub(crate) key: u128,
    pub(crate) cross: Cross,
    pub(crate) value: f64,
    pub(crate) mean: f64,
    pub(crate) variance: f64,
}

/// A context in numbers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Numbered {
    class: u32,
    signature: u32,
    kind: u32,
    tier: u32,
    team: u32,
    cluster: u32,
    recent: u32,
    window: u32,
    /// The cluster where clusters share nothing, else 0.
    scope: u32,
}

impl Numbered {
    /// With the numbers that are known; what is new is [`UNSEEN`].
    pub(crate) fn seen(context: &Context, names: &FeatureNames, hyper: &Hyper) -> Self {
        Self::with(context, hyper, |text| names.number(text).unwrap_or(UNSEEN))
    }

    /// With a number for everything.
    pub(crate) fn all(context: &Context, names: &mut FeatureNames, hyper: &Hyper) -> Self {
        Self::with(context, hyper, |text| names.intern(text))
    }

    fn with(context: &Context, hyper: &Hyper, mut number: impl FnMut(&str) -> u32) -> Self {
        let cluster = number(&context.cluster);
        Self {
            class: number(&context.class),
            signature: number(&context.signature),
            kind: number(&context.kind),
            tier: context.tier as u32,
            team: number(&context.team),
            cluster,
            recent: u32::from(context.recent_change),
            window: context.window as u32,
            scope: if hyper.share_across_clusters {
                0
            } else {
                cluster.saturating_add(1)
            },
        }
    }

    fn key(&self, cross: Cross, candidate: &Candidate) -> u128 {
        let arm = candidate.arm as u32;
        let band = band(candidate.risk);
        let (first, second) = match cross {
            Cross::Knowledge | Cross::KnowledgeOfHelp => (0, 0),
            Cross::Arm => (arm, 0),
            Cross::ClassArm => (self.class, arm),
            Cross::SignatureArm => (self.signature, arm),
            Cross::TierArm => (self.tier, arm),
            Cross::TeamArm => (self.team, arm),
            Cross::TeamRisk => (self.team, band),
            Cross::TierRisk => (self.tier, band),
            Cross::TeamTierRisk => (self.team, self.tier * 4 + band),
            Cross::WindowTierDisruption => (self.window, self.tier * 2 + u32::from(candidate.disruptive)),
            Cross::RecentArm => (self.recent, arm),
            Cross::ClusterArm => (self.cluster, arm),
            Cross::KindArm => (self.kind, arm),
        };
        pack(cross, first, second, self.scope)
    }

    /// The features of a head, always in the same order.
    pub(crate) fn features(&self, head: Head, candidate: &Candidate, hyper: &Hyper) -> Features {
        let mut features = Features::new();
        let (crosses, opinion): (&[(Cross, f64)], f64) = match head {
            Head::Approve => (&APPROVE, candidate.kb_approve),
            Head::Resolve => (&RESOLVE, candidate.kb_resolve),
        };
        let spread: f64 = crosses.iter().map(|it| it.1).sum::<f64>() * hyper.variance_scale;
        features.push(Active {
            key: self.key(Cross::Knowledge, candidate),
            cross: Cross::Knowledge,
            value: probit(opinion),
            // Without the root the spread of the prior would pull every opinion to a half (1.4).
            mean: hyper.kb_trust * libm::sqrt(1.0 + spread),
            variance: hyper.kb_variance,
        });
        if head == Head::Approve {
            features.push(Active {
                key: self.key(Cross::KnowledgeOfHelp, candidate),
                cross: Cross::KnowledgeOfHelp,
                value: probit(candidate.kb_resolve),
                mean: HELP_IN_APPROVAL,
                variance: hyper.kb_variance,
            });
        }
        for (cross, variance) in crosses {
            features.push(Active {
                key: self.key(*cross, candidate),
                cross: *cross,
                value: 1.0,
                mean: 0.0,
                variance: variance * hyper.variance_scale,
            });
        }
        features
    }
}

/// The features of one head.
pub(crate) type Features = Vec<Active>;

/// The band of a risk: below a quarter, below a half, above.
pub(crate) fn band(risk: f64) -> u32 {
    if risk < 0.25 {
        0
    } else if risk < 0.5 {
        1
    } else {
        2
    }
}

/// A crossed feature with its prior, by its key.
pub(crate) fn prior(head: Head, key: u128, hyper: &Hyper) -> Option<Active> {
    let (cross, ..) = unpack(key)?;
    let crosses: &[(Cross, f64)] = match head {
        Head::Approve => &APPROVE,
        Head::Resolve => &RESOLVE,
    };
    let (_, variance) = crosses.iter().find(|it| it.0 == cross)?;
    Some(Active {
        key,
        cross,
        value: 1.0,
        mean: 0.0,
        variance: variance * hyper.variance_scale,
    })
}
