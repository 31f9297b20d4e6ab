//! Digests that bind a decision to the exact commands it was made about.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// `sha256:` and the hex digest of the RFC 8785 JSON `{cluster, context, commands: [argv...]}` (CONTRACT.md section 2).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PlanDigest(String);

impl PlanDigest {
    /// The digest of commands for a cluster and a kubeconfig context.
    pub fn of(cluster: Option<&str>, context: Option<&str>, commands: &[&[String]]) -> Self {
        #[derive(Serialize)]
        struct Bound<'a> {
            // RFC 8785 sorts keys by UTF-16 code units: cluster, commands, context. Only strings and null are inside,
            // and serde_json writes strings as RFC 8785 does.
            cluster: Option<&'a str>,
            commands: &'a [&'a [String]],
            context: Option<&'a str>,
        }
        let canonical = serde_json::to_vec(&Bound {
            cluster,
            commands,
            context,
        })
        .unwrap_or_default();
        Self(sha256(&canonical))
    }

    /// The digest as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// `sha256:` and the hex digest of bytes.
pub fn sha256(bytes: &[u8]) -> String {
    use std::fmt::Write;
    let mut text = String::from("sha256:");
    for byte in Sha256::digest(bytes) {
        let _ = write!(text, "{byte:02x}");
    }
    text
}
