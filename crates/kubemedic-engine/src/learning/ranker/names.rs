//! Numbers for the texts of contexts, and words for features: a feature is looked up by numbers and shown by words.

use kubemedic_model::learning::{Tier, Window};
use serde::{Deserialize, Serialize};

use super::key::{Cross, arm_of, unpack};
use crate::learning::names::Names;

/// The texts that were seen, by number, with a digest of each that does not depend on the order in which they came.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "Names", into = "Names")]
pub(crate) struct FeatureNames {
    names: Names,
    digests: Vec<u64>,
}

impl From<Names> for FeatureNames {
    fn from(names: Names) -> Self {
        Self {
            digests: names.texts().map(digest).collect(),
            names,
        }
    }
}

impl From<FeatureNames> for Names {
    fn from(all: FeatureNames) -> Self {
        all.names
    }
}

fn digest(text: &str) -> u64 {
    let digest = blake3::hash(text.as_bytes());
    u64::from_le_bytes(digest.as_bytes().first_chunk::<8>().copied().unwrap_or_default())
}

impl FeatureNames {
    /// The number of a text that was seen.
    pub(crate) fn number(&self, text: &str) -> Option<u32> {
        self.names.find(text)
    }

    /// The number of a text, a new one where it was not seen.
    pub(crate) fn intern(&mut self, text: &str) -> u32 {
        if let Some(number) = self.number(text) {
            return number;
        }
        self.digests.push(digest(text));
        self.names.number(text)
    }

    fn text(&self, number: u32) -> &str {
        self.names.text(number)
    }

    fn digest(&self, number: u32) -> u64 {
        let place = usize::try_from(number).unwrap_or(usize::MAX);
        self.digests.get(place).copied().unwrap_or(0)
    }

    /// A digest of a feature by its texts, not by their numbers.
    pub(crate) fn feature_digest(&self, key: u128) -> u64 {
        let Some((cross, first, second, scope)) = unpack(key) else {
            return 0;
        };
        let first = if first_is_text(cross) {
            self.digest(first)
        } else {
            u64::from(first)
        };
        let scope = scope.checked_sub(1).map_or(0, |cluster| self.digest(cluster));
        [u64::from(cross as u8), first, u64::from(second), scope]
            .into_iter()
            .fold(0, mix)
    }

    /// A feature in words, such as `team payments x restart`.
    pub(crate) fn describe(&self, key: u128) -> String {
        let Some((cross, first, second, _)) = unpack(key) else {
            return "?".to_owned();
        };
        let arm = |number| arm_of(number).map_or("?", |arm| arm.as_str());
        let text = self.text(first);
        match cross {
            Cross::Knowledge => "knowledge base".to_owned(),
            Cross::KnowledgeOfHelp => "knowledge base on helping".to_owned(),
            Cross::Arm => arm(first).to_owned(),
            Cross::ClassArm => format!("class {text} x {}", arm(second)),
            Cross::SignatureArm => format!("signature {text} x {}", arm(second)),
            Cross::TierArm => format!("tier {} x {}", tier(first), arm(second)),
            Cross::TeamArm => format!("team {text} x {}", arm(second)),
            Cross::TeamRisk => format!("team {text} x {} risk", risk(second)),
            Cross::TierRisk => format!("tier {} x {} risk", tier(first), risk(second)),
            Cross::TeamTierRisk => format!(
                "team {text} x tier {} x {} risk",
                tier(second / 4),
                risk(second % 4)
            ),
            Cross::WindowTierDisruption => format!(
                "{} hours x tier {} x {}",
                window(first),
                tier(second / 2),
                if second % 2 == 1 { "disruptive" } else { "gentle" }
            ),
            Cross::RecentArm => format!(
                "{} x {}",
                if first == 1 {
                    "recent change"
                } else {
                    "no recent change"
                },
                arm(second)
            ),
            Cross::ClusterArm => format!("cluster {text} x {}", arm(second)),
            Cross::KindArm => format!("kind {text} x {}", arm(second)),
        }
    }
}

/// Whether the first category of a cross is a text.
fn first_is_text(cross: Cross) -> bool {
    matches!(
        cross,
        Cross::ClassArm
            | Cross::SignatureArm
            | Cross::TeamArm
            | Cross::TeamRisk
            | Cross::TeamTierRisk
            | Cross::ClusterArm
            | Cross::KindArm
    )
}

fn tier(number: u32) -> &'static str {
    let found = [Tier::Prod, Tier::Staging, Tier::Dev]
        .into_iter()
        .find(|it| *it as u32 == number);
    found.map_or("?", Tier::as_str)
}

fn window(number: u32) -> &'static str {
    let found = [Window::Business, Window::Quiet, Window::Freeze]
        .into_iter()
        .find(|it| *it as u32 == number);
    found.map_or("?", Window::as_str)
}

fn risk(band: u32) -> &'static str {
    match band {
        0 => "low",
        1 => "middle",
        _ => "high",
    }
}

/// Mixes a number into a digest (the finaliser of splitmix64).
pub(crate) fn mix(digest: u64, number: u64) -> u64 {
    let mut z = digest.rotate_left(29) ^ number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
