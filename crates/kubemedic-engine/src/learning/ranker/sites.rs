//! Where each label stands among those that were learnt, and what the newest ones added: with that they can be taken back.

use std::collections::BTreeMap;

use kubemedic_model::learning::Head;
use serde::{Deserialize, Serialize};

use super::{Scope, head::Addition};
use crate::learning::pairs;

/// Names a label that was learnt, so that it can be taken back. Later labels have greater ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SiteId(u64);

/// What a label added to its head.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Site {
    pub(crate) head: Head,
    pub(crate) additions: Vec<Addition>,
}

impl Site {
    pub(crate) fn new(head: Head, additions: Vec<Addition>) -> Self {
        Self { head, additions }
    }
}

/// The newest labels, and after which label something was aged at once.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Sites {
    #[serde(with = "pairs")]
    newest: BTreeMap<SiteId, Site>,
    /// How many labels were ever learnt.
    learnt: u64,
    /// Resets, each with the first label that came after it.
    resets: Vec<(SiteId, Scope)>,
}

impl Sites {
    /// Keeps a new label, and at most so many.
    pub(crate) fn push(&mut self, site: Site, most: usize) -> SiteId {
        self.learnt += 1;
        let id = SiteId(self.learnt);
        self.put(id, site, most);
        id
    }

    /// Keeps a label in its place, and at most so many.
    pub(crate) fn put(&mut self, id: SiteId, site: Site, most: usize) {
        self.newest.insert(id, site);
        while self.newest.len() > most {
            self.newest.pop_first();
        }
    }

    /// Takes a label out; `None` where it is none of the newest any more.
    pub(crate) fn take(&mut self, id: SiteId) -> Option<Site> {
        self.newest.remove(&id)
    }

    /// Notes that something was aged after the labels so far.
    pub(crate) fn note_reset(&mut self, scope: &Scope) {
        self.resets.push((SiteId(self.learnt + 1), scope.clone()));
    }

    /// Forgets what labels added. Returns the resets, the earliest first.
    pub(crate) fn begin_anew(&mut self) -> Vec<(SiteId, Scope)> {
        self.newest.clear();
        self.resets.clone()
    }
}
