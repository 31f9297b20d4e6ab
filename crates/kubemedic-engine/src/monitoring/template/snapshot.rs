//! The state of the templates as a value that can be stored: restored, they go on exactly as if they had never stopped.
//! Where it is stored is not decided here.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use std::collections::HashMap;

use super::{MAX_SIGNATURES, MAX_SKELETONS, MAX_TEMPLATES, Templates, cluster::Cluster, hash::Hashed};

/// The form of the snapshots that this version writes. It changes with the masks too, since signatures follow from them.
const VERSION: u32 = 1;

/// The state of [`Templates`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TemplatesSnapshot {
    /// The form.
    version: u32,
    /// The clusters in the order of their ids, `T1` first.
    clusters: Vec<ClusterSnapshot>,
    /// Each signature with its cluster's number, in order.
    signatures: Vec<(u64, u32)>,
    /// Each skeleton with its cluster's number, in order.
    skeletons: Vec<(u64, u32)>,
}

/// The state of one cluster.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct ClusterSnapshot {
    pub(super) text: String,
    /// Hash, start and end in the text, kind, whether white space stands before it.
    pub(super) pieces: Vec<(u64, u16, u16, u8, bool)>,
    pub(super) leaves: [u64; 3],
}

/// Why a snapshot cannot be restored. The way out is to begin with no templates.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SnapshotError {
    /// Another version wrote it.
    #[error("the template snapshot has form {found}, this version reads form {VERSION}")]
    Version {
        /// The form that it has.
        found: u32,
    },
    /// It holds more than is ever kept.
    #[error("the template snapshot holds more than {MAX_TEMPLATES} templates or {MAX_SIGNATURES} signatures")]
    TooMany,
    /// Its parts contradict each other.
    #[error("the template snapshot is damaged at template {template}")]
    Damaged {
        /// The first template that is wrong, or 0 where a signature names one that is not there.
        template: usize,
    },
}

impl Templates {
    /// The state as a value.
    pub fn snapshot(&self) -> TemplatesSnapshot {
        TemplatesSnapshot {
            version: VERSION,
            clusters: self.clusters.iter().map(Cluster::snapshot).collect(),
            signatures: sorted(&self.signatures),
            skeletons: sorted(&self.skeletons),
        }
    }

    /// The templates as they were when the snapshot was taken.
    ///
    /// # Errors
    /// When another version wrote it, when it is larger than templates ever are, or when its parts contradict each other.
    pub fn restore(snapshot: TemplatesSnapshot) -> Result<Self, SnapshotError> {
        if snapshot.version != VERSION {
            return Err(SnapshotError::Version {
                found: snapshot.version,
            });
        }
        let count = snapshot.clusters.len();
        let too_many = count > MAX_TEMPLATES
            || snapshot.signatures.len() > MAX_SIGNATURES + MAX_TEMPLATES
            || snapshot.skeletons.len() > MAX_SKELETONS;
        if too_many {
            return Err(SnapshotError::TooMany);
        }
        let known = |number: u32| usize::try_from(number).is_ok_and(|number| number <= count);
        let mut numbers = snapshot.signatures.iter().chain(&snapshot.skeletons);
        if !numbers.all(|(_, number)| known(*number)) {
            return Err(SnapshotError::Damaged { template: 0 });
        }
        let mut templates = Self::new();
        for (number, cluster) in (1..).zip(snapshot.clusters) {
            let template = templates.len() + 1;
            let cluster = Cluster::restore(cluster).ok_or(SnapshotError::Damaged { template })?;
            templates.hang(cluster, number);
        }
        templates.signatures.extend(snapshot.signatures);
        templates.skeletons.extend(snapshot.skeletons);
        Ok(templates)
    }
}

fn sorted(numbers: &HashMap<u64, u32, Hashed>) -> Vec<(u64, u32)> {
    let mut sorted: Vec<(u64, u32)> = numbers.iter().map(|(key, number)| (*key, *number)).collect();
    sorted.sort_unstable();
    sorted
}
