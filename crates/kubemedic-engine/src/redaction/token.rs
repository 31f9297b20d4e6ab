//! The tokens that stand in for secrets: the same secret gets the same token, and only digests are remembered.

use std::{collections::BTreeMap, sync::Arc};

use sha2::{Digest, Sha256};

/// How every token begins.
pub(super) const OPENING: &str = "<redacted:";

/// Keeps the digests apart from digests of the same text made elsewhere.
const SALT: &[u8] = b"kubemedic redaction v1\0";

/// The tokens given so far.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    known: BTreeMap<[u8; 32], (Arc<str>, u64)>,
    counts: BTreeMap<Arc<str>, u64>,
}

impl Tokens {
    /// The token of a secret.
    pub(super) fn token(&mut self, kind: &str, secret: &str) -> String {
        let digest: [u8; 32] = Sha256::new_with_prefix(SALT)
            .chain_update(secret)
            .finalize()
            .into();
        if let Some((kind, number)) = self.known.get(&digest) {
            return format!("{OPENING}{kind}:{number}>");
        }
        let kind = match self.counts.get_key_value(kind) {
            Some((kind, _)) => Arc::clone(kind),
            None => Arc::from(kind),
        };
        let count = self.counts.entry(Arc::clone(&kind)).or_default();
        *count += 1;
        let token = format!("{OPENING}{kind}:{count}>");
        self.known.insert(digest, (kind, *count));
        token
    }
}
