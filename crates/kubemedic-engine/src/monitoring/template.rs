//! Templates of log messages, mined online: `add` gives each message the id of its template at once and never takes it
//! back. What a finding's key is made of is `lexical`'s; reading records is `intake`'s.
//!
//! A message passes up to four stages, each only if the one before does not know it. None but the last two allocates.
//! 0. `skeleton` hashes the first line without its words that hold digits. Most lines differ from a known one in nothing else.
//! 1. `scan` reads the line byte by byte and turns it into pieces: words, marks and masks. What a stretch is, its look and
//!    its place decide (`shape`): numbers, times, addresses, ids, paths, file and host names, values after `=`, quoted
//!    values and braced groups are masks, and neighbouring masks are one.
//! 2. The pieces' hash is the signature. One that was seen before has its template.
//! 3. A new signature descends a tree of fixed depth (length, first word, second or last word) to at most
//!    `MAX_CANDIDATES` clusters. It joins the one that is most alike (`cluster`): differing *names* (identifiers, words
//!    that are not log English) are a variable part, differing *words* (`started`, `stopped`) are another template. A
//!    message of another length joins where only a stretch of names or masks differs, as in lists.
//!
//! Codes (`status 404`, `exit code 137`) are masked here, since they are parameters of one logging statement. Findings
//! are kept apart by code, so their key comes from [`template_of`], which keeps codes, quoted names and paths.

mod cluster;
mod hash;
mod lexical;
mod lexicon;
mod scan;
mod shape;
mod skeleton;
mod snapshot;

#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
};

use self::{cluster::Cluster, scan::Piece};
pub(crate) use hash::{Hashed, mix};
pub(super) use lexical::MASK;
pub use lexical::template_of;
pub use snapshot::{SnapshotError, TemplatesSnapshot};

/// The most distinct templates that are kept; all further messages share one.
pub const MAX_TEMPLATES: usize = 10_000;
/// The most skeletons that are remembered; when they are more, all are forgotten and learned anew.
const MAX_SKELETONS: usize = 50_000;
/// The most signatures that are remembered, so that their messages need no search.
const MAX_SIGNATURES: usize = 50_000;
/// The most clusters that one leaf of the tree holds.
const MAX_CANDIDATES: usize = 48;

/// Names a template within one run: `T1`, `T2`, ... in the order of first appearance. `T0` is what did not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TemplateId(pub u32);

impl fmt::Display for TemplateId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "T{}", self.0)
    }
}

/// The templates seen in one run, at most [`MAX_TEMPLATES`].
#[derive(Debug, Clone, Default)]
pub struct Templates {
    clusters: Vec<Cluster>,
    /// The cluster's number (0: none) of the skeletons seen of late.
    skeletons: HashMap<u64, u32, Hashed>,
    /// The cluster's number of each signature seen.
    signatures: HashMap<u64, u32, Hashed>,
    /// The leaves of the tree, each a few clusters.
    leaves: BTreeMap<u64, Vec<u32>>,
    /// Space that is used again for each message.
    scratch: Vec<Piece>,
}

impl Templates {
    /// No template seen yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The id and the text of a message's template.
    pub fn add(&mut self, message: &str) -> (TemplateId, &str) {
        let line = scan::first_line(message);
        let skeleton = skeleton::of(line.as_bytes());
        let number = match self.skeletons.get(&skeleton) {
            Some(number) => *number,
            None => self.read(line, skeleton),
        };
        let index = usize::try_from(number).unwrap_or(0).checked_sub(1);
        let cluster = index.and_then(|index| self.clusters.get(index));
        (TemplateId(number), cluster.map_or(MASK, Cluster::text))
    }

    /// How many distinct templates were seen.
    pub fn len(&self) -> usize {
        self.clusters.len()
    }

    /// Whether no template was seen.
    pub fn is_empty(&self) -> bool {
        self.clusters.is_empty()
    }

    /// The number of the cluster of a line with a new skeleton.
    fn read(&mut self, line: &str, skeleton: u64) -> u32 {
        let signature = scan::signature(line);
        let number = match self.signatures.get(&signature) {
            Some(number) => *number,
            None => self.search(line, signature),
        };
        if self.skeletons.len() >= MAX_SKELETONS {
            self.skeletons.clear();
        }
        self.skeletons.insert(skeleton, number);
        number
    }

    /// The number of the cluster that a line with a new signature joins or makes.
    fn search(&mut self, line: &str, signature: u64) -> u32 {
        let mut pieces = std::mem::take(&mut self.scratch);
        scan::pieces(line, &mut pieces);
        let number = self.join(&pieces).unwrap_or_else(|| self.open(line, &pieces));
        self.scratch = pieces;
        let own = self.clusters.len() == usize::try_from(number).unwrap_or(0);
        if own || self.signatures.len() < MAX_SIGNATURES {
            self.signatures.insert(signature, number);
        }
        number
    }

    /// Joins the cluster that is most alike, the older of two equals.
    fn join(&mut self, pieces: &[Piece]) -> Option<u32> {
        let (mut best, mut best_score) = (None, 0);
        for key in cluster::leaves(pieces) {
            for number in self.leaves.get(&key).into_iter().flatten() {
                let Some(known) = self.cluster(*number) else {
                    continue;
                };
                if let Some(score) = known.likeness(pieces)
                    && score > best_score
                {
                    (best, best_score) = (Some(*number), score);
                }
            }
            if best.is_some() {
                break;
            }
        }
        let index = usize::try_from(best?).ok()?.checked_sub(1)?;
        self.clusters.get_mut(index)?.absorb(pieces);
        best
    }

    fn cluster(&self, number: u32) -> Option<&Cluster> {
        self.clusters.get(usize::try_from(number).ok()?.checked_sub(1)?)
    }

    /// A cluster of its own, or 0 where there are too many.
    fn open(&mut self, line: &str, pieces: &[Piece]) -> u32 {
        let next = u32::try_from(self.clusters.len() + 1).unwrap_or(0);
        if self.clusters.len() >= MAX_TEMPLATES {
            return 0;
        }
        self.hang(Cluster::new(line, pieces), next);
        next
    }

    /// Puts a cluster into the list and the tree.
    fn hang(&mut self, cluster: Cluster, number: u32) {
        for key in cluster.leaves() {
            let leaf = self.leaves.entry(key).or_default();
            if leaf.len() < MAX_CANDIDATES {
                leaf.push(number);
            }
        }
        self.clusters.push(cluster);
    }
}
