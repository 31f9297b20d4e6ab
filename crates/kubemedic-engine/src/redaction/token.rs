//! The tokens that stand in for secrets: the same secret gets the same token, and only digests are remembered.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

/// How every token begins.
pub(super) const OPENING: &str = "<redacted:";

/// Keeps the digests apart from digests of the same text made elsewhere.
const SALT: &[u8] = b"kubemedic redaction v1\0";

/// The tokens given so far.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    known: BTreeMap<[u8; 32], (&'static str, u64)>,
    counts: BTreeMap<&'static str, u64>,
}

impl Tokens {
    /// The token of a secret.
    pub(super) fn token(&mut self, kind: &'static str, secret: &str) -> String {
        let digest: [u8; 32] = Sha256::new_with_prefix(SALT)
            .chain_update(secret)
            .finalize()
            .into();
        let (kind, number) = *self.known.entry(digest).or_insert_with(|| {
            let count = self.counts.entry(kind).or_default();
            *count += 1;
            (kind, *count)
        });
        format!("{OPENING}{kind}:{number}>")
    }
}
