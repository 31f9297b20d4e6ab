//! Cases as a snapshot holds them, and all that follows from that.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{
    Cases,
    case::{Case, Share},
    index::Index,
};
use crate::learning::{names::Names, teaching::ProposalKey};

/// What a snapshot holds: the fields of [`Cases`] that it writes.
#[derive(Deserialize)]
pub(super) struct Stored {
    names: Names,
    all: Vec<Case>,
    index: Index,
    #[serde(with = "crate::learning::pairs")]
    shares: BTreeMap<ProposalKey, Share>,
}

impl From<Stored> for Cases {
    fn from(stored: Stored) -> Self {
        let mut cases = Self {
            names: stored.names,
            all: stored.all,
            ..Self::default()
        };
        for (place, case) in (0..).zip(&cases.all) {
            cases.by_key.insert(case.key, place);
        }
        // Sums of shares do not depend on their order.
        for (key, share) in &stored.shares {
            cases.add(key, share);
        }
        cases.shares = stored.shares;
        // The lists depend on what they held when they were full: they are taken as they were.
        cases.index = stored.index;
        cases.index.fill(&cases.all);
        cases
    }
}
