//! The key of a feature: which categories it crosses, as numbers in one integer.

use kubemedic_model::plan::Strategy;

/// Bits of one category in a key.
const WIDTH: u32 = 32;
/// The number of a category that nothing was learnt of.
pub(crate) const UNSEEN: u32 = u32::MAX;

/// What a feature crosses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(crate) enum Cross {
    /// The knowledge base's opinion.
    Knowledge,
    /// The knowledge base's opinion on helping, where the question is approval.
    KnowledgeOfHelp,
    Arm,
    ClassArm,
    SignatureArm,
    TierArm,
    TeamArm,
    TeamRisk,
    TierRisk,
    TeamTierRisk,
    WindowTierDisruption,
    RecentArm,
    ClusterArm,
    KindArm,
}

impl Cross {
    pub(crate) const ALL: [Self; 14] = [
        Self::Knowledge,
        Self::KnowledgeOfHelp,
        Self::Arm,
        Self::ClassArm,
        Self::SignatureArm,
        Self::TierArm,
        Self::TeamArm,
        Self::TeamRisk,
        Self::TierRisk,
        Self::TeamTierRisk,
        Self::WindowTierDisruption,
        Self::RecentArm,
        Self::ClusterArm,
        Self::KindArm,
    ];
}

/// A key of the cross, its two categories and the scope.
pub(crate) fn pack(cross: Cross, first: u32, second: u32, scope: u32) -> u128 {
    let mut key = u128::from(cross as u8);
    for part in [first, second, scope] {
        key = (key << WIDTH) | u128::from(part);
    }
    key
}

/// What a key is made of: the cross and its two categories, and the scope.
pub(crate) fn unpack(key: u128) -> Option<(Cross, u32, u32, u32)> {
    let part = |place: u32| u32::try_from((key >> (place * WIDTH)) & u128::from(u32::MAX)).unwrap_or(UNSEEN);
    let cross = Cross::ALL
        .into_iter()
        .find(|it| u32::from(*it as u8) == part(3))?;
    Some((cross, part(2), part(1), part(0)))
}

/// The arm with a number.
pub(crate) fn arm_of(number: u32) -> Option<Strategy> {
    Strategy::ALL.iter().copied().find(|arm| *arm as u32 == number)
}
