//! Whole accepted answers by the digest of their question, bounded by number and size; the one that was not wanted longest goes
//! first. Failures never enter.

use std::collections::BTreeMap;

use kubemedic_ports::chat_model::{ChatReply, Delta, ModelName};

/// The most bytes that all answers together take.
const MAX_BYTES: usize = 16 * 1024 * 1024;
/// An answer that is larger than this is not kept.
const MAX_ANSWER_BYTES: usize = 1024 * 1024;

/// An answer as it was given.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Kept {
    pub(super) reply: ChatReply,
    pub(super) by: ModelName,
    /// What was told on its way, pieces of one kind joined.
    pub(super) deltas: Vec<Delta>,
}

#[derive(Debug)]
struct Entry {
    kept: Kept,
    bytes: usize,
    wanted_at: u64,
}

/// The answers.
#[derive(Debug)]
pub(super) struct Cache {
    most: usize,
    bytes: usize,
    count: u64,
    entries: BTreeMap<String, Entry>,
    by_age: BTreeMap<u64, String>,
}

impl Cache {
    /// Room for so many answers; none at all for 0.
    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            bytes: 0,
            count: 0,
            entries: BTreeMap::new(),
            by_age: BTreeMap::new(),
        }
    }

    pub(super) fn get(&mut self, digest: &str) -> Option<Kept> {
        self.count += 1;
        let entry = self.entries.get_mut(digest)?;
        self.by_age.remove(&entry.wanted_at);
        entry.wanted_at = self.count;
        self.by_age.insert(self.count, digest.to_owned());
        Some(entry.kept.clone())
    }

    pub(super) fn put(&mut self, digest: String, kept: Kept) {
        let bytes = size(&kept) + digest.len();
        if self.most == 0 || bytes > MAX_ANSWER_BYTES {
            return;
        }
        self.remove(&digest);
        self.count += 1;
        self.by_age.insert(self.count, digest.clone());
        self.bytes += bytes;
        let wanted_at = self.count;
        self.entries.insert(
            digest,
            Entry {
                kept,
                bytes,
                wanted_at,
            },
        );
        while self.entries.len() > self.most || self.bytes > MAX_BYTES {
            let Some((_, oldest)) = self.by_age.pop_first() else {
                return;
            };
            self.remove(&oldest);
        }
    }

    fn remove(&mut self, digest: &str) {
        if let Some(entry) = self.entries.remove(digest) {
            self.by_age.remove(&entry.wanted_at);
            self.bytes = self.bytes.saturating_sub(entry.bytes);
        }
    }
}

/// About the bytes that an answer takes.
fn size(kept: &Kept) -> usize {
    let calls = kept.reply.calls.iter().map(|it| {
        it.id.len()
            + it.name.len()
            + it.arguments.to_string().len()
            + it.signature.as_ref().map_or(0, String::len)
    });
    let deltas = kept.deltas.iter().map(|it| match it {
        Delta::Text(text) | Delta::Reasoning(text) => text.len(),
        Delta::Restart => 0,
    });
    kept.reply.text.len() + calls.sum::<usize>() + deltas.sum::<usize>() + 512
}

#[cfg(test)]
mod tests;
